"""The fold: answers and policy in, one advice out. Pure; replaying it over stored answers gives the same advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkpoint_app.verdict.answer import Answer, Check, Outcome
from checkpoint_app.verdict.policy import AgeStep, Policy, Requirement

AGELESS = frozenset({Check.RISK})
"""Checks against what does not age: each rule has its own last day, and its set ends with the lease."""


class Advice(StrEnum):
    """What the booth advises. A person decides."""

    PROCEED = "proceed"
    LOOK = "look"
    REFER = "refer"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An advice with what it rests on. ``as_of`` is the date of the oldest list in its second age step."""

    advice: Advice
    policy_name: str
    policy_version: int
    as_of: datetime | None
    hits: int
    notes: int
    clear: int
    not_done: int
    missing: tuple[Requirement, ...]


def fold(answers: Sequence[Answer], policy: Policy, now: datetime) -> Verdict:
    """Fold ``answers`` into one verdict at the trusted time ``now``.

    A required check counts as missing when it answered NOT_CHECKED, when nobody answered it, or when since then its
    list has grown too old or its agreement has ended: nothing that is absent may end in PROCEED (invariants 7, 9).
    """
    by_outcome = {outcome: [a for a in answers if a.outcome is outcome] for outcome in Outcome}
    missing = tuple(r for r in policy.required if not _is_met(r, answers, policy, now))
    if by_outcome[Outcome.HIT]:
        advice = Advice.REFER
    elif missing:
        advice = Advice.INCOMPLETE
    elif by_outcome[Outcome.NOTE]:
        advice = Advice.LOOK
    else:
        advice = Advice.PROCEED
    return Verdict(
        advice=advice,
        policy_name=policy.name,
        policy_version=policy.version,
        as_of=_as_of(answers, policy, now),
        hits=len(by_outcome[Outcome.HIT]),
        notes=len(by_outcome[Outcome.NOTE]),
        clear=len(by_outcome[Outcome.CLEAR]),
        not_done=len(by_outcome[Outcome.NOT_CHECKED]),
        missing=missing,
    )


def _is_met(requirement: Requirement, answers: Sequence[Answer], policy: Policy, now: datetime) -> bool:
    asked = [
        answer
        for answer in answers
        if answer.check is requirement.check and requirement.list_name in ("", answer.source.name)
    ]
    return bool(asked) and all(_was_done(answer, policy, now) for answer in asked)


def _was_done(answer: Answer, policy: Policy, now: datetime) -> bool:
    if answer.outcome is Outcome.NOT_CHECKED:
        return False
    issued_at, ends_at = answer.source.issued_at, answer.source.agreement_ends_at
    if ends_at is not None and now >= ends_at:
        return False
    if issued_at is None or answer.check in AGELESS:
        return True
    return policy.ages.step(issued_at, now) is not AgeStep.TOO_OLD


def _as_of(answers: Sequence[Answer], policy: Policy, now: datetime) -> datetime | None:
    ageing = [
        answer.source.issued_at
        for answer in answers
        if answer.outcome is not Outcome.NOT_CHECKED
        and answer.check not in AGELESS
        and answer.source.issued_at is not None
        and policy.ages.step(answer.source.issued_at, now) is AgeStep.AS_OF
    ]
    return min(ageing, default=None)
