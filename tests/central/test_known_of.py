"""What a booth has is known from its own events: of its present chain alone, the latest word of each list."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from checkpoint_app.central import database, delivery
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.known_of import last_case_at, versions_at
from checkpoint_app.wire.event import GENESIS, EventKind
from tests.central.chains import Chain
from tests.central.helpers import enrolled

NAMES = ("ECU", "INTL", "policy")


@pytest.fixture
def chain(centre: Centre) -> Chain:
    return Chain.of(enrolled(centre, "demo-3"))


def applied(name: object, version: object) -> dict[str, Any]:
    return {"name": name, "version": version, "digest": "d"}


def known(centre: Centre) -> dict[str, int]:
    with centre.begin() as connection:
        return versions_at(centre, connection, "demo-3", NAMES)


def deliver(centre: Centre, chain: Chain, first: int = 1) -> None:
    delivery.receive(centre, chain.booth, chain.batch(first))


def test_the_latest_word_of_each_list_counts(centre: Centre, chain: Chain) -> None:
    assert known(centre) == {}
    chain.add(EventKind.LIST_APPLIED, applied("ECU", 88))
    chain.add(EventKind.POLICY_APPLIED, applied("policy", 3))
    chain.add(EventKind.LIST_APPLIED, applied("ECU", 89))
    chain.add(EventKind.LIST_APPLIED, applied("OTHER", 7))
    chain.add(EventKind.LIST_APPLIED, applied(["ECU"], "90"))  # a hostile booth harms itself
    deliver(centre, chain)
    assert known(centre) == {"ECU": 89, "policy": 3}


def test_the_last_case_received_is_known(centre: Centre, chain: Chain) -> None:
    with centre.begin() as connection:
        assert last_case_at(centre, connection, "demo-3") == 0
    chain.add(EventKind.CASE_RECEIVED, {"case": {"number": 4}})
    chain.add(EventKind.CASE_RECEIVED, {"case": "none"})
    deliver(centre, chain)
    with centre.begin() as connection:
        assert last_case_at(centre, connection, "demo-3") == 4


def test_a_branch_that_was_abandoned_does_not_count(centre: Centre, chain: Chain) -> None:
    chain.add()
    lost = chain.copy()
    lost.add(EventKind.LIST_APPLIED, applied("ECU", 90))
    lost.add(EventKind.LIST_APPLIED, applied("INTL", 5))
    deliver(centre, lost)
    assert known(centre) == {"ECU": 90, "INTL": 5}
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(new_chain_allowed=True))
    chain.add(EventKind.LIST_APPLIED, applied("ECU", 88))
    deliver(centre, chain, 2)
    assert known(centre) == {"ECU": 88}


def test_a_booth_that_was_set_up_anew_has_nothing(centre: Centre, chain: Chain) -> None:
    chain.add(EventKind.LIST_APPLIED, applied("ECU", 90))
    deliver(centre, chain)
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(chain=2, seq=0, head=GENESIS))
    assert known(centre) == {}
