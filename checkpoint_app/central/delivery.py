"""Events as they come: verified, stored exactly once, in order, and acknowledged with the hash of the chain.

The present chain of a booth is, at each sequence, the event of the highest chain number that holds it, of those that
it goes on from (`lineage`): a chain opened after a fork holds nothing before the event that it goes on from. One
transaction a batch, with the booth's row locked; the unique constraints of the table are the last line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select, update

from checkpoint_app.central import acts, alarms, clearances, database, early, encounters
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.incoming import (
    CONFLICT,
    Incoming,
    alarm_fork,
    event_of,
    must_be,
    row_of,
    salted_of,
    verified,
)
from checkpoint_app.central.lineage import lineage
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.delivery import MOST_WANTED, Acknowledgement, Batch, LateBody, Parcel
from checkpoint_app.wire.event import GENESIS, ForkError, GapError, check_next
from checkpoint_app.wire.plain import to_plain

WANTED, HERE, ERASED = "wanted", "here", "erased"


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
    events = verified(centre, booth, batch)
    try:
        return retried(centre, lambda connection: _store(centre, connection, booth, events))
    except _ForkFoundError as error:
        found = error
        retried(centre, lambda connection: alarm_fork(centre, connection, booth, found.chain, found.seq))
        raise CentreError(
            "fork",
            f"event {error.seq} of booth {booth} continues another chain than the one stored here;"
            " an administrator can allow a new chain",
            CONFLICT,
        ) from error


def take_body(centre: Centre, booth: str, late: LateBody) -> Acknowledgement:
    """Store a body that follows its event, or that it was erased at the booth; a body that is here already stays.

    Raises CentreError: ``gap`` (409) where its event is not here yet, ``body_mismatch`` (422), ``other_booth`` (403).
    """
    must_be(booth, late.booth)
    return retried(centre, lambda connection: _take(centre, connection, booth, late))


def acknowledgement(centre: Centre, booth: str) -> Acknowledgement:
    """Return how far the centre has come with ``booth``. Raises CentreError for one that is unknown."""
    with centre.begin() as connection:
        return _acknowledge(centre, connection, booth)


# -- what is stored ---------------------------------------------------------------------------------------------------


def _store(centre: Centre, connection: Connection, booth: str, incoming: Sequence[Incoming]) -> Acknowledgement:
    """Store the events that are new, each at the chain's end, with their bodies and projections."""
    row = row_of(connection, booth, lock=True)
    head = _Head(row.chain, row.seq, row.head)
    known = _hashes(connection, booth, incoming, head)
    _refuse_known_ids(connection, booth, incoming, head, known)
    allowed = row.new_chain_allowed
    added: list[tuple[int, Incoming]] = []
    for one in incoming:
        if one.seq <= head.seq and known.get(one.seq) == one.hash:
            continue
        if allowed and one.seq <= head.seq and known.get(one.seq - 1) == one.event.header.previous:
            head, allowed = _open_chain(centre, connection, booth, head, one), False
        head = _after(head, one)
        known[one.seq] = one.hash
        added.append((head.chain, one))
    added = _with_early(centre, connection, booth, added)
    _insert(centre, connection, booth, added)
    changed = {"chain": head.chain, "seq": head.seq, "head": head.hash}
    connection.execute(update(database.booths).where(database.booths.c.name == booth).values(**changed))
    for chain, one in added:
        if one.salted is not None:
            place = encounters.Place(booth, chain, one.seq)
            encounters.project(centre, connection, place, one.event.header.kind, one.salted)
    return _acknowledge(centre, connection, booth)


def _with_early(
    centre: Centre, connection: Connection, booth: str, added: Sequence[tuple[int, Incoming]]
) -> list[tuple[int, Incoming]]:
    """Return the events with the bodies that came before their turn."""
    here = early.take_over(centre, connection, booth, added)
    return [(chain, replace(one, salted=here.get(one.seq, one.salted))) for chain, one in added]


def _after(head: _Head, one: Incoming) -> _Head:
    """Return the head with ``one`` as the next event. Raises CentreError for a gap, _ForkFoundError for a fork."""
    try:
        check_next(one.event, head.seq, head.hash)
    except GapError as error:
        raise CentreError("gap", str(error), CONFLICT) from error
    except ForkError as error:
        raise _ForkFoundError(head.chain, one.seq) from error
    return _Head(head.chain, one.seq, one.hash)


