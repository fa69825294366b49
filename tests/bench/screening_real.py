"""Names that are really listed (UN, OFAC and FollowTheMoney extracts), borne by travellers as borders see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.importers import read_entries
from tests.bench.screening_people import Case, generator

SOURCES = ("un_consolidated_extract.xml", "ofac_sdn_extract.csv", "ftm_entities_example.jsonl")
KINDS = ("exact", "typo", "ocr", "swapped", "subset", "dob_slip", "extra")
_EXTRA = ("ALI", "JOSE", "MARIA", "AHMED")
_KNOWS_STATE = 0.8
_BELONGS_TO_NEXT = frozenset(
    ("ABD", "ABDUL", "ABDEL", "ABDAL", "ABU", "AL", "EL", "UL", "AN", "AR", "BIN", "IBN", "BEN")
)


def real_entries(folder: Path) -> list[Entry]:
    """Return the persons of the official extracts; what an importer refuses is left out."""
    return [
        entry
        for source in SOURCES
        for entry in read_entries(folder / "official_extracts" / source, on_refused=lambda _line, _reason: None)
        if entry.schema == "Person"
    ]


def real_cases(entries: list[Entry], seed: int = 5) -> list[Case]:
    """Return travellers who bear the listed names, each with one trouble of KINDS."""
    source, rng = generator(), np.random.default_rng(seed)
    return [case for entry in entries for case in _of(entry, source, rng)]


def _of(entry: Entry, source: ModuleType, rng: np.random.Generator) -> Iterator[Case]:
    family, given = _fields(entry, source, rng)
    if not family:
        return
    for kind in KINDS:
        names = _troubled(kind, family, given, source, rng)
        state = entry.nationalities[0] if entry.nationalities and rng.random() < _KNOWS_STATE else ""
        subject = Subject(*names, birth=_birth(entry, kind, source, rng), sex=entry.sex, nationality=state)
        yield Case(subject, entry.id, kind)


def _fields(entry: Entry, source: ModuleType, rng: np.random.Generator) -> tuple[str, str]:
    """Return family and given names as an MRZ states them; a name in one field is parted somehow."""
    name = entry.names[0]
    family, given = name.family, name.given
    words = _words(family)
    if (name.whole or not given) and len(words) > 1:
        last = rng.random() < 0.5
        family, given = (words[-1], " ".join(words[:-1])) if last else (words[0], " ".join(words[1:]))
    return source.fold(family).strip(), source.fold(given).strip()


def _words(field: str) -> list[str]:
    """Return the words of a field; what is never a name by itself stays with the word that it belongs to."""
    words, held = [], ""
    for word in field.replace("-", " ").split():
        held = f"{held} {word}".strip()
        if word.upper() not in _BELONGS_TO_NEXT:
            words.append(held)
            held = ""
    return [*words, held] if held else words


def _troubled(kind: str, family: str, given: str, source: ModuleType, rng: np.random.Generator) -> tuple[str, str]:
    if kind in ("typo", "ocr"):
        if rng.random() < 0.5 or not given:
            return source.slip(family, rng, kind), given
        return family, source.slip(given, rng, kind)
    if kind == "swapped" and given:
        return given, family
    if kind == "subset":
        return family, _words(given)[0] if given else ""
    if kind == "extra":
        return family, f"{given} {rng.choice(_EXTRA)}".strip()
    return family, given


def _birth(entry: Entry, kind: str, source: ModuleType, rng: np.random.Generator) -> str:
    """Return yymmdd: the listed date, with some month and day where only the year is listed; any where none is."""
    listed = entry.birth_dates[0].first if entry.birth_dates else ""
    if not listed:
        return f"{rng.integers(40, 99)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
    if len(listed) < len("yyyy-mm-dd"):
        return (listed[:7] + "-07-15"[len(listed[:7]) - 4 :]).replace("-", "")[2:8]
    date = dt.date.fromisoformat(listed)
    if kind == "dob_slip":
        date = source.dob_slip(date, rng)
    return date.strftime("%y%m%d")
