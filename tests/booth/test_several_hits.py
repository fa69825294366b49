"""Several hits: each is decided by itself, the next open one is shown, and after the last the advice is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.view import Action, DeskView, KeyState, Sound, Stage
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth
from tests.booth.test_desk import ANNA


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    others = [replace(ERIKSON, id=f"N-{n}", remarks=f"record {n}") for n in (1, 2)]
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
