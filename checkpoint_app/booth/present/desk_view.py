"""From what the desk knows to what the screen shows, in the officer's language."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.cases.case_view import case_advice, case_panel, cases_view, unowned
from checkpoint_app.booth.compare.compare_view import compare_panel, compare_view
from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.drills.history_view import drill_item, drill_message, history_panel, history_view
from checkpoint_app.booth.encounter.document_view import document_view, person_view
from checkpoint_app.booth.encounter.doubt_view import doubts_said, part_on_desk
from checkpoint_app.booth.goods.consignment_view import consignment_view
from checkpoint_app.booth.goods.goods_checks import cargo_policy
from checkpoint_app.booth.goods.goods_forms import desk_form, desk_reason
from checkpoint_app.booth.goods.goods_listings import listing_panel, listing_view, unreported_message
from checkpoint_app.booth.goods.goods_panel import cargo_panel
from checkpoint_app.booth.goods.goods_rows import goods_rows
from checkpoint_app.booth.line.line_view import clock_message, line_view, outbox_item
from checkpoint_app.booth.lists.lists_view import closed_item, coming_item, ending_message
from checkpoint_app.booth.present.ages import age_text, clock, day_and_time
from checkpoint_app.booth.present.answers import advice_view, checks_view
from checkpoint_app.booth.present.empty_desk import empty_desk
from checkpoint_app.booth.present.keys import key_views, of_goods
from checkpoint_app.booth.present.panel import panel_sections
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.rules.rule_plots import rules_panel, rules_view
from checkpoint_app.booth.slips.slip_view import slip_said
from checkpoint_app.booth.sticks.stick_view import stick_item, stick_message
from checkpoint_app.booth.view.screen import (
    Action,
    DeskView,
    MessageView,
    PanelSection,
    PersonView,
    Stage,
    StatusItem,
    TopBarView,
)
from checkpoint_app.verdict import AgeStep


def present(state: DeskState) -> DeskView:
    """Return the screen for ``state``."""
    words = Words(state.language)
    if state.officer is None:
        state = replace(state, encounter=None, reading=False, reason=None)  # nobody's data before the sign-in
    if of_goods(state) and state.policy is not None:
        state = replace(state, policy=cargo_policy(state.policy))
    encounter = state.encounter
    goods = encounter.consignment if encounter is not None else None
    has_page = goods is None and (encounter is not None or state.reading)
    on_desk = encounter is not None and not state.reading and state.stage in (Stage.ENCOUNTER, Stage.COMPARE)
    comparing = on_desk and state.stage is Stage.COMPARE
    listing = state.stage is Stage.CASES
    advice = case_advice(state, words) if listing else advice_view(state, words)
    return DeskView(
        stage=Stage.CARGO if goods is not None and state.stage is Stage.ENCOUNTER else state.stage,
        language=state.language,
        bar=_bar(state, words),
        advice=advice,
        panel=_panel(state, encounter if comparing else None, words),
        keys=key_views(state, words),
        message=_message(state, words),
        status=_status(state, words),
        document=document_view(state, words) if has_page else None,
        person=_person(state, words),
        consignment=consignment_view(encounter, goods, words) if encounter is not None and goods is not None else None,
        listing=listing_view(state, words),
        checks=goods_rows(checks_view(state, words), state, words) if on_desk or state.reading else None,
        compare=compare_view(state, encounter, words) if comparing and encounter else None,
        form=desk_form(state.form, state, words) if state.form and state.stage is Stage.FORM else None,
        panel_form=desk_reason(state.reason, state, words) if state.reason else None,
        desk=empty_desk(state, words) if state.stage is Stage.EMPTY else None,
        cases=cases_view(state, words) if listing else None,
        history=history_view(state, words) if state.stage is Stage.HISTORY else None,
        rules=rules_view(state, words) if state.stage is Stage.RULES else None,
        announcements=(
            f"{advice.word}. {advice.line}",
            advice.as_of,
            *doubts_said(state, words),
            *slip_said(state, words),
        )
        if advice.advice
        else (),
    )


def _panel(state: DeskState, compared: Encounter | None, words: Words) -> tuple[PanelSection, ...]:
    if state.stage is Stage.CASES:
        return case_panel(state, words)
    if state.stage is Stage.HISTORY:
        return history_panel(state, words)
    if state.stage in (Stage.ARRIVALS, Stage.INSPECTIONS):
        return listing_panel(state, words)
    if state.stage is Stage.RULES:
        return rules_panel(state, words)
    if compared is None and of_goods(state) and not state.show_lists and not state.reading:
        return cargo_panel(state, words)
    return compare_panel(state, compared, words) if compared else panel_sections(state, words)


def _person(state: DeskState, words: Words) -> PersonView | None:
    """Return the person panel; an empty one while a document is read, so that nobody else's name stands there."""
    if of_goods(state):
        return None
    if state.reading:
        return PersonView("", "", "", "")
    return person_view(state.encounter, state.now.date(), words) if state.encounter else None


