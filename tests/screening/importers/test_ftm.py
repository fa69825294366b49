"""FollowTheMoney: names in several scripts, codes of states, and documents that stand in entities of their own."""

from checkpoint_app.screening.entry import ListedDate, ListedDocument, Name, Quality
from checkpoint_app.screening.importers.ftm import MOST_NAMES_FROM_PARTS
from checkpoint_app.screening.importers.json_objects import entry_of_object
from tests.screening.importers.helpers import entries, write
from tests.screening.importers.samples import FTM, lines


def read(tmp_path, records):
    found, report = entries(write(tmp_path, lines(records)))
    return {entry.id: entry for entry in found}, report


def test_names_are_made_of_parts_script_by_script(tmp_path):
    person = read(tmp_path, FTM)[0]["e-1"]
    assert person.names == (
        Name("MÜSTER9", "Ana"),
        Name("MÜSTER9", "Anita"),
        Name("PRIMEROVA", "ANNA IVANOVNA"),
        Name("PRIMEROVA", "ANNA"),
        Name("LA 9", "", Quality.WEAK, whole=True),
    )


def test_documents_of_their_own_are_joined_before_and_after_their_holder(tmp_path):
    found, report = read(tmp_path, FTM)
    assert found["e-1"].documents == (
        ListedDocument("A0963", "ECU"),
        ListedDocument("ID 77-88"),
        ListedDocument("B99887"),
    )
    stray = "document whose holder is no entry of this source"
    assert (report.left_out[stray], report.lines_of[stray]) == (2, [1, 7])
    assert report.reasons == {
        "schema Passport is a document: it is joined to the entry of its holder": 1,
        "schema Identification is a document: it is joined to the entry of its holder": 2,
        "schema Ownership is not screened": 1,
    }
    assert (report.read, report.taken) == (7, 3)


def test_states_and_dates(tmp_path):
    found, report = read(tmp_path, FTM)
    assert found["e-1"].nationalities == ("ECU", "RKS", "GBR")
    assert found["e-1"].birth_dates == (ListedDate("1974-08", "1974-08"), ListedDate("2001", "2003"))
    assert report.left_out["date of birth that cannot be read"] == 1
    assert report.left_out["document number that cannot be read"] == 1
    assert report.left_out["nationality without an ICAO code"] == 1


def test_ships_and_aircraft_are_kept(tmp_path):
    found, report = read(tmp_path, FTM)
    assert (found["v-1"].schema, found["a-1"].schema) == ("Vessel", "Aircraft")
    assert found["v-1"].names == (Name("MÜSTER9 STAR", whole=True),)
    assert report.schemas == {"Person": 1, "Vessel": 1, "Aircraft": 1}


def test_a_document_that_only_seems_to_be_of_a_holder_is_not_joined(tmp_path):
    odd = [
        {"id": "p-1", "schema": "Passport", "properties": {"holder": ["e-2"], "number": ["Z1"]}},
        {"id": "p-2", "schema": "Passport", "properties": {"holder": [7], "number": ["Z2"]}},
        {"id": "p-3", "schema": "Passport", "properties": ["e-1"]},
        {"id": "p-4", "schema": "Passport", "properties": {"holder": ["e-1"], "number": [7.5]}},
        {"id": "p-5", "schema": "Passport", "properties": {"holder": ["e-1"]}},
        {"id": "p-6", "schema": ["Passport"], "properties": {"holder": ["e-1"], "number": ["Z6"]}},
        {"id": "e-1", "schema": "Person", "properties": {"name": ["EJEMPLO, Ana"], "notes": ['"Passport"']}},
    ]
    found, report = read(tmp_path, odd)
    assert found["e-1"].documents == ()
    assert (report.read, report.taken) == (7, 1)


def test_a_part_that_cannot_be_read_does_not_cost_the_person(tmp_path):
    record = {
        "id": "e-1",
        "schema": "Person",
        "properties": {
            "name": ["EJEMPLO, Ana", "x" * 500],
            "alias": [f"EJEMPLO, Ana {n:x}" for n in range(300)],
            "lastName": ["EJEMPLO"],
            "firstName": [f"Ana {letter}" for letter in "ABCDEFGH"],
        },
    }
    found, report = read(tmp_path, [record])
    assert len(found["e-1"].names) == 200
    assert report.left_out == {"name that cannot be read": 1, "names beyond 200": 1}
    few = entry_of_object(
        record | {"properties": record["properties"] | {"name": [], "alias": []}}, lambda reason: None
    )
    assert len(few.names) == MOST_NAMES_FROM_PARTS
