"""What goes to the centre: acknowledgements that bind the chain, parcels that fit, bodies that follow."""

from __future__ import annotations

import json
from collections.abc import Container
from pathlib import Path

import pytest

from checkpoint_app.store import AcknowledgementError, Head, StoreMisuseError
from checkpoint_app.store.delivery import _URGENT
from checkpoint_app.wire.delivery import MOST_EVENTS, LateBody, Parcel
from checkpoint_app.wire.event import GENESIS, ChainVerifier, EventKind, read_event, verify_body
from tests.store.helpers import (
    FakeClock,
    acknowledge_all,
    answered_body,
    new_store,
    one_encounter,
    picture_body,
    read_body,
    received_body,
    reopen,
)


def test_an_acknowledgement_is_durable_and_never_goes_backwards(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert store.delivery.acknowledged() == Head(0, GENESIS)
        store.delivery.acknowledge(0, GENESIS)
        one_encounter(store, "a")
        hashes = [store.journal.hash_at(seq) or "" for seq in range(4)]
        store.delivery.acknowledge(2, hashes[2], [1])
        store.delivery.acknowledge(1, hashes[1], [])
        assert store.delivery.acknowledged() == Head(2, hashes[2])
        assert store.delivery.wanted() == [1]
    with reopen(tmp_path) as store:
        assert store.delivery.acknowledged() == Head(2, hashes[2])
        store.delivery.acknowledge(2, hashes[2])  # the body came
        assert store.delivery.wanted() == []
        outbox = store.delivery.outbox()
        third = next(store.journal.events(2))
        assert (outbox.count, outbox.oldest, outbox.head) == (1, third.header.wall_time, store.journal.head())
        acknowledge_all(store)
        assert (store.delivery.outbox().count, store.delivery.outbox().oldest) == (0, None)


def test_wanted_bodies_beyond_what_is_acknowledged_are_not_believed(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        store.delivery.acknowledge(2, store.journal.hash_at(2) or "", [5, 2, 0, -1, 3, 2, 1 << 60])
        assert store.delivery.wanted() == [2]


def test_another_chain_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with new_store(tmp_path / "a") as store, new_store(tmp_path / "b") as other:
        for each in (store, other):
            one_encounter(each, "a")
        store.delivery.acknowledge(1, store.journal.hash_at(1) or "")
        kept = store.delivery.acknowledged()
        head = store.journal.head().hash
        for seq, claimed in ((3, other.journal.head().hash), (4, head), (2, head), (1, GENESIS), (0, head), (-1, head)):
            for act in (store.delivery.acknowledge, store.delivery.restart_from):
                with pytest.raises(AcknowledgementError) as caught:
                    act(seq, claimed)
                assert caught.value.code == "store-other-chain"
        assert store.delivery.acknowledged() == kept


def test_a_new_chain_at_the_centre_starts_from_the_common_ancestor(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        store.delivery.acknowledge(3, store.journal.head().hash, [2])
        ancestor = store.journal.hash_at(1) or ""
        store.delivery.restart_from(1, ancestor)
        assert store.delivery.acknowledged() == Head(1, ancestor)
        assert store.delivery.wanted() == []
        assert store.delivery.outbox().count == 2
        store.delivery.restart_from(1, ancestor, [1, 2])  # a backup may lack a body too; the rest is sent anyway
        assert store.delivery.wanted() == [1]


def test_parcels_hold_the_chain_and_its_bodies_but_no_picture(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a", note='ñ Ω "🛂"\\'))
        store.journal.append(EventKind.ENCOUNTER_PICTURE, picture_body("a"))
        one_encounter(store, "b")
        store.journal.erase_body(4)
        parcels = store.delivery.parcels(0, 1 << 20)
        chain = ChainVerifier("booth-1", store.identity.public_key)
        for parcel in parcels:
            event = read_event(parcel.header.encode(), parcel.signature)
            chain.accept(event)
            if chain.seq in (2, 4):
                assert (parcel.body, parcel.salt) == (None, b"")
            else:
                assert parcel.body is not None
                verify_body(event.header, parcel.salt, parcel.body.encode())
        assert Head(chain.seq, chain.head) == store.journal.head()
        assert store.delivery.parcels(3, 1 << 20) == parcels[3:]
        assert store.delivery.parcels(5, 1 << 20) == []


def test_parcels_fill_a_batch_and_do_not_overflow_it(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for n in range(40):
            store.journal.append(EventKind.STARTED, {"text": 'ñ"' * (n * 37 % 400)})
        everything = store.delivery.parcels(0, 1 << 20)
        assert len(everything) == 40

        def size(parcels: list[Parcel]) -> int:
            return sum(len(one.header.encode()) + len((one.body or "").encode()) for one in parcels)

        for most in (1, 900, 2000, 5001, 20_000):
            after = 0
            while after < 40:
                part = store.delivery.parcels(after, most)
                assert part == everything[after : after + len(part)]
                assert len(part) == 1 or size(part) <= most
                one_more = everything[after : after + len(part) + 1]
                assert len(one_more) == len(part) or size(one_more) > most
                after += len(part)


def test_hits_protection_and_cases_are_urgent_until_they_are_acknowledged(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "clear")  # 1 to 3
        one_encounter(store, "hit", "refer", "refer")
        one_encounter(store, "asylum", "protect")  # 7 to 9
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("open"))
        store.journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body("open", "refer"))
        store.journal.append(EventKind.CASE_RECEIVED, received_body("c-1"))
        store.journal.append(EventKind.CASE_TAKEN, {"case_id": "c-1", "officer": "o-1"})
        store.journal.append(EventKind.CASE_CLOSED, {"case_id": "c-1", "officer": "o-1", "outcome": "not_same"})

        def urgent(after: int = 0, most: int = 1 << 20, early: Container[int] = ()) -> list[int]:
            parcels = store.delivery.urgent(after, most, early)
            assert all(one.body is not None for one in parcels)
            return [json.loads(one.header)["seq"] for one in parcels]

        assert urgent() == [5, 6, 8, 9, 11, 13, 14]
        assert urgent(after=6) == [8, 9, 11, 13, 14]
        assert urgent(early={8, 13}) == [5, 6, 9, 11, 14]
        assert urgent(most=1) == [5]
        store.journal.erase_body(9)
        assert 9 not in urgent()
        assert urgent(after=14) == []
        plan = store._db.rows("EXPLAIN QUERY PLAN " + _URGENT, {"after": 0, "kinds": "[]"})
        assert any("encounters_urgent" in row["detail"] for row in plan)
        parcels = store.delivery.parcels(3, 1 << 20, {5, 6})
        assert [one.body is None for one in parcels[:4]] == [False, True, True, False]


def test_a_batch_holds_no_more_events_than_the_centre_takes(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with store.transaction():
            for _ in range(MOST_EVENTS + 1):
                store.journal.append(EventKind.STARTED, {})
        assert len(store.delivery.parcels(0, 1 << 30)) == MOST_EVENTS


def test_a_late_body_follows_or_says_that_it_was_erased(tmp_path: Path) -> None:
    with new_store(tmp_path, FakeClock()) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        store.journal.append(EventKind.ENCOUNTER_PICTURE, picture_body("a"))
        late = store.delivery.late_body(2)
        header = next(store.journal.events(1)).header
        verify_body(header, late.salt, late.body.encode())
        assert (late.booth, late.seq, late.erased) == ("booth-1", 2, False)
        store.journal.erase_body(2)
        assert store.delivery.late_body(2) == LateBody("booth-1", 2, erased=True)
        for seq in (0, 3, -1):
            with pytest.raises(StoreMisuseError):
                store.delivery.late_body(seq)
