"""Texts as a source gives them to one entry or number; and our own two forms of JSON objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from checkpoint_app.screening.importers.fields import (
    MAX_TEXT,
    FieldError,
    clean,
    distinct,
    listed_date,
    make_name,
    person_name,
    sex_of,
    state_code,
)
from checkpoint_app.screening.importers.states import state_of
from checkpoint_app.screening.numbers.ranges import Listed, listed_range
from checkpoint_app.screening.plain import MAX_PARTS, RecordError, entry_from_plain

MAX_ID = 200
MAX_VALUES = 500

SCHEMAS = {
    "Person": "Person",
    "Entity": "Entity",
    "LegalEntity": "Person",  # a person or a firm, and its publisher does not know which
    "Organization": "Entity",
    "Company": "Entity",
    "PublicBody": "Entity",
    "Vessel": "Vessel",
    "Aircraft": "Aircraft",
    "Airplane": "Aircraft",
}
"""A source's schema → ours; the others hold nothing that is listed for itself."""

LeaveOut = Callable[[str], None]
"""Takes the reason why a part of an entry is left out."""

_T = TypeVar("_T")
_V = TypeVar("_V")


def entry_of_ours(record: Mapping[str, Any]) -> Entry:
    """Return the entry of our own plain form, as `screening.entry_to_plain` writes it."""
    entry = entry_from_plain(record)
    if entry.schema not in SCHEMAS.values():
        raise schema_refused(entry.schema)
    if not any(name.family or name.given for name in entry.names):
        raise FieldError("name: none is given that can be compared")
    for listed in entry.birth_dates:
        listed_date(listed.first if listed.first == listed.last else f"{listed.first}/{listed.last}")
    return entry


def entry_of_plain(record: Mapping[str, Any], leave_out: LeaveOut) -> Entry:
    """Return the entry of the plain form {id, schema, surname, given, aliases, dob, sex, nationality, documents}."""
    schema = schema_of(text_of(record, "schema") or "Person")
    parts = [record, *objects_of(record, "aliases")]
    names = [_plain_name(part, schema) for part in parts]
    return make_entry(
        entry_id=text_of(record, "id"),
        schema=schema,
        names=names,
        leave_out=leave_out,
        births=texts_of(record, "dob"),
        sexes=[text_of(record, "sex")],
        states=texts_of(record, "nationality"),
        documents=[_plain_document(item) for item in list_of(record, "documents")],
        birth_place=text_of(record, "birth_place"),
        handling=tuple(texts_of(record, "handling")),
        remarks=text_of(record, "remarks"),
    )


def make_entry(
    *,
    entry_id: str,
    schema: str,
    names: Iterable[Name | None],
    leave_out: LeaveOut,
    caption: str = "",
    births: Iterable[str | ListedDate] = (),
    order: str = "ymd",
    sexes: Iterable[str] = (),
    states: Iterable[str] = (),
    documents: Iterable[tuple[str, str]] = (),
    birth_place: str = "",
    handling: tuple[str, ...] = (),
    remarks: str = "",
    lenient: bool = False,
) -> Entry:
    """Return the entry of texts as a source gives them, or raise FieldError naming the field that cannot be read.

    What is left out is told: names in a script without transliteration, states without an ICAO code, the end of long
    remarks. ``lenient`` is for publishers whom nobody here can ask: a date or a number that cannot be read is left out
    and told too, for an entry without it still finds the person.
    """
    if not 0 < len(clean(entry_id)) <= MAX_ID:
        raise FieldError(f"id: expected 1 to {MAX_ID} characters")
    given_names = list(names)
    taken = distinct((name for name in given_names if name is not None), caption)
    if not taken:
        raise FieldError("name: none is given that can be compared")
    _tell(leave_out, given_names.count(None), "name in a script without transliteration")
    codes = [state_of(state) for state in states if state.strip()]
    _tell(leave_out, codes.count(""), "nationality without an ICAO code")
    told = leave_out if lenient else None
    dates = readable(births, lambda birth: _listed(birth, order), "date of birth", told)
    papers = readable(documents, lambda pair: _document(*pair, leave_out), "document number", told)
    parts: dict[str, tuple[Any, ...]] = {
        "names": taken,
        "birth_dates": _once(date for date in dates if date),
        "nationalities": _once(code for code in codes if code),
        "documents": _once(paper for paper in papers if paper),
        "handling": _once(clean(code) for code in handling if code.strip()),
    }
    _tell(leave_out, int(len(remarks) > MAX_TEXT), f"remarks beyond {MAX_TEXT} characters")
    return Entry(
        id=clean(entry_id),
        schema=schema,
        sex=sex_of(sexes),
        birth_place=_shortened(birth_place),
        remarks=_shortened(remarks),
        **{field: _bounded(field, values, told) for field, values in parts.items()},
    )


