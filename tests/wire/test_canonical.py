import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.canonical import MAX_DEPTH, MAX_INTEGER, CanonicalError, canonical_bytes, read_canonical

KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_what_is_written_reads_back_and_is_json(value):
    data = canonical_bytes(value)
    assert read_canonical(data, len(data)) == value
    assert json.loads(data) == value


def test_rfc_8785_form():
    # The string and key examples of RFC 8785 §3.2.2 and §3.2.3, with ASCII keys.
    value = {"peach": '€$\u000f\nA\'B"\\"/', "literals": [None, True, False], "1": 333, "\r": "\u007f"}
    assert canonical_bytes(value) == (
        b'{"\\r":"\x7f","1":333,"literals":[null,true,false],"peach":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\"/"}'
    )


def test_key_order_does_not_matter():
    assert canonical_bytes({"b": 1, "a": (2,)}) == canonical_bytes({"a": [2], "b": 1}) == b'{"a":[2],"b":1}'


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), b"x", {1: 2}, {"é": 1}, {1, 2}, MAX_INTEGER + 1, -MAX_INTEGER - 1, "\ud800", [object()]],
)
def test_no_canonical_form(value):
    with pytest.raises(CanonicalError):
        canonical_bytes(value)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: (inner,), lambda inner: {"a": inner}])
def test_depth_is_bounded(wrap):
    def nested(depth):
        value = 1
        for _ in range(depth):
            value = wrap(value)
        return value

    assert canonical_bytes(nested(MAX_DEPTH))
    with pytest.raises(CanonicalError, match="deeper"):
        canonical_bytes(nested(MAX_DEPTH + 1))
    with pytest.raises(CanonicalError):
        read_canonical(b"[" * 200_000, 1 << 20)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u0041"',
        b'"\\/"',
        b"-0",
        b"1.0",
        b"1e2",
        b"NaN",
        b"[1]\n",
        b"",
        b"\xff",
        b'"\\ud800"',
        b"\xef\xbb\xbf1",
        b"9007199254740992",
        b"9" * 5000,
    ],
)
def test_other_forms_are_refused(data):
    with pytest.raises(CanonicalError):
        read_canonical(data, 1 << 20)


def test_size_is_bounded():
    assert read_canonical(b"[1,2]", 5) == [1, 2]
    with pytest.raises(CanonicalError, match="5 bytes"):
        read_canonical(b"[1,2]", 4)


def test_errors_do_not_repeat_the_value():
    with pytest.raises(CanonicalError) as caught:
        canonical_bytes({"name": {"GUZMAN"}})
    assert "GUZMAN" not in str(caught.value)
