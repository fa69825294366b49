"""Digits while a zone is typed by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import CheckDigit, Format, digits_while_typing
from checkpoint_app.documents.typed import likely_format
from tests.documents.helpers import CHEDL, LONG_TD1, SPECIMENS, TD3, TODAY, parsed


@pytest.mark.parametrize("format_", list(Format))
def test_a_zone_typed_whole_has_the_digits_that_parsing_finds(format_: Format) -> None:
    lines = SPECIMENS[format_]
    assert digits_while_typing(lines, TODAY) == parsed(lines).check_digits
    assert digits_while_typing([f" {line.lower()} " for line in lines], TODAY) == parsed(lines).check_digits


def test_a_digit_is_told_as_soon_as_it_stands() -> None:
    assert digits_while_typing([TD3[0], TD3[1][:9]], TODAY) == ()
    assert digits_while_typing([TD3[0], TD3[1][:10]], TODAY) == (CheckDigit("document_number", 2, 10, "6", "6"),)
    typed = digits_while_typing([TD3[0], "L898902C37"], TODAY)
    assert typed == (CheckDigit("document_number", 2, 10, "7", "6"),)
    assert not typed[0].ok


def test_the_first_line_need_not_be_whole() -> None:
    assert len(digits_while_typing(["P<UTOERIKSSON<<AN", TD3[1][:20]], TODAY)) == 2


def test_a_card_while_it_is_typed() -> None:
    assert digits_while_typing(["I<UTOD231458907"], TODAY) == (CheckDigit("document_number", 1, 15, "7", "7"),)
    assert [d.column for d in digits_while_typing(LONG_TD1[:1], TODAY)] == [19]


def test_nothing_typed() -> None:
    assert digits_while_typing([], TODAY) == ()
    assert digits_while_typing(["", "  "], TODAY) == ()


def test_characters_of_no_zone_count_as_filler() -> None:
    strange = digits_while_typing([TD3[0], "😀" + TD3[1][1:10]], TODAY)
    assert strange == digits_while_typing([TD3[0], "<" + TD3[1][1:10]], TODAY)
    assert not strange[0].ok


def test_too_much_is_left_out() -> None:
    assert digits_while_typing([TD3[0] + "X", TD3[1] + "XYZ", "more", "and more"], TODAY) == parsed(TD3).check_digits
    assert digits_while_typing([TD3[0], " " * 90 + TD3[1]], TODAY)[0].column == 10


@pytest.mark.parametrize(
    ("typed", "format_"),
    [
        ([], Format.TD3),
        ([""], Format.TD3),
        (["P"], Format.TD3),
        (["X"], Format.TD3),
        (["V"], Format.MRVA),
        (["V" + "A" * 35], Format.MRVA),
        (["V" + "A" * 35, "L"], Format.MRVB),
        (["V" + "A" * 36, "L"], Format.MRVA),
        (["I"], Format.TD1),
        (["A"], Format.TD1),
        (["C" * 30], Format.TD1),
        (["C" * 31], Format.TD2),
        (["IDFRA"], Format.TD1),
        (["IDFRA" + "A" * 26], Format.FRA2),
        ([CHEDL[0]], Format.TD1),
        ([CHEDL[0], "F"], Format.CHEDL),
        ([CHEDL[0], "7"], Format.TD1),
        ([CHEDL[0] + "A", "F"], Format.TD1),
    ],
)
def test_likely_formats(typed: list[str], format_: Format) -> None:
    assert likely_format(typed) is format_


@given(st.lists(st.text(max_size=120), max_size=5), st.dates())
def test_never_raises(lines: list[str], today: date) -> None:
    for digit in digits_while_typing(lines, today):
        assert digit.read
