"""PAXLST: every field, every trap, and nobody lost."""

from __future__ import annotations

from datetime import date

import pytest

from checkpoint_app.cargo import paxlst as reader
from checkpoint_app.cargo.plain_passengers import list_to_plain
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import split
from checkpoint_app.cargo.values import Leg, ListedDocument, Passenger, PassengerList, Role
from tests.cargo.passenger_messages import ERIKA, FLIGHT, HEAD, JUAN, part_of, paxlst


def read(data: bytes) -> PassengerList:
    found = read_message(data)
    assert isinstance(found, PassengerList)
    return found


def codes(found: PassengerList) -> list[str]:
    return [fault.code for fault in found.faults]


def test_all_that_is_said_of_a_passenger_and_of_crew_is_read() -> None:
    found = read(paxlst(*ERIKA, *JUAN, count="2"))
    assert found == PassengerList(
        kind="PAXLST",
        version="D:05B",
        legs=(Leg("XX641", "BOG", "UIO", "2026-03-10T09:10", "2026-03-10T11:00"),),
        passengers=(
            Passenger(
                family="MUSTERFRAU",
                given="ERIKA",
                sex="F",
                birth="1980-04-12",
                nationality="COL",
                embark="BOG",
                debark="UIO",
                locator="ABC123",
                documents=(ListedDocument("P", "AB123456", "COL", "2030-12-31"),),
                further="ANNA",
                bags=2,
                bags_kg=31.0,
            ),
            Passenger(
                family="EJEMPLO",
                given="JUAN",
                role=Role.CREW,
                sex="M",
                birth="1999-12-31",
                nationality="EC",
                documents=(ListedDocument("V", "V77", "D", "2029-01-01"),),
            ),
        ),
        declared=2,
        prepared="2026-03-10T06:00",
        sender="MUSTERAIR",
    )
    assert found.count_matches is True


def test_json_has_the_keys_of_the_contract_and_no_others() -> None:
    plain = list_to_plain(read(paxlst(*ERIKA, count="1")))
    assert set(plain) == {"kind", "version", "legs", "passengers", "declared_count", "count_matches", "faults"}
    assert set(plain["legs"][0]) == {"flight", "from", "to", "departs", "arrives"}
    assert plain["passengers"] == [
        {
            "family": "MUSTERFRAU",
            "given": "ERIKA",
            "role": "passenger",
            "sex": "F",
            "birth": "1980-04-12",
            "nationality": "COL",
            "embark": "BOG",
            "debark": "UIO",
            "locator": "ABC123",
            "documents": [{"type": "P", "number": "AB123456", "issuer": "COL", "expires": "2030-12-31"}],
        }
    ]


@pytest.mark.parametrize(
    ("qualifier", "role"),
    [("FL", "passenger"), ("DDU", "passenger"), ("FM", "crew"), ("DDT", "crew"), ("VW", "crew"), ("fl", "passenger")],
)
def test_the_qualifier_tells_passengers_from_crew(qualifier: str, role: str) -> None:
    found = read(paxlst(f"NAD+{qualifier}+++EJEMPLO:JUAN'"))
    assert [one.role.value for one in found.passengers] == [role]
    assert "unknown_role" not in codes(found)


@pytest.mark.parametrize("qualifier", ["", "ZZZ"])
def test_somebody_of_no_known_role_is_kept_and_named(qualifier: str) -> None:
    found = read(paxlst(f"NAD+{qualifier}+++EJEMPLO:JUAN'"))
    assert [one.family for one in found.passengers] == ["EJEMPLO"]
    assert "unknown_role" in codes(found)


def test_a_reporting_party_is_nobody_aboard() -> None:
    assert read(paxlst("NAD+MS+++MUSTER:AGENT'", *JUAN)).passengers[0].family == "EJEMPLO"


@pytest.mark.parametrize(
    ("sent", "declared", "matches"),
    [("CNT+42:1'", 1, True), ("CNT+41+1'", 1, True), ("CNT+3:1'", 1, True), ("CNT+42:136'", 136, False)],
)
def test_the_senders_count_is_held_against_what_was_found(sent: str, declared: int, matches: bool) -> None:
    found = read(paxlst(*JUAN, sent))
    assert (found.declared, found.count_matches) == (declared, matches)
    assert ("count_mismatch" in codes(found)) is not matches


