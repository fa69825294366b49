"""Notices after the published form; these are invented, for no real file was given."""

import pytest

from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.json_objects import entry_of_object
from tests.screening.importers.samples import NOTICES


def made(record):
    left_out = []
    return entry_of_object(record, left_out.append), left_out


def test_a_wanted_persons_notice():
    entry, left_out = made(NOTICES[0])
    assert entry == Entry(
        "2099/1",
        "Person",
        (Name("MÜSTER9", "ANA MARIA"),),
        (ListedDate("1974-08-12", "1974-08-12"),),
        "F",
        ("ECU",),
        birth_place="Tulcán, Ecuador",
        remarks="PER: testing · scar",
    )
    assert left_out == ["nationality without an ICAO code"]


def test_a_notice_with_other_names_and_documents():
    entry, left_out = made(NOTICES[1])
    assert entry.names == (
        Name("EJEMPLO", "", whole=True),
        Name("MÜSTER9", "", whole=True),
        Name("MUESTRA", "LUIS"),
        Name("LUCHO", "", whole=True),
    )
    assert entry.documents == (ListedDocument("P123456", "COL"), ListedDocument("Q7654321"))
    assert entry.birth_dates == (ListedDate("1980", "1980"),)
    assert left_out == ["document number that cannot be read"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "", "forename": ""}, "name: none is given"),
        ({"entity_id": None}, "id: expected"),
        ({"nationalities": 7.5}, "nationalities: expected a text"),
        ({"arrest_warrants": ["x"]}, "arrest_warrants: expected objects"),
        ({"aliases": [7.5]}, "aliases: expected a text"),
    ],
)
def test_notices_that_are_refused(changes, words):
    with pytest.raises(FieldError, match=words):
        made(NOTICES[0] | changes)


def test_a_name_in_its_own_script_is_transliterated_or_told():
    entry, left_out = made(NOTICES[1] | {"name_in_original_script": "Примеров", "forename_in_original_script": "Иван"})
    assert Name("PRIMEROV", "IVAN") in entry.names
    assert "name in a script without transliteration" not in left_out
    assert "name in a script without transliteration" in made(NOTICES[1] | {"name_in_original_script": "张伟"})[1]


def test_part_of_a_birth_date_is_kept():
    assert made(NOTICES[0] | {"date_of_birth": "1974/08"})[0].birth_dates == (ListedDate("1974-08", "1974-08"),)
    entry, left_out = made(NOTICES[0] | {"date_of_birth": "1974/13/41"})
    assert (entry.birth_dates, left_out[0]) == ((), "nationality without an ICAO code")
    assert "date of birth that cannot be read" in left_out
