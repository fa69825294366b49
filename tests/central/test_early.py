"""Events before their turn: kept durably, known, and each in the chain exactly once when its turn comes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, update

from checkpoint_app.central import alarms, database, delivery, early, encounters
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.encounters import Place
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.delivery import MOST_AHEAD, Acknowledgement, Batch
from checkpoint_app.wire.event import EventKind
from tests.central.chains import Chain, disposition_body, zone
from tests.central.helpers import ONE_DATABASE, enrolled

CLEARS = 4


@pytest.fixture
def chain(centre: Centre) -> Chain:
    """Encounters e-0 to e-3, three events each; those of e-3 (10 to 12) are urgent."""
    chain = Chain.of(enrolled(centre, "demo-3"))
    for number in range(CLEARS):
        chain.encounter(f"e-{number}", zone())
    return chain


def urgent(chain: Chain, *seqs: int) -> Batch:
    return Batch(chain.booth, tuple(chain.parcels[seq - 1] for seq in seqs))


def count(centre: Centre, table: object = database.early_events) -> int:
    with centre.begin() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def forks(centre: Centre) -> list[dict[str, object]]:
    with centre.begin() as connection:
        return [dict(one.about) for one in alarms.all(connection) if one.kind == "fork"]


def bodies(centre: Centre, chain: Chain) -> list[str]:
    with centre.begin() as connection:
        found = [encounters.body_at(centre, connection, Place("demo-3", 1, seq)) for seq in range(1, chain.seq + 1)]
    return [canonical_bytes(dict(one[1])).decode() for one in found if one is not None]


def test_what_came_early_is_in_the_chain_once_and_its_body_need_not_come_again(centre: Centre, chain: Chain) -> None:
    assert early.held(centre, "demo-3").seqs == ()
    for _again in range(2):
        assert early.receive(centre, "demo-3", urgent(chain, 11, 12)).seqs == (11, 12)
    assert (count(centre), count(centre, database.events), count(centre, database.encounters)) == (2, 0, 0)
    assert delivery.receive(centre, "demo-3", chain.batch(1, 6)).seq == 6
    assert early.held(centre, "demo-3").seqs == (11, 12)
    done = delivery.receive(centre, "demo-3", chain.batch(7, bare=(11, 12)))
    assert (done.seq, done.head, done.wanted) == (12, chain.head, ())
    assert bodies(centre, chain) == [parcel.body for parcel in chain.parcels]
    assert (count(centre), early.held(centre, "demo-3").seqs, forks(centre)) == (0, (), [])
    with centre.begin() as connection:
        row = connection.execute(select(database.encounters).where(database.encounters.c.encounter_id == "e-3")).one()
    assert (row.read_seq, row.answered_seq, row.decided_seq) == (10, 11, 12)
    assert early.receive(centre, "demo-3", urgent(chain, 11, 12)).seqs == ()  # sent again after its turn
    assert (count(centre), forks(centre)) == (0, [])


def test_a_body_that_comes_with_the_chain_all_the_same_is_as_good(centre: Centre, chain: Chain) -> None:
    early.receive(centre, "demo-3", urgent(chain, 12))
    assert delivery.receive(centre, "demo-3", chain.batch()).wanted == ()
    assert bodies(centre, chain) == [parcel.body for parcel in chain.parcels]
    assert count(centre) == 0


def test_what_is_kept_is_sealed_and_told_without_names(centre: Centre, chain: Chain) -> None:
    chain.add(EventKind.CASE_CLOSED, {"case_id": "26-AAAAAAAA", "officer": "m.muster", "outcome": "not_same"})
    chain.add(EventKind.DISPOSITION, ["no mapping"])
    early.receive(centre, "demo-3", urgent(chain, 11, 12, 13, 14))
    with centre.begin() as connection:
        lines = early.lines(centre, connection)
        for sealed in connection.scalars(select(database.early_events.c.sealed)):
            assert b"muster" not in sealed.lower()
    assert [(one.booth, one.seq, one.kind, one.of, one.said, one.is_left) for one in lines] == [
        ("demo-3", 11, "encounter_answered", "e-3", "", False),
        ("demo-3", 12, "disposition", "e-3", "let_pass", False),
        ("demo-3", 13, "case_closed", "26-AAAAAAAA", "not_same", False),
        ("demo-3", 14, "disposition", "", "", False),
    ]


@ONE_DATABASE
def test_only_what_is_urgent_and_whole_and_near_is_kept(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = chain.add(EventKind.DISPOSITION, disposition_body("e-9"), seq=MOST_AHEAD + 1)
    farthest = chain.add(EventKind.DISPOSITION, disposition_body("e-9"), seq=2**53 - 1)
    bare = replace(chain.parcels[11], salt=b"", body=None)
    batch = Batch("demo-3", (chain.parcels[9], bare, far, farthest))
    assert early.receive(centre, "demo-3", batch).seqs == ()
    monkeypatch.setattr(early, "MOST_EARLY", 3)
    assert early.receive(centre, "demo-3", urgent(chain, 2, 3, 5, 6, 8)).seqs == (2, 3, 5)
    delivery.receive(centre, "demo-3", chain.batch(1, 3))
    assert early.receive(centre, "demo-3", urgent(chain, 2, 3, 5, 6, 8)).seqs == (5, 6, 8)


@ONE_DATABASE
def test_what_the_booths_key_did_not_sign_is_refused(centre: Centre, chain: Chain) -> None:
    stranger = Chain("demo-3", Ed25519PrivateKey.generate())
    stranger.add(EventKind.DISPOSITION, disposition_body("e-9"))
    other = Chain.of(enrolled(centre, "demo-4"))
    other.add(EventKind.DISPOSITION, disposition_body("e-9"))
    wrong = replace(chain.parcels[11], body="{}")
    for batch, code in (
        (stranger.batch(), "forged_event"),
        (other.batch(), "other_booth"),
        (Batch("demo-3", other.batch().events), "other_booth"),
        (Batch("demo-3", (wrong,)), "body_mismatch"),
    ):
        with pytest.raises(CentreError) as caught:
            early.receive(centre, "demo-3", batch)
        assert caught.value.code == code
    assert count(centre) == 0


def test_another_event_under_the_number_of_an_early_one_is_a_fork(centre: Centre, chain: Chain) -> None:
    clone = chain.copy()
    clone.encounter("e-4", zone())
    chain.encounter("e-5", zone())
    early.receive(centre, "demo-3", urgent(clone, 15))
    early.receive(centre, "demo-3", urgent(chain, 12, 15))  # the other disk's
    assert forks(centre) == [{"chain": 1, "early": True, "seq": 15}]
    done = delivery.receive(centre, "demo-3", chain.batch(bare=(12, 15)))
    assert (done.seq, done.head, done.wanted) == (15, chain.head, (15,))  # the chain goes on; its own body is asked for
    assert delivery.take_body(centre, "demo-3", chain.late(15)).wanted == ()
    with centre.begin() as connection:
        (left,) = early.lines(centre, connection)
    assert (left.seq, left.of, left.is_left) == (15, "e-4", True)
    assert early.held(centre, "demo-3").seqs == ()
    early.receive(centre, "demo-3", urgent(clone, 15))
    with pytest.raises(CentreError) as caught:
        delivery.receive(centre, "demo-3", clone.batch(13))
    assert caught.value.code == "fork"
    assert forks(centre) == [{"chain": 1, "early": True, "seq": 15}, {"chain": 1, "seq": 13}]


@ONE_DATABASE
def test_an_event_id_has_one_content_early_or_not(centre: Centre, chain: Chain) -> None:
    delivery.receive(centre, "demo-3", chain.batch(1, 3))
    twice = chain.add(EventKind.DISPOSITION, disposition_body("e-9"), event_id="00000000-0000-4000-8000-000000000001")
    again = chain.add(EventKind.DISPOSITION, disposition_body("e-9"), event_id="00000000-0000-4000-8000-000000000001")
    with centre.begin() as connection:
        known = connection.scalars(select(database.events.c.event_id).where(database.events.c.seq == 3)).one()
    third = chain.add(EventKind.DISPOSITION, disposition_body("e-9"), event_id=known)
    for batch, seqs in ((Batch("demo-3", (twice, again)), (13,)), (Batch("demo-3", (third,)), (13,))):
        assert early.receive(centre, "demo-3", batch).seqs == seqs
    assert forks(centre) == [{"chain": 1, "early": True, "seq": 14}]


def test_early_events_are_taken_over_by_the_chain_that_a_supervisor_allowed(centre: Centre, chain: Chain) -> None:
    delivery.receive(centre, "demo-3", chain.batch())
    backup = Chain("demo-3", chain.key, chain.parcels[:9], chain.hashes[:10])
    backup.encounter("e-7", zone())
    backup.encounter("e-8", zone())
    assert early.receive(centre, "demo-3", urgent(backup, 15)).seqs == (15,)
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(new_chain_allowed=True))
    assert delivery.receive(centre, "demo-3", backup.batch(10, 12)).chain == 2
    assert early.held(centre, "demo-3").seqs == ()
    assert early.receive(centre, "demo-3", urgent(backup, 15)).seqs == (15,)  # now it is ahead of this chain
    done: Acknowledgement = delivery.receive(centre, "demo-3", backup.batch(13, bare=(15,)))
    assert (done.chain, done.seq, done.head, done.wanted) == (2, 15, backup.head, ())
    assert count(centre) == 0
