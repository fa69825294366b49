"""Sources of document numbers: single ones and ranges, as tables and as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkpoint_app.screening import RecordError
from checkpoint_app.screening.entry import DocumentCategory, ListedNumber
from checkpoint_app.screening.numbers.build import NumberBuilder
from checkpoint_app.screening.numbers.ranges import (
    Listed,
    ListedRange,
    listed_from_plain,
    listed_range,
    listed_to_plain,
)
from tests.screening.importers.helpers import numbers
from tests.screening.numbers.helpers import listing

BLANK, STOLEN = DocumentCategory.BLANK, DocumentCategory.STOLEN
TABLE = """first_number,last_number,issuer,category
AB000100,ab000199,EC,
X77,,PER,stolen
AB1,AC2,,
AB20,AB3,,
AB9,AB1,,
ABC,ABD,,
"""


def test_a_table_may_hold_ranges_and_says_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / "blank.csv"
    path.write_text(TABLE)
    read, report = numbers(path)
    assert read == [ListedRange("ECU", "AB", 100, 199, 6, BLANK), ListedNumber("X77", "PER", STOLEN)]
    assert [line for line, _reason in report.refused] == [4, 5, 6, 7]
    assert [reason for _line, reason in report.refused] == [
        "range: first and last differ in length, or before their last digits",
        "range: first and last differ in length, or before their last digits",
        "range: it ends before it begins",
        "range: its numbers have to end in 1 to 18 digits",
    ]


def test_json_lines_may_hold_ranges(tmp_path: Path) -> None:
    path = tmp_path / "blank.jsonl"
    path.write_text(json.dumps({"number": "AB000100", "last_number": "AB000199", "issuer": "ECU", "category": "void"}))
    assert numbers(path)[0] == [ListedRange("ECU", "AB", 100, 199, 6, DocumentCategory.VOID)]


@pytest.mark.parametrize(
    "listed", [ListedRange("ECU", "AB", 7, 199, 6, BLANK), ListedNumber("X77", "PER", STOLEN)], ids=["range", "number"]
)
def test_plain_form_and_back(listed: Listed) -> None:
    assert listed_from_plain(listed_to_plain(listed)) == listed


def test_a_range_holds_numbers_of_its_length_whatever_their_zeros() -> None:
    documents = listing([{"first": "AB000100", "last": "AB000199", "issuer": "ECU", "category": "blank"}])
    inside = [number for number in ("AB000100", "ab-000 150", "AB000199") if documents.look_up(number, "ECU")]
    assert len(inside) == 3
    for outside in ("AB000099", "AB000200", "AB00150", "AB0000150", "AC000150", "000150"):
        assert not documents.look_up(outside, "ECU")
    assert not documents.look_up("AB000150", "PER")
    assert documents.look_up("AB000150", "")[0].issuer_matched is False
    assert documents.look_up("AB0001O0", "ECU")[0].exact is False
    assert len(documents) == 0


def test_there_is_a_bound_to_ranges_and_their_numbers() -> None:
    builder = NumberBuilder()
    for place in range(10_000):
        builder.add(listed_range(f"A{place:05}", f"A{place:05}", "ECU", BLANK))
    with pytest.raises(RecordError, match="more than 10000"):
        builder.add(listed_range("B1", "B2", "ECU", BLANK))
    for first in ("A" * 41 + "1", "1" * 19, ""):
        with pytest.raises(RecordError, match="end in 1 to 18 digits"):
            listed_range(first, first, "ECU", BLANK)
    with pytest.raises(RecordError, match="issuer: longer than"):
        builder.add(listed_range("B1", "B2", "E" * 17, BLANK))
