"""The lists of OFAC (U.S. Treasury) in advanced XML: Sanctions of SDN_ADVANCED.XML and CONS_ADVANCED.XML.

The schema is ADVANCED_XML.xsd, the "Advanced Sanctions Data Model". No whole file of it may be held with the tests:
they use small files written after that schema, with invented people. A file is read twice (see `ofac_references`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.importers.births import days_in, period
from checkpoint_app.screening.importers.draft import Draft
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.ofac_references import References, references_of
from checkpoint_app.screening.importers.records import LeaveOut
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.xml import Element, read

ROOT = frozenset({"Sanctions"})

_RECORDS = frozenset({"DistinctParty"})
_SCHEMAS = {"individual": "Person", "entity": "Entity", "vessel": "Vessel", "aircraft": "Aircraft"}
_FAMILY = ("Last Name", "Matronymic")
_GIVEN = ("First Name", "Middle Name", "Patronymic")
_MAIDEN = "Maiden Name"
_STATES = ("Nationality Country", "Citizenship Country")


def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each DistinctParty; see `xml.records` for refusals and errors."""
    references = references_of(path, ROOT, on_left_out)
    yield from read(path, ROOT, _RECORDS, partial(_entry, references=references), on_refused, on_left_out)
    for papers in references.papers.values():
        for paper in papers:
            on_left_out(paper.line, "document of a party that is not among the entries")


def _entry(record: Element, leave_out: LeaveOut, references: References) -> Entry:
    draft = Draft(leave_out, _schema(record, references))
    identities = record.all("Profile", "Identity")
    aliases = [(identity, alias) for identity in identities for alias in identity.all("Alias")]
    for identity, alias in sorted(aliases, key=lambda pair: not pair[1].says("Primary")):
        types = _part_types(identity, references)
        for name in alias.all("DocumentedName"):
            _add_name(draft, name, types, weak=alias.says("LowQuality"))
    for feature in record.all("Profile", "Feature"):
        _add_feature(draft, feature, references)
    for identity in identities:
        for paper in references.papers.pop(identity.get("ID"), []):
            draft.add_document(paper.number, paper.issuer, paper.kind)
    for profile in record.all("Profile"):
        for program in references.programs.get(profile.get("ID"), []):
            draft.add_remark(program)
    for comment in record.all("Comment"):
        draft.add_remark(comment.text)
    return draft.entry(record.get("FixedRef") or next((p.get("ID") for p in record.all("Profile")), ""))


def _schema(record: Element, references: References) -> str:
    for profile in record.all("Profile"):
        kind = profile.get("PartySubTypeID")
        party = references.links.get(("PartySubType", kind), "")
        for word in (references.name("PartySubType", kind), references.name("PartyType", party)):
            if schema := _SCHEMAS.get(word.casefold()):
                return schema
    raise FieldError("PartySubTypeID: the reference values tell no individual, entity, vessel or aircraft")


def _part_types(identity: Element, references: References) -> dict[str, str]:
    """Return the type of each group of name parts: "Last Name", "First Name" …"""
    groups = identity.all("NamePartGroups", "MasterNamePartGroup", "NamePartGroup")
    return {group.get("ID"): references.name("NamePartType", group.get("NamePartTypeID")) for group in groups}


def _add_name(draft: Draft, name: Element, types: dict[str, str], weak: bool) -> None:
    """Take a name by its typed parts; parts of no known type make it a whole name. A maiden name is a second family."""
    values = name.all("DocumentedNamePart", "NamePartValue")
    parts = [(types.get(value.get("NamePartGroupID"), ""), value.text.strip()) for value in values]
    if not all(kind in (*_FAMILY, *_GIVEN, _MAIDEN) for kind, _ in parts):
        draft.add_name(" ".join(text for _, text in parts), weak=weak, whole=True)
        return
    family, given, maiden = (_of(parts, kinds) for kinds in (_FAMILY, _GIVEN, (_MAIDEN,)))
    draft.add_name(family or maiden, given, weak=weak)
    if family and maiden:
        draft.add_name(maiden, given, weak=weak)


def _of(parts: list[tuple[str, str]], kinds: tuple[str, ...]) -> str:
    return " ".join(text for wanted in kinds for kind, text in parts if kind == wanted)


def _add_feature(draft: Draft, feature: Element, references: References) -> None:
    kind = references.name("FeatureType", feature.get("FeatureTypeID"))
    for version in feature.all("FeatureVersion"):
        if kind == "Birthdate":
            for element in version.all("DatePeriod"):
                _add_birth(draft, element, references)
        elif kind == "Place of Birth":
            draft.add_place(_detail(version, references) or _location(version, references))
        elif kind in _STATES:
            draft.add_state(_location(version, references) or _detail(version, references))
        elif kind == "Gender":
            draft.sexes.append(_detail(version, references))
        elif kind == "Title":
            draft.add_remark(_detail(version, references))
        elif kind.casefold().startswith("vessel"):
            draft.add_remark(f"{kind}: {_detail(version, references) or _location(version, references)}")


def _detail(version: Element, references: References) -> str:
    """Return what a version says in words, or by a reference value."""
    details = version.all("VersionDetail")
    texts = (d.text.strip() or references.name("DetailReference", d.get("DetailReferenceID")) for d in details)
    return next((text for text in texts if text), "")


def _location(version: Element, references: References) -> str:
    states = (references.states.get(place.get("LocationID"), "") for place in version.all("VersionLocation"))
    return next((state for state in states if state), "")


def _add_birth(draft: Draft, element: Element, references: References) -> None:
    """Take the days from Start/From to End/To, which of a year alone are its first and its last."""
    calendar = references.name("CalendarType", element.get("CalendarTypeID"))
    begin = next(iter(element.all("Start", "From")), element)
    ends = element.all("End", "To") or element.all("Start", "To") or [begin]
    circa = any(bound.says("Approximate") for bound in element.children)
    try:
        draft.add_birth(period(_first_day(begin), _last_day(ends[-1]), circa), calendar)
    except FieldError:
        draft.leave_out("date of birth that cannot be read")


def _first_day(element: Element) -> tuple[int, int, int]:
    year, month, day = _parts(element)
    return year, month or 1, day or 1


def _last_day(element: Element) -> tuple[int, int, int]:
    year, month, day = _parts(element)
    return year, month or 12, day or days_in(year, month or 12)


def _parts(element: Element) -> tuple[int, int, int]:
    """Return year, month and day; 0 for a month or day that is not told. Raises FieldError."""
    texts = [element.words(part) or "0" for part in ("Year", "Month", "Day")]
    if not all(text.isascii() and text.isdecimal() and len(text) <= 4 for text in texts):
        raise FieldError("birth_date: expected a year, a month and a day in digits")
    year, month, day = (int(text) for text in texts)
    return year, month, day
