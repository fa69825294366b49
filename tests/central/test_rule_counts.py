"""How rules fare is summed over all posts out of the booths' events, whatever order they come in."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from checkpoint_app.central import (
    acts,
    alarms,
    database,
    encounters,
    importing,
    keeping,
    lists,
    opening,
    publishing,
    rule_counts,
    rule_material,
    rule_subjects,
)
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import receive, take_body
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.rule_counts import RuleSum, RuleWatch, Sums
from checkpoint_app.central.rule_suspensions import suspended
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.standing import Result, RuleCount
from checkpoint_app.verdict import Check, Policy, Requirement
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, read_untrusted_header
from tests.central.chains import Chain, disposition_body, read_body, zone
from tests.central.helpers import ONE_DATABASE, START, Clock, enrolled
from tests.central.publishing_helpers import make_repository
from tests.central.rule_sets import rule, rule_set

DEMO = Declared("demo", ListKind.RULES, "ECU")
DATA = rule_set([rule("A", max_hit_rate=0.5), rule("B", tests=[]), rule("C", tests=[])])
POLICY = Policy("policy", 1, START, (Requirement(Check.WANTED),), {}, least_precision_percent=10, precision_after=5)
DAY = START.date().isoformat()


@pytest.fixture
def digest(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> str:
    """The digest of the set that is in service."""
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    make_repository(centre)
    importing.import_version(centre, DEMO, rule_material.of_rules(DEMO, DATA, None))
    publishing.publish(centre)
    return digest_of(centre, 1)


@pytest.fixture
def chain(centre: Centre) -> Chain:
    return Chain.of(enrolled(centre, "demo-3"))


def digest_of(centre: Centre, version: int) -> str:
    data = lists.package_path(centre, "demo", version).read_bytes()
    return read_untrusted_header(io.BytesIO(data)).payload_digest


def evaluated(name: str, digest: str, outcomes: str, on: str = DAY, **more: Any) -> dict[str, Any]:
    one = {"name": "demo", "version": 1, "digest": digest, "on": on, "mode": "land", "purposes": [], "fields": {}}
    return {"encounter_id": name, "sets": [one | {"outcomes": outcomes, "conditions": "", "latency_us": 1} | more]}


def result(name: str, word: str) -> dict[str, Any]:
    return {"encounter_id": name, "result": word, "text": "", "officer": "m.muster", "rules": [], "drawn": False}


def drawn(name: str, selected: bool = True, day: str = DAY) -> dict[str, Any]:
    told = {"lane": "2", "day": day, "number": 1, "commit": "00", "rate": 1, "selected": selected}
    return {"encounter_id": name, **told}


def passage(
    chain: Chain, name: str, digest: str, outcomes: str, disposition: str = "let_pass", word: str = "", **person: str
) -> None:
    chain.add(EventKind.ENCOUNTER_READ, read_body(name, zone(**person)))
    chain.add(EventKind.RISK_EVALUATED, evaluated(name, digest, outcomes))
    chain.add(EventKind.DISPOSITION, disposition_body(name) | {"disposition": disposition})
    if word:
        chain.add(EventKind.INSPECTION_RESULT, result(name, word))


def counted(centre: Centre, policy: Policy | None = POLICY, days: int = 30) -> Sums:
    rule_counts.count_changed(centre, days)
    return rule_counts.sums(centre, days, policy)


def by_rule(found: Sums) -> dict[str, RuleSum]:
    return {one.place.rule: one for one in found.rules}


def test_hits_results_and_whom_they_fell_upon_are_summed_over_posts(
    centre: Centre, chain: Chain, digest: str, clock: Clock
) -> None:
    other = Chain.of(enrolled(centre, "pass-1"))
    with centre.begin() as connection:
        connection.execute(update(database.booths).where(database.booths.c.name == "pass-1").values(post="San Miguel"))
    passage(chain, "e-1", digest, "hcu", "refer", "customs", nationality="COL", family="PEREZ")
    passage(chain, "e-2", digest, "huu", "scan", nationality="COL", family="PEREZ")
    passage(chain, "e-3", digest, "cnh", nationality="PER")
    passage(other, "e-1", digest, "hnc", "refer", "nothing", nationality="VEN", family="IVANOVSKY")
    passage(other, "e-2", digest, "ccc", "refer", "nothing")
    receive(centre, "demo-3", chain.batch())
    receive(centre, "pass-1", other.batch())
    assert rule_counts.count_changed(centre) == 2
    assert rule_counts.count_changed(centre) == 0
    found = rule_counts.sums(centre, policy=POLICY)
    rules = by_rule(found)
    assert rules["A"].count == RuleCount(5, 3, 0, {Result.CUSTOMS: 1, Result.NOTHING: 1}, unreported=1)
    assert rules["B"].count == RuleCount(3, 0, 1)
    assert rules["C"].count == RuleCount(5, 1, 2)
    assert rules["A"].posts == {
        "Rumichaca": RuleCount(3, 2, 0, {Result.CUSTOMS: 1}, unreported=1),
        "San Miguel": RuleCount(2, 1, 0, {Result.NOTHING: 1}),
    }
    assert rules["A"].nationalities == {"COL": 2, "VEN": 1}
    assert rules["A"].cultures == {"spanish": 2, "slavic": 1}
    assert rules["C"].nationalities == {"PER": 1}
    assert (rules["A"].current, rules["A"].list_version, rules["A"].max_hit_rate) == (True, 1, 0.5)
    clock.move(days=31)
    assert rule_counts.sums(centre, policy=POLICY).rules == ()


def test_the_last_evaluation_and_the_last_result_of_an_encounter_count(
    centre: Centre, chain: Chain, digest: str
) -> None:
    passage(chain, "e-1", digest, "hhh", "refer", "nothing")
    chain.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "hcc"))
    chain.add(EventKind.INSPECTION_RESULT, result("e-1", "security"))
    receive(centre, "demo-3", chain.batch(last=4))
    assert by_rule(counted(centre))["B"].count == RuleCount(1, 1, 0, {Result.NOTHING: 1})
    receive(centre, "demo-3", chain.batch(5))
    rules = by_rule(counted(centre))
    assert rules["A"].count == RuleCount(1, 1, 0, {Result.SECURITY: 1})
    assert rules["B"].count == RuleCount(1)


@pytest.mark.parametrize("seed", [None, 5], ids=["backwards", "shuffled"])
def test_the_order_in_which_bodies_come_does_not_matter(
    centre: Centre, chain: Chain, digest: str, seed: int | None
) -> None:
    for name, outcomes, word in (("e-1", "hcu", "customs"), ("e-2", "hhc", ""), ("e-3", "uch", "nothing")):
        passage(chain, name, digest, outcomes, "refer", word, nationality="COL")
        chain.add(EventKind.ENCOUNTER_DRAWN, drawn(name, name == "e-1"))
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", zone(nationality="PER")))
    chain.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "hnu"))
    every = list(range(1, chain.seq + 1))
    receive(centre, "demo-3", chain.batch(bare=tuple(every)))
    every.reverse()
    if seed is not None:
        random.Random(seed).shuffle(every)
    for number, seq in enumerate(every):
        take_body(centre, "demo-3", chain.late(seq))
        if number % 4 == 0:
            rule_counts.count_changed(centre)
    shuffled = counted(centre)
    with centre.begin() as connection:
        for table in (database.rule_days, database.rule_subjects):
            connection.execute(table.delete())
        for kind in (EventKind.INSPECTION_RESULT, EventKind.ENCOUNTER_DRAWN, EventKind.RISK_EVALUATED):
            encounters.project_again(centre, connection, kind)
    assert counted(centre) == shuffled
    rules = by_rule(shuffled)
    assert rules["A"].count == RuleCount(3, 2, 1, {Result.CUSTOMS: 1}, unreported=1)
    assert rules["A"].nationalities == {"PER": 1, "COL": 1}
    assert shuffled.lot.results == {Result.CUSTOMS: 1}


def test_a_chain_begun_anew_counts_once(centre: Centre, chain: Chain, digest: str) -> None:
    passage(chain, "e-1", digest, "hhh", "refer")
    backup = chain.copy()
    chain.add(EventKind.INSPECTION_RESULT, result("e-1", "customs"))
    chain.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "hch"))
    passage(chain, "e-2", digest, "hhh")
    receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(new_chain_allowed=True))
    backup.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "ccc"))
    passage(backup, "e-2", digest, "hcc")
    receive(centre, "demo-3", backup.batch(4))
    rules = by_rule(counted(centre))
    assert rules["A"].count == RuleCount(2, 1)
    assert rules["B"].count == RuleCount(2, 0)
    receive(centre, "demo-3", backup.batch())
    with centre.begin() as connection:  # a word of the chain that was left comes late
        body = evaluated("e-1", digest, "hhh")
        rule_subjects.note(connection, "demo-3", (1, 5), EventKind.RISK_EVALUATED, "e-1", body)
        assert connection.execute(select(database.rule_subjects.c.chain).distinct()).scalars().all() == [2]
    assert rule_counts.count_changed(centre) == 0
    assert by_rule(counted(centre))["A"].count == RuleCount(2, 1)


def test_a_day_counts_by_the_booth_s_own_calendar_and_moves_with_it(centre: Centre, chain: Chain, digest: str) -> None:
    yesterday = (START.date() - timedelta(days=1)).isoformat()
    chain.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "hhh", on=yesterday))
    receive(centre, "demo-3", chain.batch())
    assert by_rule(counted(centre))["A"].since == date.fromisoformat(yesterday)
    chain.add(EventKind.RISK_EVALUATED, evaluated("e-1", digest, "hhh"))
    receive(centre, "demo-3", chain.batch(2))
    assert rule_counts.count_changed(centre) == 2
    assert by_rule(counted(centre))["A"].count == RuleCount(1, 1)
    assert by_rule(counted(centre, days=0))["A"].since == START.date()


def test_what_stands_out_is_told_once_and_is_on_record(centre: Centre, chain: Chain, digest: str, clock: Clock) -> None:
    for number in range(12):
        passage(chain, f"e-{number}", digest, "hcc", "refer", "nothing", nationality="COL")
        chain.add(EventKind.ENCOUNTER_DRAWN, drawn(f"e-{number}"))
    receive(centre, "demo-3", chain.batch())
    found = counted(centre)
    assert by_rule(found)["A"].flags == ("precision", "one_nationality")  # of twelve on one day no rate can be told
    assert by_rule(found)["B"].flags == ()
    assert rule_counts.tell_flagged(centre, found) == 2
    clock.move(days=1)
    later = rule_counts.sums(centre, policy=POLICY)
    assert by_rule(later)["A"].flags == ("rate", "precision", "one_nationality")
    assert rule_counts.tell_flagged(centre, later) == 1
    assert rule_counts.tell_flagged(centre, later) == 0
    with centre.begin() as connection:
        told = [one for one in alarms.all(connection) if one.kind == rule_counts.FLAGGED]
        on_record = [one for one in acts.all(connection) if one.what == "rule flagged"]
    assert [dict(one.about) for one in told] == [
        {"set": "demo", "rule": "A", "version": 1, "why": why} for why in ("precision", "one_nationality", "rate")
    ]
    assert dict(on_record[0].about) == dict(told[0].about) | {"subjects": 12, "hits": 12, "inspected": 12, "found": 0}
    assert [one.about["why"] for one in on_record] == [one.about["why"] for one in told]


@ONE_DATABASE
def test_the_watch_tells_by_itself(centre: Centre, chain: Chain, digest: str) -> None:
    for number in range(12):
        passage(chain, f"e-{number}", digest, "hcc", "refer", "nothing", nationality="COL")
    receive(centre, "demo-3", chain.batch())
    watch = RuleWatch(centre)
    assert watch.look(POLICY)  # the one day that changed
    assert not watch.look(POLICY)
    with centre.begin() as connection:
        assert Counter(one.kind for one in alarms.all(connection)) == {rule_counts.FLAGGED: 2}
        assert connection.execute(select(database.rule_orders.c.version)).scalars().all() == [1]
    passage(chain, "e-99", digest, "hcc")
    receive(centre, "demo-3", chain.batch(chain.seq - 2))
    assert not watch.look(POLICY)  # not due
    assert rule_counts.count_changed(centre) == 1


@ONE_DATABASE
def test_a_version_that_is_no_more_here_is_still_counted_by_its_rules(
    centre: Centre, chain: Chain, digest: str
) -> None:
    RuleWatch(centre).look(None)
    with centre.begin() as connection:
        keeping.retire(centre, connection, "demo", 2)
    passage(chain, "e-1", digest, "hcc")
    receive(centre, "demo-3", chain.batch())
    assert by_rule(counted(centre))["A"].count == RuleCount(1, 1)


@ONE_DATABASE
@pytest.mark.parametrize(
    "change",
    [{"digest": "0" * 64}, {"version": 7}, {"outcomes": "hc"}, {"outcomes": "hccc"}, {"name": "nobody"}],
    ids=["other rules", "a version that never was", "a rule left out", "a rule too many", "another list"],
)
def test_what_no_version_here_explains_is_counted_as_strange(
    centre: Centre, chain: Chain, digest: str, change: dict[str, Any]
) -> None:
    body = evaluated("e-1", digest, "hcc")
    body["sets"][0].update(change)
    chain.add(EventKind.RISK_EVALUATED, body)
    receive(centre, "demo-3", chain.batch())
    found = counted(centre)
    assert found.rules == ()
    assert found.strange == {change.get("name", "demo"): 1}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (EventKind.ENCOUNTER_DRAWN, drawn("e-9", day="no day")),
        (EventKind.ENCOUNTER_DRAWN, {"encounter_id": "e-9"}),
        (EventKind.INSPECTION_RESULT, result("e-1", "a novel word")),
        (EventKind.INSPECTION_RESULT, {"encounter_id": "e-1"}),
        (EventKind.RISK_EVALUATED, {"encounter_id": "e-9", "sets": [{"name": "demo", "version": 1, "outcomes": "h"}]}),
        (EventKind.RISK_EVALUATED, evaluated("e-9", "x", "é\U0001f600")),
        (EventKind.RISK_EVALUATED, evaluated("e-9", "x", "h" * 5_001)),
        (EventKind.RISK_EVALUATED, evaluated("e-9", "x", "hcc", on="yesterday")),
    ],
)  # fmt: skip
def test_what_has_no_sense_is_not_counted_and_stops_nothing(
    centre: Centre, chain: Chain, digest: str, kind: EventKind, body: dict[str, Any]
) -> None:
    passage(chain, "e-1", digest, "hcc")
    chain.add(kind, body)
    receive(centre, "demo-3", chain.batch())
    assert by_rule(counted(centre))["A"].count == RuleCount(1, 1)


@ONE_DATABASE
def test_nothing_personal_nor_of_the_rules_is_in_clear(centre: Centre, chain: Chain, digest: str) -> None:
    passage(chain, "e-1", digest, "hcc", nationality="COL", family="PEREZ")
    receive(centre, "demo-3", chain.batch())
    counted(centre)
    with centre.begin() as connection:
        tables = (database.rule_subjects, database.rule_days, database.rule_orders)
        rows = [tuple(row) for table in tables for row in connection.execute(select(table))]
    kept = repr(rows)
    assert digest not in kept
    assert "e-1" in kept
    assert not any(word in kept for word in ("COL", "PEREZ", "spanish", "rule A", load_rules(DATA).rules[0].title))


def test_an_older_database_learns_the_counts(centre: Centre, chain: Chain, digest: str) -> None:
    passage(chain, "e-1", digest, "hcc", "refer", "customs")
    receive(centre, "demo-3", chain.batch())
    expected = counted(centre)
    with centre.begin() as connection:
        for table in (database.rule_days, database.rule_subjects, database.rule_orders):
            table.drop(connection)
        opening.bring_up_rules(centre, connection)
    assert counted(centre) == expected


def test_suspensions_of_booths_are_told_until_they_are_over(centre: Centre, chain: Chain, digest: str) -> None:
    other = Chain.of(enrolled(centre, "demo-4"))
    body = {"set": "demo", "rule": "A", "version": 1, "why": "rate", "counted": {}}
    chain.add(EventKind.RULE_SUSPENDED, body)
    chain.add(EventKind.RULE_SUSPENDED, {"set": "demo"})
    chain.add(EventKind.RULE_SUSPENDED, body | {"rule": "B", "why": "precision"})
    other.add(EventKind.RULE_SUSPENDED, body)
    receive(centre, "demo-3", chain.batch())
    receive(centre, "demo-4", other.batch())
    with centre.begin() as connection:
        assert [(one.rule, one.booth, one.why) for one in suspended(centre, connection)] == [
            ("A", "demo-3", "rate"), ("A", "demo-4", "rate"), ("B", "demo-3", "precision"),
        ]  # fmt: skip
    other.add(EventKind.RULE_RESUMED, body | {"why": "approver"})
    receive(centre, "demo-4", other.batch(2))
    with centre.begin() as connection:
        assert [(one.rule, one.booth) for one in suspended(centre, connection)] == [("A", "demo-3"), ("B", "demo-3")]
