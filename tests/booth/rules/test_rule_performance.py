"""How rules stand: counted from the journal, by version, with results; suspended at their floors, until answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.rules.rule_performance import (
    DAYS,
    SetInForce,
    Standing,
    resume_answered,
    standings,
    suspend_new,
)
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.standing import LEAST_SUBJECTS, Flag, Result
from checkpoint_app.store import Store
from checkpoint_app.verdict import Check, Policy, Requirement
from checkpoint_app.wire.event import EventKind
from tests.risk.rule_files import of_cel, rule_set
from tests.store.helpers import START, FakeClock, decided_body, dump, new_store, read_body

POLICY = Policy("P", 1, START, (Requirement(Check.RISK),), {}, precision_after=20, least_precision_percent=10)
NAME = "muster"


def in_force(*rules: tuple[str, int], digest: str = "d1", rate: float = 0.1) -> SetInForce:
    made = [of_cel("trip.stay_days < 3", id=name, version=version, max_hit_rate=rate) for name, version in rules]
    return SetInForce(NAME, digest, load_rules(rule_set(*made)))


ONE = in_force(("A", 1), ("B", 1))


class Post:
    """A store in which Encounters pass, a minute each."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.number = store, clock, 0

    def passes(self, outcomes: str, result: str = "", digest: str = "d1", inspected: bool = False, **when) -> str:
        self.number += 1
        self.clock.time += timedelta(**when or {"minutes": 1})
        name = f"e{self.number}"
        append = self.store.journal.append
        append(EventKind.ENCOUNTER_READ, read_body(name))
        append(EventKind.RISK_EVALUATED, evaluated(name, outcomes, digest))
        append(EventKind.DISPOSITION, decided_body(name, "refer" if result or inspected else "let_pass"))
        if result:
            append(EventKind.INSPECTION_RESULT, {"encounter_id": name, "result": result, "officer": "o"})
        return name


def evaluated(name: str, outcomes: str, digest: str = "d1") -> dict:
    return {
        "encounter_id": name,
        "sets": [{"name": NAME, "version": 1, "digest": digest, "outcomes": outcomes, "conditions": ""}],
    }


@pytest.fixture
def post(tmp_path: Path):
    clock = FakeClock(step=timedelta(0))
    with new_store(tmp_path, clock) as store:
        for one in (ONE, in_force(("B", 1), ("A", 2), digest="d2")):
            store.rule_counts.keep_order(one.digest, [(rule.id, rule.version) for rule in one.rules.rules])
        yield Post(store, clock)


def told(post: Post, one: SetInForce = ONE, policy: Policy = POLICY) -> dict[str, Standing]:
    found = standings(post.store, [one], policy, post.clock.time, UTC)
    return {each.rule.id: each for each in found}


def test_outcomes_are_counted_a_rule(post: Post) -> None:
    for outcomes in ("hc", "hu", "nh", "cc"):
        post.passes(outcomes)
    found = told(post)
    assert (found["A"].count.subjects, found["A"].count.hits, found["A"].count.unknowns) == (3, 2, 0)
    assert (found["B"].count.subjects, found["B"].count.hits, found["B"].count.unknowns) == (4, 1, 1)
    assert found["A"].days[-1] == (3, 2)
    assert len(found["A"].days) == DAYS


def test_days_are_told_apart(post: Post) -> None:
    post.passes("hc")
    post.passes("cc", days=2)
    post.passes("hh", hours=1)
    days = told(post)["A"].days
    assert (days[-3], days[-2], days[-1]) == ((1, 1), (0, 0), (2, 1))


def test_an_encounter_examined_again_counts_once(post: Post) -> None:
    name = post.passes("hh")
    post.store.journal.append(EventKind.RISK_EVALUATED, evaluated(name, "cc"))
    assert (told(post)["A"].count.subjects, told(post)["A"].count.hits) == (1, 0)


def test_a_rule_keeps_its_counts_when_others_of_its_set_change(post: Post) -> None:
    post.passes("hh")
    post.passes("hc", digest="d2")  # there B comes first
    later = in_force(("B", 1), ("A", 2), digest="d2")
    found = told(post, later)
    assert (found["B"].count.subjects, found["B"].count.hits) == (2, 2)
    assert (found["A"].count.subjects, found["A"].count.hits) == (1, 0)  # another version is another rule


