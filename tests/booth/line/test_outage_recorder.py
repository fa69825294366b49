"""What is written of the line: each change that held, once, with how long the state before lasted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkpoint_app.booth.line.connection import Heard
from checkpoint_app.booth.line.outage_recorder import SETTLED_S
from checkpoint_app.store.errors import DiskFullError
from checkpoint_app.sync.pace import LineState, Standing
from tests.booth.helpers import START, Booth, down, make_booth, up

LINE = "line_changed"


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    booth = Booth(tmp_path, clock, publisher)
    booth.open(lists=0)
    yield booth
    booth.close()


def hear(booth: Booth, line: LineState, seconds: float = SETTLED_S + 1) -> None:
    """Let the line stand so for as long; the desk looks at it twice meanwhile."""
    booth.desk._lining._show(Heard(line, 0.2, None))
    for _ in range(2):
        booth.clock.pass_(seconds=seconds / 2)
        booth.desk._history.look()
        booth.until(lambda _view: booth.desk._history._ready)


def changes(booth: Booth):
    return booth._ask(lambda records: records.store.line_history.changes())


def test_a_change_that_held_is_written_once_with_its_reason_and_what_stood_before(booth):
    hear(booth, up(), 30)
    hear(booth, down(START), 100)
    hear(booth, up(), 30)
    assert booth.kinds().count(LINE) == 3
    assert [(one.state, one.reason, one.lasted_s) for one in changes(booth)] == [
        ("up", "", None),
        ("down", "name_not_found", 30),
        ("up", "", 100),
    ]
    body = booth.last_body(LINE)
    assert set(body) == {"state", "reason", "since", "lasted_s"}


def test_a_line_that_flaps_is_no_event_and_no_end_of_an_outage(booth):
    hear(booth, up(), 20)
    hear(booth, down(START), 20)
    for _ in range(5):
        hear(booth, up(), 6)
        hear(booth, down(START), 6)
    hear(booth, LineState(Standing.NONE), 20)
    hear(booth, up(), 20)
    assert [(one.state, one.lasted_s) for one in changes(booth)] == [("up", None), ("down", 20), ("up", 100)]


def test_a_clock_that_is_put_right_by_the_line_makes_no_outage_longer(booth):
    hear(booth, up(), 20)
    booth.clock.time -= timedelta(days=400)
    hear(booth, down(START), 300)
    booth.clock.time += timedelta(days=400)
    hear(booth, up(), 20)
    now = booth.clock.now()
    (outage,) = booth._ask(lambda records: records.store.line_history.outages(now))
    assert outage.lasted(now) == timedelta(seconds=300)
    assert now - timedelta(seconds=21) < outage.end <= now


def test_what_a_full_disk_kept_back_is_written_later(booth, monkeypatch):
    real = type(booth.desk._core.records).write

    def full(*_args):
        raise DiskFullError("no space")

    monkeypatch.setattr(type(booth.desk._core.records), "write", full)
    hear(booth, up(), 20)
    assert changes(booth) == []
    monkeypatch.setattr(type(booth.desk._core.records), "write", real)
    hear(booth, up(), 70)
    assert [one.state for one in changes(booth)] == ["up"]


def test_a_booth_that_starts_without_a_line_goes_on_with_its_outage_and_tells_a_new_one(booth, tmp_path):
    hear(booth, up(), 20)
    hear(booth, down(START), 20)
    booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    again.open(lists=0)
    hear(again, down(START), 20)
    assert [one.state for one in changes(again)] == ["up", "down"]
    hear(again, up(), 20)
    assert [(one.state, one.lasted_s) for one in changes(again)][2:] == [("up", None)]
    again.close()
