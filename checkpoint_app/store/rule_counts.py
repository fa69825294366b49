"""What rules came to here, an Encounter a row, and which of them may only inform: read to judge the rules themselves.

Outcomes are a letter a rule, in the set's order (``risk_evaluated``): hit, clear, unknown, not in force; which rule has
which place is kept for each set that was ever loaded. Of an Encounter that was examined more than once its last
examination counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, text
from checkpoint_app.store.inspections import AWAITED
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain, to_plain

_LAST = "NOT EXISTS (SELECT 1 FROM rule_evaluations l WHERE l.encounter_id = e.encounter_id AND l.seq > e.seq)"
_RESULT = "(SELECT result FROM inspection_results i WHERE i.encounter_id = e.encounter_id ORDER BY i.seq DESC LIMIT 1)"
_SELECTED = "SELECT DISTINCT encounter_id FROM draws WHERE selected = 1"


@dataclass(frozen=True, slots=True)
class EvaluatedRow:
    """What one set came to for one Encounter; ``result`` is of its inspection, None where there is none yet.

    ``awaits``: it was sent to one whose result nobody has told.
    """

    at: datetime
    version: int
    digest: str
    outcomes: str
    result: str | None = None
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class SuspendedRule:
    """A rule that informs only: its set, id and version, and why."""

    rule_set: str
    rule: str
    version: int
    why: str


class RuleCounts:
    """Only the journal writes the rows; everybody may read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def evaluated(self, rule_set: str, since: datetime, most: int = -1) -> list[EvaluatedRow]:
        """Return what a set came to since a moment, newest first, of at most ``most`` Encounters that asked it."""
        rows = self._db.rows(
            f"SELECT e.at, e.sets, {_RESULT} AS result, x.disposition FROM rule_evaluations e"  # noqa: S608  constants
            " LEFT JOIN encounters x ON x.encounter_id = e.encounter_id"
            f" WHERE e.at >= ? AND {_LAST} AND instr(e.sets, ?) ORDER BY e.at DESC, e.seq DESC LIMIT ?",
            (to_plain(since), f"[{json.dumps(rule_set)}, ", most),
        )
        return _of_set(rows, rule_set)

    def inspected(self, rule_set: str, since: datetime) -> list[EvaluatedRow]:
        """Return what a set came to for those alone whose inspection has a result."""
        rows = self._db.rows(
            f"SELECT e.at, e.sets, {_RESULT} AS result, NULL AS disposition FROM rule_evaluations e"  # noqa: S608
            " WHERE e.encounter_id IN (SELECT encounter_id FROM inspection_results)"
            f" AND +e.at >= ? AND {_LAST} AND instr(e.sets, ?) ORDER BY e.seq DESC",
            (to_plain(since), f"[{json.dumps(rule_set)}, "),
        )
        return _of_set(rows, rule_set)

    def lot_results(self, since: datetime) -> dict[str, int]:
        """Return what inspections found among those whom the lot chose, by result."""
        rows = self._db.rows(
            f"SELECT r.result, count(*) AS n FROM ({_RESULTS}) r"  # noqa: S608  constants
            f" WHERE r.encounter_id IN ({_SELECTED}) AND r.at >= ? GROUP BY r.result",
            (to_plain(since),),
        )
        return {row["result"]: row["n"] for row in rows}

    def keep_order(self, digest: str, rules: Sequence[tuple[str, int]]) -> None:
        """Keep which rules (id and version) a set has, in its order; ``digest`` names it as the events do."""
        self._db.execute("INSERT OR IGNORE INTO rule_orders VALUES (?, ?)", (digest, json.dumps(list(rules))))

    def order(self, digest: str) -> list[tuple[str, int]]:
        """Return the rules of a set in their order; empty where it was never loaded here."""
        found = self._db.value("SELECT rules FROM rule_orders WHERE digest = ?", (digest,))
        return [(rule, version) for rule, version in json.loads(found)] if found else []

    def suspended(self) -> list[SuspendedRule]:
        """Return the rules that inform only: those whose last word is that they are suspended."""
        rows = self._db.rows(
            "SELECT rule_set, rule, version, why, suspended FROM rule_standings WHERE seq IN"
            " (SELECT max(seq) FROM rule_standings GROUP BY rule_set, rule, version) ORDER BY seq"
        )
        return [
            SuspendedRule(row["rule_set"], row["rule"], row["version"], row["why"]) for row in rows if row["suspended"]
        ]


_RESULTS = (
    "SELECT encounter_id, result, at FROM inspection_results"
    " WHERE seq IN (SELECT max(seq) FROM inspection_results GROUP BY encounter_id)"
)


def _of_set(rows: list[dict[str, Any]], rule_set: str) -> list[EvaluatedRow]:
    found = []
    for row in rows:
        at = from_plain(datetime, row["at"])
        awaits = row["result"] is None and row["disposition"] in AWAITED
        found += [
            EvaluatedRow(at, version, digest, outcomes, row["result"], awaits)
            for name, version, digest, outcomes in json.loads(row["sets"])
            if name == rule_set
        ]
    return found


def rule_row(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement and values of an event of rules; None for any other, or one without sense."""
    body = happening.body
    if happening.kind is EventKind.RISK_EVALUATED:
        name, sets = text(body, "encounter_id"), body.get("sets")
        told = [one for each in sets if (one := _set_of(each)) is not None] if isinstance(sets, list) else []
        if name is None or not told:
            return None
        values = (happening.seq, name, happening.at, json.dumps(told))
        return "INSERT INTO rule_evaluations VALUES (?, ?, ?, ?)", values
    if happening.kind not in (EventKind.RULE_SUSPENDED, EventKind.RULE_RESUMED):
        return None
    rule_set, rule, version = text(body, "set"), text(body, "rule"), body.get("version")
    if rule_set is None or rule is None or type(version) is not int:
        return None
    suspended = int(happening.kind is EventKind.RULE_SUSPENDED)
    standing = (happening.seq, rule_set, rule, version, suspended, text(body, "why") or "")
    return "INSERT INTO rule_standings VALUES (?, ?, ?, ?, ?, ?)", standing


def _set_of(each: Any) -> tuple[str, int, str, str] | None:
    if not isinstance(each, Mapping):
        return None
    name, version, digest, outcomes = (each.get(key) for key in ("name", "version", "digest", "outcomes"))
    if isinstance(name, str) and type(version) is int and isinstance(digest, str) and isinstance(outcomes, str):
        return name, version, digest, outcomes
    return None
