"""PNRGOV: bookings with their people, documents, journeys and what rules ask for."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.plain_passengers import list_to_plain
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import Leg, ListedDocument, PassengerList, Pnr
from tests.cargo.passenger_messages import BOOKING, part_of, pnrgov


def read(data: bytes) -> PassengerList:
    found = read_message(data)
    assert isinstance(found, PassengerList)
    return found


def booking(*body: str) -> Pnr:
    found = read(pnrgov("SRC'", "RCI+XX:ABC123'", *body))
    assert len(found.pnrs) == 1
    return found.pnrs[0]


def codes(found: PassengerList) -> list[str]:
    return [fault.code for fault in found.faults]


def test_the_flight_is_the_one_before_the_first_booking() -> None:
    found = read(pnrgov(*BOOKING))
    assert found.legs == (Leg("XX641", "BOG", "UIO", "2026-03-10T09:10", "2026-03-10T11:00"),)
    assert (found.kind, found.version, found.sender, found.prepared) == ("PNRGOV", "13:1", "XX", "2026-03-09T14:10")
    assert (found.declared, codes(found)) == (None, [])


def test_a_booking_says_who_what_and_how() -> None:
    pnr = read(pnrgov(*BOOKING)).pnrs[0]
    assert pnr.locator == "ABC123"
    assert [(one.family, one.given, one.birth, one.sex, one.nationality) for one in pnr.passengers] == [
        ("MUSTERMANN", "MAXMR", "1964-08-12", "M", "D"),
        ("MUSTERMANN", "LENA MISS", "2025-12-24", "F", "D"),
    ]
    assert {one.locator for one in pnr.passengers} == {"ABC123"}
    document = ListedDocument("P", "C01X00T47", "D", "2027-10-31", "D", "1964-08-12", "M")
    assert pnr.documents == (document,)
    assert [one.documents for one in pnr.passengers] == [(document,), ()]
    assert pnr.booked == "2026-02-01T08:15"
    assert pnr.itinerary == (
        Leg("XX641", "BOG", "UIO", "2026-03-10T09:10", "2026-03-10T11:00"),
        Leg("XX12", "UIO", "GYE", "2026-03-11T09:10", "2026-03-11T11:00"),
    )
    assert (pnr.paid_cash, pnr.bags, pnr.bags_kg, pnr.agency) == (True, 2, 31.0, "12345678")
    assert pnr.phones == ("5932555010", "593 99 555 0101")


def test_json_has_the_keys_of_the_contract_and_no_others() -> None:
    plain = list_to_plain(read(pnrgov(*BOOKING)))
    assert set(plain) == {"kind", "version", "legs", "pnrs", "faults"}
    assert plain["legs"] == [{"flight": "XX641", "from": "BOG", "to": "UIO", "departs": "2026-03-10T09:10"}]
    assert plain["pnrs"] == [
        {
            "locator": "ABC123",
            "passengers": [
                {"family": "MUSTERMANN", "given": "MAXMR"},
                {"family": "MUSTERMANN", "given": "LENA MISS"},
            ],
            "documents": [
                {
                    "type": "P",
                    "issuer": "D",
                    "number": "C01X00T47",
                    "nationality": "D",
                    "birth": "1964-08-12",
                    "sex": "M",
                    "expires": "2027-10-31",
                }
            ],
        }
    ]


def test_what_a_booking_does_not_say_is_absent() -> None:
    pnr = booking("TIF+EJEMPLO+JUAN:A:1'")
    unsaid = (pnr.booked, pnr.paid_cash, pnr.bags, pnr.bags_kg, pnr.agency, pnr.phones, pnr.itinerary)
    assert unsaid == (None, None, None, None, None, (), ())


@pytest.mark.parametrize(
    ("sent", "cash"),
    [("FOP+CC:::VI:XXXX:0211'", False), ("FOP+CA::250.00'", True), ("FOP+CC::1.00+CA::9.00'", True), ("FOP'", None)],
)
def test_cash_is_said_only_by_the_form_of_payment(sent: str, cash: bool | None) -> None:
    assert booking("TIF+EJEMPLO+JUAN:A:1'", sent).paid_cash is cash


@pytest.mark.parametrize(
    ("sent", "bags", "weight"),
    [
        (["TBD++0'"], 0, None),
        (["TBD++1:44:700+++XX:48521::BOG:1'"], 1, 44.0),
        (["TBD++2:100:701'"], 2, 45.359),
        (["TBD++2:44:700++HP:X'", "TBD++2:44:700++MP:X'"], 2, 44.0),
        (["TBD++1:10:700'", "TBD++2:20,5:700'"], 3, 30.5),
        (["TBD++MANY'"], None, None),
    ],
)
def test_bags_are_counted_once_and_none_is_a_number(sent: list[str], bags: int | None, weight: float | None) -> None:
    pnr = booking("TIF+EJEMPLO+JUAN:A:1'", "TVL+100326:0910+BOG+UIO+XX+641:Y'", *sent)
    assert (pnr.bags, pnr.bags_kg) == (bags, weight)


@pytest.mark.parametrize(
    ("sent", "booked"),
    [
        ("RCI+XX:ABC123::300413:115500'", "2013-04-30T11:55"),
        ("RCI+XX:ABC123::230513'", "2013-05-23"),
        ("RCI+XX:ABC123:230818:1220'", "2018-08-23T12:20"),
        ("RCI+1A:ABC123::210513:1526+AC:P46KA5'", "2013-05-21T15:26"),
        ("RCI+XX:ABC123'", None),
    ],
)
def test_when_it_was_booked_stands_with_the_locator(sent: str, booked: str | None) -> None:
    pnr = read(pnrgov("SRC'", sent, "TIF+EJEMPLO+JUAN:A:1'")).pnrs[0]
    assert (pnr.locator, pnr.booked) == ("ABC123", booked)


_GBR = ListedDocument("P", "123", "GBR", "2019-08-23", "GBR", "1964-07-12", "M")


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("/P/GBR/123/GBR/12JUL64/M/23AUG19/A/B/C", _GBR),
        ("P/GBR/123/GBR/12JUL64/M/23AUG19/A/B", _GBR),
        ("/P/CO/123/0/30MAY76/FI/31OCT15/A/B", ListedDocument("P", "123", "CO", "2015-10-31", "0", "1976-05-30", "F")),
        ("/P/GBR/123//13AUG54/U//A/B", ListedDocument("P", "123", "GBR", None, None, "1954-08-13", None)),
    ],
)
def test_a_document_is_read_from_its_free_text(text: str, document: ListedDocument) -> None:
    assert booking("TIF+A+B:A:1'", f"SSR+DOCS:HK:1:XX:::::{text}'").documents == (document,)


def test_a_document_without_number_tells_of_its_holder_and_is_none_itself() -> None:
    pnr = booking("TIF+JONES+WMR:A:1'", "SSR+DOCS:HK::XX:::::////GBR/12JUL64/M//JONES/W'")
    assert pnr.documents == ()
    assert (pnr.passengers[0].birth, pnr.passengers[0].nationality) == ("1964-07-12", "GBR")


def test_a_document_is_there_once_and_later_ones_fill_its_gaps() -> None:
    pnr = booking(
        "TIF+A+B:A:1'",
        "SSR+DOCS:HK:1:XX:::::/P/GBR/123//12JUL64/M//A/B'",
        "SSR+DOCS:HK:1:XX:::BOG:UIO:/P/GBR/123/GBR/12JUL64/M/23AUG19/A/B'",
    )
    assert pnr.documents == (ListedDocument("P", "123", "GBR", "2019-08-23", "GBR", "1964-07-12", "M"),)


def test_a_document_goes_to_whose_name_it_states_though_lines_broke_it() -> None:
    pnr = booking(
        "TIF+MUSTERMANN+MAXMR:A:1'",
        "SSR+DOCS:HK:1:XX:::::/P/D/222/D/24DEC25/FI//MUSTER MANN/LE NA'",
        "SSR+DOCS:HK:1:XX:::::/P/D/111/D/12AUG64/M//MUSTERMANN/MAX'",
        "TIF+MUSTERMANN+LENA MISS:IN:2'",
    )
    assert [[one.number for one in person.documents] for person in pnr.passengers] == [["111"], ["222"]]


def test_a_document_of_nobody_who_is_named_is_kept_and_named() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "SSR+DOCS:HK:1:XX:::::/P/D/111/D/12AUG64/M//OTRA/ANA'", "TIF+A+B'"))
    assert [one.number for one in found.pnrs[0].documents] == ["111"]
    assert codes(found) == ["document_of_nobody"]


def test_a_document_without_name_is_of_the_traveller_it_stands_with_and_of_nobody_after_a_flight() -> None:
    nameless = "SSR+DOCS:HK:1:XX:::::/P/D/{}/D/12AUG64/M'"
    flight = "TVL+100326:0910+BOG+UIO+XX+641:Y'"
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", nameless.format(1), flight, nameless.format(2)))
    assert [one.number for one in found.pnrs[0].documents] == ["1", "2"]
    assert [one.number for one in found.pnrs[0].passengers[0].documents] == ["1"]
    assert codes(found) == ["document_of_nobody"]


def test_a_visa_is_no_travel_document_and_a_text_without_form_is_named() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", "SSR+DOCO:HK:1:XX::::: X/V/1/Y/22DEC06/LI'", "SSR+DOCS:HK'"))
    assert found.pnrs[0].documents == ()
    assert codes(found) == ["document_not_read"]


def test_people_are_there_once_in_a_booking_with_titles_as_sent() -> None:
    pnr = booking("TIF+A+JOHNMR:A:1'", "TIF+ACME TEAM PARTY:G'", "TIF+A+JOHNMR:A:1'", "TIF+B:I+KONG CHUN MRS::2'")
    assert [(one.family, one.given) for one in pnr.passengers] == [
        ("A", "JOHNMR"),
        ("ACME TEAM PARTY", None),
        ("B", "KONG CHUN MRS"),
    ]


def test_several_given_names_after_one_family_name_are_several_people() -> None:
    pnr = booking("TIF+EJEMPLO+ANA:A:1+LUIS:A:2'")
    assert [(one.family, one.given) for one in pnr.passengers] == [("EJEMPLO", "ANA"), ("EJEMPLO", "LUIS")]


def test_the_same_name_in_two_bookings_is_two_people() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", "SRC'", "RCI+XX:A2'", "TIF+A+B'", units=2))
    assert [(one.locator, len(one.passengers)) for one in found.pnrs] == [("A1", 1), ("A2", 1)]
    assert codes(found) == []


def test_bookings_are_held_against_the_senders_count() -> None:
    assert codes(read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", units=3))) == ["count_mismatch"]


def test_a_part_of_a_transfer_is_not_held_against_the_count_of_the_whole() -> None:
    data = pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", units=3).replace(b"+XX641/100326/0910'", b"+XX641/100326+01:C'")
    assert codes(read(data)) == []


def test_a_booking_without_locator_or_people_is_kept_and_named() -> None:
    found = read(pnrgov("SRC'", "TIF+A+B'", "SRC'", "RCI+XX:A2'", units=2))
    assert [one.locator for one in found.pnrs] == [None, "A2"]
    assert codes(found) == ["no_locator", "no_passenger"]


def test_a_first_booking_whose_start_is_missing_is_read() -> None:
    found = read(pnrgov("RCI+XX:A1'", "TIF+A+B'"))
    assert [one.locator for one in found.pnrs] == ["A1"]
    assert codes(found) == ["start_missing"]


def test_a_booking_whose_start_could_not_be_read_is_not_given_to_the_one_before() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+A+B'", "S%C'", "RCI+XX:A2'", "TIF+C+D'", units=2))
    assert [(one.locator, [who.family for who in one.passengers]) for one in found.pnrs] == [
        ("A1", ["A"]),
        ("A2", ["C"]),
    ]
    assert codes(found) == ["not_a_segment", "start_missing"]


def test_people_and_bookings_that_grew_together_with_what_stands_before_are_found_and_named() -> None:
    body = ("SRC'", "RCI+XX:A1'", "TIF+LATIF+A'", "FOP+CA$TIF+C+D'", "DAT+710:061210$SRC'", "RCI+XX:A2'", "TIF+E+F'")
    found = read(pnrgov(*body, units=2))
    names = [(one.locator, one.paid_cash, [who.family for who in one.passengers]) for one in found.pnrs]
    assert names == [("A1", True, ["LATIF", "C"]), ("A2", None, ["E"])]
    assert codes(found) == ["terminator_missing"] * 2


def test_flights_of_the_history_are_not_the_journey_but_their_people_are_kept() -> None:
    pnr = booking(
        "TIF+A+B'", "TVL+100326:0910+BOG+UIO+XX+641:Y'", "ABI+1+:X'", "TVL+090326:0910+BOG+GYE+XX+9'", "TIF+C+D'"
    )
    assert [leg.destination for leg in pnr.itinerary] == ["UIO"]
    assert [one.family for one in pnr.passengers] == ["A", "C"]


def test_a_crowd_in_one_booking_is_bounded_and_each_that_is_left_out_is_named() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", *(f"TIF+A+B{number}'" for number in range(1_100))))
    assert len(found.pnrs[0].passengers) == 1_000
    assert codes(found) == ["too_many_people"] * 100


def test_a_name_with_a_byte_that_is_no_letter_is_flagged() -> None:
    found = read(pnrgov("SRC'", "RCI+XX:A1'", "TIF+EJEM_PLO+ANA'").replace(b"_", b"\x87"))
    assert found.pnrs[0].passengers[0].unreadable
    assert codes(found) == ["name_unreadable"]


def test_a_big_list_is_read_in_time() -> None:
    import time

    bookings = [
        line for number in range(127) for line in ("SRC'", f"RCI+XX:A{number}'", *BOOKING[2:], *["LTS+0/A'"] * 45)
    ]
    data = pnrgov(*bookings, units=127)
    started = time.process_time()
    found = read(data)
    assert time.process_time() - started < 2  # 0.5 s on an idle machine
    assert len(found.pnrs) == 127
    assert {fault.code for fault in found.faults} == {"doc_number_shared"}


def test_a_message_cut_anywhere_is_an_error_or_a_part_of_it() -> None:
    data = pnrgov(*BOOKING)
    whole = read(data).pnrs[0].passengers
    seen = 0
    for cut in range(len(data)):
        found = part_of(data[:cut])
        if isinstance(found, str):
            assert found in {"empty", "unknown_kind"}
            continue
        people = [one for pnr in found.pnrs for one in pnr.passengers]
        assert len(people) <= len(whole) + codes(found).count("not_terminated")
        if cut > data.index(b"LENA"):
            assert people[0].given == "MAXMR"
            seen += 1
    assert seen > 100
