"""From a passenger list to whom screening is told of: nobody is left out, and what can't be told is named."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.booth.arrivals.passenger_match import Sureness, Traveller, is_found
from checkpoint_app.booth.arrivals.passengers import PeopleOf, Person, arrival_of, lines_in, subjects_of
from checkpoint_app.booth.goods.manifests import HEAD, people_of, prepare
from checkpoint_app.cargo.comparing import plain_number, plain_state
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import Leg, ListedDocument, MessageError, Passenger, PassengerList, Pnr
from checkpoint_app.screening.subjects import zone_of
from checkpoint_app.store.manifests import PASSENGER, Manifest
from tests.cargo.truths import folder

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TODAY = NOW.date()
RECEIVED = Manifest("m-1", PASSENGER, "PAXLST", "D:02B", NOW, "d", 1)


def taken_in(people: PassengerList) -> list[Person]:
    """Return everybody as the store gives them back."""
    found: list[Person] = []
    for item in prepare(people, "d", NOW).items:
        data = json.loads(json.dumps(item.data))
        if item.place != HEAD:
            read = PeopleOf(lambda _item, data=data: data)
            lines = list(lines_in(item.place, data, len(found)))
            assert [line.place for line in lines] == list(range(len(found), len(found) + len(lines)))
            found += [person for line in lines if (person := read.get(line)) is not None]
    return found


@pytest.mark.data
def test_of_every_message_everybody_is_told_to_screening() -> None:
    count = 0
    for path in sorted(folder("passengers").iterdir()):
        try:
            people = read_message(path.read_bytes()) if path.is_file() else None
        except MessageError:
            continue
        if not isinstance(people, PassengerList):
            continue
        persons = taken_in(people)
        assert [person.passenger for person in persons] == list(people_of(people)), path.name
        for place, person in enumerate(persons):
            subjects = subjects_of(person, place, TODAY)
            assert subjects.parts, path.name
            assert not subjects.refused, path.name
        count += len(persons)
    assert count > 20


@pytest.mark.parametrize(
    ("stated", "refused"),
    [
        ({"birth": "2999-01-01"}, "birth_date"),
        ({"birth": "1980-13-01"}, "birth_date"),
        ({"nationality": "ABCDE"}, "nationality"),
        ({"documents": (ListedDocument("P", "A#1", "UTO"),)}, "document_number"),
        ({"given": "???"}, "given_names"),
        ({"family": "X" * 300}, "family_name"),
    ],
)
def test_a_field_that_is_refused_is_left_out_and_named(stated: dict[str, object], refused: str) -> None:
    plain = {"family": "MUSTER", "given": "KLARA", "birth": "1980-01-01", "nationality": "UTO"}
    subjects = subjects_of(Person(Passenger(**{**plain, **stated})), 7, TODAY)  # type: ignore[arg-type]
    assert (subjects.refused, [part.ref for part in subjects.parts]) == (refused, ["7"])
    assert not getattr(subjects.parts[0], refused)
    zone_of(subjects.parts[0], TODAY)


def test_whoever_states_nothing_is_told_to_nobody() -> None:
    assert subjects_of(Person(Passenger()), 0, TODAY).parts == ()
    assert subjects_of(Person(Passenger("???", "!!")), 0, TODAY) == subjects_of(Person(Passenger("???")), 0, TODAY)


def test_every_document_is_asked_about_and_an_unread_name_in_letters_too() -> None:
    papers = (ListedDocument("P", "A1", "UTO"), ListedDocument("V", "B2", "CHL"), ListedDocument("P", None, "UTO"))
    one = Passenger("M\u2021STER", "KLARA", documents=papers, unreadable=True)
    parts = subjects_of(Person(one), 3, TODAY).parts
    assert [(part.ref, part.document_number, part.issuer) for part in parts] == [
        ("3", "A1", "UTO"),
        ("3.1", "B2", "CHL"),
        ("3.x", "A1", "UTO"),
    ]
    assert [part.family_name for part in parts] == ["M\u2021STER", "M\u2021STER", "MSTER"]


def test_documents_of_a_booking_that_name_nobody_are_everybodys_to_screen() -> None:
    booking = Pnr(
        "ABC", (Passenger("MUSTER", "KLARA"), Passenger("EJEMPLO", "EVA")), (ListedDocument("P", "A1", "UTO"),)
    )
    persons = taken_in(PassengerList("PNRGOV", pnrs=(booking,)))
    assert [subjects_of(one, 0, TODAY).parts[0].document_number for one in persons] == ["A1", "A1"]
    traveller = Traveller("A1", "UTO", ("MUSTER", "KLARA"))
    assert [is_found(traveller, one) for one in persons] == [Sureness.DOCUMENT_AND_NAME, None]


def test_an_arrival_is_due_when_its_last_leg_ends() -> None:
    legs = (
        Leg("XX1", "LIM", "GYE", "2026-11-24T08:00", "2026-11-24T10:00"),
        Leg("XX1", "GYE", "UIO", "2026-11-24T11:00"),
    )
    one = arrival_of(RECEIVED, PassengerList("PAXLST", legs=legs))
    assert (one.label, one.route) == ("XX1", "LIM–UIO")
    assert one.due == datetime(2026, 11, 24, 11, 0).astimezone()
    assert one.ends == max(one.due, NOW) + timedelta(days=1)


@pytest.mark.parametrize("stated", [None, "", "soon", "1999-01-01T00:00", "9999-12-31", "0001-01-01T00:00"])
def test_a_list_without_a_time_that_can_be_is_due_when_it_came(stated: str | None) -> None:
    one = arrival_of(RECEIVED, PassengerList("PAXLST", legs=(Leg(None, arrives=stated),)))
    assert (one.due, one.label) == (NOW, "PAXLST")
    assert arrival_of(RECEIVED, None).due == NOW


texts = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["MUSTER", "KLARA", "1980-01-01", "UTO", "D", "0"]))
documents = st.builds(ListedDocument, texts, texts, texts, texts, texts, texts, texts)
passengers = st.builds(
    Passenger,
    family=texts,
    given=texts,
    sex=texts,
    birth=texts,
    nationality=texts,
    documents=st.lists(documents, max_size=3).map(tuple),
    unreadable=st.booleans(),
    further=texts,
)


@given(st.lists(passengers, max_size=3), st.lists(documents, max_size=2))
def test_whatever_a_list_says_everybody_is_there_and_every_subject_is_in_form(
    people: list[Passenger], papers: list[ListedDocument]
) -> None:
    booking = Pnr("ABC", tuple(people), tuple(papers))
    persons = taken_in(PassengerList("PNRGOV", passengers=tuple(people), pnrs=(booking,)))
    assert len(persons) == 2 * len(people)
    for place, person in enumerate(persons):
        subjects = subjects_of(person, place, date(2026, 11, 24))
        for part in subjects.parts:
            zone_of(part, TODAY)
        assert len({part.ref for part in subjects.parts}) == len(subjects.parts)
        numbers = {plain_number(one.number) for one in person.passenger.documents if plain_number(one.number)}
        told = {plain_number(part.document_number) for part in subjects.parts}
        assert numbers <= told or subjects.refused  # no document is lost in silence
        assert plain_state(person.passenger.nationality) is None or subjects.refused or subjects.parts
