"""Which events tell how rules fared in an Encounter, and on which day that is counted; and which days changed.

A row is what the last evaluation, the draw and the last result of its Encounter are, in whatever order they came and
however often a booth's chain was begun anew. Nothing is counted here (`central.rule_days` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from checkpoint_app.central import database
from checkpoint_app.central.lineage import gone_from
from checkpoint_app.wire.event import EventKind

_subjects, _days = database.rule_subjects, database.rule_days
# Made once: to make a statement costs more than to run it, and each event of an Encounter asks.
_OF_IT = (_subjects.c.booth == bindparam("of_booth")) & (_subjects.c.encounter_id == bindparam("of_encounter"))
_FIND, _FIND_DAY = select(_subjects).where(_OF_IT), select(_subjects.c.day).where(_OF_IT)
_OF_DAY = (_days.c.booth == bindparam("of_booth")) & (_days.c.day == bindparam("of_day"))
_MARK = update(_days).where(_OF_DAY).values(changes=_days.c.changes + 1)
COLUMNS = {
    EventKind.RISK_EVALUATED: "evaluated_seq",
    EventKind.ENCOUNTER_DRAWN: "drawn_seq",
    EventKind.INSPECTION_RESULT: "result_seq",
}


def note(
    connection: Connection, booth: str, at: tuple[int, int], kind: EventKind, name: str, body: Mapping[str, Any]
) -> None:
    """Note the event of this kind ``at`` (chain, number) for the Encounter ``name``, if none later of it is known."""
    column, (chain, seq) = COLUMNS[kind], at
    of_it = {"of_booth": booth, "of_encounter": name}
    row = connection.execute(_FIND, of_it).one_or_none()
    if row is None:
        day = _day_of(kind, body)
        values = {"booth": booth, "encounter_id": name, "chain": chain, column: seq, "day": day}
        connection.execute(_subjects.insert(), values)
        _changed(connection, booth, day)
        return
    changed = _carried(connection, row, chain, seq)
    if changed is None or seq < (changed.get(column, getattr(row, column)) or 0):
        return
    evaluated = changed.get("evaluated_seq", row.evaluated_seq)
    day = row.day if kind != EventKind.RISK_EVALUATED and evaluated else _day_of(kind, body) or row.day
    connection.execute(update(_subjects).where(_OF_IT).values(**changed | {column: seq, "day": day}), of_it)
    for one in {row.day, day}:
        _changed(connection, booth, one)


def touch(connection: Connection, booth: str, name: str) -> None:
    """Say that something else of an Encounter changed that is counted: its reading, or its disposition."""
    _changed(connection, booth, connection.scalar(_FIND_DAY, {"of_booth": booth, "of_encounter": name}))


def _carried(connection: Connection, row: Row[Any], chain: int, seq: int) -> dict[str, Any] | None:
    """Return what changes in a row by an event of another chain; None where that chain went on without the event."""
    if chain == row.chain:
        return {}
    if chain < row.chain:
        first = gone_from(connection, row.booth, chain, row.chain)
        return None if first is not None and seq >= first else {}
    first = gone_from(connection, row.booth, row.chain, chain)
    first = seq if first is None else first
    gone = {column: None for column in COLUMNS.values() if (getattr(row, column) or 0) >= first}
    return {"chain": chain, **gone}


def _changed(connection: Connection, booth: str, day: str | None) -> None:
    if day is None:
        return
    if not connection.execute(_MARK, {"of_booth": booth, "of_day": day}).rowcount:
        connection.execute(_days.insert(), {"booth": booth, "day": day, "changes": 1, "counted": 0})


def _day_of(kind: EventKind, body: Mapping[str, Any]) -> str | None:
    """Return the booth's own day, as an evaluation or a draw tells it; None where it says nothing sensible."""
    told: object = body.get("day") if kind == EventKind.ENCOUNTER_DRAWN else None
    sets = body.get("sets")
    if kind == EventKind.RISK_EVALUATED and isinstance(sets, list) and sets and isinstance(sets[0], Mapping):
        told = sets[0].get("on")
    try:
        return date.fromisoformat(told).isoformat() if isinstance(told, str) else None
    except ValueError:
        return None
