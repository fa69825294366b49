"""The repository of The Update Framework: its metadata as files, each state in force wholly or not at all.

Snapshots are consistent: every file but ``timestamp.json`` has its version in its name and is written before anything
names it, ``timestamp.json`` is replaced last. So at every instant the files that it leads to are one whole state.

Versions grow with time, except the root's, which are dense: what a centre signs that was put back to a backup is newer
than what booths have seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Delegations, Metadata, MetaFile, Root, Signed, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.files import HALF, private_folder, write_whole
from checkpoint_app.wire.repository import BY_HAND

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = ROLES = ("root", "targets", "snapshot", "timestamp")
YEAR = timedelta(days=366)
KEPT_VERSIONS = 5
"""How many versions before the served one stay, for a booth on a slow line that has begun with one of them."""

_ROOTS_AT_ONCE = 3
_SERIALIZER = JSONSerializer(compact=True)
_VERSIONED = re.compile(r"([0-9]+)\.(.+)\.json")
Keys = Mapping[str, Ed25519PrivateKey]
AnySigned = TypeVar("AnySigned", bound=Signed)


@dataclass(frozen=True, slots=True)
class Served:
    """The state that ``timestamp.json`` leads to; ``roles`` are the delegated ones, by list name."""

    timestamp: Timestamp
    snapshot: Snapshot
    targets: Targets
    roles: Mapping[str, Targets]


class Repository:
    """The repository in ``folder``. ``keys`` are those of the four top-level roles; ``now`` is the centre's time."""

    def __init__(self, folder: Path, keys: Keys, now: datetime) -> None:
        private_folder(folder)
        self.metadata = private_folder(folder / "metadata")
        self.targets = private_folder(folder / "targets")
        self._keys = keys
        self._now = now.replace(microsecond=0)  # expiry in metadata has whole seconds

    def create(self) -> bytes:
        """Write the first state, without a list, and return its root. Raises OSError."""
        root = Root(version=1, expires=self._now + YEAR, consistent_snapshot=True)
        for role in ROLES:
            root.add_key(public_key(self._keys[role]), role)
        data = self._write(root, ROOT)
        targets = Targets(version=1, expires=self._now + YEAR, delegations=Delegations({}, {}))
        meta = {"targets.json": _meta(1, self._write(targets, TARGETS))}
        self._lead_to(Snapshot(version=1, expires=self._now + BY_HAND, meta=meta), 1)
        return data

    def served(self) -> Served:
        """Return the state that booths get now. Raises CentreError where it is damaged."""
        try:
            timestamp = _read(self.metadata / "timestamp.json", Timestamp)
            snapshot = _read(self._path(SNAPSHOT, timestamp.snapshot_meta.version), Snapshot)
            found = {
                name.removesuffix(".json"): _read(self._path(name.removesuffix(".json"), meta.version), Targets)
                for name, meta in snapshot.meta.items()
            }
        except (OSError, RepositoryError, ValueError, TypeError) as error:
            raise CentreError(
                "repository_damaged", "repository: its metadata is damaged or gone; restore it"
            ) from error
        return Served(timestamp, snapshot, found.pop(TARGETS), found)

    def root(self) -> Root:
        """Return the newest root. Raises CentreError."""
        names = (_VERSIONED.fullmatch(path.name) for path in self.metadata.iterdir())
        versions = [int(match[1]) for match in names if match and match[2] == ROOT]  # a list may be named X.root
        try:
            return _read(self._path(ROOT, max(versions)), Root)
        except (OSError, RepositoryError, ValueError, TypeError) as error:
            raise CentreError("repository_damaged", "repository: its root is damaged or gone; restore it") from error

    def commit(
        self,
        served: Served,
        roles: Mapping[str, tuple[Targets, Ed25519PrivateKey]],
        delegations: Delegations | None = None,
    ) -> None:
        """Bring new metadata of lists' roles in force in one step, with the delegations if they changed.

        ``roles`` maps a list to its role's new metadata, of the version ``after`` the served, and its publisher's key.
        With nothing to change, snapshot and timestamp are signed anew. Raises CentreError, OSError; then the old state
        stays served.
        """
        self._name_own_keys()
        meta = dict(served.snapshot.meta)
        for name, (signed, key) in roles.items():
            meta[f"{name}.json"] = _meta(signed.version, self._write(signed, name, key))
        if delegations is not None:
            version = self.after(served.targets.version)
            targets = Targets(version=version, expires=self._now + YEAR, delegations=delegations)
            meta["targets.json"] = _meta(version, self._write(targets, TARGETS))
        snapshot = Snapshot(version=self.after(served.snapshot.version), expires=self._now + BY_HAND, meta=meta)
        self._lead_to(snapshot, self.after(served.timestamp.version))

    def after(self, version: int) -> int:
        """Return the version that follows ``version``: the seconds since 1970, as far as they are above it."""
        return max(version + 1, int(self._now.timestamp()))

    def renew_root(self) -> None:
        """Sign the same root anew, for another year. Raises CentreError, OSError."""
        root = self.root()
        root.version += 1
        root.expires = self._now + YEAR
        self._write(root, ROOT)

    def prune(self) -> None:
        """Remove metadata long superseded, and half-written files.

        Roots stay, since no snapshot names them: a booth walks through all of them.
        """
        served = self.served()
        current = {name.removesuffix(".json"): meta.version for name, meta in served.snapshot.meta.items()}
        current[SNAPSHOT] = served.snapshot.version
        before: dict[str, list[tuple[int, Path]]] = {}
        for path in self.metadata.iterdir():
            match = _VERSIONED.fullmatch(path.name)
            if match and int(match[1]) < current.get(match[2], 0):
                before.setdefault(match[2], []).append((int(match[1]), path))
            elif path.name.endswith(HALF):
                path.unlink()
        for paths in before.values():
            for _version, path in sorted(paths)[:-KEPT_VERSIONS]:
                path.unlink()

    def _name_own_keys(self) -> None:
        """Let the root name the keys of snapshot and timestamp that are here, if it names others.

        Booths then forget the snapshot that they had (TUF §5.3.11), and with it lists that are no more. Several roots
        are written, since booths may have one or two that a backup has not.
        """
        root = self.root()
        own = {role: public_key(self._keys[role]) for role in (SNAPSHOT, TIMESTAMP)}
        if all(root.roles[role].keyids == [key.keyid] for role, key in own.items()):
            return
        for role, key in own.items():
            for keyid in list(root.roles[role].keyids):
                root.revoke_key(keyid, role)
            root.add_key(key, role)
        root.expires = self._now + YEAR
        for _ in range(_ROOTS_AT_ONCE):
            root.version += 1
            self._write(root, ROOT)

    def _lead_to(self, snapshot: Snapshot, timestamp_version: int) -> None:
        """Write the snapshot, then the timestamp that brings it in force."""
        meta = _meta(snapshot.version, self._write(snapshot, SNAPSHOT))
        timestamp = Timestamp(version=timestamp_version, expires=self._now + BY_HAND, snapshot_meta=meta)
        write_whole(self.metadata / "timestamp.json", _signed(timestamp, self._keys[TIMESTAMP]))

    def _write(self, signed: Signed, role: str, key: Ed25519PrivateKey | None = None) -> bytes:
        data = _signed(signed, key or self._keys[role])
        write_whole(self._path(role, signed.version), data)
        return data

    def _path(self, role: str, version: int) -> Path:
        return self.metadata / f"{version}.{role}.json"