def test_a_count_that_is_none_is_named() -> None:
    found = read(paxlst(*JUAN, "CNT+42:MANY'"))
    assert found.declared is None
    assert codes(found) == ["count_not_read"]


def test_a_wrong_count_of_segments_is_named_and_harms_nothing() -> None:
    data = paxlst(*JUAN, count="1")
    wrong = data.replace(b"UNT+18+1'", b"UNT+313+1'")
    assert wrong != data
    assert read(wrong).passengers == read(data).passengers
    assert codes(read(wrong)) == ["segment_count"]


def test_a_message_without_an_end_is_named() -> None:
    data = paxlst(*JUAN)
    assert "message_not_ended" in codes(read(data[: data.index(b"UNT+")]))


@pytest.mark.parametrize(
    ("places", "legs"),
    [
        (["92 AAA", "189 2603101000", "92 BBB", "232 2603101100"], [("AAA", "BBB")]),
        (["125 AAA", "92 BBB", "92 BBB", "87 CCC"], [("AAA", "BBB"), ("BBB", "CCC")]),
        (["125 AAA", "92 BBB", "87 CCC"], [("AAA", "BBB"), ("BBB", "CCC")]),
        (["87 BBB", "232 2603101100", "125 AAA", "189 2603101000"], [("AAA", "BBB")]),
        (["92 AAA", "130 BBB"], [("AAA", "BBB")]),
        (["125 AAA", "87 AAA"], [("AAA", "AAA")]),
        (["125 AAA"], [("AAA", None)]),
        ([], [(None, None)]),
    ],
)
def test_places_in_any_order_make_legs(places: list[str], legs: list[tuple[str | None, str | None]]) -> None:
    body = []
    for one in places:
        kind, value = one.split()
        body.append(f"DTM+{kind}:{value}:201'" if len(value) > 3 else f"LOC+{kind}+{value}'")
    data = "".join([*HEAD, "UNH+1+PAXLST:D:02B:UN'", "TDT+20+XX1'", *body, *JUAN, "UNT+9+1'"])
    found = read(data.encode()).legs
    assert [(leg.origin, leg.destination) for leg in found] == legs
    if "189 2603101000" in places:
        assert (found[0].departs, found[0].arrives) == ("2026-03-10T10:00", "2026-03-10T11:00")


@pytest.mark.parametrize(
    ("sent", "flight"),
    [("TDT+20+XX641+++XX'", "XX641"), ("TDT+20+0641+++XX'", "XX0641"), ("TDT+11++++LOCK:172'", None)],
)
def test_the_flight_is_as_sent_and_a_number_alone_gets_its_carrier(sent: str, flight: str | None) -> None:
    data = "".join([*HEAD, "UNH+1+PAXLST:D:02B:UN'", sent, *JUAN, "UNT+9+1'"])
    assert [leg.flight for leg in read(data.encode()).legs] == [flight]


def test_two_sections_are_two_legs_each_with_its_own_times() -> None:
    second = ("TDT+20+XX642'", "LOC+92+UIO'", "DTM+189:2603101200:201'", "LOC+92+GYE'", "DTM+232:2603101245:201'")
    data = "".join([*HEAD, "UNH+1+PAXLST:D:02B:UN'", *FLIGHT, *second, *JUAN, "UNT+9+1'"])
    assert read(data.encode()).legs[1] == Leg("XX642", "UIO", "GYE", "2026-03-10T12:00", "2026-03-10T12:45")


@pytest.mark.parametrize(
    ("sent", "birth"),
    [
        ("DTM+329:541016'", "1954-10-16"),
        ("DTM+329:260310'", "2026-03-10"),
        ("DTM+329:260311'", "1926-03-11"),
        ("DTM+329:19350919:102'", "1935-09-19"),
        ("DTM+329:12JUL64'", "1964-07-12"),
        ("DTM+329:541316'", None),
        ("DTM+329:000000'", None),
        ("DTM+329'", None),
    ],
)
def test_births_are_the_latest_that_are_not_after_the_message(sent: str, birth: str | None) -> None:
    found = read(paxlst("NAD+FL+++EJEMPLO:JUAN'", sent))
    assert found.passengers[0].birth == birth
    assert ("bad_date" in codes(found)) is (birth is None)


