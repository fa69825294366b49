"""Invariant 2: a body is forgotten only after a cumulative acknowledgement and its time, and never while needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import Store, delivery, migrations
from checkpoint_app.store.draws import SeedRow
from checkpoint_app.wire.delivery import MOST_WANTED
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.store.helpers import (
    START,
    FakeClock,
    acknowledge_all,
    create,
    document,
    dump,
    not_same_body,
    one_encounter,
    picture_body,
    read_body,
    received_body,
)

KEEP = timedelta(days=30)
LATER = START + timedelta(days=60)
YEAR = timedelta(days=365)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with create(tmp_path, clock) as opened:
        yield opened


def left(store: Store) -> list[int]:
    """Return the events whose bodies remain."""
    return [row["seq"] for row in store._db.rows("SELECT seq FROM bodies ORDER BY seq")]


def forget(store: Store, now: datetime = LATER, seen: datetime | None = LATER) -> int:
    """Forget, and check that the chain holds and that a rebuild gives what is there."""
    if seen is not None:
        store.time.see(seen)
    erased = store.delivery.forget(now, KEEP)
    assert store.journal.verify().head == store.journal.head()
    before = dump(store)
    store.journal.rebuild_projections()
    assert dump(store) == before
    return erased


def test_what_is_old_and_acknowledged_is_forgotten(store: Store) -> None:
    one_encounter(store, "a")
    acknowledge_all(store)
    assert forget(store) == 3
    assert left(store) == []
    assert store.projections.encounter("a") is None
    assert store.journal.verify().erased == 3
    assert forget(store) == 0


def test_nothing_is_forgotten_that_is_not_acknowledged(store: Store) -> None:
    one_encounter(store, "a")
    one_encounter(store, "b")
    assert forget(store) == 0
    store.delivery.acknowledge(5, store.journal.hash_at(5) or "")
    assert forget(store) == 3
    assert left(store) == [4, 5, 6]  # the disposition of "b" is not there yet, and half an Encounter is another
    acknowledge_all(store)
    store.delivery.restart_from(3, store.journal.hash_at(3) or "")
    assert forget(store) == 0


@pytest.mark.parametrize(
    ("now", "seen"),
    [
        (LATER, None),
        (LATER, START + KEEP),  # the wall clock has jumped ahead
        (START + KEEP, LATER),  # the wall clock is behind what was signed
    ],
)
def test_nothing_is_forgotten_before_its_time_by_both_clocks(
    store: Store, now: datetime, seen: datetime | None
) -> None:
    one_encounter(store, "a")
    acknowledge_all(store)
    assert forget(store, now, seen) == 0
    assert forget(store) == 3


def test_the_time_is_kept_to_the_microsecond(store: Store) -> None:
    store.journal.append(EventKind.STARTED, {})
    acknowledge_all(store)
    end = next(store.journal.events()).header.wall_time + KEEP
    assert forget(store, end - timedelta(microseconds=1)) == 0
    assert forget(store, end) == 1


def test_an_event_written_under_a_clock_that_was_behind_counts_from_what_was_signed(
    store: Store, clock: FakeClock
) -> None:
    store.time.see(START)
    clock.time = START - YEAR
    one_encounter(store, "a")
    acknowledge_all(store)
    assert forget(store, START + KEEP - timedelta(hours=1)) == 0
    assert forget(store, START + KEEP + timedelta(hours=1)) == 3


def test_a_body_that_the_centre_wants_is_kept_with_its_encounter(store: Store) -> None:
    store.journal.append(EventKind.ENCOUNTER_PICTURE, picture_body("a"))
    one_encounter(store, "a")
    one_encounter(store, "b")
    acknowledge_all(store, (1,))
    assert forget(store) == 3
    assert left(store) == [1, 2, 3, 4]
    acknowledge_all(store)
    assert forget(store) == 4


def test_an_acknowledgement_that_may_not_name_all_it_wants_is_believed_up_to_its_last(store: Store) -> None:
    with store.transaction():
        for _ in range(MOST_WANTED + 50):
            store.journal.append(EventKind.STARTED, {})
    acknowledge_all(store, tuple(range(2, MOST_WANTED + 2)))
    assert forget(store) == 1
    assert left(store)[0] == 2
    acknowledge_all(store, tuple(range(2, MOST_WANTED + 1)))
    assert forget(store) == 50


def test_an_open_encounter_is_kept(store: Store) -> None:
    one_encounter(store, "a")
    store.journal.append(EventKind.ENCOUNTER_REOPENED, {"encounter_id": "a", "officer": "o-1"})
    store.journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
    one_encounter(store, "c")
    acknowledge_all(store)
    assert forget(store) == 3
    assert [row.encounter_id for row in store.projections.open_encounters()] == ["b", "a"]


def test_an_encounter_goes_whole_or_not_at_all(store: Store, clock: FakeClock) -> None:
    """The disposition is old by its clock, the read is not: without its disposition the Encounter would be open."""
    clock.time = START + YEAR
    store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
    clock.time = START
    store.journal.append(EventKind.ENCOUNTER_ANSWERED, {"encounter_id": "a", "verdict": {"advice": "look"}})
    store.journal.append(EventKind.DISPOSITION, {"encounter_id": "a", "disposition": "let_pass", "officer": "o-1"})
    acknowledge_all(store)
    assert forget(store) == 0
    assert forget(store, START + 2 * YEAR, START + 2 * YEAR) == 3


def test_a_look_at_an_encounter_does_not_keep_it(store: Store, clock: FakeClock) -> None:
    one_encounter(store, "a")
    clock.time = LATER - timedelta(days=1)
    store.journal.append(EventKind.ENCOUNTER_VIEWED, {"encounter_id": "a", "officer": "o-1"})
    acknowledge_all(store)
    assert forget(store) == 3
    assert left(store) == [4]


def test_a_decision_not_the_same_person_is_kept_until_its_end(store: Store) -> None:
    store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
    end = START + timedelta(days=90)
    store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a", until=to_plain(end)))
    store.journal.append(EventKind.DISPOSITION, {"encounter_id": "a", "disposition": "let_pass"})
    acknowledge_all(store)
    assert forget(store) == 2
    assert store.clearances.find(document(), "wanted", "e-1", "d" * 64, end - timedelta(days=1))
    assert forget(store, end - timedelta(seconds=1), end) == 0
    assert forget(store, end, end) == 1


def test_a_case_not_closed_is_kept_with_its_encounter(store: Store) -> None:
    one_encounter(store, "a")
    one_encounter(store, "b")
    store.journal.append(EventKind.CASE_RECEIVED, received_body())
    store.journal.append(EventKind.CASE_TAKEN, {"case_id": "c-1", "officer": "o-1"})
    acknowledge_all(store)
    assert forget(store) == 3
    assert left(store) == [1, 2, 3, 7, 8]
    store.journal.append(EventKind.CASE_CLOSED, {"case_id": "c-1", "officer": "o-1", "outcome": "not_same"})
    assert forget(store) == 3  # its Encounter; that it was closed is not acknowledged
    assert [row.case.case_id for row in store.cases.all()] == ["c-1"]
    acknowledge_all(store)
    assert forget(store) == 0  # it was closed just now
    assert forget(store, LATER + KEEP, LATER + KEEP) == 3
    assert store.cases.all() == []
    assert store.cases.last_number() == 1


def test_what_the_present_state_stands_on_is_kept(store: Store) -> None:
    store.journal.append(EventKind.ENROLLED, {"centre": "c"})
    for lane in ("1", "2"):
        store.journal.append(EventKind.SIGNED_IN, {"officer": f"o-{lane}"})
        store.journal.append(EventKind.CROSSING_CHANGED, {"direction": "in", "lane": lane})
    store.journal.append(EventKind.STARTED, {})
    acknowledge_all(store)
    before = store.projections.crossing(), store.projections.last_sign_in()
    assert forget(store) == 3
    assert left(store) == [1, 4, 5]
    assert (store.projections.crossing(), store.projections.last_sign_in()) == before


def test_one_call_forgets_a_bounded_number_and_never_half_an_encounter(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_FORGOTTEN", 4)
    for name in ("a", "b", "c"):
        one_encounter(store, name)
    store.journal.append(EventKind.CASE_RECEIVED, received_body())
    store.journal.append(EventKind.CASE_CLOSED, {"case_id": "c-1", "outcome": "not_same"})
    acknowledge_all(store)
    assert forget(store) == 6
    assert left(store) == list(range(7, 12))
    assert forget(store) == 5
    assert forget(store) == 0


def test_an_old_file_knows_the_time_of_its_bodies(tmp_path: Path, clock: FakeClock) -> None:
    with create(tmp_path / "new", clock) as store:
        store.time.see(START + YEAR)
        store.journal.append(EventKind.STARTED, {})
        store.journal.append(EventKind.STARTED, {})
        rows = store._db.rows("SELECT kept_from FROM body_keys")
        store._db.execute("UPDATE body_keys SET kept_from = NULL")
        for statement in _MIGRATED:
            store._db.execute(statement)
        assert store._db.rows("SELECT kept_from FROM body_keys") == rows


_MIGRATED = [
    statement for statement in migrations._DELIVERY_AND_CASES.split(";\n\n") if statement.startswith("UPDATE body_keys")
]


def test_a_seed_that_is_not_revealed_yet_stays_committed_to(store: Store, clock: FakeClock) -> None:
    """A post that was closed for a season still owes its last day's seed."""
    store.draws.keep(SeedRow("c" * 64, START.date(), bytes(32), "local"))
    body = {"lane": "2", "day": START.date().isoformat(), "commit": "c" * 64, "rate": 1, "source": "local"}
    store.journal.append(EventKind.DRAW_COMMITTED, body)
    acknowledge_all(store)
    forget(store)
    assert [one.commit for one in store.draws.to_reveal(LATER.date())] == ["c" * 64]
    store.draws.forget("c" * 64)  # revealed
    assert forget(store) == 1


def test_a_rule_stays_suspended_until_its_approver_answers(store: Store, clock: FakeClock) -> None:
    body = {"set": "S", "rule": "R", "version": 1, "why": "rate", "counted": {}}
    store.journal.append(EventKind.RULE_SUSPENDED, body)
    acknowledge_all(store)
    later = START + 3 * YEAR
    forget(store, later, later)
    assert [one.rule for one in store.rule_counts.suspended()] == ["R"]
    store.journal.append(EventKind.RULE_RESUMED, body)
    acknowledge_all(store)
    later += 3 * YEAR
    forget(store, later, later)
    assert store.rule_counts.suspended() == []
    assert left(store) == []
