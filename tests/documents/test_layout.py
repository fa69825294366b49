"""Layouts: fields and digits fill each zone without gap or overlap."""

import pytest

from checkpoint_app.documents import COMPOSITE, Format, Span, allowed_characters, digit_spans, field_spans
from tests.documents.helpers import SPECIMENS, changed, parsed

FILLERS = {Format.CHEDL: 9}  # cells that hold nothing but filler


def cells(span: Span) -> set[tuple[int, int]]:
    return {(span.line, column) for column in range(span.first, span.last + 1)}


@pytest.mark.parametrize("format_", list(Format))
def test_each_cell_belongs_to_one_field_or_digit(format_: Format) -> None:
    spans = field_spans(format_) + digit_spans(format_)
    taken = [cell for span in spans for cell in cells(span)]
    assert len(taken) == len(set(taken))
    assert len(taken) + FILLERS.get(format_, 0) == sum(map(len, SPECIMENS[format_]))


@pytest.mark.parametrize("format_", list(Format))
def test_masks_have_the_shape_of_the_zone_and_allow_its_specimen(format_: Format) -> None:
    masks = allowed_characters(format_)
    assert tuple(map(len, masks)) == tuple(map(len, SPECIMENS[format_]))
    for line, mask in zip(SPECIMENS[format_], masks, strict=True):
        assert all(character in allowed for character, allowed in zip(line, mask, strict=True))


def test_masks_by_kind_of_field() -> None:
    first, second = allowed_characters(Format.TD3)
    letters = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ<")
    digits = frozenset("0123456789<")
    assert set(first) == {letters}
    assert second[0] == letters | digits
    assert second[9] == second[13] == second[27] == second[43] == digits
    assert second[10] == letters
    assert second[20] == frozenset("MFX<")
    assert allowed_characters(Format.CHEDL)[0][7] == frozenset("<")


def test_places_of_a_passport() -> None:
    spans = {span.field: (span.line, span.first, span.last) for span in field_spans(Format.TD3)}
    assert spans == {
        "document_code": (1, 1, 2),
        "issuer": (1, 3, 5),
        "names": (1, 6, 44),
        "document_number": (2, 1, 9),
        "nationality": (2, 11, 13),
        "birth_date": (2, 14, 19),
        "sex": (2, 21, 21),
        "expiry_date": (2, 22, 27),
        "optional_data": (2, 29, 42),
    }
    digits = [(span.field, span.line, span.first, span.last) for span in digit_spans(Format.TD3)]
    assert digits == [
        ("document_number", 2, 10, 10),
        ("birth_date", 2, 20, 20),
        ("expiry_date", 2, 28, 28),
        ("optional_data", 2, 43, 43),
        (COMPOSITE, 2, 44, 44),
    ]


def test_places_of_a_card() -> None:
    spans = {span.field: (span.line, span.first, span.last) for span in field_spans(Format.TD1)}
    assert spans == {
        "document_code": (1, 1, 2),
        "issuer": (1, 3, 5),
        "document_number": (1, 6, 14),
        "optional_data": (1, 16, 30),
        "birth_date": (2, 1, 6),
        "sex": (2, 8, 8),
        "expiry_date": (2, 9, 14),
        "nationality": (2, 16, 18),
        "optional_data_2": (2, 19, 29),
        "names": (3, 1, 30),
    }


# What each check digit is computed over: (line, first, last), as Doc 9303-4 to -7 and the maker of the French card say.
LINE_TWO = {"document_number": [(2, 1, 9)], "birth_date": [(2, 14, 19)], "expiry_date": [(2, 22, 27)]}
COVERED = {
    Format.TD3: LINE_TWO | {"optional_data": [(2, 29, 42)], COMPOSITE: [(2, 1, 10), (2, 14, 20), (2, 22, 43)]},
    Format.TD2: LINE_TWO | {COMPOSITE: [(2, 1, 10), (2, 14, 20), (2, 22, 35)]},
    Format.TD1: {
        "document_number": [(1, 6, 14)],
        "birth_date": [(2, 1, 6)],
        "expiry_date": [(2, 9, 14)],
        COMPOSITE: [(1, 6, 30), (2, 1, 7), (2, 9, 15), (2, 19, 29)],
    },
    Format.MRVA: LINE_TWO,
    Format.MRVB: LINE_TWO,
    Format.FRA2: {
        "document_number": [(2, 1, 12)],
        "birth_date": [(2, 28, 33)],
        COMPOSITE: [(1, 1, 36), (2, 1, 35)],
    },
    Format.CHEDL: {},
}


# How many cells at the beginning decide between formats of the same size: another letter there makes another format.
DECIDING = {Format.MRVA: 1, Format.MRVB: 1, Format.FRA2: 5}


@pytest.mark.parametrize("format_", list(Format))
def test_each_digit_feels_each_cell_that_it_covers_and_no_other(format_: Format) -> None:
    lines = SPECIMENS[format_]
    before = {digit.field: digit.computed for digit in parsed(lines).check_digits}
    for line, text in enumerate(lines, start=1):
        for column, character in enumerate(text, start=1):
            if line == 1 and column <= DECIDING.get(format_, 0):
                continue
            # F and 1 stand for each other's cells: no check digit takes one for the other, nor for a filler.
            strange = changed(lines, line, column, "F" if character != "F" and character not in "5PZ" else "1")
            digits = parsed(strange).check_digits
            felt = {digit.field for digit in digits if digit.computed != before[digit.field]}
            assert felt == {
                field
                for field, spans in COVERED[format_].items()
                if any(line == one and first <= column <= last for one, first, last in spans)
            }


@pytest.mark.parametrize("format_", list(Format))
def test_parsing_reports_the_digits_where_the_layout_says(format_: Format) -> None:
    digits = parsed(SPECIMENS[format_]).check_digits
    assert tuple(Span(d.field, d.line, d.column, d.column) for d in digits) == digit_spans(format_)
