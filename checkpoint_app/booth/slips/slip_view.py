"""Slips in words: the sheet that is printed, and what the panel says of one that was laid down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.booth.desk.state import DeskState, SlipOffer
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.present.ages import clock, day_month
from checkpoint_app.booth.slips.slip_code import Modules
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow, Stage
from checkpoint_app.wire.slip import Decided, SlipResult

_GROUP = 4  # characters of the pseudonym that are read together


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """What is printed: the code, and words. ``head`` and ``foot`` have one text a language, the officer's first."""

    head: tuple[str, ...]
    lines: tuple[str, ...]
    foot: tuple[str, ...]
    modules: Modules


def slip_offered(state: DeskState) -> SlipOffer | None:
    """Return what a slip can be printed of now: on the empty desk, or while that Encounter is shown again."""
    offer = state.slip
    if offer is None or state.officer is None or state.policy is None or not state.policy.slip_hours:
        return None
    if state.reason is not None or state.form is not None or state.reading:
        return None
    shown = state.encounter is not None and bool(state.decided) and state.encounter.id == offer.encounter_id
    return offer if shown or (state.encounter is None and state.stage is Stage.EMPTY) else None


def slip_sheet(decided: Decided, post: str, modules: Modules, language: str) -> SlipSheet:
    """Return the sheet of a slip, in every language, the officer's first. Nothing on it is personal."""
    every = [Words(one) for one in sorted(LANGUAGES, key=lambda one: one != language)]
    decision, direction = decided.decision.name.lower(), "in" if decided.direction_in else "out"
    officer = decided.officer.hex().upper()
    groups = "\u00a0".join(officer[at : at + _GROUP] for at in range(0, len(officer), _GROUP))
    return SlipSheet(
        head=tuple(words.say(f"slip.head_{decision}_{direction}") for words in every),
        lines=(post, _moment(decided.at), f"{every[0].say('slip.officer')} {groups}"),
        foot=tuple(words.say("slip.foot") for words in every),
        modules=modules,
    )


def _moment(at: datetime) -> str:
    """Return a moment as the post's clocks show it, with the difference to UTC: the next post may have another."""
    local = at.astimezone()
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} UTC{offset[:3]}:{offset[3:5]}"


def slip_section(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return what the slip says that was laid down with the document, or that it is refused; nothing without one.

    What a refused one says is told where its signature holds: the officer may want to ask.
    """
    result = state.encounter.slip if state.encounter is not None else None
    if result is None:
        return ()
    title = words.say("slip.title")
    if result.good:
        row = ReasonRow(_told(result, words), symbol="clock")
        return (PanelSection(title, rows=(row,), muted=(words.say("slip.only_told"),)),)
    row = ReasonRow(words.say("slip.refused", why=words.say(f"slip_refused.{result.verdict}")), symbol="note")
    says = (words.say("slip.says", what=_told(result, words)),) if result.slip is not None else ()
    return (PanelSection(title, rows=(row,), muted=says),)


def slip_said(state: DeskState, words: Words) -> tuple[str, ...]:
    """Return what a slip says for whoever cannot see the panel: a good one changes nothing else on the screen."""
    return tuple(f"{one.head}. {row.text}" for one in slip_section(state, words) for row in one.rows)


def _told(result: SlipResult, words: Words) -> str:
    slip = result.slip
    if slip is None:
        return ""
    local = slip.at.astimezone()
    return words.say(
        f"slip.told_{slip.decision.name.lower()}_{'in' if slip.direction_in else 'out'}",
        post=result.post,
        when=f"{day_month(words, local)} {clock(local)}",
    )
