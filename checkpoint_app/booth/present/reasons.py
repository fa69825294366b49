"""The reasons for and against a candidate in words, short enough to be read at a window.

First who it may be; then what differs or nearly agrees, each in its own words, weightiest first; what agrees and what
is not known share a line each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import ReasonRow
from checkpoint_app.screening.likely import SUMMARY
from checkpoint_app.verdict import Reason, Sign

_LABELS = {
    "family_name": "compare.family_name",
    "given_name": "compare.given_names",
    "name": "compare.name",
    "birth": "compare.birth_date",
    "sex": "compare.sex",
    "nationality": "compare.nationality",
    "document_number": "compare.document_number",
}
_TOLD_BY = {
    "namesake_birth": "birth",
    "namesake_birth_like": "birth",
    "namesake_day": "birth",
    "date_slip": "birth",
    "namesake_sex": "sex",
    "sex_differs": "sex",
    "namesake_state": "nationality",
}
"""Summaries that name both values of a fact: it is not told a second time."""
_BESIDE = frozenset(
    [
        *("married", "swapped", "swapped_like", "divided", "joined", "spelling", "truncated", "too_frequent", "rare"),
        *("alias", "alias_weak", "frequent", "frequent_list", "day_month_swapped", "in_range", "other_issuer"),
        *("alike", "near", "coincidence"),
    ]
)
"""What the letters side by side do not show."""


def reason_lines(reasons: Sequence[Reason], words: Words) -> tuple[ReasonRow, ...]:
    """Return all reasons in few lines."""
    first = [reason for reason in reasons if is_summary(reason)]
    told = {_TOLD_BY.get(reason.code.removeprefix(SUMMARY), "") for reason in first}
    rest = [one for one in reasons if one not in first and not (one.sign is not Sign.SAME and _field(one) in told)]
    same = [one for one in rest if one.sign is Sign.SAME and one.code.endswith(".same") and _field(one) in _LABELS]
    same = [one for one in same if _field(one) != "document_number"]
    renewed = [one for one in rest if one.code == "reason.document_number.differs"]  # most people's; it weighs nothing
    unknown = [one for one in rest if one.sign is Sign.UNKNOWN and ".unknown" in one.code]
    own = [one for one in rest if one not in (*same, *renewed, *unknown)]
    lines = _rows((*first, *own), words)
    lines += _line(same, Sign.SAME, words) + _labels(renewed, Sign.DIFFERS, words)
    return lines + _line(unknown, Sign.UNKNOWN, words)


def reasons_beside(reasons: Sequence[Reason], words: Words) -> tuple[ReasonRow, ...]:
    """Return the reasons that a table of both sides does not show: who it may be, an alias, another spelling …"""
    first = [reason for reason in reasons if is_summary(reason)]
    beside = [reason for reason in reasons if _kind(reason) in _BESIDE or _field(reason) == "personal_number"]
    return _rows((*first, *beside), words)


def is_summary(reason: Reason) -> bool:
    """Tell whether a reason says who the entry may be, and not one fact."""
    return reason.code.startswith(SUMMARY) or reason.code == "reason.name.one_token"


def _rows(reasons: Iterable[Reason], words: Words) -> tuple[ReasonRow, ...]:
    return tuple(ReasonRow(reason_text(one, words), one.sign, strong=is_summary(one)) for one in reasons)


def _line(reasons: Sequence[Reason], sign: Sign, words: Words) -> tuple[ReasonRow, ...]:
    """Return the facts of one sign as one line; a single one in its own words."""
    return _rows(reasons, words) if len(reasons) < 2 else _labels(reasons, sign, words)


def _labels(reasons: Sequence[Reason], sign: Sign, words: Words) -> tuple[ReasonRow, ...]:
    labels = dict.fromkeys(words.say(_LABELS[_field(one)]) for one in reasons if _field(one) in _LABELS)
    return (ReasonRow(", ".join(labels), sign),) if labels else ()


def _field(reason: Reason) -> str:
    return reason.code.removeprefix("reason.").partition(".")[0]


def _kind(reason: Reason) -> str:
    return reason.code.rpartition(".")[2]


def reason_text(reason: Reason, words: Words) -> str:
    """Return a reason in words."""
    try:
        return words.say(reason.code, **reason.params)
    except KeyError:  # of a centre that is newer than this booth
        return words.say("finding.other", code=reason.code)
