"""Boarding passes: every item where IATA Resolution 792 has it, and sizes that lie."""

from datetime import date

import pytest

from checkpoint_app.documents.barcodes.bcbp import BCBP_FAULT_CODES, BoardingPass, is_bcbp, parse_bcbp
from checkpoint_app.documents.barcodes.errors import BarcodeError
from tests.documents.barcode_samples import TODAY, make_bcbp, make_conditional, make_leg

# The layout of the resolution's attachment B, example 2, of two flights with all items.
UNIQUE = "1WW6225BXX 0014123456003"
REPEATED = "0141234567890 1XX XY 1234567890123    20KY"
FULL = make_bcbp(
    legs=[
        make_leg(day="226", conditional=make_conditional(UNIQUE, REPEATED, "LX58Z")),
        make_leg("DEF456", "SCL", "LIM", "YY", "3664", "227", "C", "012C", "0002",
                 conditional=make_conditional(None, "0140987654321 1XX XY 1234567890123    2PCN", "WQ")),
    ],
    tail="^108ABCDEFGH",
)  # fmt: skip


def read(data: bytes) -> BoardingPass:
    return parse_bcbp(data, TODAY)


def faults(data: bytes) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in read(data).faults]


def test_mandatory_items() -> None:
    one = read(make_bcbp())
    (leg,) = one.legs
    assert (one.family_name, one.given_names, one.title) == ("MUSTER", "ERIKA", "")
    assert (one.electronic_ticket, one.version, one.faults) == (True, None, ())
    assert (leg.pnr, leg.origin, leg.destination, leg.carrier, leg.flight) == ("ABC123", "UIO", "SCL", "XX", "834")
    assert (leg.day_of_year, leg.flight_date) == (326, date(2026, 11, 22))
    assert (leg.cabin, leg.seat, leg.sequence, leg.status) == ("J", "1A", "25", "1")
    assert leg.airline_use == leg.airline_code == ""


def test_all_conditional_items_of_two_flights() -> None:
    one = read(FULL)
    first, second = one.legs
    assert one.faults == ()
    assert (one.version, one.passenger_description, one.check_in_source, one.issuance_source) == (6, "1", "W", "W")
    assert (one.issue_date, one.document_type, one.issuer) == (date(2026, 8, 13), "B", "XX")
    assert one.baggage_tags == ("0014123456003",)
    assert (first.airline_code, first.document_serial, first.selectee) == ("014", "1234567890", "")
    assert (first.document_verification, first.marketing_carrier) == ("1", "XX")
    assert (first.frequent_flyer_airline, first.frequent_flyer_number) == ("XY", "1234567890123")
    assert (first.id_ad_indicator, first.baggage_allowance, first.fast_track) == ("", "20K", "Y")
    assert (first.airline_use, second.airline_use) == ("LX58Z", "WQ")
    assert (second.pnr, second.flight, second.seat, second.document_serial) == ("DEF456", "3664", "12C", "0987654321")
    assert (one.security_type, one.security) == ("1", "ABCDEFGH")


def test_three_baggage_tags_and_a_part_that_ends_within_its_items() -> None:
    tags = "".join(f"{number:013}" for number in (1, 2, 3))
    data = make_bcbp(legs=[make_leg(conditional=make_conditional("1WW6225BXX " + tags, "014123"))])
    one = read(data)
    assert one.baggage_tags == ("0000000000001", "0000000000002", "0000000000003")
    assert (one.legs[0].airline_code, one.legs[0].document_serial) == ("014", "123")
    assert one.faults == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MUSTER/ERIKA MS", ("MUSTER", "ERIKA", "MS", False)),
        ("MUSTER/MS", ("MUSTER", "MS", "", False)),  # a name of two letters is a name
        ("MUSTER", ("MUSTER", "", "", False)),
        ("DE LA MUSTER/ANA MAR", ("DE LA MUSTER", "ANA MAR", "", True)),
        ("MUSTERMANNMUSTERMANN", ("MUSTERMANNMUSTERMANN", "", "", True)),
        ("muster/erika", ("muster", "erika", "", False)),
    ],
)
def test_names(name: str, expected: tuple[str, str, str, bool]) -> None:
    one = read(make_bcbp(name))
    assert (one.family_name, one.given_names, one.title, one.name_truncated) == expected


