"""Fields of a consignment: what the message says is there, what it leaves out is absent, half a list is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo.values import CargoMessage, Consignment, Dangerous, Equipment, Goods, Party, Transport
from checkpoint_app.risk.catalogue import catalogue
from checkpoint_app.risk.fields import Seen, consignment_fields
from checkpoint_app.verdict import Finding, Mode

BANANAS = Goods("Banano fresco", ("080390",), 520, 19_200.0, 9_000.0, "USD", "EC")
BOXES = Goods("Cajas de cartón", ("481910",), 24, 1_400.0, 1_000.0, "USD", "EC")
GOOD, BAD = Equipment("CSQU3054383", full=True, seals=("SL-1",), seals_sent=True), Equipment("CSQU3054384")
BILL = Consignment(
    number="DEMO26004417",
    load="ECGYE",
    discharge="CLVAP",
    packages=544,
    weight_kg=20_600.0,
    goods=(BANANAS, BOXES),
    parties=(Party("shipper", "Frutas Ejemplo", "EC"), Party("consignee", "Comercial Muestra", "CL")),
    equipment=("CSQU3054383",),
)
MESSAGE = CargoMessage("CUSCAR", transport=Transport(mode="1"), consignments=(BILL,), equipment=(GOOD,))


def fields(consignment: Consignment = BILL, message: CargoMessage = MESSAGE, **more: object) -> dict[str, object]:
    return consignment_fields(message, consignment, **more)  # type: ignore[arg-type]


def test_a_whole_consignment() -> None:
    assert fields() == {
        "cargo.mode": "sea",
        "cargo.hs": ["080390", "481910"],
        "cargo.goods": "Banano fresco Cajas de cartón",
        "cargo.packages": 544,
        "cargo.weight_kg": 20_600.0,
        "cargo.declared_value_usd": 10_000.0,
        "cargo.load": "ECGYE",
        "cargo.discharge": "CLVAP",
        "cargo.origin_country": "ECU",
        "cargo.to_order": False,
        "shipper.name": "Frutas Ejemplo",
        "shipper.country": "ECU",
        "consignee.name": "Comercial Muestra",
        "consignee.country": "CHL",
        "equipment.numbers": ["CSQU3054383"],
        "equipment.bad_check_digits": 0,
        "equipment.seals_missing": 0,
        "equipment.full": True,
        "dg.declared": False,
        "dg.un_numbers": [],
        "dg.classes": [],
        "cargo.value_per_kg": 10_000.0 / 20_600.0,
    }


def test_nothing_sent_is_nothing_known() -> None:
    assert consignment_fields(CargoMessage("FWB"), Consignment()) == {"cargo.mode": "air"}
    assert consignment_fields(CargoMessage("AWMDS"), Consignment(), mode=Mode.LAND) == {"cargo.mode": "land"}


def test_half_a_list_is_none() -> None:
    found = fields(replace(BILL, goods=(BANANAS, Goods("Caja", ()))))
    assert "cargo.hs" not in found
    assert found["cargo.goods"] == "Banano fresco Caja"
    assert "cargo.declared_value_usd" not in found
    assert "cargo.origin_country" not in found


def test_weights_and_packages_of_lines_are_added_where_the_whole_is_not_told() -> None:
    found = fields(replace(BILL, packages=None, weight_kg=None))
    assert (found["cargo.packages"], found["cargo.weight_kg"]) == (544, 20_600.0)
    unknown = fields(replace(BILL, packages=None, goods=(BANANAS, replace(BOXES, packages=None))))
    assert "cargo.packages" not in unknown


@pytest.mark.parametrize(("currency", "known"), [("USD", True), ("EUR", False), (None, False)])
def test_a_value_in_another_money_is_none_in_dollars(currency: str | None, known: bool) -> None:
    found = fields(replace(BILL, value=5.0, currency=currency))
    assert ("cargo.declared_value_usd" in found) is known


def test_to_order_names_nobody() -> None:
    found = fields(replace(BILL, parties=(Party("consignee", "TO ORDER OF BANK", "CL"),)))
    assert found["cargo.to_order"] is True
    assert not {"consignee.name", "consignee.country", "shipper.name"} & found.keys()
    assert "cargo.to_order" not in fields(replace(BILL, parties=()))


def test_a_wrong_digit_is_counted_and_a_number_without_one_is_not() -> None:
    bill = replace(BILL, equipment=("CSQU3054384", "CSQU 3054383", "PMC1337XX"))
    assert fields(bill)["equipment.bad_check_digits"] == 1
    assert fields(bill)["equipment.numbers"] == ["CSQU3054384", "CSQU3054383", "PMC1337XX"]


@pytest.mark.parametrize(
    ("one", "missing"),
    [
        (Equipment("A1", full=True, seals_sent=True), 1),
        (Equipment("A1", full=True, seals_sent=True, seals=("S",)), 0),
        (Equipment("A1", full=False, seals_sent=False), 0),
        (Equipment("A1", full=True, seals_sent=False), None),
        (Equipment("A1", full=None, seals_sent=True), None),
    ],
)
def test_seals_are_missing_only_where_the_message_speaks_of_them(one: Equipment, missing: int | None) -> None:
    found = fields(replace(BILL, equipment=("A1",)), replace(MESSAGE, equipment=(one,)))
    assert found.get("equipment.seals_missing") == missing


def test_dangerous_goods_are_declared_wherever_they_stand() -> None:
    acid = Dangerous("8", "1830")
    for bill in (replace(BILL, dangerous=(acid,)), replace(BILL, goods=(replace(BANANAS, dangerous=(acid,)),))):
        found = fields(bill)
        assert (found["dg.declared"], found["dg.un_numbers"], found["dg.classes"]) == (True, ["1830"], ["8"])
    half = fields(replace(BILL, dangerous=(acid, Dangerous("3"))))
    assert "dg.un_numbers" not in half
    assert half["dg.classes"] == ["8", "3"]


def test_a_kind_without_a_place_for_dangerous_goods_says_nothing_of_them() -> None:
    assert not {"dg.declared", "dg.un_numbers", "dg.classes"} & fields(message=replace(MESSAGE, kind="FHL")).keys()


def test_what_was_weighed_stands_against_what_was_declared() -> None:
    assert fields(seen=Seen(23_072.0))["weigh.delta_pct"] == pytest.approx(12.0)
    vgm = replace(GOOD, weight_kg=20_000.0, verified_kg=19_000.0)
    assert fields(message=replace(MESSAGE, equipment=(vgm,)))["weigh.delta_pct"] == pytest.approx(-5.0)
    assert "weigh.delta_pct" not in fields(replace(BILL, weight_kg=0.0), seen=Seen(5.0))


@pytest.mark.parametrize(
    ("seals", "differ"),
    [({"CSQU3054383": ("sl-1",)}, 0), ({"CSQU3054383": ("SL-2",)}, 1), ({"CSQU3054383": ()}, 1), ({}, None)],
)
def test_seals_differ_only_where_somebody_looked(seals: dict[str, tuple[str, ...]], differ: int | None) -> None:
    assert fields(seen=Seen(seals=seals)).get("seals.differ") == differ


def test_what_was_found_is_true_and_what_was_looked_for_in_vain_false() -> None:
    names = ("cargo.undeclared_un", "cargo.chapter_differs", "cargo.off_rotation", "cargo.houses_match")
    assert not set(names) & fields().keys()
    looked = fields(findings=())
    assert [looked.get(name) for name in names] == [False, False, None, None]
    codes = ("message.undeclared_un", "message.goods_code", "message.off_rotation", "message.house_weight")
    found = fields(findings=[Finding(code) for code in codes])
    assert [found.get(name) for name in names] == [True, True, True, False]
    route = replace(MESSAGE, transport=Transport(mode="1", rotation=("ECGYE", "CLVAP")))
    assert fields(message=route, findings=())["cargo.off_rotation"] is False
    assert "cargo.off_rotation" not in fields(replace(BILL, transshipments=("PAONX",)), route, findings=())


def test_houses_match_where_all_are_there() -> None:
    message = CargoMessage("FHL", consignments=(BILL, BILL), extras={"master": {"pieces": 1088}})
    assert fields(message=message, findings=())["cargo.houses_match"] is True
    alone = replace(message, consignments=(BILL,))
    assert "cargo.houses_match" not in fields(message=alone, findings=())


def test_the_way_and_the_counts_are_told() -> None:
    truck = replace(MESSAGE, transport=Transport(mode="3", id="PDM-0417"), count_matches=False)
    found = fields(message=truck)
    assert (found["cargo.mode"], found["vehicle.plate"], found["cargo.transport_id"]) == (
        "land",
        "PDM-0417",
        "PDM-0417",
    )
    assert found["cargo.counts_match"] is False


def test_history_comes_as_given() -> None:
    found = fields(history={"hist.finds": 2, "shipper.known": False, "cargo.mode": "air"})
    assert (found["hist.finds"], found["shipper.known"], found["cargo.mode"]) == (2, False, "sea")


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # readers let no others through
texts = st.one_of(st.none(), st.text(LETTERS, max_size=10))
numbers = st.one_of(st.none(), st.floats(0, 1e6))
danger = st.lists(st.builds(Dangerous, texts, texts), max_size=2).map(tuple)
goods = st.builds(
    Goods,
    texts,
    st.lists(st.text(LETTERS, max_size=6), max_size=2).map(tuple),
    st.none(),
    numbers,
    numbers,
    texts,
    texts,
    danger,
)
boxes = st.builds(
    Equipment, texts, full=st.one_of(st.none(), st.booleans()), weight_kg=numbers, verified_kg=numbers, dangerous=danger
)
bills = st.builds(
    Consignment,
    load=texts,
    weight_kg=numbers,
    goods=st.lists(goods, max_size=3).map(tuple),
    parties=st.lists(st.builds(Party, st.sampled_from(["shipper", "consignee"]), texts, texts), max_size=2).map(tuple),
    equipment=st.lists(st.text(LETTERS, max_size=8), max_size=2).map(tuple),
    value=numbers,
    currency=texts,
)
messages = st.builds(
    CargoMessage,
    st.sampled_from(["CUSCAR", "FWB", "XFWB", "WCO-DEC", "BAPLIE"]),
    transport=st.builds(Transport, mode=texts),
    equipment=st.lists(boxes, max_size=2).map(tuple),
)


@given(messages, bills, st.builds(Seen, numbers))
def test_no_message_is_too_odd(message: CargoMessage, bill: Consignment, seen: Seen) -> None:
    found = consignment_fields(message, bill, seen=seen, findings=())
    known = catalogue("consignment/2")
    assert known is not None
    assert known.usable(found) == found
