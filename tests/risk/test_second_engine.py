"""A second implementation of CEL agrees in three values, on the demo's rules and vectors and on chance subjects."""

import json
import random
from collections import Counter

import cel
import pytest

from checkpoint_app.resources import resource_path
from checkpoint_app.risk.catalogue import FieldType
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import Truth
from checkpoint_app.verdict.lane import Mode
from tests.risk.rule_files import DAY, of_cel, rule_set

DEMO = ("traveller", "consignment")
FURTHER = (
    'doc.issuer in ["UTO", "XXA"] || pnr.paid_cash',
    'trip.route.exists(p, p.startsWith("A")) && !pnr.paid_cash',
    'trip.route.all(p, p != "AAA")',
    "trip.stay_days / bag.count > 1",
    "bag.weight_kg > 20.5 ? pnr.paid_cash : trip.one_way",
    'size(trip.route) > 1 && "AAA" in trip.route',
    'doc.issuer.matches("^[A-M]")',
    "!(pnr.paid_cash || trip.one_way) && trip.stay_days % 2 == 0",
)
WORDS = ("AAA", "BBB", "UTO", "XXA", "in", "out", "land", "")
VALUES = {
    FieldType.STRING: lambda chance: chance.choice(WORDS),
    FieldType.INT: lambda chance: chance.choice([0, 1, 2, 3, 5, 8, 24, 40]),
    FieldType.DOUBLE: lambda chance: chance.choice([-40.0, 0.0, 0.25, 10.5, 21.0, 9_000.0]),
    FieldType.BOOL: lambda chance: chance.random() < 0.5,
    FieldType.STRINGS: lambda chance: chance.choices(WORDS, k=chance.randrange(4)),
}


def sets():
    yield from (resource_path(f"demo/rules/{name}.json").read_bytes() for name in DEMO)
    yield rule_set(*[of_cel(text, id=f"F-{at}") for at, text in enumerate(FURTHER)], fields="traveller/2")


def subjects(rule_set_, count=60):
    """Chance subjects of the fields that the rules read, a third of each not received."""
    chance = random.Random(5)
    names = sorted({name for rule in rule_set_.rules for name in rule.reads})
    for _ in range(count):
        kinds = {name: rule_set_.fields.types[name] for name in names if chance.random() < 0.67}
        yield {name: VALUES[kind](chance) for name, kind in kinds.items()}
    yield from (dict(vector.fields) for rule in rule_set_.rules for vector in rule.tests)


def second_opinion(program, fields):
    """The other engine knows maps, not dotted names; what it cannot say it raises."""
    nested = {}
    for name, value in fields.items():
        first, _, last = name.partition(".")
        nested.setdefault(first, {})[last] = value
    try:
        value = program.execute(nested)
    except Exception:  # noqa: BLE001 - it raises KeyError, ValueError, TypeError, RuntimeError …
        return Truth.UNKNOWN
    return {True: Truth.TRUE, False: Truth.FALSE}[value]


@pytest.mark.parametrize("at", range(3))
def test_both_engines_agree_on_every_pair(at):
    loaded = load_rules(list(sets())[at])
    programs = {c.cel: cel.compile(c.cel) for rule in loaded.rules for c in rule.conditions}
    evaluator = Evaluator(loaded)
    seen = Counter()
    for fields in subjects(loaded):
        usable = loaded.fields.usable(fields)
        for outcome in (one for mode in Mode for one in evaluator.evaluate(fields, DAY, mode)):
            for text, found in zip(outcome.rule.conditions, outcome.conditions, strict=False):  # none, not in force
                assert second_opinion(programs[text.cel], usable) is found.value, (text.cel, fields)
                seen[text.cel] += 1
                seen[found.value] += 1
    assert seen.keys() == {*programs, *Truth}


def test_the_demo_rules_explain_themselves_and_each_is_tested_in_three_values():
    for data, subject in zip(sets(), DEMO, strict=False):
        loaded = load_rules(data)
        assert loaded.fields.name == f"{subject}/2"
        assert len(loaded.rules) >= 10
        assert loaded.ignored == ()
        for rule in loaded.rules:
            assert {vector.expect.value for vector in rule.tests} == {"hit", "clear", "unknown"}, rule.id
            assert rule.purpose in {"border_security", "customs"}
            assert not set(rule.reads) <= {"person.nationality", "person.age", "name.tokens"}
        used = {purpose for rule in loaded.rules for purpose in [rule.purpose]}
        assert used == {"border_security", "customs"}
        assert json.loads(data)["set"] == loaded.set
