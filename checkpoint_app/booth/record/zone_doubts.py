"""What the reader does not vouch for, in the booth's terms: the field of a doubtful cell, and what else it may be.

No check digit tells characters apart whose values are equal modulo 10, and none covers names, codes and sex (ICAO Doc
9303-3 §4.9, parts 4 to 7): such a doubt only an eye can settle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checkpoint_app.documents import COMPOSITE, Format, Mrz, allowed_characters, field_spans, indistinguishable
from checkpoint_app.documents.layout import LAYOUTS

Cell = tuple[int, int]
"""Line and column of a character in the zone, both from 0."""

FIELDS = (
    "document_code",
    "issuer",
    "document_number",
    "nationality",
    "birth_date",
    "sex",
    "expiry_date",
    "optional_data",
    "optional_data_2",
    "family_name",
    "given_names",
)
"""Fields of a document that an officer looks at and may correct, in the order of the screen."""

NAMES = "names"
_FAMILY, _GIVEN = "family_name", "given_names"
# What a character is mistaken for (OCR-B in bad light): only what the reader is known to confuse.
_TWIN = {
    "0": "O", "O": "0", "D": "0", "Q": "0", "U": "0", "1": "I", "I": "1", "L": "1", "2": "Z", "Z": "2", "4": "A",
    "A": "4", "5": "S", "S": "5", "6": "G", "G": "6", "7": "T", "T": "7", "8": "B", "B": "8", "M": "W", "W": "M",
    "K": "<", "<": "K",
}  # fmt: skip
_AROUND = 10
"""Characters shown around a doubt, so that an eye finds its place in the document."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cell in doubt: its field, what was read, the twin it may be instead (or empty), whether a check digit can tell.

    ``field`` is a field of the document, or ``composite``.
    """

    cell: Cell
    field: str
    read: str
    twin: str
    told: bool


def inside(mrz: Mrz, cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return those of ``cells`` that are of the zone, in reading order: the reader's child may say anything."""
    return tuple(sorted({(line, at) for line, at in cells if line < len(mrz.lines) and at < len(mrz.lines[line])}))


def doubts_of(mrz: Mrz, cells: Iterable[Cell]) -> tuple[Doubt, ...]:
    """Return what ``cells`` put in doubt, in reading order."""
    return tuple(_doubt(mrz, cell) for cell in inside(mrz, cells))


def _doubt(mrz: Mrz, cell: Cell) -> Doubt:
    line, at = cell
    read, format_ = mrz.lines[line][at], mrz.document.format
    allowed = allowed_characters(format_)[line][at]
    twin = _TWIN.get(read, "")
    if twin not in allowed:
        twin = ""
    return Doubt(cell, field_at(mrz, cell), read, twin, _covered(format_, cell) and twin not in indistinguishable(read))


def _covered(format_: Format, cell: Cell) -> bool:
    line, column = cell[0] + 1, cell[1] + 1
    rules = LAYOUTS[format_].digits
    return any(
        (rule.line, rule.column) == (line, column)
        or any(span.line == line and span.first <= column <= span.last for span in rule.covers)
        for rule in rules
    )


def field_at(mrz: Mrz, cell: Cell) -> str:
    """Return the field of the document that a cell of the zone is of, its check digit included, or ``composite``."""
    line, column = cell[0] + 1, cell[1] + 1
    for span in field_spans(mrz.document.format):
        if span.line == line and span.first <= column <= span.last:
            return _name_part(mrz.lines[cell[0]], span.first - 1, cell[1]) if span.field == NAMES else span.field
    rules = LAYOUTS[mrz.document.format].digits
    return next((rule.field for rule in rules if (rule.line, rule.column) == (line, column)), COMPOSITE)


def _name_part(line: str, first: int, at: int) -> str:
    """Return which identifier a character of the name field is of: ``<<`` parts them once (Doc 9303-3 §4.6)."""
    parted = line.find("<<", first)
    return _FAMILY if parted < 0 or at < parted + 2 else _GIVEN


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line (from 0, ``last`` included), as much as an eye compares at once, with the doubts in it."""

    line: int
    first: int
    last: int
    doubts: tuple[Doubt, ...]


def parts_of(mrz: Mrz, cells: Iterable[Cell]) -> tuple[Part, ...]:
    """Return the stretches to compare with the document, one after the other, so that each doubt is in one."""
    groups: list[list[Doubt]] = []
    for doubt in doubts_of(mrz, cells):
        line, at = doubt.cell
        if groups and groups[-1][0].cell[0] == line and at - groups[-1][0].cell[1] < _AROUND - 2:
            groups[-1].append(doubt)
        else:
            groups.append([doubt])
    return tuple(_part(len(mrz.lines[group[0].cell[0]]), group) for group in groups)


def _part(length: int, group: list[Doubt]) -> Part:
    (line, left), right = group[0].cell, group[-1].cell[1]
    first = max(0, min((left + right + 1 - _AROUND) // 2, length - _AROUND))
    return Part(line, first, min(first + _AROUND, length) - 1, tuple(group))
