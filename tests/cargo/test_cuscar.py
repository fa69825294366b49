"""CUSCAR: consignments, goods, parties, equipment; what other lines send; and what is wrong in it."""

from __future__ import annotations

import tracemalloc
from io import BytesIO, RawIOBase

import pytest

from checkpoint_app.cargo import cuscar, edifact_walk
from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import iter_segments
from checkpoint_app.cargo.values import Consignment, Equipment

HEAD = """UNB+UNOA:2+MUSTER:ZZ+EJEMPLO:ZZ+260310:0910+1'
UNH+1+CUSCAR:D:95B:UN'
BGM+85+MAN1+9'
NAD+CA+MSTL:172:20'
TDT+20+018N+1++:::MUSTER LINE+++MSTG9:103::MV MUSTER:BE'
LOC+5+CLSAI:139:6'
LOC+60+ECGYE:139:6'
DTM+132:20260314:102'
"""
GOODS = """CNI+1++'
RFF+BM:BILL1'
RFF+EP:26001EC01'
LOC+76+CLVAP:139:6'
LOC+9+CLSAI:139:6'
LOC+13+PACTB:139:6'
LOC+11+ECGYE:139:6'
LOC+28+EC'
NAD+CZ++MUSTER EXPORT:WEG 1:BONN'
NAD+CN+ID77:160:ZZZ++EJEMPLO IMPORT:Y CIA LTDA+CALLE 1+QUITO++170101+EC'
CTA+IC+:X'
COM+5939999:TE'
NAD+N1+++EJEMPLO AVISO'
GID+1'
PAC+10++CT'
FTX+AAA+++WINE IN:BOTTLES'
FTX+AAA+++OF GLASS'
FTX+AAI+++NOT THE GOODS'
MEA+AAE+N+KGM:90'
MEA+AAE+AAL+KGM:91'
MEA+WT+AAG+LBR:100,5'
MEA+AAE+AAW+MTQ:3'
MOA+40:1200.50:USD'
PIA+5+10101010:SA'
PIA+1+2204.21:HS:2204.29:HS+220410:HS'
SGP+MSKU2191175+6'
SGP+TGHU 775993-2+4'
DGS+IMD+3:::I+UN1170+23:CEL+2'
LOC+27+FR'
GID+2+5:PK'
SGP+MSKU2191175+5'
MEA+AAE+G+TNE:0.5'
SGP+TGHU7759932+5'
MEA+AAE+G+KGM:250'
CST+1+870120:122'
"""


def built(*parts, declared=None):
    """Join parts into an interchange whose trailer counts right, or says ``declared``."""
    text = "".join(parts)
    count = text.count("'\n") + (0 if text.startswith("UNH") else -1) + 1
    return (text + f"UNT+{declared or count}+1'\nUNZ+1+1'\n").encode()


def faults(message):
    """Return the codes and tags of what was wrong."""
    return [(fault.code, fault.tag) for fault in message.faults]


def test_a_consignment_is_read_whole():
    message = read_message(built(HEAD, GOODS))
    one = message.consignments[0]
    assert (one.number, one.load, one.discharge, one.transshipments) == ("BILL1", "CLSAI", "ECGYE", ("PACTB",))
    shipper, consignee, notify = one.parties
    assert (shipper.name, consignee.name) == ("MUSTER EXPORT", "EJEMPLO IMPORT Y CIA LTDA")
    assert (consignee.country, consignee.city, consignee.id, consignee.phone) == ("EC", "QUITO", "ID77", "5939999")
    assert (notify.role, notify.name) == ("notify", "EJEMPLO AVISO")
    wine, cars = one.goods
    assert (wine.text, wine.packages, wine.origin_country) == ("WINE IN BOTTLES OF GLASS", 10, "FR")
    assert wine.hs == ("220421", "220410")
    assert wine.weight_kg == pytest.approx(100.5 * 0.45359237)
    assert (wine.value, wine.currency, one.value, one.currency) == (1200.5, "USD", 1200.5, "USD")
    assert [(danger.cls, danger.un) for danger in one.dangerous] == [("3", "1170")]
    assert (cars.packages, cars.weight_kg, cars.hs) == (5, 750.0, ("870120",))
    assert (one.packages, one.weight_kg) == (15, pytest.approx(750 + 100.5 * 0.45359237))
    assert one.equipment == ("MSKU2191175", "TGHU7759932")
    assert one.destination_country == "EC"
    assert one.extras["references"]["EP"] == "26001EC01"
    assert message.faults == ()


def test_the_transport_is_that_of_the_main_carriage():
    transport = read_message(built(HEAD, GOODS)).transport
    assert (transport.voyage, transport.id, transport.name) == ("018N", "MSTG9", "MV MUSTER")
    assert (transport.carrier, transport.arrives) == ("MUSTER LINE", "2026-03-14")
    assert transport.rotation == ("CLSAI", "ECGYE")
    other = HEAD.replace("TDT+20+", "TDT+10+9X+1+++++OLD'\nTDT+20+") + "TDT+20+99Z+1+++++NEW'\n"
    assert read_message(built(other)).transport.id == "MSTG9"
    assert read_message(built(HEAD.replace("TDT+20+", "TDT+11+"))).transport.id == "MSTG9"
    shifted = HEAD.replace("+++MSTG9", "++++MSTG9")
    assert read_message(built(shifted)).transport.name == "MV MUSTER"


