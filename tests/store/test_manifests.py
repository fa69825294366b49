"""Manifests in the store, and what inspections came to: kept over a restart, gone in time, rebuilt from the journal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import Store
from checkpoint_app.store.errors import StoreError
from checkpoint_app.store.manifests import CONSIGNMENT, PASSENGER, Item, Manifest
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import START, create, decided_body, new_store, read_body, reopen


def manifest(name: str = "m-1", **changes: object) -> Manifest:
    plain = {"holds": CONSIGNMENT, "kind": "CUSCAR", "version": "D:95B", "received_at": START, "digest": name * 2}
    return Manifest(**{"manifest": name, "items": 2, **plain, **changes})  # type: ignore[arg-type]


ITEMS = (Item(0, {"a": "Ñ"}, frozenset({"N1", "BOX"})), Item(1, {"b": [1, None]}, frozenset({"N2", "BOX"})))


def test_a_manifest_is_there_after_a_restart(tmp_path: Path) -> None:
    with create(tmp_path) as store:
        store.manifests.put(manifest(), ITEMS)
    with reopen(tmp_path) as store:
        kept = store.manifests
        assert kept.get("m-1") == kept.by_digest("m-1m-1") == manifest()
        assert [one.data for one in kept.items("m-1")] == [{"a": "Ñ"}, {"b": [1, None]}]
        assert kept.item("m-1", 1) == {"b": [1, None]}
        assert (kept.item("m-1", 7), kept.item("m-2", 0), kept.get("m-2")) == (None, None, None)


def test_lines_are_found_by_their_numbers_the_newest_manifest_first(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.manifests.put(manifest("old"), ITEMS)
        store.manifests.put(manifest("new", received_at=START + timedelta(hours=1)), ITEMS[:1])
        assert store.manifests.find("BOX") == [("new", 0), ("old", 0), ("old", 1)]
        assert store.manifests.find("BOX", 1) == [("new", 0)]
        assert store.manifests.find("N2") == [("old", 1)]
        assert store.manifests.find("' OR 1=1 --") == []
        assert [one.manifest for one in store.manifests.latest(CONSIGNMENT)] == ["new", "old"]
        assert store.manifests.latest(PASSENGER) == []


def test_pages_of_lines(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.manifests.put(manifest(), [Item(place, place) for place in range(-1, 9)])
        assert [one.place for one in store.manifests.items("m-1", limit=4)] == [0, 1, 2, 3]
        assert [one.place for one in store.manifests.items("m-1", 6)] == [7, 8]


def test_a_manifest_is_there_wholly_or_not_at_all(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with pytest.raises(StoreError):
            store.manifests.put(manifest(), [ITEMS[0], ITEMS[0]])
        assert store.manifests.get("m-1") is None
        assert store.manifests.find("BOX") == []


def test_what_is_too_old_goes_with_all_its_lines(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.manifests.put(manifest("old"), ITEMS)
        store.manifests.put(manifest("new", received_at=START + timedelta(days=2)), ITEMS)
        assert store.manifests.forget(START + timedelta(days=1)) == 1
        assert store.manifests.find("BOX") == [("new", 0), ("new", 1)]
        assert store.manifests.items("old") == []
        assert store.manifests.forget(START + timedelta(days=1)) == 0


def decided(store: Store, name: str, disposition: str, **changes: object) -> None:
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, **changes))
    store.journal.append(EventKind.DISPOSITION, decided_body(name, disposition=disposition))


def result(name: str, word: str = "nothing") -> dict[str, object]:
    return {"encounter_id": name, "result": word, "text": "", "officer": "m", "rules": [], "drawn": False}


def test_inspections_wait_until_their_result_is_told(tmp_path: Path) -> None:
    goods = {"consignment": {"consignment": {"number": "DEMO-1"}, "equipment": [{"number": "BOX"}]}}
    unnamed = {"consignment": {"consignment": {}, "equipment": [{"number": "BOX"}]}}
    with create(tmp_path) as store:
        decided(store, "a", "opened", **goods)
        decided(store, "b", "release", **goods)
        decided(store, "c", "refer")
        decided(store, "d", "let_pass")
        decided(store, "e", "scan", **unnamed)
        waits = [(one.row.encounter_id, one.row.consignment) for one in store.inspections.awaited()]
        assert waits == [("a", "DEMO-1"), ("c", None), ("e", "BOX")]
        store.journal.append(EventKind.INSPECTION_RESULT, result("a", "customs"))
        counts = store.projections.day_counts(START)
        assert (counts.persons, counts.consignments, counts.inspected) == (2, 3, 2)
    with reopen(tmp_path) as store:
        assert [one.row.encounter_id for one in store.inspections.awaited()] == ["c", "e"]
        store.journal.rebuild_projections()
        assert [one.row.encounter_id for one in store.inspections.awaited()] == ["c", "e"]
        assert [one.row.encounter_id for one in store.inspections.awaited(1)] == ["c"]


def test_a_result_out_of_form_is_none(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        decided(store, "a", "opened")
        store.journal.append(EventKind.INSPECTION_RESULT, {"encounter_id": "a", "result": 5})
        assert [one.row.encounter_id for one in store.inspections.awaited()] == ["a"]


def test_what_a_lane_serves_is_remembered(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.CROSSING_CHANGED, {"direction": "in", "lane": "3"})
        crossing = store.projections.crossing()
        assert crossing is not None
        assert crossing.kind == "people"
        store.journal.append(EventKind.CROSSING_CHANGED, {"direction": "in", "lane": "3", "kind": "cargo"})
        store.journal.rebuild_projections()
        crossing = store.projections.crossing()
        assert crossing is not None
        assert crossing.kind == "cargo"
