"""A table of codes in records: its exact bytes come out again, and no more than a table may have."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.code_lists import HS, UN_NUMBERS
from checkpoint_app.wire.codes import CODE_LISTS, MOST_CODES_BYTES, read_codes, write_codes
from checkpoint_app.wire.exact import PART_BYTES
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.rules import list_name_of, write_rules


def test_the_largest_table_comes_out_again_and_no_larger_one() -> None:
    data = b"un,class\n" + b"1830,8\n" * ((MOST_CODES_BYTES - 9) // 7)
    records = list(write_codes(data))
    assert len(records) == MOST_CODES_BYTES // PART_BYTES
    assert {key for record in records for key in record} == {"codes", "part"}
    assert read_codes(records) == data
    with pytest.raises(ValueError, match="at most"):
        list(write_codes(data + b"1830,8\n"))
    with pytest.raises(PlainError, match="at most"):
        read_codes([*records, {"codes": records[0]["codes"], "part": len(records)}])


def test_what_is_no_table_is_named_so() -> None:
    with pytest.raises(PlainError, match="another kind"):
        read_codes(write_rules(b"{}"))
    with pytest.raises(PlainError, match="nothing"):
        read_codes([])


def test_both_ends_know_the_same_lists_and_no_rule_set_is_called_so() -> None:
    assert CODE_LISTS == (UN_NUMBERS, HS)
    for name in (*CODE_LISTS, "HS", "codes"):
        with pytest.raises(ValueError, match="named by"):
            list_name_of(name)