def test_equipment_may_stand_before_among_or_behind_the_consignments():
    box = "EQD+CN+{}+45R1:102:5++3+{}'\nSEL+S1+CA'\nSEL+S2+SH'\nMEA+AAE+T+KGM:3900'\nMEA+AAE+VGM+KGM:22350'\n"
    before, behind = box.format("MSKU2191175", 5), box.format("OCLU0000012", 4).replace("SEL+S1+CA'\nSEL+S2+SH'\n", "")
    message = read_message(built(HEAD, before, GOODS, behind))
    first, last = message.equipment
    assert (first.number, first.type, first.full, first.check_digit_ok) == ("MSKU2191175", "45R1", True, True)
    assert (first.weight_kg, first.verified_kg, first.seals) == (22350.0, 22350.0, ("S1", "S2"))
    assert (last.full, last.check_digit_ok, last.seals, last.seals_sent) == (False, False, (), True)
    assert message.consignments[0].equipment == ("MSKU2191175", "TGHU7759932")
    among = GOODS.split("GID", maxsplit=1)[0] + before
    assert read_message(built(HEAD, among)).consignments[0].equipment == ("MSKU2191175",)


def test_a_weight_said_to_be_of_the_whole_counts_and_not_the_sum():
    text = GOODS.replace("LOC+28", "MEA+AAX+G+KGM:1234.5'\nLOC+28")
    assert read_message(built(HEAD, text)).consignments[0].weight_kg == 1234.5


def test_house_and_master_are_told_apart():
    for references, number, master in (
        ("RFF+BM:M1'\nRFF+BH:H1'\n", "H1", "M1"),
        ("RFF+HWB:H1'\nRFF+MWB:M1'\n", "H1", "M1"),
        ("RFF+MB:M1'\nRFF+BM:H1'\n", "H1", "M1"),
        ("RFF+MB:M1'\n", "DOC1", "M1"),
        ("", "DOC1", None),
        ("DOC+704+M1'\nDOC+705+B1'\n", "DOC1", "M1"),
    ):
        one = read_message(built(HEAD, "CNI+1+DOC1'\n", references)).consignments[0]
        assert (one.number, one.master) == (number, master)
    one = read_message(built(HEAD, "CNI+1'\nDOC+380+INVOICE'\nDOC+714+H9'\n")).consignments[0]
    assert one.number == "H9"


def test_a_second_bill_behind_goods_is_a_consignment_of_its_own():
    second = GOODS.replace("CNI+1++'\n", "").replace("BILL1", "BILL2")
    message = read_message(built(HEAD, GOODS, second))
    assert [one.number for one in message.consignments] == ["BILL1", "BILL2"]
    assert message.consignments[1].packages == 15
    same = read_message(built(HEAD, GOODS, "RFF+BM::2'\nRFF+BM:BILL1'\nGID+3+1'\n"))
    assert [one.packages for one in same.consignments] == [16]


def test_the_count_of_consignments_is_not_the_last_ones_own():
    message = read_message(built(HEAD, "CNI+1+B1'\nRFF+BM:B1'\n", "CNT+10:1'\n"))
    assert (message.declared, message.count_matches, message.consignments[0].packages) == (1, True, None)


def test_goods_without_a_consignment_are_one_with_what_the_header_says():
    head = HEAD + "RFF+BM:BILL9'\nLOC+9+CLSAI'\nLOC+11+ECGYE'\nNAD+CN+++EJEMPLO'\n"
    one = read_message(built(head, "GID+1+7:CT'\nFTX+AAA+++TOYS'\n")).consignments[0]
    assert (one.number, one.load, one.discharge, one.packages) == ("BILL9", "CLSAI", "ECGYE", 7)
    assert (one.party("consignee").name, one.goods[0].text) == ("EJEMPLO", "TOYS")


@pytest.mark.parametrize(
    ("counts", "declared", "matches"),
    [
        ("CNT+10:1'\n", 1, True),
        ("UNS+S'\nCNT+16:1'\nCNT+10:1'\n", 1, False),
        ("CNT+10:2'\n", 2, False),
        ("CNT+11:15'\nCNT+7:900:KGM'\n", None, None),
        ("", None, None),
    ],
)
def test_control_totals_are_compared(counts, declared, matches):
    message = read_message(built(HEAD, GOODS, counts))
    assert (message.declared, message.count_matches) == (declared, matches)


def test_totals_before_the_goods_are_the_consignments_own():
    message = read_message(built(HEAD, "CNI+1+B1'\nCNT+7:55.5'\nCNT+11:4'\nRFF+BM:B1'\n", GOODS, "CNT+10:2'\n"))
    assert (message.consignments[0].weight_kg, message.consignments[0].packages) == (55.5, 4)
    assert (message.declared, message.count_matches) == (2, True)
    assert message.extras["declared"] == {"10": 2.0}


