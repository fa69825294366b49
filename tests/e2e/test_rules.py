"""A real desk and a real centre: rules come, are evaluated at both, and agree; what is silent is known there alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.central import acts, alarms, cases, evaluations, importing, rule_material
from checkpoint_app.central.importing import Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.verdict import Advice, Check, Lane, Outcome, Policy, Requirement
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from tests.booth.helpers import STOLEN, Booth
from tests.booth.states import zone
from tests.central.rule_sets import rule, rule_set
from tests.e2e.centre import RealCentre
from tests.e2e.test_line import HIT, KLARA, delivered, desk, opened  # noqa: F401 - fixtures

DATES = {"starts": "2020-01-01", "ends": "2099-12-31"}
SETS = {
    "border": [
        rule("B-1", **DATES),
        rule("B-2", 'person.nationality == "ECU" && doc.issuer != person.nationality', tests=[], **DATES),
        rule("B-3", "pnr.paid_cash", tests=[], **DATES),
        rule("B-4", 'name.tokens.exists(x, x == "KLARA") && doc.days_left > 5', tests=[], **DATES),
        rule("B-5", tests=[], lanes=["sea"], **DATES),
    ],
    "quiet": [rule("S-1", 'doc.issuer == "UTO" && person.age > 30', tests=[], **DATES)],
}


def bring(real: RealCentre, name: str, *, silent: bool = False) -> bytes:
    """Import a set that was issued an hour ago."""
    issued = to_plain(datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1))
    data = rule_set(SETS[name], set=name.upper(), issued=issued)
    declared = Declared(name, ListKind.RULES, "ECU", silent=silent)
    importing.import_version(real.centre, declared, rule_material.of_rules(declared, data, None))
    return data


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    centre = RealCentre(tmp_path / "centre")
    centre.persons([])
    centre.numbers([STOLEN])
    now = datetime.now(UTC).replace(microsecond=0)
    required = (Requirement(Check.DOCUMENT), Requirement(Check.WANTED, "ECU"), Requirement(Check.RISK))
    policy = Policy("policy", 2, now, required, {"risk.refer": Outcome.HIT}, lanes={"": Lane()})
    importing.import_version(
        centre.centre, Declared("policy", ListKind.POLICY, "post"), Material(lambda _v: [to_plain(policy)], now)
    )
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    importing.approve(centre.centre, "policy", 2)
    bring(centre, "border")
    bring(centre, "quiet", silent=True)
    centre.publish()
    centre.start()
    centre.enrol(tmp_path / "booth" / "data")
    yield centre
    centre.close()


def test_booth_and_centre_agree_and_what_is_silent_stays_there(desk: Booth, real: RealCentre) -> None:  # noqa: F811
    opened(desk)
    desk.until(lambda _v: any(one.evaluator is not None for one in desk.desk._ruling.sets))
    for lines in (zone(**KLARA), HIT):
        assert desk.type(*lines).advice.advice is Advice.REFER
        desk.until(lambda v: v.checks.centre == "Centre: same answers")
        desk.refer()
    assert desk.type(*zone(issuer="CHL", document_number="B00000001")).advice.advice is Advice.INCOMPLETE  # B-3
    delivered(desk, real)
    told = desk.kinds().count("risk_evaluated")
    assert told >= 3
    assert "rules_applied" in desk.kinds()

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with real.centre.begin() as connection:
            (counted,) = evaluations.counted(connection)
            found = cases.all_cases(connection)
        if not counted.waiting and len(found) == 2:
            break
        time.sleep(0.2)
    assert (counted.list_name, counted.encounters, counted.hits) == ("border", 3, 2)
    assert (counted.same, counted.differ, counted.not_here) == (told, 0, 0)
    assert {(one.list_name, one.silent) for one in found} == {("quiet", True)}
    with real.centre.begin() as connection:
        assert [one.kind for one in alarms.all(connection)] == []
    assert desk._ask(lambda records: [one.header.name for one in records.rules()]) == ["border"]
    assert "quiet" not in desk.versions()