def test_blank_items_are_no_faults() -> None:
    leg = make_leg(pnr="", origin="", destination="", carrier="", flight="", day="", cabin="", seat="", sequence="")
    one = read(make_bcbp(legs=[leg]))
    assert one.faults == ()
    assert (one.legs[0].flight_date, one.legs[0].day_of_year, one.legs[0].seat) == (None, None, "")


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"origin": "U1O"}, ("legs.1.origin", "characters")),
        ({"destination": "sc"}, ("legs.1.destination", "characters")),
        ({"carrier": "?"}, ("legs.1.carrier", "characters")),
        ({"flight": "AB12"}, ("legs.1.flight", "characters")),
        ({"day": "367"}, ("legs.1.flight_date", "date")),
        ({"day": "3 6"}, ("legs.1.flight_date", "date")),
        ({"pnr": "AB?"}, ("legs.1.pnr", "characters")),
        ({"seat": "1.A"}, ("legs.1.seat", "characters")),
    ],
)
def test_a_bad_item_is_named_and_the_rest_kept(item: dict[str, str], fault: tuple[str, str]) -> None:
    data = make_bcbp(legs=[make_leg(**item)])
    assert faults(data) == [fault]
    assert read(data).family_name == "MUSTER"
    assert len(read(data).legs) == 1


def test_a_bad_day_of_issue() -> None:
    data = make_bcbp(legs=[make_leg(conditional=make_conditional("1WW6400BXX "))])
    assert faults(data) == [("issue_date", "date")]
    assert read(data).issue_date is None


def test_wherever_a_pass_is_cut_its_first_flight_stands() -> None:
    for cut in range(60, len(FULL)):
        one = read(FULL[:cut])
        assert one.legs[0].flight == "834"
        assert {fault.code for fault in one.faults} <= set(BCBP_FAULT_CODES)
        missing_security = cut == FULL.index(b"^")  # nothing tells that there was any
        assert one.faults or missing_security, cut


@pytest.mark.parametrize("size", ["FF", "7F", "GG", "  ", "0G", "-1"])
@pytest.mark.parametrize("place", [58, 62, 88])  # of the first flight, of its own items, of the repeated ones
def test_sizes_that_lie(size: str, place: int) -> None:
    assert FULL[place : place + 2].decode() in ("4D", "18", "2A")
    data = FULL[:place] + size.encode() + FULL[place + 2 :]
    one = read(data)
    assert one.legs[0].destination == "SCL"
    assert one.faults


def test_a_pass_that_ends_without_its_last_size() -> None:
    assert faults(make_bcbp()[:-2]) == [("legs.1.size", "length")]


@pytest.mark.parametrize(
    ("tail", "fault"),
    [("^1FFABC", "length"), ("^1ZZABC", "length"), ("^103ABCDEF", "trailing"), ("ABC", "trailing"), ("^", "length")],
)
def test_security_data_that_are_out_of_form(tail: str, fault: str) -> None:
    assert faults(make_bcbp(tail=tail)) == [("security", fault)]


def test_fewer_flights_than_told() -> None:
    data = b"M3" + make_bcbp(legs=[make_leg(), make_leg(flight="0001")])[2:]
    assert faults(data) == [("legs.3", "missing")]
    assert [leg.flight for leg in read(data).legs] == ["834", "1"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"M5" + make_bcbp()[2:], "legs"), (make_bcbp()[:55], "cut_short"), (make_bcbp()[:23], "cut_short")],
)
def test_what_is_broken_beyond_use(data: bytes, code: str) -> None:
    assert is_bcbp(data)
    with pytest.raises(BarcodeError) as caught:
        read(data)
    assert caught.value.code == code
    assert "MUSTER" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"M1", b"M1 MOTORWAY", b"S1MUSTER/ERIKA        E", b"M0" + make_bcbp()[2:]])
def test_what_is_no_pass(data: bytes) -> None:
    assert not is_bcbp(data)
    with pytest.raises(BarcodeError, match="boarding pass"):
        read(data)
