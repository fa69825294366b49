"""Lists of UN numbers and commodity codes, as an administrator brings them."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo import code_table
from checkpoint_app.cargo.code_table import CodeTableError
from checkpoint_app.cargo.hs import NO_HS, load_hs
from checkpoint_app.cargo.un_numbers import NO_UN_NUMBERS, UnNumber, load_un_numbers, numbers_in
from tests.cargo.truths import folder


def test_columns_are_found_by_their_names_in_any_order_and_form():
    data = "\ufeffName;UN Number;Class\r\nSULPHURIC ACID;UN 1830;8\r\nPICRATE;4;1.1D\r\n;;\r\nNOTHING;none;9\r\n"
    un = load_un_numbers(BytesIO(data.encode()))
    assert un.get("1830") == UnNumber("1830", "8", "SULPHURIC ACID")
    assert un.get("UN 0004") == UnNumber("0004", "1.1D", "PICRATE")
    assert un.refused == (5,)


def test_a_division_is_more_than_a_class_and_a_word_is_neither():
    un = load_un_numbers(BytesIO(b"un\tclass\tdivision\n1950\t2\t2.1\n1951\t2\t\n1952\tnot in use\t\n"))
    assert [un.get(number).cls for number in ("1950", "1951", "1952")] == ["2.1", "2", None]


def test_without_a_list_nothing_is_known():
    assert NO_UN_NUMBERS.get("1830") is None
    assert (NO_HS.known("220421"), NO_HS.text_of("220421")) == (None, None)


def test_a_code_of_a_national_tariff_has_the_text_of_its_heading():
    hs = load_hs(
        BytesIO("Código,Descripción,Code,Description\nx,y,2204.21,Wine\n,,22,Beverages\nz,z,none,z\n".encode("cp1252"))
    )
    assert hs.text_of("2204219300") == "Wine"
    assert hs.text_of("220830") == "Beverages"
    assert hs.text_of("930120") is None
    assert (hs.known("22042193"), hs.known("930120"), hs.refused) == (True, False, (4,))


@pytest.mark.parametrize("data", [b"", b"\n", b"a,b\n1,2\n", b"un,class\n", b"un,class\nnone,8\n", b"\x00\xff\xfe"])
def test_what_is_no_list_is_refused_with_a_line(data):
    with pytest.raises(CodeTableError, match=r"line \d+: "):
        load_un_numbers(BytesIO(data))


def test_a_list_is_bounded(monkeypatch):
    monkeypatch.setattr(code_table, "MOST_ROWS", 2)
    with pytest.raises(CodeTableError, match="more than 2 rows"):
        load_un_numbers(BytesIO(b"un\n1\n2\n3\n"))
    monkeypatch.setattr(code_table, "MOST_BYTES", 10)
    with pytest.raises(CodeTableError, match="larger"):
        load_un_numbers(BytesIO(b"un\n1830\n1831\n"))


def test_a_value_without_end_is_refused():
    with pytest.raises(CodeTableError):
        load_un_numbers(BytesIO(b'un,name\n1830,"' + b"x" * 200_000))


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_list_or_one_error(data):
    try:
        entries = len(load_un_numbers(BytesIO(b"un,class\n" + data)).entries)
    except CodeTableError:
        entries = 1
    assert entries


@given(st.text(max_size=60))
def test_numbers_in_a_text_have_four_digits(text):
    assert all(len(one) == 4 and one.isdigit() for one in numbers_in(text))


@pytest.mark.data
def test_the_list_of_adr_is_read_whole():
    with (folder("codes") / "un_numbers_adr.csv").open("rb") as file:
        un = load_un_numbers(file)
    assert len(un.entries) == 2_437
    assert un.refused == ()
    assert sum(one.cls is None for one in un.entries.values()) == 49
