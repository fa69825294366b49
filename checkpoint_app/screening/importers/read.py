"""The way in: a source's path to entries or document numbers, its form told from its content."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedNumber
from checkpoint_app.screening.fold import fold_number
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.records import LeaveOut, entry_of_object, number_of_object
from checkpoint_app.screening.importers.report import TWICE, Tell
from checkpoint_app.screening.importers.source import Lines, SourceError, first_line
from checkpoint_app.screening.importers.table import Columns, columns_of, entry_of_row, number_of_row, rows
from checkpoint_app.screening.plain import RecordError

_NAMED = frozenset({"properties", "names", "surname", "given", "name"})

T = TypeVar("T", Entry, ListedNumber)
Records = Iterator[tuple[int, Any]]


class Content(StrEnum):
    """What a source holds."""

    ENTRIES = "entries"
    NUMBERS = "numbers"


def content_of(path: Path, mapping: Mapping[str, str] | None = None) -> Content:
    """Tell whether ``path`` holds entries or document numbers. Raises SourceError when it holds neither."""
    line = first_line(path)
    if line.startswith("{"):
        if mapping:
            raise SourceError(f"{path.name}: it is JSON lines, whose fields are known; a mapping is for tables")
        record = _json_object(line)
        numbers = record is not None and "number" in record and not _NAMED & record.keys()
    else:
        numbers = columns_of(line, mapping or {}, path.name).holds_numbers
    return Content.NUMBERS if numbers else Content.ENTRIES


def read_entries(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    on_refused: Tell,
    on_left_out: Tell | None = None,
    seen: set[Hashable] | None = None,
) -> Iterator[Entry]:
    """Return the entries of a source, read one by one: FollowTheMoney or plain JSON lines, or a table.

    ``mapping`` (column → field, see `table.columns_of`) is for tables. ``on_refused`` gets the line and reason of each
    record that is not among the entries, ``on_left_out`` of parts that an entry goes without. Entries with an id that
    was given before are refused; so memory grows with the ids alone; give one ``seen`` with several sources, and an id
    of an earlier one is refused too. Raises SourceError when nothing can be read.
    """
    if content_of(path, mapping) is not Content.ENTRIES:
        raise SourceError(f"{path.name}: it holds document numbers, not persons; import it with --kind documents")
    tell = on_left_out or _ignore

    def entry(record: Any, line: int, columns: Columns | None) -> Entry:
        leave_out: LeaveOut = lambda reason: tell(line, reason)  # noqa: E731
        return entry_of_row(record, columns.order, leave_out) if columns else entry_of_object(record, leave_out)

    return _distinct(_values(path, mapping, entry, on_refused), _entry_key, "id", on_refused, seen)


def read_numbers(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    category: DocumentCategory = DocumentCategory.LOST,
    on_refused: Tell,
    seen: set[Hashable] | None = None,
) -> Iterator[ListedNumber]:
    """Return the document numbers of a source: a table, plain lines, or JSON lines {number, issuer, category}.

    ``category`` holds where the source states none. Refusals and errors as for ``read_entries``.
    """
    if content_of(path, mapping) is not Content.NUMBERS:
        raise SourceError(f"{path.name}: it holds persons, not document numbers; import it with --kind persons")

    def number(record: Any, _line: int, columns: Columns | None) -> ListedNumber:
        return number_of_row(record, category) if columns else number_of_object(record, category)

    return _distinct(_values(path, mapping, number, on_refused), _number_key, "number", on_refused, seen)


def _values(
    path: Path, mapping: Mapping[str, str] | None, make: Callable[[Any, int, Columns | None], T], on_refused: Tell
) -> Iterator[tuple[int, T]]:
    """Yield (line, value) of every record that ``make`` takes; the others are refused by what it raises."""
    line = first_line(path)
    lines = Lines(path, on_refused)
    columns = None if line.startswith("{") else columns_of(line, mapping or {}, path.name)
    records: Records = rows(lines, columns, on_refused) if columns else _objects(lines, on_refused)
    for number, record in records:
        try:
            value = make(record, number, columns)
        except (FieldError, RecordError) as error:
            on_refused(number, str(error))
            continue
        yield number, value


def _objects(lines: Lines, on_refused: Tell) -> Records:
    for line in lines:
        record = _json_object(line)
        if record is None:
            on_refused(lines.number, "the line is no JSON object")
        else:
            yield lines.number, record


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _distinct(
    values: Iterable[tuple[int, T]],
    key: Callable[[T], Hashable],
    word: str,
    on_refused: Tell,
    seen: set[Hashable] | None,
) -> Iterator[T]:
    earlier = seen if seen is not None else set()
    here: dict[Hashable, int] = {}
    for line, value in values:
        first = here.setdefault(key(value), line)
        if first != line:
            on_refused(line, f"the {word} is {TWICE}: first in line {first}")
        elif key(value) in earlier:
            on_refused(line, f"the {word} is {TWICE}: first in an earlier source")
        else:
            yield value
    earlier.update(here)


def _entry_key(entry: Entry) -> Hashable:
    return entry.id


def _number_key(number: ListedNumber) -> Hashable:
    return fold_number(number.number), number.issuer


def _ignore(_line: int, _reason: str) -> None:
    pass
