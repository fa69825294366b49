"""A year of outages by day: whole days, days of 23 and 25 hours, clocks that jumped, drills apart."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from checkpoint_app.booth.line.outage_year import DAYS, midnight, year_of
from checkpoint_app.store.line_history import LineChange

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def zone(monkeypatch):
    """Set the machine's time zone, and put it back."""
    before = os.environ.get("TZ")

    def set_to(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    set_to("UTC")
    yield set_to
    monkeypatch.undo()
    assert os.environ.get("TZ") == before
    time.tzset()


def changes(*rows) -> list[LineChange]:
    """Rows of (state, reason, since, lasted_s)."""
    return [LineChange(seq, *row) for seq, row in enumerate(rows, 1)]


def day_of(year, name: date):
    return next(one for one in year.days if one.day == name)


def test_an_outage_counts_to_the_days_it_lay_in_and_a_drill_apart(zone):
    begin = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    year = year_of(
        changes(
            ("up", "", datetime(2026, 11, 1, tzinfo=UTC), None),
            ("down", "timed_out", begin, 86_400),
            ("up", "", begin + timedelta(hours=3), 10_800),
            ("down", "drill", begin + timedelta(hours=5), 7200),
            ("up", "", begin + timedelta(hours=5, minutes=15), 900),
            ("down", "refused", NOW - timedelta(seconds=30), 3600),
        ),
        NOW,
    )
    assert len(year.days) == DAYS
    assert [day_of(year, date(2026, 11, number)).minutes for number in (23, 24, 25, 26, 27)] == [0, 120, 60, 0, 1]
    assert [day_of(year, date(2026, 11, number)).drill for number in (24, 25)] == [0, 15]
    assert (len(year.outages), year.minutes, len(year.drills)) == (2, 181, 1)
    assert year.longest is not None
    assert (year.longest.begin, year.longest.reason) == (begin, "timed_out")
    assert year.outages[-1].end is None
    assert not day_of(year, date(2026, 10, 31)).known
    assert day_of(year, date(2026, 11, 1)).known
    assert day_of(year, date(2026, 11, 27)).length == 720


def test_days_on_which_the_clocks_change_have_23_and_25_hours(zone):
    for name, short, long in (
        ("America/Santiago", date(2026, 9, 6), date(2026, 4, 4)),  # midnight is skipped, and comes twice
        ("Europe/Madrid", date(2026, 3, 29), date(2026, 10, 25)),
    ):
        zone(name)
        all_year = changes(("down", "refused", NOW - timedelta(days=800), None))
        year = year_of(all_year, NOW)
        assert (day_of(year, short).minutes, day_of(year, short).length) == (23 * 60, 23 * 60)
        assert (day_of(year, long).minutes, day_of(year, long).length) == (25 * 60, 25 * 60)
        assert sum(one.minutes for one in year.days) == year.minutes
        assert year.outages[0].begin == midnight(year.days[0].day)


def test_a_clock_that_jumped_counts_no_minute_twice_and_none_of_the_future(zone):
    begin = NOW - timedelta(hours=10)
    year = year_of(
        changes(
            ("down", "refused", begin + timedelta(days=4000), None),
            ("up", "", begin + timedelta(hours=1), None),  # the clock was put right meanwhile: nobody knows how long
            ("down", "refused", begin + timedelta(hours=2), 3600),
            ("up", "", begin + timedelta(hours=4), 7200),
            ("down", "refused", begin + timedelta(hours=2), 60),  # put back: the same hours once more
            ("up", "", begin + timedelta(hours=4), 7200),
            ("down", "refused", NOW + timedelta(days=9), 60),
        ),
        NOW,
    )
    assert year.minutes == 120
    assert sum(one.minutes for one in year.days) == 120
    assert all(one.minutes <= one.length for one in year.days)


def test_nothing_recorded_is_no_year_without_outages(zone):
    year = year_of([], NOW)
    assert (year.since, year.longest, year.minutes) == (None, None, 0)
    assert not any(one.known for one in year.days)
    late = datetime(2101, 3, 1, tzinfo=UTC)
    year = year_of(changes(("up", "", late - timedelta(days=2), None)), late)
    assert [one.known for one in year.days][-4:] == [False, True, True, True]


def test_a_line_that_was_lost_every_quarter_of_an_hour_of_a_year_is_drawn_at_once(zone):
    begin = NOW - timedelta(days=364)
    rows = [("up", "", begin, None)]
    for number in range(364 * 96):
        lost = begin + number * timedelta(minutes=15)
        rows += [("down", "refused", lost, 800), ("up", "", lost + timedelta(seconds=100), 100)]
    many = changes(*rows)
    started = time.process_time()
    year = year_of(many, NOW)
    assert time.process_time() - started < 5
    assert len(year.outages) == 364 * 96
    assert day_of(year, date(2026, 7, 1)).minutes == 160
