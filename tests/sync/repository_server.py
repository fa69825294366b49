"""A repository of lists made with `tuf.api.metadata`, served over real TLS by a centre that can attack its booths."""

from __future__ import annotations

import hashlib
import random
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from checkpoint_app.store import Store
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.sync.fetch import Fetched, fetch_lists
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import packing
from checkpoint_app.wire.api import GRANTS, JSON, METADATA, TARGETS, TIME_HEADER, Grants
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.enrolment import Anchors, BoothState
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.repository import (
    BY_HAND,
    CUSTOM,
    DELTA_ENDING,
    DeltaTarget,
    ListTarget,
    delta_path,
    path_pattern,
    target_path,
)
from tests.store.helpers import FakeClock, create, ram_folder
from tests.sync.fake_centre import Authority

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
TOP = ("root", "timestamp", "snapshot", "targets")


class TufRepository:
    """The centre's side: keys, the roles as they are now, and every file ever written (``files``: path → bytes)."""

    def __init__(self, now: datetime = NOW, *, consistent: bool = True) -> None:
        self.keys = {role: Ed25519PrivateKey.generate() for role in TOP}
        self.publishers: dict[str, Ed25519PrivateKey] = {}
        self.root = Root(version=1, expires=now + YEAR, consistent_snapshot=consistent)
        for role in TOP:
            self.root.add_key(public(self.keys[role]), role)
        self.targets = Targets(expires=now + YEAR, delegations=Delegations({}, {}))
        self.snapshot = Snapshot(expires=now + BY_HAND)
        self.timestamp = Timestamp(expires=now + BY_HAND)
        self.roles: dict[str, Targets] = {}
        self.files: dict[str, bytes] = {}
        self._written: set[str] = set()
        self.now = now
        self.write(self.root, "root", self.keys["root"])
        self.first_root = self.files[METADATA + "1.root.json"]
        self.publish_targets()

    # -- what an honest centre does -----------------------------------------------------------------------------------

    def put(self, name: str, version: int, package: bytes, *, key_id: str = "", **changes: Any) -> ListTarget:
        """Publish a version of a list; the role is delegated to with the first one."""
        new = name not in self.roles
        if new:
            self.delegate(name)
            self.roles[name] = Targets(expires=self.now + YEAR)
        digest = hashlib.sha256(b"payload" + package).hexdigest()
        listed = ListTarget(name, ListKind.PERSONS, version, self.now, key_id, digest)
        custom = {CUSTOM: {**to_plain(listed), **changes}}
        role = self.roles[name]
        deltas = {place: target for place, target in role.targets.items() if place.endswith(DELTA_ENDING)}
        role.targets = {target_path(name): self.target(name, package, custom), **deltas}
        self.publish_role(name, lead=not new)
        if new:
            self.publish_targets()
        return listed

    def put_delta(
        self, name: str, base: int, version: int, delta: bytes, /, *, lead: bool = True, **changes: Any
    ) -> None:
        """Publish a delta between two versions, whose whole payloads have the digests `digest_of`."""
        listed = self.roles[name].targets[target_path(name)].custom[CUSTOM]
        step = DeltaTarget(name, base, digest_of(name, base), version, digest_of(name, version), listed["key_id"])
        place = delta_path(name, base, version)
        self.roles[name].targets[place] = self.target(name, delta, {CUSTOM: {**to_plain(step), **changes}}, place)
        if lead:
            self.publish_role(name)

    def put_chain(self, name: str, first: int, last: int, package: bytes, step_bytes: int, **options: Any) -> None:
        """Publish version ``last`` and the deltas from ``first`` on, each of ``step_bytes``."""
        self.put(name, last, package, digest=digest_of(name, last), **options)
        for base in range(first, last):
            self.put_delta(name, base, base + 1, delta_bytes(name, base, step_bytes), lead=False)
        self.publish_role(name)

    def delta_url(self, name: str, base: int, version: int) -> str:
        target = self.roles[name].targets[delta_path(name, base, version)]
        return TARGETS + (target.get_prefixed_paths()[0] if self.root.consistent_snapshot else target.path)

    def target(self, name: str, package: bytes, custom: Any, place: str = "") -> TargetFile:
        """Write a package among the targets, and return what its role says of it."""
        target = TargetFile.from_data(place or target_path(name), package, ["sha256"])
        target.unrecognized_fields["custom"] = custom
        path = target.get_prefixed_paths()[0] if self.root.consistent_snapshot else target.path
        self.files[TARGETS + path] = package
        return target

    def target_url(self, name: str) -> str:
        target = self.roles[name].targets[target_path(name)]
        return TARGETS + (target.get_prefixed_paths()[0] if self.root.consistent_snapshot else target.path)

    def delegate(self, name: str, **changes: Any) -> None:
        key = self.publishers.setdefault(name, Ed25519PrivateKey.generate())
        delegations = self.targets.delegations
        assert delegations is not None
        assert delegations.roles is not None
        delegations.keys[public(key).keyid] = public(key)
        values = {
            "keyids": [public(key).keyid],
            "threshold": 1,
            "terminating": True,
            "paths": [path_pattern(name)],
            **changes,
        }
        delegations.roles[name] = DelegatedRole(name, **values)

    def publish_role(self, name: str, *, lead: bool = True, key: Ed25519PrivateKey | None = None) -> None:
        role = self.roles[name]
        data = self.write(self._next(role, name), name, key or self.publishers[name])
        self.snapshot.meta[f"{name}.json"] = meta(role.version, data)
        if lead:
            self.publish_snapshot()

    def publish_targets(self, *, key: Ed25519PrivateKey | None = None) -> None:
        data = self.write(self._next(self.targets, "targets"), "targets", key or self.keys["targets"])
        self.snapshot.meta["targets.json"] = meta(self.targets.version, data)
        self.publish_snapshot()

    def publish_snapshot(self, *, key: Ed25519PrivateKey | None = None) -> None:
        data = self.write(self._next(self.snapshot, "snapshot"), "snapshot", key or self.keys["snapshot"])
        self.timestamp.snapshot_meta = meta(self.snapshot.version, data)
        self.publish_timestamp()

    def publish_timestamp(self, *, key: Ed25519PrivateKey | None = None) -> None:
        self.write(self._next(self.timestamp, "timestamp"), "timestamp", key or self.keys["timestamp"])

    def _next(self, signed: Signed, role: str) -> Signed:
        """Return ``signed`` with the next version, unless it is the first that is ever written."""
        signed.version += role in self._written
        self._written.add(role)
        return signed

    def publish_root(self, *signers: Ed25519PrivateKey) -> None:
        """Write the next root, signed by the root's key unless told otherwise."""
        self.root.version += 1
        self.write(self.root, "root", *(signers or (self.keys["root"],)))

    def renew_keys(self, *roles: str) -> None:
        """Take new keys for ``roles`` by a new root: what an honest centre does once they were stolen."""
        for role in roles:
            self.root.revoke_key(public(self.keys[role]).keyid, role)
            self.keys[role] = Ed25519PrivateKey.generate()
            self.root.add_key(public(self.keys[role]), role)
        self.publish_root()

    # -- files --------------------------------------------------------------------------------------------------------

    def url(self, role: str, version: int) -> str:
        plain = role == "timestamp" or not (self.root.consistent_snapshot or role == "root")
        return METADATA + (f"{role}.json" if plain else f"{version}.{role}.json")

    def write(self, signed: Signed, role: str, *keys: Ed25519PrivateKey) -> bytes:
        data = sign(signed, *keys)
        self.files[self.url(role, signed.version)] = data
        return data


