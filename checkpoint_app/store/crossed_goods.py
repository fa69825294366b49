"""Which goods crossed here, when and how often: found by digests of container, consignee and plate.

The rows are made of the readings of Encounters of goods, and go with their bodies. Of an Encounter that was read more
than once its last reading counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, encounter_id
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.goods import GoodsCounted, GoodsMarks, marks_of
from checkpoint_app.wire.plain import from_plain, to_plain

NOTHING_FOUND = ("nothing", "data_error")
"""Results of inspections that found nothing with the goods."""
_READING, _CONTAINER, _CONSIGNEE, _VEHICLE = "reading", "container", "consignee", "vehicle"
_READS = (EventKind.ENCOUNTER_READ, EventKind.ENCOUNTER_CORRECTED)
_CROSSED = (
    "x.disposition IN ('release', 'document_check', 'scan', 'opened', 'refer', 'protect') AND x.decided_at IS NOT NULL"
)
_BEFORE = (
    "g.mark = ? AND g.seq = (SELECT max(l.seq) FROM goods_marks l WHERE l.encounter_id = g.encounter_id)"  # noqa: S608
    f" AND {_CROSSED} AND x.decided_at >= ? AND x.encounter_id <> ?"
)
_ELSEWHERE = (
    f"FROM goods_marks g JOIN encounters x ON x.encounter_id = g.encounter_id WHERE {_BEFORE} AND g.passage <> ?"
)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a count is of: crossings since a moment, but one Encounter and all that came with its manifest."""

    since: str
    but: str
    passage: str

    def of(self, mark: bytes) -> tuple[str, ...]:
        """Return the values that ``_ELSEWHERE`` asks for."""
        return _digest(mark), self.since, self.but, self.passage


class CrossedGoods:
    """The crossings of goods that this booth's journal still tells of. Each method may raise the disk's StoreErrors."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def counted(self, marks: GoodsMarks, since: datetime, before: str = "") -> GoodsCounted:
        """Return how often these goods crossed here since a moment; ``before`` names an Encounter left out."""
        asked = _Before(to_plain(since), before, marks.passage or before)
        own = marks.consignee
        told = None if own is None else self._results(own, asked)
        return GoodsCounted(
            equipment=_most(marks, lambda one: self._times(one, asked)),
            other_consignees=None if own is None else _most(marks, lambda one: self._others(one, own, asked)),
            consignee=None if own is None else self._times(own, asked),
            inspections=None if told is None else told[0],
            finds=None if told is None else told[1],
            imported=None if own is None else self._imported(replace(asked, since="").of(own)),
            vehicle=None if marks.vehicle is None else self._times(marks.vehicle, asked),
        )

    def since(self, now: datetime) -> datetime:
        """Return how far back the journal tells of goods; ``now`` where of none."""
        oldest = self._db.value(
            f"SELECT min(x.decided_at) FROM encounters x WHERE x.consignment IS NOT NULL AND {_CROSSED}"  # noqa: S608
        )
        return from_plain(datetime, oldest or to_plain(now))

    def _times(self, mark: bytes, asked: _Before) -> int:
        return int(self._db.value(f"SELECT count(DISTINCT g.passage) {_ELSEWHERE}", asked.of(mark)))

    def _others(self, container: bytes, own: bytes, asked: _Before) -> int:
        """Count the other consignees that a container came for."""
        others = (
            "SELECT count(DISTINCT c.mark) FROM goods_marks c JOIN"  # noqa: S608  constants
            f" (SELECT g.seq {_ELSEWHERE}) f ON f.seq = c.seq WHERE c.kind = ? AND c.mark <> ?"
        )
        return int(self._db.value(others, (*asked.of(container), _CONSIGNEE, _digest(own))))

    def _results(self, consignee: bytes, asked: _Before) -> tuple[int, int]:
        """Count the inspections of a consignee's goods whose result was told, and those that found something."""
        rows = self._db.rows(
            "SELECT r.result FROM inspection_results r"  # noqa: S608  constants
            " CROSS JOIN goods_marks g ON g.encounter_id = r.encounter_id"  # results are few: from them, never to them
            " JOIN encounters x ON x.encounter_id = g.encounter_id WHERE r.seq ="
            f" (SELECT max(n.seq) FROM inspection_results n WHERE n.encounter_id = r.encounter_id) AND {_BEFORE}",
            (_digest(consignee), asked.since, asked.but),
        )
        return len(rows), sum(row["result"] not in NOTHING_FOUND for row in rows)

    def _imported(self, asked: tuple[str, ...]) -> bool:
        came_in = f"SELECT 1 {_ELSEWHERE} AND x.direction = 'in' AND x.disposition = 'release' LIMIT 1"
        return self._db.value(came_in, asked) is not None


def take_goods(db: Database, happening: Happening) -> None:
    """Write what the goods of a reading are found by, inside the transaction that records it."""
    name = encounter_id(happening)
    marks = marks_of(happening.body) if happening.kind in _READS else None
    if marks is None or name is None:
        return
    rows: list[tuple[str, bytes | None]] = [(_READING, b"")]
    rows += [(_CONTAINER, one) for one in marks.containers]
    rows += [(_CONSIGNEE, marks.consignee), (_VEHICLE, marks.vehicle)]
    for kind, mark in rows:
        if mark is not None:
            row: tuple[Any, ...] = (happening.seq, name, marks.passage or name, kind, _digest(mark) if mark else "")
            db.execute("INSERT INTO goods_marks VALUES (?, ?, ?, ?, ?)", row)


def _most(marks: GoodsMarks, count: Callable[[bytes], int]) -> int | None:
    return max(map(count, marks.containers), default=None)


def _digest(mark: bytes) -> str:
    return hashlib.sha256(mark).hexdigest()[:32]