class ListsVersion:
    """The version of ``timestamp.json`` as it is served, which changes with every list: read again when the file is
    another.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "metadata" / "timestamp.json"
        self._known: tuple[tuple[int, int, int], int] | None = None

    def now(self) -> int | None:
        """Return it; None where there is none that can be read. It costs a look at the file's age."""
        try:
            status = self._path.stat()
            mark = (status.st_mtime_ns, status.st_ino, status.st_size)
            known = self._known
            if known is None or known[0] != mark:
                known = self._known = mark, int(_read(self._path, Timestamp).version)
        except (OSError, RepositoryError, ValueError, TypeError):  # who fetches it is told what is wrong
            return None
        return known[1]


def public_key(key: Ed25519PrivateKey) -> SSlibKey:
    """Return the public half as metadata names it."""
    return SSlibKey.from_crypto(key.public_key())


def _signed(signed: Signed, key: Ed25519PrivateKey) -> bytes:
    metadata: Metadata[Any] = Metadata(signed)
    metadata.sign(CryptoSigner(key))
    return metadata.to_bytes(_SERIALIZER)


def _meta(version: int, data: bytes) -> MetaFile:
    """Return how a snapshot or timestamp names a file, with its digest: no stolen key of a list mixes versions."""
    return MetaFile.from_data(version, data, ["sha256"])


def _read(path: Path, cls: type[AnySigned]) -> AnySigned:
    signed = Metadata.from_bytes(path.read_bytes()).signed
    if not isinstance(signed, cls):
        raise TypeError(f"{path.name}: metadata of another role")
    return signed