def test_without_a_date_of_the_message_the_day_of_reading_bounds_births() -> None:
    data = f"UNH+1+PAXLST:D:02B:UN'{''.join(FLIGHT)}NAD+FL+++EJEMPLO:JUAN'DTM+329:200101'UNT+9+1'"
    assert reader.read(split(data.encode()), today=date(2019, 1, 1)).passengers[0].birth == "1920-01-01"
    assert reader.read(split(data.encode()), today=date(2021, 1, 1)).passengers[0].birth == "2020-01-01"


def test_expiry_is_of_this_century() -> None:
    found = read(paxlst("NAD+FL+++EJEMPLO:JUAN'", "DOC+P+1'", "DTM+36:610218'"))
    assert found.passengers[0].documents[0].expires == "2061-02-18"


@pytest.mark.parametrize(
    ("sent", "document", "code"),
    [
        (("DOC+:110:111+4334'", "LOC+91+CHN'"), ListedDocument(None, "4334", "CHN"), "no_document_type"),
        (("DOC++4334'", "LOC+91+CHN'"), ListedDocument(None, "4334", "CHN"), "no_document_type"),
        (("DOC+P+4334'", "LOC+91+'"), ListedDocument("P", "4334", None), "no_document_issuer"),
        (("DOC+P'", "LOC+91+CHN'"), ListedDocument("P", None, "CHN"), "no_document_number"),
        (("DOC+5+P100'", "LOC+91+QX:163'", "LOC+91+US:162'"), ListedDocument("5", "P100", "QX"), "unknown_country"),
    ],
)
def test_a_document_with_a_gap_is_kept_and_named(sent: tuple[str, ...], document: ListedDocument, code: str) -> None:
    found = read(paxlst("NAD+FL+++EJEMPLO:JUAN'", *sent))
    assert found.passengers[0].documents == (document,)
    assert codes(found) == [code]


def test_a_passenger_without_document_is_kept_and_named() -> None:
    assert codes(read(paxlst("NAD+FL+++EJEMPLO:JUAN'"))) == ["no_document"]


def test_a_number_that_several_state_is_named_for_each_after_the_first() -> None:
    document = ("DOC+P+AB 1'", "LOC+91+COL'")
    body = [line for name in "ABC" for line in (f"NAD+FL+++{name}:JUAN'", *document)]
    found = read(paxlst(*body))
    assert len(found.passengers) == 3
    assert codes(found) == ["doc_number_shared"] * 2


@pytest.mark.parametrize(("state", "known"), [("DEU", True), ("D", True), ("CO", True), ("RKS", True), ("ZZZ", False)])
def test_a_state_that_no_list_knows_is_shown_and_named(state: str, known: bool) -> None:
    found = read(paxlst("NAD+FL+++EJEMPLO:JUAN'", f"NAT+2+{state}'", "DOC+P+1'", "LOC+91+COL'"))
    assert found.passengers[0].nationality == state
    assert ("unknown_country" in codes(found)) is not known


def test_a_name_with_a_byte_that_is_no_letter_is_kept_and_flagged() -> None:
    data = paxlst("NAD+FL+++EJEM_PLO:JUAN'", *JUAN).replace(b"_", b"\x87")
    found = read(data)
    assert [one.unreadable for one in found.passengers] == [True, False]
    assert found.passengers[0].given == "JUAN"
    assert "name_unreadable" in codes(found)


@pytest.mark.parametrize(
    ("sent", "sex"),
    [("ATT+2++M'", "M"), ("ATT+2++F'", "F"), ("ATT+2++U'", None), ("ATT+2++M*M*M*M'", None), ("ATT+1++M'", None)],
)
def test_sex_is_one_of_two_letters_or_absent(sent: str, sex: str | None) -> None:
    assert read(paxlst("NAD+FL+++EJEMPLO:JUAN'", sent)).passengers[0].sex == sex


