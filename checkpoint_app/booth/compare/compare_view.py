"""Traveller and entry side by side, differing characters marked, with the signs of the score's own reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from checkpoint_app.booth.compare.differences import (
    BETWEEN,
    NEAR,
    Marks,
    closest,
    likeness,
    marks_of_digits,
    marks_of_names,
    marks_of_numbers,
    plain,
    whole,
)
from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.goods.parties import facts_of_party
from checkpoint_app.booth.present.matches import Match, matches_of
from checkpoint_app.booth.present.reasons import reasons_beside
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.view.screen import CompareRow, CompareView, Likeness, PanelSection, ReasonRow
from checkpoint_app.screening.checks import facts_of
from checkpoint_app.verdict import Candidate, Reason, Sign

STRONG, LIKELY = 7_000, 3_000
"""How far beyond the threshold, in thousandths, an agreement is strong, or likely. A score is a natural logarithm of
odds: 3 points more are twenty times as much, 7 points a thousand times."""
_NAMES = ("family_name", "given_names")
_FACTS = (*_NAMES, "birth_date", "sex", "nationality", "document_number", "birth_place")
_CODES = ("sex", "nationality")
_REASONS = {
    "family_name": "reason.family_name.",
    "given_names": "reason.given_name.",
    "birth_date": "reason.birth.",
    "sex": "reason.sex.",
    "nationality": "reason.nationality.",
    "document_number": "reason.document_number.",
}
_IN_PARTS = ("reason.birth.year_month_same", "reason.birth.day_differs")
"""Reasons that name a part of a date."""
_JOINED = {"birth_date": "\u00a0/ "}
"""A line never begins with what stands between two dates."""
_GRAVEST = (Sign.DIFFERS, Sign.NEAR, Sign.SAME, Sign.UNKNOWN)
_MARKS = {"birth_date": marks_of_digits, "document_number": marks_of_numbers}


def compare_view(state: DeskState, encounter: Encounter, words: Words) -> CompareView:
    """Return the comparison with the chosen person. Raises IndexError when there is none."""
    matches = matches_of(encounter.answers)
    match = matches[state.candidate]
    source = match.answer.source
    return CompareView(
        title=words.say("compare.title"),
        count=words.say("panel.of", index=state.candidate + 1, count=len(matches)),
        back=words.say("compare.back"),
        left_head=words.say("compare.person" if encounter.consignment is None else "compare.party"),
        right_head=words.say("compare.list", list=f"{source.name} {source.version}"),
        no_picture=words.say("compare.no_picture"),
        rows=_rows(encounter, match, words),
        likeness=_likeness(match.candidate, words),
    )


def compare_panel(state: DeskState, encounter: Encounter, words: Words) -> tuple[PanelSection, ...]:
    """Return the right panel beside a comparison: who it may be, what speaks for and against, what to do."""
    matches = matches_of(encounter.answers)
    match = matches[state.candidate]
    count = words.say("panel.of", index=state.candidate + 1, count=len(matches))
    found = PanelSection(
        words.say("panel.possible_match"),
        count=count,
        bold=match.candidate.caption,
        rows=(ReasonRow(words.say("compare.cleared"), symbol="note", strong=True),) if match.cleared else (),
    )
    step = words.say("compare.cleared_step" if match.cleared else "step.not_same")
    if encounter.consignment is not None:  # who is not the same person is decided where the person stands
        step = words.say("step.compare_party")
    steps = (words.say("compare.next"), step) if len(matches) > 1 else (step,)
    return (
        found,
        PanelSection(words.say("panel.for_against"), rows=_for_and_against(encounter, match, words)),
        PanelSection(words.say("panel.what_to_do"), lines=steps),
    )


def _likeness(candidate: Candidate, words: Words) -> Likeness:
    """Scale both to the larger one, so that the bar shows how far beyond the threshold the score lies; in words."""
    top = max(candidate.score, candidate.threshold, 1) * 1.1
    beyond = candidate.score - candidate.threshold
    strength = "strong" if beyond >= STRONG else "likely" if beyond >= LIKELY else "weak"
    return Likeness(
        value=max(candidate.score, 0) / top,
        threshold=max(candidate.threshold, 0) / top,
        value_text=words.say(f"compare.{strength}"),
        threshold_text=words.say("compare.from_here"),
    )


def _for_and_against(encounter: Encounter, match: Match, words: Words) -> tuple[ReasonRow, ...]:
    """Return who it may be and what the table beside does not show, then the facts of each sign: it has the values."""
    rows = _rows(encounter, match, words)
    lines = list(reasons_beside(match.candidate.reasons, words))
    for sign in (Sign.DIFFERS, Sign.NEAR, Sign.SAME, Sign.UNKNOWN):
        labels = [row.label for row in rows if row.sign is sign and not row.wide]
        if labels:
            lines.append(ReasonRow(", ".join(labels), sign))
    return tuple(lines)


def _rows(encounter: Encounter, match: Match, words: Words) -> tuple[CompareRow, ...]:
    candidate = match.candidate
    stated = facts_of(encounter.mrz) if encounter.consignment is None else facts_of_party(candidate)
    rows = [_row(fact, stated, candidate, words) for fact in _FACTS]
    rows += _alias_rows(stated, candidate, words)
    rows += _entry_rows(match, words)
    return tuple(replace(row, sign_text=words.say(f"sign.{row.sign.value}")) for row in rows)


def _row(fact: str, stated: Mapping[str, str], candidate: Candidate, words: Words) -> CompareRow:
    label, left, right = words.say(f"compare.{fact}"), stated.get(fact, ""), candidate.facts.get(fact, "")
    if not left or not right:
        return _unstated(label, left, right, words)
    told = _told(fact, candidate)
    first, others = _closest_first(fact, left, right, told)
    shown = _JOINED.get(fact, ", ").join((first, *others)) if others else first
    sign = _sign(left, first, told)
    if sign is Sign.SAME:
        return CompareRow(label, left, shown, sign)
    marks = _marks(fact, left, first, sign)
    return CompareRow(label, left, shown, sign or _guessed(fact, left, first), *marks)


def _closest_first(fact: str, left: str, right: str, told: list[Reason]) -> tuple[str, list[str]]:
    """Divide the entry's values of a fact into the one that the score compared, else the closest, and the others."""
    if fact not in BETWEEN:
        return right, []
    values = right.split(BETWEEN[fact])
    more = [value for value in values if value.startswith("+")]
    values = [value for value in values if value not in more] or [right]
    said = "" if fact == "nationality" else _said(told)
    if said and said not in values:  # it is one of those left out
        values.insert(0, said)
    first = values.pop(closest(left, values, said))
    return first, [*values, *more]


