"""A year's outages for `checkpoint status --history`: a calendar of bars in text, or one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from checkpoint_app.booth.drills.window_request import Wants
from checkpoint_app.booth.line.outage_year import Day, Year, told_year, year_told
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.store_facts import facts
from checkpoint_app.store.line_history import Outage
from checkpoint_app.wire.plain import PlainError, to_plain

BLOCKS = "▁▂▃▄▅▆▇█"
NO_OUTAGE, UNKNOWN, DRILL_ONLY = "·", " ", "d"
_BAR = 24
_MOST_DAYS = 20


def history(folder: Path, passphrase_file: Path | None) -> Year:
    """Return the booth's year up to now. Raises CommandError."""
    told = facts(folder, Wants.HISTORY, passphrase_file, told_year)
    try:
        return year_told(told)
    except PlainError as error:
        raise CommandError("what the window tells of the line can't be read; is it of this version?", 1) from error


def plain(year: Year) -> dict[str, Any]:
    """Return the year as one JSON object; days without anything to tell are left out. Minutes are whole."""
    longest = year.longest
    return {
        "now": to_plain(year.now),
        "recorded_since": to_plain(year.since),
        "outages": [_plain_outage(one, year.now) for one in year.outages],
        "drills": [_plain_outage(one, year.now) for one in year.drills],
        "count": len(year.outages),
        "minutes": year.minutes,
        "longest": None if longest is None else _plain_outage(longest, year.now),
        "days": [
            {"day": one.day.isoformat(), "minutes": one.minutes, "drill_minutes": one.drill}
            for one in year.days
            if one.minutes or one.drill
        ],
    }


def _plain_outage(one: Outage, now: datetime) -> dict[str, Any]:
    minutes = round(one.lasted(now).total_seconds() / 60, 1)
    return {"from": to_plain(one.begin), "to": to_plain(one.end), "reason": one.reason, "minutes": minutes}


def text(year: Year) -> str:
    """Return the year as lines for a terminal: a row a month, the worst days as bars, the sums."""
    if year.since is None:
        return "nothing is recorded of the line yet"
    return "\n".join([*_calendar(year), "", *_worst(year), *_sums(year)])


def _calendar(year: Year) -> Iterator[str]:
    yield "         1   5    10   15   20   25   30"
    for (number, month), days in groupby(year.days, key=lambda one: (one.day.year, one.day.month)):
        in_month = tuple(days)
        row = " " * (in_month[0].day.day - 1) + "".join(map(_sign, in_month))
        lost = sum(one.minutes for one in in_month)
        yield f"{number}-{month:02}  {row:<31}  {length(lost) if lost else ''}".rstrip()
    yield f"a bar is a day's share without a line; {NO_OUTAGE} none, {DRILL_ONLY} a drill only, blank: not recorded"


def _sign(day: Day) -> str:
    if day.minutes:
        return BLOCKS[min(len(BLOCKS) - 1, day.minutes * len(BLOCKS) // max(1, day.length))]
    if day.drill:
        return DRILL_ONLY
    return NO_OUTAGE if day.known else UNKNOWN


def _worst(year: Year) -> Iterator[str]:
    """Yield the days that lost most, by date, each with a bar of which a whole line is the whole day."""
    worst = sorted((one for one in year.days if one.minutes), key=lambda one: one.minutes)[-_MOST_DAYS:]
    for day in sorted(worst, key=lambda one: one.day):
        filled = min(_BAR, max(1, round(_BAR * day.minutes / max(1, day.length))))
        yield f"{day.day}  {'█' * filled:░<{_BAR}}  {length(day.minutes)}"
    if worst:
        yield ""


def _sums(year: Year) -> Iterator[str]:
    longest = year.longest
    yield f"outages  {len(year.outages)}, {length(year.minutes)} without a line"
    if longest is not None:
        ended = "" if longest.end is not None else ", still going on"
        minutes = -(-longest.lasted(year.now).total_seconds() // 60)
        begin = longest.begin.astimezone()
        yield f"longest  {length(int(minutes))} from {begin:%Y-%m-%d %H:%M} ({longest.reason or 'unknown'}){ended}"
    drilled = sum(one.drill for one in year.days)
    yield f"drills   {len(year.drills)}" + (f", {length(drilled)}" if year.drills else "")
    if year.since is not None:
        yield f"recorded since {max(year.since, year.days[0].begin).astimezone():%Y-%m-%d}"


def length(minutes: int) -> str:
    """Return a length of time, such as "2 d 3 h 5 min"."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{left} min" if left or minutes == 0 else ""]
    return " ".join(part for part in parts if part)
