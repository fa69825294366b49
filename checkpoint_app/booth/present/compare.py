"""Traveller and entry side by side, differing letters marked."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from difflib import SequenceMatcher

from checkpoint_app.booth.encounter import Encounter
from checkpoint_app.booth.present.panel import candidates_of
from checkpoint_app.booth.state import DeskState
from checkpoint_app.booth.view import CompareRow, CompareView, Likeness, PanelSection, ReasonRow
from checkpoint_app.booth.words import Words
from checkpoint_app.screening.checks import facts_of
from checkpoint_app.verdict import Candidate, Sign

_FACTS = (
    "family_name",
    "given_names",
    "birth_date",
    "sex",
    "nationality",
    "document_number",
    "birth_place",
    "alias",
)
_NEAR = 0.6
Marks = tuple[tuple[int, int], ...]


def compare_view(state: DeskState, encounter: Encounter, words: Words) -> CompareView:
    """Return the comparison with the chosen candidate. Raises IndexError when there is none."""
    candidates = candidates_of(encounter.answers)
    answer, candidate = candidates[state.candidate]
    return CompareView(
        title=words.say("compare.title"),
        count=words.say("panel.of", index=state.candidate + 1, count=len(candidates)),
        back=words.say("compare.back"),
        left_head=words.say("compare.person"),
        right_head=words.say("compare.list", list=f"{answer.source.name} {answer.source.version}"),
        no_picture=words.say("compare.no_picture"),
        rows=_rows(encounter, candidate, words),
        likeness=_likeness(candidate, words),
    )


def compare_panel(state: DeskState, encounter: Encounter, words: Words) -> tuple[PanelSection, ...]:
    """Return the right panel beside a comparison."""
    candidates = candidates_of(encounter.answers)
    _, candidate = candidates[state.candidate]
    count = words.say("panel.of", index=state.candidate + 1, count=len(candidates))
    return (
        PanelSection(words.say("panel.possible_match"), count=count, bold=candidate.caption),
        PanelSection(words.say("panel.for_against"), rows=_by_sign(_rows(encounter, candidate, words))),
        PanelSection(words.say("panel.what_to_do"), lines=(words.say("step.not_same"),)),
    )


def _likeness(candidate: Candidate, words: Words) -> Likeness:
    """Scale both to the larger one, so that the bar shows how far beyond the threshold the score lies."""
    top = max(candidate.score, candidate.threshold, 1) * 1.1
    return Likeness(
        value=max(candidate.score, 0) / top,
        threshold=max(candidate.threshold, 0) / top,
        value_text=words.say("compare.likeness", value=words.decimal(candidate.score / 1000)),
        threshold_text=words.say("compare.threshold", value=words.decimal(candidate.threshold / 1000)),
    )


def _rows(encounter: Encounter, candidate: Candidate, words: Words) -> tuple[CompareRow, ...]:
    facts = facts_of(encounter.mrz)
    rows = (
        _row(words.say(f"compare.{name}"), facts.get(name, ""), candidate.facts.get(name, ""), words) for name in _FACTS
    )
    return tuple(replace(row, sign_text=words.say(f"sign.{row.sign.value}")) for row in rows)


def _by_sign(rows: tuple[CompareRow, ...]) -> tuple[ReasonRow, ...]:
    """Return one line a sign, naming the facts that bear it: the table beside has their values."""
    lines = []
    for sign in Sign:
        labels = ", ".join(row.label for row in rows if row.sign is sign)
        if labels:
            lines.append(ReasonRow(labels, sign))
    return tuple(lines)


def _row(label: str, left: str, right: str, words: Words) -> CompareRow:
    if not left or not right:
        missing = words.say("compare.not_stated")
        return CompareRow(
            label, left or missing, right or missing, Sign.UNKNOWN, left_missing=not left, right_missing=not right
        )
    plain_left, plain_right = _plain(left), _plain(right)
    if plain_left == plain_right:
        return CompareRow(label, left, right, Sign.SAME)
    if left[:1].isdigit():
        return CompareRow(label, left, right, Sign.DIFFERS, *_differing_parts(left, right))
    matcher = SequenceMatcher(None, plain_left, plain_right, autojunk=False)
    if matcher.ratio() >= _NEAR:
        return CompareRow(label, left, right, Sign.NEAR, *_marks(matcher))
    return CompareRow(label, left, right, Sign.DIFFERS, ((0, len(left)),), ((0, len(right)),))


def _plain(text: str) -> str:
    """Return ``text`` without case and accents, letter by letter, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", letter)[:1].upper()[:1] for letter in text)


def _differing_parts(left: str, right: str) -> tuple[Marks, Marks]:
    """Mark whole parts of dates: the day 12 against the day 21, not one digit of it."""
    lefts, rights = left.split("-"), right.split("-")
    return _parts_not_in(lefts, rights), _parts_not_in(rights, lefts)


def _parts_not_in(parts: list[str], others: list[str]) -> Marks:
    marks, at = [], 0
    for index, part in enumerate(parts):
        if index >= len(others) or others[index] != part:
            marks.append((at, at + len(part)))
        at += len(part) + 1
    return tuple(marks)


def _marks(matcher: SequenceMatcher[str]) -> tuple[Marks, Marks]:
    changes = [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    return (
        tuple((i1, i2) for _, i1, i2, _, _ in changes if i2 > i1),
        tuple((j1, j2) for _, _, _, j1, j2 in changes if j2 > j1),
    )
