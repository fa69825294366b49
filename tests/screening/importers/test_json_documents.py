"""Files that are one JSON document: read object by object, and refused whole where they are cut or broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.importers import SourceError, json_document
from tests.screening.importers import samples
from tests.screening.importers.helpers import entries, write


def objects(path):
    refused, left_out = [], []
    found = list(json_document.objects(path, lambda *told: refused.append(told), lambda *told: left_out.append(told)))
    return found, refused, left_out


def test_the_members_of_an_array_with_the_lines_where_they_begin(tmp_path):
    path = write(tmp_path, '\ufeff [\n {"id": 1},\n 7, {"id": 2,\n "x": 3}\n ]\n\x1a')
    assert objects(path) == ([(2, {"id": 1}), (3, {"id": 2, "x": 3})], [(3, "the record is no JSON object")], [])


def test_a_page_gives_its_notices_and_tells_when_it_is_not_all(tmp_path):
    found, refused, left_out = objects(write(tmp_path, samples.document(samples.PAGE)))
    assert [record["entity_id"] for _, record in found] == ["2099/1", "2099/2"]
    assert refused == []
    assert left_out == [(1, "page with 2 of 3 notices: give all pages, each as a source")]
    assert objects(write(tmp_path, json.dumps(samples.PAGE | {"total": 2})))[2] == []


def test_one_object_is_one_record(tmp_path):
    found, _, _ = objects(write(tmp_path, samples.document(samples.NOTICES[0])))
    assert [(line, record["entity_id"]) for line, record in found] == [(1, "2099/1")]


def test_duplicates_in_one_line_are_refused(tmp_path):
    read, report = entries(write(tmp_path, json.dumps([samples.PLAIN[0], samples.PLAIN[0], samples.PLAIN[1]])))
    assert [entry.id for entry in read] == ["L0", "L1"]
    assert (report.read, report.duplicates) == (3, 1)


@pytest.mark.parametrize("text", ["[1, 2", '[{"id": 1}, {"id', '{"a": 1,\n"b": [', '{\n"_embedded": {"notices": [{}'])
def test_a_document_that_is_cut_is_refused_whole(tmp_path, text):
    with pytest.raises(SourceError, match=r"source\.txt: line \d: it ends in the middle; get the whole file again"):
        entries(write(tmp_path, text))


@pytest.mark.parametrize("text", ["[1, 2}]", '[{"id": 1} {"id": 2}]', "[] []", "[\n" + "[" * 10_000 + "]", "[1,]"])
def test_a_document_that_is_broken_is_refused_whole(tmp_path, text):
    with pytest.raises(SourceError, match=r"source\.txt: line \d: it is no JSON; get the whole file again"):
        entries(write(tmp_path, text))


def test_a_document_is_bounded_and_utf_8(tmp_path, monkeypatch):
    monkeypatch.setattr(json_document, "MAX_DOCUMENT_BYTES", 20)
    with pytest.raises(SourceError, match="one JSON document of more than 64 MiB; give JSON lines"):
        entries(write(tmp_path, "[" + " " * 20 + "]"))
    with pytest.raises(SourceError, match="not UTF-8"):
        entries(write(tmp_path, b'["\xff"]'))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(members=st.lists(JSON, max_size=5), indent=st.sampled_from([None, 1]))
def test_any_array_is_read_as_json_reads_it(tmp_path_factory, members, indent):
    path = write(tmp_path_factory.mktemp("array"), json.dumps(members, indent=indent))
    found, refused, _ = objects(path)
    assert [record for _, record in found] == [member for member in members if isinstance(member, dict)]
    assert len(found) + len(refused) == len(members)


@given(value=st.dictionaries(st.sampled_from(["a", "_embedded", "total"]), JSON, max_size=3))
def test_any_object_is_one_record_or_a_page(tmp_path_factory, value):
    page = isinstance(value.get("_embedded"), dict)
    found, _, _ = objects(write(tmp_path_factory.mktemp("object"), json.dumps(value)))
    expected = {key: each for key, each in value.items() if not (page and key == "_embedded")}
    assert [record for _, record in found] == [expected]
