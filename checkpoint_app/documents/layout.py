"""Layouts of machine readable zones as data: where each field stands and what each check digit covers.

ICAO Doc 9303 parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas MRV-A and MRV-B); FRA2 is the French identity card of 1988
to 2021, CHEDL the Swiss driving licence. All positions are counted from 1 and both ends belong to a span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from checkpoint_app.documents.check_digits import DIGITS, FILLER, LETTERS
from checkpoint_app.documents.values import Format, Span

COMPOSITE = "composite"
CARDS = (Format.TD1, Format.TD2)


class Kind(Enum):
    """What may stand in the cells of a field."""

    CODE = auto()
    NAME = auto()
    MIXED = auto()
    DATE = auto()
    SEX = auto()
    DIGIT = auto()
    FILLER = auto()


_ALLOWED = {
    Kind.CODE: frozenset(LETTERS + FILLER),
    Kind.NAME: frozenset(LETTERS + FILLER),
    Kind.MIXED: frozenset(LETTERS + DIGITS + FILLER),
    Kind.DATE: frozenset(DIGITS + FILLER),
    Kind.SEX: frozenset("MFX" + FILLER),
    Kind.DIGIT: frozenset(DIGITS + FILLER),
    Kind.FILLER: frozenset(FILLER),
}


@dataclass(frozen=True, slots=True)
class DigitRule:
    """A check digit: the field it vouches for, its place, and the spans it is computed over, in that order."""

    field: str
    line: int
    column: int
    covers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: its line lengths, its fields with their kinds, and its check digits in reading order."""

    format: Format
    lengths: tuple[int, ...]
    fields: tuple[tuple[Span, Kind], ...]
    digits: tuple[DigitRule, ...]

    def span(self, field: str) -> Span | None:
        """Return where ``field`` stands, or None where the format has no such field."""
        return next((span for span, _ in self.fields if span.field == field), None)


def _fields(line: int, *places: tuple[str, int, int, Kind]) -> tuple[tuple[Span, Kind], ...]:
    return tuple((Span(field, line, first, last), kind) for field, first, last, kind in places)


def _digit(field: str, line: int, column: int, *covers: tuple[int, int, int]) -> DigitRule:
    return DigitRule(field, line, column, tuple(Span(field, *cover) for cover in covers))


def _head(last: int) -> tuple[tuple[Span, Kind], ...]:
    """Line 1 of all formats with two lines: code, issuer and names up to ``last``."""
    return _fields(1, ("document_code", 1, 2, Kind.CODE), ("issuer", 3, 5, Kind.CODE), ("names", 6, last, Kind.NAME))


def _second(optional_last: int) -> tuple[tuple[Span, Kind], ...]:
    """Line 2 of all formats with two lines: they differ only in how far the optional data reach."""
    return _fields(
        2,
        ("document_number", 1, 9, Kind.MIXED),
        ("nationality", 11, 13, Kind.CODE),
        ("birth_date", 14, 19, Kind.DATE),
        ("sex", 21, 21, Kind.SEX),
        ("expiry_date", 22, 27, Kind.DATE),
        ("optional_data", 29, optional_last, Kind.MIXED),
    )


_THREE_DIGITS = (
    _digit("document_number", 2, 10, (2, 1, 9)),
    _digit("birth_date", 2, 20, (2, 14, 19)),
    _digit("expiry_date", 2, 28, (2, 22, 27)),
)

