"""FFM of Cargo-IMP: the manifest of a flight."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message

FFM = """FFM/8
1/XL641/14MAR0910/SCL/CCBXL
LIM/NIL
UIO/14MAR1420
145-10203072SCLUIO/T2L10.0MC0.10/SAMPLES
/PER/EAT
DIM/K4.5/CMT10-10-10/2
ULD/AKE10234XL-M/KEEP COOL
145-10203046SCLUIO/S12K348.5MC2.10T40/VACCINES
/PIL/COL
/BOGXL12/15MAR
OSI/DO NOT STACK
/AT ALL
OCI/CL/SHP/T/1
COR/T1
145-10203050SCLGRU/P30K900.0T45/MACHINERY PARTS
BKO
145-10203061SCLUIO/T1K15.2
/LITHIUM BATTERY
/ELI
GRU/15MAR0100
ULD/PMC77881XL
145-10203083SCLGRU/D3K3.3/MAIL
CONT
"""


def test_a_manifest_is_read_by_place_and_uld():
    message = read_message(FFM.encode())
    rows = [
        (one.number[-3:], one.part, one.packages, one.total_packages, one.uld, one.extras["unloading"])
        for one in message.consignments
    ]
    assert rows == [
        ("072", "T", 2, 2, None, "UIO"),
        ("046", "S", 12, 40, "AKE10234XL", "UIO"),
        ("050", "P", 30, 45, "AKE10234XL", "UIO"),
        ("061", "T", 1, 1, None, "UIO"),
        ("083", "D", 3, None, "PMC77881XL", "GRU"),
    ]
    assert message.consignments[0].weight_kg == pytest.approx(4.5359237)
    assert message.consignments[0].handling == ("PER", "EAT")
    split = message.consignments[1]
    assert (split.handling, split.extras["onward"]) == (("PIL", "COL"), ["BOGXL12/15MAR"])
    assert (split.extras["remarks"], split.extras["customs_origin"]) == (["DO NOT STACK", "AT ALL"], "T1")
    assert message.consignments[3].goods[0].text == "LITHIUM BATTERY"
    assert [unit.number for unit in message.equipment] == ["AKE10234XL", "PMC77881XL"]
    assert message.faults == ()


def test_the_flight_is_told_once_with_its_date_and_places():
    plain = plain_message(read_message(FFM.encode()))
    assert (plain["from"], plain["to"], plain["flight_date"], plain["flights"]) == ("SCL", "UIO", "14MAR", ["XL641"])
    message = read_message(FFM.encode())
    assert (message.transport.id, message.extras["unloading"]) == ("CCBXL", ["LIM", "UIO", "GRU"])
    assert message.extras["complete"] is False


def test_a_second_part_of_the_manifest_goes_on_with_it():
    message = read_message((FFM + FFM.replace("1/XL641", "2/XL641").replace("CONT", "LAST")).encode())
    assert (len(message.consignments), message.flights, message.extras["complete"]) == (10, ("XL641",), True)


def test_a_bad_line_costs_itself_alone_and_is_named():
    text = FFM.replace("/P30K900.0T45/", "/P30X900/").replace("145-10203061SCLUIO", "145-102030SCLUIO")
    message = read_message(text.replace("ULD/PMC77881XL", "ULD/\nOSI/X").encode())
    assert [one.number[-3:] for one in message.consignments] == ["072", "046", "050", "083"]
    assert message.consignments[2].packages is None
    assert [(fault.code, fault.where, fault.tag) for fault in message.faults] == [
        ("bad_value", 16, "AWB"),
        ("not_read", 18, "AWB"),
        ("not_read", 19, ""),
        ("not_read", 20, ""),
        ("not_read", 22, "ULD"),
        ("not_read", 23, "OSI"),
    ]
    assert message.consignments[3].uld is None


def test_a_line_of_another_kind_is_no_place_and_ends_no_uld():
    text = FFM.replace("145-10203050SCLGRU", "SSR/KEEP COOL\n145-10203050SCLGRU").replace("GRU/15", "GRU/15MAR0100/15")
    message = read_message(text.encode())
    assert message.extras["unloading"] == ["LIM", "UIO", "GRU"]
    assert message.consignments[2].uld == "AKE10234XL"
    assert [(fault.code, fault.tag) for fault in message.faults] == [("not_read", "SSR")]
