"""Events before their turn: hits and decisions that a booth with a long outbox tells first (`POST /v1/urgent`).

The chain is dense and ordered, so they are kept beside it, durably, until it reaches them: then each becomes the event
of its number, with the body that is here, and nothing of it stays. Only then is it read as an event: whatever follows
from it, such as a late hit, follows once and in order. Until then it is known by ``checkpoint central cases --early``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from checkpoint_app.central import database, encounters
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.incoming import Incoming, alarm_fork, event_of, row_of, verified
from checkpoint_app.central.lineage import lineage
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.delivery import MOST_AHEAD, MOST_EARLY, URGENT_KINDS, Batch, Early, Parcel
from checkpoint_app.wire.plain import from_plain, to_plain

_table = database.early_events
_CHAIN_EVENTS = database.events
_TOLD = ("encounter_id", "case_id", "disposition", "outcome")


@dataclass(frozen=True, slots=True)
class EarlyLine:
    """An event before its turn, in a list: nothing personal. ``at`` is the booth's own time of it.

    ``of``: the Encounter's or the case's id; ``said``: what was decided, where that is in it. ``is_left``: its chain
    goes on without it, so that its turn never comes.
    """

    booth: str
    chain: int
    seq: int
    kind: str
    at: datetime
    received_at: datetime
    of: str
    said: str
    is_left: bool


def receive(centre: Centre, booth: str, batch: Batch) -> Early:
    """Keep those events of ``batch`` that are urgent and not here yet; returns all that are here ahead of the chain.

    Sent again they change nothing. One that has the number or the id of another event sounds the alarm of a fork, and
    is not kept. Raises CentreError as `incoming.verified`.
    """
    events = [one for one in verified(centre, booth, batch) if _is_urgent(one)]

    def work(connection: Connection) -> Early:
        row = row_of(connection, booth, lock=True)
        room = MOST_EARLY - len(_ahead(connection, row))
        for one in events:
            if row.seq < one.seq <= row.seq + MOST_AHEAD:
                room -= room > 0 and _keep(centre, connection, row, one)
            elif one.seq <= row.seq and _hash_in_chain(connection, row, one.seq) != one.hash:
                alarm_fork(centre, connection, booth, row.chain, one.seq, is_early=True)
        return _held(centre, connection, booth)

    return retried(centre, work)


def held(centre: Centre, booth: str) -> Early:
    """Return what is here of ``booth`` ahead of its chain. Raises CentreError for one that is unknown."""
    with centre.begin() as connection:
        return _held(centre, connection, booth)


def take_over(
    centre: Centre, connection: Connection, booth: str, added: Sequence[tuple[int, Incoming]]
) -> dict[int, bytes]:
    """Return sequence → salt ‖ body of those events of a chain (number, event) that were here before their turn.

    They are no longer kept here. Where another event of that chain was here under the number, it stays, with an alarm.
    """
    by_seq = {one.seq: (chain, one) for chain, one in added}
    here = (_table.c.booth == booth) & _table.c.seq.in_(list(by_seq))
    found: dict[int, bytes] = {}
    for row in connection.execute(select(_table).where(here)).all() if by_seq else ():
        chain, one = by_seq[row.seq]
        if row.hash == one.hash:
            found[row.seq] = centre.vault.open(row.sealed, _use(booth, row.event_id))
            connection.execute(delete(_table).where(_this(booth, row.event_id)))
        elif row.chain == chain:
            alarm_fork(centre, connection, booth, chain, row.seq, is_early=True)
    return found


def lines(centre: Centre, connection: Connection) -> list[EarlyLine]:
    """Return all that are kept, the oldest first."""
    booths = {row.name: row for row in connection.execute(select(database.booths))}
    rows = connection.execute(select(_table).order_by(_table.c.received_at, _table.c.booth, _table.c.seq))
    return [_line(centre, row, booths[row.booth]) for row in rows]


# -- inside -----------------------------------------------------------------------------------------------------------


def _is_urgent(one: Incoming) -> bool:
    return one.event.header.kind in URGENT_KINDS and one.salted is not None


def _keep(centre: Centre, connection: Connection, booth: Row[Any], one: Incoming) -> bool:
    """Keep an event that is not here; tells whether it was kept."""
    name, header = booth.name, one.event.header
    same_seq = (_table.c.booth == name) & (_table.c.chain == booth.chain) & (_table.c.seq == one.seq)
    here = connection.scalars(select(_table.c.hash).where(same_seq | _this(name, header.event_id))).all()
    in_chain = (_CHAIN_EVENTS.c.booth == name) & (_CHAIN_EVENTS.c.event_id == header.event_id)
    if connection.scalar(select(_CHAIN_EVENTS.c.seq).where(in_chain)) is not None or set(here) - {one.hash}:
        alarm_fork(centre, connection, name, booth.chain, one.seq, is_early=True)
        return False
    if here or one.salted is None:  # it may have come for the chain before this one
        connection.execute(update(_table).where(_this(name, header.event_id)).values(chain=booth.chain))
        return False
    row = {
        "booth": name,
        "chain": booth.chain,
        "seq": one.seq,
        "event_id": header.event_id,
        "header": one.header,
        "signature": one.event.signature,
        "hash": one.hash,
        "sealed": centre.vault.seal(one.salted, _use(name, header.event_id)),
        "received_at": to_plain(centre.now()),
    }
    connection.execute(_table.insert().values(**row))
    return True


def _hash_in_chain(connection: Connection, booth: Row[Any], seq: int) -> str | None:
    """Return the hash of event ``seq`` of the booth's present chain."""
    own = _CHAIN_EVENTS.c.chain.in_(lineage(connection, booth.name, booth.chain))
    here = (_CHAIN_EVENTS.c.booth == booth.name) & own & (_CHAIN_EVENTS.c.seq == seq)
    asked = select(_CHAIN_EVENTS.c.hash).where(here).order_by(_CHAIN_EVENTS.c.chain.desc()).limit(1)
    found: str | None = connection.scalar(asked)
    return found


def _held(centre: Centre, connection: Connection, booth: str) -> Early:
    return Early(booth, tuple(_ahead(connection, row_of(connection, booth))), centre.now())


def _ahead(connection: Connection, booth: Row[Any]) -> Sequence[int]:
    here = (_table.c.booth == booth.name) & (_table.c.chain == booth.chain) & (_table.c.seq > booth.seq)
    return connection.scalars(select(_table.c.seq).where(here).order_by(_table.c.seq)).all()


def _line(centre: Centre, row: Row[Any], booth: Row[Any]) -> EarlyLine:
    header = event_of(Parcel(row.header, row.signature)).header
    body = _body(centre, row)
    told = [str(body.get(name, ""))[: encounters.MAX_TEXT] for name in _TOLD]
    return EarlyLine(
        booth=row.booth,
        chain=row.chain,
        seq=row.seq,
        kind=str(header.kind),
        at=header.wall_time,
        received_at=from_plain(datetime, row.received_at),
        of=told[0] or told[1],
        said=told[2] or told[3],
        is_left=row.chain != booth.chain or row.seq <= booth.seq,
    )


def _body(centre: Centre, row: Row[Any]) -> Mapping[str, Any]:
    try:
        return encounters.read_body(centre.vault.open(row.sealed, _use(row.booth, row.event_id)))
    except encounters.BodyShapeError:  # it will be alarmed when its turn comes
        return {}


def _this(booth: str, event_id: str) -> Any:
    return (_table.c.booth == booth) & (_table.c.event_id == event_id)


def _use(booth: str, event_id: str) -> str:
    """Return what the vault seals a body for."""
    return f"early {booth} {event_id}"
