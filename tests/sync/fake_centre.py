"""A small centre that speaks the line's protocol, in memory: over real TLS, or without any socket for simulations.

It checks tokens and chains with the code of `wire`, and keeps what it stored as a plain list: a checker counts there.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.x509.oid import NameOID

from checkpoint_app.sync.enrolled import Enrolled
from checkpoint_app.wire import api, packing
from checkpoint_app.wire.batch import BATCH_TYPE, read_batch
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import Case, CaseKind, Inbox
from checkpoint_app.wire.delivery import URGENT_KINDS, Acknowledgement, Batch, Early, LateBody
from checkpoint_app.wire.enrolment import (
    Anchors,
    BoothState,
    EnrolmentCode,
    EnrolmentReply,
    EnrolmentRequest,
    proves_code,
)
from checkpoint_app.wire.event import (
    GENESIS,
    ChainError,
    ChainVerifier,
    chain_hash,
    read_event,
    verify_body,
    verify_event,
)
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.sealing import wrap_key
from checkpoint_app.wire.statement import Statement, state
from checkpoint_app.wire.token import Asked, TokenError, booth_of, verify_token
from checkpoint_app.wire.unlock import UNLOCK_CONTEXT

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AUDIENCE = "centre-ejemplo"
UNLOCK_KEY = bytes(range(32))
Answer = tuple[int, dict[str, str], bytes]


# -- certificates -----------------------------------------------------------------------------------------------------


class Authority:
    """A certificate authority made for one test."""

    def __init__(self, name: str = "EJEMPLO CA") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _certificate(self.name, self.name, self.key, datetime.now(UTC) - timedelta(days=1), 3650)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(
        self, host: str = "127.0.0.1", *, begins: datetime | None = None, days: int = 365
    ) -> ssl.SSLContext:
        """Return a server's context with a certificate for ``host``, an address or a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        builder = _certificate(subject, self.name, key, begins or NOW - timedelta(days=30), days)
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
        chain = builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(private + chain)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _certificate(subject: Any, issuer: Any, key: Any, begins: datetime, days: int) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=days))


# -- the centre -------------------------------------------------------------------------------------------------------


