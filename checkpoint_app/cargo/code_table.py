"""Lists of codes that an administrator supplies, as tables of text (CSV, or parted by semicolons or tabs).

The first line names the columns; their order, further columns, capitals and blanks in the names do not matter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

MOST_BYTES = 32 << 20
MOST_ROWS = 100_000
MOST_TEXT = 2_000
"""Characters of a value that are kept."""


class CodeTableError(Exception):
    """A table can't be used at all; the text names why and the cure. ``line`` counts from 1."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line


def read_table(stream: BinaryIO, columns: Mapping[str, Iterable[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, values) of each row: by the name of each column that is there, its text without blanks around it.

    ``columns`` give for each name the headings that mean it, plain (lower case, letters and digits alone), the first
    column needed. Raises CodeTableError: too large, no such column, or no table.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CodeTableError(f"larger than {MOST_BYTES >> 20} MiB: no list of codes is")
    lines = _text(data).splitlines()
    if not lines:
        raise CodeTableError("it is empty")
    delimiter = max(",;\t", key=lines[0].count)
    rows = csv.reader(lines, delimiter=delimiter)
    places = _places(next(rows, []), columns)
    for count, values in enumerate(_sound(rows), start=1):
        if count > MOST_ROWS:
            raise CodeTableError(f"more than {MOST_ROWS} rows: no list of codes has them", rows.line_num)
        if any(value.strip() for value in values):
            kept = {name: values[place].strip()[:MOST_TEXT] for name, place in places.items() if place < len(values)}
            yield rows.line_num, kept


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _places(header: list[str], columns: Mapping[str, Iterable[str]]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header]
    places = {}
    for name, meant in columns.items():
        place = next((plain.index(one) for one in meant if one in plain), None)
        if place is not None:
            places[name] = place
    needed = next(iter(columns))
    if needed not in places:
        raise CodeTableError(f"no column called {needed}: the first line has to name the columns")
    return places


def _sound(rows: Any) -> Iterator[list[str]]:
    """Yield the rows of a `csv.reader`, whose class has no public name."""
    try:
        yield from rows
    except csv.Error as error:
        raise CodeTableError("a value is too long, or a quotation mark is not closed", rows.line_num) from error
