"""What the demo plants in its messages is what readers, cross-checks and its own rules say of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

import pytest

from checkpoint_app.cargo.crosschecks import findings_of
from checkpoint_app.cargo.read import read_message
from checkpoint_app.demo.messages import (
    CLEAN,
    OTHER,
    RISKY,
    SEEN_INSTEAD,
    SOUND,
    WRONG_DIGIT,
    bus_list,
    container_manifest,
)
from checkpoint_app.demo.policy import LANE, demo_policy
from checkpoint_app.demo.rule_sets import RULE_SETS
from checkpoint_app.demo.tray import tray
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.fields_consignment import Seen, consignment_fields
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import LaneKind
from tests.demo.helpers import DAYS, TODAY

NOW = datetime.combine(TODAY, time(8, 30), UTC)


def at(day):
    return datetime.combine(day, time(9, 15), UTC)


def hits(message, consignment, seals=None):
    """Return the ids of the demo's rules of goods that hit, at the demo's own lane."""
    (rules,) = (one for one in RULE_SETS if one.name == "demo-carga")
    lane = demo_policy(NOW).lane(LANE, LaneKind.CARGO)
    seen = Seen(None, seals or {})
    fields = consignment_fields(
        message, consignment, seen=seen, mode=lane.mode, findings=findings_of(message, consignment)
    )
    outcomes = Evaluator(load_rules(rules.issued(NOW))).evaluate(fields, TODAY, lane.mode, lane.purposes)
    return [one.rule.id for one in outcomes if one.outcome == "hit"]


@pytest.mark.parametrize("day", DAYS)
def test_messages_are_read_without_a_fault_on_every_day(day):
    manifest = read_message(container_manifest(at(day)))
    bus = read_message(bus_list([one.document for one in tray(day)], at(day)))
    assert (manifest.faults, bus.faults) == ((), ())
    assert [one.number for one in manifest.consignments] == [CLEAN, RISKY]
    assert manifest.count_matches
    assert bus.declared == len(bus.passengers) == len(tray(day))
    for item, person in zip(tray(day), bus.passengers, strict=True):
        assert (person.family, person.given) == (item.document.family_name, item.document.given_names)
        assert person.documents[0].number == item.document.document_number
        born = item.document.birth_date
        assert person.birth == f"{born.year:04d}-{born.month:02d}-{born.day:02d}"


def test_one_consignment_is_sound_and_the_other_is_not():
    message = read_message(container_manifest(NOW))
    clean, risky = message.consignments
    assert findings_of(message, clean) == ()
    assert {one.code for one in findings_of(message, risky)} == {
        "message.transshipment",
        "parties.to_order",
        "equipment.check_digit",
    }
    assert [one.check_digit_ok for one in message.equipment] == [True, False, True]


def test_the_rules_hit_what_was_planted_and_nothing_else():
    message = read_message(container_manifest(NOW))
    clean, risky = message.consignments
    assert hits(message, clean, {SOUND.number: (SOUND.seal,)}) == []
    assert hits(message, risky) == ["C-001", "C-007"]
    seen = {WRONG_DIGIT.number: (SEEN_INSTEAD,), OTHER.number: (OTHER.seal,)}
    assert hits(message, risky, seen) == ["C-001", "C-003", "C-007"]


@pytest.mark.parametrize("one", RULE_SETS, ids=lambda one: one.name)
@pytest.mark.parametrize("day", DAYS[:2])
def test_rule_sets_load_and_are_in_force_on_the_day(one, day):
    loaded = load_rules(one.issued(at(day)))
    assert loaded.set == one.name
    assert len(loaded.rules) == len(json.loads(one.path.read_bytes())["rules"])
    lanes = demo_policy(at(day)).lanes
    assert all(rule.in_force(day, mode) for rule in loaded.rules for mode in rule.lanes)
    assert {rule.purpose for rule in loaded.rules} <= {each for lane in lanes.values() for each in lane.purposes}
