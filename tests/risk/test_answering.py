"""A set's answers: two at most, each counting what it stands for; the record has what is needed to repeat them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.answering import MOST_HITS, MOST_UNKNOWN, Evaluated, rule_answers
from checkpoint_app.risk.evaluating import Evaluator, RuleOutcome
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import RuleResult
from checkpoint_app.verdict import Answer, Check, Mode, NotDone, Outcome, Policy, Requirement, Source, Truth
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from tests.risk.rule_files import DAY, condition, of_cel, rule, rule_set

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCE = Source("muster", 4, "risk/1", issued_at=NOW - timedelta(hours=5))
POLICY = Policy(
    "Paso Test", 1, NOW, (Requirement(Check.RISK),), {"risk.inform": Outcome.NOTE}
)  # refer and inspect are hits, as all that no rule of the policy names
SHORT = {"trip.stay_days": 1}
LONG = {"trip.stay_days": 9}


def evaluated(fields: dict[str, object], *rules: Any) -> tuple[RuleOutcome, ...]:
    return Evaluator(load_rules(rule_set(*rules))).evaluate(fields, DAY, Mode.LAND)


def answers(fields: dict[str, object], *rules: Any, suspended: Any = ()) -> list[Answer]:
    return rule_answers(evaluated(fields, *rules), SOURCE, POLICY, NOW, suspended)


def test_a_rule_that_hits_is_found_with_its_sentences() -> None:
    (found,) = answers(SHORT, rule(), rule(id="T-002", conditions=[condition("trip.stay_days > 30")]))
    assert (found.check, found.outcome, found.of, found.source) == (Check.RISK, Outcome.HIT, 2, SOURCE)
    assert [(one.code, dict(one.params)) for one in found.findings] == [
        ("risk.refer", {"rule": "T-001", "title": "A short stay"})
    ]
    (hit,) = found.rules
    assert (hit.rule, hit.question, hit.action, hit.suspended) == ("T-001", "Ask about the trip.", "refer", False)
    assert [(one.says, one.value) for one in hit.conditions] == [("Stay under 3 days", Truth.TRUE)]


@pytest.mark.parametrize(
    ("action", "outcome"), [("inform", Outcome.NOTE), ("refer", Outcome.HIT), ("inspect", Outcome.HIT)]
)
def test_the_policy_says_what_an_action_weighs(action: str, outcome: Outcome) -> None:
    (found,) = answers(SHORT, rule(action=action))
    assert (found.outcome, found.findings[0].code) == (outcome, f"risk.{action}")


def test_a_suspended_rule_informs_only_and_says_so() -> None:
    (found,) = answers(SHORT, rule(), suspended={("T-001", 1)})
    assert (found.outcome, found.findings[0].code, found.rules[0].suspended) == (Outcome.NOTE, "risk.inform", True)
    (other,) = answers(SHORT, rule(), suspended={("T-001", 2)})
    assert other.outcome is Outcome.HIT


def test_answers_find_room_in_an_event_whatever_a_set_holds() -> None:
    """Long texts in many rules, all within their limits, must not keep an Encounter from being written down."""
    text = "ñ" * 2_000
    long = [condition("trip.stay_days < 3", name=f"c{n}", says=text) for n in range(12)]
    rules = [rule(id=f"T-{n}", title=text, question=text, conditions=long, action="inform") for n in range(60)]
    rules.append(rule(id="T-last", action="refer"))
    (found,) = answers(SHORT, *rules)
    assert (found.outcome, found.of) == (Outcome.HIT, 61)
    assert found.rules[0].rule == "T-last"  # what weighs most is told first
    assert [one.params["rule"] for one in found.findings] == [one.rule for one in found.rules]
    (unknown,) = answers({}, *rules)
    assert unknown.of == 61
    for one in (found, unknown):
        assert 1 <= len(one.rules) < 10
        assert len(canonical_bytes(to_plain(one))) < 200 << 10
    many = [rule(id=f"T-{n}") for n in range(MOST_HITS + 5)]
    (found,) = answers(SHORT, *many)
    assert (len(found.rules), found.of) == (MOST_HITS, MOST_HITS + 5)


def test_what_was_not_received_is_never_clear() -> None:
    (unknown,) = answers({}, rule())
    assert (unknown.outcome, unknown.not_done, unknown.of) == (Outcome.NOT_CHECKED, NotDone.NOT_EVALUATED, 1)
    assert unknown.rules[0].conditions[0].missing == ("trip.stay_days",)
    clear, left = answers(LONG, rule(), of_cel("pnr.paid_cash", id="T-002"))
    assert (clear.outcome, clear.of, clear.rules) == (Outcome.CLEAR, 1, ())
    assert (left.of, left.rules[0].rule) == (1, "T-002")


def test_of_many_unknown_rules_the_first_are_named_and_all_counted() -> None:
    (unknown,) = answers({}, *(rule(id=f"T-{n:03d}") for n in range(30)))
    assert ([one.rule for one in unknown.rules], unknown.of) == ([f"T-{n:03d}" for n in range(MOST_UNKNOWN)], 30)


def test_rules_that_are_not_in_force_are_no_answer() -> None:
    assert answers(SHORT, rule(lanes=["air"]), rule(id="T-002", ends="2026-03-09")) == []


def test_the_record_has_every_outcome_and_only_values_that_decided() -> None:
    rules = (
        rule(),
        of_cel('doc.issuer == "UTO"', id="T-002"),
        of_cel("bag.weight_kg > 20.0", "pnr.paid_cash", id="T-003"),
        rule(id="T-004", lanes=["air"]),
    )
    fields = {**SHORT, "doc.issuer": "CHL", "bag.weight_kg": 20.5, "name.tokens": ["MUSTER"]}
    record = Evaluated("muster", 4, "ab", DAY, Mode.LAND, ("customs", "b"), evaluated(fields, *rules), 700)
    plain = record.to_plain(fields)
    assert plain == {
        "name": "muster",
        "version": 4,
        "digest": "ab",
        "on": "2026-03-10",
        "mode": "land",
        "purposes": ["b", "customs"],
        "fields": {"trip.stay_days": 1},
        "outcomes": "hcun",
        "conditions": "tftu",
        "latency_us": 700,
    }
    canonical_bytes(plain)
    heavy = replace(record, outcomes=evaluated(fields, of_cel("bag.weight_kg > 20.0"))).to_plain(fields)
    assert heavy["fields"] == {"bag.weight_kg": "20.5"}
    canonical_bytes(heavy)


CONDITIONS = st.sampled_from(
    ["trip.stay_days < 3", "pnr.paid_cash", '"MUSTER" in name.tokens', 'doc.issuer != "UTO"', "bag.count == 0",
     "!pnr.paid_cash || bag.count > 2"]
)  # fmt: skip
RULES = st.lists(
    st.builds(
        lambda cels, match: of_cel(*cels, match=match, second_approver="chief.muestra"),
        st.lists(CONDITIONS, min_size=1, max_size=3),
        st.sampled_from(["all", "any"]),
    ),
    min_size=1,
    max_size=3,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "trip.stay_days": st.integers(0, 5),
        "pnr.paid_cash": st.booleans(),
        "bag.count": st.integers(0, 3),
        "doc.issuer": st.sampled_from(["UTO", "CHL"]),
        "name.tokens": st.lists(st.sampled_from(["MUSTER", "EJEMPLO"]), max_size=2),
    },
)


@given(RULES, FIELDS, st.data())
def test_a_field_more_never_changes_what_is_decided(rules: list[Any], fields: dict[str, object], data: Any) -> None:
    named = [{**one, "id": f"T-{n}"} for n, one in enumerate(rules)]
    fewer = {name: value for name, value in fields.items() if data.draw(st.booleans())}
    before, after = evaluated(fewer, *named), evaluated(fields, *named)
    for less, more in zip(before, after, strict=True):
        assert less.outcome in (RuleResult.UNKNOWN, more.outcome)
    told = rule_answers(before, SOURCE, POLICY, NOW)
    assert sum(one.of for one in told) == len(named)
    if not any(one.not_done for one in told):
        assert found(told) == found(rule_answers(after, SOURCE, POLICY, NOW))


def found(answers: list[Answer]) -> list[tuple[Outcome, list[str]]]:
    return [(one.outcome, [rule.rule for rule in one.rules]) for one in answers]
