"""What rules came to at a booth is evaluated again at the centre; who lies about it is found out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from checkpoint_app.central import (
    acts,
    alarms,
    database,
    evaluations,
    importing,
    keeping,
    lists,
    publishing,
    rule_material,
)
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import receive
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.risk_replay import replay_waiting
from checkpoint_app.central.rules import RuleSets
from checkpoint_app.documents import parse_mrz
from checkpoint_app.risk.answering import Evaluated
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.fields import CrossingFacts, traveller_fields
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import Mode
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, read_untrusted_header
from tests.central.chains import Chain, answered_body, disposition_body, read_body, zone
from tests.central.helpers import START, enrolled
from tests.central.publishing_helpers import make_repository
from tests.central.rule_sets import PURPOSE, rule, rule_set

ON = date(2026, 11, 27)
DEMO = Declared("demo", ListKind.RULES, "ECU")
RULES = [
    rule("HIT"),
    rule("CLEAR", 'doc.issuer == "CHL"', tests=[]),
    rule(
        "MIXED",
        tests=[],
        conditions=[
            {"name": "a", "cel": 'doc.issuer == "UTO"', "says": "a"},
            {"name": "b", "cel": "hist.refusals_5y > 1", "says": "b"},
        ],
    ),
    rule("BAGS", "bag.weight_kg > 30.5", tests=[]),
    rule("AIR", lanes=["air"], tests=[]),
    rule("OTHER", purpose="trafficking", tests=[]),
]
DATA = rule_set(RULES)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def rules(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> RuleSets:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    make_repository(centre)
    importing.import_version(centre, DEMO, rule_material.of_rules(DEMO, DATA, None))
    publishing.publish(centre)
    ready = RuleSets(centre)
    ready.refresh()
    return ready


@pytest.fixture
def chain(centre: Centre) -> Chain:
    return Chain.of(enrolled(centre, "demo-3"))


def digest(centre: Centre) -> str:
    with lists.package_path(centre, "demo", 1).open("rb") as file:
        return read_untrusted_header(io.BytesIO(file.read())).payload_digest


def evaluated(centre: Centre, lines: tuple[str, ...], **more: object) -> dict[str, Any]:
    """What an honest booth writes of the set."""
    crossing = CrossingFacts("in", "2", Mode.LAND)
    fields = {**traveller_fields(parse_mrz(lines, START.date()).document, ON, crossing), **more}
    outcomes = Evaluator(load_rules(DATA)).evaluate(fields, ON, Mode.LAND, (PURPOSE,))
    return Evaluated("demo", 1, digest(centre), ON, Mode.LAND, (PURPOSE,), outcomes, 800).to_plain(fields)


def encounter(chain: Chain, name: str, lines: tuple[str, ...], *sets: dict[str, Any]) -> None:
    chain.add(EventKind.ENCOUNTER_READ, read_body(name, lines))
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": name, "sets": list(sets)})
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body(name))
    chain.add(EventKind.DISPOSITION, disposition_body(name))


def told(centre: Centre) -> list[tuple[str, dict[str, Any]]]:
    with centre.begin() as connection:
        return [(one.kind, dict(one.about)) for one in alarms.all(connection)]


def counted(centre: Centre) -> list[evaluations.Counted]:
    with centre.begin() as connection:
        return evaluations.counted(connection)


def test_what_an_honest_booth_tells_comes_out_the_same(centre: Centre, chain: Chain, rules: RuleSets) -> None:
    by_document = evaluated(centre, zone())
    assert (by_document["outcomes"], by_document["conditions"]) == ("hcuunn", "tftuu")
    assert by_document["fields"] == {"doc.issuer": "UTO"}
    encounter(chain, "e-1", zone(), by_document)
    known = {"hist.refusals_5y": 3, "bag.weight_kg": 31.25}
    encounter(chain, "e-2", zone(issuer="CHL"), evaluated(centre, zone(issuer="CHL"), **known))
    encounter(chain, "e-3", zone(), of_three := evaluated(centre, zone(), **known))
    assert of_three["fields"]["bag.weight_kg"] == "31.25"
    encounter(chain, "e-4", (), evaluated(centre, zone()))  # of a reading that the centre has no document of
    receive(centre, "demo-3", chain.batch())
    assert replay_waiting(centre, rules) == 4
    assert replay_waiting(centre, rules) == 0
    assert told(centre) == []
    assert counted(centre) == [evaluations.Counted("demo", 1, 4, 4, same=4, differ=0, not_here=0, waiting=0)]


def lie(**changes: Any) -> Change:
    return lambda body: body.update(changes)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lie(outcomes="ccuunn"), id="a hit called clear, against its own condition"),
        pytest.param(lie(outcomes="ccuunn", conditions="fftuu"), id="a hit called clear"),
        pytest.param(lie(outcomes="ccuunn", conditions="fffuu", fields={}), id="a hit called clear, no field"),
        pytest.param(lie(outcomes="hhuunn", conditions="tttuu"), id="a clear rule called hit"),
        pytest.param(lie(outcomes="hcuuun", conditions="tftuuu"), id="not in force called unknown"),
        pytest.param(lie(outcomes="ncuunn", conditions="ftuu"), id="in force called not in force"),
        pytest.param(lie(conditions="tfuuu"), id="a condition called unknown"),
        pytest.param(lie(outcomes="hcuun"), id="a rule left out"),
        pytest.param(lie(conditions="tftu"), id="a condition left out"),
        pytest.param(lie(outcomes="xcuunn"), id="no outcome"),
        pytest.param(lie(fields={"doc.issuer": "CHL"}), id="another document than was read"),
        pytest.param(lie(digest="0" * 64), id="other rules of that version"),
        pytest.param(lie(mode="air"), id="another lane"),
        pytest.param(lie(on="2029-01-01"), id="another day"),
        pytest.param(lie(purposes=[]), id="no purpose"),
        pytest.param(lie(on="no day"), id="no day at all"),
        pytest.param(lie(fields=[]), id="no fields at all"),
        pytest.param(lambda body: body.pop("conditions"), id="no conditions at all"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_a_booth_that_lies_is_found_out(centre: Centre, chain: Chain, rules: RuleSets, change: Change) -> None:
    body = evaluated(centre, zone())
    change(body)
    encounter(chain, "e-1", zone(), body)
    receive(centre, "demo-3", chain.batch())
    assert replay_waiting(centre, rules) == 1
    assert told(centre) == [("rules_differ", {"chain": 1, "seq": 2, "set": "demo", "version": 1})]
    assert [(one.same, one.differ) for one in counted(centre)] == [(0, 1)]


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_what_the_centre_has_no_field_of_is_believed(centre: Centre, chain: Chain, rules: RuleSets) -> None:
    """What decided nothing is kept by nobody: of a rule that was clear by the booth's own history nothing is here."""
    encounter(chain, "e-1", zone(), evaluated(centre, zone()) | {"outcomes": "hccunn", "conditions": "tftfu"})
    receive(centre, "demo-3", chain.batch())
    assert replay_waiting(centre, rules) == 1
    assert [(one.same, one.differ) for one in counted(centre)] == [(1, 0)]


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_an_evaluation_of_an_earlier_reading_is_not_held_against_a_later_one(
    centre: Centre, chain: Chain, rules: RuleSets
) -> None:
    encounter(chain, "e-1", zone(issuer="CHL"), evaluated(centre, zone(issuer="CHL")))
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", zone()))
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": "e-1", "sets": [evaluated(centre, zone())]})
    receive(centre, "demo-3", chain.batch())
    assert replay_waiting(centre, rules) == 2
    assert told(centre) == []
    assert counted(centre) == [evaluations.Counted("demo", 1, 1, 1, same=2, differ=0, not_here=0, waiting=0)]


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_a_version_that_is_no_more_here_is_counted_as_such(centre: Centre, chain: Chain, rules: RuleSets) -> None:
    encounter(chain, "e-1", zone(), evaluated(centre, zone()) | {"outcomes": "cccccc"})
    receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        keeping.retire(centre, connection, "demo", 2)
    rules.refresh()
    assert replay_waiting(centre, rules) == 1
    assert told(centre) == []
    assert [(one.version, one.not_here) for one in counted(centre)] == [(1, 1)]


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_rules_that_no_booth_can_have_differ(centre: Centre, chain: Chain, rules: RuleSets) -> None:
    quiet = Declared("quiet", ListKind.RULES, "ECU", silent=True)
    importing.import_version(centre, quiet, rule_material.of_rules(quiet, rule_set(set="QUIET"), None))
    body = evaluated(centre, zone())
    encounter(chain, "e-1", zone(), body | {"version": 2}, body | {"name": "nobody"}, body | {"name": "quiet"})
    receive(centre, "demo-3", chain.batch())
    assert replay_waiting(centre, rules) == 3
    assert sorted((str(about["set"]), about["version"]) for _kind, about in told(centre)) == [
        ("demo", 2),
        ("nobody", 1),
        ("quiet", 1),
    ]


