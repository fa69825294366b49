"""Which chains go on from which, as keys of a booth change and come back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from checkpoint_app.central import database, delivery, encounters
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.lineage import change_keys, lineage
from checkpoint_app.wire.event import GENESIS
from tests.central.chains import Chain, zone
from tests.central.helpers import FakeBooth, enrolled
from tests.central.test_delivery import allow_new_chain


def change(centre: Centre, booth: FakeBooth) -> dict[str, object]:
    """Let other keys take the booth's place, as an enrolment does."""
    table, key = database.booths, booth.keys.signing
    with centre.begin() as connection:
        row = connection.execute(select(table).where(table.c.name == booth.name)).one()
        values = change_keys(connection, row, key)
        connection.execute(table.update().where(table.c.name == booth.name).values(signing_key=key, **values))
    return values


def lines(centre: Centre, chain: int) -> tuple[int, ...]:
    with centre.begin() as connection:
        return lineage(connection, "demo-3", chain)


def decided(centre: Centre, name: str) -> tuple[int, int | None, int | None]:
    table = database.encounters
    with centre.begin() as connection:
        row = connection.execute(select(table).where(table.c.encounter_id == name)).one()
        return row.chain, row.read_seq, row.decided_seq


def test_without_other_keys_each_chain_goes_on_from_the_one_before(centre: Centre) -> None:
    assert [lines(centre, chain) for chain in range(4)] == [(), (1,), (2, 1), (3, 2, 1)]


def test_other_keys_have_no_past_and_those_that_come_back_have_theirs(centre: Centre) -> None:
    first, spare = enrolled(centre, "demo-3"), FakeBooth("demo-3")
    assert change(centre, spare) == {"chain": 2, "seq": 0, "head": GENESIS, "new_chain_allowed": False}
    change(centre, first)
    change(centre, spare)
    assert [lines(centre, chain) for chain in range(1, 5)] == [(1,), (2,), (3, 1), (4, 2)]


@pytest.mark.parametrize("forked", [False, True])
def test_an_encounter_goes_on_after_another_machine_wrote_the_same_numbers(centre: Centre, forked: bool) -> None:
    booth, other = enrolled(centre, "demo-3"), FakeBooth("demo-3")
    chain, spare = Chain.of(booth), Chain.of(other)
    if forked:
        abandoned = chain.copy()
        abandoned.add()
        delivery.receive(centre, "demo-3", abandoned.batch())
        allow_new_chain(centre)
    chain.encounter("e-1", zone(), decide=False)
    for name in ("e-2", "e-3"):
        spare.encounter(name, zone(family="OTHER"))
    delivery.receive(centre, "demo-3", chain.batch(bare=(2,)))
    change(centre, other)
    assert delivery.receive(centre, "demo-3", spare.batch()).wanted == ()
    change(centre, booth)
    back = delivery.acknowledgement(centre, "demo-3")
    assert (back.chain, back.seq, back.head, back.wanted) == (4 if forked else 3, 2, chain.head, (2,))
    assert delivery.receive(centre, "demo-3", chain.batch()) == back  # sent again it changes nothing
    chain.add("disposition", {"encounter_id": "e-1"})
    assert delivery.receive(centre, "demo-3", chain.batch(2)).seq == 3
    assert delivery.take_body(centre, "demo-3", chain.late(2)).wanted == ()
    assert decided(centre, "e-1") == (back.chain, 1, 3)
    assert decided(centre, "e-2")[1:] == (1, 3)
    with centre.begin() as connection:
        for journal, number in ((chain, back.chain), (spare, back.chain - 1)):
            for seq in (1, 2):
                found = encounters.body_at(centre, connection, Place("demo-3", number, seq))
                assert found is not None
                assert found[0] == journal.parcels[seq - 1].header
