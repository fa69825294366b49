"""BAPLIE, COPRAR, COARRI and IFTSTA: containers and where they stand, in the forms that lines and terminals send."""

from __future__ import annotations

from io import BytesIO

import pytest

from checkpoint_app.cargo import baplie
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import iter_segments

HEAD = "UNB+UNOA:2+A+B+260310:0910+1'UNH+1+{kind}:UN:SMDG22'BGM++M1+9'TDT+20+V1+++MSTL:172:20+++DLHV:103:ZZZ:MV MUSTER'"


def read(kind, *segments):
    """Read one message of these segments."""
    body = "'".join(segments) + "'"
    count = body.count("'") - body.count("?'") + 4
    return read_message(f"{HEAD.format(kind=kind)}{body}UNT+{count}+1'UNZ+1+1'".encode())


def rows(message):
    """Return number, slot, places, weight and fill of each container."""
    return [(one.number, one.slot, one.load, one.discharge, one.weight_kg, one.full) for one in message.equipment]


def test_a_slot_that_comes_first_opens_its_container():
    message = read(
        "BAPLIE:D:95B",
        "LOC+5+EGPSD:139:6",
        "LOC+147+0030586::5",
        "FTX+AAA+++TOYS",
        "MEA+WT++KGM:10000",
        "MEA+VGM++KGM:10250",
        "TMP+2+-18:CEL",
        "LOC+9+EGPSD:139:6",
        "LOC+11+ITSPE:139:6",
        "LOC+11+ITGOA:139:6",
        "LOC+83+AFQLT:139:6",
        "RFF+BM:1",
        "EQD+CN+TOLU 2566410++1++5",
        "NAD+CA+MSTL:172:20",
        "DGS+IMD+2.3+2198+045:CEL+1",
        "DGS+IMD+8+17+:CEL+1",
        "LOC+147+0030588::5",
        "MEA+WT++LBR:1000",
        "EQD+CN+MSKU2191175+22G1+++4",
        "LOC+147+0030590::5",
        "LOC+147+0030592::5",
        "EQD+BB",
    )
    assert rows(message) == [
        ("TOLU2566410", "0030586", "EGPSD", "ITSPE", 10000.0, True),
        ("MSKU2191175", "0030588", None, None, pytest.approx(453.59237), False),
        (None, "0030592", None, None, None, None),
    ]
    first = message.equipment[0]
    assert (first.verified_kg, first.check_digit_ok) == (10250.0, True)
    assert [(one.cls, one.un) for one in first.dangerous] == [("2.3", "2198"), ("8", "0017")]
    assert [one.kind for one in message.equipment] == ["CN", "CN", "BB"]
    assert message.consignments == ()
    assert message.faults == ()


def test_a_container_that_comes_first_has_the_slot_behind_it():
    message = read(
        "BAPLIE:D:15A",
        "LOC+61+NLRTM",
        "EQD+CN+NYKU1234567+42G1:102:5++5+2",
        "LOC+147+0200404",
        "MEA+AAE+G+KGM:26400",
        "EQD+CN+MSKU2191175+22G1:102:5++5+5",
        "LOC+147+0400204",
        "LOC+9+CLSAI",
        "CNT+16:2",
    )
    assert rows(message) == [
        ("NYKU1234567", "0200404", None, None, 26400.0, None),
        ("MSKU2191175", "0400204", "CLSAI", None, None, True),
    ]
    assert (message.declared, message.count_matches) == (2, True)


def test_the_newest_form_tells_all_behind_the_container():
    message = read(
        "BAPLIE:D:13B",
        "LOC+147+0140014:9711:5",
        "EQD+CN+CMAU7889682:6346:5+45G1:6346:5+++5",
        "NAD+CF+CMA:LINES:306",
        "MEA+AAE+VGM+KGM:29510",
        "LOC+9+PECLL",
        "LOC+11+CNSHA",
        "DGS+IMD+9::40-20+2216++3+",
        "ATT+26+PSN:DGATT:306+:::FISH MEAL",
        "MEA+AAE+AAA+KGM:25582.70",
        "EQD+CN+MSKU2191175:6346:5+22P1:6346:5+++4",
        "LOC+147+0140016:9711:5",
        "LOC+6+PECLL",
        "LOC+12+CNSHA",
        "EQD+CN+TGHU7759932+45R1+++5",
        "MEA+AAE+VGM+KGM:0",
    )
    assert rows(message) == [
        ("CMAU7889682", "0140014", "PECLL", "CNSHA", 29510.0, True),
        ("MSKU2191175", "0140014", None, None, None, False),
        ("TGHU7759932", "0140016", "PECLL", "CNSHA", None, True),
    ]
    assert [(one.cls, one.un) for one in message.equipment[0].dangerous] == [("9", "2216")]


