"""The stories as the product's own engine sees them, on the lists at their full size."""

import pytest

from checkpoint_app.demo.lists import LISTED_ERIKSON, STOLEN_NUMBER, listed_numbers, watchlist
from checkpoint_app.demo.tray import tray
from checkpoint_app.screening import build_segment, calibrate, entry_to_plain, load, number_to_plain
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.numbers.build import blocks_of
from tests.demo.helpers import TODAY

TRAY = tray(TODAY)


@pytest.fixture(scope="module")
def persons():
    entries = watchlist()
    calibration = calibrate(entries, travellers=1_000)
    return load("persons", dict(build_segment("persons", map(entry_to_plain, entries), calibration)))


@pytest.fixture(scope="module")
def numbers():
    return load("documents", dict(build_segment("documents", blocks_of(map(number_to_plain, listed_numbers())))))


def subject(document):
    return Subject(
        family_name=document.family_name,
        given_names=document.given_names,
        birth=document.birth_date.raw,
        sex=document.sex.value,
        nationality=document.nationality,
        document_number=document.document_number,
        issuer=document.issuer,
    )


@pytest.mark.parametrize("item", TRAY, ids=lambda item: item.name)
def test_only_the_name_hit_is_a_possible_match(persons, item):
    hits = [one for one in persons.screen(subject(item.document)) if one.score >= one.threshold]
    assert [one.entry_id for one in hits] == ([LISTED_ERIKSON.id] if item.name == "2-name-hit" else [])


@pytest.mark.parametrize("item", TRAY, ids=lambda item: item.name)
def test_only_the_stolen_one_is_listed_by_number(numbers, item):
    found = numbers.look_up(item.document.document_number, item.document.issuer)
    expected = [(STOLEN_NUMBER.category, True)] if item.name == "3-stolen" else []
    assert [(match.category, match.exact) for match in found] == expected
