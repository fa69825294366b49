"""The consolidated list of the United Nations Security Council in XML (schema sc-sanctions.xsd of un.org).

FIRST_NAME to FOURTH_NAME are no surname and given names, and their order differs by culture: they make one whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.importers.draft import Draft, names_in
from checkpoint_app.screening.importers.records import LeaveOut
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.xml import Element, read

ROOT = frozenset({"CONSOLIDATED_LIST"})
MAX_WRITTEN = 4000
"""Most characters of a text in which several names are looked for."""

_SCHEMAS = {"INDIVIDUAL": "Person", "ENTITY": "Entity"}
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME", "FIFTH_NAME", "SIXTH_NAME")
_PLACE = ("STREET", "CITY", "STATE_PROVINCE", "COUNTRY")
_GENDER = re.compile(r"\bGender\s*[\[:]\s*(Male|Female)\b", re.IGNORECASE)
_ORIGINAL = re.compile(r"^\s*original script\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)
_SPELLINGS = re.compile(r"transliterations?\s*:?", re.IGNORECASE)
_FROM_BRACKET = re.compile(r"[()].*", re.DOTALL)
_APART = re.compile(r"[;,]")


def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each INDIVIDUAL and ENTITY; see `xml.records` for refusals and errors."""
    return read(path, ROOT, frozenset(_SCHEMAS), _entry, on_refused, on_left_out)


def _entry(record: Element, leave_out: LeaveOut) -> Entry:
    draft = Draft(leave_out, _SCHEMAS[record.name])
    _add_names(draft, record)
    comments = record.words("COMMENTS1")
    draft.sexes = [element.text for element in record.all("GENDER")]
    if not any(text.strip() for text in draft.sexes):
        draft.sexes = _GENDER.findall(comments)
    for element in record.all("INDIVIDUAL_DATE_OF_BIRTH"):
        _add_birth(draft, element)
    for element in record.all("NATIONALITY", "VALUE"):
        draft.add_state(element.text)
    for element in record.all("INDIVIDUAL_PLACE_OF_BIRTH"):
        draft.add_place(*(element.words(part) for part in _PLACE))
    for element in record.all("INDIVIDUAL_DOCUMENT"):
        _add_document(draft, element)
    for element in [*record.all("UN_LIST_TYPE"), *record.all("DESIGNATION", "VALUE"), *record.all("COMMENTS1")]:
        draft.add_remark(element.text)
    return draft.entry(record.words("REFERENCE_NUMBER") or record.words("DATAID"))


def _add_names(draft: Draft, record: Element) -> None:
    draft.add_name(" ".join(text for part in _NAMES if (text := record.words(part))), whole=True)
    for element in record.all("NAME_ORIGINAL_SCRIPT"):
        _add_written(draft, element.text, weak=False)
    for alias in [*record.all("INDIVIDUAL_ALIAS"), *record.all("ENTITY_ALIAS")]:
        weak = alias.words("QUALITY").casefold() == "low"
        _add_written(draft, alias.words("ALIAS_NAME"), weak)
        _add_note(draft, alias.words("NOTE"), weak)
        for element in alias.all("DATE_OF_BIRTH"):
            draft.add_birth(element.text)
        draft.add_place(alias.words("CITY_OF_BIRTH"), alias.words("COUNTRY_OF_BIRTH"))


def _add_note(draft: Draft, note: str, weak: bool) -> None:
    """Take the names that a note beside an alias holds: the original script, or a list of other spellings."""
    if len(note) > MAX_WRITTEN:
        draft.leave_out("note beside an alias")
        return
    spellings = [part for part in _APART.split(_FROM_BRACKET.sub("", _SPELLINGS.sub("", note))) if part.strip()]
    if original := _ORIGINAL.match(note):
        _add_written(draft, original[1], weak)
    elif _SPELLINGS.search(note) or note.count(";") > 1:
        for spelling in spellings:
            _add_written(draft, spelling, weak)
    elif note:
        draft.leave_out("note beside an alias")


def _add_written(draft: Draft, text: str, weak: bool) -> None:
    """Take an alias; one comma parts family and given name, else its parts cannot be told apart."""
    if len(text) > MAX_WRITTEN:
        draft.leave_out("name that is too long")
        return
    for name in names_in(text) if draft.is_person else [text]:
        if name.count(",") == 1:
            draft.add_written(name, weak=weak)
        else:
            draft.add_name(name, weak=weak, whole=True)


def _add_birth(draft: Draft, element: Element) -> None:
    kind = element.words("TYPE_OF_DATE").upper()
    circa = kind.startswith("APPROX") or element.words("NOTE").casefold().startswith("approx")
    sign = "circa " if circa else ""
    begin, end = element.words("FROM_YEAR"), element.words("TO_YEAR")
    if begin and end:
        draft.add_birth(f"{sign}{begin} to {end}")
    elif begin or end:
        draft.add_open_range(begin, end)
    for part in element.all("DATE") or element.all("YEAR"):
        draft.add_birth(f"{sign}{part.text}" if part.text.strip() else "")


def _add_document(draft: Draft, element: Element) -> None:
    issuer = element.words("ISSUING_COUNTRY") or element.words("COUNTRY_OF_ISSUE")
    text = element.words("NUMBER") or element.words("TYPE_OF_DOCUMENT2")
    if text:
        draft.add_document(text, issuer, element.words("TYPE_OF_DOCUMENT"))
    elif element.children and any(child.text.strip() for child in element.children):
        draft.leave_out("document without a number")
