"""Tables that the screen reads, made from the journal: written in the event's own transaction, rebuilt at will.

Each row stands for one event, or is the fold of one Encounter's events (`encounter_row`). So forgetting an erased body
touches those rows alone, and gives exactly what a rebuild without that body would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.cases import take_case
from checkpoint_app.store.connection import Database
from checkpoint_app.store.crossed_goods import take_goods
from checkpoint_app.store.draws import draw_row
from checkpoint_app.store.encounter_row import (
    COLUMNS,
    EncounterRow,
    Happening,
    encounter_id,
    fold,
    officer_id,
    step,
    text,
)
from checkpoint_app.store.inspections import result_row
from checkpoint_app.store.line_history import line_row
from checkpoint_app.store.migrations import REBUILD_DUE
from checkpoint_app.store.rule_counts import rule_row
from checkpoint_app.store.subject_keys import cleared_key, document_key, person_key
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

_BY_SEQ = (
    "encounter_events",
    "sign_ins",
    "crossings",
    "cleared_pairs",
    "case_events",
    "line_events",
    "drill_events",
    "inspection_results",
    "draw_commits",
    "draws",
    "rule_evaluations",
    "rule_standings",
    "goods_marks",
)
TABLES = ("encounters", *_BY_SEQ)
_HERE = "disposition IN ('let_pass', 'refer', 'protect')"  # a withdrawn Encounter was nobody's crossing
_GOODS = "disposition IN ('release', 'document_check', 'scan', 'opened')"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The last sign-in or sign-out: officer's id, time (UTC text), and which of the two it was."""

    officer: str
    at: str
    signed_in: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """The direction and lane last set, and what the lane serves (people, cargo)."""

    direction: str
    lane: str
    at: str
    kind: str = "people"


