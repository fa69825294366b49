"""Crossings at the desk: stays, the lot, vehicles and history, by this booth's journal or by all posts'."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.crossings import lot
from checkpoint_app.booth.crossings.crossing_checks import history_fields
from checkpoint_app.booth.crossings.national_crossings import question_of
from checkpoint_app.booth.crossings.vehicles import plain_plate
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.verdict import Advice, Answer, Check, Lane, NotDone, Outcome, Requirement
from checkpoint_app.wire.crossings import CrossingsAsked, CrossingsKnown, SeenCrossing
from tests.booth.helpers import CLEAR, START, Booth, FakeClock, Publisher, make_booth, up
from tests.booth.states import zone

STAY, DRAW = Requirement(Check.STAY), Requirement(Check.DRAW)
NOTES = dict.fromkeys(
    ("stay.over", "stay.exit_without_entry", "stay.entry_without_exit", "draw.selected"), Outcome.NOTE
)
POLICY = {
    "required": (DRAW,),
    "optional": (STAY,),
    "outcomes": NOTES,
    "stay_days": {"": 10},
    "lanes": {"1": Lane(draw_per_million=1_000_000)},
}
Make = Callable[..., Booth]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened: list[Booth] = []
    kept: dict[str, tuple[Publisher, FakeClock]] = {}

    def open_booth(**policy: object) -> Booth:
        if not kept:
            kept["it"] = make_booth(tmp_path, policy={**POLICY, **policy}, persons=None, numbers=None)
        publisher, clock = kept["it"]
        opened.append(Booth(tmp_path, clock, publisher))
        opened[-1].open(lists=0)
        return opened[-1]

    yield open_booth
    for one in opened:
        one.close()


def answers(booth: Booth) -> dict[Check, Answer]:
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    return {one.check: one for one in encounter.answers}


def passed(booth: Booth, *, leaving: bool = False) -> None:
    """Let the specimen's holder cross."""
    if booth.desk._core.state.direction_in is leaving:
        booth.press(Action.DIRECTION)
        booth.until(lambda v: v.bar.direction_in is not leaving)
    booth.type(*CLEAR)
    decide(booth)


def decide(booth: Booth) -> None:
    """Let pass, with a reason where one is asked."""
    proceed = booth.view.advice.advice is Advice.PROCEED
    (booth.let_pass if proceed else booth.let_pass_with_reason)()


def days_go_by(booth: Booth, days: float) -> None:
    booth.clock.pass_(seconds=days * 86_400)


def test_a_stay_is_counted_from_the_entry_here(make: Make) -> None:
    booth = make()
    booth.type(*CLEAR)
    assert answers(booth)[Check.STAY].not_done is NotDone.NO_HISTORY  # nobody here knows whether they were in before
    decide(booth)
    days_go_by(booth, 12)
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    booth.type(*CLEAR)
    (found,) = answers(booth)[Check.STAY].findings
    assert (found.code, dict(found.params)) == ("stay.over", {"days": "13", "limit": "10"})
    assert booth.view.advice.advice is Advice.LOOK
    (row,) = (row for row in booth.view.checks.rows if row.name == "Stay")
    assert row.detail == "Stayed 13 days, 10 allowed"
    assert row.source == f"this booth, since {START.astimezone().date()}"


def test_a_stay_within_its_time_lets_pass(make: Make) -> None:
    booth = make(lanes={})
    passed(booth)
    days_go_by(booth, 3)
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    booth.type(*CLEAR)
    assert answers(booth)[Check.STAY].outcome is Outcome.CLEAR
    assert booth.view.advice.advice is Advice.PROCEED


def test_every_reading_is_a_passage_of_the_lot(make: Make) -> None:
    booth = make()
    booth.type(*CLEAR)
    drawn = answers(booth)[Check.DRAW]
    assert [(one.code, one.params["number"]) for one in drawn.findings] == [("draw.selected", "1")]
    assert booth.view.advice.advice is Advice.LOOK
    kinds = booth.kinds()
    assert kinds.index("encounter_read") < kinds.index("draw_committed") < kinds.index("encounter_drawn")
    booth.press(Action.CORRECT)  # the checks made anew are no other passage
    booth.desk.submit()
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and v.advice.advice is not None)
    assert booth.kinds().count("encounter_drawn") == 1
    decide(booth)
    booth.type(*CLEAR)
    assert answers(booth)[Check.DRAW].findings[0].params["number"] == "2"


def test_the_lot_of_a_day_is_revealed_when_it_is_over(make: Make) -> None:
    booth = make()
    passed(booth)
    booth.desk._crossings.reveal()
    assert "draw_revealed" not in booth.kinds()
    days_go_by(booth, 1)
    booth.desk._crossings.reveal()
    assert booth.last_body("draw_revealed")["commit"] == booth.last_body("draw_committed")["commit"]


