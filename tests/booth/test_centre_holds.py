"""What the centre found is not forgotten by what happens at the desk; what was not consulted is never clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.view import Action, Stage
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.verdict import Advice, Check, NotDone, Requirement
from tests.booth.helpers import ERIKSON, OTHERS, Booth, make_booth
from tests.booth.test_asking import CLEAR, EXPIRED, Centre, advice
from tests.e2e.lists import loaded_persons

KLARA = replace(
    ERIKSON, id="N-1", names=(Name("MUSTER", "Klara Luisa"),), birth_dates=(ListedDate("1980-01-01", "1980-01-01"),)
)
OTHER_KLARA = replace(KLARA, id="N-2")


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


def found_by_the_centre(booth: Booth, centre: Centre) -> None:
    """Klara Muster is on the desk; nobody here knows her, the centre's newer list does."""
    assert advice(booth.type(*CLEAR)) is Advice.PROCEED
    centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
    booth.until(lambda v: advice(v) is Advice.REFER)


def aside_and_back(booth: Booth) -> None:
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.SECOND)


def another_officer(booth: Booth) -> None:
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form and v.form.name == "sign_in")
    booth.sign_in()


def typed_the_same(booth: Booth) -> None:
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(CLEAR))
    booth.desk.submit()


def a_policy_is_new(booth: Booth) -> None:
    state = booth.desk._core.state
    booth.desk._core.update(policy=replace(state.policy, version=2))
    booth.desk._encountering.refresh()


@pytest.mark.parametrize("happening", [aside_and_back, another_officer, typed_the_same, a_policy_is_new])
def test_a_hit_of_the_centre_stays_while_the_checks_are_made_anew_and_nobody_answers(booth, centre, happening):
    found_by_the_centre(booth, centre)
    asked = len(centre.asked)
    booth.desk._core.update(line=None if happening is aside_and_back else booth.desk._core.state.line)
    happening(booth)
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and advice(v) is not None)
    assert advice(booth.settle()) is Advice.REFER
    assert booth.last_body("encounter_answered")["verdict"]["advice"] == "refer"
    if happening is not aside_and_back:
        assert len(centre.asked) > asked
        assert [hit.entry_id for hit in centre.question.hits] == ["N-1"]


def test_a_hit_of_the_centre_stays_after_a_crash(booth, centre, tmp_path):
    found_by_the_centre(booth, centre)
    booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        again.open()
        again.until(lambda v: v.stage is Stage.ENCOUNTER and advice(v) is not None)
        assert advice(again.settle()) is Advice.REFER
    finally:
        again.close()


def test_a_hit_of_the_centre_goes_with_other_lines_or_the_newer_list_here(booth, centre):
    found_by_the_centre(booth, centre)
    booth.bring(ERIKSON, version=3)  # newer than the centre's was then: she is on it no more
    booth.until(lambda v: advice(v) is Advice.PROCEED)
    centre.reply(*centre.lists(ERIKSON, KLARA, version=4))
    booth.until(lambda v: advice(v) is Advice.REFER)
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(EXPIRED).replace("KLARA<LUISA", "KLARO<LUIS<"))
    booth.desk.submit()
    view = booth.until(lambda v: v.stage is Stage.ENCOUNTER and advice(v) is not None)
    assert view.person is not None
    assert advice(view) is not Advice.REFER


def test_not_the_same_person_decided_against_the_centres_entry_holds_without_it(booth, centre):
    found_by_the_centre(booth, centre)
    booth.press(Action.COMPARE)
    booth.press(Action.NOT_SAME_PERSON)
    booth.desk.choose(1)
    booth.desk.edit("supervisor", "s.muestra")
    booth.desk.edit("supervisor_pin", "8642")
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(lambda v: advice(v) is Advice.LOOK)
    centre.reply(*centre.lists(ERIKSON, KLARA, OTHER_KLARA, version=2))
    booth.until(lambda v: advice(v) is Advice.REFER)  # the second is open still
    aside_and_back(booth)
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and advice(v) is not None)
    assert advice(booth.settle()) is Advice.REFER


def test_a_list_that_comes_into_force_beside_the_others_is_asked_before_letting_pass(tmp_path):
    required = (Requirement(Check.DOCUMENT), Requirement(Check.WANTED))
    publisher, clock = make_booth(tmp_path, policy={"required": required})
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.open()
        assert advice(booth.type(*CLEAR)) is Advice.PROCEED
        core = booth.desk._core
        local = next(one for one in core.state.lists if one.source.name == "ECU")
        second = replace(local, source=replace(local.source, name="CHL"), persons=loaded_persons((*OTHERS, KLARA)))
        core.update(lists=(*core.state.lists, second))
        booth.press(Action.LET_PASS)
        booth.until(lambda v: advice(v) is Advice.REFER)
        booth.settle()
        assert "disposition" not in booth.kinds()
    finally:
        booth.close()


def test_the_first_list_reaches_the_encounter_on_the_desk(tmp_path):
    required = (Requirement(Check.DOCUMENT), Requirement(Check.WANTED))
    publisher, clock = make_booth(tmp_path, persons=None, policy={"required": required})
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.open(lists=1)
        assert advice(booth.type(*CLEAR)) is Advice.INCOMPLETE
        booth.bring(ERIKSON, KLARA, version=1)
        booth.until(lambda v: advice(v) is Advice.REFER)
    finally:
        booth.close()


def test_where_the_booths_copy_of_the_same_version_is_unreadable_the_centres_answer_lets_pass(booth, centre):
    core = booth.desk._core
    broken = tuple(
        replace(one, bar=NotDone.LIST_UNREADABLE) if one.source.name == "ECU" else one for one in core.state.lists
    )
    whole = core.state.lists
    core.update(lists=broken)
    assert advice(booth.type(*CLEAR)) is Advice.INCOMPLETE
    core.state = replace(core.state, lists=whole)
    answers = centre.lists(ERIKSON, version=1)
    core.state = replace(core.state, lists=broken)
    centre.reply(*answers)
    booth.until(lambda v: advice(v) is Advice.PROCEED)
    booth.let_pass()
    assert booth.last_body("disposition")["advice"] == "proceed"


def test_a_list_brought_while_a_reason_is_given_is_asked_before_letting_pass(booth, centre):
    assert advice(booth.type(*EXPIRED)) is Advice.LOOK
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.choose(1)
    booth.bring(ERIKSON, KLARA, version=2)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: advice(v) is Advice.REFER)
    booth.settle()
    assert "disposition" not in booth.kinds()
