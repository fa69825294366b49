"""Booth and centre come to the same by the demo's rules (invariant 10): each outcome, over chance subjects.

The booth makes fields of what it read and evaluates; the centre has the events alone. Short in `make test`, 5,000
subjects in the long campaign.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.cargo.crosschecks import findings_of
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Dangerous,
    Equipment,
    Goods,
    Leg,
    ListedDocument,
    Party,
    Passenger,
    Pnr,
    Transport,
)
from checkpoint_app.central import evaluations, rule_fields
from checkpoint_app.central.lists import Published
from checkpoint_app.central.risk_replay import is_same
from checkpoint_app.central.rules import ServedRules
from checkpoint_app.documents import parse_mrz
from checkpoint_app.resources import resource_path
from checkpoint_app.risk.answering import Evaluated, plain_value
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.fields import CrossingFacts, Listed, Seen, Vehicle, consignment_fields, traveller_fields
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import Mode, Source
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.event import MAX_BODY_BYTES
from checkpoint_app.wire.header import ListKind
from tests.central.chains import read_body, zone
from tests.central.helpers import START

SHORT, LONG = 500, 5_000
TODAY = START.date()
KINDS = ("traveller", "consignment")
STATES = ("UTO", "COL", "PER", "VEN", "D<<", "GBR", "XXA")
NAMES = ("MUSTER", "EJEMPLO", "PEREZ", "NGUYEN", "O CONNOR", "ABDULLAH")
GOODS = ("machine parts", "UN 1203 petrol", "coffee", "toys")
Fields = dict[str, object]


class Served:
    """A set as the centre serves it, and as the booth evaluates it."""

    def __init__(self, kind: str) -> None:
        self.evaluator = Evaluator(load_rules(resource_path(f"demo/rules/{kind}.json").read_bytes()))
        self.rules = self.evaluator.rule_set
        self.purposes = tuple(sorted({rule.purpose for rule in self.rules.rules}))
        published = Published(self.rules.set, 1, ListKind.RULES, silent=False, path=Path(), content_key=b"", digest="d")
        self.served = ServedRules(published, Source(self.rules.set, 1, "risk/1"), self.evaluator)

    def told(self, fields: Mapping[str, object], on: date, mode: Mode, purposes: tuple[str, ...]) -> dict[str, Any]:
        """Return what the booth writes of the subject, as it comes out of the event's bytes."""
        outcomes = self.evaluator.evaluate(fields, on, mode, purposes)
        plain = Evaluated(self.rules.set, 1, "d", on, mode, purposes, outcomes, 5).to_plain(fields)
        body: dict[str, Any] = carried({"encounter_id": "e-1", "sets": [plain]})
        return body

    def by_all_fields(self, fields: Mapping[str, object], on: date, mode: Mode, purposes: tuple[str, ...]) -> str:
        """Return the outcomes by all of the fields, as the centre reads them out of an event."""
        whole = carried({name: plain_value(value) for name, value in fields.items()})
        evaluated = self.evaluator.evaluate(rule_fields.told(whole, self.rules.fields), on, mode, purposes)
        return "".join(one.outcome.value[0] for one in evaluated)


def carried(plain: Any) -> Any:
    return read_canonical(canonical_bytes(plain), MAX_BODY_BYTES)


def travellers(chance: random.Random) -> Iterator[tuple[Fields, dict[str, Any], Mode]]:
    """Yield fields as the booth has them, and the body of the reading that they come of."""
    while True:
        birth = (TODAY - timedelta(days=chance.randrange(200, 30_000))).strftime("%y%m%d")
        expiry = (TODAY + timedelta(days=chance.randrange(-90, 900))).strftime("%y%m%d")
        state = chance.choice(STATES).rstrip("<")
        lines = zone(chance.choice(NAMES), chance.choice(NAMES), f"X{chance.randrange(10**7):07}", birth,
                     issuer=state, nationality=chance.choice([state, "COL"]), expiry=expiry)  # fmt: skip
        if chance.random() < 0.1:  # a digit that is wrong: the fields that it guards are received by neither
            lines = (lines[0], lines[1][:13] + "9" + lines[1][14:])
        mode, direction = chance.choice(list(Mode)), chance.choice(["in", "out"])
        read = read_body("e-1", lines) | {"direction": direction}
        mrz = parse_mrz(lines, TODAY)
        in_doubt = {fault.field for fault in mrz.faults}
        crossing = CrossingFacts(direction, "2", mode)
        vehicle = Vehicle(chance.choice([None, "ABC-123"]), None, chance.choice([None, True, False]))
        fields = traveller_fields(mrz.document, TODAY, crossing, listed(chance), history(chance), vehicle, in_doubt)
        yield fields, carried(read), mode