@pytest.mark.parametrize(
    ("old", "new", "code", "tag"),
    [
        ("MEA+WT+AAG+LBR:100,5'", "MEA+WT+G+XXX:A'", "bad_value", "MEA"),
        ("MEA+WT+AAG+LBR:100,5'", "MEA+AAE+G+KGM:1,000.5'", "bad_value", "MEA"),
        ("GID+2+5:PK'", "GID+2+FIVE:PK'", "bad_value", "GID"),
        ("SGP+MSKU2191175+6'", "SGP++6'", "not_read", "SGP"),
        ("DGS+IMD+3:::I+UN1170+23:CEL+2'", "DGS+IMD'", "not_read", "DGS"),
        ("CNI+1++'", "EQD'\nCNI+1++'", "not_read", "EQD"),
        ("CNI+1++'", "SEL+1'\nCNI+1++'", "not_read", "SEL"),
    ],
)
def test_a_bad_segment_costs_itself_alone_and_is_named(old, new, code, tag):
    message = read_message(built(HEAD, GOODS.replace(old, new, 1)))
    assert faults(message) == [(code, tag)]
    assert message.consignments[0].number == "BILL1"
    assert message.consignments[0].goods[0].text == "WINE IN BOTTLES OF GLASS"


def test_wrong_trailers_are_named_and_nothing_is_lost_by_them():
    assert faults(read_message(built(HEAD, GOODS, declared=99))) == [("segment_count", "UNT")]
    wrong = built(HEAD, GOODS).replace(b"UNZ+1+", b"UNZ+3+")
    assert faults(read_message(wrong)) == [("message_count", "UNZ")]
    cut = (HEAD + GOODS).encode()
    assert faults(read_message(cut)) == [("message_not_ended", "UNH")]
    assert len(read_message(cut).consignments) == 1


def test_several_messages_are_read_into_one_and_others_are_passed_over():
    other = "UNH+2+CONTRL:D:95B:UN'\nCNI+1+NOT'\nUNT+3+2'\n"
    second = "UNH+3+CUSCAR:D:95B:UN'\n" + GOODS.replace("BILL1", "BILL2")
    text = built(HEAD, GOODS).decode().partition("UNZ")[0] + other + built(second).decode().replace("UNZ+1", "UNZ+3")
    message = read_message(text.encode())
    assert [one.number for one in message.consignments] == ["BILL1", "BILL2"]
    assert faults(message) == [("other_kind", "UNH")]


def test_the_stream_gives_what_the_reader_gives():
    data = built(HEAD, "EQD+CN+MSKU2191175+22G1++3+5'\nSEL+1'\n", GOODS, GOODS.replace("BILL1", "BILL2"))
    message = read_message(data)
    found = list(cuscar.stream(iter_segments(BytesIO(data))))
    assert tuple(one for one in found if isinstance(one, Consignment)) == message.consignments
    assert tuple(one for one in found if isinstance(one, Equipment)) == message.equipment


def test_a_consignment_without_end_is_cut_and_each_segment_named(monkeypatch):
    monkeypatch.setattr(edifact_walk, "MOST_SEGMENTS_OF_ONE", 20)
    message = read_message(built(HEAD, GOODS + GOODS.replace("BILL1", "BILL2"), "CNT+10:2'\n"))
    assert [one.number for one in message.consignments] == ["BILL1", "BILL2"]
    assert message.count_matches is True
    lost = [fault for fault in message.faults if fault.code == "too_long"]
    assert len(lost) == 2 * (GOODS.count("'\n") - 21)


def test_the_plain_form_has_the_words_of_the_contract():
    plain = plain_message(read_message(built(HEAD, "EQD+CN+MSKU2191175+22G1++3+5'\nSEL+S1'\n", GOODS)))
    assert plain["transport"] == {"voyage": "018N", "id": "MSTG9", "name": "MV MUSTER"}
    one = plain["consignments"][0]
    assert (one["shipper"], one["consignee"]) == ("MUSTER EXPORT", "EJEMPLO IMPORT Y CIA LTDA")
    assert one["hs"] == ["220421", "220410", "870120"]
    assert one["dangerous"] == [{"class": "3", "un": "1170"}]
    assert plain["equipment"][0]["seals"] == ["S1"]


def test_a_long_manifest_is_streamed_in_bounded_memory():
    def parts():
        yield HEAD.encode()
        for number in range(400):
            yield GOODS.replace("BILL1", f"BILL{number}").encode()

    class Endless(RawIOBase):
        rest, source = b"", parts()

        def read(self, size=-1):
            while len(self.rest) < size and (part := next(self.source, None)):
                self.rest += part
            given, self.rest = self.rest[:size], self.rest[size:]
            return given

    tracemalloc.start()
    try:
        found = sum(one.packages for one in cuscar.stream(iter_segments(Endless())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == 400 * 15
    assert peak < 3 << 20


def test_goods_that_are_named_by_a_code_are_the_code_alone():
    one = read_message(built(HEAD, "CNI+1+B1'\nGID+1+7:CT'\nFTX+AAA++FURN:ZZZ:86'\n")).consignments[0]
    assert one.goods[0].text == "FURN"
