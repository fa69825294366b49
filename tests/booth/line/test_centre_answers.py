"""Both answers: what the centre says raises the local advice, lowers a hit only by name, and never holds the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.documents import PartialDate, parse_mrz
from checkpoint_app.screening.checks import Examination, run_list_checks
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.verdict import Advice, Answer, Outcome
from checkpoint_app.verdict.raising import Gone
from checkpoint_app.wire.question import Question, Reply
from tests.booth.helpers import ERIKSON, OTHERS, START, Booth, down, make_booth, up
from tests.booth.states import zone
from tests.e2e.lists import loaded_persons

KLARA = {"document_number": "C01X00T47", "family_name": "MUSTER", "given_names": "KLARA LUISA"}
CLEAR = zone(**KLARA, birth_date=PartialDate("800101"))
EXPIRED = zone(**KLARA, birth_date=PartialDate("800101"), expiry_date=PartialDate("250101"))
HIT = zone(
    document_number="A00000000",
    family_name="ERIKSON",
    given_names="ANA MARIA",
    nationality="ECU",
    birth_date=PartialDate("740821"),
)


class Centre:
    """Keeps the questions, and answers when the test says so."""

    def __init__(self, booth: Booth) -> None:
        self.booth = booth
        self.asked: list[tuple[Question, object, object, object]] = []
        booth.desk._asking._ask = lambda *call: self.asked.append(call)
        booth.desk._core.update(line=up())

    @property
    def question(self) -> Question:
        return self.asked[-1][0]

    def reply(self, *answers: Answer, gone: tuple[Gone, ...] = (), to: int = -1) -> None:
        question, replied, _late, _failed = self.asked[to]
        replied(Reply(question.encounter_id, answers, gone, START))

    def is_late(self) -> None:
        self.asked[-1][2]()

    def fails(self) -> None:
        self.asked[-1][3](OSError("cut"))

    def lists(self, *entries, version: int) -> tuple[Answer, ...]:
        """Answer the last question by the shared code, from a list of the centre's own."""
        state = self.booth.desk._core.state
        local = next(one for one in state.lists if one.source.name == "ECU")
        source = replace(local.source, version=version, issued_at=START)
        mine = replace(local, source=source, persons=loaded_persons((*OTHERS, *entries)))
        examined = Examination(parse_mrz(self.question.mrz, START.date()), self.question.doubtful, START)
        others = [one for one in state.lists if one.source.name != "ECU"]
        return run_list_checks(examined, state.policy, [mine, *others], lambda _list, _candidate: None)


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    yield booth
    booth.close()


@pytest.fixture
def centre(booth):
    return Centre(booth)


def advice(view):
    return view.advice.advice


def test_the_local_advice_stands_on_the_screen_while_the_centre_is_asked(booth, centre):
    view = booth.type(*CLEAR)
    assert advice(view) is Advice.PROCEED
    assert booth.view.checks.centre == "Centre: asking…"
    assert centre.question.mrz == CLEAR
    booth.let_pass()  # and nothing waits for the answer
    assert "disposition" in booth.kinds()


def test_the_same_answers_are_said_and_change_nothing(booth, centre):
    booth.type(*CLEAR)
    before = booth.kinds()
    centre.reply(*centre.lists(ERIKSON, version=1))
    view = booth.until(lambda v: v.checks.centre == "Centre: same answers")
    assert advice(view) is Advice.PROCEED
    assert booth.kinds() == before


def test_the_centre_raises_and_the_key_pressed_for_the_advice_before_does_nothing(booth, centre):
    booth.type(*CLEAR)
    named = replace(
        ERIKSON,
        id="N-1",
        names=(Name("MUSTER", "Klara Luisa"),),
        birth_dates=(ListedDate("1980-01-01", "1980-01-01"),),
    )
    booth.clock.pass_(seconds=2)
    sounds = len(booth.sounds)
    centre.reply(*centre.lists(ERIKSON, named, version=2))
    view = booth.until(lambda v: advice(v) is Advice.REFER)
    assert view.checks.centre == "Centre: found more"
    assert booth.sounds[sounds:] == [Sound.REFER]
    assert booth.last_body("encounter_answered")["centre"] == "raised"
    booth.press(Action.LET_PASS, wait=0.2)
    booth.settle()
    assert "disposition" not in booth.kinds()
    booth.refer()
    assert booth.last_body("disposition")["advice"] == "refer"


def test_an_answer_that_comes_after_the_decision_is_nobodys_here(booth, centre):
    booth.type(*CLEAR)
    answers = centre.lists(ERIKSON, version=2)
    booth.let_pass()
    events = booth.kinds()
    centre.reply(*(replace(one, outcome=Outcome.HIT, findings=one.findings or _finding()) for one in answers))
    view = booth.settle()
    assert view.stage is Stage.EMPTY
    assert booth.kinds() == events


def _finding():
    from checkpoint_app.verdict import Finding

    return (Finding("wanted.match", {"count": "1"}),)


