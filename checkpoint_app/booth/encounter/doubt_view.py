"""Doubts of the reader in words, and the stretches of the zone that an officer compares with the document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.record.encounter import Encounter, Strip
from checkpoint_app.booth.record.zone_doubts import Doubt, Part, doubts_of, parts_of
from checkpoint_app.booth.view.screen import Stage, StripView
from checkpoint_app.verdict import Advice

_MOST_TOLD = 3


def strips_of(encounter: Encounter) -> tuple[Strip, ...]:
    """Return the lines' pictures where there is one of each line, each with the place of each character; else none."""
    strips = encounter.picture.strips if encounter.picture is not None else ()
    lines = encounter.mrz.lines
    if not lines or [len(strip.centres) for strip in strips] != [len(line) for line in lines]:
        return ()
    return strips if all(_in_order(strip.centres) for strip in strips) else ()


def _in_order(centres: Sequence[float]) -> bool:
    inside = all(0.0 <= centre <= 1.0 for centre in centres)
    return inside and all(left < right for left, right in pairwise(centres))


def parts_on_desk(state: DeskState) -> tuple[Part, ...]:
    """Return the stretches to compare, where the right panel shows them: not beside a match, which goes first."""
    encounter = state.encounter
    if encounter is None or encounter.verdict is None or state.stage is not Stage.ENCOUNTER:
        return ()
    if state.reading or state.decided or state.form is not None or state.reason is not None or state.show_lists:
        return ()
    if encounter.verdict.advice is Advice.REFER or not strips_of(encounter):
        return ()
    return parts_of(encounter.mrz, encounter.doubts)


def part_on_desk(state: DeskState) -> Part | None:
    """Return the stretch that stands in the right panel now, or None."""
    parts = parts_on_desk(state)
    return parts[min(state.looked, len(parts) - 1)] if parts else None


def part_view(encounter: Encounter, part: Part, words: Words) -> StripView:
    """Return the picture of a stretch with its characters."""
    strip = strips_of(encounter)[part.line]
    return StripView(
        image=strip.jpeg,
        text=encounter.mrz.lines[part.line][part.first : part.last + 1],
        centres=strip.centres[part.first : part.last + 1],
        doubts=tuple(doubt.cell[1] - part.first for doubt in part.doubts),
        said=tuple(place_text(doubt, words) for doubt in part.doubts),
    )


def doubts_said(state: DeskState, words: Words) -> tuple[str, ...]:
    """Return what is in doubt in the stretch on the screen, with its place: it changes while the advice does not."""
    part = part_on_desk(state)
    return tuple(place_text(doubt, words) for doubt in part.doubts) if part is not None else ()


def line_views(encounter: Encounter, words: Words) -> tuple[StripView, ...]:
    """Return the picture of each line of the zone with its characters as they were read; none without doubts."""
    doubts = doubts_of(encounter.mrz, encounter.doubts)
    if not doubts:
        return ()
    views = []
    for number, (strip, line) in enumerate(zip(strips_of(encounter), encounter.mrz.lines, strict=False)):
        here = [doubt for doubt in doubts if doubt.cell[0] == number]
        places, said = tuple(one.cell[1] for one in here), tuple(place_text(one, words) for one in here)
        views.append(StripView(strip.jpeg, line, strip.centres, places, said))
    return tuple(views)


def place_text(doubt: Doubt, words: Words) -> str:
    """Return a doubt with its place, for whoever cannot see the frame."""
    line, at = doubt.cell
    return words.say("document.doubt_place", line=line + 1, place=at + 1, what=doubt_text((doubt,), words))


def doubt_text(doubts: Sequence[Doubt], words: Words) -> str:
    """Return what is in doubt in a field, and whether a check digit would have told: "in doubt: 0 or O"."""
    return words.say("document.doubt", what=candidates_text(doubts, words))


def candidates_text(doubts: Sequence[Doubt], words: Words) -> str:
    """Return what may stand where a field is in doubt, and whether a check digit would have told: "0 or O"."""
    told = list(dict.fromkeys(_candidates(doubt, words) for doubt in doubts))
    text = words.say("document.doubt_many", count=len(doubts)) if len(told) > _MOST_TOLD else ", ".join(told)
    return text if all(doubt.told for doubt in doubts) else f"{text}; {words.say('document.untold')}"


def _candidates(doubt: Doubt, words: Words) -> str:
    if not doubt.twin:
        return doubt.read
    pair = sorted((doubt.read, doubt.twin))
    return words.say("document.either", first=pair[0], second=pair[1]).replace(" ", "\u00a0")
