"""The bundle from booth to booth: the lists that this one has, for another of the post that the stick does not reach.

Everything in it proves itself: metadata and packages by the centre's signatures, and what is for the other booth alone
by the centre's letter, which was kept unopened.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from checkpoint_app.store.files import disk_errors, fill_whole
from checkpoint_app.store.identity import Identity
from checkpoint_app.store.letters import letter_to
from checkpoint_app.store.store import Store
from checkpoint_app.sync.bundle_up import Exported, NoBundleError, Told, note_exported, nothing_told, sync_file
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.bundle import Address, BundleKind, begin_bundle, read_bundle_header
from checkpoint_app.wire.bundle_parts import DIGEST_BYTES, MAX_METADATA_BYTES, PartKind
from checkpoint_app.wire.repository import DELTA_ENDING, PACKAGE_ENDING

MOST_FILES = 1024
_COPY_BYTES = 1 << 20
_TRIES = 5
_NOT_BROUGHT = frozenset({"root.json"})  # a link to one of the history


def export_lists(
    on_store: OnStore,
    to: str,
    path: Path,
    inbox_folder: Path,
    metadata_folder: Path,
    *,
    known: Sequence[KnownBooth] = (),
    told: Told = nothing_told,
) -> Exported:
    """Write the lists that lie here to ``path`` for the booth ``to``, whole or not at all, and that it was done.

    ``known`` is the list of booths in force; a booth that is not in it needs the centre's letter. ``told`` hears how
    many bytes are written, of how many. Raises NoBundleError, and StoreError for the disks of booth and stick.
    """
    start = on_store(functools.partial(_start, to=to, known=known))
    with disk_errors("bundle"), ExitStack() as stack:
        metadata = _metadata(metadata_folder)
        if not metadata:
            raise NoBundleError("no_lists", "no lists were brought here yet; there is nothing to carry on")
        packages = [
            (digest, stack.enter_context(file)) for digest, file in _packages(inbox_folder, _named(metadata.values()))
        ]
        total = sum(os.fstat(file.fileno()).st_size for _digest, file in packages)

        def fill(file: BinaryIO) -> Exported:
            me = start.identity
            header, parts = begin_bundle(file, BundleKind.LISTS, me.booth, me.signing_key, start.receiver, start.now)
            for data in metadata.values():
                parts.add(PartKind.METADATA, data)
            if start.letter is not None:
                parts.add(PartKind.LETTER, start.letter)
            written = 0
            for digest, package in packages:
                size = os.fstat(package.fileno()).st_size
                parts.add_stream(PartKind.TARGET, DIGEST_BYTES + size, _pieces(digest, package))
                written += size
                told(written, total)
            parts.close()
            sync_file(file)
            not_whole = _not_whole(metadata.values(), {digest.hex() for digest, _package in packages})
            done = Exported(header.bundle, to, lists=len(packages), not_whole=not_whole)
            on_store(lambda store: note_exported(store, BundleKind.LISTS, done))
            return done

        return fill_whole(path, fill)


@dataclass(frozen=True, slots=True)
class _Start:
    identity: Identity
    receiver: Address
    letter: bytes | None
    now: datetime


def _start(store: Store, *, to: str, known: Sequence[KnownBooth]) -> _Start:
    if to == store.identity.booth:
        raise NoBundleError("own_booth", f"{to}: that is this booth itself")
    letter = letter_to(store, to)
    listed = next((one for one in known if one.name == to), None)
    if listed is not None and not listed.let_in:
        raise NoBundleError("booth_revoked", f"{to}: the centre lets this booth in no more; it gets nothing")
    if listed is not None and listed.exchange_key:
        key = listed.exchange_key
    elif letter is not None:
        key = read_bundle_header(io.BytesIO(letter)).receiver_key
    else:
        cure = "a bundle of the centre's for this booth brings it"
        raise NoBundleError("no_key", f"{to}: the key of this booth is not known here; {cure}")
    return _Start(store.identity, Address(to, key), letter, store.time.now())


def _metadata(folder: Path) -> dict[str, bytes]:
    """Return the verified metadata of one moment: none of it changed while it was read. Raises OSError."""
    for _try in range(_TRIES):
        found = _read(folder)
        if found.get("timestamp.json") == _bytes(folder / "timestamp.json"):
            break
    return found


def _read(folder: Path) -> dict[str, bytes]:
    paths = [*sorted(folder.glob("root_history/*.root.json")), *sorted(folder.glob("*.json"))]
    read = {path.name: _bytes(path) for path in paths[:MOST_FILES] if path.name not in _NOT_BROUGHT}
    return {name: data for name, data in read.items() if data is not None}


def _bytes(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_METADATA_BYTES + 1)
    except FileNotFoundError:
        return None
    return data if len(data) <= MAX_METADATA_BYTES else None


def _named(metadata: Any) -> set[str]:
    """Return the digests of the packages that lists' roles name. The files were verified when they came."""
    found = set()
    for data in metadata:
        targets = json.loads(data)["signed"].get("targets", {})
        found |= {target["hashes"]["sha256"] for target in targets.values()}
    return found


def _not_whole(metadata: Iterable[bytes], here: set[str]) -> tuple[str, ...]:
    """Return the lists whose newest whole package is not among those ``here``, by name."""
    roles = [json.loads(data)["signed"].get("targets", {}) for data in metadata]
    whole = {path: target for role in roles for path, target in role.items() if path.endswith(PACKAGE_ENDING)}
    return tuple(sorted({p.partition("/")[0] for p, target in whole.items() if target["hashes"]["sha256"] not in here}))


def _packages(folder: Path, named: set[str]) -> Iterator[tuple[bytes, BinaryIO]]:
    """Yield digest and open file of each package that the metadata names, the smallest first. Raises OSError."""
    paths = [path for ending in (PACKAGE_ENDING, DELTA_ENDING) for path in folder.glob(f"*{ending}")]
    for path in sorted(paths, key=lambda path: (path.stat().st_size, path.name))[:MOST_FILES]:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        digest = hashlib.file_digest(file, "sha256")
        if digest.hexdigest() in named:
            file.seek(0)
            yield digest.digest(), file
        else:
            file.close()


def _pieces(digest: bytes, package: BinaryIO) -> Iterator[bytes]:
    yield digest
    while piece := package.read(_COPY_BYTES):
        yield piece
