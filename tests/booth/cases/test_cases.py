"""Cases at the desk: a late hit arrives, is heard, listed, taken and closed; each step is in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.view.screen import Action, CaseMark, KeyState, Sound, Stage
from checkpoint_app.verdict import Advice, Check, Outcome
from checkpoint_app.wire.case import Case, CaseKind, CaseState, SeenList
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.booth import states
from tests.booth.helpers import OFFICER, START, SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth


def late_hit(number: int = 1, **changes: object) -> Case:
    """A case as the centre sends it: let pass here, named by a newer list since."""
    found = states.answer(
        Check.WANTED,
        Outcome.HIT,
        "wanted.match:count=1",
        of=states.source(version=89),
        candidates=(states.candidate(),),
    )
    parts = {
        "case_id": f"26-{number:06d}",
        "number": number,
        "kind": CaseKind.LATE_HIT,
        "booth": "test-1",
        "encounter_id": f"e-{number}",
        "family_name": "EJEMPLO",
        "given_names": f"ANA {number}",
        "disposition": "let_pass",
        "decided_at": START - timedelta(minutes=3),
        "decided_by": OFFICER,
        "direction_in": True,
        "found": (found,),
        "seen": (SeenList("ECU", 88),),
        "opened_at": START,
        "due_at": START + timedelta(minutes=30 + number),
        **changes,
    }
    return Case(**parts)  # type: ignore[arg-type]


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    yield booth
    booth.close()


def receive(booth: Booth, *cases: Case) -> None:
    """Let cases come in as a round of the line brings them: journalled first, then told to the desk."""
    for case in cases:
        body = {"case": to_plain(case)}
        booth._ask(lambda records, body=body: records.write(EventKind.CASE_RECEIVED, body))
    booth.desk._casekeeping.arrived()
    booth.until(lambda _v: len(booth.desk._core.state.cases) >= len(cases))


def test_a_late_hit_is_heard_and_stands_on_the_empty_desk_without_a_name(booth):
    booth.open()
    receive(booth, late_hit())
    view = booth.view
    assert booth.sounds[-1] is Sound.LATE_HIT
    assert view.message.text == "1 late hit, nobody has it yet"
    assert view.message.cap == view.desk.notice_cap == "F6"
    shown = " ".join((view.message.text, view.desk.title, view.desk.hint, view.desk.notice))
    assert "EJEMPLO" not in shown


def test_a_late_hit_is_taken_and_closed_with_an_outcome_and_each_step_is_written(booth):
    booth.open()
    receive(booth, late_hit())
    booth.press(Action.COMPARE)
    view = booth.until(lambda v: v.stage is Stage.CASES)
    row = view.cases.rows[0]
    assert (row.name, row.mark, row.owner, row.unowned, row.urgent) == (
        "EJEMPLO, ANA 1",
        CaseMark.NEW,
        "nobody yet",
        True,
        True,
    )
    assert view.advice.advice is Advice.REFER
    assert [key.word for key in view.keys if key.state is KeyState.MAIN] == ["Take the case"]
    assert booth.last_body("cases_viewed") == {"officer": OFFICER, "cases": ["26-000001"]}

    booth.press(Action.TAKE_CASE)
    view = booth.until(lambda v: v.cases and v.cases.rows[0].mark is CaseMark.TAKEN)
    assert view.cases.rows[0].owner == OFFICER
    assert next(key.word for key in view.keys if key.action is Action.TAKE_CASE) == "Close the case"

    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is not None)
    booth.press(Action.TAKE_CASE)
    view = booth.until(lambda v: v.panel_form.fault)
    assert "case_closed" not in booth.kinds()
    booth.desk.choose(1)
    booth.press(Action.TAKE_CASE)
    view = booth.until(lambda v: v.panel_form is None)
    assert view.cases.rows[0].mark is CaseMark.CLOSED
    assert booth.last_body("case_closed")["outcome"] == "not_same"
    assert booth.kinds()[-2:] == ["case_taken", "case_closed"]
    booth.press(Action.TAKE_CASE)
    assert booth.sounds[-1] is Sound.REFUSED_KEY


def test_anothers_case_can_be_taken_over_and_not_be_closed(booth):
    booth.open()
    receive(booth, late_hit(state=CaseState.TAKEN, owner="r.ejemplo"))
    booth.press(Action.COMPARE)
    view = booth.until(lambda v: v.stage is Stage.CASES)
    assert view.cases.rows[0].owner == "r.ejemplo"
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.cases.rows[0].owner == OFFICER)
    assert booth.view.panel_form is None


def test_the_list_shows_seven_a_page_by_time_left_and_tabs_choose(booth):
    booth.open()
    receive(booth, *(late_hit(number) for number in range(9, 0, -1)))
    booth.press(Action.COMPARE)
    view = booth.until(lambda v: v.stage is Stage.CASES)
    assert [row.name for row in view.cases.rows] == [f"EJEMPLO, ANA {number}" for number in range(1, 8)]
    assert view.cases.page == "Page 1 of 2"
    for _ in range(7):
        booth.desk.move(1)
    view = booth.view
    assert (view.cases.page, view.cases.selected, len(view.cases.rows)) == ("Page 2 of 2", 0, 2)
    booth.desk.choose(3)
    assert booth.view.cases.rows == ()
    assert booth.view.cases.empty == "No cases"
    booth.desk.choose(9)
    assert booth.sounds[-1] is Sound.REFUSED_KEY


def test_a_document_laid_down_comes_before_the_list_and_nobody_sees_it_signed_out(booth):
    booth.open()
    receive(booth, late_hit())
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    assert booth.desk._encountering.is_free
    booth.press(Action.OFFICER)
    view = booth.until(lambda v: v.stage is Stage.FORM)
    assert view.cases is None
    assert "EJEMPLO" not in repr(view)


def test_esc_and_f6_leave_the_list(booth):
    booth.open()
    for leave in (Action.PREVIOUS, Action.COMPARE):
        booth.press(Action.COMPARE)
        booth.until(lambda v: v.stage is Stage.CASES)
        booth.press(leave)
        booth.until(lambda v: v.stage is Stage.EMPTY)


def test_cases_are_there_again_after_a_restart(booth, tmp_path):
    booth.open()
    receive(booth, late_hit())
    booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        again.unlock()
        again.sign_in(SUPERVISOR, SUPERVISOR_PIN)
        again.until(lambda v: v.desk and v.desk.notice == "1 late hit, nobody has it yet")
    finally:
        again.close()


def test_the_form_closes_the_case_it_was_opened_for_whatever_comes_meanwhile(booth):
    booth.open()
    receive(booth, late_hit(5), late_hit(6))
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.cases.rows[0].mark is CaseMark.TAKEN)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.move(1)
    receive(booth, late_hit(1))  # comes to stand above the others
    booth.until(lambda v: len(v.cases.rows) == 3)
    booth.desk.choose(3)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is None)
    assert booth.last_body("case_closed")["case_id"] == "26-000005"


def test_what_is_found_while_the_form_is_open_is_not_closed_with_it(booth):
    """The centre widens what is taken here, before it hears that it is: it stays the officer's, with something new."""
    booth.open()
    receive(booth, late_hit())
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.cases.rows[0].mark is CaseMark.TAKEN)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.choose(1)
    up_to = booth._ask(lambda records: records.store.journal.head().seq) - 1
    (found,) = late_hit().found
    more = replace(found, candidates=(states.candidate("E-2"),))
    receive(booth, replace(late_hit(), number=2, found=(found, more), up_to=up_to))
    booth.until(lambda _v: len(booth.desk._core.state.cases[0].case.found) == 2)
    assert booth.desk._core.state.cases[0].case.state is CaseState.TAKEN
    booth.clock.seconds += 1
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is None)
    assert booth.desk._core.state.cases[0].case.state is CaseState.TAKEN
    booth.clock.seconds += 1
    booth.press(Action.TAKE_CASE)  # now it has been seen
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.choose(1)
    booth.clock.seconds += 1
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is None)
    assert len(booth.last_body("case_closed")["saw"]) == 2


