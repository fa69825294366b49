import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.entry import (
    DocumentCategory,
    Entry,
    ListedDate,
    ListedDocument,
    ListedNumber,
    Name,
    Quality,
)
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.json_objects import entry_of_object
from checkpoint_app.screening.importers.records import MAX_VALUES
from checkpoint_app.screening.plain import MAX_PARTS, RecordError, entry_from_plain, entry_to_plain
from tests.screening.importers.helpers import entries, numbers, write

PLAIN = {
    "id": "L1",
    "schema": "Person",
    "surname": "Nasser",
    "given": "Mazen Ali",
    "aliases": [{"surname": "Mejri", "given": "Samyar", "quality": "weak"}],
    "dob": ["1951-05-17", "2007/2011"],
    "sex": "F",
    "nationality": ["EGY"],
    "documents": ["LZ4710439", {"number": "A-123", "issuer": "ec"}],
}
FTM = {
    "id": "NK-1",
    "caption": "Maria Osetrova",
    "schema": "Person",
    "properties": {
        "name": ["OSETROVA, Maria A.", "Maria Osetrova", "Захарова Мария", "张伟"],
        "lastName": ["Osetrova", "Захарова"],
        "firstName": ["Maria", "Мария"],
        "alias": ["Masha Osetrova"],
        "weakAlias": ["Masha"],
        "previousName": ["Maria PETROVA"],
        "birthDate": ["1988-01-07", "1988"],
        "gender": ["female"],
        "nationality": ["ru"],
        "citizenship": ["ua", "suhh"],
        "passportNumber": ["089132114"],
        "idNumber": ["183116181362"],
        "birthPlace": ["Izhevsk"],
        "notes": ["Disqualified"],
    },
}


def test_plain_form(tmp_path):
    read, report = entries(write(tmp_path, [PLAIN]))
    assert read == [
        Entry(
            "L1",
            "Person",
            (Name("Nasser", "Mazen Ali"), Name("Mejri", "Samyar", Quality.WEAK)),
            (ListedDate("1951-05-17", "1951-05-17"), ListedDate("2007", "2011")),
            "F",
            ("EGY",),
            (ListedDocument("LZ4710439"), ListedDocument("A-123", "ECU")),
        )
    ]
    assert (report.read, report.taken, report.refused) == (1, 1, [])


def test_follow_the_money_person(tmp_path):
    (entry,), report = entries(write(tmp_path, [FTM]))
    assert entry == Entry(
        "NK-1",
        "Person",
        (
            Name("Osetrova", "Maria"),
            Name("ZAKHAROVA", "MARIIA"),
            Name("OSETROVA", "Maria A."),
            Name("PETROVA", "Maria"),
            Name("Osetrova", "Masha"),
            Name("Masha", "", Quality.WEAK, whole=True),
        ),
        (ListedDate("1988-01-07", "1988-01-07"), ListedDate("1988", "1988")),
        "F",
        ("RUS", "UKR"),
        (ListedDocument("089132114"), ListedDocument("183116181362")),
        "Izhevsk",
        remarks="Disqualified",
    )
    assert report.left_out == {
        "name in a script without transliteration": 1,
        "nationality without an ICAO code": 1,
    }


def ftm(schema="Person", **properties):
    return {"id": "x", "schema": schema, "properties": properties}


def names_of(record):
    return entry_of_object(record, lambda reason: None).names


def test_follow_the_money_names_from_parts():
    parts = {"lastName": ["Guzmán"], "firstName": ["Ana"], "secondName": ["María"], "fatherName": ["Luis"]}
    assert names_of(ftm(**parts)) == (Name("Guzmán", "Ana María Luis"),)
    assert names_of(ftm(name=["Ana Guzmán"], **parts)) == (Name("Guzmán", "Ana María Luis"), Name("Guzmán", "Ana"))
    assert names_of(ftm(lastName=["Guzmán"], firstName=["Ana María"], middleName=["María"])) == (
        Name("Guzmán", "Ana María"),
    )
    assert names_of(ftm(lastName=["A", "B"], firstName=["C", "D"], name=["E F"])) == (Name("E F", whole=True),)
    assert names_of(ftm(lastName=["A", "B"], firstName=["C"])) == (Name("A", "C"),)


@pytest.mark.parametrize("schema", ["Organization", "Company", "PublicBody"])
def test_follow_the_money_entities(schema):
    record = ftm(schema, name=["Rosa, Limón S.A."], alias=["Рога"], weakAlias=["RL"], abbreviation=["R.L."])
    entry = entry_of_object(record, lambda reason: None)
    assert entry.schema == "Entity"
    assert entry.names == (
        Name("Rosa, Limón S.A.", whole=True),
        Name("ROGA", whole=True),
        Name("RL", "", Quality.WEAK, whole=True),
        Name("R.L.", "", Quality.WEAK, whole=True),
    )


def test_what_may_be_a_person_is_compared_with_travellers():
    assert entry_of_object(ftm("LegalEntity", name=["Rosa Limón"]), lambda reason: None).schema == "Person"


def test_plain_entities_and_whole_names():
    record = {"id": "x", "schema": "Entity", "name": "ACME, Inc.", "aliases": [{"surname": "Acme"}]}
    assert names_of(record) == (Name("ACME, Inc.", whole=True), Name("Acme", whole=True))
    assert names_of({"id": "x", "name": "PAZ, Luis"}) == (Name("PAZ", "Luis"),)


def test_plain_form_with_all_that_may_be_added(tmp_path):
    record = PLAIN | {"handling": ["LE-ONLY", "LE-ONLY"], "birth_place": "Tulcán", "remarks": "SYNTHETIC"}
    (entry,), _ = entries(write(tmp_path, [record]))
    assert (entry.handling, entry.birth_place, entry.remarks) == (("LE-ONLY",), "Tulcán", "SYNTHETIC")