def digest_of(name: str, version: int) -> str:
    """Return the digest of a whole payload: any will do, as long as it is always the same."""
    return hashlib.sha256(f"{name} {version}".encode()).hexdigest()


def delta_bytes(name: str, base: int, length: int) -> bytes:
    """Return what a delta from ``base`` is: bytes of its own, which cannot be compressed."""
    return random.Random(f"{name} {base}").randbytes(length)


def public(key: Ed25519PrivateKey) -> SSlibKey:
    return SSlibKey.from_crypto(key.public_key())


def sign(signed: Signed, *keys: Ed25519PrivateKey) -> bytes:
    metadata: Metadata[Any] = Metadata(signed)
    for key in keys:
        metadata.sign(CryptoSigner(key), append=True)
    return metadata.to_bytes()


def meta(version: int, data: bytes) -> MetaFile:
    return MetaFile.from_data(version, data, ["sha256"])


# -- over a socket ----------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """One request, and how many bytes of a body went back."""

    path: str
    start: int
    sent: int = 0


@dataclass
class Attacks:
    """What the server does to a path. ``cuts``: after so many bytes the connection ends, one number a request.

    ``short``: it states, and sends, only so many bytes. ``endless``: it never stops. ``stall``: after so many bytes it
    waits for ``released``. ``deaf``: it does not know Range. ``packed``: what is sent as compressed metadata.
    """

    cuts: dict[str, list[int]] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    stall: dict[str, int] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)
    deaf: bool = False
    packed: bytes = b""
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


