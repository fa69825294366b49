"""The lists of OFAC (U.S. Treasury) in classic XML: sdnList of SDN.XML and CONSOLIDATED.XML, schema sdn.xsd.

No whole file of it may be held with the tests: they use small files written after that schema, with invented people.
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

ROOT = frozenset({"sdnList"})

_RECORDS = frozenset({"sdnEntry"})
_SCHEMAS = {"individual": "Person", "entity": "Entity", "vessel": "Vessel", "aircraft": "Aircraft"}
_VESSEL = ("vesselType", "vesselFlag", "vesselOwner", "callSign", "tonnage", "grossRegisteredTonnage")


def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each sdnEntry; see `xml.records` for refusals and errors."""
    return read(path, ROOT, _RECORDS, _entry, on_refused, on_left_out)


def _entry(record: Element, leave_out: LeaveOut) -> Entry:
    schema = _SCHEMAS.get(record.words("sdnType").casefold())
    if schema is None:
        raise FieldError("sdnType: expected Individual, Entity, Vessel or Aircraft")
    draft = Draft(leave_out, schema)
    draft.add_name(record.words("lastName"), record.words("firstName"))
    for alias in record.all("akaList", "aka"):
        weak = alias.words("category").casefold() == "weak"
        draft.add_name(alias.words("lastName"), alias.words("firstName"), weak=weak)
    for element in _main_first(record.all("dateOfBirthList", "dateOfBirthItem")):
        draft.add_birth(element.words("dateOfBirth"))
    for element in _main_first(record.all("placeOfBirthList", "placeOfBirthItem")):
        draft.add_place(element.words("placeOfBirth"))
    nationalities = record.all("nationalityList", "nationality") + record.all("citizenshipList", "citizenship")
    for element in _main_first(nationalities):
        draft.add_state(element.words("country"))
    for element in record.all("idList", "id"):
        _add_identifier(draft, element)
    _add_remarks(draft, record)
    return draft.entry(record.words("uid"))


def _main_first(elements: list[Element]) -> list[Element]:
    return sorted(elements, key=lambda element: element.words("mainEntry").casefold() != "true")


def _add_identifier(draft: Draft, element: Element) -> None:
    kind, number = element.words("idType"), element.words("idNumber")
    if kind.casefold() == "gender":
        draft.sexes.append(number)
    elif number:
        draft.add_document(number, element.words("idCountry"), kind)
    else:
        draft.leave_out("document without a number")


def _add_remarks(draft: Draft, record: Element) -> None:
    for program in record.all("programList", "program"):
        draft.add_remark(program.text)
    draft.add_remark(record.words("title"))
    for vessel in record.all("vesselInfo"):
        draft.add_remark(", ".join(text for part in _VESSEL if (text := vessel.words(part))))
    draft.add_remark(record.words("remarks"))