def _bar(state: DeskState, words: Words) -> TopBarView:
    return TopBarView(
        post=state.post.name,
        lane=words.say(f"bar.lane_{state.lane_kind}", lane=state.post.lane) if state.post.lane else "",
        direction_in=state.direction_in,
        entry_word=words.say("bar.entry"),
        exit_word=words.say("bar.exit"),
        officer=state.officer.name if state.officer else words.say("bar.no_officer"),
        clock=clock(state.now),
        line=line_view(state, words),
    )


def _message(state: DeskState, words: Words) -> MessageView:
    message = state.message
    if message.key == "message.none" and (standing := _standing_message(state, words)) is not None:
        return standing
    key = f"{message.key}_goods" if of_goods(state) and words.knows(f"{message.key}_goods") else message.key
    return MessageView(words.say(key, **message.params), message.symbol, message.cap, message.action)


def _standing_message(state: DeskState, words: Words) -> MessageView | None:
    """Return what is to be said as long as nothing else is: a case without an owner, a wrong clock, an ageing list."""
    count = unowned(state) if state.officer is not None else 0
    if count and state.stage is not Stage.CASES:
        return MessageView(words.say("message.late_hit", count=count), "attention", "F6", Action.COMPARE)
    if (drill := drill_message(state, words)) is not None:
        return drill
    if part_on_desk(state) is not None:
        return MessageView(words.say("message.as_read"), "attention", words.say("key.as_read_cap"), Action.AS_READ)
    return (
        unreported_message(state, words)
        or stick_message(state, words)
        or clock_message(state, words)
        or ending_message(state, words)
        or _ageing_message(state, words)
    )


def _ageing_message(state: DeskState, words: Words) -> MessageView | None:
    """Return a message on the list that grows old next, once a list has left its first age step."""
    if state.policy is None or state.officer is None:
        return None
    steps = state.policy.ages
    issued = [one.source.issued_at for one in state.lists if one.source.issued_at is not None]
    if not issued or steps.step(min(issued), state.judged_at) is AgeStep.FRESH:
        return None
    if steps.step(min(issued), state.judged_at) is AgeStep.TOO_OLD:
        return MessageView(words.say("message.bring_lists"))
    return MessageView(words.say("message.lists_old_at", date=day_and_time(words, min(issued) + steps.usable)))


def _status(state: DeskState, words: Words) -> tuple[StatusItem, ...]:
    stick = stick_item(state, words)
    return (
        *((stick,) if stick is not None else ()),
        _lists_status(state, words),
        outbox_item(state, words),
        drill_item(state, words),
    )


def _lists_status(state: DeskState, words: Words) -> StatusItem:
    issued = [one.source.issued_at for one in state.lists if one.source.issued_at is not None]
    coming = coming_item(state, words)
    if (closed := closed_item(state, words)) is not None:
        return closed
    if not issued or state.policy is None:
        return coming or StatusItem(words.say("status.lists_none"), bold=True)
    steps = state.policy.ages
    age = age_text(words, min(issued), state.judged_at)
    old = sum(steps.step(one, state.judged_at) is AgeStep.TOO_OLD for one in issued)
    if old:
        return StatusItem(f"{words.say('status.lists_old', count=old)}, {age}", bold=True)
    if steps.step(min(issued), state.judged_at) is AgeStep.AS_OF:
        return StatusItem(words.say("status.lists_as_of", age=age), bold=True)
    return coming or StatusItem(words.say("status.lists_young", age=age))