def test_a_bay_plan_streams_what_it_reads():
    data = (HEAD.format(kind="BAPLIE:D:95B") + "LOC+147+1'EQD+CN+TOLU2566410'LOC+147+2'EQD+CN+MSKU2191175'").encode()
    found = list(baplie.stream(iter_segments(BytesIO(data))))
    assert tuple(found) == read_message(data).equipment
    assert [one.slot for one in found] == ["1", "2"]


@pytest.mark.parametrize("kind", ["COPRAR:D:95B", "COPRAR:D:00B", "COARRI:D:95B", "COARRI:D:00B"])
def test_an_order_or_report_lists_containers(kind):
    message = read(
        kind,
        "LOC+9+CLSAI:139:6",
        "NAD+CF+MSTL:160:20",
        "EQD+CN+MSKU2191175+22G1:102:5+2+2+5",
        "RFF+BM:BILL1",
        "LOC+147+0191006:139:5",
        "LOC+7+ECGYE",
        "LOC+11+ECGYE:139:6",
        "LOC+9+CLSAI:139:6",
        "MEA+AAE+G+KGM:23700",
        "FTX+AAA+++PLASTICS?:ARTICLES",
        "SEL+AFZ5046+SH+1",
        "SEL+AHB6615+CA+1",
        "TDT+10+B5V764+3+31",
        "LOC+9+OTHER",
        "NAD+CF+MSTL",
        "EQD+CN++45G1:102:5+++4",
        "CNT+16:3",
    )
    assert rows(message) == [
        ("MSKU2191175", "0191006", "CLSAI", "ECGYE", 23700.0, True),
        (None, None, None, None, None, False),
    ]
    assert message.equipment[0].seals == ("AFZ5046", "AHB6615")
    assert (message.declared, message.count_matches, message.consignments) == (3, False, ())
    assert (message.transport.voyage, message.transport.id, message.transport.name) == ("V1", "DLHV", "MV MUSTER")


def test_counts_of_several_messages_are_added():
    part = "UNH+{n}+COARRI:D:95B:UN'TDT+20+V1'EQD+CN+MSKU2191175+22G1+++5'CNT+16:1'UNT+5+{n}'"
    data = "UNB+UNOA:2+A+B+260310:0910+1'" + part.format(n=1) + part.format(n=2) + "UNZ+2+1'"
    message = read_message(data.encode())
    assert (len(message.equipment), message.declared, message.count_matches) == (2, 2, True)
    assert message.faults == ()


def test_a_status_is_a_consignment_with_its_bill_places_and_words():
    message = read(
        "IFTSTA:D:00B",
        "RFF+BM:BILL1",
        "CNI+1",
        "STS+1+P::HS:Departed",
        "LOC+175+USSYR",
        "TDT+1++2+25+MSTL:172",
        "LOC+9+COCTG:139",
        "LOC+11+USNYC:139",
        "LOC+11+USCHI:139",
        "EQD+CN+TRHU4561222+45G1:102:5+++5",
        "CNI+2+DOC2",
        "RFF+BM:BILL2",
        "LOC+147+USLAX",
    )
    first, second = message.consignments
    assert (first.number, first.load, first.discharge) == ("BILL1", "COCTG", "USNYC")
    assert first.extras["statuses"] == [{"code": "P", "text": "Departed"}]
    assert (second.number, second.equipment) == ("BILL2", ())
    assert rows(message) == [("TRHU4561222", None, None, None, None, True)]


def test_only_the_main_carriage_is_the_transport_of_a_status():
    data = b"UNB+UNOA:2+A+B+260310:0910+1'UNH+1+IFTSTA:D:00B:UN'TDT+1+Y+2'CNI+1'TDT+1+X'UNT+5+1'UNZ+1+1'"
    assert read_message(data).transport.voyage is None