@dataclass
class CentreClock:
    """The centre's time: real seconds from a fixed moment on."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    shift: timedelta = timedelta()

    def now(self) -> datetime:
        return NOW + (datetime.now(UTC) - self.started) + self.shift


@dataclass
class KnownBooth:
    """One booth at the centre."""

    key: Ed25519PublicKey
    state: BoothState
    fingerprint: str = ""
    exchange: bytes = b""
    chain: ChainVerifier | None = None
    hashes: list[str] = field(default_factory=lambda: [GENESIS])
    bodies: dict[int, str | None] = field(default_factory=dict)
    inbox: list[Statement] = field(default_factory=list)
    early: dict[int, tuple[str, str]] = field(default_factory=dict)


class RefusedError(Exception):
    """The request is refused."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class FakeCentre:
    """``stored`` is every event ever stored, as (booth, sequence, id): a line each, so that doubles show.

    ``idempotent`` False is the negative control: what comes again is stored again.
    """

    def __init__(self, authority: Authority | None = None) -> None:
        self.authority = authority or Authority()
        self.key = Ed25519PrivateKey.generate()
        self.anchors = Anchors(self.authority.pem, '{"root":"EJEMPLO"}', self.key.public_key().public_bytes_raw())
        self.code = EnrolmentCode.new(self.anchors)
        self.clock = CentreClock()
        self.booths: dict[str, KnownBooth] = {}
        self.stored: list[tuple[str, int, str]] = []
        self.requests: list[tuple[str, str, bytes]] = []
        self.files: dict[str, bytes] = {}
        self.headers: Any = {}
        self.idempotent = True
        self.confirms = True
        self.takes_packed = False
        self.override: dict[str, Answer] = {}
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def know(self, booth: str, key: Ed25519PublicKey) -> KnownBooth:
        """Take a booth as confirmed."""
        known = self.booths[booth] = KnownBooth(key, BoothState.CONFIRMED, chain=ChainVerifier(booth, key))
        return known

    def enrolled(self, url: str) -> Enrolled:
        """Return what a confirmed booth keeps of this centre."""
        return Enrolled(url, self.anchors, AUDIENCE, "EJEMPLO PASS", NOW, BoothState.CONFIRMED)

    def send_case(self, to: str, number: int | None = None, **changes: Any) -> Case:
        """Put a late hit into a booth's inbox."""
        known = self.booths[to]
        values: dict[str, Any] = {
            "case_id": f"case-{len(known.inbox) + 1}",
            "number": number or len(known.inbox) + 1,
            "kind": CaseKind.LATE_HIT,
            "booth": to,
            "encounter_id": "00000000-0000-4000-8000-000000000001",
            "family_name": "MUSTER",
            "given_names": "EJEMPLO",
            "disposition": "let_pass",
            "decided_at": NOW,
            "decided_by": "officer-1",
            "direction_in": True,
            "found": (),
            "seen": (),
            "opened_at": NOW,
            "due_at": NOW,
        }
        case = Case(**{**values, **changes})
        known.inbox.append(state(case, self.key))
        return case

    # -- answering ---------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """Return status, headers and body of the reply."""
        with self._lock:
            self.requests.append((method, path, body))
            encoding = headers.get("Content-Encoding", "")
            assert encoding in ("", packing.ENCODING if self.takes_packed else "")
            self.headers = headers
            bare = path.partition("?")[0]
            try:
                status, extra, data = self.override.get(bare) or self._answer(method, path, bare, headers, body)
            except RefusedError as error:
                problem = api.Problem(error.code, "it is refused", error.status, self.clock.now())
                status, extra, data = error.status, {"Content-Type": api.PROBLEM}, _json(problem)
            return status, {api.TIME_HEADER: to_plain(self.clock.now()), **extra}, data

    def _answer(self, method: str, path: str, bare: str, headers: Any, body: bytes) -> Answer:
        if bare == api.ANCHORS:
            return _ok(self.anchors)
        if bare == api.ENROLMENTS:
            return self._enrol(from_plain(EnrolmentRequest, read_canonical(body, 1 << 16)))
        booth = self._caller(method, path, headers, body)
        if headers.get("Content-Encoding"):
            body = packing.unpack(body, 4 << 20)
        known = self.booths[booth]
        if known.state is BoothState.REVOKED:
            raise RefusedError("booth_revoked", 403)
        if bare == api.ENROLMENT:
            if self.confirms:
                known.state = BoothState.CONFIRMED
            return _ok(self._standing(booth))
        if known.state is BoothState.PENDING:
            raise RefusedError("booth_pending", 403)
        if bare.startswith(api.TARGETS):
            return self._file(bare, headers)
        return self._confirmed(booth, known, path, bare, body)

    def _confirmed(self, booth: str, known: KnownBooth, path: str, bare: str, body: bytes) -> Answer:
        if bare == api.ACKNOWLEDGEMENT:
            return self._acknowledged(booth)
        if bare == api.EVENTS:
            assert self.headers["Content-Type"] == BATCH_TYPE
            self._take(booth, known, read_batch(body))
            return self._acknowledged(booth)
        if bare == api.URGENT:
            if body:
                self._take_early(known, read_batch(body))
            seqs = sorted(seq for seq in known.early if known.chain is not None and seq > known.chain.seq)
            return _ok(state(Early(booth, tuple(seqs), self.clock.now()), self.key))
        if bare == api.BODIES:
            late = from_plain(LateBody, read_canonical(body, 4 << 20))
            known.bodies[late.seq] = "" if late.erased else late.body
            return self._acknowledged(booth)
        if bare == api.QUESTIONS:
            question = from_plain(Question, read_canonical(body, 1 << 16))
            return _ok(Reply(question.encounter_id, (), (), self.clock.now()))
        if bare == api.INBOX:
            after = int(path.partition("after=")[2])
            tag = f'"{len(known.inbox)}"'
            if self.headers.get("If-None-Match") == tag:
                return 304, {"ETag": tag}, b""
            return _ok(Inbox(booth, len(known.inbox), tuple(known.inbox[after:])), {"ETag": tag})
        raise RefusedError("not_found", 404)

    def _caller(self, method: str, path: str, headers: Any, body: bytes) -> str:
        scheme, _, token = (headers.get("Authorization") or "").partition(" ")
        if scheme != api.TOKEN_SCHEME:
            raise RefusedError("token_missing", 401)
        try:
            booth = booth_of(token)
            if booth not in self.booths:
                raise RefusedError("booth_unknown", 401)
            asked = Asked(method, path, body, AUDIENCE)
            claims = verify_token(token, self.booths[booth].key, asked, self.clock.now())
        except TokenError as error:
            raise RefusedError(error.code, 401) from error
        if claims.token_id in self._used:
            raise RefusedError("token_used", 401)
        self._used.add(claims.token_id)
        return booth

    def _enrol(self, request: EnrolmentRequest) -> Answer:
        if request.code_id != self.code.id or not proves_code(request, self.code):
            raise RefusedError("code_unknown", 403)
        keys = request.keys
        if keys.booth not in self.booths:
            key = Ed25519PublicKey.from_public_bytes(keys.signing)
            self.know(keys.booth, key).state = BoothState.PENDING
            self.booths[keys.booth].fingerprint = keys.fingerprint
            self.booths[keys.booth].exchange = keys.exchange
        return _ok(self._standing(keys.booth))

    def _standing(self, booth: str) -> EnrolmentReply:
        known = self.booths[booth]
        unlock = b""
        if known.state is BoothState.CONFIRMED:
            exchange = X25519PublicKey.from_public_bytes(known.exchange)
            unlock = wrap_key(exchange, UNLOCK_KEY, UNLOCK_CONTEXT + booth.encode())
        return EnrolmentReply(booth, known.state, known.fingerprint, "EJEMPLO PASS", AUDIENCE, self.clock.now(), unlock)

    def _take(self, booth: str, known: KnownBooth, batch: Batch) -> None:
        for parcel in batch.events:
            event = read_event(parcel.header.encode(), parcel.signature)
            seq, chain = event.header.seq, known.chain
            assert chain is not None
            if seq <= chain.seq:
                if known.hashes[seq : seq + 1] != [chain_hash(event)]:
                    raise RefusedError("fork", 409)
                if not self.idempotent:
                    self.stored.append((booth, seq, event.header.event_id))
                continue
            if seq > chain.seq + 1:
                raise RefusedError("gap", 409)
            try:
                chain.accept(event)
            except ChainError as error:
                raise RefusedError("fork", 409) from error
            if parcel.body is not None:
                verify_body(event.header, parcel.salt, parcel.body.encode())
            known.hashes.append(chain.head)
            early_hash, early_body = known.early.pop(seq, ("", None))
            known.bodies[seq] = early_body if early_hash == chain.head else parcel.body
            self.stored.append((booth, seq, event.header.event_id))

    def _take_early(self, known: KnownBooth, batch: Batch) -> None:
        for parcel in batch.events:
            event = read_event(parcel.header.encode(), parcel.signature)
            verify_event(event, known.key)
            assert event.header.kind in URGENT_KINDS
            assert parcel.body is not None
            verify_body(event.header, parcel.salt, parcel.body.encode())
            known.early.setdefault(event.header.seq, (chain_hash(event), parcel.body))

    def _acknowledged(self, booth: str) -> Answer:
        known = self.booths[booth]
        assert known.chain is not None
        wanted = tuple(seq for seq, body in known.bodies.items() if body is None)[:100]
        acknowledgement = Acknowledgement(booth, 1, known.chain.seq, known.chain.head, wanted, self.clock.now())
        extra = {"Accept-Encoding": packing.ENCODING} if self.takes_packed else {}
        return _ok(state(acknowledgement, self.key), extra)

    def _file(self, path: str, headers: Any) -> Answer:
        data = self.files.get(path)
        if data is None:
            raise RefusedError("not_found", 404)
        asked = headers.get("Range")
        if not asked:
            return 200, {"Content-Type": "application/octet-stream"}, data
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            return 416, {"Content-Range": f"bytes */{len(data)}"}, b""
        told = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return 206, {"Content-Type": "application/octet-stream", "Content-Range": told}, data[start:]


def _ok(value: Any, extra: dict[str, str] | None = None) -> Answer:
    return 200, {"Content-Type": api.JSON, **(extra or {})}, _json(value)


def _json(value: Any) -> bytes:
    return canonical_bytes(to_plain(value))


# -- over a socket ----------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, centre: FakeCentre, context: ssl.SSLContext) -> None:
        self.centre = centre
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 20

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server: Any = self.server
        status, headers, data = server.centre.answer(self.command, self.path, self.headers, body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = _answer  # noqa: N815
    do_POST = _answer  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(centre: FakeCentre, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve ``centre`` on a port of this machine, which is yielded."""
    server = _Server(centre, context or centre.authority.server_context())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
