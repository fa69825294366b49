"""Events as they come: verified, stored exactly once, in order, and acknowledged with the hash of the chain.

The present chain of a booth is, at each sequence, the event of the highest chain number that holds it: a chain opened
after a fork goes on from an event of the one before, and holds nothing before that. One transaction a batch, with the
booth's row locked; the unique constraints of the table are the last line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, select, update

from checkpoint_app.central import acts, alarms, clearances, database, encounters
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.delivery import MOST_EVENTS, MOST_WANTED, Acknowledgement, Batch, LateBody, Parcel
from checkpoint_app.wire.event import (
    GENESIS,
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    BodyError,
    EventHeader,
    EventKind,
    ForkError,
    GapError,
    SignatureError,
    SignedEvent,
    chain_hash,
    check_next,
    verify_body,
    verify_event,
)
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

WANTED, HERE, ERASED = "wanted", "here", "erased"
CONFLICT, UNPROCESSABLE, FORBIDDEN = 409, 422, 403
_MAX_KIND = 64
_HEADER_FIELDS = frozenset(EventHeader.__slots__)


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A verified event with the text of its header, its hash, and salt ‖ body, None where that follows."""

    event: SignedEvent
    header: str
    hash: str
    salted: bytes | None

    @property
    def seq(self) -> int:
        return self.event.header.seq


@dataclass(frozen=True, slots=True)
class _Head:
    chain: int
    seq: int
    hash: str


class _ForkFoundError(Exception):
    """The event at ``seq`` continues another chain than ``chain``."""

    def __init__(self, chain: int, seq: int) -> None:
        super().__init__(f"fork at {seq}")
        self.chain = chain
        self.seq = seq


def receive(centre: Centre, booth: str, batch: Batch) -> Acknowledgement:
    """Store those events of ``batch`` that are new, and return how far the centre has come. Wholly or not at all.

    Raises CentreError: ``gap`` and ``fork`` (409; a fork sounds an alarm), ``forged_event``, ``body_mismatch``,
    ``malformed``, ``newer_version``, ``too_many_events`` (422), ``other_booth`` (403).
    """
    if len(batch.events) > MOST_EVENTS:
        raise CentreError("too_many_events", f"a batch holds at most {MOST_EVENTS} events", UNPROCESSABLE)
    _must_be(booth, batch.booth)
    with centre.begin() as connection:
        key = Ed25519PublicKey.from_public_bytes(_row(connection, booth).signing_key)
    incoming = [_verified(parcel, booth, key) for parcel in batch.events]
    try:
        return retried(centre, lambda connection: _store(centre, connection, booth, incoming))
    except _ForkFoundError as error:
        found = error
        retried(centre, lambda connection: _alarm_fork(centre, connection, booth, found))
        raise CentreError(
            "fork",
            f"event {error.seq} of booth {booth} continues another chain than the one stored here;"
            " an administrator can allow a new chain",
            CONFLICT,
        ) from error


def _alarm_fork(centre: Centre, connection: Connection, booth: str, found: _ForkFoundError) -> None:
    """Sound the alarm of a fork, once a chain: until a new one is opened, the booth comes again with every round."""
    table = database.alarms
    told = connection.scalars(select(table.c.about).where(table.c.kind == "fork", table.c.booth == booth))
    if all(read_canonical(about.encode(), MAX_HEADER_BYTES).get("chain") != found.chain for about in told):
        alarms.sound(centre, connection, "fork", booth, {"chain": found.chain, "seq": found.seq})


def take_body(centre: Centre, booth: str, late: LateBody) -> Acknowledgement:
    """Store a body that follows its event, or that it was erased at the booth; a body that is here already stays.

    Raises CentreError: ``gap`` (409) where its event is not here yet, ``body_mismatch`` (422), ``other_booth`` (403).
    """
    _must_be(booth, late.booth)
    return retried(centre, lambda connection: _take(centre, connection, booth, late))


def acknowledgement(centre: Centre, booth: str) -> Acknowledgement:
    """Return how far the centre has come with ``booth``. Raises CentreError for one that is unknown."""
    with centre.begin() as connection:
        return _acknowledge(centre, connection, booth)


# -- what comes -------------------------------------------------------------------------------------------------------


def _must_be(booth: str, named: str) -> None:
    if named != booth:
        raise CentreError("other_booth", "a booth delivers its own events only", FORBIDDEN)


