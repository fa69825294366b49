"""The lot's seeds, and what was drawn: numbers come from the journal, so that none is left out or given twice.

A seed rests here from when it comes until it is revealed. What was committed to, drawn and revealed are rows of the
journal's events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, text
from checkpoint_app.wire.event import EventKind

CENTRE, LOCAL = "centre", "local"


@dataclass(frozen=True, slots=True)
class SeedRow:
    """A seed of a local day, and where it is from: the centre, or this booth where none had come."""

    commit: str
    day: date
    seed: bytes
    source: str


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One passage of the lot. ``rate`` is in millionths."""

    encounter_id: str
    lane: str
    day: date
    number: int
    commit: str
    rate: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """A commitment that was written down for a lane and a day."""

    lane: str
    day: date
    commit: str


class Draws:
    """The lot of a booth. Rows of events are written by the journal alone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.asked_at: datetime | None = None
        """When the centre was last asked for seeds, in this run."""

    def keep(self, one: SeedRow) -> bool:
        """Keep a seed; tells whether it is new. One that was revealed never comes back."""
        known = self._db.value("SELECT 1 FROM draw_seeds WHERE commitment = ?", (one.commit,))
        if known is not None or self._is_revealed(one.commit):
            return False
        values = (one.commit, one.day.isoformat(), one.seed, one.source)
        self._db.execute("INSERT INTO draw_seeds VALUES (?, ?, ?, ?)", values)
        return True

    def seed(self, day: date, lane: str) -> SeedRow | None:
        """Return the seed of a day: the one that its lane is drawn by already, else the centre's, else a local one."""
        row = self._db.row(
            "SELECT s.* FROM draw_seeds s LEFT JOIN draw_commits c ON c.commitment = s.commitment AND c.lane = ?"
            " WHERE s.day = ? AND NOT EXISTS"
            " (SELECT 1 FROM draw_commits r WHERE r.commitment = s.commitment AND r.revealed = 1)"
            " ORDER BY c.seq IS NULL, s.source LIMIT 1",
            (lane, day.isoformat()),
        )
        return None if row is None else _seed(row)

    def seeds(self, day: date) -> list[SeedRow]:
        """Return all seeds of a day that are kept."""
        return [_seed(row) for row in self._db.rows("SELECT * FROM draw_seeds WHERE day = ?", (day.isoformat(),))]

    def lanes(self, commit: str) -> list[str]:
        """Return the lanes that were committed to a seed, and have not seen it."""
        rows = self._db.rows(
            "SELECT lane FROM draw_commits WHERE commitment = ? GROUP BY lane HAVING max(revealed) = 0 ORDER BY lane",
            (commit,),
        )
        return [row["lane"] for row in rows]

    def seed_of(self, commit: str) -> SeedRow | None:
        """Return the seed of a commitment, as long as it is kept."""
        row = self._db.row("SELECT * FROM draw_seeds WHERE commitment = ?", (commit,))
        return None if row is None else _seed(row)

    def last_day(self) -> date | None:
        """Return the last day for which the centre has sent a seed; None where there is none."""
        found = self._db.value("SELECT max(day) FROM draw_seeds WHERE source = ?", (CENTRE,))
        return date.fromisoformat(found) if found else None

    def forget(self, commit: str) -> None:
        """Let a seed go that was revealed for all its lanes."""
        self._db.execute("DELETE FROM draw_seeds WHERE commitment = ?", (commit,))

    def forget_before(self, day: date) -> None:
        """Let seeds of earlier days go by which nothing was drawn."""
        self._db.execute(
            "DELETE FROM draw_seeds WHERE day < ? AND commitment NOT IN (SELECT commitment FROM draw_commits)",
            (day.isoformat(),),
        )

    def drawn(self, encounter_id: str) -> DrawRow | None:
        """Return what was drawn for an Encounter; None where nothing was."""
        row = self._db.row("SELECT * FROM draws WHERE encounter_id = ? ORDER BY seq LIMIT 1", (encounter_id,))
        return None if row is None else _draw(row)

    def carried(self, one: DrawRow) -> DrawRow | None:
        """Return the drawn passage of the same lane and day that ``one`` only begins again; None where there is none.

        Who was drawn, and whose Encounter was then withdrawn or left open, is still drawn when the same person,
        document or consignment is read again: until they have been decided on.
        """
        row = self._db.row(_CARRIED, {"mine": one.encounter_id, "lane": one.lane, "day": one.day.isoformat()})
        return None if row is None else _draw(row)

    def next_number(self, lane: str, day: date) -> int:
        """Return the number of the next passage of a lane and day, from 1."""
        last = self._db.value("SELECT max(number) FROM draws WHERE lane = ? AND day = ?", (lane, day.isoformat()))
        return (last or 0) + 1

    def is_committed(self, one: Committed) -> bool:
        """Tell whether the journal has the commitment."""
        values = (one.lane, one.day.isoformat(), one.commit)
        asked = "SELECT 1 FROM draw_commits WHERE lane = ? AND day = ? AND commitment = ?"
        return self._db.value(asked, values) is not None

    def to_reveal(self, before: date) -> list[Committed]:
        """Return the commitments of days before ``before`` that are not revealed."""
        rows = self._db.rows(
            "SELECT lane, day, commitment FROM draw_commits c WHERE revealed = 0 AND day < ? AND NOT EXISTS (SELECT 1"
            " FROM draw_commits r WHERE r.revealed = 1 AND r.commitment = c.commitment AND r.lane = c.lane)"
            " ORDER BY seq",
            (before.isoformat(),),
        )
        return [Committed(row["lane"], date.fromisoformat(row["day"]), row["commitment"]) for row in rows]

    def _is_revealed(self, commit: str) -> bool:
        asked = "SELECT 1 FROM draw_commits WHERE commitment = ? AND revealed = 1"
        return self._db.value(asked, (commit,)) is not None


