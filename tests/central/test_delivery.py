"""Events are stored exactly once, in one chain without gap or fork, whatever a booth sends (invariants 2 and 3)."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from checkpoint_app.central import acts, alarms, clearances, database, delivery, encounters
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.officers import Role
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import MOST_EVENTS, MOST_WANTED, Batch, LateBody
from checkpoint_app.wire.event import GENESIS, MAX_HEADER_BYTES, EventKind, body_digest
from tests.central.chains import Chain, person, read_body, zone
from tests.central.helpers import enrolled, in_office

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)


@pytest.fixture
def chain(centre: Centre) -> Chain:
    return Chain.of(enrolled(centre, "demo-3"))


def stored(centre: Centre, booth: str = "demo-3") -> list[tuple[int, int, str]]:
    events = database.events
    with centre.begin() as connection:
        rows = connection.execute(
            select(events.c.chain, events.c.seq, events.c.hash)
            .where(events.c.booth == booth)
            .order_by(events.c.chain, events.c.seq)
        )
        return [tuple(row) for row in rows]


def states(centre: Centre) -> dict[int, str]:
    with centre.begin() as connection:
        return {row.seq: row.state for row in connection.execute(select(database.bodies))}


def kinds_of_alarms(centre: Centre) -> list[str]:
    with centre.begin() as connection:
        return [one.kind for one in alarms.all(connection)]


def refused(centre: Centre, batch: Batch) -> tuple[str, int]:
    with pytest.raises(CentreError) as caught:
        delivery.receive(centre, batch.booth, batch)
    return caught.value.code, caught.value.status


def first_of(batch: Batch) -> int:
    return int(read_canonical(batch.events[0].header.encode(), MAX_HEADER_BYTES)["seq"])


def allow_new_chain(centre: Centre) -> None:
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(new_chain_allowed=True))


def test_events_are_stored_once_however_often_they_come(centre: Centre, chain: Chain) -> None:
    for _ in range(5):
        chain.add()
    first = delivery.receive(centre, "demo-3", chain.batch(1, 3))
    assert (first.chain, first.seq, first.head, first.wanted) == (1, 3, chain.hashes[3], ())
    for batch in (chain.batch(1, 3), chain.batch(2, 5), chain.batch(1, 5), chain.batch(4, 4), Batch("demo-3", ())):
        last = delivery.receive(centre, "demo-3", batch)
    assert (last.seq, last.head) == (5, chain.head)
    assert delivery.acknowledgement(centre, "demo-3") == last
    assert stored(centre) == [(1, n, chain.hashes[n]) for n in range(1, 6)]
    twice = Batch("demo-3", (chain.parcels[4], chain.add(), chain.parcels[5], chain.parcels[4]))
    assert delivery.receive(centre, "demo-3", twice).seq == 6
    assert kinds_of_alarms(centre) == []


@one_database
def test_bodies_rest_sealed_and_come_out_as_they_came(centre: Centre, chain: Chain) -> None:
    body = {"encounter_id": "e-1", "note": "MUSTER"}
    chain.add(EventKind.ENCOUNTER_VIEWED, body)
    delivery.receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        sealed = connection.scalar(select(database.bodies.c.sealed))
        header, opened = encounters.body_at(centre, connection, Place("demo-3", 1, 1)) or ("", {})
    assert b"MUSTER" not in sealed
    assert opened == body
    assert header == chain.parcels[0].header


def test_a_gap_is_refused_and_nothing_of_the_batch_is_stored(centre: Centre, chain: Chain) -> None:
    for _ in range(4):
        chain.add()
    delivery.receive(centre, "demo-3", chain.batch(1, 1))
    with_gap = Batch("demo-3", (chain.parcels[1], chain.parcels[3]))
    assert refused(centre, with_gap) == ("gap", 409)
    assert refused(centre, chain.batch(3, 4)) == ("gap", 409)
    far = chain.copy()
    far.add(seq=2**53 - 1)
    assert refused(centre, Batch("demo-3", tuple(far.parcels[4:]))) == ("gap", 409)
    assert len(stored(centre)) == 1
    assert delivery.acknowledgement(centre, "demo-3").seq == 1
    assert delivery.receive(centre, "demo-3", chain.batch()).seq == 4


def test_a_fork_is_refused_and_alarmed_once_and_both_sides_go_on(centre: Centre, chain: Chain) -> None:
    backup = chain.copy()
    for _ in range(3):
        chain.add()
        backup.add()
    assert delivery.receive(centre, "demo-3", chain.batch()).seq == 3
    for batch in (backup.batch(), backup.batch(2), Batch("demo-3", (chain.parcels[0], backup.parcels[1]))):
        assert refused(centre, batch) == ("fork", 409)
    assert refused(centre, backup.batch()) == ("fork", 409)
    assert kinds_of_alarms(centre) == ["fork"]  # once a chain, wherever in it
    backup.add()
    assert refused(centre, backup.batch(4, 4)) == ("fork", 409)  # it continues what is not stored here
    assert stored(centre) == [(1, n, chain.hashes[n]) for n in (1, 2, 3)]
    chain.add()
    assert delivery.receive(centre, "demo-3", chain.batch()).head == chain.head
    other = Chain.of(enrolled(centre, "demo-4"))
    other.add()
    assert delivery.receive(centre, "demo-4", other.batch()).seq == 1


@one_database
def test_an_id_that_is_stored_comes_with_one_content_only(centre: Centre, chain: Chain) -> None:
    first = chain.add()
    known = first.header.split('"event_id":"')[1][:36]
    delivery.receive(centre, "demo-3", chain.batch())
    chain.add(event_id=known)
    assert refused(centre, chain.batch()) == ("fork", 409)
    twin = Chain.of(enrolled(centre, "demo-4"))
    twin.add(event_id=known)
    twin.add(event_id=known)
    assert refused(centre, twin.batch()) == ("fork", 409)
    assert delivery.receive(centre, "demo-4", twin.batch(1, 1)).seq == 1  # an id is the booth's own
    assert len(stored(centre)) == 1


def test_a_new_chain_goes_on_from_a_stored_event_once_it_is_allowed(centre: Centre, chain: Chain) -> None:
    for _ in range(3):
        chain.add()
    backup = chain.copy()
    for _ in range(4):
        chain.add()
    delivery.receive(centre, "demo-3", chain.batch(bare=(2, 6, 7)))
    for _ in range(2):
        backup.add()
    assert refused(centre, backup.batch(4)) == ("fork", 409)
    allow_new_chain(centre)
    taken = delivery.receive(centre, "demo-3", backup.batch(2))
    assert (taken.chain, taken.seq, taken.head) == (2, 5, backup.head)
    assert taken.wanted == (2,)  # what the abandoned branch owed can never come
    assert [place[:2] for place in stored(centre)] == [*((1, n) for n in range(1, 8)), (2, 4), (2, 5)]
    assert kinds_of_alarms(centre) == ["fork", "new_chain"]
    with centre.begin() as connection:
        assert [one.what for one in acts.all(connection)] == ["chain opened"]
        assert acts.verify(connection) == 1
        assert connection.scalar(select(database.booths.c.new_chain_allowed)) is False
    assert refused(centre, chain.batch(4)) == ("fork", 409)  # the old branch is over, and it was allowed once
    backup.add()
    assert delivery.receive(centre, "demo-3", backup.batch()).seq == 6
    assert delivery.take_body(centre, "demo-3", backup.late(2)).wanted == ()


def test_a_new_chain_may_begin_anew_but_never_in_the_air(centre: Centre, chain: Chain) -> None:
    backup = chain.copy()
    chain.add()
    chain.add()
    delivery.receive(centre, "demo-3", chain.batch())
    for _ in range(4):
        backup.add()
    allow_new_chain(centre)
    assert refused(centre, backup.batch(2)) == ("fork", 409)
    assert refused(centre, backup.batch(3)) == ("fork", 409)
    assert delivery.receive(centre, "demo-3", backup.batch()).chain == 2
    assert delivery.acknowledgement(centre, "demo-3").seq == 4


@one_database
def test_one_allowance_opens_one_chain_and_a_batch_with_two_forks_none(centre: Centre, chain: Chain) -> None:
    chain.add()
    first, second = chain.copy(), chain.copy()
    for one in (chain, first, second):
        one.add()
        one.add()
    delivery.receive(centre, "demo-3", chain.batch())
    allow_new_chain(centre)
    both = Batch("demo-3", (*first.batch(2).events, *second.batch(2).events))
    assert refused(centre, both) == ("fork", 409)
    assert delivery.acknowledgement(centre, "demo-3").chain == 1
    for seq in (1, 2, 3):  # an event a batch, those that are known first
        last = delivery.receive(centre, "demo-3", first.batch(seq, seq))
    assert (last.chain, last.seq, last.head) == (2, 3, first.head)
    assert refused(centre, second.batch()) == ("fork", 409)


@one_database
def test_what_no_booths_key_signed_is_refused(centre: Centre, chain: Chain) -> None:
    chain.add()
    stranger = Chain("demo-3", Ed25519PrivateKey.generate())
    stranger.add()
    other = Chain.of(enrolled(centre, "demo-4"))
    other.add()
    good = chain.parcels[0]
    changed = replace(good, header=good.header.replace('"monotonic_ms":0', '"monotonic_ms":1'))
    assert refused(centre, stranger.batch()) == ("forged_event", 422)
    assert refused(centre, Batch("demo-3", (changed,))) == ("forged_event", 422)
    assert refused(centre, Batch("demo-3", (replace(good, signature=b""),))) == ("forged_event", 422)
    assert refused(centre, Batch("demo-3", (replace(good, body='{"a":1}'),))) == ("body_mismatch", 422)
    assert refused(centre, Batch("demo-3", (replace(good, salt=b""),))) == ("body_mismatch", 422)
    assert refused(centre, Batch("demo-3", (replace(good, header="{}"),))) == ("malformed", 422)
    assert refused(centre, Batch("demo-3", (replace(good, header=good.header + " "),))) == ("malformed", 422)
    assert refused(centre, Batch("demo-3", (replace(good, header="[1]"),))) == ("malformed", 422)
    assert refused(centre, Batch("demo-3", (good,) * (MOST_EVENTS + 1))) == ("too_many_events", 422)
    assert refused(centre, Batch("demo-3", other.batch().events)) == ("other_booth", 403)
    with pytest.raises(CentreError, match="own events"):
        delivery.receive(centre, "demo-3", other.batch())
    assert stored(centre) == []


@one_database
def test_a_kind_of_a_newer_booth_is_stored_and_a_newer_form_waits(centre: Centre, chain: Chain) -> None:
    chain.add("teleported", {"encounter_id": 7})
    chain.add()
    assert delivery.receive(centre, "demo-3", chain.batch(bare=(1,))).wanted == (1,)
    assert delivery.take_body(centre, "demo-3", chain.late(1)).head == chain.head
    assert kinds_of_alarms(centre) == []
    with centre.begin() as connection:
        assert connection.scalar(select(database.events.c.kind).where(database.events.c.seq == 1)) == "teleported"
    newer = replace(chain.add(), header=chain.parcels[-1].header.replace('{"body', '{"aura":1,"body'))
    assert refused(centre, Batch("demo-3", (newer,))) == ("newer_version", 422)
    chain.add("\x00")
    assert refused(centre, chain.batch(4)) == ("malformed", 422)


def test_bodies_that_follow_are_wanted_until_they_come(centre: Centre, chain: Chain) -> None:
    for n in range(MOST_WANTED + 5):
        chain.add(EventKind.ENCOUNTER_PICTURE, {"encounter_id": f"e-{n}", "jpeg": "AA", "boxes": []})
    every = tuple(range(1, MOST_WANTED + 6))
    assert delivery.receive(centre, "demo-3", chain.batch(bare=every)).wanted == every[:MOST_WANTED]
    after = delivery.take_body(centre, "demo-3", chain.late(1))
    assert after.wanted == every[1 : MOST_WANTED + 1]
    assert delivery.take_body(centre, "demo-3", chain.late(1)) == after  # once more changes nothing
    assert delivery.take_body(centre, "demo-3", LateBody("demo-3", 2, erased=True)).wanted[0] == 3
    assert delivery.take_body(centre, "demo-3", chain.late(2)).wanted[0] == 3
    assert delivery.take_body(centre, "demo-3", LateBody("demo-3", 1, erased=True)).wanted[0] == 3
    assert states(centre) == {1: "here", 2: "erased"} | dict.fromkeys(every[2:], "wanted")
    for wrong, code in ((replace(chain.late(3), body='{"a":1}'), "body_mismatch"), (chain.late(3), "gap")):
        late = wrong if code == "body_mismatch" else replace(wrong, seq=len(every) + 1)
        with pytest.raises(CentreError) as caught:
            delivery.take_body(centre, "demo-3", late)
        assert caught.value.code == code
    with pytest.raises(CentreError, match="own events"):
        delivery.take_body(centre, "demo-4", chain.late(3))


@one_database
def test_what_is_needed_to_screen_and_was_erased_is_alarmed(centre: Centre, chain: Chain) -> None:
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()))
    chain.add(EventKind.ENCOUNTER_PICTURE, {})
    delivery.receive(centre, "demo-3", chain.batch(bare=(1, 2)))
    for seq in (1, 2):
        delivery.take_body(centre, "demo-3", LateBody("demo-3", seq, erased=True))
    assert kinds_of_alarms(centre) == ["body_erased"]


HOSTILE = (
    (EventKind.ENCOUNTER_READ, {}),
    (EventKind.ENCOUNTER_READ, {"encounter_id": 7}),
    (EventKind.ENCOUNTER_ANSWERED, {"encounter_id": "x" * 500}),
    (EventKind.DISPOSITION, {"encounter_id": "a\x00b"}),
    (EventKind.DISPOSITION, []),
    (EventKind.ENCOUNTER_CORRECTED, "text"),
    (EventKind.NOT_SAME_PERSON, {"person": [], "until": "2027-01-01T00:00:00.000000Z"}),
    (EventKind.NOT_SAME_PERSON, {"person": {}, "until": "tomorrow"}),
    (EventKind.NOT_SAME_PERSON, {"person": {}, "until": "2027-01-01T00:00:00.000000Z", "list": 1}),
    (EventKind.CASE_TAKEN, {"case_id": "26-000001", "officer": "m.muster"}),
    (EventKind.CASE_CLOSED, {"case_id": "26-000001", "officer": "m.muster", "outcome": "won"}),
)


def test_a_hostile_body_is_stored_and_alarmed_and_projected_into_nothing(centre: Centre, chain: Chain) -> None:
    for kind, body in HOSTILE:
        chain.add(kind, body)
    assert delivery.receive(centre, "demo-3", chain.batch()).seq == len(HOSTILE)
    assert kinds_of_alarms(centre) == ["bad_body"] * len(HOSTILE)
    assert set(states(centre).values()) == {"here"}
    with centre.begin() as connection:
        for table in (database.encounters, database.clearances, database.cases):
            assert connection.scalar(select(func.count()).select_from(table)) == 0


@one_database
def test_a_body_that_is_no_json_is_kept_as_it_came(centre: Centre, chain: Chain) -> None:
    text, salt = "{not json", bytes(32)
    parcel = chain.add(EventKind.DISPOSITION, body_digest=body_digest(salt, text.encode()))
    delivery.receive(centre, "demo-3", Batch("demo-3", (replace(parcel, salt=salt, body=text),)))
    assert kinds_of_alarms(centre) == ["bad_body"]


def row(centre: Centre, name: str = "e-1") -> tuple[int, int | None, int | None, int | None]:
    table = database.encounters
    with centre.begin() as connection:
        one = connection.execute(select(table).where(table.c.encounter_id == name)).one()
        return one.chain, one.read_seq, one.answered_seq, one.decided_seq


def test_an_encounter_is_known_by_its_latest_events_in_whatever_order_they_come(centre: Centre, chain: Chain) -> None:
    chain.encounter("e-1", zone())
    delivery.receive(centre, "demo-3", chain.batch(bare=(1,)))
    assert row(centre) == (1, None, 2, 3)
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", zone(family="MUSTERFRAU")))
    delivery.receive(centre, "demo-3", chain.batch())
    delivery.take_body(centre, "demo-3", chain.late(1))
    assert row(centre) == (1, 4, 2, 3)


def test_an_encounter_goes_on_in_the_new_chain(centre: Centre, chain: Chain) -> None:
    chain.encounter("e-1", zone(), decide=False)
    backup = chain.copy()
    chain.add()
    chain.add(EventKind.DISPOSITION, {"encounter_id": "e-1"})
    chain.encounter("e-2", zone())
    delivery.receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        connection.execute(update(database.encounters).values(screened_seq=4))
    backup.add(EventKind.DISPOSITION, {"encounter_id": "e-1"})
    allow_new_chain(centre)
    delivery.receive(centre, "demo-3", backup.batch())
    assert row(centre) == (2, 1, 2, 3)
    assert row(centre, "e-2") == (1, 5, 6, 7)  # it happened, on the branch that is over
    with centre.begin() as connection:
        screened = {one.encounter_id: one.screened_seq for one in connection.execute(select(database.encounters))}
        old = encounters.body_at(centre, connection, Place("demo-3", 1, 3))
        new = encounters.body_at(centre, connection, Place("demo-3", 2, 3))
    assert screened == {"e-1": 0, "e-2": 4}
    assert old is not None
    assert new is not None
    assert old[0] != new[0]


@one_database
def test_who_was_cleared_is_known_by_a_keyed_digest_alone(centre: Centre, chain: Chain) -> None:
    body = {
        "person": person(zone()),
        "officer": "m.muster",
        "supervisor": "m.muster",
        "list": "ECU",
        "entry_id": "ECU-1",
        "entry_digest": "d",
        "until": "2027-01-01T00:00:00.000000Z",
    }
    in_office(centre, "m.muster", Role.SUPERVISOR)
    chain.add(EventKind.NOT_SAME_PERSON, body)
    chain.add(EventKind.NOT_SAME_PERSON, body | {"person": {"family_name": "MUSTER"}})  # nobody in particular
    delivery.receive(centre, "demo-3", chain.batch())
    key = encounters.subject_key(centre, person(zone()))
    other = encounters.subject_key(centre, person(zone(number="X7654321")))
    assert None is encounters.subject_key(centre, {"family_name": "MUSTER", "birth_date": "740812"})
    with centre.begin() as connection:
        assert connection.scalars(select(database.clearances.c.subject)).all() == [key]
        assert clearances.holding(connection, key, centre.now()) == {("ECU", "ECU-1", "d")}
        assert clearances.holding(connection, key, centre.now().replace(year=2028)) == set()
        for somebody in (other, None):
            assert clearances.holding(connection, somebody, centre.now()) == set()
    assert kinds_of_alarms(centre) == []


def test_without_the_check_the_constraint_still_refuses_a_double(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a centre that forgot what it has does not store it again."""
    chain.add()
    delivery.receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(seq=0, head=GENESIS))
    monkeypatch.setattr(delivery, "_hashes", lambda *_args: {0: GENESIS})
    monkeypatch.setattr(delivery, "_refuse_known_ids", lambda *_args: None)
    with pytest.raises(IntegrityError):
        delivery.receive(centre, "demo-3", chain.batch())
    assert len(stored(centre)) == 1


