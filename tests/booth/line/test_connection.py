"""The line's own thread never ends in silence, and who stands at the desk when the line comes back is asked about."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest

from checkpoint_app.booth.line import connection
from checkpoint_app.booth.line.connection import Heard, Lining
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.store import CorruptError
from checkpoint_app.sync.pace import LineState, Pace
from checkpoint_app.sync.round import RoundDone
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, START, Booth, down, make_booth, up
from tests.booth.line.test_centre_answers import CLEAR, Centre, advice
from tests.booth.line.test_centre_holds import KLARA


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    yield booth
    booth.close()


def test_a_line_that_can_not_be_opened_says_so_and_is_tried_again(booth, monkeypatch, caplog):
    tries = []

    def broken(_lining, store):
        tries.append(store)
        if len(tries) == 1:
            raise ValueError("the certificate of MUSTER can't be read")
        raise CorruptError("the booth's enrolment is damaged; enrol it anew")

    monkeypatch.setattr(Lining, "_open", broken)
    monkeypatch.setattr(connection, "OPEN_AGAIN_S", 0.05)
    booth.open()
    view = booth.until(lambda v: v.bar.line.text.startswith("offline since"))
    assert view.bar.line.detail
    booth.until(lambda _v: len(tries) > 2)
    assert advice(booth.type(*CLEAR)) is Advice.PROCEED
    booth.close()
    assert not booth.desk._lining._thread.is_alive()
    assert [record.levelno for record in caplog.records if "line" in record.message][:1] == [logging.ERROR]
    assert "MUSTER" not in caplog.text


def test_a_stick_that_hangs_keeps_no_event_back(booth, monkeypatch):
    booth.open()
    lining_ = booth.desk._lining
    asked = []

    def ran(_line, _on_store, _inbox, _metadata, fetch, *, events_only):
        asked.append((fetch is not None, events_only))
        return RoundDone(None, (), (), (), ())

    monkeypatch.setattr(connection, "TURN_WITHIN_S", 0.01)
    monkeypatch.setattr("checkpoint_app.sync.round.run_round", ran)
    line = SimpleNamespace(latency_s=0.1, time_off=lambda: None)
    with lining_.turn:  # a stick has it, and does not answer
        heard = lining_._round(line, Pace(booth.clock), fetching=True)
    assert (heard.fetched, asked) == (False, [(False, True)])  # lists are still due
    assert lining_._round(line, Pace(booth.clock), fetching=True).fetched
    assert asked[1:] == [(True, False)]
    assert not lining_.turn.locked()


def test_the_centre_is_asked_about_who_is_at_the_desk_when_the_line_comes_back(booth):
    booth.open()
    centre = Centre(booth)
    booth.desk._core.update(line=down(START - timedelta(minutes=28)))
    assert advice(booth.type(*CLEAR)) is Advice.PROCEED
    assert centre.asked == []
    booth.desk._lining._show(Heard(up(), 0.2, None))
    booth.settle()
    assert centre.question.mrz == CLEAR
    centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
    booth.until(lambda v: advice(v) is Advice.REFER)
    booth.desk._lining._show(Heard(up(), 0.3, None))
    booth.settle()
    assert len(centre.asked) == 1


def test_nobody_is_asked_about_when_the_line_comes_back_to_an_empty_desk_or_the_last_one_shown(booth):
    booth.open()
    centre = Centre(booth)
    booth.desk._core.update(line=down(START))
    booth.type(*CLEAR)
    booth.let_pass()
    booth.desk._lining._show(Heard(up(), 0.2, None))
    booth.desk._core.update(line=down(START))
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: advice(v) is not None)
    booth.desk._lining._show(Heard(up(), 0.2, None))
    booth.settle()
    assert centre.asked == []


def test_before_the_first_round_a_document_is_answered_here_and_asked_about_with_the_line(booth):
    booth.open()
    centre = Centre(booth)
    booth.desk._core.update(line=LineState())
    view = booth.type(*CLEAR)
    assert (advice(view), view.checks.centre) == (Advice.PROCEED, "Centre: not asked")
    booth.desk._lining._show(Heard(up(), 0.2, None))
    booth.settle()
    assert centre.question.mrz == CLEAR
