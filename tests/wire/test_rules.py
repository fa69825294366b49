"""A rule set in records: its exact bytes come out again, whatever they are, or nothing does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire import rules
from checkpoint_app.wire.exact import PART_BYTES, part_of
from checkpoint_app.wire.header import MAX_RECORD_BYTES
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.rules import list_name_of, read_rules, write_rules


@given(st.binary(min_size=1, max_size=300))
def test_the_bytes_come_out_again(data: bytes) -> None:
    (record,) = write_rules(data)
    assert set(record) == {"rules"}
    assert read_rules([record]) == data


def test_a_large_set_is_in_parts_that_are_records() -> None:
    data = bytes(range(256)) * (5 * PART_BYTES // 512)
    records = list(write_rules(data))
    assert [part_of(record) for record in records] == [0, 1, 2]
    assert all(len(record["rules"]) < MAX_RECORD_BYTES - 100 for record in records)
    assert read_rules(records) == data
    with pytest.raises(PlainError, match="out of order"):
        read_rules([records[0], records[2], records[1]])


@given(
    st.lists(st.dictionaries(st.sampled_from(["rules", "part", "x"]), st.one_of(st.integers(), st.text())), max_size=3)
)
def test_what_is_no_set_is_named_so(records: list[dict[str, Any]]) -> None:
    try:
        data = read_rules(records)
    except PlainError:
        return
    assert read_rules(list(write_rules(data))) == data


def test_a_set_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="at most 10 bytes"):
        list(write_rules(b"x" * 11))
    monkeypatch.setattr(rules, "MOST_BYTES", 11)
    records = list(write_rules(b"x" * 11))
    monkeypatch.setattr(rules, "MOST_BYTES", 10)
    with pytest.raises(PlainError, match="at most 10 bytes"):
        read_rules(records)


@pytest.mark.parametrize(("name", "of"), [("DEMO", "demo"), ("Border-2", "border-2"), ("rules", "rules"), ("7", "7")])
def test_a_list_is_named_as_its_set(name: str, of: str) -> None:
    assert list_name_of(name) == of


@pytest.mark.parametrize("name", ["", "a b", "-a", "a.b", "policy", "OFFICERS", "a/b", "é", "x" * 65, "a\n", "\u212a"])
def test_what_names_no_set(name: str) -> None:
    with pytest.raises(ValueError, match="named by"):
        list_name_of(name)
