"""The demo post's policy, agreements and officers."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.demo.policy import LANE, OFFICERS, demo_policy, numbers_agreement, wanted_agreement
from checkpoint_app.documents import FINDING_CODES
from checkpoint_app.resources import resource_path
from checkpoint_app.verdict import Check, Finding, LaneKind, Outcome, Requirement
from checkpoint_app.wire.plain import from_plain, to_plain

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
NEWER_CHECKS = ("risk", "stay", "manifest", "draw", "message", "parties", "equipment", "seals")


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
        ("seals.differ", Outcome.HIT),
        ("equipment.check_digit", Outcome.NOTE),
        ("stay.over", Outcome.NOTE),
        ("draw.selected", Outcome.NOTE),
        ("risk.inform", Outcome.NOTE),
        ("risk.refer", Outcome.HIT),
        ("something.new", Outcome.HIT),
    ],
)
def test_findings_and_what_they_weigh(code, outcome):
    assert demo_policy(NOW).outcome_of((Finding(code),)) is outcome


def test_every_finding_of_a_document_was_thought_of():
    assert set(FINDING_CODES) <= set(demo_policy(NOW).outcomes)


def test_every_finding_that_has_words_was_thought_of():
    said = [tomllib.loads(path.read_text(encoding="utf-8")) for path in resource_path("words/en").glob("*.toml")]
    groups = [item for one in said for item in one.get("finding", {}).items() if item[0] in NEWER_CHECKS]
    codes = {f"{check}.{code.partition('.')[0]}" for check, words in groups for code in words}
    assert len(codes) > 25
    assert codes - set(demo_policy(NOW).outcomes) == set()


def test_the_lane_serves_people_and_goods_and_draws_some_of_both():
    policy = demo_policy(NOW)
    people, goods = policy.lane(LANE), policy.lane(LANE, LaneKind.CARGO)
    assert (people.kind, goods.kind) == (LaneKind.PEOPLE, LaneKind.CARGO)
    assert people.purposes == goods.purposes == ("border_security", "customs")
    assert 0 < people.draw_per_million < goods.draw_per_million
    assert {one.check for one in policy.cargo_required} == {
        Check.MESSAGE,
        Check.PARTIES,
        Check.EQUIPMENT,
        Check.SEALS,
    }


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
