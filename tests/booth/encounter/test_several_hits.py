"""Several hits: each is decided by itself, the next open one is shown, and after the last the advice is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Action, DeskView, KeyState, Sound, Stage
from checkpoint_app.screening import entry_digest
from checkpoint_app.screening.entry import ListedDate
from checkpoint_app.store import DiskFullError
from checkpoint_app.verdict import Advice, Candidate, Finding
from tests.booth.desk.test_desk import ANNA
from tests.booth.helpers import ERIKSON, SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    days = [ListedDate(f"1974-08-{day}", f"1974-08-{day}") for day in (11, 22)]
    others = [replace(ERIKSON, id=f"N-{n}", birth_dates=(day,)) for n, day in enumerate(days, 1)]
    booth.bring(ERIKSON, *others, version=2)
    yield booth
    booth.close()


def dismissed(booth: Booth) -> DeskView:
    booth.clock.pass_(seconds=1)
    booth.press(Action.NOT_SAME_PERSON)
    booth.desk.choose(1)
    booth.desk.edit("supervisor", SUPERVISOR)
    booth.desk.edit("supervisor_pin", SUPERVISOR_PIN)
    booth.clock.pass_(seconds=1)
    written = booth.kinds().count("not_same_person")
    booth.desk.submit()
    booth.until(lambda v: booth.kinds().count("not_same_person") > written and v.panel_form is None)
    return booth.settle()


def test_each_is_dismissed_by_itself_and_after_the_last_the_advice_is_made_anew(booth: Booth) -> None:
    assert booth.type(*ANNA).advice.advice is Advice.REFER
    booth.press(Action.COMPARE)
    entries = []
    for left in (2, 1):
        view = dismissed(booth)
        entries.append(booth.last_body("not_same_person")["entry_id"])
        assert (view.stage, view.advice.advice) == (Stage.COMPARE, Advice.REFER)
        assert view.compare is not None
        assert view.compare.count == "1 of 3"
        assert f"Still open: {left}" in view.message.text
        assert not any("Cleared before" in row.text for section in view.panel for row in section.rows)
    view = dismissed(booth)
    entries.append(booth.last_body("not_same_person")["entry_id"])
    assert sorted(entries) == sorted([ERIKSON.id, "N-1", "N-2"])
    assert (view.stage, view.advice.advice) == (Stage.ENCOUNTER, Advice.LOOK)
    assert "Still open" not in view.message.text


def test_one_that_was_cleared_is_not_cleared_a_second_time(booth: Booth) -> None:
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    dismissed(booth)
    booth.clock.pass_(seconds=1)
    booth.desk.move(-1)
    view = booth.view
    assert view.compare is not None
    assert view.compare.count == "3 of 3"
    assert any("Cleared before" in row.text for section in view.panel for row in section.rows)
    [key] = [key for key in view.keys if key.action is Action.NOT_SAME_PERSON]
    assert key.state is KeyState.OFF
    booth.sounds.clear()
    booth.press(Action.NOT_SAME_PERSON)
    assert booth.sounds == [Sound.REFUSED_KEY]
    assert booth.view.panel_form is None


def test_with_hits_left_the_same_keys_still_refer(booth: Booth) -> None:
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    dismissed(booth)
    booth.clock.pass_(seconds=1)
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.last_body("disposition")["disposition"] == "refer"


def bodies(booth: Booth, kind: str) -> list[dict[str, str]]:
    def ask(records: Records) -> list[dict[str, str]]:
        journal = records.store.journal
        return [journal.body(event.header.seq) for event in journal.events() if event.header.kind == kind]

    return booth._ask(ask)


AGAIN = [replace(ERIKSON, id=f"A-{n}", remarks=f"record {n}") for n in (1, 2)]
"""Two more entries of the person of the first."""


def test_entries_of_one_person_are_cleared_together_each_by_its_own_id_and_digest(booth: Booth) -> None:
    booth.bring(ERIKSON, *AGAIN, version=3)
    assert "1 possible match" in booth.type(*ANNA).advice.line
    booth.press(Action.COMPARE)
    view = booth.view
    assert view.compare is not None
    assert (view.compare.count, view.compare.rows[-1].label) == ("1 of 1", "Entries")
    booth.clock.pass_(seconds=1)
    booth.press(Action.NOT_SAME_PERSON)
    assert booth.view.panel_form is not None
    assert "all 3 entries" in booth.view.panel_form.hint
    booth.press(Action.PREVIOUS)
    view = dismissed(booth)
    assert (view.stage, view.advice.advice) == (Stage.ENCOUNTER, Advice.LOOK)
    written = bodies(booth, "not_same_person")
    entries = {(one["entry_id"], one["entry_digest"]) for one in written}
    assert entries == {(entry.id, entry_digest(entry)) for entry in (ERIKSON, *AGAIN)}


def test_an_entry_that_joins_the_list_later_for_the_same_person_is_open_again(booth: Booth) -> None:
    """Invariant 13: a decision never silences another entry."""
    booth.bring(ERIKSON, AGAIN[0], version=3)
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    assert dismissed(booth).advice.advice is Advice.LOOK
    booth.let_pass_with_reason()
    booth.bring(ERIKSON, *AGAIN, version=4)
    view = booth.type(*ANNA)
    assert view.advice.advice is Advice.REFER
    assert "1 possible match" in view.advice.line
    booth.press(Action.COMPARE)
    assert booth.view.compare is not None
    assert booth.view.compare.count == "1 of 2"
    assert "Entries" not in [row.label for row in booth.view.compare.rows]
    dismissed(booth)
    assert bodies(booth, "not_same_person")[-1]["entry_id"] == AGAIN[1].id


def test_an_entry_that_comes_while_the_reason_is_asked_is_not_decided_about(booth: Booth) -> None:
    booth.bring(ERIKSON, AGAIN[0], version=3)
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    booth.press(Action.NOT_SAME_PERSON)
    core = booth.desk._core
    encounter = core.state.encounter
    assert encounter is not None
    found = next(one for one in encounter.answers if one.candidates)
    joined = replace(found.candidates[0], entry_id=AGAIN[1].id)
    count = (Finding("wanted.match", {"count": "3"}),)
    more = replace(found, candidates=(joined, *found.candidates), findings=count)
    core.update(encounter=replace(encounter, answers=tuple(more if one is found else one for one in encounter.answers)))
    booth.desk.choose(1)
    booth.desk.edit("supervisor", SUPERVISOR)
    booth.desk.edit("supervisor_pin", SUPERVISOR_PIN)
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(lambda v: v.panel_form is None)
    booth.settle()
    assert {one["entry_id"] for one in bodies(booth, "not_same_person")} == {ERIKSON.id, AGAIN[0].id}


def test_all_or_none_of_the_decisions_are_written(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    booth.bring(ERIKSON, *AGAIN, version=3)
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    true = Records.same

    def breaks(self: Records, encounter: Encounter, name: str, entry: Candidate, officer: str) -> None:
        if entry.entry_id == AGAIN[1].id:
            raise DiskFullError("journal: no space")
        true(self, encounter, name, entry, officer)

    with monkeypatch.context() as patch:
        patch.setattr(Records, "same", breaks)
        booth.press(Action.SAME_PERSON)
        booth.settle()
    assert bodies(booth, "same_person") == []
    booth.press(Action.SAME_PERSON)
    booth.settle()
    assert sorted(one["entry_id"] for one in bodies(booth, "same_person")) == ["A-1", "A-2", ERIKSON.id]
