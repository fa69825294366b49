"""What is screened although nobody decided, anew, or beside one that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checkpoint_app.central import cases, delivery
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import OPEN_FOR_LONG, screen_decided
from checkpoint_app.wire.case import LEFT_OPEN
from checkpoint_app.wire.event import EventKind
from tests.central.chains import OFFICER, Chain, answered_body, disposition_body, read_body, zone
from tests.central.helpers import Clock
from tests.central.listed import MUSTER, publish
from tests.central.test_late_hits import all_cases, deliver, inbox, kinds_of_alarms, loaded
from tests.central.test_late_hits import chain as _chain

chain = _chain


def test_an_encounter_that_nobody_decided_is_screened_after_a_while(centre: Centre, chain: Chain, clock: Clock) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    chain.encounter("e-1", zone(), decide=False)
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 0
    clock.at += OPEN_FOR_LONG + timedelta(seconds=1)
    assert screen_decided(centre, ready, 50) == 1
    ((_name, _silent, case),) = all_cases(centre)
    assert (case.disposition, case.decided_by) == (LEFT_OPEN, OFFICER)
    assert screen_decided(centre, ready, 50) == 0
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1  # decided at last: screened as such, and no second case
    assert len(all_cases(centre)) == len(inbox(centre)) == 1


def test_a_case_that_cannot_be_opened_costs_no_other_its_own(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, "ECU", [MUSTER])
    true = cases.raise_case

    def faulty(centre: Centre, connection: Any, list_name: str, case: Any, *, silent: bool) -> bool:
        true(centre, connection, list_name, case, silent=silent)
        if case.encounter_id == "e-1":
            raise RuntimeError("MUSTER")
        return True

    monkeypatch.setattr(cases, "raise_case", faulty)
    chain.encounter("e-1", zone())
    chain.encounter("e-2", zone())
    deliver(centre, chain)
    ready = loaded(centre)
    assert screen_decided(centre, ready, 50) == 2
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-2"]  # of the other not even a half
    assert kinds_of_alarms(centre) == ["not_screened"]
    assert screen_decided(centre, ready, 50) == 0


def test_a_correction_whose_body_comes_late_is_screened_too(centre: Centre, chain: Chain, clock: Clock) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone("HARMLOS", "ANNA")))
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", zone()))
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("e-1"))
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    delivery.receive(centre, chain.booth, chain.batch(bare=(2,)))
    clock.at += timedelta(minutes=11)
    assert screen_decided(centre, ready, 50) == 1
    assert all_cases(centre) == []
    delivery.take_body(centre, chain.booth, chain.late(2))
    assert screen_decided(centre, ready, 50) == 1
    assert [case.family_name for _n, _s, case in all_cases(centre)] == ["MUSTER"]
