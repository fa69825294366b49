"""The desk from the typed zone to the disposition, on a real store and real signed lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.documents import Format, PartialDate, Sex, TravelDocument, to_mrz
from checkpoint_app.verdict import Advice, Answer, Check, Outcome, Verdict, fold
from checkpoint_app.wire.plain import from_plain
from tests.booth.helpers import ERIKSON, PIN, SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth


def passport(
    family: str, given: str, number: str, born: str, sex: Sex = Sex.FEMALE, expires: str = "300101"
) -> tuple[str, ...]:
    document = TravelDocument(
        format=Format.TD3,
        document_code="P",
        issuer="UTO",
        document_number=number,
        nationality="UTO",
        birth_date=PartialDate(born),
        sex=sex,
        expiry_date=PartialDate(expires),
        family_name=family,
        given_names=given,
        optional_data="",
    )
    return to_mrz(document)


KLARA = passport("MUSTER", "KLARA LUISA", "C01X00T47", "800101")
ANNA = passport("ERIKSSON", "ANNA MARIA", "X1234567", "740812")


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    yield booth
    booth.close()


def test_clear_traveller_costs_one_key(booth: Booth) -> None:
    booth.open()
    view = booth.type(*KLARA)
    assert view.advice.advice is Advice.PROCEED
    assert [row.outcome for row in view.checks.rows] == [Outcome.CLEAR] * 3
    booth.press(Action.LET_PASS)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert "let pass, saved" in view.message.text
    assert view.panel[0].table[0][2] == "1"


def test_name_hit_refers_with_reasons(booth: Booth) -> None:
    booth.open()
    view = booth.type(*ANNA)
    assert view.advice.advice is Advice.REFER
    assert booth.sounds[-1] is Sound.REFER
    assert any("ERIKSON" in section.bold for section in view.panel)
    booth.press(Action.COMPARE)
    assert booth.view.stage is Stage.COMPARE
    booth.press(Action.COMPARE)
    booth.press(Action.REFER)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert "referred, saved" in view.message.text


def test_every_part_of_an_encounter_is_an_event(booth: Booth) -> None:
    booth.open()
    booth.type(*KLARA)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    kinds = booth.kinds()
    assert kinds[-3:] == ["encounter_read", "encounter_answered", "disposition"]
    assert "signed_in" in kinds
    assert kinds.count("list_applied") == 2


def test_look_asks_a_reason_and_the_same_key_takes_it(booth: Booth) -> None:
    booth.open()
    view = booth.type(*passport("MUSTER", "KLARA LUISA", "C01X00T47", "800101", expires="250101"))
    assert view.advice.advice is Advice.LOOK
    booth.press(Action.LET_PASS)
    assert booth.view.panel_form.name == "let_pass"
    booth.press(Action.LET_PASS)
    assert booth.view.panel_form.fault
    booth.desk.choose(2)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.last_body("disposition")["reason_code"] == "document_seen"


def test_enter_never_lets_pass(booth: Booth) -> None:
    booth.open()
    booth.type(*passport("MUSTER", "KLARA LUISA", "C01X00T47", "800101", expires="250101"))
    booth.press(Action.LET_PASS)
    booth.desk.choose(1)
    booth.clock.pass_(seconds=2)
    for _ in range(3):
        booth.desk.submit()
    view = booth.settle()
    assert view.stage is Stage.ENCOUNTER
    assert "disposition" not in booth.kinds()


def test_decision_keys_are_held_back_for_400_ms(booth: Booth) -> None:
    """Invariant 14."""
    booth.open()
    booth.type(*KLARA)
    booth.sounds.clear()
    booth.press(Action.LET_PASS, wait=0.399)
    assert booth.sounds == [Sound.REFUSED_KEY]
    booth.press(Action.LET_PASS, wait=5, auto_repeat=True)
    assert booth.settle().stage is Stage.ENCOUNTER
    booth.press(Action.LET_PASS, wait=0)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.LET_PASS)
    booth.press(Action.REFER)
    booth.settle()
    assert booth.kinds().count("disposition") == 1


def test_second_press_while_the_first_is_being_written_decides_once(booth: Booth) -> None:
    booth.open()
    booth.type(*KLARA)
    booth.press(Action.LET_PASS)
    booth.desk.press(Action.LET_PASS)
    booth.desk.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.settle()
    assert booth.kinds().count("disposition") == 1


def test_open_encounter_is_on_the_desk_again_after_a_crash(tmp_path: Path) -> None:
    """Invariant 1: on disk from the read on. The process "dies" without closing anything properly."""
    publisher, clock = make_booth(tmp_path)
    first = Booth(tmp_path, clock, publisher)
    first.open()
    first.type(*ANNA)
    first.settle()
    first.close()
    second = Booth(tmp_path, clock, publisher)
    try:
        second.unlock()
        second.sign_in()
        view = second.until(lambda v: v.advice.advice is not None)
        assert view.person.family_name == "ERIKSSON"
        assert "left open" in view.message.text
        assert "encounter_reopened" in second.kinds()
    finally:
        second.close()


def test_not_the_same_person_holds_until_the_entry_changes(tmp_path: Path) -> None:
    """Invariant 13."""
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.open()
        booth.type(*ANNA)
        booth.press(Action.COMPARE)
        booth.press(Action.NOT_SAME_PERSON)
        booth.desk.choose(1)
        booth.clock.pass_(seconds=1)
        booth.desk.submit()
        assert booth.until(lambda v: v.panel_form and v.panel_form.fault).panel_form.fault.startswith("Supervisor")
        booth.desk.edit("supervisor", SUPERVISOR)
        booth.desk.edit("supervisor_pin", SUPERVISOR_PIN)
        booth.clock.pass_(seconds=1)
        booth.desk.submit()
        view = booth.until(lambda v: v.advice.advice is Advice.LOOK)
        assert "Cleared before" in " ".join(row.text for section in view.panel for row in section.rows)
        booth.let_pass_with_reason()
        assert booth.type(*ANNA).advice.advice is Advice.LOOK
        booth.let_pass_with_reason()
        changed = replace(ERIKSON, remarks="seen again")
        booth.bring(changed, version=2)
        assert booth.type(*ANNA).advice.advice is Advice.REFER
    finally:
        booth.close()


def test_direction_is_written_before_it_is_shown(booth: Booth) -> None:
    booth.open()
    booth.press(Action.DIRECTION)
    booth.until(lambda v: not v.bar.direction_in)
    assert booth.last_body("crossing_changed")["direction"] == "out"


def test_set_aside_and_back(booth: Booth) -> None:
    booth.open()
    booth.type(*ANNA)
    booth.press(Action.SECOND)
    assert booth.view.stage is Stage.EMPTY
    assert booth.view.person is None
    booth.type(*KLARA)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.SECOND)
    assert booth.until(lambda v: v.advice.advice is not None).person.family_name == "ERIKSSON"
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)


def test_protection_path_asks_which_and_is_recorded(booth: Booth) -> None:
    booth.open()
    booth.type(*KLARA)
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    body = booth.last_body("disposition")
    assert (body["disposition"], body["reason_code"]) == ("protect", "asylum")


def test_wrong_passphrase_and_wrong_pin_are_told(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.desk.opening.start()
        booth.until(lambda v: v.form and v.form.name == "unlock")
        booth.desk.edit("passphrase", "something else")
        booth.desk.submit()
        assert "does not open" in booth.until(lambda v: v.form and v.form.fault).form.fault
        booth.unlock()
        assert "not valid" in booth.sign_in(pin="0000").form.fault
        assert booth.view.form.fields[1].value == ""
        for _ in range(5):
            booth.sign_in(pin="0000")
        assert "Too many" in booth.sign_in(pin=PIN).form.fault
        assert booth.kinds().count("sign_in_refused") == 7
    finally:
        booth.close()


def test_keys_do_nothing_before_sign_in(booth: Booth) -> None:
    booth.unlock()
    for action in (Action.LET_PASS, Action.REFER, Action.PROTECT, Action.CORRECT, Action.DIRECTION):
        booth.press(action)
    booth.desk.drop(b"picture", "x.jpg")
    assert booth.settle().stage is Stage.FORM
    assert "crossing_changed" not in booth.kinds()


@pytest.mark.parametrize("typed", ["", "P<UTO", "😀" * 44, "p<utoMUSTER", "A" * 500])
def test_bad_lines_get_one_clear_word_and_stay_in_the_form(booth: Booth, typed: str) -> None:
    booth.unlock()
    booth.sign_in()
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", typed)
    booth.desk.submit()
    view = booth.until(lambda v: v.form and v.form.fault)
    assert len(view.form.fault.splitlines()) == 1
    assert view.form.fields[0].value == typed


def test_esc_shows_the_last_one_and_leaves_it(booth: Booth) -> None:
    booth.open()
    booth.type(*KLARA)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.view.person is None
    booth.press(Action.PREVIOUS)
    view = booth.until(lambda v: v.stage is Stage.ENCOUNTER)
    assert view.person.family_name == "MUSTER"
    assert "Decided already: let pass" in view.message.text
    booth.press(Action.LET_PASS)
    booth.press(Action.PREVIOUS)
    assert booth.view.stage is Stage.EMPTY
    booth.settle()
    assert booth.kinds().count("disposition") == 1


def test_a_stored_encounter_replays_to_the_same_advice(booth: Booth) -> None:
    """Invariant 6: every answer names its source, version and engine; the fold over them gives the advice again."""
    booth.open()
    for lines, advice in ((KLARA, Advice.PROCEED), (ANNA, Advice.REFER)):
        booth.type(*lines)
        body = booth.last_body("encounter_answered")
        answers = [from_plain(Answer, answer) for answer in body["answers"]]
        stored = from_plain(Verdict, body["verdict"])
        assert (stored.policy_name, stored.policy_version) == ("Paso Test", 1)
        replayed = fold(answers, booth.desk._core.state.policy, from_plain(datetime, body["now"]))
        assert replayed == stored
        assert replayed.advice is advice
        for answer in answers:
            assert answer.source.engine
            assert answer.check is Check.DOCUMENT or (answer.source.version and answer.source.issued_at)
        booth.refer() if advice is Advice.REFER else booth.let_pass()


def test_looking_at_the_last_one_is_written_down(booth: Booth) -> None:
    """Invariant 12: each access is in the journal."""
    booth.open()
    booth.type(*KLARA)
    booth.let_pass()
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: v.stage is Stage.ENCOUNTER)
    assert booth.kinds()[-1] == "encounter_viewed"


def test_protection_needs_no_document(booth: Booth) -> None:
    """Somebody without papers asks for asylum: one key on the empty desk."""
    booth.open()
    booth.press(Action.PROTECT)
    assert booth.view.panel_form.name == "protect"
    booth.desk.choose(1)
    booth.press(Action.PROTECT, wait=0.1)
    assert booth.view.panel_form is not None
    booth.press(Action.PROTECT)
    booth.until(lambda v: "protection path, saved" in v.message.text)
    assert booth.kinds()[-2:] == ["encounter_read", "disposition"]
    booth.press(Action.PREVIOUS)
    view = booth.until(lambda v: v.stage is Stage.ENCOUNTER)
    assert view.person.family_name == "No document"
