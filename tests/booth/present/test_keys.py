"""Which keys are alive in each state, and which one carries the accent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.desk.state import DeskState, Form
from checkpoint_app.booth.present.keys import alive, key_views, main_action
from checkpoint_app.booth.record.encounter import Encounter, Picture
from checkpoint_app.booth.view.screen import Action, KeyState, KeyView, Stage
from checkpoint_app.verdict import Check, NotDone
from tests.booth.states import EN, EXPIRED, MATCH, NOBODY, NOT_LISTED, SOUND, encounter, state, undone

pytestmark = pytest.mark.usefixtures("quito")

GOODS = {Action.CARGO, Action.ARRIVALS, Action.INSPECTIONS, Action.RULES, Action.SEEN}
EMPTY = {Action.CORRECT, Action.COMPARE, Action.PREVIOUS, Action.HISTORY} | GOODS
ALWAYS = {Action.OFFICER, Action.DIRECTION, Action.LISTS, Action.PROTECT, Action.DRILL}
DECIDING = {Action.CORRECT, Action.PREVIOUS, Action.SECOND, Action.LET_PASS, Action.REFER, Action.SEEN}
CLEAR = encounter(SOUND, NOT_LISTED, NOBODY)
HIT = encounter(SOUND, NOT_LISTED, MATCH)
LOOK = encounter(EXPIRED, NOT_LISTED, NOBODY)
INCOMPLETE = encounter(SOUND, NOT_LISTED, undone(Check.WANTED, NotDone.NO_LIST))
COMPARE = state(HIT, stage=Stage.COMPARE)


def asked(name: str, on_desk: Encounter | None = CLEAR) -> DeskState:
    return state(on_desk, reason=Form(name, subject=name))


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        (state(CLEAR, officer=None), {Action.OFFICER}),
        (state(), ALWAYS | EMPTY),
        (state(stage=Stage.HISTORY), ALWAYS | {Action.PREVIOUS, Action.HISTORY}),
        (state(parked=CLEAR), ALWAYS | EMPTY | {Action.SECOND}),
        (state(form=Form("by_hand")), ALWAYS | {Action.PREVIOUS, Action.CONFIRM}),
        (state(CLEAR), ALWAYS | DECIDING),
        (state(HIT), ALWAYS | DECIDING | {Action.COMPARE}),
        (state(replace(CLEAR, picture=Picture(b""))), ALWAYS | DECIDING | {Action.REREAD}),
        (COMPARE, ALWAYS | DECIDING | {Action.COMPARE, Action.SAME_PERSON, Action.NOT_SAME_PERSON}),
        (state(CLEAR, decided="let_pass"), ALWAYS | {Action.PREVIOUS}),
        (state(HIT, decided="refer"), ALWAYS | {Action.PREVIOUS, Action.COMPARE}),
        (replace(COMPARE, decided="refer"), ALWAYS | {Action.PREVIOUS, Action.COMPARE}),
        (asked("let_pass"), {Action.PREVIOUS, Action.LET_PASS}),
        (asked("refer"), {Action.PREVIOUS, Action.REFER}),
        (asked("protect"), {Action.PREVIOUS, Action.PROTECT}),
        (asked("not_same"), {Action.PREVIOUS, Action.CONFIRM}),
        (asked("protect", None), {Action.PREVIOUS, Action.PROTECT}),
    ],
)
def test_alive(desk: DeskState, expected: set[Action]) -> None:
    assert alive(desk) == expected


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        (state(), None),
        (state(encounter()), None),
        (state(CLEAR), Action.LET_PASS),
        (state(HIT), Action.REFER),
        (state(LOOK), None),
        (state(INCOMPLETE), None),
        (state(CLEAR, decided="let_pass"), None),
        (COMPARE, None),
        (asked("let_pass", LOOK), Action.LET_PASS),
        (asked("protect", None), Action.PROTECT),
        (asked("not_same"), None),
    ],
)
def test_main_key_is_the_one_the_advice_names(desk: DeskState, expected: Action | None) -> None:
    assert main_action(desk) is expected
    marked = [key.action for key in key_views(desk, EN) if key.state is KeyState.MAIN]
    assert marked == ([expected] if expected else [])


def test_bar_of_an_open_encounter() -> None:
    assert [(key.cap, key.word, key.state, key.icon) for key in key_views(state(HIT), EN)] == [
        ("F3", "Correct", KeyState.PLAIN, ""),
        ("F4", "Re-read", KeyState.OFF, ""),
        ("Esc", "Previous", KeyState.PLAIN, ""),
        ("F8", "Cargo", KeyState.OFF, ""),
        ("F9", "Protection path", KeyState.PLAIN, "shield"),
        ("F10", "Second", KeyState.PLAIN, ""),
        ("F5", "Let pass", KeyState.PLAIN, ""),
        ("F6", "Compare", KeyState.PLAIN, ""),
        ("F7", "Refer", KeyState.MAIN, ""),
    ]


def test_bar_while_comparing() -> None:
    assert [(key.cap, key.word, key.state, key.icon) for key in key_views(COMPARE, EN)] == [
        ("F3", "Correct", KeyState.PLAIN, ""),
        ("F4", "Re-read", KeyState.OFF, ""),
        ("Esc", "Previous", KeyState.PLAIN, ""),
        ("Ctrl+1", "Same person", KeyState.PLAIN, "equal"),
        ("Ctrl+2", "Not the same", KeyState.PLAIN, "differs"),
        ("F9", "Protection", KeyState.PLAIN, "shield"),
        ("F5", "Let pass", KeyState.PLAIN, ""),
        ("F6", "Back", KeyState.PLAIN, ""),
        ("F7", "Refer", KeyState.PLAIN, ""),
    ]


def key(desk: DeskState, action: Action) -> KeyView:
    return next(one for one in key_views(desk, EN) if one.action is action)


def test_words_of_the_empty_desk_and_of_keys_that_are_off() -> None:
    assert key(state(), Action.CORRECT).word == "By hand"
    assert key(state(HIT), Action.CARGO).description == "On the empty desk only"
    assert key(state(), Action.REFER).description == ""


def test_a_reason_is_announced_where_letting_pass_is_against_the_advice() -> None:
    assert [key(state(one), Action.LET_PASS).hint for one in (CLEAR, HIT, LOOK, INCOMPLETE)] == ["", *["reason"] * 3]
    assert key(state(HIT), Action.REFER).hint == ""
    assert key(state(), Action.LET_PASS).hint == key(state(encounter()), Action.LET_PASS).hint == ""