def listed(chance: random.Random) -> Listed | None:
    if chance.random() < 0.3:
        return None
    leg = Leg("XX123", "AAA", "BBB", "2026-11-27T08:00", "2026-11-27T10:00")
    document = ListedDocument("P", f"X{chance.randrange(10):07}", "UTO")
    passenger = Passenger(chance.choice(NAMES), chance.choice(NAMES), documents=(document,))
    back = Leg("XX124", "BBB", chance.choice(["AAA", "CCC"]), f"2026-11-{chance.randrange(28, 31)}T12:00")
    booked = f"2026-11-{chance.randrange(20, 28)}T09:00"
    pnr = Pnr(
        "LOC", (passenger,) * chance.randrange(1, 3), booked=booked, itinerary=(leg, back)[: chance.randrange(1, 3)],
        paid_cash=chance.choice([None, True, False]), bags=chance.choice([None, 0, 2]),
    )  # fmt: skip
    return Listed(
        chance.choice(["PAXLST", "PNRGOV"]),
        passenger if chance.random() < 0.7 else None,
        leg,
        pnr if chance.random() < 0.6 else None,
        chance.choice([None, 0, 1]),
    )


def history(chance: random.Random) -> Fields:
    known: Fields = {
        "hist.days_over": chance.choice([0, 3]),
        "hist.exit_without_entry": chance.random() < 0.3,
        "doc.other_persons": chance.choice([0, 0, 1]),
        "vehicle.other_persons_30d": chance.randrange(8),
        "hist.turn_round_hours": chance.randrange(9),
        "hist.crossings_7d": chance.randrange(9),
        "hist.crossings_90d": chance.randrange(40),
        "hist.unusual_hour": chance.random() < 0.3,
        "link.shared_phone": chance.randrange(5),
        "link.shared_consignee": chance.randrange(8),
        "equipment.other_consignees_90d": chance.randrange(5),
        "equipment.crossings_90d": chance.randrange(7),
    }
    return {name: value for name, value in known.items() if chance.random() < 0.7}


def consignments(chance: random.Random) -> Iterator[tuple[Fields, None, Mode]]:
    """Yield fields as the booth has them; the centre has no reading of goods that it makes fields of."""
    while True:
        mode = chance.choice(list(Mode))
        boxes = tuple(box(chance) for _ in range(chance.randrange(3)))
        goods = Goods(
            chance.choice([*GOODS, None]), chance.choice([(), ("847130",), ("090111",)]), chance.choice([None, 10]),
            chance.choice([None, 900.25, 12_500.0]), chance.choice([None, 100.0, 90_000.5]), "USD", "COL",
        )  # fmt: skip
        one = Consignment(
            number="BILL1",
            load="CLSAI",
            discharge=chance.choice(["ECGYE", "PECLL", None]),
            packages=chance.choice([None, 10]),
            weight_kg=chance.choice([None, 4_000.5, 9_000.0]),
            goods=(goods,),
            parties=(Party("CN", chance.choice(["TO ORDER", "Muster SA", None]), "ECU", phone="099"),),
            equipment=tuple(each.number for each in boxes if each.number),
            transshipments=tuple(chance.sample(["PAMIT", "COCTG", "JMKIN"], chance.randrange(4))),
        )
        transport = Transport(rotation=("CLSAI", "ECGYE"), mode=chance.choice([None, "1", "3"]))
        message = CargoMessage(
            "CUSCAR", "D:96B", transport, (one,), boxes, declared=1, count_matches=chance.choice([None, True, False])
        )
        seen = Seen(chance.choice([None, 4_000.0]), {each.number: ("S1",) for each in boxes if each.number})
        found = chance.choice([None, findings_of(message, one)])
        yield consignment_fields(message, one, history(chance), seen, mode, found), None, mode


def box(chance: random.Random) -> Equipment:
    return Equipment(
        chance.choice(["MSKU2191175", "MSKU2191170", None]),
        full=chance.choice([None, True, False]),
        weight_kg=chance.choice([None, 4_100.75]),
        seals=chance.choice([(), ("S1",), ("S2",)]),
        seals_sent=chance.random() < 0.5,
        dangerous=chance.choice([(), (Dangerous("3", "1203"),)]),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_booth_and_centre_agree_on_every_outcome(kind: str, long_campaign: bool) -> None:
    chance, of = random.Random(20261127), Served(kind)
    subjects = travellers(chance) if kind == "traveller" else consignments(chance)
    counted: Counter[str] = Counter()
    lies = 0
    for _ in range(LONG if long_campaign else SHORT):
        fields, read, mode = next(subjects)
        purposes = of.purposes if chance.random() < 0.9 else of.purposes[:1]
        body = of.told(fields, TODAY, mode, purposes)
        told = evaluations.told_of(body, of.rules.set)
        derived = {} if read is None else rule_fields.derived(read, TODAY, mode)
        assert derived == {name: fields[name] for name in derived}
        assert of.by_all_fields(fields, TODAY, mode, purposes) == told.outcomes
        assert is_same(of.served, told, derived)
        counted.update(told.outcomes)
        lied = [at for at, letter in enumerate(told.outcomes) if letter in "hu"]
        if lied:
            at = chance.choice(lied)
            changed = told.outcomes[:at] + "c" + told.outcomes[at + 1 :]
            assert not is_same(of.served, replace(told, outcomes=changed), derived)
            lies += 1
    print(f"{kind}: {sum(counted.values())} outcomes, {dict(counted)}, {lies} changed ones found out")
    assert lies > SHORT / 2
    assert all(counted[letter] > SHORT / 10 for letter in "hcu")
