"""Outages and drills as the journal tells them: folded, rebuilt, kept for a year, tolerant of what has no sense."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store.line_history import KEPT, LineChange, Outage, outages
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.store.helpers import START, acknowledge_all, dump, new_store, one_encounter, received_body

HOUR = timedelta(hours=1)


def changed(state: str, hours: float, lasted_s: int | None = None, reason: str = "timed_out") -> dict:
    body = {"state": state, "reason": reason if state == "down" else "", "since": to_plain(START + hours * HOUR)}
    return body if lasted_s is None else {**body, "lasted_s": lasted_s}


def test_outages_come_from_the_journal_and_from_a_rebuild_alike(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for body in (changed("up", 0), changed("down", 1, 3600), changed("up", 3, 7200), changed("down", 4, 3600)):
            store.journal.append(EventKind.LINE_CHANGED, body)
        now = START + 6 * HOUR
        assert store.line_history.outages(now) == [
            Outage(START + HOUR, START + 3 * HOUR, "timed_out"),
            Outage(START + 4 * HOUR, None, "timed_out"),
        ]
        last = store.line_history.last()
        assert last == LineChange(4, "down", "timed_out", START + 4 * HOUR, 3600)
        before = dump(store)
        assert before["line_events"]
        store.journal.rebuild_projections()
        assert dump(store) == before


def test_how_long_it_lasted_is_told_by_the_monotonic_clock_and_never_negative() -> None:
    wrong = LineChange(1, "down", "refused", START + timedelta(days=900))
    back = LineChange(2, "up", "", START, 60)
    assert outages([wrong, back], START) == [Outage(START - timedelta(seconds=60), START, "refused")]
    unknown = LineChange(2, "up", "", START)
    (outage,) = outages([wrong, unknown], START)
    assert outage.lasted(START) == timedelta(0)
    (lasting,) = outages([wrong], START)
    assert lasting == Outage(START, None, "refused")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"state": "sideways", "reason": "", "since": to_plain(START)},
        {"state": ["up"], "reason": "", "since": to_plain(START)},
    ],
)
def test_what_is_no_change_says_nothing(tmp_path: Path, body: dict) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.LINE_CHANGED, body)
        assert store.line_history.changes() == []


@pytest.mark.parametrize(
    ("odd", "lasted"),
    [
        ({"since": "2026-13-01"}, 5),
        ({"since": 5}, 5),
        ({"lasted_s": -1}, None),
        ({"lasted_s": True}, None),
        ({"lasted_s": 10**15}, None),
        ({"reason": 7}, 5),
    ],
)
def test_a_part_that_has_no_sense_is_left_out(tmp_path: Path, odd: dict, lasted: int | None) -> None:
    with new_store(tmp_path) as store:
        event = store.journal.append(EventKind.LINE_CHANGED, {**changed("up", 0, 5), **odd})
        (one,) = store.line_history.changes()
        assert one.lasted_s == lasted
        assert one.since == (event.header.wall_time if "since" in odd else START)
        assert one.reason == ""


def test_outages_and_drills_are_kept_for_a_year_whatever_is_kept_of_people(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.LINE_CHANGED, changed("up", 0))
        store.journal.append(EventKind.DRILL_BEGUN, {"officer": "o-1", "minutes": 15, "by": "key"})
        one_encounter(store, "a")
        acknowledge_all(store)
        for later, left in ((timedelta(days=60), 2), (KEPT + timedelta(days=1), 0)):
            store.time.see(START + later)
            store.delivery.forget(START + later, timedelta(days=30))
            assert store._db.value("SELECT count(*) FROM bodies") == left
            before = dump(store)
            assert len(before["line_events"]) + len(before["drill_events"]) == left
            store.journal.rebuild_projections()
            assert dump(store) == before


def test_a_drill_tells_what_was_decided_in_it_and_what_came_late_of_it(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert store.line_history.last_drill() is None
        one_encounter(store, "before")
        begun = {"officer": "o-1", "minutes": 15, "by": "key"}
        store.journal.append(EventKind.DRILL_BEGUN, begun)
        one_encounter(store, "a")
        one_encounter(store, "b", "withdrawn")
        one_encounter(store, "c", "refer")
        lasting = store.line_history.last_drill()
        assert lasting is not None
        assert (lasting.begun, lasting.ended, lasting.decided, lasting.late) == (begun, None, ("a", "c"), 0)
        up_to = store.journal.head().seq
        one_encounter(store, "after")
        ended = {"why": "over", "up_to": up_to}
        store.journal.append(EventKind.DRILL_ENDED, ended)
        store.journal.append(EventKind.CASE_RECEIVED, received_body("x-1", 1, "c"))
        store.journal.append(EventKind.CASE_RECEIVED, received_body("x-2", 2, "after"))
        drill = store.line_history.last_drill()
        assert drill is not None
        assert (drill.ended, drill.decided, drill.late) == (ended, ("a", "c"), 1)
