"""Waybills and declarations in XML: fields by their names, wherever they stand; what can't be read is named."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo import asycuda, wco_dec, xfwb
from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import CargoMessage, Dangerous, Equipment, MessageError, MessageFault, Party
from checkpoint_app.cargo.xml_fields import day_of, decimal_of, un_number
from tests.cargo.truths import differences, folder, truth_of
from tests.cargo.xml_messages import ASYCUDA, DECLARATION, HOUSE_WAYBILL, WAYBILL, bill, manifest

XML = [
    "hmrc_TT_EX001a.xml",
    "hmrc_TT_EX002a.xml",
    "hmrc_TT_EX004a.xml",
    "hmrc_TT_IM001d.xml",
    "riege_888-11111111_XFWB.xml",
    "riege_888-11111111_XFWB_ACAS_US.xml",
    "riege_SEL22222222_XFZB.xml",
    "syn_awmds_manifest.xml",
    "willy_asycuda_CBJ250.xml",
]


def line_of(message: str, text: str) -> int:
    return 1 + message[: message.index(text)].count("\n")


@pytest.mark.data
@pytest.mark.parametrize("name", XML)
def test_every_field_of_the_truth_is_read(name):
    path = folder("cargo") / name
    truth = truth_of(path)
    if truth.get("error"):
        with pytest.raises(MessageError) as caught:
            read_message(path.read_bytes())
        assert caught.value.where["line"] == 72
        return
    message = read_message(path.read_bytes())
    assert isinstance(message, CargoMessage)
    assert list(differences(truth, plain_message(message))) == []
    assert message.faults == ()


@pytest.mark.data
@pytest.mark.parametrize("name", [name for name in XML if "EX002" not in name])
def test_a_message_cut_anywhere_is_one_error(name):
    data = (folder("cargo") / name).read_bytes().rstrip()
    for end in range(0, len(data), 97):
        with pytest.raises(MessageError):
            read_message(data[:end])


def test_a_waybill_with_several_lines_flights_and_unit_loads():
    message = xfwb.read(WAYBILL.encode())
    one = message.consignments[0]
    assert (message.kind, message.version, message.flights) == ("XFWB", "3.00", ("XL100", "XL101"))
    assert message.transport.arrives == "2026-03-12T05:30"
    assert (one.number, one.load, one.discharge, one.transshipments) == ("145-99887766", "CGN", "UIO", ("BOG",))
    assert (one.packages, one.weight_kg, one.value, one.currency) == (7, 453.59237, 1500.5, "USD")
    assert one.party("shipper") == Party("shipper", "MUSTER EXPORT GMBH", "DE", "KOELN", "4922100", "ACC1")
    assert one.handling == ("PIL", "COL")
    assert [line.hs for line in one.goods] == [("300241", "382219"), ()]
    assert one.goods[0].origin_country == "DE"
    assert [unit.number for unit in message.equipment] == ["PMC1337XX", "AKE10234XL"]
    assert (one.equipment, one.uld) == (("PMC1337XX", "AKE10234XL"), None)
    assert message.faults == (MessageFault("bad_number", line_of(WAYBILL, ">two<"), "piecequantity"),)
    plain = plain_message(message)
    assert plain["consignments"][0]["goods"] == "VACCINES REAGENTS"
    assert plain["consignments"][0]["hs"] == ["300241", "382219"]
    assert plain["equipment"][0] == {"kind": "ULD", "number": "PMC1337XX"}


def test_a_unit_load_whose_number_is_sent_whole_stays_so():
    whole = WAYBILL.replace("<ram:ID>1337</ram:ID>", "<ram:ID>PMC1337XX</ram:ID>")
    assert xfwb.read(whole.encode()).equipment[0].number == "PMC1337XX"


def test_every_house_of_a_house_waybill_is_read():
    message = xfwb.read(HOUSE_WAYBILL.encode())
    assert [(one.number, one.master, one.packages) for one in message.consignments] == [
        ("H-1", "145-99887766", 6),
        ("H-2", "145-99887766", 4),
    ]
    assert message.extras["master"]["weight_kg"] == 100.5
    assert plain_message(message)["consignments"][1]["goods"] == "CABLES"


def test_a_declaration_with_several_items_containers_and_seals():
    message = wco_dec.read(DECLARATION.encode())
    plain, one = plain_message(message), message.consignments[0]
    assert (plain["declaration_type"], plain["reference"], plain["items"], plain["packages"]) == ("IMD", "LRN-1", 2, 12)
    assert plain["goods"] == ["Brake pads", "Gaskets"]
    assert plain["hs"] == ["87083091"]
    assert plain["equipment"] == [
        {"number": "CSQU3054383", "check_digit_ok": True, "seals": ["S-1", "S-2"]},
        {"number": "MSKU2191172", "check_digit_ok": False, "seals": []},
    ]
    assert plain["consignee"] is None
    assert [line.packages for line in one.goods] == [10, 2]
    assert [line.origin_country for line in one.goods] == ["CN", "CN"]
    assert (one.origin_country, one.destination_country, one.load) == ("CN", "GB", "CNSHA")
    assert (one.weight_kg, one.value, one.currency) == (120.5, 900.0, "USD")
    assert one.dangerous == (Dangerous(None, "1993"),)
    assert one.party("exporter") == Party("exporter", "MUSTER LTD", "CN")
    assert message.faults == (MessageFault("bad_number", line_of(DECLARATION, ">heavy<"), "grossmassmeasure"),)
    assert message.count_matches is True


def test_a_declaration_without_metadata_is_read_and_a_wrong_count_is_told():
    bare = DECLARATION[DECLARATION.index("<Declaration") : DECLARATION.index("</md:MetaData>")]
    message = wco_dec.read(bare.replace("<GoodsItemQuantity>2", "<GoodsItemQuantity>3").encode())
    assert (message.declared, message.count_matches) == (3, False)


def test_the_exported_document_of_a_country_that_writes_null():
    message = asycuda.read(ASYCUDA.format(date="3/14/26", weight="510.25").encode())
    plain, one = plain_message(message), message.consignments[0]
    assert (plain["office"], plain["registration"], plain["registered"]) == ("ECGYE", "L 77", "2026-03-14")
    assert (plain["exporter"], plain["consignee"], plain["manifest"]) == ("MUSTER GMBH HAUPTSTRASSE 1", None, "CAE2026")
    assert (plain["items"], plain["packages"], plain["weight_kg"], plain["load"]) == (1, 20, 510.25, "DEHAM")
    assert (one.goods[0].text, one.goods[0].hs, one.goods[0].weight_kg) == ("BALL VALVES", ("84818010000",), 500.5)
    assert message.equipment == (Equipment("CSQU3054383", type="22G1", full=True),)
    assert one.party("consignee") == Party("consignee", id="099")
    assert message.faults == ()


@pytest.mark.parametrize(("date", "code"), [("30/30/26", "bad_date"), ("soon", "bad_date")])
def test_a_date_or_weight_that_is_none_is_named_and_the_rest_is_kept(date, code):
    message = asycuda.read(ASYCUDA.format(date=date, weight="-5").encode())
    assert [(fault.code, fault.tag) for fault in message.faults] == [("bad_number", "gross_weight"), (code, "date")]
    assert message.consignments[0].weight_kg == 500.5
    assert message.extras["registration"] == "L 77"


def test_a_sum_of_which_a_part_cannot_be_read_is_not_known():
    damaged = DECLARATION.replace("<QuantityQuantity>6<", "<QuantityQuantity>six<")
    one = wco_dec.read(damaged.encode()).consignments[0]
    assert [line.packages for line in one.goods] == [None, 2]
    assert one.packages == 12


@pytest.mark.parametrize("reader", [xfwb, wco_dec, asycuda])
def test_another_message_is_refused_and_a_larger_one_too(reader):
    with pytest.raises(MessageError):
        reader.read(manifest(bill("B1")))
    with pytest.raises(MessageError) as caught:
        reader.read(WAYBILL.encode(), Limits(bytes=100, segments=10))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("data", [WAYBILL, HOUSE_WAYBILL, DECLARATION, ASYCUDA.format(date="3/1/26", weight="1")])
def test_cut_at_every_byte_each_is_one_error(data):
    raw = data.strip().encode()
    for end in range(len(raw)):
        with pytest.raises(MessageError):
            read_message(raw[:end])


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), ("1,5", 1.5), (".5", 0.5), ("12", 12.0), ("1.0E3", 1000.0), ("1.234,5", None), ("NaN", None),
     ("inf", None), ("", None), ("1 kg", None), ("9" * 16, None), ("٣", None)],
)  # fmt: skip
def test_numbers_have_a_point_or_a_comma_and_no_thousands(text, number):
    assert decimal_of(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [("11/19/25", "2025-11-19"), ("19/11/2025", "2025-11-19"), ("2026-03-14", "2026-03-14"), ("2026-02-30", None),
     ("2026-03-14T10:00:00", "2026-03-14"), ("11/19/25 10:00 AM", "2025-11-19"), ("0/1/25", None),
     ("0000-01-01", None)],
)  # fmt: skip
def test_days_are_iso_or_month_first(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "number"), [("UN 1830", "1830"), ("4", "0004"), ("0", None), ("12345", None), (None, None)]
)
def test_un_numbers_have_four_digits(text, number):
    assert un_number(text) == number
