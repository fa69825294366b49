"""When the booth had no line, and its drills, as the journal tells: a row an event, and outages as their fold.

How long an outage lasted is told by the monotonic clock where the booth ran through it (``lasted_s``): a clock that was
wrong while there was no line is put right when the line comes back, and would make the outage longer or shorter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, text
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

UP, DOWN = "up", "down"
DRILL = "drill"
"""The reason of a line that was cut on purpose."""
KEPT = timedelta(days=366)
"""How long a booth remembers its outages and drills, whatever the policy says of people."""
_LONGEST_S = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class LineChange:
    """A change of the line that held: ``since`` by trusted time (UTC), ``lasted_s`` of what stood before."""

    seq: int
    state: str
    reason: str
    since: datetime
    lasted_s: int | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without a line, in UTC; ``end`` is None as long as it lasts. ``reason`` is a `LineCode`, or ``drill``."""

    begin: datetime
    end: datetime | None
    reason: str

    @property
    def is_drill(self) -> bool:
        """Whether the line was cut on purpose."""
        return self.reason == DRILL

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it lasted, or has lasted until ``now``."""
        return max(timedelta(0), (self.end or now) - self.begin)


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A drill as the journal tells of it; ``ended`` is the body of `drill_ended`, None before that.

    ``decided`` are the Encounters decided between both events, ``late`` those of them that are a case by now.
    """

    seq: int
    at: datetime
    begun: Mapping[str, Any]
    ended: Mapping[str, Any] | None
    decided: tuple[str, ...]
    late: int


class LineHistory:
    """The outages and drills of a booth. Only the journal writes them; everybody may read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def changes(self) -> list[LineChange]:
        """Return the changes of the line, in the order of the journal."""
        return [_change(row) for row in self._db.rows("SELECT * FROM line_events ORDER BY seq")]

    def last(self) -> LineChange | None:
        """Return the last change, None before the first."""
        row = self._db.row("SELECT * FROM line_events ORDER BY seq DESC LIMIT 1")
        return None if row is None else _change(row)

    def outages(self, now: datetime) -> list[Outage]:
        """Return the times without a line, drills among them, in the order of the journal."""
        return outages(self.changes(), now)

    def last_drill(self) -> DrillRow | None:
        """Return the drill begun last, None before the first."""
        begun = self._db.row("SELECT seq, at, body FROM drill_events WHERE begun = 1 ORDER BY seq DESC LIMIT 1")
        if begun is None:
            return None
        ended = self._db.row("SELECT seq, body FROM drill_events WHERE begun = 0 AND seq > ?", (begun["seq"],))
        body = None if ended is None else dict(json.loads(ended["body"]))
        names = self.decided_since(begun["seq"], _last_seq(body))
        return DrillRow(
            seq=begun["seq"],
            at=from_plain(datetime, begun["at"]),
            begun=dict(json.loads(begun["body"])),
            ended=body,
            decided=names,
            late=self._late(names),
        )

    def decided_since(self, seq: int, until: int | None = None) -> tuple[str, ...]:
        """Return the Encounters decided after event ``seq`` up to ``until``, in order; not those withdrawn."""
        rows = self._db.rows(
            "SELECT encounter_id FROM encounters WHERE state = 'closed' AND last_seq > ?"
            " AND (? IS NULL OR last_seq <= ?) AND disposition IN ('let_pass', 'refer', 'protect') ORDER BY last_seq",
            (seq, until, until),
        )
        return tuple(row["encounter_id"] for row in rows)

    def _late(self, names: Iterable[str]) -> int:
        which = "encounter_id IN (SELECT value FROM json_each(?))"
        found = f"SELECT count(DISTINCT encounter_id) FROM case_events WHERE {which}"  # noqa: S608  constants
        return int(self._db.value(found, (json.dumps(list(names)),)) or 0)


def _change(row: Mapping[str, Any]) -> LineChange:
    return LineChange(row["seq"], row["state"], row["reason"], from_plain(datetime, row["since"]), row["lasted_s"])


def outages(changes: Iterable[LineChange], now: datetime) -> list[Outage]:
    """Fold changes, in the order of the journal, into outages; the last one may still last."""
    found: list[Outage] = []
    down: LineChange | None = None
    for change in changes:
        if down is not None:
            found.append(_ended(down, change))
        down = change if change.state == DOWN else None
    if down is not None:
        found.append(Outage(min(down.since, now), None, down.reason))
    return found


def _ended(down: LineChange, change: LineChange) -> Outage:
    if change.lasted_s is not None:
        return Outage(change.since - timedelta(seconds=change.lasted_s), change.since, down.reason)
    return Outage(min(down.since, change.since), change.since, down.reason)


def line_row(happening: Happening) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement and values of an event of the line or a drill; None for any other, or one without sense."""
    body = happening.body
    if happening.kind in (EventKind.DRILL_BEGUN, EventKind.DRILL_ENDED):
        begun = int(happening.kind is EventKind.DRILL_BEGUN)
        told = json.dumps(body, sort_keys=True)
        return "INSERT INTO drill_events VALUES (?, ?, ?, ?)", (happening.seq, happening.at, begun, told)
    if happening.kind is not EventKind.LINE_CHANGED or body.get("state") not in (UP, DOWN):
        return None
    since, lasted = body.get("since"), body.get("lasted_s")
    lasted = lasted if type(lasted) is int and 0 <= lasted <= _LONGEST_S else None
    values = (happening.seq, body["state"], text(body, "reason") or "", _moment(since) or happening.at, lasted)
    return "INSERT INTO line_events VALUES (?, ?, ?, ?, ?)", values


def _moment(value: Any) -> str | None:
    """Return ``value`` where it is a moment in its one plain form."""
    try:
        return str(to_plain(from_plain(datetime, value)))
    except PlainError:
        return None


def _last_seq(ended: Mapping[str, Any] | None) -> int | None:
    value = None if ended is None else ended.get("up_to")
    return value if type(value) is int else None
