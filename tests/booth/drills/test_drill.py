"""A drill: the line is cut, work goes on, it ends by itself or by the key, and says what would have been missed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.drills.drill import MINUTES, REVIEW_WITHIN_S, RefusedDrillError
from checkpoint_app.booth.drills.window_request import RefusedRequestError, SilentWindowError, Wants, ask, take
from checkpoint_app.booth.line.connection import Heard, Lining
from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.store.errors import DiskFullError
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, START, Booth, down, make_booth, up
from tests.booth.line.test_centre_answers import CLEAR, EXPIRED, Centre, advice

BEGUN, ENDED = "drill_begun", "drill_ended"
NAMED = replace(
    ERIKSON, id="N-1", names=(Name("MUSTER", "Klara Luisa"),), birth_dates=(ListedDate("1980-01-01", "1980-01-01"),)
)


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    yield booth
    booth.close()


@pytest.fixture
def centre(booth):
    centre = Centre(booth)
    booth.desk._drilling._ask = lambda *call: centre.asked.append(call)
    return centre


def begin(booth: Booth) -> None:
    booth.press(Action.DRILL)
    booth.until(lambda v: v.bar.line.text.startswith("drill"))


def line_comes(booth: Booth) -> None:
    booth.desk._lining._show(Heard(up(), 0.2, None))


def tick(booth: Booth, **passes: float) -> None:
    booth.clock.pass_(**passes)
    booth.desk._drilling.tick()


def ended(booth: Booth) -> dict:
    booth.until(lambda _v: ENDED in booth.kinds())
    return booth.last_body(ENDED)


def decide(booth: Booth, *lines: str) -> None:
    booth.type(*lines)
    booth.let_pass() if advice(booth.view) is Advice.PROCEED else booth.let_pass_with_reason()


def test_the_screen_says_so_in_words_and_nobody_is_asked(booth, centre):
    begin(booth)
    view = booth.view
    assert (view.bar.line.up, view.bar.line.text) == (False, f"drill, {MINUTES} min left")
    assert view.message.text == f"Drill: no line for {MINUTES} min. A real need: F12 ends it"
    assert (view.status[-1].text, view.status[-1].bold, view.status[-1].cap) == (f"Drill {MINUTES} min", True, "F12")
    assert booth.last_body(BEGUN) == {"officer": "m.demo", "minutes": MINUTES, "by": "key"}
    asked = len(centre.asked)
    view = booth.type(*CLEAR)
    assert (advice(view), view.checks.centre) == (Advice.PROCEED, "Centre: not asked, drill")
    assert len(centre.asked) == asked
    booth.desk._lining._show(Heard(down(START), 0.2, None))  # what a round says that the cut broke off
    assert booth.view.bar.line.text.startswith("drill")
    tick(booth, minutes=3)
    assert booth.view.bar.line.text == f"drill, {MINUTES - 3} min left"


def test_afterwards_it_tells_what_would_have_been_missed(booth, centre):
    begin(booth)
    decide(booth, *CLEAR)
    decide(booth, *EXPIRED)
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    tick(booth, minutes=MINUTES)
    booth.settle()
    assert centre.asked == []  # there is no line yet
    line_comes(booth)
    tick(booth, seconds=1)
    booth.until(lambda _v: len(centre.asked) == 1)
    assert centre.question.mrz == CLEAR
    centre.reply(*centre.lists(ERIKSON, NAMED, version=2))
    booth.until(lambda _v: len(centre.asked) == 2)
    centre.is_late()
    centre.fails()
    body = ended(booth)
    assert {name: body[name] for name in ("why", "decided", "asked", "raised", "lowered", "unchecked", "lasted_s")} == {
        "why": "over",
        "decided": 3,
        "asked": 1,
        "raised": 1,
        "lowered": 0,
        "unchecked": 2,  # one question failed, and without a document there is none
        "lasted_s": MINUTES * 60,
    }
    assert [(one["name"], one["version"]) for one in body["lists"]] == [("ECU", 1), ("INTL", 1)]
    assert all(one["age_s"] >= 6 * 3600 for one in body["lists"])
    view = booth.until(lambda v: v.message.text.startswith("Drill over"))
    assert view.message.text == "Drill over: 3 decided, of 1 the centre knows more"
    booth.press(Action.HISTORY)
    view = booth.until(lambda v: v.stage is Stage.HISTORY)
    said = [row.text for section in view.panel for row in section.rows]
    assert "The centre knows more of 1 of them" in said
    assert "2 could not be asked about" in said
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: v.stage is Stage.EMPTY)


def test_a_real_need_ends_it_by_the_same_key_and_who_stands_there_is_asked_about(booth, centre):
    begin(booth)
    booth.type(*CLEAR)
    booth.press(Action.DRILL, wait=59)
    assert not booth.view.bar.line.text.startswith("drill")
    line_comes(booth)
    booth.until(lambda _v: centre.asked and centre.question.mrz == CLEAR)
    body = ended(booth)
    assert (body["why"], body["officer"], body["decided"], body["lasted_s"]) == ("key", "m.demo", 0, 60)


def test_a_key_struck_twice_neither_begins_nor_ends(booth, centre):
    begin(booth)
    sounds = len(booth.sounds)
    booth.press(Action.DRILL, wait=0.3)
    booth.press(Action.DRILL, wait=0.3, auto_repeat=True)
    booth.settle()
    assert booth.sounds[sounds:] == [Sound.REFUSED_KEY] * 2
    assert booth.view.bar.line.text.startswith("drill")
    assert ENDED not in booth.kinds()


def test_it_never_outlasts_its_minutes_whatever_the_clock_says(booth, centre):
    begin(booth)
    booth.clock.time -= timedelta(days=400)
    tick(booth, minutes=MINUTES - 1)
    assert booth.view.bar.line.text == "drill, 1 min left"
    booth.clock.time += timedelta(days=4000)
    tick(booth, seconds=30)
    assert booth.desk._lining.is_cut
    booth.clock.time -= timedelta(days=4000)
    booth.clock.pass_(seconds=30)
    assert not booth.desk._lining.is_cut  # with or without a tick
    line_comes(booth)
    assert booth.view.bar.line.up or booth.view.bar.line.text.startswith("drill")
    tick(booth, seconds=0)
    assert ended(booth)["why"] == "over"


@pytest.mark.parametrize(("line", "said"), [(None, "no centre"), (down(START), "no line to cut")])
def test_without_a_line_there_is_none(booth, centre, line, said):
    booth.desk._core.update(line=line)
    booth.press(Action.DRILL)
    booth.settle()
    assert said in booth.view.message.text
    assert BEGUN not in booth.kinds()


def test_what_cannot_be_written_does_not_begin(booth, centre, monkeypatch):
    def full(*_args):
        raise DiskFullError("no space")

    monkeypatch.setattr(type(booth.store().journal), "append", full)
    booth.press(Action.DRILL)
    booth.settle()
    assert booth.view.bar.line.up
    assert "full" in booth.view.message.text
    monkeypatch.undo()
    begin(booth)


def test_without_a_line_afterwards_it_ends_all_the_same_with_nobody_checked(booth, centre):
    begin(booth)
    decide(booth, *CLEAR)
    tick(booth, minutes=MINUTES)
    booth.settle()
    assert not booth.desk._drilling.is_free
    booth.desk._lining._show(Heard(down(START), 0.2, None))
    tick(booth, seconds=REVIEW_WITHIN_S + 1)
    body = ended(booth)
    assert (body["decided"], body["asked"], body["unchecked"]) == (1, 0, 1)
    booth.settle()
    assert booth.desk._drilling.is_free


def test_a_centre_that_never_answers_is_waited_for_only_so_long(booth, centre):
    begin(booth)
    decide(booth, *CLEAR)
    tick(booth, minutes=MINUTES)
    booth.settle()
    line_comes(booth)
    tick(booth, seconds=1)
    booth.until(lambda _v: len(centre.asked) == 1)
    answers = centre.lists(ERIKSON, NAMED, version=2)
    tick(booth, seconds=REVIEW_WITHIN_S)
    assert ended(booth)["unchecked"] == 1
    centre.reply(*answers)
    booth.settle()
    assert booth.kinds().count(ENDED) == 1


def test_after_a_crash_it_is_over_and_the_journal_says_so(booth, centre, tmp_path):
    begin(booth)
    decide(booth, *CLEAR)
    booth.desk._drilling.close = lambda: None
    booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    again.open()
    body = ended(again)
    assert (body["why"], body["decided"], body["unchecked"]) == ("crash", 1, 1)
    assert not again.desk._lining.is_cut
    assert again.view.bar.line.text == "no centre"
    again.close()
    third = Booth(tmp_path, booth.clock, booth.publisher)
    third.open()
    assert third.kinds().count(ENDED) == 1
    third.close()


def test_a_window_that_closes_ends_it(booth, centre, tmp_path):
    begin(booth)
    booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    again.open()
    assert ended(again)["why"] == "closed"
    again.close()


def asked_by_command(booth: Booth, wants: Wants, minutes: int = 0) -> dict:
    """Ask as a command does, from another thread, while the desk looks."""
    told: list = []

    def command() -> None:
        try:
            told.append(ask(booth.folder / "data", wants, minutes, within_s=10))
        except (RefusedRequestError, SilentWindowError) as error:
            told.append(error)

    thread = threading.Thread(target=command)
    thread.start()

    def answered(_view) -> bool:
        booth.desk._looking_back.look()
        return bool(told)

    booth.until(answered)
    thread.join()
    return told[0]


def test_a_command_begins_it_and_is_told_why_not(booth, centre):
    assert asked_by_command(booth, Wants.DRILL, 240) == {"minutes": 240}
    assert booth.last_body(BEGUN) == {"officer": "m.demo", "minutes": 240, "by": "command"}
    assert str(asked_by_command(booth, Wants.DRILL, 5)) == "running"
    going_on = asked_by_command(booth, Wants.LAST_DRILL)["drill"]
    assert (going_on["state"], going_on["decided"]) == ("going_on", 0)
    assert asked_by_command(booth, Wants.HISTORY)["changes"] == []
    for minutes in (0, 241):
        with pytest.raises(RefusedDrillError, match="minutes"):
            booth.desk._drilling.begin(minutes, "command", lambda: None, print)


@pytest.mark.parametrize("data", [b"", b"{", b"x" * 5000, b'{"id":"a","wants":"reboot"}', b'{"id":1,"wants":"drill"}'])
def test_what_is_no_request_is_taken_away_and_does_nothing(tmp_path, data):
    (tmp_path / "window.request").write_bytes(data)
    assert take(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_link_or_a_pipe_in_a_requests_place_is_not_followed(tmp_path):
    import os

    (tmp_path / "secret").write_bytes(b'{"id":"a","minutes":1,"wants":"drill"}')
    (tmp_path / "window.request").symlink_to(tmp_path / "secret")
    assert take(tmp_path) is None
    (tmp_path / "window.request").unlink()
    os.mkfifo(tmp_path / "window.request")
    assert take(tmp_path) is None


class FakeLine:
    """A line that only knows whether it was closed."""

    lists_version = 0

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


def test_the_lines_own_thread_tries_nothing_while_it_is_cut(booth, monkeypatch):
    lines, rounds = [], []

    def opened(_lining, _store):
        lines.append(FakeLine())
        return lines[-1]

    def a_round(_lining, line, pace, _fetching):
        rounds.append(line)
        pace.succeeded()
        return Heard(pace.state, 0.1, None)

    monkeypatch.setattr(Lining, "_open", opened)
    monkeypatch.setattr(Lining, "_round", a_round)
    monkeypatch.setattr("checkpoint_app.booth.line.connection.ROUND_EVERY_S", 0.02)
    monkeypatch.setattr("checkpoint_app.booth.line.connection.CUT_LOOK_S", 0.02)
    lining = Lining(booth.desk._core, booth.desk._lining._places)
    lining.start()
    booth.until(lambda _v: len(rounds) > 2)
    lining.cut(booth.clock.monotonic() + 60)
    assert lines[0].closed.is_set()
    booth.settle()
    so_far = len(rounds)
    booth.settle()
    assert (len(rounds), len(lines)) == (so_far, 1)
    late: list = []
    lining.ask(None, late.append, lambda: late.append("late"), late.append)
    booth.until(lambda _v: late == ["late"])
    booth.clock.pass_(seconds=60)
    booth.until(lambda _v: len(rounds) > so_far)
    assert len(lines) == 2
    lining.cut(booth.clock.monotonic() + 60)
    lining.mend()
    booth.until(lambda _v: len(lines) == 3)
    lining.close()
