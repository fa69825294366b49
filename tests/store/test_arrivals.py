"""Arrivals in the store: their lines, how far screening is, who appeared, and that they go with their manifests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from checkpoint_app.store import Store
from checkpoint_app.store.arrivals import Arrival, Line, Result
from checkpoint_app.store.manifests import CONSIGNMENT, PASSENGER
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import START, create, decided_body, new_store, read_body, reopen
from tests.store.test_manifests import ITEMS, manifest


def arrival(name: str = "m-1", hours: float = 2, **changes: object) -> Arrival:
    due = START + timedelta(hours=hours)
    plain = {"holds": PASSENGER, "kind": "CUSCAR", "label": name, "route": "", "received_at": START}
    return Arrival(**{"manifest": name, **plain, "due": due, "ends": due + timedelta(days=1), **changes})  # type: ignore[arg-type]


def add(store: Store, name: str = "m-1", hours: float = 2, count: int = 3) -> Arrival:
    store.manifests.put(manifest(name, holds=PASSENGER, digest=name), ITEMS)
    store.arrivals.begin(arrival(name, hours))
    lines = [Line(place, place, -1, f"P{place}", "", frozenset({f"n:{place}", "b:all"})) for place in range(count)]
    store.arrivals.add(arrival(name, hours), lines, indexed=count - 1, whole=True)
    found = store.arrivals.get(name)
    assert found is not None
    return found


def test_what_is_taken_in_is_there_after_a_restart(tmp_path: Path) -> None:
    with create(tmp_path) as store:
        store.manifests.put(manifest(holds=PASSENGER), ITEMS)
        store.manifests.put(manifest("goods", holds=CONSIGNMENT, digest="g"), ITEMS)
        assert store.arrivals.unknown((PASSENGER,)).manifest == "m-1"
        store.arrivals.begin(arrival())
        assert store.arrivals.unknown((PASSENGER,)) is None
        assert store.arrivals.unknown((PASSENGER, CONSIGNMENT)).manifest == "goods"
        store.arrivals.add(arrival(), [Line(0, 0, -1, "P", "N")], indexed=0, whole=False)
    with reopen(tmp_path) as store:
        found = store.arrivals.unindexed()
        assert (found.indexed, found.people, found.whole) == (0, 1, False)
        assert store.arrivals.to_screen("a") is None  # not all of it is here
        store.arrivals.add(found, [], indexed=0, whole=True)
        assert store.arrivals.unindexed() is None
        assert store.arrivals.to_screen("a").manifest == "m-1"


def test_screening_goes_on_where_it_stopped_and_begins_anew_by_another_mark(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store, "late", hours=5)
        one = add(store, "early", hours=1)
        one = store.arrivals.to_screen("a")
        assert (one.manifest, one.mark, one.done) == ("early", "a", -1)
        assert store.arrivals.to_ask("a") is None
        store.arrivals.keep(one, [Result(0, "clear", "", "[]"), Result(1, "hit", "", "[1]")], 1)
        assert store.arrivals.to_screen("a").done == 1
        store.arrivals.keep(one, [Result(2, "not_checked", "sex", "[]")], 2)
        assert store.arrivals.to_screen("a").manifest == "late"
        assert store.arrivals.counted("early").outcomes == {"clear": 1, "hit": 1, "not_checked": 1}
        assert store.arrivals.counted("late").outcomes == {"": 3}
        assert [one.place for one in store.arrivals.page("early", 10)] == [1, 2, 0]
        assert store.arrivals.found("early", 10) == [(1, "[1]", "")]
        asked = store.arrivals.to_ask("a")
        store.arrivals.keep_centre(asked, [Result(0, "hit", "", "[2]")], 2)
        assert store.arrivals.to_ask("a") is None
        assert store.arrivals.found("early", 10) == [(0, "[]", "[2]"), (1, "[1]", "")]
        again = store.arrivals.to_screen("b")
        assert (again.manifest, again.done) == ("early", -1)
        assert store.arrivals.own_and_centre("early", 0) == ("[]", "[2]", "")  # until it was screened again
        store.arrivals.keep(again, [Result(0, "clear", "", "[]")], 0)
        assert store.arrivals.own_and_centre("early", 0) == ("[]", "", "")


def test_what_was_never_screened_goes_first_and_people_before_goods(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store, "old", hours=1)
        store.arrivals.to_screen("a")
        store.arrivals.keep(store.arrivals.get("old"), [], 2)
        store.arrivals.tell("old", "told")
        store.manifests.put(manifest("goods", holds=CONSIGNMENT, digest="g"), ITEMS)
        store.arrivals.begin(arrival("goods", hours=0))
        store.arrivals.add(arrival("goods"), [Line(0, 0, -1, "C", "")], indexed=0, whole=True)
        add(store, "new", hours=9)
        order = []
        while (one := store.arrivals.to_screen("b")) is not None:
            order.append(one.manifest)
            store.arrivals.keep(one, [], one.people - 1)
            store.arrivals.tell(one.manifest, "told")
        assert order == ["new", "goods", "old"]


def test_lines_are_found_those_of_a_number_first(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store)
        assert [one.place for one in store.arrivals.find("m-1", ("n:2", "b:all"))] == [2, 0, 1]
        assert [one.place for one in store.arrivals.find("m-1", ("n:2", "b:all"), 1)] == [2]
        assert store.arrivals.find("m-2", ("n:2",)) == []
        assert store.arrivals.find("m-1", ("' OR 1 --",)) == []


def test_who_was_decided_on_has_appeared_and_nobody_else(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store)
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("e-1"))
        store.arrivals.match("e-1", [("m-1", 1)])
        assert store.arrivals.absent("m-1", 10) == [0, 1, 2]
        store.arrivals.match("e-1", [("m-1", 2)])  # read again
        store.journal.append(EventKind.DISPOSITION, decided_body("e-1", "let_pass"))
        assert store.arrivals.absent("m-1", 10) == [0, 1]
        assert store.arrivals.counted("m-1").appeared == 1
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("e-2"))
        store.arrivals.match("e-2", [("m-1", 0)])
        store.journal.append(EventKind.DISPOSITION, decided_body("e-2", "withdrawn"))
        assert store.arrivals.absent("m-1", 10) == [0, 1]
        store.journal.rebuild_projections()
        assert [one.place for one in store.arrivals.page("m-1", 10) if one.appeared] == [2]


def test_open_lists_those_at_the_lane_and_those_that_are_over(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store, "near", hours=1)
        add(store, "far", hours=100)
        soon = START + timedelta(hours=2)
        assert [one.manifest for one in store.arrivals.open_at(START, soon)] == ["near"]
        store.arrivals.stand("far")
        store.arrivals.stand("near")
        assert [one.manifest for one in store.arrivals.of_people(10) if one.here] == ["near"]
        assert store.arrivals.over(START + timedelta(hours=24)) == []
        assert [one.manifest for one in store.arrivals.over(START + timedelta(hours=25))] == ["near"]
        assert store.arrivals.close("near", soon, "o-1")
        assert not store.arrivals.close("near", soon, "o-2")
        closed = store.arrivals.get("near")
        assert (closed.closed_at, closed.closed_by, closed.here) == (soon, "o-1", False)
        assert store.arrivals.open_at(START, soon) == store.arrivals.over(START + timedelta(hours=25)) == []
        assert [one.manifest for one in store.arrivals.of_people(10)] == ["far", "near"]
        store.arrivals.stand("near")
        assert not store.arrivals.get("near").here
        assert store.arrivals.to_screen("a").manifest == "far"


def test_arrivals_go_with_their_manifests(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        add(store)
        store.arrivals.match("e-1", [("m-1", 1)])
        assert store.manifests.forget(START + timedelta(days=1)) == 1
        assert store.arrivals.get("m-1") is None
        for table in ("arrivals", "arrival_lines", "arrival_keys", "arrival_matches"):
            assert store._db.value(f"SELECT count(*) FROM {table}") == 0
