"""Synthetic lists: their size, that nobody is in them twice, what is planted, and that the clear are not."""

import time
from collections import Counter
from random import Random

import pytest

from checkpoint_app.demo import lists
from checkpoint_app.demo.lists import (
    LISTED_ERIKSON,
    NUMBERS,
    PERSONS,
    STOLEN_NUMBER,
    SYNTHETIC,
    listed_numbers,
    watchlist,
)
from checkpoint_app.demo.names import invent_person
from checkpoint_app.demo.tray import tray
from checkpoint_app.documents import is_known_code, to_mrz_characters, unknown_characters
from tests.demo.helpers import TODAY


@pytest.fixture(scope="module")
def persons():
    return watchlist()


@pytest.fixture(scope="module")
def numbers():
    return listed_numbers()


def test_sizes(persons, numbers):
    assert (len(persons), len(numbers)) == (PERSONS, NUMBERS) == (10_000, 100_000)
    assert len(watchlist(1)) == len(listed_numbers(1)) == 1


def test_every_entry_is_another_person_and_says_synthetic(persons):
    assert len({entry.id for entry in persons}) == len(persons)
    people = Counter(
        (entry.names[0], entry.birth_dates, entry.id if not entry.birth_dates else "") for entry in persons
    )
    full = [key for key, count in people.items() if count > 1 and len(key[1][0].first) == 10]
    assert not full
    assert {entry.remarks for entry in persons} == {SYNTHETIC}
    assert {entry.schema for entry in persons} == {"Person"}


def test_a_namesake_born_on_the_same_day_is_not_listed_twice(monkeypatch):
    monkeypatch.setattr(lists, "_BIRTH_DAYS", 1)
    entries = watchlist(6000)
    assert len({entry.names[0] for entry in entries}) == len(entries) == 6000


def test_lists_are_the_same_every_time(persons):
    assert watchlist() == persons
    assert watchlist(50) == watchlist(50)


def test_the_planted_entry_is_there_once(persons):
    assert persons.count(LISTED_ERIKSON) == 1
    assert [entry for entry in persons if entry.names[0].family.startswith("ERIK")] == [LISTED_ERIKSON]


def test_nobody_of_the_tray_shares_a_name_with_the_list(persons):
    """Not even one family name: a clear specimen must not depend on a threshold."""
    listed = {part for entry in persons for name in entry.names for part in to_mrz_characters(name.family).split("<")}
    for item in tray(TODAY):
        if item.name != "2-name-hit":
            assert not listed & set(item.document.family_name.split())


def test_numbers_differ_and_hold_one_of_the_tray(numbers):
    assert len({one.number for one in numbers}) == len(numbers)
    assert numbers.count(STOLEN_NUMBER) == 1
    # O for 0 and I for 1 are tried too, so neither form of another specimen's number may be listed.
    listed = {one.number.replace("O", "0").replace("I", "1") for one in numbers}
    on_tray = {item.document.document_number.replace("O", "0").replace("I", "1") for item in tray(TODAY)}
    assert listed & on_tray == {STOLEN_NUMBER.number}


def test_codes_and_letters_are_such_that_a_zone_could_state_them(persons):
    for state in {code for entry in persons for code in entry.nationalities}:
        assert is_known_code(state)
    for entry in persons:
        assert not any(unknown_characters(f"{name.family} {name.given}") for name in entry.names)


def test_dates_are_as_uneven_as_on_real_lists(persons):
    forms = Counter(len(entry.birth_dates[0].first) if entry.birth_dates else 0 for entry in persons)
    assert 0.80 < forms[10] / len(persons) < 0.92
    assert forms[4] > 800
    assert forms[0] > 200


def test_two_hundred_thousand_in_time():
    """The case that the apply test uses; seconds of the processor, so that a busy machine does not decide."""
    began = time.process_time()
    entries = watchlist(200_000)
    assert time.process_time() - began < 15
    assert len({entry.id for entry in entries}) == len(entries) == 200_000


@pytest.mark.parametrize("make", [watchlist, listed_numbers])
def test_nothing_is_no_list(make):
    with pytest.raises(ValueError, match=r"at least 1|1 to"):
        make(0)


def test_every_culture_invents_people_of_both_sexes():
    rng = Random(4)
    people = [invent_person(rng) for _ in range(3000)]
    assert {person.sex for person in people} == {"F", "M"}
    assert {"ECU", "BRA", "USA", "HTI", "EGY", "RUS", "CHN"} <= {person.nationality for person in people}
    assert all(person.family and person.given and person.birth_place for person in people)
    russian_women = [one for one in people if one.nationality == "RUS" and one.sex == "F"]
    assert all(one.family.endswith("a") and one.given.endswith("vna") for one in russian_women)
