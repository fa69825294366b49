"""FWB and FHL of Cargo-IMP: waybills, parties in both forms, goods, house waybills, and what is wrong in them."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.cargo_imp import quota, waybill
from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import MessageError

FWB = """FWB/17
020-12345675FRAJFK/T6L500.0MC1.03
FLT/XL8160/15/XL8162/160
RTG/LHRXL/JFKYY
SHP/ACCOUNT99
NAM/MUSTER WERKZEUGE GMBH
/ABTEILUNG EXPORT
ADR/HAFENSTRASSE 1/HALLE 2
LOC/HAMBURG/HH
/DE/20457/TE/4940123456/FX/4940123457
CNE
NAM/EJEMPLO IMPORT LLC
ADR/1 SAMPLE ROAD
LOC/NEW YORK/NY
/US/10001
NFY/EJEMPLO BROKERS
/2 SAMPLE ROAD
/NEW YORK
/US
AGT//1234567/1010
/MUSTER SPEDITION
/FRANKFURT
ACC/GEN/INVOICE 4711
CVD/EUR//PP/NVD/2500.50/XXX
RTD/1/P6/K226/CQ/W319.5/R15.33/T4897.94
/NC/CONSOLIDATION AS PER
/2/NC/ATTACHED LIST
/3/ND//CMT108-41-53/1
/4/NH/8207.30
/5/NV/MC1.03
/6/NS/39
/7/NO/DE
/8/NU/AKE12345XL
OTH/P/MYC12.00
SPH/EAP/SPX
OCI/DE/SHP/T/DE1234567
//AGT/CP/X
/US/CNE/CP/Y
/US//CT/12125550100
COR/T1
ISU/15MAR26/FRA/MUSTER
"""

FHL = """QD UIOCCXL
.SCLFMXL 141310
FHL/4
MBI/020-12345675FRAJFK/T6K226.0
HBS/H1/FRAJFK/2/K100.0//MACHINE TOOLS
/ELI/HEA
TXT/MACHINE TOOLS AND
/PARTS OF THEM
HTS/820730/8207.40.10
OCI/DE/SHP/T/DE1234567
SHP/MUSTER WERKZEUGE GMBH
/HAFENSTRASSE 1
/HAMBURG
/DE/20457/TE/4940123456
CNE
NAM/EJEMPLO IMPORT LLC
ADR/1 SAMPLE ROAD
LOC/NEW YORK
/US/10001
CVD/EUR/PP/NVD/1000/XXX
HBS/H2/FRAJFK/4/L277.78/12/SAMPLES
"""


def read(text, **changes):
    """Read a text with lines replaced."""
    for old, new in changes.items():
        text = text.replace(old, new)
    return read_message(text.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T12K348.5MC2.10", ("T", 12, 348.5, 12)),
        ("P30K900.0T45", ("P", 30, 900.0, 45)),
        ("P30K900.0MC1.5DG2T45", ("P", 30, 900.0, 45)),
        ("S1L100", ("S", 1, 45.359237, None)),
        ("D2K10CF3.5", ("D", 2, 10.0, None)),
        ("T7", ("T", 7, None, 7)),
    ],
)
def test_a_quota_tells_part_pieces_and_kilograms(text, expected):
    read_much = quota(text)
    assert (read_much.part, read_much.pieces, read_much.weight_kg, read_much.total) == expected


@pytest.mark.parametrize("text", ["", "12K3", "TK3", "T12K", "T12X5", "T1K1e5", "T٣K3"])
def test_what_is_no_quota_is_none(text):
    assert quota(text) is None


@pytest.mark.parametrize("text", ["145-10203046SCLUIO/x", "14510203046SCLUIO/x", "145-10203046 SCLUIO x"])
def test_a_waybill_is_three_and_eight_digits(text):
    bill, rest = waybill(text)
    assert (bill.number, bill.origin, bill.destination, rest) == ("145-10203046", "SCL", "UIO", "x")


def test_a_waybill_of_the_newer_form_is_read_whole():
    message = read(FWB)
    one = message.consignments[0]
    assert (message.kind, message.version, message.flights) == ("FWB", "17", ("XL8160", "XL8162"))
    assert message.transport.rotation == ("LHR", "JFK")
    assert (one.number, one.load, one.discharge, one.packages) == ("020-12345675", "FRA", "JFK", 6)
    assert one.weight_kg == pytest.approx(226.796185)
    shipper, consignee, notify, agent = one.parties
    assert (shipper.name, shipper.country, shipper.city) == ("MUSTER WERKZEUGE GMBH ABTEILUNG EXPORT", "DE", "HAMBURG")
    assert (shipper.phone, shipper.id) == ("4940123456", "ACCOUNT99")
    assert (consignee.name, consignee.country, consignee.phone) == ("EJEMPLO IMPORT LLC", "US", "12125550100")
    assert (notify.role, notify.name, notify.city, notify.country) == (
        "notify",
        "EJEMPLO BROKERS",
        "NEW YORK",
        "US",
    )
    assert (agent.role, agent.name, agent.city, agent.id) == ("agent", "MUSTER SPEDITION", "FRANKFURT", "1234567")
    assert (one.value, one.currency, one.origin_country) == (2500.5, "EUR", "DE")
    assert one.extras["goods_lines"] == ["CONSOLIDATION AS PER", "ATTACHED LIST"]
    assert one.extras["slac"] == 39
    assert one.extras["customs_origin"] == "T1"
    assert one.goods[0].hs == ("820730",)
    assert one.handling == ("EAP", "SPX")
    assert [(unit.kind, unit.number) for unit in message.equipment] == [("ULD", "AKE12345XL")]
    assert message.faults == ()


@pytest.mark.parametrize(
    ("lines", "name", "city", "account"),
    [
        ("SHP\n/MUSTER A\n/WEG 1\n/BONN\n/DE/53113", "MUSTER A", "BONN", None),
        ("SHP/MUSTER A\n/WEG 1\n/BONN\n/DE", "MUSTER A", "BONN", None),
        ("SHP/1234567\n/MUSTER A\n/WEG 1\n/BONN/NW\n/DE//TE/49", "MUSTER A", "BONN", "1234567"),
        ("SHP/MUSTER A\n/DE", "MUSTER A", None, None),
        ("SHP\n/MUSTER A", "MUSTER A", None, None),
    ],
)
def test_a_party_of_the_older_form_is_read_by_position(lines, name, city, account):
    one = read(f"FWB/16\n020-12345675FRAJFK/T1K1\n{lines}\n").consignments[0]
    party = one.party("shipper")
    assert (party.name, party.city, party.id) == (name, city, account)
    assert party.country == (None if "/DE" not in lines else "DE")


def test_a_house_waybill_is_a_consignment_and_the_master_stands_apart():
    message = read(FHL)
    first, second = message.consignments
    assert message.extras["master"] == {
        "number": "020-12345675",
        "origin": "FRA",
        "destination": "JFK",
        "pieces": 6,
        "weight_kg": 226.0,
    }
    assert (first.number, first.master, first.packages, first.weight_kg) == ("H1", "020-12345675", 2, 100.0)
    assert first.goods[0].text == "MACHINE TOOLS AND PARTS OF THEM"
    assert first.goods[0].hs == ("820730", "82074010")
    assert first.handling == ("ELI", "HEA")
    assert (first.party("shipper").id, first.party("consignee").city) == ("DE1234567", "NEW YORK")
    assert (first.value, first.currency) == (1000.0, "EUR")
    assert (second.number, second.packages, second.extras["slac"]) == ("H2", 4, 12)
    assert second.weight_kg == pytest.approx(277.78 * 0.45359237)
    assert second.goods[0].text == "SAMPLES"
    assert message.faults == ()
    assert plain_message(message)["master"]["pieces"] == 6


def test_a_house_without_slac_keeps_its_text():
    message = read_message(b"FHL/4\nMBI/020-12345675FRAJFK/T1K1\nHBS/H1/FRAJFK/1/K1/TOYS\n")
    assert message.consignments[0].goods[0].text == "TOYS"


def test_a_bad_line_costs_itself_alone_and_is_named():
    message = read(FHL, **{"HBS/H2/FRAJFK/4/L277.78": "HBS/H2/FRA/X/277"})
    assert [one.number for one in message.consignments] == ["H1", "H2"]
    assert message.consignments[1].packages is None
    assert [(fault.code, fault.tag) for fault in message.faults] == [("bad_value", "HBS")]
    message = read(FHL, **{"HBS/H2/FRAJFK/4/L277.78/12/SAMPLES": "HBS//"})
    assert [(fault.code, fault.where, fault.tag) for fault in message.faults] == [("bad_value", 21, "HBS")]
    assert [one.number for one in message.consignments] == ["H1", None]
    message = read(FHL, **{"HBS/H1": "TXT/NOBODY\n/AT ALL\nHBS/H1"})
    assert [(fault.code, fault.where, fault.tag) for fault in message.faults] == [
        ("not_read", 5, "TXT"),
        ("not_read", 6, ""),
    ]
    message = read(FWB, **{"RTG/LHRXL/JFKYY": "RTG/LH/JFKYY", "ACC/GEN/INVOICE 4711": "XYZ/1"})
    assert [(fault.code, fault.tag) for fault in message.faults] == [("bad_value", "RTG"), ("not_read", "XYZ")]
    assert message.consignments[0].goods[0].text == "CONSOLIDATION AS PER ATTACHED LIST"


def test_several_waybills_in_one_file_are_several_consignments():
    message = read(FWB + FWB.replace("020-12345675", "020-12345686"))
    assert [one.number for one in message.consignments] == ["020-12345675", "020-12345686"]
    assert message.consignments[1].party("consignee").name == "EJEMPLO IMPORT LLC"


@pytest.mark.parametrize("text", ["FWB/16\n", "FHL/4\nTXT/A\n", "FFM/8\nOSI/A\n"])
def test_a_message_with_nothing_in_it_is_refused(text):
    with pytest.raises(MessageError) as caught:
        read_message(text.encode())
    assert caught.value.code == "nothing_read"


def test_more_lines_or_bytes_than_the_limits_allow_are_refused():
    for limits, code in ((Limits(10, 99), "too_large"), (Limits(9999, 3), "too_many_segments")):
        with pytest.raises(MessageError) as caught:
            read_message(FWB.encode(), limits)
        assert caught.value.code == code


OLD = """FWB/9
145-10203046SCLUIO/T12K100
RTD/1/P8/K60/CQ/W60/R4.10/T246.00
/VACCINES FOR
/2/HUMAN USE
/3/P4/K40/CQ/W40/R4.10/T164.00
/K9 FOOD
"""


def test_goods_of_the_oldest_form_stand_under_their_rate() -> None:
    goods = plain_message(read_message(OLD.encode()))["consignments"][0]["goods_lines"]
    assert goods == ["VACCINES FOR", "HUMAN USE", "K9 FOOD"]


def test_codes_and_measures_go_on_in_the_next_line() -> None:
    detail = "/NG/SHOES\n/2/NH/640399\n/640419\n/3/ND//CMT1-1-1/1\n/CMT2-2-2/1\n"
    text = f"FWB/16\n145-10203046SCLUIO/T2K1\nRTD/1/P2/K1/CM/W1/R1/T1\n{detail}"
    one = plain_message(read_message(text.encode()))["consignments"][0]
    assert (one["hs"], one["goods_lines"]) == (["640399", "640419"], ["SHOES"])
