"""The form of each source is told from its content, and named in the report."""

import json

import pytest

from checkpoint_app.screening.importers import Content, SourceError, sources_of
from tests.screening.importers import samples
from tests.screening.importers.helpers import entries, numbers, write

FORMS = [
    (samples.SDN, "OFAC CSV; without alternate names, addresses, comments"),
    ("x\n" + samples.SDN, "OFAC CSV; without alternate names, addresses, comments"),
    (samples.lines(samples.FTM), "JSON lines, FollowTheMoney"),
    (samples.lines(samples.PLAIN), "JSON lines, plain entries"),
    (samples.lines(samples.NOTICES), "JSON lines, notices"),
    (samples.lines([{"id": "1", "names": [{"family": "EJEMPLO"}]}]), "JSON lines, entries of ours"),
    (samples.lines([{"number": "AB1"}]), "JSON lines, document numbers"),
    (samples.document(samples.PAGE), "JSON document, notices"),
    (json.dumps(samples.PAGE), "JSON document, notices"),
    (samples.document(samples.NOTICES[0]), "JSON document, notices"),
    (samples.document(samples.PLAIN), "JSON document, plain entries"),
    (json.dumps(samples.PLAIN), "JSON document, plain entries"),
    (json.dumps([{"number": "AB1"}]), "JSON document, document numbers"),
    (samples.TABLE, "table of persons"),
    (samples.NUMBERS, "table of document numbers"),
    ("<sdnList><sdnEntry/></sdnList>", "OFAC XML"),
    ("<x:Sanctions xmlns:x='u'/>", "OFAC advanced XML"),
    ("<?xml version='1.0'?><CONSOLIDATED_LIST/>", "United Nations XML"),
    ("<export xmlns='u'/>", "European Union XML"),
]


@pytest.mark.parametrize(("text", "form"), FORMS, ids=[f"{n}-{form[:20]}" for n, (_, form) in enumerate(FORMS)])
def test_a_form_is_told_from_the_content(tmp_path, text, form):
    (source,) = sources_of([write(tmp_path, text, "list.dat")])
    assert source.told == form
    assert source.content is (Content.NUMBERS if "numbers" in form else Content.ENTRIES)


def test_pages_of_notices_in_one_long_line_are_a_document(tmp_path):
    page = {"query": "x" * 70_000, "_embedded": {"notices": samples.NOTICES}}
    read, report = entries(write(tmp_path, json.dumps(page)))
    assert (len(read), report.refusals) == (2, 0)


def test_lines_stay_lines_though_the_first_is_broken_or_long(tmp_path):
    broken = '{"id": broken\n' + samples.lines(samples.PLAIN)
    read, report = entries(write(tmp_path, broken))
    assert (len(read), report.refused) == (4, [(1, "the line is no JSON object")])
    long = samples.lines([samples.PLAIN[0] | {"x": "x" * 70_000}, *samples.PLAIN[1:]])
    assert len(entries(write(tmp_path, long))[0]) == 4


def test_an_array_of_numbers(tmp_path):
    read, report = numbers(write(tmp_path, json.dumps([{"number": "AB1", "issuer": "EC"}, {"number": ""}, 7])))
    assert [(listed.number, listed.issuer) for listed in read] == [("AB1", "ECU")]
    assert len(report.refused) == 2


@pytest.mark.parametrize("text", ["<export/>", "[]", "{}\n"])
def test_a_mapping_is_for_tables_only(tmp_path, text):
    with pytest.raises(SourceError, match="a mapping is for tables"):
        sources_of([write(tmp_path, text)], {"id": "id"})


def test_a_mapping_makes_a_table_of_any_lines(tmp_path):
    (source,) = sources_of([write(tmp_path, samples.SDN, "sdn.csv")], {"1": "id", "2": "name", "3": "schema"})
    assert source.form == "table of persons"


def test_a_table_with_quoted_line_ends_a_mark_before_it_and_a_column_twice(tmp_path):
    read, report = entries(write(tmp_path, samples.TABLE))
    assert [(entry.id, len(entry.names), len(entry.birth_dates), len(entry.documents)) for entry in read] == [
        ("1", 3, 2, 2),
        ("2", 1, 1, 0),
        ("3", 1, 0, 1),
    ]
    assert read[0].names[0].given == "Ana María"
    assert (report.read, report.refusals) == (3, 0)


def test_states_are_known_by_name_too(tmp_path):
    text = 'id,name,nationality,number,issuer\n1,EJEMPLO,"Corea del Sur;Bolivia, Plurinational State of",AB1,Perú\n'
    (entry,), report = entries(write(tmp_path, text))
    assert (entry.nationalities, entry.documents[0].issuer) == (("KOR", "BOL"), "PER")
    assert report.left_out == {}
