"""What the parties of OFAC's advanced XML refer to: reference values, locations, identity documents, programmes.

All stand outside of the parties, and the programmes after them, so that they are gathered by a reading of their own.
Memory grows with them, not with the parties: bounded by ``MAX_KEPT``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import SourceError
from checkpoint_app.screening.importers.xml import Element, records

MAX_KEPT = 500_000
"""Most values, locations, documents and programmes together. The list of August 2025 holds about 60,000."""

_TEXT = 400
_RECORDS = frozenset({"ReferenceValueSets", "Location", "IDRegDocument", "SanctionsEntry"})
_NO_STATE = frozenset({"", "undetermined"})


@dataclass(frozen=True, slots=True)
class Paper:
    """An identity document: its number, the name of its kind, and its issuer by code or name."""

    line: int
    number: str
    kind: str
    issuer: str


@dataclass(slots=True)
class References:
    """Texts by what refers to them. ``values`` by (element, ID), as ("FeatureType", "8") → "Birthdate"."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    """What a value refers to in turn: ("Country", …) → ISO 3166 code, ("PartySubType", …) → PartyType."""
    states: dict[str, str] = field(default_factory=dict)
    """Location → the state that it lies in, by code or name."""
    papers: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    """Identity → its documents."""
    programs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Profile → the programmes that it is listed under."""

    def name(self, element: str, identity: str) -> str:
        """Return the text of a reference value, or the empty text."""
        return self.values.get((element, identity), "")

    def state(self, country: str) -> str:
        """Return a country by code where the file tells it, else by name."""
        name = self.links.get(("Country", country)) or self.name("Country", country)
        return "" if name.casefold() in _NO_STATE else name


def references_of(path: Path, roots: frozenset[str], on_left_out: Tell) -> References:
    """Return the references of the file; one over a bound is told. Raises SourceError, also for more than MAX_KEPT."""
    found = References()
    kept = 0

    def on_flaw(line: int, reason: str) -> None:
        on_left_out(line, f"reference of the list: {reason}")

    for element in records(path, roots, _RECORDS, on_flaw):
        kept += 1
        if element.name == "ReferenceValueSets":
            kept += _take_values(found, element)
        elif element.name == "Location":
            found.states[element.get("ID")] = _state_of(found, element)
        elif element.name == "IDRegDocument":
            _take_paper(found, element)
        else:
            _take_programs(found, element)
        if kept > MAX_KEPT:
            raise SourceError(f"{path.name}: it holds more than {MAX_KEPT} references")
    return found


def _take_values(found: References, sets: Element) -> int:
    count = 0
    for values in sets.children:
        for value in values.children:
            key = value.name, value.get("ID")
            found.values[key] = value.text.strip()[:_TEXT]
            if link := value.get("ISO2") or value.get("PartyTypeID"):
                found.links[key] = link[:_TEXT]
            count += 1
    return count


def _state_of(found: References, location: Element) -> str:
    for country in location.all("LocationCountry"):
        if state := found.state(country.get("CountryID")):
            return state
    parts = location.all("LocationPart", "LocationPartValue", "Value")
    text = parts[-1].text.strip()[:_TEXT] if parts else ""
    return "" if text.casefold() in _NO_STATE else text


def _take_paper(found: References, element: Element) -> None:
    kind = found.name("IDRegDocType", element.get("IDRegDocTypeID"))
    issuer = found.state(element.get("IssuedBy-CountryID"))
    number = element.words("IDRegistrationNo")[:_TEXT]
    found.papers[element.get("IdentityID")].append(Paper(element.line, number, kind, issuer))


def _take_programs(found: References, element: Element) -> None:
    programs = found.programs[element.get("ProfileID")]
    for measure in element.all("SanctionsMeasure"):
        kind = found.name("SanctionsType", measure.get("SanctionsTypeID"))
        if kind in ("", "Program") and (text := measure.words("Comment")[:_TEXT]):
            programs.append(text)
