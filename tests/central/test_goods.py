"""Goods at all posts: counted by container, consignee and truck, each manifest once, and told to a booth alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from checkpoint_app.central import database, delivery, encounters, goods
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.api import GOODS
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.goods import MOST_CONTAINERS, GoodsAsked, GoodsCounted
from checkpoint_app.wire.plain import to_plain
from tests.central import chains
from tests.central.helpers import Clock, enrolled
from tests.central.line import served

NAMES = [f"00000000-0000-4000-8000-{number:012d}" for number in range(9)]
BOX, OTHER_BOX = "DMOU7183062", "DMOU3045120"
ASKED = GoodsAsked("demo-3", NAMES[8], "", (BOX,), "Comercial Muestra Ltda.", "PDM-0417")


def crossed(chain: chains.Chain, name: str, disposition: str = "release", **changes: Any) -> None:
    about = {"box": BOX, "consignee": "COMERCIAL MUESTRA LTDA", "plate": "pdm 0417", "manifest": "", **changes}
    read = {
        "consignment": {"parties": [{"role": "consignee", "name": about["consignee"]}]},
        "equipment": [{"number": about["box"]}],
        "transport": {"id": about["plate"], "mode": "3"},
        "manifest": about["manifest"],
    }
    body = {**chains.read_body(name, chains.zone()), "document": {}, "consignment": read}
    chain.add(EventKind.ENCOUNTER_READ, body)
    chain.add(EventKind.DISPOSITION, {**chains.disposition_body(name), "disposition": disposition, "direction": "in"})


def counted(centre: Centre, question: GoodsAsked = ASKED) -> GoodsCounted:
    with centre.begin() as connection:
        return goods.known(centre, connection, question).counted


@pytest.fixture
def chain(centre: Centre) -> chains.Chain:
    return chains.Chain.of(enrolled(centre, "demo-3"))


def test_containers_consignees_and_trucks_are_counted(centre: Centre, chain: chains.Chain) -> None:
    assert counted(centre) == GoodsCounted(0, 0, 0, imported=False, vehicle=0)
    crossed(chain, NAMES[0])
    crossed(chain, NAMES[1], consignee="Otra Muestra", manifest="m-1")
    crossed(chain, NAMES[2], consignee="Otra Muestra", manifest="m-1")
    crossed(chain, NAMES[3], "opened", box=OTHER_BOX, plate="OTRO1")
    crossed(chain, NAMES[4], "withdrawn")
    delivery.receive(centre, "demo-3", chain.batch())
    assert counted(centre) == GoodsCounted(2, 1, 2, imported=True, vehicle=2)
    assert counted(centre, replace(ASKED, manifest="m-1")).equipment == 1
    assert counted(centre, replace(ASKED, encounter_id=NAMES[0])).equipment == 1
    unknown = counted(centre, replace(ASKED, containers=(), consignee="To order", vehicle=""))
    assert unknown == GoodsCounted()


def test_what_was_a_quarter_ago_counts_no_more_but_for_imports(
    centre: Centre, chain: chains.Chain, clock: Clock
) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch())
    clock.move(days=92)
    assert counted(centre) == GoodsCounted(0, 0, 0, imported=True, vehicle=0)


def test_bodies_may_come_in_any_order_and_a_correction_counts(centre: Centre, chain: chains.Chain) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch(bare=(1,)))
    assert counted(centre).equipment == 0
    delivery.take_body(centre, "demo-3", chain.late(1))
    assert counted(centre).equipment == 1


def test_nothing_of_it_is_in_clear_and_an_older_database_gets_it_from_the_bodies(
    centre: Centre, chain: chains.Chain
) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch())
    before = counted(centre)
    with centre.begin() as connection:
        rows = connection.execute(select(database.goods_marks)).all()
        assert len(rows) == 3
        assert all(len(row.mark) == 64 for row in rows)
        assert not any(secret in str(rows) for secret in (BOX, "MUESTRA", "0417"))
        connection.execute(database.goods_marks.delete())
        encounters.project_crossings(centre, connection)
    assert counted(centre) == before


def test_a_body_of_another_form_is_nobody_s_goods(centre: Centre, chain: chains.Chain) -> None:
    body = {**chains.read_body(NAMES[0], chains.zone()), "consignment": {"equipment": 5, "consignment": []}}
    chain.add(EventKind.ENCOUNTER_READ, body)
    chain.add(EventKind.DISPOSITION, {**chains.disposition_body(NAMES[0]), "disposition": "release"})
    delivery.receive(centre, "demo-3", chain.batch())
    assert counted(centre).equipment == 0


def test_a_question_has_bounds() -> None:
    for beyond in ({"containers": (BOX,) * (MOST_CONTAINERS + 1)}, {"vehicle": "A" * 41}, {"consignee": "A" * 501}):
        with pytest.raises(ValueError, match="goods"):
            replace(ASKED, **beyond)  # type: ignore[arg-type]


def test_a_booth_asks_for_itself_alone(tmp_path: Path) -> None:
    with served(tmp_path, Clock()) as line:
        booth = line.confirmed("demo-3")

        def told(body: Any) -> requests.Response:
            data = body if isinstance(body, bytes) else canonical_bytes(to_plain(body))
            return line.ask("POST", GOODS, data, booth.token("POST", GOODS, data))

        assert (told(ASKED).status_code, told(ASKED).json()["counted"]["equipment"]) == (200, 0)
        assert told(replace(ASKED, booth="demo-4")).status_code == 403
        assert told(b"{}").status_code == 422
        assert line.ask("POST", GOODS, ASKED).status_code == 401