def _hashes(connection: Connection, booth: str, incoming: Sequence[Incoming], head: _Head) -> dict[int, str]:
    """Return sequence → hash of the present chain, around the events that come."""
    first = min((one.seq for one in incoming), default=1) - 1
    last = min(head.seq, max((one.seq for one in incoming), default=0))
    if first > head.seq:  # a gap, whose number may be beyond what the database can compare
        return {}
    events, own = database.events, lineage(connection, booth, head.chain)
    rows = connection.execute(
        select(events.c.seq, events.c.hash)
        .where(events.c.booth == booth, events.c.chain.in_(own), events.c.seq.between(first, last))
        .order_by(events.c.chain)
    )
    found = {row.seq: row.hash for row in rows}
    return {0: GENESIS, **found}


def _refuse_known_ids(
    connection: Connection, booth: str, incoming: Sequence[Incoming], head: _Head, known: Mapping[int, str]
) -> None:
    """Raise _ForkFoundError where an event that is new has the id of one that is stored: two contents of one id."""
    new: dict[str, Incoming] = {}
    for one in incoming:
        if known.get(one.seq) != one.hash and new.setdefault(one.event.header.event_id, one).hash != one.hash:
            raise _ForkFoundError(head.chain, one.seq)
    events = database.events
    taken = connection.scalar(
        select(events.c.event_id).where(events.c.booth == booth, events.c.event_id.in_(list(new))).limit(1)
    )
    if taken is not None:
        raise _ForkFoundError(head.chain, new[taken].seq)


def _open_chain(centre: Centre, connection: Connection, booth: str, head: _Head, one: Incoming) -> _Head:
    """Begin the booth's next chain after the event before ``one``, as a supervisor allowed once.

    Bodies that the abandoned branch still owed can never come: the booth that held them was put back.
    """
    base = one.seq - 1
    bodies, booths = database.bodies, database.booths
    own = bodies.c.chain.in_(lineage(connection, booth, head.chain))
    owed = (bodies.c.booth == booth) & own & (bodies.c.state == WANTED) & (bodies.c.seq > base)
    connection.execute(update(bodies).where(owed).values(state=ERASED))
    connection.execute(update(booths).where(booths.c.name == booth).values(new_chain_allowed=False))
    clearances.abandon(centre, connection, booth, head.chain, base)
    chain = head.chain + 1
    acts.act(centre, connection, "chain opened", {"booth": booth, "chain": chain, "after": base})
    alarms.sound(centre, connection, "new_chain", booth, {"chain": chain, "after": base})
    return _Head(chain, base, one.event.header.previous)


def _insert(centre: Centre, connection: Connection, booth: str, added: Sequence[tuple[int, Incoming]]) -> None:
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
    row = row_of(connection, booth, lock=True)
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
        .where(events.c.chain.in_(lineage(connection, booth, row.chain)))
        .order_by(events.c.chain.desc())
        .limit(1)
    ).one()
    if found.state == WANTED:
        place = encounters.Place(booth, found.chain, late.seq)
        header = event_of(Parcel(found.header, found.signature)).header
        here = (bodies.c.booth == booth) & (bodies.c.chain == found.chain) & (bodies.c.seq == late.seq)
        salted = None if late.erased else salted_of(header, late.salt, late.body)
        values = {"state": ERASED} if salted is None else _body_row(centre, place, salted)
        connection.execute(update(bodies).where(here).values(**values))
        if salted is not None:
            encounters.project(centre, connection, place, header.kind, salted)
        elif header.kind in encounters.NEEDED:  # nobody can screen this Encounter any more
            alarms.sound(centre, connection, "body_erased", booth, {"chain": found.chain, "seq": late.seq})
    return _acknowledge(centre, connection, booth)


def _acknowledge(centre: Centre, connection: Connection, booth: str) -> Acknowledgement:
    row = row_of(connection, booth)
    bodies = database.bodies
    wanted = connection.scalars(
        select(bodies.c.seq)
        .where(bodies.c.booth == booth, bodies.c.state == WANTED)
        .where(bodies.c.chain.in_(lineage(connection, booth, row.chain)))
        .order_by(bodies.c.seq)
        .limit(MOST_WANTED)
    )
    return Acknowledgement(booth, row.chain, row.seq, row.head, tuple(wanted), centre.now())
