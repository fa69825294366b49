"""JSON objects as entries or numbers, each by the keys it has; and files of them, one a line or all in one document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from checkpoint_app.screening.entry import DocumentCategory, Entry
from checkpoint_app.screening.importers import json_document
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.ftm import Paper, Papers, entry_of_ftm
from checkpoint_app.screening.importers.notices import entry_of_notice, is_notice
from checkpoint_app.screening.importers.records import (
    LeaveOut,
    entry_of_ours,
    entry_of_plain,
    make_number,
    text_of,
)
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import Lines
from checkpoint_app.screening.numbers.ranges import Listed
from checkpoint_app.screening.plain import RecordError

_NAMED = frozenset({"properties", "names", "surname", "given", "name", "entity_id"})


def is_number(record: Mapping[str, Any]) -> bool:
    """Tell whether an object is a document number without a person."""
    return "number" in record and not _NAMED & record.keys()


def form_of(record: Mapping[str, Any]) -> str:
    """Return the form of an object in words."""
    if is_number(record):
        return "document numbers"
    if "properties" in record:
        return "FollowTheMoney"
    if "names" in record:
        return "entries of ours"
    return "notices" if is_notice(record) or "_embedded" in record else "plain entries"


def entry_of_object(record: Mapping[str, Any], leave_out: LeaveOut, papers: Iterable[Paper] = ()) -> Entry:
    """Return the entry of one JSON object, by the keys it has. Raises FieldError or RecordError."""
    if "properties" in record:
        return entry_of_ftm(record, leave_out, papers)
    if "names" in record:
        return entry_of_ours(record)
    if is_notice(record):
        return entry_of_notice(record, leave_out)
    return entry_of_plain(record, leave_out)


def number_of_object(record: Mapping[str, Any], default: DocumentCategory) -> Listed:
    """Return the listed number of one JSON object {number, issuer, category}; a range has a last_number too.

    Raises FieldError.
    """
    number, issuer, category, last = (text_of(record, key) for key in ("number", "issuer", "category", "last_number"))
    return make_number(number, issuer, category, default, last)


def object_of_line(line: str) -> dict[str, Any] | None:
    """Return the JSON object of a line, or None for what is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def objects_of_lines(path: Path, on_refused: Tell) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object) of each line; what is no object is refused."""
    lines = Lines(path, on_refused)
    for line in lines:
        record = object_of_line(line)
        if record is None:
            on_refused(lines.number, "the line is no JSON object")
        else:
            yield lines.number, record


def entries_of_lines(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of JSON lines. Documents that entities hold are found by one look through the file before."""
    papers: Papers | None = None
    for number, record in objects_of_lines(path, on_refused):
        if papers is None and "properties" in record:
            papers = Papers(path)
        linked = papers.of(str(record.get("id"))) if papers and "properties" in record else ()
        yield from _entry(number, record, on_refused, on_left_out, linked)
    if papers is not None:
        papers.tell_strays(on_left_out)


def entries_of_document(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of the objects of one JSON document."""
    for number, record in json_document.objects(path, on_refused, on_left_out):
        yield from _entry(number, record, on_refused, on_left_out, ())


def numbers(
    objects: Iterable[tuple[int, dict[str, Any]]], category: DocumentCategory, on_refused: Tell
) -> Iterator[tuple[int, Listed]]:
    """Yield (line, number) of objects; ``category`` is for those that state none."""
    for line, record in objects:
        try:
            listed = number_of_object(record, category)
        except FieldError as error:
            on_refused(line, str(error))
        else:
            yield line, listed


def _entry(
    number: int, record: Mapping[str, Any], on_refused: Tell, on_left_out: Tell, papers: Iterable[Paper]
) -> Iterator[tuple[int, Entry]]:
    """Yield the entry of an object, or refuse it by what it raises."""
    try:
        entry = entry_of_object(record, lambda reason: on_left_out(number, reason), papers)
    except (FieldError, RecordError) as error:
        on_refused(number, str(error))
    else:
        yield number, entry
