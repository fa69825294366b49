"""Who crossed here: found by person or document, counted by hour, never more than the journal still tells."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from checkpoint_app.store import Store
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import START, FakeClock, decided_body, document, new_store, read_body


def crossed(store: Store, clock: FakeClock, name: str, at: datetime, direction: str = "in", **read) -> None:
    clock.time = at
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, **read))
    disposition = decided_body(name, **read.pop("decided", {}))
    store.journal.append(EventKind.DISPOSITION, {**disposition, "direction": direction})


def test_crossings_of_a_person_and_of_a_document_are_told_newest_first(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        crossed(store, clock, "a", START)
        crossed(store, clock, "b", START + timedelta(days=1), "out")
        crossed(store, clock, "c", START + timedelta(days=2), document=document(number="Z9"))
        crossed(store, clock, "d", START + timedelta(days=3), document=document(family="OTRA"))
        crossed(store, clock, "e", START + timedelta(days=4), document=document("Z8", "TERCERA"))
        found = store.crossed.of(document())
        assert [(one.entry, one.same_person, one.same_document) for one in found] == [
            (True, False, True),
            (True, True, False),
            (False, True, True),
            (True, True, True),
        ]
        assert len(store.crossed.of(document(), before="a")) == 3
        assert store.crossed.other_persons(document()) == 1
        assert abs(store.crossed.since(clock.now()) - START) < timedelta(minutes=1)


def test_what_was_withdrawn_or_is_open_is_no_crossing(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        clock.time = START
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
        store.journal.append(EventKind.DISPOSITION, {**decided_body("b", "withdrawn"), "direction": "in"})
        assert store.crossed.of(document()) == []
        assert store.crossed.since(START) == START


def test_nobody_is_like_a_document_without_a_number_and_a_name(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        crossed(store, clock, "a", START, document={})
        assert store.crossed.of({}) == []
        assert store.crossed.other_persons({}) is None


def test_hours_are_those_of_the_post_s_clock(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        for n, hour in enumerate((8, 8, 23)):
            crossed(store, clock, f"{n}", datetime(2026, 3, 3, hour, 30, tzinfo=UTC))
        assert store.crossed.hours(timezone(timedelta(hours=-5)), "2") == {3: 2, 18: 1}
        assert store.crossed.hours(UTC, "4") == {}


def test_hours_are_right_in_zones_of_a_quarter_hour(tmp_path: Path) -> None:
    clock, kathmandu = FakeClock(), timezone(timedelta(hours=5, minutes=45))
    day = START.replace(hour=6, minute=0, second=0, microsecond=0)
    minutes = (0, 14, 15, 16, 59, 60, 74, 75)
    with new_store(tmp_path, clock) as store:
        for minute in minutes:
            crossed(store, clock, f"e{minute}", day + timedelta(minutes=minute))
        told = [store.crossed.of(document())[n].at.astimezone(kathmandu).hour for n in range(len(minutes))]
        assert store.crossed.hours(kathmandu, "2") == Counter(told)
        assert len(set(told)) == 3


def test_nothing_looks_through_the_whole_journal(tmp_path: Path) -> None:
    """With a month of a busy lane each of these would take a traveller's time, or the screen's once a minute."""
    with new_store(tmp_path) as store:
        asked: list[str] = []
        rows = store._db.rows

        def explained(sql: str, params: object = ()) -> list[dict[str, object]]:
            asked.extend(row["detail"] for row in rows(f"EXPLAIN QUERY PLAN {sql}", params))
            return rows(sql, params)

        store._db.rows = explained  # type: ignore[method-assign]
        store.crossed.of(document())
        store.crossed.hours(UTC, "2")
        store.rule_counts.evaluated("S", START)
        store.rule_counts.evaluated("S", START, 200)
        store.rule_counts.inspected("S", START)
        store.draws.to_reveal(START.date())
        big = {"encounters", "e", "x", "l", "draws", "rule_evaluations"}
        assert asked
        assert not [one for one in asked if one.startswith("SCAN ") and one.split()[1] in big]