LAYOUTS = {
    layout.format: layout
    for layout in (
        Layout(
            Format.TD3,
            (44, 44),
            _head(44) + _second(42),
            (
                *_THREE_DIGITS,
                _digit("optional_data", 2, 43, (2, 29, 42)),
                _digit(COMPOSITE, 2, 44, (2, 1, 10), (2, 14, 20), (2, 22, 43)),
            ),
        ),
        Layout(
            Format.TD2,
            (36, 36),
            _head(36) + _second(35),
            (*_THREE_DIGITS, _digit(COMPOSITE, 2, 36, (2, 1, 10), (2, 14, 20), (2, 22, 35))),
        ),
        Layout(
            Format.TD1,
            (30, 30, 30),
            _fields(
                1,
                ("document_code", 1, 2, Kind.CODE),
                ("issuer", 3, 5, Kind.CODE),
                ("document_number", 6, 14, Kind.MIXED),
                ("optional_data", 16, 30, Kind.MIXED),
            )
            + _fields(
                2,
                ("birth_date", 1, 6, Kind.DATE),
                ("sex", 8, 8, Kind.SEX),
                ("expiry_date", 9, 14, Kind.DATE),
                ("nationality", 16, 18, Kind.CODE),
                ("optional_data_2", 19, 29, Kind.MIXED),
            )
            + _fields(3, ("names", 1, 30, Kind.NAME)),
            (
                _digit("document_number", 1, 15, (1, 6, 14)),
                _digit("birth_date", 2, 7, (2, 1, 6)),
                _digit("expiry_date", 2, 15, (2, 9, 14)),
                _digit(COMPOSITE, 2, 30, (1, 6, 30), (2, 1, 7), (2, 9, 15), (2, 19, 29)),
            ),
        ),
        Layout(Format.MRVA, (44, 44), _head(44) + _second(44), _THREE_DIGITS),
        Layout(Format.MRVB, (36, 36), _head(36) + _second(36), _THREE_DIGITS),
        Layout(
            Format.FRA2,
            (36, 36),
            _fields(
                1,
                ("document_code", 1, 2, Kind.CODE),
                ("issuer", 3, 5, Kind.CODE),
                ("family_name", 6, 30, Kind.NAME),
                ("optional_data", 31, 36, Kind.MIXED),
            )
            + _fields(
                2,
                ("document_number", 1, 12, Kind.MIXED),
                ("given_names", 14, 27, Kind.NAME),
                ("birth_date", 28, 33, Kind.DATE),
                ("sex", 35, 35, Kind.SEX),
            ),
            (
                _digit("document_number", 2, 13, (2, 1, 12)),
                _digit("birth_date", 2, 34, (2, 28, 33)),
                _digit(COMPOSITE, 2, 36, (1, 1, 36), (2, 1, 35)),
            ),
        ),
        Layout(
            Format.CHEDL,
            (9, 30, 30),
            _fields(1, ("optional_data", 1, 7, Kind.MIXED), ("optional_data", 8, 9, Kind.FILLER))
            + _fields(
                2,
                ("document_code", 1, 2, Kind.CODE),
                ("issuer", 3, 5, Kind.CODE),
                ("document_number", 6, 17, Kind.MIXED),
                ("document_number", 18, 19, Kind.FILLER),
                ("birth_date", 20, 25, Kind.DATE),
                ("birth_date", 26, 30, Kind.FILLER),
            )
            + _fields(3, ("names", 1, 30, Kind.NAME)),
            (),
        ),
    )
}


def field_spans(format_: Format) -> tuple[Span, ...]:
    """Return where the fields of a format stand. ``names`` is the field that both identifiers share."""
    return tuple(span for span, kind in LAYOUTS[format_].fields if kind is not Kind.FILLER)


def digit_spans(format_: Format) -> tuple[Span, ...]:
    """Return where the check digits of a format stand, each named by its field, the last one ``composite``."""
    return tuple(Span(rule.field, rule.line, rule.column, rule.column) for rule in LAYOUTS[format_].digits)


def allowed_characters(format_: Format) -> tuple[tuple[frozenset[str], ...], ...]:
    """Return, for each line and each cell of it, the characters that may stand there: masks for a recogniser."""
    layout = LAYOUTS[format_]
    masks = [[_ALLOWED[Kind.DIGIT]] * length for length in layout.lengths]
    for span, kind in layout.fields:
        masks[span.line - 1][span.first - 1 : span.last] = [_ALLOWED[kind]] * (span.last - span.first + 1)
    return tuple(tuple(line) for line in masks)


def is_allowed(text: str, kind: Kind) -> bool:
    """Tell whether each character of ``text`` may stand in a field of this kind."""
    return _ALLOWED[kind].issuperset(text)


def cut(lines: Sequence[str], span: Span) -> str:
    """Return the text at ``span``; a line that is still too short gives what there is."""
    return lines[span.line - 1][span.first - 1 : span.last] if span.line <= len(lines) else ""