def _verified(parcel: Parcel, booth: str, key: Ed25519PublicKey) -> _Incoming:
    """Return the parcel's event, if the booth's ``key`` signed it, with the body it was signed for."""
    event = _event(parcel)
    _must_be(booth, event.header.booth)
    try:
        verify_event(event, key)
    except SignatureError as error:
        raise CentreError("forged_event", str(error), UNPROCESSABLE) from error
    salted = None if parcel.body is None else _salted(event.header, parcel.salt, parcel.body)
    return _Incoming(event, parcel.header, chain_hash(event), salted)


def _event(parcel: Parcel) -> SignedEvent:
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


def _salted(header: EventHeader, salt: bytes, body: str) -> bytes:
    data = body.encode()
    try:
        verify_body(header, salt, data)
    except BodyError as error:
        raise CentreError("body_mismatch", str(error), UNPROCESSABLE) from error
    if len(data) > MAX_BODY_BYTES:
        raise CentreError("malformed", f"a body has more than {MAX_BODY_BYTES} bytes", UNPROCESSABLE)
    return salt + data


# -- what is stored ---------------------------------------------------------------------------------------------------


def _store(centre: Centre, connection: Connection, booth: str, incoming: Sequence[_Incoming]) -> Acknowledgement:
    """Store the events that are new, each at the chain's end, with their bodies and projections."""
    row = _row(connection, booth, lock=True)
    head = _Head(row.chain, row.seq, row.head)
    known = _hashes(connection, booth, incoming, head)
    _refuse_known_ids(connection, booth, incoming, head, known)
    allowed, added = row.new_chain_allowed, []
    for one in incoming:
        if one.seq <= head.seq and known.get(one.seq) == one.hash:
            continue
        if allowed and one.seq <= head.seq and known.get(one.seq - 1) == one.event.header.previous:
            head, allowed = _open_chain(centre, connection, booth, head, one), False
        head = _after(head, one)
        known[one.seq] = one.hash
        added.append((head.chain, one))
    _insert(centre, connection, booth, added)
    changed = {"chain": head.chain, "seq": head.seq, "head": head.hash}
    connection.execute(update(database.booths).where(database.booths.c.name == booth).values(**changed))
    for chain, one in added:
        if one.salted is not None:
            place = encounters.Place(booth, chain, one.seq)
            encounters.project(centre, connection, place, one.event.header.kind, one.salted)
    return _acknowledge(centre, connection, booth)


def _after(head: _Head, one: _Incoming) -> _Head:
    """Return the head with ``one`` as the next event. Raises CentreError for a gap, _ForkFoundError for a fork."""
    try:
        check_next(one.event, head.seq, head.hash)
    except GapError as error:
        raise CentreError("gap", str(error), CONFLICT) from error
    except ForkError as error:
        raise _ForkFoundError(head.chain, one.seq) from error
    return _Head(head.chain, one.seq, one.hash)


def _hashes(connection: Connection, booth: str, incoming: Sequence[_Incoming], head: _Head) -> dict[int, str]:
    """Return sequence → hash of the present chain, around the events that come."""
    first = min((one.seq for one in incoming), default=1) - 1
    last = min(head.seq, max((one.seq for one in incoming), default=0))
    if first > head.seq:  # a gap, whose number may be beyond what the database can compare
        return {}
    events = database.events
    rows = connection.execute(
        select(events.c.seq, events.c.hash)
        .where(events.c.booth == booth, events.c.seq.between(first, last))
        .order_by(events.c.chain)
    )
    found = {row.seq: row.hash for row in rows}
    return {0: GENESIS, **found}


def _refuse_known_ids(
    connection: Connection, booth: str, incoming: Sequence[_Incoming], head: _Head, known: Mapping[int, str]
) -> None:
    """Raise _ForkFoundError where an event that is new has the id of one that is stored: two contents of one id."""
    new: dict[str, _Incoming] = {}
    for one in incoming:
        if known.get(one.seq) != one.hash and new.setdefault(one.event.header.event_id, one).hash != one.hash:
            raise _ForkFoundError(head.chain, one.seq)
    events = database.events
    taken = connection.scalar(
        select(events.c.event_id).where(events.c.booth == booth, events.c.event_id.in_(list(new))).limit(1)
    )
    if taken is not None:
        raise _ForkFoundError(head.chain, new[taken].seq)


