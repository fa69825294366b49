"""Policy: age steps at their borders, what a finding counts as, and what bars a list from use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.verdict import (
    AgeStep,
    AgeSteps,
    Agreement,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Requirement,
)
from tests.verdict.helpers import DAY, HOUR, NOW, SECOND, policy


@pytest.mark.parametrize(
    ("age", "step"),
    [
        (0 * DAY, AgeStep.FRESH),
        (DAY, AgeStep.FRESH),
        (DAY + timedelta(microseconds=1), AgeStep.AS_OF),
        (7 * DAY, AgeStep.AS_OF),
        (7 * DAY + timedelta(microseconds=1), AgeStep.TOO_OLD),
        (4000 * DAY, AgeStep.TOO_OLD),
    ],
)
def test_age_steps_at_their_borders(age: timedelta, step: AgeStep) -> None:
    assert AgeSteps().step(NOW - age, NOW) is step


def test_age_steps_may_be_equal() -> None:
    steps = AgeSteps(DAY, DAY)
    assert steps.step(NOW - DAY, NOW) is AgeStep.FRESH
    assert steps.step(NOW - DAY - SECOND, NOW) is AgeStep.TOO_OLD


@pytest.mark.parametrize(("fresh", "usable"), [(0 * DAY, DAY), (-DAY, DAY), (2 * DAY, DAY)])
def test_age_steps_grow(fresh: timedelta, usable: timedelta) -> None:
    with pytest.raises(ValueError, match="age steps must grow"):
        AgeSteps(fresh, usable)


def findings(*codes: str) -> tuple[Finding, ...]:
    return tuple(Finding(code) for code in codes)


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ((), Outcome.CLEAR),
        (("document.expired",), Outcome.NOTE),
        (("wanted.match",), Outcome.HIT),
        (("document.expired", "wanted.match"), Outcome.HIT),
        (("wanted.match", "document.expired"), Outcome.HIT),
        (("document.expired", "document.expired"), Outcome.NOTE),
        (("never.heard.of",), Outcome.HIT),  # a finding without a rule is a hit: the safe side
        (("document.expired", "never.heard.of"), Outcome.HIT),
    ],
)
def test_what_findings_count_as(codes: tuple[str, ...], outcome: Outcome) -> None:
    assert policy().outcome_of(findings(*codes)) is outcome


def test_a_policy_requires_something() -> None:
    with pytest.raises(ValueError, match="policy paso: it requires no check at all"):
        policy(required=())


@pytest.mark.parametrize("outcome", [Outcome.CLEAR, Outcome.NOT_CHECKED])
def test_no_finding_is_explained_away(outcome: Outcome) -> None:
    outcomes = {"b.bad": outcome, "a.good": Outcome.HIT, "a.bad": outcome}
    with pytest.raises(ValueError, match=r"policy paso: a finding is a note or a hit, not so: a\.bad, b\.bad"):
        policy(outcomes=outcomes)


def test_defaults() -> None:
    plain = Policy("paso", 1, NOW, (Requirement(Check.WANTED),), {})
    assert plain.ages == AgeSteps(DAY, 7 * DAY)
    assert (plain.optional, plain.offline_days, plain.cleared_before_days) == ((), 14, 365)
    assert Requirement(Check.WANTED).list_name == ""


TERM = Agreement("ECU-USA", NOW - 10 * DAY, NOW + 10 * DAY)


@pytest.mark.parametrize(
    ("age", "agreement", "now", "bar"),
    [
        (HOUR, None, NOW, None),
        (HOUR, TERM, NOW, None),
        (7 * DAY, TERM, NOW, None),
        (7 * DAY + SECOND, TERM, NOW, NotDone.LIST_TOO_OLD),
        (7 * DAY + SECOND, None, NOW, NotDone.LIST_TOO_OLD),
        (HOUR, TERM, TERM.ends_at - SECOND, NotDone.LIST_TOO_OLD),
        (HOUR, TERM, TERM.ends_at, NotDone.AGREEMENT_ENDED),
        (8 * DAY, TERM, TERM.ends_at, NotDone.AGREEMENT_ENDED),  # the agreement before the age
        (HOUR, TERM, TERM.ends_at + DAY, NotDone.AGREEMENT_ENDED),
        (11 * DAY, TERM, TERM.begins_at - SECOND, NotDone.AGREEMENT_NOT_BEGUN),
        (11 * DAY, TERM, TERM.begins_at, None),
    ],
)
def test_what_bars_a_list(age: timedelta, agreement: Agreement | None, now: object, bar: NotDone | None) -> None:
    assert policy().bar_to_use(NOW - age, agreement, now) is bar  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["offline_days", "cleared_before_days", "keep_days"])
def test_days_that_no_policy_can_mean_are_refused(field: str) -> None:
    for days in (-1, 36_526, 10**7):
        with pytest.raises(ValueError, match=f"{field} is a number of days from 0 to 36525"):
            replace(policy(), **{field: days})
    assert getattr(replace(policy(), **{field: 36_525}), field) == 36_525