class RepositoryServer(ThreadingHTTPServer):
    """Serves ``files`` and ``grants``; ``asked`` tells what was asked for."""

    daemon_threads = True

    def __init__(self, repository: TufRepository, authority: Authority) -> None:
        self.repository = repository
        self.authority = authority
        self.files = repository.files
        self.grants: list[bytes] = []
        self.attacks = Attacks()
        self.asked: list[Asked] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        context: ssl.SSLContext = authority.server_context(begins=datetime(2000, 1, 1, tzinfo=UTC), days=36500)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def sent(self, path: str) -> int:
        """Return how many bytes of ``path`` went out in all."""
        return sum(one.sent for one in self.asked if one.path == path)

    def times(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 20
    server: RepositoryServer

    def do_GET(self) -> None:
        path, attacks = unquote(self.path), self.server.attacks
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and not attacks.deaf else 0
        record = Asked(path, start)
        self.server.asked.append(record)
        data = self._file(path)
        if path in attacks.endless:
            self._endless(record)
        elif path in attacks.status:
            self._head(attacks.status[path], 0)
        elif data is None:
            self._head(404, 0)
        elif start and start >= len(data):
            self._head(416, 0)
        else:
            self._body(path, data, start, record)

    def _file(self, path: str) -> bytes | None:
        if path == GRANTS:
            texts = tuple(grant.decode() for grant in self.server.grants)
            return canonical_bytes(to_plain(Grants("booth-1", texts)))
        data = self.server.files.get(path)
        short = self.server.attacks.short.get(path)
        return data if data is None or short is None else data[:short]

    def _body(self, path: str, data: bytes, start: int, record: Asked) -> None:
        attacks = self.server.attacks
        told = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        if self.headers.get("Accept-Encoding") == packing.ENCODING:
            data, told = attacks.packed or packing.pack(data), {"Content-Encoding": packing.ENCODING}
        self._head(206 if start else 200, len(data) - start, **told)
        body = data[start:]
        if cuts := attacks.cuts.get(path):
            body = body[: cuts.pop(0)]
            self.close_connection = True
        if (stall := attacks.stall.pop(path, None)) is not None:
            self._write(body[:stall], record)
            body = body[stall:]
            attacks.stalled.set()
            attacks.released.wait(20)
        self._write(body, record)

    def _endless(self, record: Asked) -> None:
        self.send_response(200)
        self.send_header(TIME_HEADER, to_plain(self.server.repository.now))
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        while record.sent < 64 << 20:
            self.wfile.write(piece)
            record.sent += 0x4000

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header(TIME_HEADER, to_plain(self.server.repository.now))
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, data: bytes, record: Asked) -> None:
        self.wfile.write(data)
        record.sent += len(data)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class Booth:
    """A booth enrolled with the centre behind ``server``: a true store and a true line."""

    def __init__(self, folder: Path, server: RepositoryServer, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.server = store, clock, server
        self.inbox, self.metadata = folder / "inbox", folder / "metadata"
        self.inbox.mkdir()
        self.enrol(server)

    def enrol(self, server: RepositoryServer) -> None:
        put_enrolled(self.store, enrolled(server))
        self.line = Line(enrolled(server), self.store.identity, self.clock)

    def fetch(self, **options: Any) -> Fetched:
        return fetch_lists(self.line, lambda work: work(self.store), self.inbox, self.metadata, **options)

    def in_force(self, *, layers: int = 1, **versions: int) -> None:
        """Let these versions be in force, by name; their whole payloads have the digests `digest_of`."""
        headers = [
            SimpleNamespace(name=name, version=version, payload_digest=digest_of(name, version))
            for name, version in versions.items()
        ]
        copies = [SimpleNamespace(header=header, layers=("layer",) * layers) for header in headers]
        self.store.lists.in_force = lambda: copies  # type: ignore[method-assign]

    def grant(self, name: str, content_key: bytes, days: float = 14, booth: X25519PublicKey | None = None) -> None:
        """Let the centre grant this booth (or another) a list's key."""
        exchange_key = booth or self.store.identity.exchange_key.public_key()
        until, signer = self.clock.time + timedelta(days=days), self.server.repository.publishers[name]
        grant = grant_key(content_key, list_name=name, booth=exchange_key, not_after=until, signer=signer)
        self.server.grants.append(write_grant(grant))

    def brought(self) -> dict[str, bytes]:
        """Return what lies in the inbox."""
        return {path.name: path.read_bytes() for path in self.inbox.iterdir()}


def enrolled(server: RepositoryServer) -> Enrolled:
    anchors = Anchors(server.authority.pem, server.repository.first_root.decode(), bytes(32))
    url = f"https://127.0.0.1:{server.server_address[1]}"
    return Enrolled(url, anchors, "centre-ejemplo", "EJEMPLO PASS", NOW, BoothState.CONFIRMED)


@contextmanager
def booth_of(server: RepositoryServer) -> Iterator[Booth]:
    """Make a booth in memory."""
    folder = ram_folder()
    clock = FakeClock(server.repository.now, step=timedelta(milliseconds=1))
    (folder / "data").mkdir()
    try:
        booth = Booth(folder, server, create(folder / "data", clock), clock)
        yield booth
        booth.line.close()
        booth.store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(repository: TufRepository) -> Iterator[RepositoryServer]:
    server = RepositoryServer(repository, Authority())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.attacks.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
