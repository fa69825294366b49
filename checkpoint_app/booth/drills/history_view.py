"""The history of the line: a year by day, the sums, and what the last drill would have missed. And a drill in words."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.drills.drill_report import report
from checkpoint_app.booth.line.outage_year import Day, Year
from checkpoint_app.booth.present.ages import day_and_time
from checkpoint_app.booth.view.screen import (
    Action,
    HistoryDay,
    HistoryMonth,
    HistoryView,
    MessageView,
    PanelSection,
    ReasonRow,
    StatusItem,
)
from checkpoint_app.store.line_history import Outage

LONGEST_MONTH = 31
_DAY_MINUTES = 24 * 60
_HOUR_MINUTES = 60


def history_view(state: DeskState, words: Words) -> HistoryView:
    """Return the year by day."""
    year = state.year
    legend = (words.say("history.no_line"), words.say("history.drill"), words.say("history.unrecorded"))
    if year is None or year.since is None:
        return HistoryView(words.say("history.title"), (), legend, words.say("history.empty"))
    months = groupby(year.days, key=lambda one: (one.day.year, one.day.month))
    return HistoryView(
        title=words.say("history.title"),
        months=tuple(_month(tuple(days), year, words) for _month_of, days in months),
        legend=legend,
    )


def _month(days: tuple[Day, ...], year: Year, words: Words) -> HistoryMonth:
    first = days[0].day
    by_number = {one.day.day: one for one in days}
    name = words.say(f"month.{first.month}")
    lost = sum(one.minutes for one in days)
    drilled = sum(one.drill for one in days)
    told = [f"{name} {first.year}", words.say("history.told_lost", length=length(lost, words), days=_hit(days))]
    if not lost:
        told = [
            f"{name} {first.year}",
            words.say("history.told_none" if any(d.known for d in days) else "history.told_unknown"),
        ]
    if drilled:
        told.append(words.say("history.told_drill", length=length(drilled, words)))
    return HistoryMonth(
        label=f"{name}\u00a0{first.year % 100:02d}",
        days=tuple(
            _day(by_number[number], year) if number in by_number else None for number in range(1, LONGEST_MONTH + 1)
        ),
        total=length(lost, words) if lost else "",
        accessible=". ".join(told),
    )


def _hit(days: tuple[Day, ...]) -> int:
    return sum(one.minutes > 0 for one in days)


def _day(day: Day, year: Year) -> HistoryDay:
    today = day is year.days[-1]
    whole = max(1, day.length, _DAY_MINUTES if today else 0)
    share = min(1.0, day.minutes / whole)
    return HistoryDay(share, min(1.0 - share, day.drill / whole), day.known, today=today)


def history_panel(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return the sums of the year, and the last drill."""
    sections = [_sums(state.year, words)] if state.year is not None and state.year.since is not None else []
    return (*sections, _drill_section(state, words))


def _sums(year: Year, words: Words) -> PanelSection:
    table = [
        (words.say("history.outages"), "", str(len(year.outages))),
        (words.say("history.altogether"), "", length(year.minutes, words)),
    ]
    lines: tuple[str, ...] = ()
    if (longest := year.longest) is not None:
        table.append((words.say("history.longest"), "", length(_minutes(longest.lasted(year.now)), words)))
        lines = (_longest(longest, words),)
    begin = year.since or year.now
    muted = words.say("history.since", date=f"{max(begin, year.days[0].begin).astimezone():%Y-%m-%d}")
    return PanelSection(words.say("history.sums").upper(), table=tuple(table), lines=lines, muted=(muted,))


def _longest(one: Outage, words: Words) -> str:
    known = words.knows(f"line_reason.{one.reason}")
    reason = words.say(f"line_reason.{one.reason}" if known else "line_reason.other", code=one.reason)
    key = "history.longest_when" if one.end is not None else "history.longest_now"
    return words.say(key, when=day_and_time(words, one.begin), reason=reason)


def _drill_section(state: DeskState, words: Words) -> PanelSection:
    head = words.say("drill.head")
    told: dict[str, Any] | None = report(state.last_drill)["drill"]
    if state.drill is not None:
        return PanelSection(
            head, bold=words.say("drill.goes_on", count=state.drill.left), muted=(words.say("drill.key_ends"),)
        )
    if told is None or state.last_drill is None:
        return PanelSection(head, lines=(words.say("drill.never"),), muted=(words.say("drill.key_begins"),))
    when = words.say("drill.when", when=day_and_time(words, state.last_drill.at), count=told["minutes"])
    if told["state"] == "going_on":
        return PanelSection(head, bold=when, lines=(words.say("drill.looking_back"),))
    oldest = max((one.get("age_s", 0) for one in told["lists"]), default=None)
    muted = [] if oldest is None else [words.say("drill.lists", age=length(oldest // 60, words))]
    if words.knows(f"drill.why_{told['why']}"):
        muted.append(words.say(f"drill.why_{told['why']}"))
    return PanelSection(head, bold=when, rows=_drill_rows(told, words), muted=(" ".join(muted),) if muted else ())


def _drill_rows(told: dict[str, Any], words: Words) -> tuple[ReasonRow, ...]:
    missed, late, unchecked = told["raised"], told["late_hits"], told["unchecked"]
    rows = [ReasonRow(words.say("drill.decided", count=told["decided"]), symbol="clock")]
    if told["asked"]:
        rows.append(ReasonRow(words.say("drill.missed", count=missed), symbol="hit" if missed else "clear"))
    if told["lowered"]:
        rows.append(ReasonRow(words.say("drill.lowered", count=told["lowered"]), symbol="note"))
    if late:
        rows.append(ReasonRow(words.say("drill.late", count=late), symbol="hit"))
    if unchecked:
        rows.append(ReasonRow(words.say("drill.unchecked", count=unchecked), symbol="not_checked"))
    return tuple(rows)


def drill_message(state: DeskState, words: Words) -> MessageView | None:
    """Return what stands in the message bar while a drill goes on."""
    if state.drill is None or state.officer is None:
        return None
    return MessageView(words.say("drill.standing", count=state.drill.left), "attention", "F12", Action.DRILL)


def drill_item(state: DeskState, words: Words) -> StatusItem:
    """Return the drill's place in the status."""
    if state.drill is None:
        return StatusItem(words.say("status.drill"), cap="F12")
    return StatusItem(words.say("drill.left", count=state.drill.left), bold=True, cap="F12")


def length(minutes: int, words: Words) -> str:
    """Return a length of time in its two largest units, such as "2 d 3 h"; less than a minute is one."""
    whole = max(0, minutes)
    days, rest = divmod(whole, _DAY_MINUTES)
    hours, left = divmod(rest, _HOUR_MINUTES)
    parts = [("days", days), ("hours", hours), ("minutes", left)]
    first = next((place for place, (_unit, n) in enumerate(parts) if n), 2)
    shown = [one for one in parts[first : first + 2] if one[1] or one[0] == parts[first][0]]
    return " ".join(words.say(f"age.{unit}", n=n, count=n) for unit, n in shown).replace(" ", "\u00a0")


def _minutes(lasted: timedelta) -> int:
    return -(-lasted // timedelta(minutes=1))
