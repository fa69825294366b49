"""Inspections and referrals whose result nobody has told yet: read from projections that the journal writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import EncounterRow, Happening, text
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain

AWAITED = ("refer", "document_check", "scan", "opened")
"""The dispositions after which somebody looks, and finds something or nothing."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """An Encounter that was sent to an inspection: which, when it was decided, and who or what it is about."""

    row: EncounterRow
    decided_at: datetime


class Inspections:
    """What was inspected or referred here. Only the journal writes it; everybody may read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def awaited(self, limit: int = 1_000) -> list[Awaited]:
        """Return the Encounters without a result, the oldest first."""
        marks = ", ".join("?" for _ in AWAITED)
        rows = self._db.rows(
            f"SELECT * FROM encounters x WHERE disposition IN ({marks}) AND state = 'closed' AND decided_at IS NOT NULL"  # noqa: S608
            " AND NOT EXISTS (SELECT 1 FROM inspection_results r WHERE r.encounter_id = x.encounter_id)"
            " ORDER BY decided_at LIMIT ?",
            (*AWAITED, limit),
        )
        return [Awaited(EncounterRow(**row), from_plain(datetime, row["decided_at"])) for row in rows]


def result_row(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement and values for an inspection's result; None for any other event."""
    if happening.kind is not EventKind.INSPECTION_RESULT:
        return None
    name, result = text(happening.body, "encounter_id"), text(happening.body, "result")
    if name is None or result is None:
        return None
    return "INSERT INTO inspection_results VALUES (?, ?, ?, ?)", (happening.seq, name, result, happening.at)