def test_our_own_form_reads_back(tmp_path):
    (entry,), _ = entries(write(tmp_path, [PLAIN]))
    assert entries(write(tmp_path, [entry_to_plain(entry)]))[0] == [entry]


@pytest.mark.parametrize(
    "changes",
    [
        {"names": []},
        {"names": [{}]},
        {"schema": "Ship"},
        {"birth_dates": [{"first": "1974-13"}]},
        {"birth_dates": [{"first": "1975", "last": "1974"}]},
    ],
)
def test_our_own_form_is_checked_too(changes):
    record = {"id": "x", "names": [{"family": "Paz"}], "birth_dates": [{"first": "1974", "last": "1975"}]}
    assert entry_of_object(record, lambda reason: None)
    with pytest.raises(FieldError):
        entry_of_object(record | changes, lambda reason: None)


def test_refusals_name_line_and_reason_and_nothing_personal(tmp_path):
    good = json.dumps(PLAIN)

    def changed(**values):
        return json.dumps(PLAIN | {"id": f"x{len(lines)}"} | values)

    lines = [good]
    lines.append("{not json MAZEN")
    lines.append('["MAZEN"]')
    lines.append("[" * 5000)
    lines.append(good)
    lines.append(changed(surname="", given=""))
    lines.append(changed(surname=5.5))
    lines.append(changed(dob=["17/05/1951 MAZEN"]))
    lines.append(changed(schema="Mazen 1"))
    lines.append(changed(id=""))
    lines.append(changed(aliases=["MAZEN"]))
    lines.append(changed(aliases=[{"surname": "X", "quality": "MAZEN"}]))
    lines.append(changed(documents=["M"]))
    lines.append(changed(documents=[7.5]))
    lines.append(changed(nationality=["EGY"] * (MAX_VALUES + 1)))
    lines.append(changed(surname="MAZEN" * 100))
    lines.append(changed(surname="张", aliases=[]))
    lines.append(json.dumps({"id": "y", "schema": "Person", "properties": ["MAZEN"]}))
    lines.append(json.dumps({"id": "y", "names": ["MAZEN"]}))
    lines.append(changed(aliases=[{"surname": f"A{n}"} for n in range(MAX_PARTS)]))
    read, report = entries(write(tmp_path, "\n".join(lines)))
    assert [entry.id for entry in read] == ["L1"]
    assert [line for line, _ in report.refused] == list(range(2, len(lines) + 1))
    assert (report.read, report.taken, report.refusals, report.duplicates) == (len(lines), 1, len(lines) - 1, 1)
    assert "MAZEN" not in str(report.refused)
    reasons = dict(report.refused)
    assert reasons[2] == reasons[3] == reasons[4] == "the line is no JSON object"
    assert reasons[5] == "the id is given twice: first in line 1"
    assert reasons[6] == "name: surname and given are both empty"
    assert reasons[8].startswith("birth_date: expected")
    assert reasons[9] == "schema ? is not screened"
    assert reasons[17] == "name: none is given that can be compared"


def test_other_schemata_are_refused_by_their_name(tmp_path):
    _, report = entries(write(tmp_path, [FTM, ftm("Address") | {"id": "a"}]))
    assert report.refused == [(2, "schema Address is not screened")]


def test_who_is_named_without_being_listed_is_no_entry(tmp_path):
    marked = [FTM | {"id": "a", "target": True}, FTM | {"id": "b", "target": False}, FTM | {"id": "c"}]
    read, report = entries(write(tmp_path, marked))
    assert [entry.id for entry in read] == ["a", "c"]
    assert report.refused == [(2, "target: its publisher names it without listing it")]


def test_long_remarks_are_shortened():
    entry = entry_of_object(ftm(name=["Ana"], notes=["x" * 1000]), lambda reason: None)
    assert entry.remarks == "x" * 398 + " …"


def test_numbers_in_json_lines(tmp_path):
    path = write(tmp_path, [{"number": "AB1", "issuer": "EC", "category": "stolen"}, {"number": 1234}, {"number": ""}])
    read, report = numbers(path)
    assert read == [
        ListedNumber("AB1", "ECU", DocumentCategory.STOLEN),
        ListedNumber("1234", "", DocumentCategory.LOST),
    ]
    assert report.refused == [(3, "document number: expected 3 to 40 letters and digits")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted(PLAIN)), JSON),
    st.dictionaries(st.sampled_from(sorted(FTM["properties"])), JSON),
)
def test_any_object_is_an_entry_or_refused(plain, properties):
    for record in (PLAIN | plain, FTM | {"properties": FTM["properties"] | properties}):
        try:
            entry = entry_of_object(record, lambda reason: None)
        except (FieldError, RecordError):
            continue
        assert entry.names
        assert entry_from_plain(entry_to_plain(entry)) == entry  # so that a list of such entries can be built


@pytest.mark.data
def test_reference_lists():
    folder = os.environ.get("CHECKPOINT_DATA")
    if not folder:
        pytest.skip("CHECKPOINT_DATA names no folder of reference data")
    matching = Path(folder) / "matching"
    read, report = entries(matching / "dev10k" / "list.jsonl")
    assert (len(read), report.refusals) == (10_000, 0)
    read, report = entries(matching / "official_extracts" / "ftm_entities_example.jsonl")
    assert report.read == 91
    assert [entry.schema for entry in read].count("Person") == 6
    assert [entry.schema for entry in read].count("Entity") == 8
    assert report.reasons == {
        "target: its publisher names it without listing it": 76,
        "schema Passport is a document: it is joined to the entry of its holder": 1,
    }
    assert "date of birth that cannot be read" not in report.left_out
