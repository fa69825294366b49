"""Which goods crossed here: containers, consignees and trucks, each manifest once, no more than the journal tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from checkpoint_app.store import Store
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.goods import GoodsCounted, GoodsMarks, container_mark, marks_of
from tests.store.helpers import START, FakeClock, decided_body, dump, new_store, read_body

BOX, OTHER_BOX = "DMOU7183062", "DMOU3045120"
LONG_AGO = START - timedelta(days=90)


def goods(
    *containers: str, consignee: str | None = "Comercial Muestra Ltda.", plate: str = "PDM-0417", **more: Any
) -> dict[str, Any]:
    return {
        "consignment": {"number": "B1", "parties": [{"role": "consignee", "name": consignee}] if consignee else []},
        "equipment": [{"number": number} for number in containers or (BOX,)],
        "transport": {"id": plate, "mode": "3"},
        **more,
    }


def crossed(
    store: Store, clock: FakeClock, name: str, read: dict[str, Any], disposition: str = "release", **changes: Any
) -> None:
    clock.time += timedelta(days=1)
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, consignment=read, document=None))
    store.journal.append(EventKind.DISPOSITION, {**decided_body(name, disposition), "direction": "in", **changes})


def counted(store: Store, read: dict[str, Any], since: datetime = LONG_AGO, before: str = "") -> GoodsCounted:
    marks = marks_of({"consignment": read})
    assert marks is not None
    return store.crossed_goods.counted(marks, since, before)


def test_a_container_its_consignees_and_the_truck_are_counted(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        assert counted(store, goods()) == GoodsCounted(0, 0, 0, 0, 0, False, 0)
        crossed(store, clock, "a", goods())
        crossed(store, clock, "b", goods(consignee="Otra Muestra S.A."))
        crossed(store, clock, "c", goods(OTHER_BOX, consignee="COMERCIAL MUESTRA, LTDA", plate="otro 1"))
        crossed(store, clock, "d", goods(OTHER_BOX, consignee=None, plate="pdm 0417"))
        crossed(store, clock, "gone", goods(), "withdrawn")
        assert counted(store, goods()) == GoodsCounted(2, 1, 2, 0, 0, True, 3)
        assert counted(store, goods("DMOU 718306-2")).equipment == 2
        # of several containers, the one that came most often
        crossed(store, clock, "e", goods(OTHER_BOX))
        assert counted(store, goods(BOX, OTHER_BOX)).equipment == 3
        assert counted(store, goods(), before="a").equipment == 1
        assert counted(store, goods(), since=clock.time).equipment == 0
        assert abs(store.crossed_goods.since(clock.time) - (START + timedelta(days=1))) < timedelta(minutes=1)


def test_what_is_not_named_is_not_counted(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        nothing = GoodsCounted()
        assert store.crossed_goods.counted(GoodsMarks(), LONG_AGO) == nothing
        to_order = goods(consignee="A la orden")
        assert counted(store, to_order) == GoodsCounted(equipment=0, vehicle=0)
        assert store.crossed_goods.since(START) == START


def test_what_came_with_one_manifest_came_once(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        for name in ("a", "b", "c"):
            crossed(store, clock, name, goods(consignee=f"Muestra {name}", manifest="m-1"))
        crossed(store, clock, "d", goods(manifest="m-2"))
        asked = counted(store, goods())
        assert (asked.equipment, asked.other_consignees) == (2, 3)
        assert counted(store, goods(manifest="m-1")).equipment == 1  # its own manifest's other lines are not "before"
        own = counted(store, goods(consignee="Muestra a", manifest="m-1"))
        assert (own.consignee, own.imported) == (0, False)
        assert counted(store, goods(consignee="Muestra a", manifest="m-3")).imported is True


def test_results_of_inspections_count_once_told(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        for name, disposition in (("a", "opened"), ("b", "scan"), ("c", "opened"), ("d", "refer")):
            crossed(store, clock, name, goods(), disposition)
        for name, result in (("a", "customs"), ("b", "customs"), ("b", "nothing"), ("d", "data_error")):
            store.journal.append(EventKind.INSPECTION_RESULT, {"encounter_id": name, "result": result})
        found = counted(store, goods())
        assert (found.inspections, found.finds) == (3, 1)  # of c nobody has told; b was told anew
        assert found.imported is False  # none was let in


def test_a_corrected_reading_counts_as_corrected(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a", consignment=goods(OTHER_BOX)))
        store.journal.append(EventKind.ENCOUNTER_CORRECTED, read_body("a", consignment=goods(consignee=None)))
        store.journal.append(EventKind.DISPOSITION, decided_body("a", "release"))
        assert counted(store, goods(OTHER_BOX)).equipment == 0
        assert (counted(store, goods()).equipment, counted(store, goods()).consignee) == (1, 0)


def test_what_is_forgotten_is_gone_and_a_rebuild_gives_the_same(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        crossed(store, clock, "a", goods())
        crossed(store, clock, "b", goods())
        before = dump(store)
        assert len(before["goods_marks"]) == 8
        assert "MUESTRA" not in str(before["goods_marks"]).upper()
        store.journal.rebuild_projections()
        assert dump(store) == before
        store.projections.forget(1)
        assert counted(store, goods()).equipment == 1


def test_a_body_of_another_form_marks_nothing() -> None:
    for read in (
        {"consignment": 5, "equipment": "x", "transport": []},
        {"consignment": {"parties": [5, {"role": "consignee", "name": 7}]}, "equipment": [{"number": []}, None]},
    ):
        assert marks_of({"consignment": read}) == GoodsMarks()
    assert marks_of({"consignment": None}) is None
    assert marks_of({}) is None


def test_parts_never_run_into_each_other() -> None:
    plain = "DMOU7183062"
    marks = marks_of({"consignment": goods(plain, consignee=plain, plate=plain)})
    assert marks is not None
    assert len({*marks.containers, marks.consignee, marks.vehicle}) == 3
    assert container_mark(" - ") is None


def test_a_ship_is_no_truck() -> None:
    marks = marks_of({"consignment": goods(transport={"id": "9321483", "mode": "1"})})
    assert marks is not None
    assert marks.vehicle is None