def _said(told: list[Reason]) -> str:
    """Return the entry's value that the reasons name; a date of which they name month and day apart is put together."""
    rights = {one.code: one.params.get("right", "") for one in told}
    month, day = (rights.pop(code, "") for code in _IN_PARTS)
    return f"{month}-{day}" if month and day else next(iter(rights.values()), "")


def _unstated(label: str, left: str, right: str, words: Words) -> CompareRow:
    missing = words.say("compare.not_stated")
    return CompareRow(
        label, left or missing, right or missing, Sign.UNKNOWN, left_missing=not left, right_missing=not right
    )


def _alias_rows(stated: Mapping[str, str], candidate: Candidate, words: Words) -> list[CompareRow]:
    """Return the alias that agreed beside the traveller's whole name, and the entry's other names in a wide row."""
    label, listed = words.say("compare.alias"), candidate.facts.get("alias", "")
    reason = next((one for one in candidate.reasons if one.code.startswith("reason.name.alias")), None)
    agreed = reason.params.get("alias", "") if reason is not None else ""
    if not agreed:
        if not listed:
            return [_unstated(label, "", "", words)]
        return [CompareRow(label, "", listed, Sign.UNKNOWN, left_missing=True, wide=True)]
    left = " ".join(stated[name] for name in _NAMES if name in stated)
    same = plain(left) == plain(agreed)
    marks: tuple[Marks, Marks] = ((), ()) if same else marks_of_names(left, agreed)
    rows = [CompareRow(label, left, agreed, Sign.SAME if same else Sign.NEAR, *marks)]
    others = "; ".join(name for name in listed.split("; ") if name != agreed)
    if others:
        rows.append(CompareRow(words.say("compare.also"), "", others, Sign.UNKNOWN, left_missing=True, wide=True))
    return rows


def _entry_rows(match: Match, words: Words) -> list[CompareRow]:
    """Return a wide row that names the further entries of the same person; a decision is about them too."""
    others = [one.entry_id for one in match.entries if one is not match.candidate]
    if not others:
        return []
    said = words.say("compare.entries_more", count=len(others), ids=", ".join(others))
    label = words.say("compare.entries")
    return [CompareRow(label, "", said, Sign.UNKNOWN, left_missing=True, wide=True)]


def _told(fact: str, candidate: Candidate) -> list[Reason]:
    """Return the reasons that tell of a fact. Where an alias agreed, those of the name tell of the alias."""
    prefix = _REASONS.get(fact, "")
    by_alias = any(one.code.startswith("reason.name.alias") for one in candidate.reasons)
    if not prefix or (fact in _NAMES and by_alias):
        return []
    return [one for one in candidate.reasons if one.code.startswith(prefix) and not one.code.endswith("swapped")]


def _sign(left: str, right: str, told: list[Reason]) -> Sign | None:
    """Return the sign that the score's reasons give a fact, the gravest of several; None where they tell nothing."""
    if plain(left) == plain(right):
        return Sign.SAME
    return next((sign for sign in _GRAVEST[:3] if any(one.sign is sign for one in told)), None)


def _guessed(fact: str, left: str, right: str) -> Sign:
    """Return the sign of a fact that no reason tells of."""
    if fact in _MARKS or fact in _CODES:
        return Sign.DIFFERS
    return Sign.NEAR if likeness(left, right) >= NEAR else Sign.DIFFERS


def _marks(fact: str, left: str, right: str, sign: Sign | None) -> tuple[Marks, Marks]:
    if fact == "birth_date" and ("–" in right or "~" in right):  # a range or "about": no digit of it is wrong
        return ((), ()) if sign is Sign.NEAR else (whole(left), whole(right))
    if fact in _CODES:
        return whole(left), whole(right)
    return _MARKS.get(fact, marks_of_names)(left, right)