@pytest.mark.parametrize(
    "sets",
    [None, {}, [7], [{"name": "", "version": 1, "outcomes": ""}], [{"name": "a", "version": 0, "outcomes": ""}],
     [{"name": "a", "version": 1, "outcomes": 1}], [{"name": "a", "version": True, "outcomes": "h"}],
     [{"name": "a", "version": 1, "outcomes": "h"}] * 2, [{}] * 65],
)  # fmt: skip
@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_a_body_of_another_shape_is_alarmed_and_stops_nothing(centre: Centre, chain: Chain, sets: Any) -> None:
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": "e-1", "sets": sets})
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    receive(centre, "demo-3", chain.batch())
    assert told(centre) == [("bad_body", {"chain": 1, "seq": 1})]
    with centre.begin() as connection:
        assert connection.execute(select(database.evaluations)).all() == []


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_nothing_personal_is_in_an_alarm_or_a_row(centre: Centre, chain: Chain, rules: RuleSets) -> None:
    encounter(chain, "e-1", zone(), evaluated(centre, zone()) | {"fields": {"doc.issuer": "X1234567"}})
    receive(centre, "demo-3", chain.batch())
    replay_waiting(centre, rules)
    with centre.begin() as connection:
        rows = [tuple(map(str, row)) for row in connection.execute(select(database.evaluations))]
    kept = json.dumps([told(centre), rows])
    assert "rules_differ" in kept
    assert not any(word in kept for word in ("X1234567", "MUSTER", "ERIKA"))