def test_closing_an_encounter_and_reading_again_is_no_second_draw(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lot, "draw", lambda _seed, _lot, number, _rate: number == 1)
    booth = make()
    booth.type(*CLEAR)
    booth.press(Action.PREVIOUS)
    booth.desk.choose(1)
    booth.press(Action.CONFIRM)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.type(*CLEAR)
    assert booth.last_body("encounter_drawn")["number"] == 2
    assert [dict(one.params) for one in answers(booth)[Check.DRAW].findings] == [{"number": "1"}]
    decide(booth)
    booth.type(*CLEAR)
    assert answers(booth)[Check.DRAW].outcome is Outcome.CLEAR


def test_nobody_is_drawn_in_a_lane_without_a_lot(make: Make) -> None:
    booth = make(lanes={})
    booth.type(*CLEAR)
    assert answers(booth)[Check.DRAW].outcome is Outcome.CLEAR


def test_rules_read_how_often_and_when(make: Make) -> None:
    booth = make()
    passed(booth)
    booth.clock.pass_(seconds=5 * 3600)
    passed(booth, leaving=True)
    booth.clock.pass_(seconds=2 * 3600)
    booth.type(*CLEAR)  # leaves once more
    encounter, policy = booth.desk._core.state.encounter, booth.desk._core.state.policy

    def fields(records):
        return history_fields(records, encounter, policy, "", records.trusted_now())

    assert booth._ask(fields) == {
        "hist.scope": "post",
        "hist.crossings_90d": 2,
        "hist.crossings_7d": 2,
        "hist.last_crossing_hours": 2,
        "doc.crossings_90d": 2,
        "doc.other_persons": 0,
    }


def test_a_vehicle_goes_with_every_traveller_until_it_is_cleared(make: Make) -> None:
    booth = make()
    booth.press(Action.SEEN)
    booth.desk.edit("plate", "?")
    booth.desk.submit()
    assert booth.until(lambda v: v.form and v.form.fault).form.fault == "A plate has 2 to 12 letters and digits."
    booth.desk.edit("plate", "pdm-0417")
    booth.desk.submit()
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.type(*CLEAR)
    assert booth.last_body("encounter_read")["vehicle"] == "PDM0417"
    assert "vehicle PDM0417" in booth.view.person.history
    booth.press(Action.SEEN)
    booth.desk.edit("plate", "")
    booth.desk.submit()
    booth.until(
        lambda v: v.stage is Stage.ENCOUNTER and v.advice.advice is not None and "vehicle" not in v.person.history
    )
    assert booth.last_body("encounter_corrected")["vehicle"] == ""


def test_a_vehicle_stays_with_the_officer_who_typed_it(make: Make) -> None:
    """The next traveller, hours later, came in another: nobody is to be linked with who sat in this one."""
    booth = make()
    booth.press(Action.SEEN)
    booth.desk.edit("plate", "PDM-0417")
    booth.desk.submit()
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form and v.form.name == "sign_in")
    booth.sign_in()
    booth.type(*CLEAR)
    assert booth.last_body("encounter_read")["vehicle"] == ""


def known(asked: CrossingsAsked, *crossings: SeenCrossing, others: int = 0) -> CrossingsKnown:
    since = START - timedelta(days=300)
    return CrossingsKnown(asked.encounter_id, crossings, since, others, START)


def seen(days: float, *, entry: bool = True) -> SeenCrossing:
    return SeenCrossing(START - timedelta(days=days), entry, "Otro Paso", same_person=True, same_document=True)


def told(booth: Booth, *crossings: SeenCrossing) -> None:
    """Let the centre tell of crossings about whoever is on the desk."""
    encounter = booth.desk._core.state.encounter
    asked = question_of(encounter, "test-1")
    booth.desk._crossings.national._told(asked, known(asked, *crossings))
    booth.until(lambda _v: booth.desk._core.state.encounter.national is not None)


def test_the_centre_tells_of_other_posts(make: Make) -> None:
    booth = make(lanes={})
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    booth.type(*CLEAR)
    assert answers(booth)[Check.STAY].not_done is NotDone.NO_HISTORY
    assert booth.view.advice.advice is Advice.PROCEED
    told(booth, seen(30))
    assert [one.code for one in answers(booth)[Check.STAY].findings] == ["stay.over"]
    assert booth.view.advice.advice is Advice.LOOK
    assert booth.view.message.text == "The centre told of crossings at other posts: look again."
    assert booth.last_body("encounter_answered")["centre"] == "crossings"
    (row,) = (row for row in booth.view.checks.rows if row.name == "Stay")
    assert row.source.startswith("all posts, since ")


def test_an_entry_that_nobody_knows_is_told_by_the_centre_alone(make: Make) -> None:
    booth = make(lanes={})
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    booth.type(*CLEAR)
    told(booth)
    assert [one.code for one in answers(booth)[Check.STAY].findings] == ["stay.exit_without_entry"]


