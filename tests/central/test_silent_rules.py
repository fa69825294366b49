"""Silent rule sets: each Encounter that comes is evaluated at the centre alone, and a hit is a case that stays here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from checkpoint_app.central import acts, alarms, cases, database, importing, rule_material, withdrawing
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import receive
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.late_hits import Worker, screen_decided
from checkpoint_app.central.rules import RuleSets
from checkpoint_app.verdict import Check, Outcome, Policy, Truth
from checkpoint_app.verdict.lane import Lane
from checkpoint_app.wire.case import Case
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from tests.central.chains import Chain, answered_body, disposition_body, read_body, zone
from tests.central.helpers import ONE_DATABASE, START, Clock, enrolled
from tests.central.listed import MUSTER, policy, publish, publish_policy
from tests.central.publishing_helpers import conclude
from tests.central.rule_sets import OWNER, rule, rule_set

pytestmark = ONE_DATABASE
QUIET = Declared("quiet", ListKind.RULES, "ECU", silent=True, handling=("LE-ONLY",))
THEIRS = Declared("quiet", ListKind.RULES, "USA", "EC-US", OWNER.public_key().public_bytes_raw(), silent=True)


@pytest.fixture
def chain(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Chain:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    with centre.begin() as connection:
        centre.keep_secret(connection, "statement key", Ed25519PrivateKey.generate().private_bytes_raw())
    publish_policy(centre)
    return Chain.of(enrolled(centre, "demo-3"))


def bring(centre: Centre, data: bytes, one: Declared = QUIET, monkeypatch: pytest.MonkeyPatch | None = None) -> int:
    material = rule_material.of_rules(replace(one, partner_key=None), data, None)
    version = importing.import_version(centre, one, material).header.version
    if version > 1 and monkeypatch is not None:
        monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
        importing.approve(centre, one.name, version)
        monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    return version


def quiet(*rules: dict[str, Any], **more: Any) -> bytes:
    return rule_set(rules, set="QUIET", **more)


def screen(centre: Centre) -> int:
    ready, sets = Lists(centre), RuleSets(centre)
    ready.refresh()
    sets.refresh()
    return screen_decided(centre, ready, 50, sets.silent())


def all_cases(centre: Centre) -> list[tuple[str, bool, Case]]:
    with centre.begin() as connection:
        rows = connection.execute(select(database.cases).order_by(database.cases.c.list)).all()
        return [(row.list, row.silent, cases.opened(centre, row)) for row in rows]


def deliver(centre: Centre, chain: Chain) -> None:
    receive(centre, chain.booth, chain.batch())


def test_a_hit_is_a_case_at_the_centre_alone(centre: Centre, chain: Chain) -> None:
    bring(centre, quiet(rule("S-1"), rule("S-2", 'doc.issuer == "CHL"', tests=[])))
    chain.encounter("e-1", zone())
    chain.encounter("e-2", zone(issuer="BOL"))
    deliver(centre, chain)
    assert screen(centre) == 2
    ((name, silent, case),) = all_cases(centre)
    assert (name, silent, case.encounter_id, case.number) == ("quiet", True, "e-1", 0)
    (answer,) = case.found
    assert (answer.check, answer.outcome, answer.of) == (Check.RISK, Outcome.HIT, 2)
    assert (answer.source.name, answer.source.version, answer.source.handling) == ("quiet", 1, ("LE-ONLY",))
    (found,) = answer.rules
    assert (found.rule, found.question) == ("S-1", "Ask about the way here.")
    assert [(one.says, one.value) for one in found.conditions] == [("says S-1", Truth.TRUE)]
    with centre.begin() as connection:
        assert cases.items(centre, connection, "demo-3", 0).items == ()
        assert [one.kind for one in alarms.all(connection)] == []
    with centre.begin() as connection:
        connection.execute(update(database.encounters).values(screened_seq=0))
    assert screen(centre) == 2  # twice makes nothing twice
    assert len(all_cases(centre)) == 1


def test_a_newer_version_that_finds_more_widens_the_case(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    bring(centre, quiet(rule("S-1")))
    chain.encounter("e-1", zone())
    deliver(centre, chain)
    assert screen(centre) == 1
    later = to_plain(START + timedelta(seconds=1))
    clock.move(minutes=10)
    bring(centre, quiet(rule("S-1"), rule("S-3"), issued=later), monkeypatch=monkeypatch)
    with centre.begin() as connection:
        connection.execute(update(database.encounters).values(screened_seq=0))
    assert screen(centre) == 1
    ((_name, _silent, case),) = all_cases(centre)
    assert sorted({one.rule for answer in case.found for one in answer.rules}) == ["S-1", "S-3"]


def test_what_a_booth_told_is_read_too_and_a_fraction_is_a_number(centre: Centre, chain: Chain) -> None:
    bring(centre, quiet(rule("BAGS", "bag.weight_kg > 30.5", tests=[]), rule("NEVER", "bag.count == 7", tests=[])))
    told = {"name": "other", "version": 1, "digest": "0" * 64, "on": "2026-11-27", "mode": "land", "latency_us": 1}
    told |= {"purposes": ["border_security"], "fields": {"bag.weight_kg": "31.25"}, "outcomes": "h", "conditions": "t"}
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()))
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": "e-1", "sets": [told]})
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("e-1"))
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, chain)
    screen(centre)
    ((_name, _silent, case),) = all_cases(centre)
    assert [one.rule for one in case.found[0].rules] == ["BAGS"]


def test_rules_run_for_the_purpose_and_mode_of_the_lane_alone(centre: Centre, chain: Chain) -> None:
    plain = to_plain(policy(version=2)) | {"lanes": {"2": to_plain(Lane(purposes=("trafficking",)))}}
    publish(centre, "policy", [plain], 2)
    assert set(plain) <= set(Policy.__dataclass_fields__)
    rules = (rule("OTHER"), rule("OURS", purpose="trafficking"), rule("AIR", purpose="trafficking", lanes=["air"]))
    bring(centre, quiet(*rules))
    chain.encounter("e-1", zone())
    deliver(centre, chain)
    screen(centre)
    ((_name, _silent, case),) = all_cases(centre)
    assert [one.rule for one in case.found[0].rules] == ["OURS"]


@pytest.mark.parametrize("read", [{"doubtful": True}, {"doubts": [[0, 1]]}])
def test_nothing_is_made_of_a_document_in_doubt(centre: Centre, chain: Chain, read: dict[str, Any]) -> None:
    bring(centre, quiet(rule("S-1")))
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()) | read)
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, chain)
    assert screen(centre) == 1
    assert all_cases(centre) == []


def test_a_withdrawn_set_and_one_whose_agreement_has_ended_are_not_consulted(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    conclude(centre)
    bring(centre, quiet(rule("S-1")), THEIRS)
    clock.at += timedelta(days=201)
    chain.encounter("e-1", zone())
    deliver(centre, chain)
    assert screen(centre) == 1
    assert all_cases(centre) == []
    clock.at = START
    withdrawing.withdraw_list(centre, "quiet")
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    importing.approve(centre, "quiet", 2)
    chain.encounter("e-2", zone())
    deliver(centre, chain)
    screen(centre)
    assert all_cases(centre) == []


@pytest.mark.parametrize("told", [{"sets": [{"name": "a", "version": 1, "outcomes": "h"}]}, {"sets": 7}])
def test_a_bad_evaluation_keeps_no_list_and_no_rule_from_being_asked(
    centre: Centre, chain: Chain, told: dict[str, Any]
) -> None:
    bring(centre, quiet(rule("S-1")))
    publish(centre, "ECU", [MUSTER])
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()))
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": "e-1", **told})
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, chain)
    assert screen(centre) == 1
    assert [(name, silent) for name, silent, _case in all_cases(centre)] == [("ECU", False), ("quiet", True)]


def test_the_centre_s_own_thread_does_it(centre: Centre, chain: Chain) -> None:
    bring(centre, quiet(rule("S-1")))
    chain.encounter("e-1", zone())
    deliver(centre, chain)
    worker = Worker(centre)
    worker.start()
    try:
        for _ in range(200):
            if all_cases(centre):
                break
            worker.wake()
            worker._stopped.wait(0.05)
    finally:
        worker.stop()
    assert [(name, silent) for name, silent, _case in all_cases(centre)] == [("quiet", True)]