_SAME = """({0}.document_key = me.document_key OR {0}.person_key = me.person_key
    OR {0}.consignment = me.consignment AND me.consignment <> '')"""
_CARRIED = f"""
SELECT d.* FROM draws d CROSS JOIN encounters me CROSS JOIN encounters x -- the day's drawn ones are few
WHERE me.encounter_id = :mine AND x.encounter_id = d.encounter_id
AND d.lane = :lane AND d.day = :day AND d.selected = 1 AND d.encounter_id <> :mine
AND coalesce(x.disposition, 'withdrawn') = 'withdrawn' AND {_SAME.format("x")}
AND NOT EXISTS (
    SELECT 1 FROM draws e CROSS JOIN encounters y
    WHERE y.encounter_id = e.encounter_id
    AND e.lane = :lane AND e.day = :day AND e.seq > d.seq AND e.encounter_id <> :mine
    AND y.disposition <> 'withdrawn' AND {_SAME.format("y")}
)
ORDER BY d.seq LIMIT 1
"""  # noqa: S608  constants


def _seed(row: Mapping[str, Any]) -> SeedRow:
    return SeedRow(row["commitment"], date.fromisoformat(row["day"]), row["seed"], row["source"])


def _draw(row: Mapping[str, Any]) -> DrawRow:
    day, selected = date.fromisoformat(row["day"]), bool(row["selected"])
    return DrawRow(row["encounter_id"], row["lane"], day, row["number"], row["commitment"], row["rate"], selected)


def draw_row(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement and values of an event of the lot; None for any other, or one without sense."""
    body = happening.body
    lane, day, commit = text(body, "lane"), _day(body.get("day")), text(body, "commit")
    if lane is None or day is None or commit is None:
        return None
    if happening.kind in (EventKind.DRAW_COMMITTED, EventKind.DRAW_REVEALED):
        revealed = int(happening.kind is EventKind.DRAW_REVEALED)
        return "INSERT INTO draw_commits VALUES (?, ?, ?, ?, ?)", (happening.seq, lane, day, commit, revealed)
    name, number, rate = text(body, "encounter_id"), body.get("number"), body.get("rate")
    if happening.kind is not EventKind.ENCOUNTER_DRAWN or name is None:
        return None
    if type(number) is not int or type(rate) is not int or type(body.get("selected")) is not bool:
        return None
    values = (happening.seq, name, lane, day, number, commit, rate, int(body["selected"]))
    return "INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values


def _day(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None
