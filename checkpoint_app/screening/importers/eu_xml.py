"""The consolidated list of the European Union's Financial Sanctions Files in XML (schema fpi/fsd/export, version 1.1).

No whole file of it may be held with the tests: they use small files written after excerpts of the published list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.importers.draft import Draft
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.records import LeaveOut
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.xml import Element, read

ROOT = frozenset({"export"})

_RECORDS = frozenset({"sanctionEntity"})
_SCHEMAS = {"person": "Person", "p": "Person", "enterprise": "Entity", "e": "Entity", "vessel": "Vessel",
            "aircraft": "Aircraft"}  # fmt: skip
_NO_STATE = frozenset({"", "00"})
_PLACE = ("place", "city", "region", "countryDescription")
_UNKNOWN = "UNKNOWN"


def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each sanctionEntity; see `xml.records` for refusals and errors."""
    return read(path, ROOT, _RECORDS, _entry, on_refused, on_left_out)


def _entry(record: Element, leave_out: LeaveOut) -> Entry:
    draft = Draft(leave_out, _schema(record))
    for alias in record.all("nameAlias"):
        _add_name(draft, alias)
    for element in record.all("birthdate"):
        _add_birth(draft, element)
    for element in record.all("citizenship"):
        draft.add_state(_state(element))
    for element in record.all("identification"):
        _add_document(draft, element)
    for element in record.all("regulation"):
        draft.add_remark(element.get("programme"))
    for element in record.all("remark"):
        draft.add_remark(element.text)
    return draft.entry(record.get("euReferenceNumber") or record.get("logicalId"))


def _schema(record: Element) -> str:
    for element in record.all("subjectType"):
        for word in (element.get("code"), element.get("classificationCode")):
            if schema := _SCHEMAS.get(word.casefold()):
                return schema
    raise FieldError("subjectType: neither a person nor an enterprise")


def _add_name(draft: Draft, alias: Element) -> None:
    """Take the parts, and the whole name too: it may hold words that no part does. Equal ones become one."""
    weak = alias.get("strong").casefold() in ("false", "0")
    first, middle, last = alias.get("firstName"), alias.get("middleName"), alias.get("lastName")
    draft.add_name(last, f"{first} {middle}".strip(), weak=weak, whole=not last)
    draft.add_written(alias.get("wholeName"), weak=weak)
    draft.sexes.append(alias.get("gender"))
    draft.add_remark(alias.get("function"))


def _add_birth(draft: Draft, element: Element) -> None:
    calendar = element.get("calendarType")
    sign = "circa " if element.says("circa") else ""
    begin, end = element.get("yearRangeFrom"), element.get("yearRangeTo")
    text = element.get("birthdate") or _from_parts(element)
    if text:
        draft.add_birth(sign + text, calendar)
    if begin and end:
        draft.add_birth(f"{sign}{begin} to {end}", calendar)
    elif begin or end:
        draft.add_open_range(begin, end)
    parts = (element.get(part) for part in _PLACE)
    draft.add_place(*("" if part == _UNKNOWN else part for part in parts))


def _from_parts(element: Element) -> str:
    year, month, day = (element.get(part) for part in ("year", "monthOfYear", "dayOfMonth"))
    if not year or not month:
        return year
    return f"{year}-{month:0>2}-{day:0>2}" if day else f"{year}-{month:0>2}"


def _add_document(draft: Draft, element: Element) -> None:
    text = element.get("number") or element.get("latinNumber")
    if text:
        draft.add_document(text, _state(element), element.get("identificationTypeDescription"))
    else:
        draft.leave_out("document without a number")
    draft.add_written(element.get("nameOnDocument"))


def _state(element: Element) -> str:
    code = element.get("countryIso2Code")
    described = element.get("countryDescription")
    return code if code not in _NO_STATE else "" if described == _UNKNOWN else described
