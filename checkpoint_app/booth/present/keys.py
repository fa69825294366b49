"""The key bar: which keys are alive now, and the one that carries the accent, if the advice names one."""

from __future__ import annotations

from checkpoint_app.booth.arrivals.passenger_view import (
    ARRIVALS_BAR,
    passengers_actions,
    passengers_cap,
    passengers_up,
    passengers_word,
)
from checkpoint_app.booth.cases.case_view import CLOSE_FORM, is_mine, selected_case
from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.doubt_view import part_on_desk
from checkpoint_app.booth.present.matches import match_at, matches_of
from checkpoint_app.booth.slips.slip_view import slip_offered
from checkpoint_app.booth.sticks.stick_view import stick_actions
from checkpoint_app.booth.view.screen import Action, KeyState, KeyView, Stage
from checkpoint_app.readers.protocol import Health
from checkpoint_app.verdict import Advice, LaneKind
from checkpoint_app.wire.case import CaseState

_CAPS = {
    Action.CORRECT: "F3",
    Action.REREAD: "F4",
    Action.PREVIOUS: "Esc",
    Action.CARGO: "F8",
    Action.PROTECT: "F9",
    Action.SECOND: "F10",
    Action.LET_PASS: "F5",
    Action.COMPARE: "F6",
    Action.REFER: "F7",
    Action.SAME_PERSON: "Ctrl+1",
    Action.NOT_SAME_PERSON: "Ctrl+2",
    Action.TAKE_CASE: "Ctrl+T",
    Action.CHOOSE: "↑ ↓",
    Action.SLIP: "Ctrl+P",
    Action.DRILL: "F12",
    Action.SEEN: "Ctrl+S",
}
_WORDS = {
    Action.CORRECT: "correct",
    Action.REREAD: "reread",
    Action.PREVIOUS: "previous",
    Action.CARGO: "cargo",
    Action.PROTECT: "protect",
    Action.SECOND: "second",
    Action.LET_PASS: "let_pass",
    Action.COMPARE: "compare",
    Action.REFER: "refer",
    Action.SAME_PERSON: "same",
    Action.NOT_SAME_PERSON: "not_same",
    Action.TAKE_CASE: "take_case",
    Action.CHOOSE: "choose",
    Action.CONFIRM: "open",
    Action.SLIP: "slip",
    Action.DRILL: "drill",
    Action.SEEN: "seen",
    Action.RULES: "rules",
}
_ICONS = {Action.PROTECT: "shield", Action.SAME_PERSON: "equal", Action.NOT_SAME_PERSON: "differs"}
_BAR = (
    Action.CORRECT,
    Action.REREAD,
    Action.PREVIOUS,
    Action.CARGO,
    Action.PROTECT,
    Action.SECOND,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_CASES_BAR = (
    Action.CHOOSE,
    Action.PREVIOUS,
    Action.TAKE_CASE,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_HISTORY_BAR = (
    Action.CORRECT,
    Action.PREVIOUS,
    Action.DRILL,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_COMPARE_BAR = (
    Action.CORRECT,
    Action.REREAD,
    Action.PREVIOUS,
    Action.SAME_PERSON,
    Action.NOT_SAME_PERSON,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_CARGO_BAR = (
    Action.CORRECT,
    Action.SEEN,
    Action.PREVIOUS,
    Action.CARGO,
    Action.PROTECT,
    Action.SECOND,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_ARRIVALS_BAR = (
    Action.CORRECT,
    Action.CHOOSE,
    Action.PREVIOUS,
    Action.CONFIRM,
    Action.CARGO,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_INSPECTIONS_BAR = (
    Action.CHOOSE,
    Action.PREVIOUS,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
_BARS = {
    Stage.COMPARE: _COMPARE_BAR,
    Stage.CASES: _CASES_BAR,
    Stage.HISTORY: _HISTORY_BAR,
    Stage.ARRIVALS: _ARRIVALS_BAR,
    Stage.INSPECTIONS: _INSPECTIONS_BAR,
    Stage.RULES: _INSPECTIONS_BAR,
}
_GOODS_WORDS = {Action.LET_PASS: "release", Action.REFER: "inspect"}


REASON_ACTIONS = {
    "let_pass": Action.LET_PASS,
    "refer": Action.REFER,
    "protect": Action.PROTECT,
    CLOSE_FORM: Action.TAKE_CASE,
}  # "withdraw", "not_same" and the result of an inspection are taken by Enter


def alive(state: DeskState) -> frozenset[Action]:
    """Return the actions that do something at this moment; the desk refuses the others with a sound."""
    return _alive(state) | stick_actions(state) | ({Action.SLIP} if slip_offered(state) is not None else set())


def _alive(state: DeskState) -> frozenset[Action]:
    if state.officer is None:
        return frozenset({Action.OFFICER})
    always = {Action.OFFICER, Action.DIRECTION, Action.LISTS, Action.PROTECT, Action.DRILL}
    if state.reason is not None:
        own = REASON_ACTIONS.get(state.reason.name, Action.CONFIRM)
        return frozenset({Action.PREVIOUS, own})
    if state.form is not None:
        return frozenset({Action.PREVIOUS, Action.CONFIRM, *always})
    if state.stage is Stage.CASES:
        return frozenset({Action.PREVIOUS, Action.COMPARE, Action.CHOOSE, *always} | _case_actions(state))
    if (page := passengers_up(state)) is not None:
        return passengers_actions(page) | always
    if state.stage in _ALIVE_IN:
        return _ALIVE_IN[state.stage] | always | ({Action.CONFIRM} if _has_row(state) else set())
    if state.encounter is None:
        more = ({Action.SECOND} if state.parked else set()) | ({Action.REREAD} if can_scan(state) else set())
        more |= {Action.SEEN} if state.lane_kind is LaneKind.PEOPLE else set()
        return _ON_EMPTY | always | more
    if state.decided:
        return frozenset({Action.PREVIOUS, *always} | _comparing(state))
    return frozenset({*_deciding(state), *always} | _comparing(state))


_ALIVE_IN = {
    Stage.HISTORY: frozenset({Action.PREVIOUS, Action.HISTORY}),
    Stage.ARRIVALS: frozenset({Action.CORRECT, Action.CHOOSE, Action.PREVIOUS, Action.ARRIVALS}),
    Stage.INSPECTIONS: frozenset({Action.CHOOSE, Action.PREVIOUS, Action.INSPECTIONS}),
    Stage.RULES: frozenset({Action.CHOOSE, Action.PREVIOUS, Action.RULES}),
}


def _has_row(state: DeskState) -> bool:
    """Whether Enter opens a consignment that is chosen."""
    return state.stage is Stage.ARRIVALS and state.arrivals is not None and bool(state.arrivals.consignments)


_ON_EMPTY = frozenset(
    {
        Action.CORRECT,
        Action.COMPARE,
        Action.PREVIOUS,
        Action.HISTORY,
        Action.CARGO,
        Action.ARRIVALS,
        Action.INSPECTIONS,
        Action.RULES,
    }
)


def of_goods(state: DeskState) -> bool:
    """Whether a consignment is on the desk."""
    return state.encounter is not None and state.encounter.consignment is not None


def can_scan(state: DeskState) -> bool:
    """Whether there is a scanner to ask; one in trouble may be asked again."""
    scanner = state.health.scanner
    return scanner is not None and scanner.health in (Health.READY, Health.BUSY, Health.FAILED)


def _case_actions(state: DeskState) -> set[Action]:
    row = selected_case(state)
    return set() if row is None or row.case.state is CaseState.CLOSED else {Action.TAKE_CASE}


def _comparing(state: DeskState) -> set[Action]:
    encounter = state.encounter
    if encounter is None or not matches_of(encounter.answers):
        return set()
    if state.stage is Stage.COMPARE and not state.decided and not of_goods(state):
        match = match_at(encounter.answers, state.candidate)
        cleared = match is not None and match.cleared
        return {Action.COMPARE, Action.SAME_PERSON} | (set() if cleared else {Action.NOT_SAME_PERSON})
    return {Action.COMPARE}


def _deciding(state: DeskState) -> set[Action]:
    actions = {Action.CORRECT, Action.PREVIOUS, Action.SECOND, Action.LET_PASS, Action.REFER}
    if state.encounter is not None and state.encounter.picture is not None:
        actions.add(Action.REREAD)
    if part_on_desk(state) is not None:
        actions.add(Action.AS_READ)
    return actions | {Action.SEEN}


def main_action(state: DeskState) -> Action | None:
    """Return the one action that the advice names: F5 on proceed, F7 on refer, none else: a person decides."""
    encounter = state.encounter
    if state.reason is not None:
        return REASON_ACTIONS.get(state.reason.name)
    if state.stage is Stage.CASES:
        row = selected_case(state)
        return Action.TAKE_CASE if row is not None and row.case.state is CaseState.NEW else None
    if encounter is None or encounter.verdict is None or state.decided or state.stage is Stage.COMPARE:
        return None
    return {Advice.PROCEED: Action.LET_PASS, Advice.REFER: Action.REFER}.get(encounter.verdict.advice)


def key_views(state: DeskState, words: Words) -> tuple[KeyView, ...]:
    """Return the keys of the key bar, in their places."""
    living = alive(state)
    main = main_action(state)
    bar = _BARS.get(state.stage, _CARGO_BAR if of_goods(state) else _BAR)
    bar = ARRIVALS_BAR if passengers_up(state) is not None else bar
    if slip_offered(state) is not None:  # it has a place only as long as there is something to print
        bar = tuple(Action.SLIP if action is Action.CARGO else action for action in bar)
    return tuple(
        KeyView(
            action=action,
            cap=_cap(state, action, words),
            word=words.say(f"key.{passengers_word(state, action) or _word(state, action)}"),
            state=_key_state(action, living, main),
            hint=_hint(state, action, words),
            icon=_ICONS.get(action, ""),
            description="" if action in living else _why_off(state, action, words),
        )
        for action in bar
    )


def _cap(state: DeskState, action: Action, words: Words) -> str:
    """Return what stands on the key; Enter opens what is chosen, or marks it."""
    if action is Action.CONFIRM or passengers_cap(state, action):
        return words.say("form.submit")
    return _CAPS[action]


def _key_state(action: Action, living: frozenset[Action], main: Action | None) -> KeyState:
    if action not in living:
        return KeyState.OFF
    return KeyState.MAIN if action is main else KeyState.PLAIN


def _word(state: DeskState, action: Action) -> str:
    if (word := _goods_word(state, action)) is not None:
        return word
    if action is Action.CORRECT and state.encounter is None:
        return "by_hand"
    if action is Action.REREAD and state.stage is Stage.EMPTY and state.health.scanner is not None:
        return "stop" if state.health.scanner.health is Health.BUSY else "scan"
    if action is Action.DRILL and state.drill is not None:
        return "drill_end"
    if state.stage in _ALIVE_IN and action is Action.PREVIOUS:
        return "desk"
    if state.stage is Stage.CASES and (word := _case_word(state, action)):
        return word
    if state.stage is Stage.COMPARE and action is Action.COMPARE:
        return "back"
    if state.stage is Stage.EMPTY and action is Action.COMPARE:
        return "cases"
    if state.stage is Stage.COMPARE and action is Action.PROTECT:
        return "protect_short"
    return _WORDS[action]


def _goods_word(state: DeskState, action: Action) -> str | None:
    """Return what a key is called in a lane of goods, where that is another word than for people."""
    if state.lane_kind is LaneKind.CARGO:
        if action is Action.CARGO:
            return "people"
        if action is Action.CORRECT and state.encounter is None:
            return "number"
    return _GOODS_WORDS.get(action) if of_goods(state) else None


def _case_word(state: DeskState, action: Action) -> str:
    row = selected_case(state)
    if action is Action.TAKE_CASE:
        return "close_case" if row is not None and is_mine(state, row.case) else ""
    return {Action.COMPARE: "back", Action.PREVIOUS: "desk"}.get(action, "")


def _hint(state: DeskState, action: Action, words: Words) -> str:
    """A reason is asked where the officer goes another way than an advice to proceed, a depth of every inspection."""
    if action is Action.REFER and of_goods(state):
        return words.say("key.how_hint")
    if action is not Action.LET_PASS or state.encounter is None or state.encounter.verdict is None:
        return ""
    return "" if state.encounter.verdict.advice is Advice.PROCEED else words.say("key.reason_hint")


def _why_off(state: DeskState, action: Action, words: Words) -> str:
    if action is Action.REREAD and state.stage is Stage.EMPTY:
        return words.say("scanner.no_scanner")
    return words.say("key.empty_desk_first") if action is Action.CARGO else ""