def _open_chain(centre: Centre, connection: Connection, booth: str, head: _Head, one: _Incoming) -> _Head:
    """Begin the booth's next chain after the event before ``one``, as a supervisor allowed once.

    Bodies that the abandoned branch still owed can never come: the booth that held them was put back.
    """
    base = one.seq - 1
    bodies, booths = database.bodies, database.booths
    owed = (bodies.c.booth == booth) & (bodies.c.state == WANTED) & (bodies.c.seq > base)
    connection.execute(update(bodies).where(owed).values(state=ERASED))
    connection.execute(update(booths).where(booths.c.name == booth).values(new_chain_allowed=False))
    clearances.abandon(centre, connection, booth, base)
    chain = head.chain + 1
    acts.act(centre, connection, "chain opened", {"booth": booth, "chain": chain, "after": base})
    alarms.sound(centre, connection, "new_chain", booth, {"chain": chain, "after": base})
    return _Head(chain, base, one.event.header.previous)


def _insert(centre: Centre, connection: Connection, booth: str, added: Sequence[tuple[int, _Incoming]]) -> None:
    if not added:
        return
    now = to_plain(centre.now())
    events = [
        {
            "booth": booth,
            "chain": chain,
            "seq": one.seq,
            "event_id": one.event.header.event_id,
            "kind": str(one.event.header.kind),
            "header": one.header,
            "signature": one.event.signature,
            "hash": one.hash,
            "received_at": now,
        }
        for chain, one in added
    ]
    bodies = [_body_row(centre, encounters.Place(booth, chain, one.seq), one.salted) for chain, one in added]
    connection.execute(database.events.insert(), events)
    connection.execute(database.bodies.insert(), bodies)


def _body_row(centre: Centre, place: encounters.Place, salted: bytes | None) -> dict[str, Any]:
    sealed = None if salted is None else centre.vault.seal(salted, place.use)
    state = WANTED if salted is None else HERE
    return {"booth": place.booth, "chain": place.chain, "seq": place.seq, "state": state, "sealed": sealed}


def _take(centre: Centre, connection: Connection, booth: str, late: LateBody) -> Acknowledgement:
    row = _row(connection, booth, lock=True)
    events, bodies = database.events, database.bodies
    if not 1 <= late.seq <= row.seq:
        raise CentreError("gap", f"event {late.seq} of booth {booth} is not here yet; deliver it first", CONFLICT)
    found = connection.execute(
        select(events.c.chain, events.c.header, events.c.signature, bodies.c.state)
        .join(
            bodies,
            (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq),
        )
        .where(events.c.booth == booth, events.c.seq == late.seq)
        .order_by(events.c.chain.desc())
        .limit(1)
    ).one()
    if found.state == WANTED:
        place = encounters.Place(booth, found.chain, late.seq)
        header = _event(Parcel(found.header, found.signature)).header
        here = (bodies.c.booth == booth) & (bodies.c.chain == found.chain) & (bodies.c.seq == late.seq)
        salted = None if late.erased else _salted(header, late.salt, late.body)
        values = {"state": ERASED} if salted is None else _body_row(centre, place, salted)
        connection.execute(update(bodies).where(here).values(**values))
        if salted is not None:
            encounters.project(centre, connection, place, header.kind, salted)
        elif header.kind in encounters.NEEDED:  # nobody can screen this Encounter any more
            alarms.sound(centre, connection, "body_erased", booth, {"chain": found.chain, "seq": late.seq})
    return _acknowledge(centre, connection, booth)


def _acknowledge(centre: Centre, connection: Connection, booth: str) -> Acknowledgement:
    row = _row(connection, booth)
    bodies = database.bodies
    wanted = connection.scalars(
        select(bodies.c.seq)
        .where(bodies.c.booth == booth, bodies.c.state == WANTED)
        .order_by(bodies.c.seq)
        .limit(MOST_WANTED)
    )
    return Acknowledgement(booth, row.chain, row.seq, row.head, tuple(wanted), centre.now())


def _row(connection: Connection, booth: str, *, lock: bool = False) -> Row[Any]:
    """Return the booth's row; locked until the transaction's end where it is to be changed."""
    asked = select(database.booths).where(database.booths.c.name == booth)
    row = connection.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None:
        raise CentreError("booth_unknown", "no such booth is enrolled here", 404)
    return row
