from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.standing import FOUND, Flag, Result, RuleCount, flags_of, suspends, wilson
from checkpoint_app.verdict import Check, Policy, Requirement

POLICY = Policy("P", 1, datetime(2026, 1, 1, tzinfo=UTC), (Requirement(Check.RISK),), {})


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(0, 60, 0.0, 6.0), (3, 60, 1.7, 13.7), (6, 60, 4.7, 20.1), (30, 600, 3.5, 7.0), (0, 0, 0.0, 100.0)],
)
def test_the_interval_is_wilson_s(found, of, low, high):
    assert [round(100 * end, 1) for end in wilson(found, of)] == [low, high]


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share(of, data):
    found = data.draw(st.integers(0, of))
    low, high = wilson(found, of)
    assert 0 <= low <= found / of + 1e-12
    assert found / of - 1e-12 <= high <= 1


def test_a_rate_is_judged_after_enough_subjects_or_a_day():
    assert flags_of(RuleCount(199, 50), 0.02, POLICY) == ()
    assert flags_of(RuleCount(200, 5), 0.02, POLICY) == (Flag.RATE,)
    assert flags_of(RuleCount(200, 4), 0.02, POLICY) == ()
    assert flags_of(RuleCount(20, 2), 0.02, POLICY, day_over=True) == (Flag.RATE,)
    assert flags_of(RuleCount(20, 1), 0.02, POLICY, day_over=True) == ()
    assert flags_of(RuleCount(), 0.02, POLICY, day_over=True) == ()


def test_precision_is_judged_by_the_policy_s_floor():
    policy = replace(POLICY, precision_after=50, least_precision_percent=10)
    assert flags_of(RuleCount(9000, 50, results={Result.NOTHING: 46, Result.CUSTOMS: 4}), 0.5, policy) == (
        Flag.PRECISION,
    )
    assert flags_of(RuleCount(9000, 50, results={Result.NOTHING: 45, Result.CUSTOMS: 5}), 0.5, policy) == ()
    assert flags_of(RuleCount(9000, 49, results={Result.NOTHING: 49}), 0.5, policy) == ()


def test_a_rule_that_finds_no_more_than_the_lot_is_proposed_for_retirement():
    rule = RuleCount(9000, 200, results={Result.NOTHING: 194, Result.SECURITY: 6})
    lot = RuleCount(results={Result.NOTHING: 97, Result.DOCUMENT: 3})
    assert flags_of(rule, 0.5, POLICY, lot) == (Flag.RETIRE,)
    assert flags_of(rule, 0.5, POLICY, replace(lot, results={Result.NOTHING: 98, Result.DOCUMENT: 2})) == ()
    assert flags_of(rule, 0.5, POLICY, RuleCount()) == ()


def test_only_a_rate_or_a_precision_suspends_and_only_by_policy():
    assert suspends((Flag.RATE,), POLICY)
    assert suspends((Flag.PRECISION, Flag.RETIRE), POLICY)
    assert not suspends((Flag.RETIRE,), POLICY)
    assert not suspends((), POLICY)
    assert not suspends((Flag.RATE,), replace(POLICY, suspend_rules=False))


def test_counts_add_up():
    one = RuleCount(10, 2, 1, {Result.NOTHING: 1}, 1)
    two = RuleCount(5, 1, 0, {Result.NOTHING: 2, Result.CUSTOMS: 1}, 0)
    both = one + two
    assert both == RuleCount(15, 3, 1, {Result.NOTHING: 3, Result.CUSTOMS: 1}, 1)
    assert (both.inspected, both.found, both.rate) == (4, 1, 0.2)
    assert set(Result) - FOUND == {Result.NOTHING, Result.DATA_ERROR}
