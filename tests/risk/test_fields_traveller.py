"""Fields of a traveller: what is known is there in its type, what is not known or in doubt is absent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo.values import Leg, ListedDocument, Passenger, Pnr
from checkpoint_app.documents import Format, MrzError, PartialDate, Sex, TravelDocument, parse_mrz, to_mrz
from checkpoint_app.risk.catalogue import catalogue
from checkpoint_app.risk.fields import CrossingFacts, Listed, Vehicle, traveller_fields
from checkpoint_app.risk.fields_traveller import age_on, carrier_of
from checkpoint_app.verdict import Mode

TODAY = date(2026, 11, 24)
CROSSING = CrossingFacts("in", "3", Mode.AIR)
KLARA = TravelDocument(
    format=Format.TD3,
    document_code="P",
    issuer="D",
    document_number="C01X00T47",
    nationality="D",
    birth_date=PartialDate("800101", 1980, 1, 1),
    sex=Sex.FEMALE,
    expiry_date=PartialDate("261224", 2026, 12, 24),
    family_name="MUSTER",
    given_names="KLARA LUISA",
)
OUT = Leg("XX0417", "BOG", "UIO", "2026-11-24T08:00", "2026-11-24T09:40")
BACK = Leg("XX0418", "UIO", "BOG", "2026-11-26T07:00", "2026-11-26T08:40")


def fields(document: TravelDocument = KLARA, **more: object) -> dict[str, object]:
    return traveller_fields(document, TODAY, CROSSING, **more)  # type: ignore[arg-type]


def booked(**changes: object) -> Listed:
    facts = {"passengers": (Passenger("MUSTER", "KLARA"),), "itinerary": (OUT, BACK), **changes}
    return Listed("PNRGOV", leg=OUT, pnr=Pnr(**facts))  # type: ignore[arg-type]


def test_a_document_alone_gives_its_own_fields_and_no_others() -> None:
    assert fields() == {
        "doc.type": "P",
        "doc.issuer": "DEU",
        "doc.days_left": 30,
        "person.nationality": "DEU",
        "person.age": 46,
        "trip.mode": "air",
        "trip.direction": "in",
        "trip.lane": "3",
        "name.tokens": ["MUSTER", "KLARA", "LUISA"],
    }


@pytest.mark.parametrize(
    ("doubt", "gone"),
    [
        ("issuer", {"doc.issuer"}),
        ("nationality", {"person.nationality"}),
        ("birth_date", {"person.age"}),
        ("expiry_date", {"doc.days_left"}),
        ("document_code", {"doc.type"}),
        ("family_name", {"name.tokens"}),
        ("given_names", {"name.tokens"}),
        ("names", {"name.tokens"}),
        ("sex", set()),
    ],
)
def test_a_field_in_doubt_is_not_received(doubt: str, gone: set[str]) -> None:
    assert fields().keys() - fields(in_doubt={doubt}).keys() == gone


def test_half_a_name_is_none() -> None:
    assert "name.tokens" not in fields(replace(KLARA, name_truncated=True))
    assert "name.tokens" not in fields(replace(KLARA, given_names=None))


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ((1980, 11, 24), 46),
        ((1980, 11, 25), 45),
        ((2008, 2, 29), 18),
        ((1980, 10, None), 46),
        ((1980, 12, None), 45),
        ((1980, 11, None), None),
        ((1980, None, None), None),
        ((None, 3, 1), None),
    ],
)
def test_an_age_is_told_only_where_it_is_the_one_possible(birth: tuple[int | None, ...], age: int | None) -> None:
    assert age_on(PartialDate("", *birth), TODAY) == age


def test_a_document_without_expiry_has_no_days_left() -> None:
    assert "doc.days_left" not in fields(replace(KLARA, expiry_date=PartialDate("<<<<<<")))
    assert fields(replace(KLARA, expiry_date=PartialDate("261120", 2026, 11, 20)))["doc.days_left"] == -4


def test_a_booking_tells_of_the_trip() -> None:
    found = fields(listed=booked(booked="2026-11-23T20:00", paid_cash=True, bags=0, bags_kg=0.0, agency="XX1"))
    assert {name: value for name, value in found.items() if name.split(".")[0] in ("trip", "pnr", "bag")} == {
        "trip.mode": "air",
        "trip.direction": "in",
        "trip.lane": "3",
        "trip.flight": "XX0417",
        "trip.carrier": "XX",
        "trip.origin": "BOG",
        "trip.route": ["BOG", "UIO", "BOG"],
        "trip.one_way": False,
        "trip.stay_days": 2,
        "trip.party_size": 1,
        "pnr.present": True,
        "pnr.paid_cash": True,
        "pnr.lead_hours": 12,
        "pnr.agency": "XX1",
        "bag.count": 0,
        "bag.weight_kg": 0.0,
    }


def test_what_a_booking_does_not_say_is_absent() -> None:
    found = fields(listed=booked(itinerary=(OUT, Leg("XX0418", "UIO", None))))
    for name in ("trip.one_way", "trip.stay_days", "pnr.paid_cash", "pnr.lead_hours", "bag.count", "bag.weight_kg"):
        assert name not in found


def test_no_booking_is_known_only_of_a_list_of_bookings() -> None:
    assert "pnr.present" not in fields()
    assert "pnr.present" not in fields(listed=Listed("PAXLST"))
    assert fields(listed=Listed("PNRGOV"))["pnr.present"] is False


def test_two_stays_are_none_that_anybody_could_name() -> None:
    third = Leg("XX1", "BOG", "LIM", "2026-12-01T07:00", "2026-12-01T09:00")
    assert "trip.stay_days" not in fields(listed=booked(itinerary=(OUT, BACK, third)))


@pytest.mark.parametrize(
    ("family", "given", "differs"),
    [
        ("MUSTER", "KLARA LUISA", False),
        ("MUSTER", "KLARALUISAMRS", False),
        ("MUSTER", "KLARA MRS", False),
        ("Müster", "Klara", True),  # which a zone writes MUESTER
        ("EJEMPLO", "KLARA", True),
        ("MUSTER", None, None),
        ("穆", "KLARA", None),
    ],
)
def test_names_of_a_list_are_held_against_the_document(family: str, given: str | None, differs: bool | None) -> None:
    listed = Listed("PAXLST", Passenger(family, given))
    assert fields(listed=listed).get("api.names_differ") is differs


@pytest.mark.parametrize(
    ("documents", "differs"),
    [
        ((ListedDocument("P", "C01X00T47"),), False),
        ((ListedDocument("P", "c01-x00 t47"),), False),
        ((ListedDocument("P", "X1"), ListedDocument("I", "C01X00T47")), False),
        ((ListedDocument("P", "X1"),), True),
        ((ListedDocument("V", "X1"),), None),
        ((ListedDocument("P", None),), None),
        ((), None),
    ],
)
def test_numbers_of_a_list_are_held_against_the_document(
    documents: tuple[ListedDocument, ...], differs: bool | None
) -> None:
    listed = Listed("PAXLST", Passenger("MUSTER", "KLARA", documents=documents))
    assert fields(listed=listed).get("api.doc_differs") is differs


def test_history_and_vehicle_come_as_given() -> None:
    found = fields(
        history={"hist.crossings_90d": 0, "trip.mode": "sea"}, vehicle=Vehicle("PDM-0417", "ec", owner_present=False)
    )
    assert found["hist.crossings_90d"] == 0
    assert found["trip.mode"] == "air"
    assert (found["vehicle.plate_country"], found["vehicle.owner_present"]) == ("ECU", False)
    assert found["vehicle.plate"] == "PDM-0417"


def test_who_is_not_on_a_list_is_known_only_where_there_is_one() -> None:
    assert not {"list.present", "list.listed"} & fields().keys()
    missing = fields(listed=Listed("PAXLST"))
    assert (missing["list.present"], missing["list.listed"]) == (True, False)
    there = fields(listed=Listed("PAXLST", Passenger("MUSTER", "KLARA"), documents_shared=0))
    assert (there["list.listed"], there["list.documents_shared"]) == (True, 0)


@pytest.mark.parametrize(
    ("flight", "carrier"),
    [("SQ609", "SQ"), ("4C 0012A", "4C"), ("AVA12", "AVA"), ("417", None), ("PDM-0417", None), (None, None)],
)
def test_a_carrier_is_read_of_a_flight_alone(flight: str | None, carrier: str | None) -> None:
    assert carrier_of(flight) == carrier


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # readers let no others through
texts = st.one_of(st.none(), st.text(LETTERS, max_size=12))
moments = st.one_of(texts, st.datetimes().map(str), st.datetimes().map(lambda moment: moment.isoformat()[:16]))
legs = st.builds(Leg, texts, texts, texts, moments, moments)
documents = st.builds(ListedDocument, texts, texts, texts)
passengers = st.builds(Passenger, texts, texts, embark=texts, documents=st.tuples(documents), unreadable=st.booleans())
bookings = st.builds(
    Pnr,
    passengers=st.lists(passengers, max_size=2).map(tuple),
    itinerary=st.lists(legs, max_size=4).map(tuple),
    booked=texts,
    bags=st.one_of(st.none(), st.integers(0, 9)),
)
lists = st.builds(
    Listed,
    st.sampled_from(["PAXLST", "PNRGOV"]),
    st.one_of(st.none(), passengers),
    st.one_of(st.none(), legs),
    st.one_of(st.none(), bookings),
)


def _spoilt(at: int, letter: str) -> list[str]:
    whole = "".join(to_mrz(KLARA))
    whole = whole[:at] + letter + whole[at + 1 :]
    return [whole[:44], whole[44:]]


lines = st.one_of(
    st.lists(st.text("ABCDEFZ0123456789<", min_size=44, max_size=44), min_size=2, max_size=2),
    st.builds(_spoilt, st.integers(0, 87), st.sampled_from("AZ05<")),
)


@given(lines, st.one_of(st.none(), lists))
def test_no_document_and_no_list_is_too_odd(zone: list[str], listed: Listed | None) -> None:
    try:
        mrz = parse_mrz(zone, TODAY)
    except MrzError:
        return
    found = fields(mrz.document, listed=listed, in_doubt={fault.field for fault in mrz.faults})
    known = catalogue("traveller/2")
    assert known is not None
    assert known.usable(found) == found
