"""How far a list was held: each Encounter of the days once, also over a kill, a newer version, and what comes late."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from checkpoint_app.store import Store
from checkpoint_app.store.rescreened import Pass, Rescreened
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import START, decided_body, new_store, one_encounter, read_body

LONG_AGO = START - timedelta(days=7)


def step(store: Store, version: int = 1, most: int = 2, keep: bool = True) -> list[str] | None:
    """Take the next slice; return whom it holds, None where none are left."""
    one = store.rescreened.begin("wanted", version)
    found = store.rescreened.next(one, LONG_AGO, most)
    if found is None:
        return None
    if keep:
        store.rescreened.keep(found.after)
    return [encounter.encounter_id for encounter in found.encounters]


def rest(store: Store, version: int = 1) -> list[str]:
    """Take all that is left."""
    names: list[str] = []
    while (found := step(store, version)) is not None:
        names += found
    return names


def test_the_latest_come_first_and_each_once(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name in "abcde":
            one_encounter(store, name)
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("open"))
        assert step(store) == ["e", "d"]
        assert step(store, keep=False) == ["c", "b"]  # killed before it was kept
        assert step(store) == ["c", "b"]
        one_encounter(store, "f")  # decided meanwhile, on what was answered before
        assert step(store) == ["f"]
        assert step(store) == ["a"]
        assert rest(store) == []
        assert store.rescreened.of("wanted") is not None
        store.journal.append(EventKind.DISPOSITION, decided_body("open"))
        assert rest(store) == ["open"]
        assert rest(store) == []


def test_a_newer_version_begins_anew_and_knows_what_was_held(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        assert store.rescreened.begin("wanted", 1).base == 0
        assert rest(store) == ["a"]
        one_encounter(store, "b")
        second = store.rescreened.begin("wanted", 2)
        assert (second.base, second.is_whole) == (1, False)
        below = store.projections.encounter("b")
        assert below is not None
        assert second.base_newest < below.last_seq  # what came since was not held against version 1
        third = store.rescreened.begin("wanted", 3)  # the second was never whole
        assert (third.base, third.base_newest) == (1, second.base_newest)
        assert rest(store, 3) == ["b", "a"]
        assert store.rescreened.begin("wanted", 4).base == 3


def test_what_is_too_old_and_what_was_erased_is_left_out(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name in "abc":
            one_encounter(store, name)
        one = store.rescreened.begin("wanted", 1)
        assert store.rescreened.next(one, START + timedelta(days=1), 9) is not None  # nobody, then it is whole
        found = store.rescreened.next(one, START + timedelta(days=1), 9)
        assert found is not None
        assert (found.encounters, found.after.is_whole) == ((), True)
        store.journal.erase_bodies(store.projections.events_of("b"))
        assert rest(store) == ["c", "a"]


def test_a_pass_is_kept_with_what_was_found_or_not_at_all(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one = store.rescreened.begin("wanted", 1)
        with contextlib.suppress(KeyError), store.transaction():
            store.rescreened.keep(replace(one, oldest=1))
            {}["killed"]
        assert store.rescreened.of("wanted") == one
        assert Rescreened(store._db).of("other") is None
        assert isinstance(one, Pass)
