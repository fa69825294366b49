"""Late hits: what lists say now of an Encounter that was decided before, the same at booth and centre.

What the stored answers name, what cases of the Encounter name already, and what an officer cleared was known to
somebody. What is left is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from checkpoint_app.screening.checks import KIND_OF_CHECK, Cleared, Examination, LoadedList, Prior, run_list_checks
from checkpoint_app.verdict import Answer, Candidate, Check, Outcome, Policy
from checkpoint_app.verdict.raising import MATCH
from checkpoint_app.wire.case import SeenList, number_of

WasCleared = Callable[[str, Candidate], bool]
"""Tells whether a decision "not the same person" holds for (list name, candidate)."""
_KNOWN = Prior("", "", datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""What stands for it that somebody knew an entry: whose decision that was tells no case."""


def found_late(
    examined: Examination,
    policy: Policy,
    lists: Sequence[LoadedList],
    known: Sequence[Answer],
    cleared: WasCleared,
) -> list[Answer]:
    """Return an answer for each list in which there is a hit that nobody knew, with only what is new in it."""
    settled = _settled(known, cleared)
    answers = run_list_checks(examined, policy, lists, settled)
    return [left for answer in answers if (left := _left(answer, known, policy)) is not None]


def seen_lists(answers: Sequence[Answer], list_name: str) -> tuple[SeenList, ...]:
    """Return the lists that the booth had; the one where something was found with version 0 where it had none."""
    versions = {
        one.source.name: one.source.version for one in answers if one.check in KIND_OF_CHECK and one.source.name
    }
    return tuple(SeenList(name, version) for name, version in {list_name: 0, **versions}.items())


def _settled(known: Sequence[Answer], cleared: WasCleared) -> Cleared:
    """Return the question whether somebody knew a candidate already: named to the officer, or cleared before."""
    named = {(answer.source.name, one.entry_id, one.entry_digest) for answer in known for one in answer.candidates}

    def prior(list_name: str, candidate: Candidate) -> Prior | None:
        is_named = (list_name, candidate.entry_id, candidate.entry_digest) in named
        return _KNOWN if is_named or cleared(list_name, candidate) else None

    return prior


def _left(answer: Answer, known: Sequence[Answer], policy: Policy) -> Answer | None:
    """Return ``answer`` with only what is new in it, or None where that is no hit."""
    if answer.outcome is Outcome.NOT_CHECKED:
        return None
    if answer.check is Check.WANTED:
        findings = tuple(one for one in answer.findings if one.code == MATCH)
        count = sum(int(one.params.get("count", "1")) for one in findings)
        candidates = answer.candidates[:count]
    else:
        told = {
            number_of(one.code, one.params)
            for other in known
            if other.source.name == answer.source.name
            for one in other.findings
        }
        findings = tuple(one for one in answer.findings if number_of(one.code, one.params) not in told)
        candidates = ()
    if policy.outcome_of(findings) is not Outcome.HIT:
        return None
    return replace(answer, outcome=Outcome.HIT, findings=findings, candidates=candidates)
