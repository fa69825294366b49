"""A year without and with a line, day by day, as window and command draw it. Pure.

A day is one of the booth's own time zone: of 23 or 25 hours where its clocks are changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from checkpoint_app.store import Store
from checkpoint_app.store.line_history import LineChange, Outage, outages
from checkpoint_app.wire.plain import from_plain, to_plain

DAYS = 365
MOST_TOLD = 4000
"""How many changes of the line a window tells a command at most, the latest."""
_MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Day:
    """Minutes of a day without a line, and with one that was cut on purpose; ``known``: something was recorded by then.

    It begins at ``begin`` (UTC); ``length`` is how many minutes it has, or has had until now.
    """

    day: date
    begin: datetime
    minutes: int
    drill: int
    known: bool
    length: int


@dataclass(frozen=True, slots=True)
class Year:
    """The last 365 days up to ``now``, the oldest first, and the outages in them; drills are counted apart.

    ``since`` is the first moment of which anything is known, None where nothing is.
    """

    now: datetime
    since: datetime | None
    days: tuple[Day, ...]
    outages: tuple[Outage, ...]
    drills: tuple[Outage, ...]

    @property
    def minutes(self) -> int:
        """Minutes without a line, drills aside."""
        return _minutes(_joined((one.begin, one.end or self.now) for one in self.outages))

    @property
    def longest(self) -> Outage | None:
        """The longest outage, the later of two that are alike."""
        return max(reversed(self.outages), key=lambda one: one.lasted(self.now), default=None)


def year_of(changes: Sequence[LineChange], now: datetime) -> Year:
    """Return the year up to ``now``; an outage that began before counts from the first day's midnight."""
    today = now.astimezone().date()
    names = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    first = midnight(names[0])
    found = [within for one in outages(changes, now) if (within := _within(one, first, now)) is not None]
    lost = tuple(one for one in found if not one.is_drill)
    drills = tuple(one for one in found if one.is_drill)
    since = min((min(one.since, now) for one in changes), default=None)
    lost_spans, drill_spans = (_joined((one.begin, one.end or now) for one in which) for which in (lost, drills))
    days = tuple(_day(name, now, since, lost_spans, drill_spans) for name in names)
    return Year(now, since, days, lost, drills)


def told_year(store: Store) -> dict[str, Any]:
    """Return what the year is made of as a window tells a command, in plain form. Raises StoreError."""
    changes = tuple(store.line_history.changes()[-MOST_TOLD:])
    return {"changes": to_plain(changes), "now": to_plain(store.time.now())}


def year_told(told: dict[str, Any]) -> Year:
    """Return the year that ``told_year`` told. Raises PlainError."""
    changes = from_plain(tuple[LineChange, ...], told.get("changes"))
    return year_of(changes, from_plain(datetime, told.get("now")))


def midnight(day: date) -> datetime:
    """Return when ``day`` begins in the booth's own time zone (UTC); where its clocks skip midnight, just after."""
    local = datetime(day.year, day.month, day.day)  # noqa: DTZ001  local on purpose
    both = sorted(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return both[0] if both[0].astimezone().date() == day else both[1]


def _within(one: Outage, first: datetime, now: datetime) -> Outage | None:
    begin, end = max(one.begin, first), None if one.end is None else min(one.end, now)
    return None if begin >= now or (end is not None and end <= first) else Outage(begin, end, one.reason)


def _day(name: date, now: datetime, since: datetime | None, lost: Sequence[Span], drills: Sequence[Span]) -> Day:
    begin, end = midnight(name), min(midnight(name + timedelta(days=1)), now)
    known = since is not None and since < end
    return Day(
        name,
        begin,
        _minutes(_cut(lost, begin, end)),
        _minutes(_cut(drills, begin, end)),
        known,
        (end - begin) // _MINUTE,
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one: a clock put back must not count a minute twice."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif begin < end:
            joined.append((begin, end))
    return joined


def _cut(spans: Sequence[Span], begin: datetime, end: datetime) -> list[Span]:
    """Return what of ``spans``, which are in order and apart, lies between two moments."""
    found = []
    for place in range(max(0, bisect_right(spans, begin, key=lambda span: span[0]) - 1), len(spans)):
        first, last = spans[place]
        if first >= end:
            break
        if last > begin:
            found.append((max(first, begin), min(last, end)))
    return found


def _minutes(spans: Sequence[Span]) -> int:
    """Return whole minutes, begun ones counted: an outage of ten seconds is seen."""
    lasted = sum((end - begin for begin, end in spans), timedelta(0))
    return -(-lasted // _MINUTE)
