"""What booths say that rules came to, a row a set and examination; and whether the centre came to the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, distinct, func, select, update

from checkpoint_app.central import database
from checkpoint_app.verdict import Mode
from checkpoint_app.wire.plain import from_plain

MOST_SETS = 64
_MOST_VERSION = (1 << 53) - 1
_MOST_NAME = 64
_table = database.evaluations


class Replay(StrEnum):
    """How an evaluation stands: not repeated yet, the same here, another, or of a version that is not here."""

    WAITING = "waiting"
    SAME = "same"
    DIFFERS = "differs"
    NOT_HERE = "not_here"


@dataclass(frozen=True, slots=True)
class Counted:
    """A version of a set in service: Encounters in which it was evaluated, and in which a rule of it hit.

    ``same`` and ``differ`` count evaluations that were repeated here, ``not_here`` those that can't be, and ``waiting``
    those that will be.
    """

    list_name: str
    version: int
    encounters: int
    hits: int
    same: int
    differ: int
    not_here: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Told:
    """What an event tells of one set."""

    digest: str
    on: date
    mode: Mode
    purposes: tuple[str, ...]
    fields: Mapping[str, Any]
    outcomes: str
    conditions: str


def told(body: Mapping[str, Any]) -> Iterator[tuple[str, int, bool]]:
    """Yield name, version and whether a rule hit, of each set of an event ``risk_evaluated``. Raises ValueError."""
    sets = body.get("sets")
    if not isinstance(sets, list) or len(sets) > MOST_SETS:
        raise ValueError(f"sets: expected a list of at most {MOST_SETS}")
    names = set()
    for one in sets:
        if not isinstance(one, Mapping):
            raise ValueError("sets: expected mappings")  # noqa: TRY004 - a body's shape, not a caller's mistake
        name, version, outcomes = one.get("name"), one.get("version"), one.get("outcomes")
        if not isinstance(name, str) or not 0 < len(name) <= _MOST_NAME or "\x00" in name or name in names:
            raise ValueError("sets: a set has a name of its own")
        if type(version) is not int or not 0 < version <= _MOST_VERSION or not isinstance(outcomes, str):
            raise ValueError("sets: a set has a version and outcomes")
        names.add(name)
        yield name, version, "h" in outcomes


def told_of(body: Mapping[str, Any], list_name: str) -> Told:
    """Return what the body of ``risk_evaluated`` tells of a set. Raises PlainError, KeyError, StopIteration."""
    plain = next(one for one in body["sets"] if one["name"] == list_name)
    fields = plain["fields"]
    if not isinstance(fields, Mapping):
        raise TypeError("fields: expected a mapping")
    return Told(
        digest=from_plain(str, plain["digest"]),
        on=from_plain(date, plain["on"]),
        mode=Mode(plain["mode"]),
        purposes=from_plain(tuple[str, ...], plain["purposes"]),
        fields=fields,
        outcomes=from_plain(str, plain["outcomes"]),
        conditions=from_plain(str, plain["conditions"]),
    )


def note(connection: Connection, place: Mapping[str, Any], encounter_id: str, body: Mapping[str, Any]) -> None:
    """Note the sets of an event at ``place`` (booth, chain, seq), once. Raises ValueError; then none is noted."""
    rows = [
        {"list": name, "version": version, "hit": hit, "encounter_id": encounter_id, "state": Replay.WAITING.value}
        for name, version, hit in told(body)
    ]
    here = (_table.c.booth == place["booth"]) & (_table.c.chain == place["chain"]) & (_table.c.seq == place["seq"])
    if rows and connection.execute(select(_table.c.list).where(here).limit(1)).one_or_none() is None:
        connection.execute(_table.insert(), [{**place, **row} for row in rows])


def waiting(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return evaluations that were not repeated yet, the earliest first."""
    due = select(_table).where(_table.c.state == Replay.WAITING.value)
    return connection.execute(due.order_by(_table.c.booth, _table.c.chain, _table.c.seq).limit(limit)).all()


def close(connection: Connection, row: Row[Any], state: Replay) -> None:
    """Note what came of repeating an evaluation."""
    mine = (_table.c.booth == row.booth) & (_table.c.chain == row.chain) & (_table.c.seq == row.seq)
    connection.execute(update(_table).where(mine, _table.c.list == row.list).values(state=state.value))


def of_encounter(connection: Connection, booth: str, encounter_id: str) -> tuple[int, int] | None:
    """Return chain and number of the last event that tells of rules evaluated in an Encounter; None: of none."""
    mine = select(_table.c.chain, _table.c.seq).where(_table.c.booth == booth, _table.c.encounter_id == encounter_id)
    row = connection.execute(mine.order_by(_table.c.chain.desc(), _table.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else (row.chain, row.seq)


def counted(connection: Connection) -> list[Counted]:
    """Return the counts of all versions that booths evaluated, in order of name and version."""
    by = _table.c.list, _table.c.version
    states: dict[tuple[str, int], dict[str, int]] = {}
    for row in connection.execute(select(*by, _table.c.state, func.count()).group_by(*by, _table.c.state)).all():
        states.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    encounter = _table.c.booth + " " + _table.c.encounter_id  # a booth's name has no blank
    asked = select(*by, func.count(distinct(encounter))).group_by(*by)
    every, hits = (
        {(row[0], row[1]): int(row[2]) for row in connection.execute(one).all()}
        for one in (asked, asked.where(_table.c.hit.is_(True)))
    )
    return [
        Counted(
            name,
            version,
            every[name, version],
            hits.get((name, version), 0),
            *(found.get(state.value, 0) for state in (Replay.SAME, Replay.DIFFERS, Replay.NOT_HERE, Replay.WAITING)),
        )
        for (name, version), found in sorted(states.items())
    ]
