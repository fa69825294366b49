"""Sample views of the year of the line and of a drill, made by the presenter from a year that was made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from checkpoint_app.booth.desk.state import DeskState, DrillState, OnDuty, Post
from checkpoint_app.booth.line.outage_year import Year, year_of
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.view.screen import DeskView, Stage
from checkpoint_app.store.line_history import DrillRow, LineChange
from checkpoint_app.sync.pace import LineState, Standing

NOW = datetime(2026, 11, 24, 17, 32, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made_up_year() -> Year:
    """Return a year with outages of all lengths, drills, and nothing recorded before January."""
    chance, at = Random(7), datetime(2026, 1, 9, 8, 0, tzinfo=UTC)
    changes = [LineChange(1, "up", "", at)]
    while at < NOW - 200 * HOUR:
        at += chance.uniform(10, 200) * HOUR
        lasted = chance.choice((40, 600, 1800, 14_400, 40_000, 200_000))
        reason = "drill" if lasted < 2000 and chance.random() < 0.4 else chance.choice(("timed_out", "unreachable"))
        changes.append(LineChange(len(changes) + 1, "down", reason, at, 1))
        at += timedelta(seconds=lasted)
        changes.append(LineChange(len(changes) + 1, "up", "", at, lasted))
    changes.append(LineChange(len(changes) + 1, "down", "unreachable", NOW - 3 * HOUR, 1))
    return year_of(changes, NOW)


def a_drill() -> DrillRow:
    """Return a drill in which something would have been missed."""
    ended = {
        "why": "key", "minutes": 15, "lasted_s": 840, "up_to": 99, "decided": 14, "asked": 12, "raised": 1,
        "lowered": 0, "unchecked": 2, "lists": [{"name": "ECU", "version": 88, "age_s": 61_200}],
    }  # fmt: skip
    return DrillRow(80, NOW - 30 * HOUR, {"minutes": 15, "by": "key", "officer": "m.demo"}, ended, ("a",) * 14, 1)


def _state(lang: str, **changes: object) -> DeskState:
    return DeskState(
        **{
            "language": lang,
            "now": NOW,
            "post": Post("Paso Los Demo", "1", "losdemo-1"),
            "officer": OnDuty("m.demo", "M. Demo", supervisor=False),
            "stage": Stage.HISTORY,
            "line": LineState(Standing.DOWN, NOW - 3 * HOUR, "unreachable", NOW + HOUR / 60),
            "year": made_up_year(),
            "last_drill": a_drill(),
            **changes,
        }
    )


def history(lang: str) -> DeskView:
    """The year, with the last drill beside it."""
    return present(_state(lang))


def history_none(lang: str) -> DeskView:
    """A booth that has recorded nothing yet."""
    return present(_state(lang, year=year_of([], NOW), last_drill=None))


def drill(lang: str) -> DeskView:
    """A drill that goes on, on the empty desk."""
    line = LineState(Standing.DOWN, NOW, "drill")
    return present(_state(lang, stage=Stage.EMPTY, line=line, drill=DrillState(12)))


def history_in_drill(lang: str) -> DeskView:
    """The year while a drill goes on."""
    line = LineState(Standing.DOWN, NOW, "drill")
    return present(_state(lang, line=line, drill=DrillState(240)))
