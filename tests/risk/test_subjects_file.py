"""Subjects from outside: nested or dotted, strict JSON, names that nobody knows are told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.catalogue import catalogue
from checkpoint_app.risk.subjects_file import JsonError, flatten, read_json, read_subjects

FIELDS = catalogue("traveller/1")


def read(content):
    return read_subjects(json.dumps(content).encode(), FIELDS)


def test_nested_objects_become_dotted_names_and_lists_stay_values():
    (one,) = read(
        {"subjects": [{"id": "a", "doc": {"issuer": "GBR", "type": None}, "trip": {"route": ["A"], "x": {}}}]}
    )
    assert one.id == "a"
    assert one.fields == {"doc.issuer": "GBR", "doc.type": None, "trip.route": ["A"]}
    assert one.ignored == ()


def test_names_that_the_catalogue_does_not_know_are_told():
    (one,) = read({"subjects": [{"id": "a", "doc": {"issuer": {"x": 1}, "id": 2}, "faith": "x", "doc.type": "P"}]})
    assert one.ignored == ("doc.id", "doc.issuer.x", "faith")
    assert one.fields["doc.type"] == "P"


def test_no_recursion_for_what_is_nested_deep():
    deep = {}
    for _ in range(5_000):
        deep = {"a": deep}
    assert flatten(deep) == {}


@pytest.mark.parametrize(
    "content",
    [[], {}, {"subjects": {}}, {"subjects": [1]}, {"subjects": [{}]}, {"subjects": [{"id": 7}]}],
    ids=range(6),
)
def test_what_has_no_subjects_is_refused(content):
    with pytest.raises(JsonError, match="expected"):
        read(content)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1,"a":2}', b"[" * 100_000, b"1" * 5_000],
    ids=range(8),
)
def test_json_that_not_all_read_alike_is_refused(data):
    with pytest.raises(JsonError):
        read_json(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    with pytest.raises(JsonError):
        read_subjects(data, FIELDS)
