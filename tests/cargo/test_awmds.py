"""The manifest of ASYCUDA World: bills, containers and totals, whole and as a stream."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo import awmds
from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.segments import STREAMED
from checkpoint_app.cargo.values import CargoMessage, Consignment, Dangerous, Equipment, MessageError, MessageFault
from tests.cargo.xml_messages import bill, manifest, unit


def test_bills_containers_and_parties():
    data = manifest(
        bill("B1", 100.5, 10, unit("CSQU 305438-3") + unit("MSKU2191172", "0/0", "")),
        bill("B2", 50, 5, nature="28", discharge="PEPAI"),
        totals=(2, 15, 2, "150.5"),
    )
    message = awmds.read(data)
    plain = plain_message(message)
    first, second = plain["consignments"]
    assert (plain["office"], plain["arrives"], plain["totals_match"]) == ("ECGYE", "2026-03-14", True)
    assert plain["transport"]["name"] == "MV MUSTER"
    assert (first["shipper"], first["consignee"], first["goods"]) == ("MUSTER SPA", "EJEMPLO & CIA", "SAWN TIMBER")
    assert first["equipment"] == ["CSQU3054383", "MSKU2191172"]
    assert (second["nature"], second["discharge"], second["weight_kg"]) == ("28", "PEPAI", 50)
    assert message.consignments[1].transshipments == ("ECGYE",)
    assert [(one.full, one.seals, one.seals_sent) for one in message.equipment] == [
        (True, ("S1",), True),
        (False, (), True),
    ]


@pytest.mark.parametrize(
    ("totals", "match"),
    [
        ((2, 20, 2, 200), True),
        ((2, 20, 1, 200), True),  # a container that is on both bills
        ((2, 20, 2, 200.002), True),
        ((3, 20, 2, 200), False),
        ((2, 21, 2, 200), False),
        ((2, 20, 3, 200), False),
        ((2, 20, 2, 201), False),
        ((2,), True),
        ((), None),
    ],
)
def test_totals_are_compared_with_what_was_found(totals, match):
    bills = [bill(name, 100, 10, unit("CSQU3054383")) for name in ("B1", "B2")]
    assert awmds.read(manifest(*bills, totals=totals)).extras["totals_match"] is match


def test_dangerous_goods_of_a_container():
    more = "<IMCO>8</IMCO><UN>1830</UN><Gross_weight>900</Gross_weight>"
    message = awmds.read(
        manifest(
            bill("B1", units=unit("CSQU3054383", more=more) + unit("MSKU2191172", more="<IMCO>0</IMCO><UN>0</UN>"))
        )
    )
    assert [one.dangerous for one in message.equipment] == [(Dangerous("8", "1830"),), ()]
    assert message.consignments[0].dangerous == (Dangerous("8", "1830"),)
    assert message.equipment[0].weight_kg == 900


@pytest.mark.parametrize(
    ("code", "full"),
    [
        ("FCL", True),
        ("LCL", True),
        ("EMP", False),
        ("ETY", False),
        ("MT", False),
        ("5", True),
        ("4", False),
        ("?", None),
    ],
)
def test_each_country_has_its_own_word_for_empty(code, full):
    assert awmds.read(manifest(bill("B1", units=unit("CSQU3054383", code)))).equipment[0].full is full


def test_a_number_that_is_none_and_a_segment_that_nobody_knows_are_named():
    data = manifest(bill("B1", "much", 10), "<Surprise_segment/>", bill("B2"))
    message = awmds.read(data)
    assert [fault.code for fault in message.faults] == ["bad_number", "not_read"]
    assert [one.number for one in message.consignments] == ["B1", "B2"]
    assert message.consignments[0].weight_kg is None


def test_a_stream_gives_the_bills_before_the_place_where_it_is_broken():
    data = manifest(bill("B1", units=unit("CSQU3054383")), bill("B2"), bill("B3"))
    cut = data[: data.index(b"B3")]
    got: list[object] = []
    with pytest.raises(MessageError):
        got.extend(awmds.stream(BytesIO(cut), STREAMED))
    assert [one.number for one in got if isinstance(one, Consignment)] == ["B1", "B2"]


BILLS = st.lists(
    st.tuples(st.floats(0, 1e6).map(lambda mass: round(mass, 2)), st.integers(0, 999), st.integers(0, 3)), max_size=5
)


@given(BILLS)
def test_whole_and_streamed_are_the_same_and_right_totals_match(bills):
    made = [
        bill(f"B{n}", mass, packages, "".join(unit(f"CSQU{n:03d}{m:03d}0") for m in range(units)))
        for n, (mass, packages, units) in enumerate(bills)
    ]
    mass = sum(round(one[0] * 1000) for one in bills) / 1000
    data = manifest(*made, totals=(len(bills), sum(one[1] for one in bills), sum(one[2] for one in bills), mass))
    message = awmds.read(data)
    parts = list(awmds.stream(BytesIO(data), STREAMED))
    assert [one for one in parts if isinstance(one, Consignment)] == list(message.consignments)
    assert [one for one in parts if isinstance(one, Equipment)] == list(message.equipment)
    assert not [one for one in parts if isinstance(one, MessageFault)]
    assert parts[-1] == replace(message, consignments=(), equipment=())
    assert isinstance(parts[-1], CargoMessage)
    assert message.extras["totals_match"] is True
