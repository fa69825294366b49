"""Events as they come in, before anything is stored: whose they are, that they were signed, and their bodies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, select

from checkpoint_app.central import alarms, database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.delivery import MOST_EVENTS, Batch, Parcel
from checkpoint_app.wire.event import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    BodyError,
    EventHeader,
    EventKind,
    SignatureError,
    SignedEvent,
    chain_hash,
    verify_body,
    verify_event,
)
from checkpoint_app.wire.plain import PlainError, from_plain

CONFLICT, UNPROCESSABLE, FORBIDDEN = 409, 422, 403
_MAX_KIND = 64
_HEADER_FIELDS = frozenset(EventHeader.__slots__)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A verified event with the text of its header, its hash, and salt ‖ body, None where that is not with it."""

    event: SignedEvent
    header: str
    hash: str
    salted: bytes | None

    @property
    def seq(self) -> int:
        """Its sequence number."""
        return self.event.header.seq


def verified(centre: Centre, booth: str, batch: Batch) -> list[Incoming]:
    """Return the events of ``batch``, each signed by ``booth``'s key and with the body it was signed for.

    Raises CentreError: ``forged_event``, ``body_mismatch``, ``malformed``, ``newer_version``, ``too_many_events``
    (422), ``other_booth`` (403).
    """
    if len(batch.events) > MOST_EVENTS:
        raise CentreError("too_many_events", f"a batch holds at most {MOST_EVENTS} events", UNPROCESSABLE)
    must_be(booth, batch.booth)
    with centre.begin() as connection:
        key = Ed25519PublicKey.from_public_bytes(row_of(connection, booth).signing_key)
    return [_verified(parcel, booth, key) for parcel in batch.events]


def must_be(booth: str, named: str) -> None:
    """Refuse what is another booth's. Raises CentreError ``other_booth``."""
    if named != booth:
        raise CentreError("other_booth", "a booth delivers its own events only", FORBIDDEN)


def event_of(parcel: Parcel) -> SignedEvent:
    """Return the event of a parcel, also of a kind that only a newer booth knows: it is stored, and not projected.

    The signature is over the canonical header, whatever its kind. A header with fields that are unknown here can't be
    proven without knowing what they mean: it is refused, and the booth keeps its events until the centre is updated.
    """
    try:
        plain = read_canonical(parcel.header.encode(), MAX_HEADER_BYTES)
        if not isinstance(plain, dict):
            raise CentreError("malformed", "an event's header is no mapping", UNPROCESSABLE)
        if plain.keys() > _HEADER_FIELDS:
            raise CentreError("newer_version", "an event is of a newer form; update the centre", UNPROCESSABLE)
        kind = plain.get("kind")
        header = from_plain(EventHeader, {**plain, "kind": EventKind.STARTED.value})
    except (CanonicalError, PlainError) as error:
        raise CentreError("malformed", f"an event's header is none: {error}", UNPROCESSABLE) from error
    if not isinstance(kind, str) or not 0 < len(kind) <= _MAX_KIND or not kind.isascii() or not kind.isprintable():
        raise CentreError("malformed", "an event's kind is no word", UNPROCESSABLE)
    return SignedEvent(replace(header, kind=cast("EventKind", kind)), parcel.signature)


def salted_of(header: EventHeader, salt: bytes, body: str) -> bytes:
    """Return salt ‖ body, if that is what ``header`` was signed for. Raises CentreError."""
    data = body.encode()
    try:
        verify_body(header, salt, data)
    except BodyError as error:
        raise CentreError("body_mismatch", str(error), UNPROCESSABLE) from error
    if len(data) > MAX_BODY_BYTES:
        raise CentreError("malformed", f"a body has more than {MAX_BODY_BYTES} bytes", UNPROCESSABLE)
    return salt + data


def row_of(connection: Connection, booth: str, *, lock: bool = False) -> Row[Any]:
    """Return the booth's row; locked until the transaction's end where it is to be changed. Raises CentreError."""
    asked = select(database.booths).where(database.booths.c.name == booth)
    row = connection.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None:
        raise CentreError("booth_unknown", "no such booth is enrolled here", 404)
    return row


def alarm_fork(
    centre: Centre, connection: Connection, booth: str, chain: int, seq: int, *, is_early: bool = False
) -> None:
    """Sound the alarm of a fork, once a chain: until a new one is opened, the booth comes again with every round.

    ``is_early``: of two events with one number one came before its turn; that is told beside the other.
    """
    table = database.alarms
    told = connection.scalars(select(table.c.about).where(table.c.kind == "fork", table.c.booth == booth))
    known = [read_canonical(about.encode(), MAX_HEADER_BYTES) for about in told]
    if all((one.get("chain"), one.get("early", False)) != (chain, is_early) for one in known):
        about: dict[str, str | int | bool] = {"chain": chain, "seq": seq}
        alarms.sound(centre, connection, "fork", booth, about | ({"early": True} if is_early else {}))


def _verified(parcel: Parcel, booth: str, key: Ed25519PublicKey) -> Incoming:
    event = event_of(parcel)
    must_be(booth, event.header.booth)
    try:
        verify_event(event, key)
    except SignatureError as error:
        raise CentreError("forged_event", str(error), UNPROCESSABLE) from error
    salted = None if parcel.body is None else salted_of(event.header, parcel.salt, parcel.body)
    return Incoming(event, parcel.header, chain_hash(event), salted)
