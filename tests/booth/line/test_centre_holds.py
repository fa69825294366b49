"""What the centre found is not forgotten by what happens at the desk; what was not consulted is never clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.store import DiskFailedError
from checkpoint_app.store.clearances import ClearedBefore
from checkpoint_app.store.journal import Journal
from checkpoint_app.verdict import Advice, Answer, Check, Finding, NotDone, Outcome, Reason, Requirement, Sign, Source
from checkpoint_app.wire.event import EventKind
from tests.booth.desk.test_one_act import Pictures, picture
from tests.booth.helpers import ERIKSON, OTHERS, START, Booth, make_booth
from tests.booth.line.test_centre_answers import CLEAR, EXPIRED, HIT, Centre, advice
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


class Failing(Pictures):
    """A reader that reads a picture once."""

    def read(self, image: bytes) -> object:
        return super().read(b"nothing" if image in self.seen else image)


def test_a_reread_that_gives_nothing_does_not_end_the_question(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, Failing())
    try:
        booth.open()
        centre = Centre(booth)
        booth.desk.drop(picture(CLEAR), "one.png")
        booth.until(lambda v: advice(v) is Advice.PROCEED)
        booth.press(Action.REREAD)
        booth.until(lambda v: v.stage is Stage.ENCOUNTER and advice(v) is Advice.PROCEED)
        assert booth.view.checks.centre == "Centre: asking\N{HORIZONTAL ELLIPSIS}"
        centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
        booth.until(lambda v: advice(v) is Advice.REFER)
    finally:
        booth.close()


def test_a_hit_of_the_centre_is_shown_even_where_it_can_not_be_written(booth, centre, monkeypatch):
    assert advice(booth.type(*CLEAR)) is Advice.PROCEED
    append = Journal.append

    def broken(journal, kind, body):
        if kind is EventKind.ENCOUNTER_ANSWERED:
            raise DiskFailedError("journal: the disk failed")
        return append(journal, kind, body)

    monkeypatch.setattr(Journal, "append", broken)
    centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
    view = booth.until(lambda v: advice(v) is Advice.REFER)
    assert view.message.symbol == "attention"
    assert "disk" in view.message.text.lower()


def test_another_hit_under_the_same_advice_is_told_and_holds_the_keys(booth, centre):
    assert advice(booth.type(*HIT)) is Advice.REFER
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.panel_form is not None)
    booth.desk.choose(1)
    found = replace(ERIKSON, id="N-9")
    booth.clock.pass_(seconds=2)
    centre.reply(*centre.lists(ERIKSON, found, version=2))
    booth.until(lambda v: v.checks.centre == "Centre: same answers" or "found more" in v.checks.centre)
    booth.press(Action.LET_PASS, wait=0.2)
    booth.settle()
    assert "disposition" not in booth.kinds()
    assert booth.view.message.text == "The centre found more. See the advice of now."
    assert booth.view.panel_form is not None


def test_what_the_centre_was_not_asked_is_not_taken_from_it(tmp_path):
    required = (Requirement(Check.DOCUMENT), Requirement(Check.WANTED), Requirement(Check.FACE))
    publisher, clock = make_booth(tmp_path, persons=None, policy={"required": required})
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.open(lists=1)
        centre = Centre(booth)
        assert advice(booth.type(*CLEAR)) is Advice.INCOMPLETE
        whole = Source("ECU", 5, "engine/1", issued_at=START)
        for source in (replace(whole, name=""), replace(whole, version=0), replace(whole, issued_at=None)):
            centre.reply(
                Answer(Check.FACE, Outcome.CLEAR, whole, START), Answer(Check.WANTED, Outcome.CLEAR, source, START)
            )
            booth.settle()
            assert [row.outcome for row in booth.view.checks.rows[1:]] == [Outcome.NOT_CHECKED, Outcome.NOT_CHECKED]
    finally:
        booth.close()


@pytest.mark.parametrize(
    "finding",
    [Finding("wanted.alias", {"count": "1"}), Finding("wanted.match", {}), Finding("wanted.match", {"count": "x"})],
)
def test_words_of_a_newer_centre_do_not_stop_the_screen(booth, centre, finding):
    assert advice(booth.type(*CLEAR)) is Advice.PROCEED
    hit = next(one for one in centre.lists(KLARA, version=2) if one.source.name == "ECU")
    reason = Reason(Sign.SAME, "reason.of_tomorrow", {})
    candidates = (replace(hit.candidates[0], reasons=(reason,), handling=("NEW-CODE",)),)
    centre.reply(replace(hit, findings=(finding,), candidates=candidates))
    booth.until(lambda v: advice(v) is Advice.REFER)
    booth.refer()


def test_nothing_is_heard_of_an_open_encounter_while_nobody_is_signed_in(booth, centre):
    booth.type(*CLEAR)
    answers = centre.lists(ERIKSON, KLARA, version=2)
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form and v.form.name == "sign_in")
    sounds = list(booth.sounds)
    centre.reply(*answers)
    view = booth.settle()
    assert booth.sounds == sounds
    assert "found more" not in view.message.text
    booth.sign_in()
    booth.until(lambda v: advice(v) is Advice.PROCEED)
    centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
    booth.until(lambda v: advice(v) is Advice.REFER)
    assert booth.sounds[-1] is Sound.REFER


def test_the_last_one_shown_again_is_not_told_what_the_centre_said_of_another(booth, centre):
    booth.desk._core.update(line=booth.desk._core.state.line)
    booth.type(*CLEAR)
    centre.is_late()
    booth.let_pass()
    booth.type(*EXPIRED)
    centre.reply(*centre.lists(ERIKSON, version=1))
    booth.until(lambda v: v.checks.centre == "Centre: same answers")
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.PREVIOUS)
    view = booth.until(lambda v: v.stage is Stage.ENCOUNTER)
    assert view.checks.centre != "Centre: same answers"


@pytest.mark.parametrize(("more", "version"), [(0, 2), (2, 2), (0, 3)])
def test_a_dozen_cleared_here_stay_cleared_unless_the_centre_counts_what_was_not_judged_here(
    booth, centre, more, version
):
    twins = [replace(ERIKSON, id=f"E-{n}", remarks=f"record {n}") for n in range(2, 14)]
    booth.bring(ERIKSON, *twins, version=2)
    decided = ClearedBefore(START, START + timedelta(days=365), "", "s.muestra")
    booth.store().clearances.find = lambda *_: decided
    assert advice(booth.type(*HIT)) is Advice.LOOK
    others = [replace(ERIKSON, id=f"F-{n}", remarks=f"record {n}") for n in range(more)]
    centre.reply(*centre.lists(ERIKSON, *twins, *others, version=version))
    booth.until(lambda v: not v.checks.centre.endswith("asking\N{HORIZONTAL ELLIPSIS}"))
    expected = Advice.LOOK if (more, version) == (0, 2) else Advice.REFER
    assert advice(booth.settle()) is expected


def test_a_picture_read_again_to_the_same_lines_keeps_what_the_centre_found(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, Pictures())
    try:
        booth.open()
        centre = Centre(booth)
        booth.desk.drop(picture(CLEAR), "one.png")
        booth.until(lambda v: advice(v) is Advice.PROCEED)
        centre.reply(*centre.lists(ERIKSON, KLARA, version=2))
        booth.until(lambda v: advice(v) is Advice.REFER)
        booth.press(Action.REREAD)
        booth.until(lambda _v: booth.kinds().count("encounter_answered") == 3)
        assert advice(booth.settle()) is Advice.REFER
    finally:
        booth.close()


def test_a_reason_is_given_for_the_candidate_it_was_asked_about(booth, centre):
    booth.type(*HIT)
    other = replace(ERIKSON, id="N-9", birth_dates=(ListedDate("1974-08-27", "1974-08-27"),))
    centre.reply(*centre.lists(ERIKSON, other, version=2))
    booth.until(lambda v: "found more" in v.checks.centre)
    booth.press(Action.COMPARE)
    looked_at = booth.desk._core.state.candidate
    booth.press(Action.NOT_SAME_PERSON)
    booth.desk.move(1)
    assert booth.desk._core.state.candidate == looked_at
    booth.desk.choose(1)
    booth.desk.edit("supervisor", "s.muestra")
    booth.desk.edit("supervisor_pin", "8642")
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(lambda v: v.panel_form is None)
    assert booth.last_body("not_same_person")["entry_id"] == "E-1"