def test_what_changes_nothing_is_told_to_nobody(make: Make) -> None:
    booth = make(lanes={})
    booth.type(*CLEAR)
    message = booth.view.message
    told(booth, seen(30), seen(5, entry=False))
    assert answers(booth)[Check.STAY].outcome is Outcome.CLEAR
    assert booth.view.message == message


def test_the_centre_is_asked_while_there_is_a_line(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = make(lanes={})
    asked: list[CrossingsAsked] = []
    monkeypatch.setattr(booth.desk._crossings.national, "_ask", lambda question, _replied: asked.append(question))
    booth.type(*CLEAR)
    assert asked == []
    booth.let_pass()
    booth.desk._core.update(line=up())
    booth.type(*CLEAR)
    (question,) = asked
    assert (question.family_name, question.birth, question.document_number) == ("MUSTER", "800101", "C01X00T47")


def test_the_centre_is_asked_when_the_line_comes_back(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = make(lanes={})
    asked: list[CrossingsAsked] = []
    monkeypatch.setattr(booth.desk._crossings.national, "_ask", lambda question, _replied: asked.append(question))
    booth.type(*CLEAR)
    booth.desk._core.update(line=up())
    booth.desk._lining.came_up()
    assert [one.document_number for one in asked] == ["C01X00T47"]
    decide(booth)
    booth.desk._lining.came_up()
    assert len(asked) == 1


def test_a_reply_about_somebody_else_is_nobody_s(make: Make) -> None:
    booth = make(lanes={})
    booth.type(*CLEAR)
    encounter = booth.desk._core.state.encounter
    asked = question_of(encounter, "test-1")
    another = replace(asked, encounter_id="another")
    booth.desk._crossings.national._told(another, known(another, seen(30)))
    booth.desk._crossings.national._told(asked, known(another, seen(30)))
    booth.settle()
    assert booth.desk._core.state.encounter.national is None


def corrected(booth: Booth, *lines: str) -> None:
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(lines))
    booth.desk.submit()
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and v.advice.advice is not None)


def test_what_was_told_of_a_misread_name_is_not_of_the_one_corrected(make: Make) -> None:
    booth = make(lanes={})
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    booth.type(*CLEAR)
    before = question_of(booth.desk._core.state.encounter, "test-1")
    told(booth, seen(3))
    assert answers(booth)[Check.STAY].outcome is Outcome.CLEAR
    corrected(booth, CLEAR[0].replace("KLARA", "CLARA"), CLEAR[1])
    assert answers(booth)[Check.STAY].not_done is NotDone.NO_HISTORY
    booth.desk._crossings.national._told(before, known(before, seen(3)))  # a late answer to what was asked before
    booth.settle()
    assert answers(booth)[Check.STAY].not_done is NotDone.NO_HISTORY
    told(booth, seen(30))
    assert [one.code for one in answers(booth)[Check.STAY].findings] == ["stay.over"]


def test_nothing_is_clear_of_whom_a_field_in_doubt_may_not_name(make: Make) -> None:
    """The date's digit is wrong: whoever it finds is somebody else, and that nobody is found says nothing."""
    wrong = CLEAR[1].replace("8001014", "8001024")
    booth = make(lanes={})
    booth.type(CLEAR[0], wrong)
    encounter = booth.desk._core.state.encounter
    asked = question_of(encounter, "test-1")
    assert (asked.birth, asked.document_number) == ("", "C01X00T47")
    told(booth)
    assert answers(booth)[Check.STAY].not_done is NotDone.DOCUMENT_UNREADABLE
    policy = booth.desk._core.state.policy
    fields = booth._ask(lambda r: history_fields(r, booth.desk._core.state.encounter, policy, "", r.trusted_now()))
    assert fields == {"doc.crossings_90d": 0}


def test_nothing_is_clear_of_whom_no_date_of_birth_is_known(make: Make) -> None:
    booth = make(lanes={})
    booth.type(*zone(birth_date="<<<<<<"))
    told(booth)
    assert answers(booth)[Check.STAY].not_done is NotDone.FIELD_MISSING


def test_a_number_in_doubt_is_not_asked_about(make: Make) -> None:
    booth = make(lanes={})
    booth.type(CLEAR[0], CLEAR[1].replace("T478", "T479"))
    asked = question_of(booth.desk._core.state.encounter, "test-1")
    assert (asked.document_number, asked.family_name) == ("", "MUSTER")


@pytest.mark.parametrize(("typed", "plain"), [("pdm-0417", "PDM0417"), (" a b.1 ", "AB1"), ("", "")])
def test_plates_are_compared_in_one_form(typed: str, plain: str) -> None:
    assert plain_plate(typed) == plain