def test_two_deliveries_at_once_store_each_event_once(centre: Centre, chain: Chain) -> None:
    for _ in range(12):
        chain.add(EventKind.ENCOUNTER_VIEWED, {"encounter_id": "e-1"})
    batches = [chain.batch(1, last) for last in (4, 8, 12, 12, 6, 10)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda batch: delivery.receive(centre, "demo-3", batch), batches))
    assert max(one.seq for one in taken) == 12
    assert stored(centre) == [(1, n, chain.hashes[n]) for n in range(1, 13)]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_model_booth_is_stored_dense_and_once(centre: Centre, seed: int) -> None:
    """Overlapping, repeated, reordered and cut batches, lost replies, bodies before and after: one dense chain."""
    rng = random.Random(seed)
    name = f"b-{seed}-{rng.randrange(10**9)}"
    chain = Chain.of(enrolled(centre, name))
    acknowledged = 0
    sent: list[Batch] = []
    for _ in range(rng.randrange(3, 15)):
        for _ in range(rng.randrange(4)):
            chain.add(rng.choice(list(EventKind)), {"encounter_id": f"e-{rng.randrange(3)}"})
        first = max(1, acknowledged + 1 - rng.randrange(3) + (rng.random() < 0.1))
        last = min(chain.seq, first + rng.randrange(6))
        bare = tuple(n for n in range(first, last + 1) if rng.random() < 0.3)
        batch = rng.choice(sent) if sent and rng.random() < 0.3 else chain.batch(first, last, bare)
        sent.append(batch)
        if batch.events and first_of(batch) > acknowledged + 1:
            assert refused(centre, batch) == ("gap", 409)
            continue
        taken = delivery.receive(centre, name, batch)
        assert taken.seq >= acknowledged
        assert taken.head == chain.hashes[taken.seq]
        acknowledged = taken.seq
        for seq in rng.sample(taken.wanted, min(2, len(taken.wanted))):
            taken = delivery.take_body(centre, name, chain.late(seq))
            assert seq not in taken.wanted
    final = delivery.receive(centre, name, chain.batch())
    for seq in final.wanted:
        final = delivery.take_body(centre, name, chain.late(seq))
    assert (final.seq, final.head, final.wanted) == (chain.seq, chain.head, ())
    assert stored(centre, name) == [(1, n, chain.hashes[n]) for n in range(1, chain.seq + 1)]
    with centre.begin() as connection:
        for parcel in chain.parcels:
            seq = chain.parcels.index(parcel) + 1
            kept = encounters.body_at(centre, connection, Place(name, 1, seq))
            assert kept is not None
            assert (kept[0], canonical_bytes(dict(kept[1])).decode()) == (parcel.header, parcel.body)