@dataclass(frozen=True, slots=True)
class History:
    """What this booth knows of a traveller: how often seen, and the last entry and exit decided here."""

    times: int
    last: EncounterRow | None
    last_entry: EncounterRow | None
    last_exit: EncounterRow | None


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Encounters decided since a moment: all but withdrawn ones, those referred, those decided on incomplete advice;
    consignments by themselves, and those of them that were inspected.
    """

    persons: int
    referred: int
    incomplete: int
    consignments: int = 0
    inspected: int = 0


class Projections:
    """The projected tables. Only the journal writes them; everybody may read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- reading -------------------------------------------------------------------------------------------------

    def encounter(self, name: str) -> EncounterRow | None:
        """Return the Encounter with this id, or None."""
        return self._encounter("encounter_id = ?", name)

    def open_encounter(self) -> EncounterRow | None:
        """Return the Encounter that waits for a disposition, the latest touched where there are several; or None."""
        return self._encounter("state <> 'closed' ORDER BY last_seq DESC")

    def open_encounters(self) -> list[EncounterRow]:
        """Return all Encounters that wait for a disposition, the latest touched first."""
        return self._encounters("state <> 'closed' ORDER BY last_seq DESC")

    def last_decided(self) -> EncounterRow | None:
        """Return the Encounter decided last and not open again, or None."""
        return self._encounter("state = 'closed' AND +decided_at IS NOT NULL ORDER BY last_seq DESC")

    def events_of(self, name: str) -> list[int]:
        """Return the sequence numbers of the Encounter's events whose bodies remain, in order."""
        rows = self._db.rows("SELECT seq FROM encounter_events WHERE encounter_id = ? ORDER BY seq", (name,))
        return [row["seq"] for row in rows]

    def recent(self, limit: int = 20) -> list[EncounterRow]:
        """Return the latest Encounters, newest first."""
        return self._encounters("1 ORDER BY first_seq DESC LIMIT ?", limit)

    def history(self, document: Mapping[str, Any], before: str = "") -> History:
        """Return what was decided here about this document or person; ``before`` names an Encounter to leave out.

        ``document`` has the fields of a TravelDocument in plain form.
        """
        of_subject = f"(document_key = ? OR person_key = ?) AND {_HERE} AND encounter_id <> ?"
        params = (document_key(document), person_key(document), before)
        times = self._db.value(f"SELECT count(*) FROM encounters WHERE {of_subject}", params)  # noqa: S608
        last = f"{of_subject} {{}} ORDER BY last_seq DESC"
        return History(
            times,
            self._encounter(last.format(""), *params),
            self._encounter(last.format("AND direction IN ('in', 'entry')"), *params),
            self._encounter(last.format("AND direction IN ('out', 'exit')"), *params),
        )

    def day_counts(self, since: datetime) -> DayCounts:
        """Count the Encounters decided at or after ``since`` (with a time zone: the booth's own midnight)."""
        row = self._db.row(
            "SELECT count(*) AS persons, count(*) FILTER (WHERE disposition = 'refer') AS referred,"  # noqa: S608
            f" count(*) FILTER (WHERE advice = 'incomplete') AS incomplete FROM encounters WHERE {_HERE}"
            " AND decided_at >= ?",
            (to_plain(since),),
        )
        goods = self._db.row(
            "SELECT count(*) AS consignments, count(*) FILTER (WHERE disposition <> 'release') AS inspected"  # noqa: S608
            f" FROM encounters WHERE {_GOODS} AND decided_at >= ?",
            (to_plain(since),),
        )
        return DayCounts(**(row or {}), **(goods or {}))

    def last_sign_in(self) -> SignIn | None:
        """Return the last sign-in or sign-out, or None before the first."""
        row = self._db.row("SELECT officer, at, signed_in FROM sign_ins ORDER BY seq DESC LIMIT 1")
        return None if row is None else SignIn(row["officer"], row["at"], bool(row["signed_in"]))

    def crossing(self) -> Crossing | None:
        """Return the direction and lane last set, or None before the first."""
        row = self._db.row("SELECT direction, lane, at, kind FROM crossings ORDER BY seq DESC LIMIT 1")
        return None if row is None else Crossing(**row)

    # -- writing: the journal's part --------------------------------------------------------------------------------

    def apply(self, happening: Happening) -> None:
        """Take in one event, inside the transaction that records it."""
        if (name := encounter_id(happening)) is not None:
            self._db.execute("INSERT INTO encounter_events VALUES (?, ?)", (happening.seq, name))
            if (row := step(self.encounter(name), happening)) is not None:
                self._put(row)
        if (insert := _row_of(happening)) is not None:
            self._db.execute(*insert)
        take_case(self._db, happening)
        take_goods(self._db, happening)

    def forget(self, seq: int) -> str | None:
        """Remove what event ``seq`` alone said; returns the Encounter that must be folded anew, or None."""
        name: str | None = self._db.value("SELECT encounter_id FROM encounter_events WHERE seq = ?", (seq,))
        for table in _BY_SEQ:
            self._db.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608  a constant
        if name is not None:
            self._db.execute("DELETE FROM encounters WHERE encounter_id = ?", (name,))
        return name

    def refold(self, happenings: Iterable[Happening]) -> None:
        """Write one Encounter's row anew from the events that remain of it."""
        if (row := fold(happenings)) is not None:
            self._put(row)

    def rebuild(self, happenings: Iterable[Happening]) -> None:
        """Make all tables anew from the whole journal, in one transaction."""
        with self._db.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  a constant
            for happening in happenings:
                self.apply(happening)
            self._db.execute("DELETE FROM meta WHERE name = ?", (REBUILD_DUE,))

    def rebuild_is_due(self) -> bool:
        """Tell whether a migration changed a projection since the tables were last built."""
        return self._db.value("SELECT 1 FROM meta WHERE name = ?", (REBUILD_DUE,)) is not None

    def _put(self, row: EncounterRow) -> None:
        marks = ", ".join("?" for _ in COLUMNS)
        values = [getattr(row, name) for name in COLUMNS]
        self._db.execute(f"INSERT OR REPLACE INTO encounters VALUES ({marks})", values)  # noqa: S608

    def _encounter(self, condition: str, *params: Any) -> EncounterRow | None:
        return next(iter(self._encounters(f"{condition} LIMIT 1", *params)), None)

    def _encounters(self, condition: str, *params: Any) -> list[EncounterRow]:
        rows = self._db.rows(f"SELECT * FROM encounters WHERE {condition}", params)  # noqa: S608  constant conditions
        return [EncounterRow(**row) for row in rows]


def _row_of(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement and values for an event that makes one row of its own; None for any other."""
    kind, body, seq, at = happening.kind, happening.body, happening.seq, happening.at
    if kind in (EventKind.SIGNED_IN, EventKind.SIGNED_OUT):
        officer = officer_id(body) or ""
        return "INSERT INTO sign_ins VALUES (?, ?, ?, ?)", (seq, officer, at, int(kind is EventKind.SIGNED_IN))
    if kind is EventKind.CROSSING_CHANGED:
        direction, lane = text(body, "direction") or "", text(body, "lane") or ""
        kind_of = text(body, "kind") or "people"
        return "INSERT INTO crossings VALUES (?, ?, ?, ?, ?)", (seq, direction, lane, at, kind_of)
    if kind is EventKind.NOT_SAME_PERSON:
        return _cleared_pair(happening)
    return line_row(happening) or result_row(happening) or draw_row(happening) or rule_row(happening)


def _cleared_pair(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """A decision that lacks a part, or whose end is no moment, clears nothing."""
    body = happening.body
    person = body.get("person")
    parts = [text(body, name) for name in ("list", "entry_id", "entry_digest", "until")]
    key = cleared_key(person) if isinstance(person, Mapping) else None
    if key is None or None in parts:
        return None
    try:
        from_plain(datetime, parts[-1])
    except PlainError:
        return None
    values = (happening.seq, key, *parts, happening.at, text(body, "supervisor") or "")
    return "INSERT INTO cleared_pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