def test_an_answer_to_an_older_question_does_not_touch_the_next_traveller(booth, centre):
    booth.type(*CLEAR)
    booth.let_pass()
    booth.type(*HIT)
    answers = centre.lists(version=2)
    centre.reply(*answers, gone=(Gone("ECU", 2, "E-1"),), to=0)
    assert advice(booth.settle()) is Advice.REFER


def test_the_centre_lowers_a_hit_only_by_naming_the_version_in_which_the_entry_is_gone(booth, centre):
    booth.type(*HIT)
    assert centre.question.hits[0].entry_id == "E-1"
    centre.reply(*centre.lists(version=2))  # clear there, but it names nothing
    view = booth.until(lambda v: not v.checks.centre.endswith("asking…"))
    assert advice(view) is Advice.REFER
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.SECOND)
    booth.until(lambda v: advice(v) is Advice.REFER)
    centre.reply(*centre.lists(version=2), gone=(Gone("ECU", 2, "E-1"),))
    view = booth.until(lambda v: advice(v) is Advice.PROCEED)
    assert view.checks.centre == "Centre: the entry is gone from its newer list"
    assert booth.last_body("encounter_answered")["centre"] == "lowered"
    booth.let_pass()  # its answers are the centre's, and stay current here


def test_not_the_same_person_holds_against_the_centre_too(booth, centre):
    booth.type(*HIT)
    booth.press(Action.COMPARE)
    booth.press(Action.NOT_SAME_PERSON)
    booth.desk.choose(1)
    booth.desk.edit("supervisor", "s.muestra")
    booth.desk.edit("supervisor_pin", "8642")
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(lambda v: advice(v) is Advice.LOOK)
    asked = len(centre.asked)
    assert asked >= 2
    centre.reply(*centre.lists(ERIKSON, version=1))
    view = booth.until(lambda v: not v.checks.centre.endswith("asking…"))
    assert advice(view) is Advice.LOOK


def test_a_centre_that_is_late_or_fails_is_said_and_may_still_answer(booth, centre):
    booth.type(*CLEAR)
    centre.is_late()
    assert booth.view.checks.centre == "Centre did not answer: this booth decides"
    centre.reply(*centre.lists(ERIKSON, version=1))
    booth.until(lambda v: v.checks.centre == "Centre: same answers")
    centre.is_late()  # a timer that fired meanwhile
    assert booth.view.checks.centre == "Centre: same answers"
    booth.let_pass()
    booth.type(*CLEAR)
    centre.fails()
    assert booth.view.checks.centre == "Centre did not answer: this booth decides"


def test_what_could_not_be_checked_here_is_checked_there(tmp_path):
    publisher, clock = make_booth(tmp_path, persons=None)
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.open(lists=1)
        centre = Centre(booth)
        assert advice(booth.type(*CLEAR)) is Advice.INCOMPLETE
        state = booth.desk._core.state
        local = state.lists[0]
        source = replace(local.source, name="ECU", version=5, issued_at=START)
        persons = replace(local, kind="persons", source=source, numbers=None, persons=loaded_persons(OTHERS))
        examined = Examination(parse_mrz(CLEAR, START.date()), doubtful=False, now=START)
        answers = run_list_checks(examined, state.policy, [local, persons], lambda _list, _candidate: None)
        centre.reply(*answers)
        view = booth.until(lambda v: advice(v) is Advice.PROCEED)
        assert view.checks.centre == "Centre: checked more, nothing more found"
        booth.clock.pass_(seconds=1)
        booth.let_pass()
        assert booth.last_body("disposition")["advice"] == "proceed"
    finally:
        booth.close()


def test_a_raise_takes_the_reason_off_the_screen_that_was_being_given_for_less(booth, centre):
    assert advice(booth.type(*EXPIRED)) is Advice.LOOK
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.panel_form is not None)
    answers = centre.lists(version=2)
    raised = [replace(one, outcome=Outcome.HIT, findings=_finding()) for one in answers if one.source.name == "ECU"]
    centre.reply(*raised)
    view = booth.until(lambda v: advice(v) is Advice.REFER)
    assert view.panel_form is None
    booth.settle()
    assert "disposition" not in booth.kinds()


def test_without_a_line_nothing_is_asked_and_the_screen_says_so(booth, centre):
    booth.desk._core.update(line=down(START - timedelta(minutes=28)))
    view = booth.type(*CLEAR)
    assert advice(view) is Advice.PROCEED
    assert centre.asked == []
    assert booth.view.checks.centre.startswith("Centre: not asked, offline since")


def test_a_line_lost_in_mid_encounter_changes_nothing_but_the_line(booth, centre):
    booth.type(*CLEAR)
    centre.reply(*centre.lists(ERIKSON, version=1))
    before = booth.until(lambda v: v.checks.centre == "Centre: same answers")
    booth.desk._core.update(line=down(START))
    after = booth.view
    assert after.bar.line.up is False
    assert before.bar.line.up is True
    assert replace(after, bar=replace(after.bar, line=before.bar.line)) == before
