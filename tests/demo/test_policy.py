"""The demo post's policy, agreements and officers."""

from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.demo.policy import OFFICERS, demo_policy, numbers_agreement, wanted_agreement
from checkpoint_app.documents import FINDING_CODES
from checkpoint_app.verdict import Check, Finding, Outcome, Requirement
from checkpoint_app.wire.plain import from_plain, to_plain

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_the_policy_requires_document_numbers_and_persons():
    assert demo_policy(NOW).required == (
        Requirement(Check.DOCUMENT),
        Requirement(Check.LOST_STOLEN, "INTL"),
        Requirement(Check.WANTED, "ECU"),
    )


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("document.check_digit", Outcome.HIT),
        ("document.expired", Outcome.NOTE),
        ("lost_stolen.listed", Outcome.HIT),
        ("lost_stolen.possible", Outcome.NOTE),
        ("wanted.match", Outcome.HIT),
        ("wanted.cleared_before", Outcome.NOTE),
        ("something.new", Outcome.HIT),
    ],
)
def test_findings_and_what_they_weigh(code, outcome):
    assert demo_policy(NOW).outcome_of((Finding(code),)) is outcome


def test_every_finding_of_a_document_was_thought_of():
    assert set(FINDING_CODES) <= set(demo_policy(NOW).outcomes)


def test_the_policy_travels():
    policy = demo_policy(NOW)
    assert from_plain(type(policy), to_plain(policy)) == policy


@pytest.mark.parametrize("agreement", [wanted_agreement, numbers_agreement])
def test_agreements_are_in_force_and_end(agreement):
    term = agreement(NOW)
    assert term.in_force(NOW)
    assert term.in_force(NOW - timedelta(days=30))
    assert not term.in_force(NOW + timedelta(days=5000))


def test_three_officers_with_a_supervisor_among_them():
    assert len({officer.id for officer in OFFICERS}) == len({officer.pin for officer in OFFICERS}) == 3
    assert [officer.role for officer in OFFICERS].count("supervisor") == 1
