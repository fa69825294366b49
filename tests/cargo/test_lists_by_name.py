"""Lists of codes by name: which a table is, and what is none."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.code_lists import NO_CODES, codes_in, count_of, load_codes, name_of
from checkpoint_app.cargo.code_table import CodeTableError

UN, HS = b"un,class\n1830,8\n1831,8\n", b"hscode,description\n4407,Wood\n"


def test_a_table_tells_by_its_headings_which_list_it_is() -> None:
    assert (name_of(UN), name_of(HS)) == ("un-numbers", "hs")
    assert name_of(b"code,name\n1830,SULPHURIC ACID\n") is None  # could be either
    assert name_of(b"surname,given\nMUSTER,ERIKA\n") is None


def test_a_list_is_what_its_name_says() -> None:
    un, hs = load_codes("un-numbers", UN), load_codes("hs", HS)
    assert (count_of(un), count_of(hs)) == (2, 1)
    codes = codes_in({("un-numbers", 3): un, ("hs", 2): hs})
    assert codes.versions == {"un-numbers": 3, "hs": 2}
    assert codes.un_numbers.get("UN 1830") is not None
    assert codes.hs.known("440712") is False
    assert codes_in({}) == NO_CODES
    assert NO_CODES.hs.known("440712") is None


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("un-numbers", HS, "line 1: no column called un"),
        ("hs", b"", "line 1: it is empty"),
        ("hs", b"hscode\nWood\n", "no commodity code is in it"),
        ("hs", b"hscode\n01\nWood\nPaper\n", "line 3: most lines hold no code"),
        ("imdg", UN, "un-numbers or hs"),
    ],
)
def test_what_is_no_list_says_why_and_where(name: str, data: bytes, told: str) -> None:
    with pytest.raises(CodeTableError, match=told):
        load_codes(name, data)
