"""Who at the desk is who on a list: never another by a number alone, whatever the order of the list."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.booth.arrivals.passenger_match import (
    BIRTH,
    DOCUMENT,
    NAME,
    NATIONALITY,
    Sureness,
    Traveller,
    best,
    differing,
    is_found,
    sharing,
    traveller_of,
)
from checkpoint_app.booth.arrivals.passengers import Person, keys_of
from checkpoint_app.cargo.values import ListedDocument, Passenger, Pnr
from checkpoint_app.documents import Format, PartialDate, TravelDocument

KLARA = TravelDocument(
    Format.TD3,
    document_code="P",
    issuer="D",
    document_number="C01X00T47",
    nationality="D",
    birth_date=PartialDate("800101", 1980, 1, 1),
    family_name="MUSTER",
    given_names="KLARA LUISA",
)


def stated(number: str | None = "C01X00T47", issuer: str | None = "DEU", **changes: object) -> Person:
    papers = (ListedDocument("P", number, issuer),) if number else ()
    made = Passenger("MUSTER", "KLARA", birth="1980-01-01", nationality="DEU", documents=papers)
    return Person(replace(made, **changes))  # type: ignore[arg-type]


def codes(person: Person, document: TravelDocument = KLARA) -> list[str]:
    return [one.code for one in differing(traveller_of(document), person)]


@pytest.mark.parametrize(
    ("person", "found"),
    [
        (stated(), Sureness.DOCUMENT_AND_NAME),
        (stated(issuer="D"), Sureness.DOCUMENT_AND_NAME),
        (stated(issuer="de"), Sureness.DOCUMENT_AND_NAME),
        (stated(" c01-x00t47 "), Sureness.DOCUMENT_AND_NAME),
        (stated(family="OTRA"), Sureness.DOCUMENT_AND_BIRTH),
        (stated(family="OTRA", birth="1970-01-01"), Sureness.DOCUMENT),
        (stated(issuer=None), Sureness.DOCUMENT_AND_NAME),
        (stated(issuer=None, family="OTRA"), Sureness.DOCUMENT_AND_BIRTH),
        (stated(issuer=None, family="OTRA", birth=None), None),
        (stated(issuer="CHL", family="OTRA"), None),
        (stated(issuer="CHL"), Sureness.NAME_AND_BIRTH),
        (stated("Z9"), Sureness.NAME_AND_BIRTH),
        (stated(None), Sureness.NAME_AND_BIRTH),
        (stated("Z9", birth=None), None),
        (stated("Z9", birth="1980-01-02"), None),
        (stated("Z9", given=""), None),  # the family's name and a birth date alone may be a twin's
        (stated("Z9", given="LUISA KLARAMRS"), Sureness.NAME_AND_BIRTH),
    ],
)
def test_found_by_number_and_issuer_else_by_name_and_birth(person: Person, found: Sureness | None) -> None:
    assert is_found(traveller_of(KLARA), person) is found


def test_what_differs_is_named_and_what_is_open_is_not() -> None:
    assert codes(stated()) == []
    assert codes(stated(family="OTRA", birth="1981-01-01", nationality="CHL")) == [NAME, BIRTH, NATIONALITY]
    assert codes(stated("Z9")) == [DOCUMENT]
    assert codes(stated(None)) == []
    assert codes(stated(birth="1980", nationality="0", unreadable=True, family="OTRA")) == []
    assert codes(stated(birth="1980-01-02"), replace(KLARA, birth_date=PartialDate("8001<<", 1980, 1, None))) == []
    assert codes(stated(birth="1980-02-02"), replace(KLARA, birth_date=PartialDate("8001<<", 1980, 1, None))) == [BIRTH]
    assert codes(stated(family="OTRA"), replace(KLARA, name_truncated=True)) == []


def test_a_visas_number_is_nobodys_passport() -> None:
    visa = (ListedDocument("V", "C01X00T47", "DEU"),)
    person = stated(documents=visa, birth=None)
    assert is_found(traveller_of(KLARA), person) is None
    assert codes(stated(documents=visa)) == []


def test_a_bookings_document_without_a_name_needs_the_name_too() -> None:
    papers = (ListedDocument("P", "C01X00T47", "DEU"),)
    pnr = Pnr("ABC", documents=papers)
    here = Person(stated(None, birth=None).passenger, pnr, papers)
    other = Person(stated(None, birth=None, family="OTRA").passenger, pnr, papers)
    assert is_found(traveller_of(KLARA), here) is Sureness.DOCUMENT_AND_NAME
    assert is_found(traveller_of(KLARA), other) is None


def test_what_is_in_doubt_is_not_compared() -> None:
    traveller = traveller_of(KLARA, ("document_number", "birth_date", "names", "nationality"))
    assert traveller == Traveller(issuer="DEU")
    assert differing(traveller, stated("Z9", family="OTRA", birth="1900-01-01", nationality="CHL")) == ()
    assert is_found(traveller, stated()) is None


def test_others_share_a_document_of_one_issuer() -> None:
    others = [stated(), stated(issuer=None), stated(issuer="CHL"), stated("Z9"), stated(None)]
    assert sharing(stated(), others) == 2


numbers = st.sampled_from(["A1", "A2", "a-1", "", None])
issuers = st.sampled_from(["DEU", "D", "CHL", "CL", "0", "", None])
names = st.sampled_from(["MUSTER", "OTRA", "MÜSTER", "", None])
births = st.sampled_from(["1980-01-01", "1980-01-02", "1980", None])
documents = st.builds(ListedDocument, st.sampled_from(["P", "V", None]), numbers, issuers)
people = st.builds(
    lambda family, given, birth, papers: Person(Passenger(family, given, birth=birth, documents=tuple(papers))),
    names,
    st.sampled_from(["KLARA", "ANA", "KLARA LUISA", None]),
    births,
    st.lists(documents, max_size=2),
)
travellers = st.builds(
    lambda number, issuer, family: traveller_of(
        replace(KLARA, document_number=number, issuer=issuer, family_name=family)
    ),
    st.sampled_from(["A1", "A2"]),
    st.sampled_from(["D", "CHL"]),
    st.sampled_from(["MUSTER", "OTRA"]),
)


@given(travellers, people)
def test_a_number_of_another_issuer_is_never_enough(traveller: Traveller, person: Person) -> None:
    found = is_found(traveller, person)
    differs = {one.code for one in differing(traveller, person)}
    if found is None:
        return
    if found is Sureness.NAME_AND_BIRTH:
        assert not {NAME, BIRTH} & differs
    else:
        assert DOCUMENT not in differs
        same = [one for one in person.held if one.number and one.number.upper().replace("-", "") == traveller.number]
        known = {{"D": "DEU", "CL": "CHL"}.get(one.issuer or "", one.issuer) for one in same}
        assert known & {traveller.issuer, None, "", "0"}
        assert traveller.issuer in known or not {NAME, BIRTH} <= differs
    assert set(traveller.keys) & keys_of(person)  # the store finds whoever is found


@given(travellers, st.lists(people, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_list_plays_no_part(traveller: Traveller, on_it: list[Person], shuffle: random.Random) -> None:
    numbered = list(enumerate(on_it))
    found = best(traveller, numbered)
    shuffle.shuffle(numbered)
    assert best(traveller, numbered) == found
    assert (found is None) == all(is_found(traveller, person) is None for person in on_it)