def test_somebody_whose_segment_grew_together_with_the_one_before_is_found_and_named() -> None:
    data = paxlst(*ERIKA, *JUAN, count="2").replace(b"LOC+91+COL'NAD", b"LOC+91+COLxNAD")
    found = read(data)
    assert [one.family for one in found.passengers] == ["MUSTERFRAU", "EJEMPLO"]
    assert found.passengers[0].documents[0].issuer == "COL"
    assert "terminator_missing" in codes(found)


def test_what_follows_a_name_that_could_not_be_read_is_not_given_to_the_one_before() -> None:
    found = read(paxlst(*ERIKA, *JUAN, count="2").replace(b"NAD+FM", b"N&D+FM"))
    assert [(one.family, one.birth) for one in found.passengers] == [
        ("MUSTERFRAU", "1980-04-12"),
        (None, "1999-12-31"),
    ]
    assert [one.number for one in found.passengers[1].documents] == ["V77"]
    assert {"not_a_segment", "no_name"} <= set(codes(found))


@pytest.mark.parametrize("tag", ["JAD", "NA0", "nAQ"])
def test_somebody_whose_tag_is_damaged_is_kept_and_named(tag: str) -> None:
    found = read(paxlst(*ERIKA, *JUAN, count="2").replace(b"NAD+FM", f"{tag}+FM".encode()))
    assert [one.family for one in found.passengers] == ["MUSTERFRAU", "EJEMPLO"]
    assert codes(found) == ["unknown_segment"]


def test_a_first_passenger_whose_name_could_not_be_read_is_kept() -> None:
    found = read(paxlst(*JUAN, count="1").replace(b"NAD+FM", b"N&D+FM"))
    assert [(one.family, one.sex, len(one.documents)) for one in found.passengers] == [(None, "M", 1)]


def test_people_of_older_lists_are_whole_in_one_segment() -> None:
    found = read(paxlst("UNS+D'", "PDT+P/AB123456:301231:COL+EJEMPLO:JUAN:M:800412:M+CRW+COBOG:ECUIO'", count="1"))
    assert found.passengers == (
        Passenger(
            family="EJEMPLO",
            given="JUAN",
            role=Role.CREW,
            sex="M",
            birth="1980-04-12",
            embark="BOG",
            debark="UIO",
            documents=(ListedDocument("P", "AB123456", "COL", "2030-12-31"),),
            further="M",
        ),
    )
    assert (found.count_matches, codes(found)) == (True, [])


def test_a_truck_and_its_crew_are_read_like_a_flight() -> None:
    data = (
        "UNB+UNOA:4+MUSTER:4+POST:4+041013:1901+16'UNH+1+PAXLST:D:03B:UN'BGM+10+X+4'RFF+RF:03'TDT+11++++MUST:172'"
        "DTM+132:20041230:102'NAD+VW+0000041153:109++EJEMPLO:JUAN::::1+CALLE 1+RESTON+VA:163:5+20190'ATT+2++M*M'"
        "DTM+329:19350919:102'EMP+4+++1++7'NAT+2+US::5'DOC+5+P100'LOC+91+US:162'UNT+14+1'UNZ+1+16'"
    )
    found = read(data.encode())
    assert found.legs == (Leg(),)
    person = found.passengers[0]
    assert (person.role, person.nationality, person.birth) == (Role.CREW, "US", "1935-09-19")


def test_a_message_cut_anywhere_loses_nobody_who_was_named_before() -> None:
    data = paxlst(*ERIKA, *JUAN, count="2")
    for cut in range(len(data)):
        part = data[:cut]
        found = part_of(part)
        if isinstance(found, str):
            assert found in {"empty", "unknown_kind"}
            assert b"UNH+1+PAXLST:" not in part
            continue
        names = [one.family for one in found.passengers]
        named = [name for name in ("MUSTERFRAU", "EJEMPLO") if f"+++{name}:".encode() in part]
        assert names[: len(named)] == named
        assert len(names) == len(named) or "not_terminated" in codes(found)
        if b"UNT" not in part:
            assert "message_not_ended" in codes(found)
