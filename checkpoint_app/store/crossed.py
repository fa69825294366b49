"""Who crossed here, when and how often: read from the projected Encounters, by digests of person and document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.subject_keys import document_key, person_key
from checkpoint_app.wire.plain import from_plain, to_plain

_CROSSED = "disposition IN ('let_pass', 'refer', 'protect') AND decided_at IS NOT NULL"

MOST_FOR_HOURS = 10_000
"""Crossings that tell at which hours people cross: some days of a busy lane, the whole journal of a quiet one."""
_QUARTER_HOUR = "substr(decided_at, 1, 13), CAST(substr(decided_at, 15, 2) AS INTEGER) / 15"
"""Zones differ by whole quarters of an hour: those who crossed within one did so in the same hour, wherever."""


@dataclass(frozen=True, slots=True)
class CrossedRow:
    """One crossing decided here."""

    at: datetime
    entry: bool
    same_person: bool
    same_document: bool


class CrossedHere:
    """The crossings that this booth's journal still tells of; bodies go with the policy's time, and they with them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, document: Mapping[str, Any], before: str = "") -> list[CrossedRow]:
        """Return the crossings of a person, or by a document, newest first; ``before`` names an Encounter left out.

        ``document`` has the fields of a `TravelDocument` in plain form.
        """
        person, paper = person_key(document), document_key(document)
        rows = self._db.rows(
            "SELECT decided_at, direction, person_key, document_key FROM encounters"  # noqa: S608  constants
            f" WHERE {_CROSSED} AND (person_key = ? OR document_key = ?) AND encounter_id <> ?"
            " AND direction IN ('in', 'out') ORDER BY decided_at DESC",
            (person, paper, before),
        )
        return [
            CrossedRow(
                from_plain(datetime, row["decided_at"]),
                row["direction"] == "in",
                person is not None and row["person_key"] == person,
                paper is not None and row["document_key"] == paper,
            )
            for row in rows
        ]

    def other_persons(self, document: Mapping[str, Any]) -> int | None:
        """Return how many others bore the document here; None where person or document is not known."""
        person, paper = person_key(document), document_key(document)
        if person is None or paper is None:
            return None
        counted = "SELECT count(DISTINCT person_key) FROM encounters WHERE document_key = ? AND person_key <> ?"
        return int(self._db.value(f"{counted} AND {_CROSSED}", (paper, person)) or 0)

    def vehicle_crossings(self, plate: str, since: datetime, before: str = "") -> int:
        """Return how many people crossed here in a vehicle since a moment; ``before`` names an Encounter left out."""
        counted = f"SELECT count(*) FROM encounters WHERE vehicle = ? AND {_CROSSED}"  # noqa: S608  constants
        return int(
            self._db.value(f"{counted} AND decided_at >= ? AND encounter_id <> ?", (plate, to_plain(since), before))
        )

    def vehicle_other_persons(self, plate: str, document: Mapping[str, Any], since: datetime) -> int | None:
        """Return how many others crossed here in a vehicle since a moment; None where the person is not known."""
        person = person_key(document)
        if person is None:
            return None
        counted = f"SELECT count(DISTINCT person_key) FROM encounters WHERE vehicle = ? AND {_CROSSED}"  # noqa: S608
        asked = f"{counted} AND decided_at >= ? AND person_key <> ?"
        return int(self._db.value(asked, (plate, to_plain(since), person)))

    def hours(self, zone: tzinfo | None, lane: str) -> Counter[int]:
        """Return how many crossings fell into each hour of the day, by the clock of ``zone`` (None: the machine's).

        Of the latest ``MOST_FOR_HOURS``, which say as much as all.
        """
        rows = self._db.rows(
            f"SELECT min(decided_at) AS at, count(*) AS n FROM (SELECT decided_at FROM encounters WHERE {_CROSSED}"  # noqa: S608
            f" AND lane = ? ORDER BY decided_at DESC LIMIT {MOST_FOR_HOURS}) GROUP BY {_QUARTER_HOUR}",
            (lane,),
        )
        found: Counter[int] = Counter()
        for row in rows:
            found[from_plain(datetime, row["at"]).astimezone(zone).hour] += row["n"]
        return found

    def since(self, now: datetime) -> datetime:
        """Return how far back the journal tells of crossings; ``now`` where of none."""
        oldest = self._db.value(f"SELECT min(decided_at) FROM encounters WHERE {_CROSSED}")  # noqa: S608  constants
        return from_plain(datetime, oldest or to_plain(now))