def test_results_are_of_the_rules_that_hit(post: Post) -> None:
    post.passes("hc", "customs")
    post.passes("hh", "nothing")
    post.passes("hc", inspected=True)
    found = told(post)
    assert dict(found["A"].count.results) == {Result.CUSTOMS: 1, Result.NOTHING: 1}
    assert found["A"].count.unreported == 1
    assert dict(found["B"].count.results) == {Result.NOTHING: 1}
    assert found["B"].count.unreported == 0


def suspended(post: Post, policy: Policy = POLICY) -> list[tuple[str, tuple[Flag, ...]]]:
    return [(one.rule.id, one.flags) for one in suspend_new(post.store, [ONE], policy, post.clock.time)]


def test_a_rule_above_its_rate_is_suspended_once_with_a_record(post: Post) -> None:
    for place in range(200):
        post.passes("hc" if place % 9 == 0 else "cc")
    assert suspended(post) == [("A", (Flag.RATE,))]
    assert suspended(post) == []
    last = list(post.store.journal.events(after=0))[-1].header
    assert last.kind is EventKind.RULE_SUSPENDED
    assert post.store.journal.body(last.seq) == {
        "set": NAME,
        "rule": "A",
        "version": 1,
        "why": "rate",
        "counted": {"subjects": 200, "hits": 23, "inspected": 0, "found": 0},
    }
    assert told(post)["A"].suspended
    assert not told(post)["B"].suspended
    before = dump(post.store)
    post.store.journal.rebuild_projections()
    assert dump(post.store) == before


def test_a_rate_is_of_a_set_s_own_subjects_whatever_else_passes(post: Post) -> None:
    """A post of travellers and goods: the last two hundred of all would be too few of each set to judge it by."""
    for number in range(LEAST_SUBJECTS):
        post.passes("hc", **{"days": 3} if number == 80 else {"minutes": 1})
        other = evaluated(f"g{post.number}", "c")
        other["sets"][0]["name"] = "goods"
        post.store.journal.append(EventKind.RISK_EVALUATED, other)
    assert [one.rule.id for one in suspend_new(post.store, [ONE], POLICY, post.clock.time)] == ["A"]


def test_a_few_hits_of_a_young_rule_suspend_nothing(post: Post) -> None:
    for _ in range(50):
        post.passes("hc")
    assert suspended(post) == []
    post.clock.time += timedelta(hours=24)  # the day is over: all of it was above the rate
    assert suspended(post) == [("A", (Flag.RATE,))]


def test_a_rule_that_finds_nothing_is_suspended_by_the_policy_alone(post: Post) -> None:
    for place in range(20):
        post.passes("ch", "nothing" if place else "document")
    for _ in range(200):
        post.passes("cc")
    lenient = replace(POLICY, suspend_rules=False)
    assert suspended(post, lenient) == []
    assert suspended(post) == [("B", (Flag.PRECISION,))]


def test_a_suspended_rule_goes_on_when_its_approver_answers(post: Post) -> None:
    for _ in range(200):
        post.passes("hc")
    suspended(post)
    assert resume_answered(post.store, [ONE]) == 0
    later = in_force(("B", 1), ("A", 2), digest="d2")
    assert resume_answered(post.store, [later]) == 1
    assert post.store.rule_counts.suspended() == []
    assert resume_answered(post.store, [later]) == 0


def test_the_lot_s_results_are_counted_apart(post: Post) -> None:
    name = post.passes("cc", "security")
    post.passes("cc", "nothing")
    body = {"encounter_id": name, "lane": "3", "day": "2026-03-02", "number": 1, "commit": "c", "rate": 1}
    post.store.journal.append(EventKind.ENCOUNTER_DRAWN, {**body, "selected": True})
    assert post.store.rule_counts.lot_results(datetime(2026, 1, 1, tzinfo=UTC)) == {"security": 1}


def test_what_has_no_sense_is_no_row(post: Post) -> None:
    append = post.store.journal.append
    append(EventKind.RISK_EVALUATED, {"encounter_id": "x", "sets": [{"name": NAME}, 3]})
    append(EventKind.RISK_EVALUATED, {"encounter_id": "x"})
    append(EventKind.RULE_SUSPENDED, {"set": NAME, "rule": "A", "version": "1"})
    assert told(post)["A"].count.subjects == 0
    assert post.store.rule_counts.suspended() == []
    post.passes("hhh")  # more letters than the set has rules
    assert told(post)["A"].count.subjects == 0