def test_a_second_press_meant_for_the_case_before_takes_no_other(booth):
    booth.open()
    receive(booth, late_hit(1), late_hit(2))
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.cases.rows[0].mark is CaseMark.TAKEN)
    booth.press(Action.TAKE_CASE, wait=0.2)
    assert booth.view.panel_form is None
    booth.desk.move(1)
    booth.press(Action.TAKE_CASE, wait=0.2)
    booth.settle()
    assert booth.kinds().count("case_taken") == 1


def test_a_case_that_comes_to_stand_first_is_not_taken_for_the_one_that_was_read(booth):
    booth.open()
    receive(booth, late_hit(5))
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.clock.pass_(seconds=5)
    receive(booth, late_hit(1))  # less time is left for it: it comes first
    view = booth.until(lambda v: len(v.cases.rows) == 2)
    assert view.cases.rows[view.cases.selected].name == "EJEMPLO, ANA 5"
    booth.press(Action.TAKE_CASE, wait=0)
    booth.until(lambda v: CaseMark.TAKEN in [row.mark for row in v.cases.rows])
    assert booth.last_body("case_taken")["case_id"] == "26-000005"


def test_a_case_that_changed_under_the_key_is_not_taken_by_it(booth):
    booth.open()
    receive(booth, late_hit(5))
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.desk.choose(2)
    booth.clock.pass_(seconds=5)
    receive(booth, late_hit(6), late_hit(7, case_id="26-000005", state=CaseState.CLOSED, owner="c.ejemplo"))
    booth.until(lambda v: [row.name for row in v.cases.rows] == ["EJEMPLO, ANA 6"])
    booth.press(Action.TAKE_CASE, wait=0.1)  # pressed for number 5, which is gone from the list
    booth.settle()
    assert "case_taken" not in booth.kinds()
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: booth.desk._core.state.cases[1].case.state is CaseState.TAKEN)


def test_what_the_centre_tells_of_a_case_that_is_no_news_is_not_heard(booth):
    booth.open()
    receive(booth, late_hit(1))
    heard = list(booth.sounds)
    booth.desk._core.say("message.internal", "attention", code="OSError")
    body = {"case": to_plain(late_hit(2, case_id="26-000001", state=CaseState.CLOSED, owner="c.ejemplo"))}
    booth._ask(lambda records: records.write(EventKind.CASE_RECEIVED, body))
    booth.desk._casekeeping.arrived()
    booth.until(lambda _v: booth.desk._core.state.cases[0].case.state is CaseState.CLOSED)
    assert booth.sounds == heard
    assert "OSError" in booth.view.message.text


def test_a_case_that_the_centre_closed_meanwhile_is_not_closed_again(booth):
    booth.open()
    receive(booth, late_hit(1, state=CaseState.TAKEN, owner=OFFICER))
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.choose(1)
    receive(booth, late_hit(2, case_id="26-000001", state=CaseState.CLOSED, owner="c.ejemplo"))
    booth.until(lambda _v: booth.desk._core.state.cases[0].case.state is CaseState.CLOSED)
    booth.press(Action.TAKE_CASE)
    booth.settle()
    assert "case_closed" not in booth.kinds()
