"""How far the booth has held each list against its own past Encounters, so that a kill neither skips nor doubles any.

A *pass* is of one version of a list: down from the Encounters of now to the oldest of the days that the policy names,
and up through those that are decided meanwhile on what was answered before. Not of the journal: a list is held again
where this is lost, and what was found is known by its cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.wire.plain import to_plain


@dataclass(frozen=True, slots=True)
class Pass:
    """How far ``version`` of a list is. By their last events, Encounters from ``oldest`` up to ``newest`` are done.

    ``base`` is the version that was held before, whole, against all Encounters below ``base_newest``; 0: none was.
    """

    list_name: str
    version: int
    newest: int
    oldest: int
    base: int = 0
    base_newest: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all Encounters were done, but for those decided since."""
        return self.base == self.version


@dataclass(frozen=True, slots=True)
class Passed:
    """A decided Encounter in short: its last event, and the document as read (plain form, canonical JSON)."""

    encounter_id: str
    last_seq: int
    document: str


@dataclass(frozen=True, slots=True)
class Slice:
    """The next Encounters to hold a list against, and how far the pass is when they are done."""

    encounters: tuple[Passed, ...]
    after: Pass


class Rescreened:
    """The passes of a booth's lists."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, list_name: str) -> Pass | None:
        """Return the pass of a list; None where it was never held."""
        row = self._db.row("SELECT * FROM rescreened WHERE list = ?", (list_name,))
        return None if row is None else _pass(row)

    def begin(self, list_name: str, version: int) -> Pass:
        """Return the pass of this version, begun now where there is none: from the last event on, downwards."""
        before = self.of(list_name)
        if before is not None and before.version == version:
            return before
        start = 1 + (self._db.value("SELECT max(seq) FROM events") or 0)
        begun = Pass(list_name, version, start, start)
        if before is not None and before.base:
            below = before.newest if before.is_whole else before.base_newest
            begun = replace(begun, base=before.base, base_newest=below)
        self.keep(begun)
        return begun

    def keep(self, one: Pass) -> None:
        """Keep how far a pass is, within the transaction of what was found on the way."""
        values = one.list_name, one.version, one.newest, one.oldest, one.base, one.base_newest
        self._db.execute("INSERT OR REPLACE INTO rescreened VALUES (?, ?, ?, ?, ?, ?)", values)

    def next(self, one: Pass, since: datetime, most: int) -> Slice | None:
        """Return at most ``most`` Encounters of the pass that are left, the latest decided first; None where none are.

        ``since`` is the moment before which nobody looks back. A slice may be empty; then the pass is whole after it.
        """
        newer = self._rows("e.last_seq >= ? ORDER BY e.last_seq", one.newest, most)
        if newer:
            return Slice(_decided(newer), replace(one, newest=newer[-1]["last_seq"] + 1))
        older = self._rows("e.last_seq < ? ORDER BY e.last_seq DESC", one.oldest, most)
        limit = to_plain(since)
        due = [row for row in older if row["kept_from"] >= limit]
        if due:
            return Slice(_decided(due), replace(one, oldest=older[-1]["last_seq"]))
        return None if one.is_whole else Slice((), replace(one, base=one.version))

    def _rows(self, condition: str, seq: int, most: int) -> Sequence[Mapping[str, Any]]:
        return self._db.rows(
            "SELECT e.encounter_id, e.last_seq, e.document, k.kept_from FROM encounters e"  # noqa: S608  constants
            f" JOIN body_keys k ON k.seq = e.last_seq WHERE e.state = 'closed' AND {condition} LIMIT ?",
            (seq, most),
        )


def _decided(rows: Sequence[Mapping[str, Any]]) -> tuple[Passed, ...]:
    return tuple(Passed(row["encounter_id"], row["last_seq"], row["document"]) for row in rows if row["document"])


def _pass(row: Mapping[str, Any]) -> Pass:
    return Pass(row["list"], row["version"], row["newest"], row["oldest"], row["base"], row["base_newest"])
