"""Entries and listed numbers as plain values (JSON types), and back: the form in which records travel and rest.

What is empty is left out, so that an entry has exactly one plain form and one digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from checkpoint_app.screening.entry import (
    DocumentCategory,
    Entry,
    ListedDate,
    ListedDocument,
    ListedNumber,
    Name,
    Quality,
)

MAX_PARTS = 200
"""Most names, dates, nationalities or documents that one entry may hold."""
MAX_TEXT = 4000
"""Most characters of one text of an entry."""

_T = TypeVar("_T")


class RecordError(ValueError):
    """A record has not the form of an entry or of a listed number. The text names the field, never its value."""


def entry_to_plain(entry: Entry) -> dict[str, object]:
    """Return ``entry`` as a plain dict; empty fields are left out."""
    plain: dict[str, object] = {
        "id": entry.id,
        "schema": entry.schema,
        "names": [_name_to_plain(name) for name in entry.names],
        "birth_dates": [_date_to_plain(date) for date in entry.birth_dates],
        "sex": entry.sex,
        "nationalities": list(entry.nationalities),
        "documents": [_stated({"number": d.number, "issuer": d.issuer}) for d in entry.documents],
        "birth_place": entry.birth_place,
        "handling": list(entry.handling),
        "remarks": entry.remarks,
    }
    return _stated(plain)


def entry_from_plain(record: Mapping[str, object]) -> Entry:
    """Return the entry of a plain dict; raises RecordError. Keys that are not known are ignored."""
    identity = _text(record, "id")
    if not identity:
        raise RecordError("entry without an id: every record needs one")
    return Entry(
        id=identity,
        schema=_text(record, "schema") or "Person",
        names=_parts(record, "names", _name_from_plain),
        birth_dates=_parts(record, "birth_dates", _date_from_plain),
        sex=_text(record, "sex"),
        nationalities=_texts(record, "nationalities"),
        documents=_parts(record, "documents", _document_from_plain),
        birth_place=_text(record, "birth_place"),
        handling=_texts(record, "handling"),
        remarks=_text(record, "remarks"),
    )


def number_to_plain(listed: ListedNumber) -> dict[str, object]:
    """Return a listed document number as a plain dict."""
    return {"number": listed.number, "issuer": listed.issuer, "category": listed.category.value}


def number_from_plain(record: Mapping[str, object]) -> ListedNumber:
    """Return the listed number of a plain dict; raises RecordError."""
    number = _text(record, "number")
    if not number:
        raise RecordError("listed document without a number")
    try:
        category = DocumentCategory(_text(record, "category"))
    except ValueError:
        raise RecordError(f"category: expected one of {', '.join(DocumentCategory)}") from None
    return ListedNumber(number=number, issuer=_text(record, "issuer"), category=category)


def canonical(plain: Mapping[str, object]) -> bytes:
    """Return the canonical bytes of a plain dict: JSON, keys sorted, no blanks, UTF-8."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entry_digest(entry: Entry) -> str:
    """Return SHA-256 (hex) of the entry's canonical plain form: it changes when anything in the entry does."""
    return hashlib.sha256(canonical(entry_to_plain(entry))).hexdigest()


def _stated(plain: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in plain.items() if value}


def _name_to_plain(name: Name) -> dict[str, object]:
    weak = "weak" if name.quality is Quality.WEAK else ""
    return _stated({"family": name.family, "given": name.given, "quality": weak, "whole": name.whole})


def _date_to_plain(date: ListedDate) -> dict[str, object]:
    last = "" if date.last == date.first else date.last
    return _stated({"first": date.first, "last": last, "circa": date.circa})


def _name_from_plain(part: Mapping[str, object]) -> Name:
    try:
        quality = Quality(_text(part, "quality") or "strong")
    except ValueError:
        raise RecordError(f"quality: expected one of {', '.join(Quality)}") from None
    return Name(_text(part, "family"), _text(part, "given"), quality, bool(part.get("whole")))


def _date_from_plain(part: Mapping[str, object]) -> ListedDate:
    first = _text(part, "first")
    return ListedDate(first, _text(part, "last") or first, bool(part.get("circa")))


def _document_from_plain(part: Mapping[str, object]) -> ListedDocument:
    return ListedDocument(_text(part, "number"), _text(part, "issuer"))


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise RecordError(f"{key}: expected a text of at most {MAX_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RecordError(f"{key}: holds half a character (a lone surrogate)") from None
    return value


def _list(record: Mapping[str, object], key: str) -> list[Any]:
    value = record.get(key) or ()
    if not isinstance(value, list | tuple) or len(value) > MAX_PARTS:
        raise RecordError(f"{key}: expected a list of at most {MAX_PARTS} items")
    return list(value)


def _texts(record: Mapping[str, object], key: str) -> tuple[str, ...]:
    return tuple(_text({key: item}, key) for item in _list(record, key))


def _parts(record: Mapping[str, object], key: str, read: Callable[[Mapping[str, object]], _T]) -> tuple[_T, ...]:
    parts = _list(record, key)
    if not all(isinstance(part, Mapping) for part in parts):
        raise RecordError(f"{key}: expected a list of objects")
    return tuple(read(part) for part in parts)
