"""The line: signed requests to the one centre that the booth was enrolled with, and its answers, read strictly.

Each request carries a token of the *centre's* time, which the line learns from every reply; where the centre refuses
the time of a token, the line takes the time of the refusal and signs anew, once. So a wrong clock locks nobody out.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.store.head import Head
from checkpoint_app.store.trusted_time import Clock
from checkpoint_app.sync.enrolled import Enrolled
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.replies import GOOD, NOT_MODIFIED, OK, PARTIAL, read_refusal, read_reply
from checkpoint_app.sync.transport import Received, Transport, pinned_context
from checkpoint_app.sync.unpacking import unpacked
from checkpoint_app.wire import packing
from checkpoint_app.wire.api import JSON, LISTS_HEADER, METADATA, TIME_HEADER, TOKEN_SCHEME
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES, Statement, StatementError, read_statement
from checkpoint_app.wire.token import Asked, Claims, make_token

WITHIN_S = 60.0
"""How long one exchange may take, if its caller says nothing else."""
BYTES_WITHIN_S = 900.0
MOST_STATEMENT_BYTES = 2 * MAX_STATEMENT_BYTES  # its text is escaped once more
_EARLIEST, _LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,18}")
_MORE_PACKED = 1024  # what does not get smaller gets a little larger
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")
T = TypeVar("T")


class Signer(Protocol):
    """The booth's name, and the key that signs its requests (`store.identity.Identity`)."""

    @property
    def booth(self) -> str:
        """The booth's name."""

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The booth's key."""


@dataclass(frozen=True, slots=True)
class Got(Generic[T]):
    """What a ``get`` brought: None where nothing changed since ``etag`` (RFC 9110 §8.8.3)."""

    value: T | None
    etag: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The centre has all events up to ``head``, the journal's last, and wants nothing; ``until`` is monotonic."""

    head: Head
    until: float