def make_number(number: str, issuer: str, category: str, default: DocumentCategory, last: str = "") -> Listed:
    """Return a listed number, or with ``last`` the range from one to the other. Raises FieldError.

    An empty category is ``default``, but a range's is that of blank documents.
    """
    code = state_code(issuer)
    if issuer.strip() and not code:
        raise FieldError("issuer: not an ICAO or ISO code of a state")
    try:
        listed_for = DocumentCategory(category.strip().casefold()) if category.strip() else default
    except ValueError as error:
        raise FieldError(f"category: expected one of {', '.join(DocumentCategory)}") from error
    if not last.strip():
        return ListedNumber(_number(number), code, listed_for)
    try:
        of = listed_for if category.strip() else DocumentCategory.BLANK
        return listed_range(_number(number), _number(last), code, of)
    except RecordError as error:
        raise FieldError(str(error)) from error


def readable(values: Iterable[_V], make: Callable[[_V], _T], what: str, told: LeaveOut | None) -> Iterator[_T]:
    """Yield what ``make`` makes of each value. One that cannot be read is left out and ``told``, or raises FieldError.

    ``what`` names the field, as in "date of birth".
    """
    for value in values:
        try:
            yield make(value)
        except FieldError:
            if told is None:
                raise
            told(f"{what} that cannot be read")


def schema_of(text: str) -> str:
    """Return our schema for a source's: Person, Entity, Vessel or Aircraft. Raises FieldError for all others."""
    if text not in SCHEMAS:
        raise schema_refused(text)
    return SCHEMAS[text]


def schema_refused(text: str) -> FieldError:
    """Return the refusal. The word is the source's own vocabulary, yet outside data: only a plain word is repeated."""
    return FieldError(
        f"schema {text if text.isascii() and text.isalpha() and len(text) <= 30 else '?'} is not screened"
    )


# -- fields of a JSON object -------------------------------------------------------------------------------------------


def text_of(record: Mapping[str, Any], key: str) -> str:
    """Return the text of ``key``, empty where there is none. Raises FieldError, as do those that follow."""
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise FieldError(f"{key}: expected a text")
    return value


def texts_of(record: Mapping[str, Any], key: str) -> list[str]:
    """Return the texts of ``key``, which holds one or a list."""
    return [text_of({key: item}, key) for item in list_of(record, key)]


def objects_of(record: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of ``key``, which holds one or a list."""
    items = list_of(record, key)
    if not all(isinstance(item, dict) for item in items):
        raise FieldError(f"{key}: expected objects")
    return items


def list_of(record: Mapping[str, Any], key: str) -> list[Any]:
    """Return the values of ``key``, which holds one or a list of at most 500."""
    value = record.get(key)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_VALUES:
        raise FieldError(f"{key}: more than {MAX_VALUES} values")
    return items


# -- parts of an entry -------------------------------------------------------------------------------------------------


def _plain_name(part: Mapping[str, Any], schema: str) -> Name | None:
    quality = text_of(part, "quality").casefold() or "strong"
    if quality not in ("strong", "weak"):
        raise FieldError("quality: expected strong or weak")
    family, given = clean(text_of(part, "surname")), clean(text_of(part, "given"))
    whole = clean(text_of(part, "name"))
    if whole and not (family or given):
        if schema == "Person":
            return person_name(whole, Quality(quality))
        family = whole
    if not (family or given):
        raise FieldError("name: surname and given are both empty")
    return make_name(family, given, Quality(quality), whole=schema != "Person")


def _plain_document(item: Any) -> tuple[str, str]:
    if isinstance(item, str):
        return item, ""
    if isinstance(item, dict):
        return text_of(item, "number"), text_of(item, "issuer")
    raise FieldError("documents: expected texts or objects with number and issuer")


def _listed(birth: str | ListedDate, order: str) -> ListedDate | None:
    if isinstance(birth, ListedDate):
        return birth
    return listed_date(birth, order) if birth.strip() else None


def _document(number: str, issuer: str, leave_out: LeaveOut) -> ListedDocument | None:
    if not number.strip():
        return None
    code = state_of(issuer)
    _tell(leave_out, int(bool(issuer.strip()) and not code), "document's issuer without an ICAO code")
    return ListedDocument(_number(number), code)


def _number(text: str) -> str:
    number = clean(text)
    if not 3 <= sum(c.isascii() and c.isalnum() for c in number) <= len(number) <= 40:
        raise FieldError("document number: expected 3 to 40 letters and digits")
    return number


def _bounded(field: str, values: tuple[_T, ...], told: LeaveOut | None) -> tuple[_T, ...]:
    if len(values) <= MAX_PARTS:
        return values
    if told is None:
        raise FieldError(f"{field}: more than {MAX_PARTS} different ones")
    told(f"{field} beyond {MAX_PARTS}")
    return values[:MAX_PARTS]


def _shortened(text: str) -> str:
    return clean(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 2] + " …")


def _once(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _tell(leave_out: LeaveOut, count: int, reason: str) -> None:
    for _ in range(count):
        leave_out(reason)
