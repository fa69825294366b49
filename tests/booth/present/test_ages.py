"""Ages in words: hours on both sides of 24, days from 48 hours on; dates and times in the booth's own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import age_look, age_text, clock, day_and_time, day_month
from checkpoint_app.booth.view.screen import AgeLook
from checkpoint_app.verdict import AgeSteps
from tests.booth.states import EN, NOW

pytestmark = pytest.mark.usefixtures("quito")


@pytest.mark.parametrize(
    ("age", "short", "long"),
    [
        (timedelta(seconds=-5), "0 min", "0 minutes"),
        (timedelta(minutes=59, seconds=59), "59 min", "59 minutes"),
        (timedelta(hours=1), "1 h", "1 hour"),
        (timedelta(hours=23, minutes=59), "23 h", "23 hours"),
        (timedelta(hours=24), "24 h", "24 hours"),
        (timedelta(hours=47, minutes=59), "47 h", "47 hours"),
        (timedelta(hours=48), "2 d", "2 days"),
        (timedelta(days=7, hours=23), "7 d", "7 days"),
    ],
)
def test_age(age: timedelta, short: str, long: str) -> None:
    assert age_text(EN, NOW - age, NOW) == short.replace(" ", "\u00a0")
    assert age_text(EN, NOW - age, NOW, long=True) == long.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("hours", "look"),
    [(24, AgeLook.PLAIN), (24.01, AgeLook.AS_OF), (24 * 7, AgeLook.AS_OF), (24 * 7 + 0.01, AgeLook.TOO_OLD)],
)
def test_look_follows_the_age_steps(hours: float, look: AgeLook) -> None:
    assert age_look(AgeSteps(), NOW - timedelta(hours=hours), NOW) is look


def test_dates_and_times_are_local() -> None:
    late = datetime(2026, 11, 25, 3, 7, tzinfo=UTC)
    assert clock(late) == "22:07"
    assert day_month(EN, late) == "24\u00a0Nov"
    assert day_and_time(EN, late) == "24\u00a0Nov, 22:07"
    assert day_and_time(Words("es"), late) == "24\u00a0nov, 22:07"