class Line:
    """Requests to the centre of ``enrolled``, signed by ``identity``. Usable from every thread.

    Every method raises LineError and nothing else; none waits longer than its ``within_s``. ``seen`` is the latest
    signed moment that the booth knows: whoever has a certificate that ended before then cannot tell an older time.
    """

    def __init__(
        self,
        enrolled: Enrolled,
        identity: Signer,
        clock: Clock,
        transport: Transport | None = None,
        *,
        seen: datetime | None = None,
    ) -> None:
        self.enrolled = enrolled
        self.booth = identity.booth
        self.latency_s = 0.0
        """Seconds from the last request to the head of its reply; 0 before the first."""
        self.lists_version = 0
        """The newest version of the lists, all of them, that a reply told of (`LISTS_HEADER`); 0 before any did.

        It is a hint to fetch at once: what it says is not signed.
        """
        self.settled_s = 0.0
        """How long a centre that has all is not asked again how far it is: then a poll is the inbox alone."""
        self.settled: Settled | None = None
        self.etags: dict[str, str] = {}
        """What to ask with for a path whose reply had nothing new."""
        self._takes_packed = False
        self._key = identity.signing_key
        self._clock = clock
        self._offset: float | None = None  # the centre's time (seconds since 1970) − the monotonic clock
        self._transport = transport or Transport(
            enrolled.url, pinned_context(enrolled.anchors.ca), max(seen or enrolled.enrolled_at, enrolled.enrolled_at)
        )

    # -- asking -------------------------------------------------------------------------------------------------------

    def get(self, cls: type[T], path: str, *, most: int, within_s: float = WITHIN_S, etag: str = "") -> Got[T]:
        """Return the ``cls`` at ``path``, of at most ``most`` bytes."""
        headers = {"If-None-Match": etag} if etag else {}
        with self._ask("GET", path, None, headers, within_s) as received:
            if received.status == NOT_MODIFIED:
                received.body(0)
                return Got(None, etag)
            return Got(read_reply(cls, received, most), received.headers.get("etag", ""))

    def post(
        self, cls: type[T], path: str, value: object, *, most: int, within_s: float = WITHIN_S, large: bool = False
    ) -> T:
        """Send ``value``, a dataclass of `wire`, and return the ``cls`` that answers it.

        One that is ``large`` goes compressed where the centre has said that it takes that, and is not sent a second
        time where a kept connection was cut.
        """
        body, headers = canonical_bytes(to_plain(value)), {"Content-Type": JSON}
        if large and self._takes_packed and len(body) >= packing.MIN_BYTES:
            body, headers = packing.pack(body), headers | {"Content-Encoding": packing.ENCODING}
        with self._ask("POST", path, body, headers, within_s, again=not large) as received:
            return read_reply(cls, received, most)

    def post_bytes(
        self, cls: type[T], path: str, body: bytes, media_type: str, *, most: int, within_s: float = WITHIN_S
    ) -> T:
        """Send ``body`` as it is, never a second time where a kept connection was cut; returns the ``cls`` in reply."""
        with self._ask("POST", path, body, {"Content-Type": media_type}, within_s, again=False) as received:
            return read_reply(cls, received, most)

    def get_bytes(self, path: str, most: int, start: int = 0, *, within_s: float = BYTES_WITHIN_S) -> Iterator[bytes]:
        """Yield the bytes at ``path`` from ``start`` on as they arrive, at most ``most`` of them (RFC 9110 §14).

        What was yielded before an error is as it was sent. A LineError's ``status`` tells 404 (no such thing) and 416
        (there is nothing after ``start``). Metadata may come compressed: it is text, and grows with each delta.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        if path.startswith(METADATA) and not start:
            headers["Accept-Encoding"] = packing.ENCODING
        with self._ask("GET", path, None, headers, within_s) as received:
            skip = _skipped(received, start)
            if received.headers.get("content-encoding") == packing.ENCODING:
                yield from unpacked(received.chunks(most + _MORE_PACKED), most)
                return
            for chunk in received.chunks(most + skip):
                dropped, skip = min(skip, len(chunk)), max(0, skip - len(chunk))
                if dropped < len(chunk):
                    yield chunk[dropped:]

    def read_stated(self, cls: type[T], statement: Statement) -> T:
        """Return what the centre's own key signed. Raises LineError not_signed."""
        try:
            return read_statement(cls, statement, self.centre_key)
        except StatementError as error:
            raise LineError(LineCode.NOT_SIGNED) from error

    @property
    def centre_key(self) -> Ed25519PublicKey:
        """The key that signs the centre's statements, as the enrolment code vouched for it."""
        try:
            return Ed25519PublicKey.from_public_bytes(self.enrolled.anchors.key)
        except ValueError as error:
            raise LineError(LineCode.NOT_SIGNED, "the centre's key is none") from error

    # -- time ---------------------------------------------------------------------------------------------------------

    def centre_time(self) -> datetime | None:
        """Return the centre's time now, None before the first reply."""
        if self._offset is None:
            return None
        return datetime.fromtimestamp(self._offset + self._clock.monotonic(), UTC)

    def time_off(self) -> timedelta | None:
        """Return how far the booth's clock is ahead of the centre's (negative: behind), None before the first reply."""
        now = self.centre_time()
        return None if now is None else self._clock.now() - now

    def close(self) -> None:
        """End what is under way in every thread, at once; later requests are refused."""
        self._transport.close()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        within_s: float,
        *,
        again: bool = True,
    ) -> Received:
        """Return the head of a good reply; the caller closes it.

        Asked again once where the time was refused, and once where a connection kept from before was found cut: the
        centre closes idle ones, and each request of the line may be sent twice without harm.
        """
        ends = time.monotonic() + within_s
        in_time = True
        while True:
            try:
                received = self._send(method, path, body, headers, ends - time.monotonic())
            except LineError as error:
                if not (again and error.code is LineCode.CUT_OFF and self._transport.was_kept):
                    raise
                again = False
                continue
            if received.status in GOOD:
                return received
            with received:
                refusal, told = read_refusal(received)
            if told is not None:
                self._set(told)
            if not (in_time and refusal.code is LineCode.CLOCK):
                raise refusal
            in_time = False

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], within_s: float
    ) -> Received:
        asked = Asked(method, path, body or b"", self.enrolled.audience)
        claims = Claims(self.booth, str(uuid.uuid4()), self.centre_time() or self._clock.now())
        token = f"{TOKEN_SCHEME} {make_token(self._key, claims, asked)}"
        began = time.monotonic()
        received = self._transport.send(method, path, {**headers, "Authorization": token}, body, within_s)
        self.latency_s = time.monotonic() - began
        try:
            self._learn(received)
        except LineError:
            received.close()
            raise
        return received

    def _learn(self, received: Received) -> None:
        """Take the centre's time, and judge its certificate by it. Raises LineError."""
        text = received.headers.get(TIME_HEADER, "")
        if not text and received.status not in GOOD:  # something between refuses for the centre
            return
        try:
            now = from_plain(datetime, text)
        except PlainError as error:
            raise LineError(LineCode.MALFORMED, f"its {TIME_HEADER} is no time", received.status) from error
        if not (received.begins or now) <= now <= (received.ends or now):
            raise LineError(LineCode.CERTIFICATE_TIME)
        self._set(now)
        if received.status not in GOOD:
            return
        if (encodings := received.headers.get("accept-encoding")) is not None:
            self._takes_packed = packing.ENCODING in encodings.replace(",", " ").split()
        if _NUMBER.fullmatch(lists := received.headers.get(LISTS_HEADER, "")):
            self.lists_version = max(self.lists_version, int(lists))

    def _set(self, now: datetime) -> None:
        """Take ``now`` as the centre's time. Raises LineError for a time that no centre has."""
        if not _EARLIEST <= now < _LATEST:
            raise LineError(LineCode.MALFORMED, "its time is beyond all bounds")
        self._offset = now.timestamp() - self._clock.monotonic()


def _skipped(received: Received, start: int) -> int:
    """Return how much of the body comes before ``start``: all, where the centre sends the whole. Raises LineError."""
    if received.status == OK:
        return start
    told = _RANGE.fullmatch(received.headers.get("content-range", ""))
    if received.status != PARTIAL or told is None or int(told[1]) != start:
        raise LineError(LineCode.MALFORMED, "it is another part than the one asked for", received.status)
    return 0
