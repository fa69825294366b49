"""Lists and travellers as the reference generator makes them, and worse ones: the list is short, lacks, or errs.

Kinds beside the generator's own: list_short (it lacks a second family or given name), list_lacks (no sex, no
nationality), other_state, two_states, sex_error (on either side), near_number (one digit of a listed number misread,
and names written badly). Some clean travellers have no date of birth, or a year only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.screening_people import HOME, LISTED, generator, pools

ADDED = ("list_short", "list_lacks", "other_state", "two_states", "sex_error", "near_number")
NO_DATE, YEAR_ONLY = 0.004, 0.006
"""Shares of clean travellers."""
_MISREAD = {"0": "8", "1": "7", "2": "7", "3": "8", "5": "6", "6": "5", "7": "1", "8": "3", "9": "4", "4": "9"}

Person = dict[str, Any]
Row = dict[str, Any]


def bettered(persons: int, clean: int, seed: int, listed: int = LISTED) -> Path:
    """Return the folder of a list with its travellers; made where it is not there."""
    folder = HOME / f"worse-{persons}-{seed}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        half.mkdir(parents=True, exist_ok=True)
        made = _Made(persons, listed, seed)
        _write(half / "list.jsonl", made.entries())
        both = [*made.listed(), *made.clean(clean)]
        _write(half / "queries.jsonl", (query for query, _ in both))
        _write(half / "truth.jsonl", (truth for _, truth in both))
        half.rename(folder)
    return folder


class _Made:
    """A list and its travellers; ``entries`` first."""

    def __init__(self, persons: int, listed: int, seed: int) -> None:
        self.source = generator()
        self.rng = np.random.default_rng(seed)
        self.people = self.source.Pop(pools(), self.rng)
        self.persons = persons
        kinds = (*self.source.KINDS, *ADDED)
        places = self.rng.choice(persons, listed, replace=False).tolist()
        self.kinds = {place: kinds[n % len(kinds)] for n, place in enumerate(places)}
        self.of: dict[int, Person] = {}

    def entries(self) -> Iterator[Row]:
        for place in range(self.persons):
            kind = self.kinds.get(place, "")
            person = self._person(kind)
            if kind:
                self.of[place] = person
            yield self._entry(place, kind, person)

    def _person(self, kind: str) -> Person:
        spanish = kind in ("married", "trunc30", "trunc39") and self.rng.random() < 0.8
        person: Person = self.people.person(culture="es" if spanish else None)
        while kind == "married" and (person["sex"] != "F" or person["c"] not in ("es", "en", "ht")):
            person = self.people.person()
        if kind == "trunc39":
            person["g"] = (person["g"] + [self.people.pick("es", "f"), self.people.pick("es", "m")])[:4]
        return person

    def _entry(self, place: int, kind: str, person: Person) -> Row:
        families, given = self._listed_names(kind, person)
        sex, states = self._sex_and_states(kind, person)
        with_number = kind in ("doc_only", "near_number") or self.rng.random() < 0.4
        return {
            "id": f"L{place}", "schema": "Person", "surname": " ".join(families), "given": " ".join(given),
            "aliases": list(self._aliases(kind, person)), "dob": self._dates(kind, person["dob"]), "sex": sex,
            "nationality": states, "documents": [person["doc"]] if with_number else [],
        }  # fmt: skip

    def _listed_names(self, kind: str, person: Person) -> tuple[list[str], list[str]]:
        families, given = list(person["s"]), list(person["g"])
        if kind == "list_short" or (not kind and self.rng.random() < 0.15):
            if len(families) > 1 and (self.rng.random() < 0.5 or len(given) < 2):
                families = families[:1]
            else:
                given = given[:1]
        return families, given

    def _sex_and_states(self, kind: str, person: Person) -> tuple[str, list[str]]:
        sex = person["sex"] if self.rng.random() < 0.93 else ""
        states = [person["nat"]] if self.rng.random() < 0.9 else []
        other = self.people.person()["nat"]
        match kind:
            case "list_lacks":
                return "", []
            case "other_state":
                return sex, [other]
            case "two_states":
                return sex, [other, person["nat"]]
            case "sex_error" if self.rng.random() < 0.5:
                return _other(person["sex"]), states
        return sex, states

    def _dates(self, kind: str, born: Any) -> list[str]:
        date, luck = born.isoformat(), self.rng.random()
        if kind == "list_year" or (not kind and luck < 0.10):
            return [date[:4]]
        if kind == "list_circa" or (not kind and luck < 0.13):
            year = born.year + int(self.rng.integers(-2, 3))
            return [f"{year - 2}/{year + 2}"]
        if not kind and luck < 0.16:
            return []
        if not kind and luck < 0.19:
            return [date, self.source.dob_slip(born, self.rng).isoformat()]
        return [date]

    def _aliases(self, kind: str, person: Person) -> Iterator[Row]:
        if kind == "alias" or self.rng.random() < 0.25:
            person["alias"] = other = self.people.person(culture=person["c"])
            yield {"surname": " ".join(other["s"]), "given": " ".join(other["g"]), "quality": "strong"}
        if self.rng.random() < 0.1:
            culture = ("es", "ar", "en")[int(self.rng.integers(3))]
            yield {"surname": "", "given": self.people.pick(culture, "m"), "quality": "weak"}

    def listed(self) -> Iterator[tuple[Row, Row]]:
        for number, (place, kind) in enumerate(self.kinds.items()):
            traveller = dict(self.of[place])
            form = {"trunc30": "TD1", "trunc39": "TD3"}.get(kind, "TD3" if self.rng.random() < 0.7 else "TD1")
            stated = {"doc": traveller["doc"] if self.rng.random() < 0.15 else None, "dob": None, "sex": None}
            traveller = self._changed(kind, traveller, stated)
            query = self.source.query(f"P{number}", traveller, self.rng, form, **stated)
            yield query, {"id": query["id"], "expected": f"L{place}", "kind": kind, "culture": traveller["c"]}

    def _changed(self, kind: str, person: Person, stated: Row) -> Person:
        """Return the person as the document shows them; what it ``stated`` besides is put there."""
        changes: dict[str, Callable[[Person, Row], Person]] = {
            "translit": lambda p, _: self.source.translit(p, self.rng),
            "swapped": lambda p, _: p | {"s": p["g"] or p["s"], "g": p["s"] if p["g"] else []},
            "subset": lambda p, _: self._fewer(p),
            "married": lambda p, _: p | {"s": [p["s"][0], "de", self.people.pick("es", "s")]},
            "typo": lambda p, _: self._slipped(p, "typo"),
            "ocr": lambda p, _: self._slipped(p, "ocr"),
            "alias": lambda p, _: p | {"s": p["alias"]["s"], "g": p["alias"]["g"]},
            "combo": self._combined,
            "dob_slip": self._misdated,
            "dob_partial": self._part_of_date,
            "no_dob": lambda p, s: s.update(dob="<<<<<<") or p,
            "doc_only": self._somebody_else,
            "sex_error": lambda p, s: s.update(sex=_other(p["sex"]) if self.rng.random() < 0.5 else None) or p,
            "near_number": self._misread,
        }
        change = changes.get(kind)
        return change(person, stated) if change else person

    def _fewer(self, person: Person) -> Person:
        if len(person["s"]) > 1 and self.rng.random() < 0.6:
            return person | {"s": person["s"][:1]}
        return person | {"g": person["g"][:1]}

    def _slipped(self, person: Person, how: str) -> Person:
        for _ in range(1 + (self.rng.random() < 0.3)):
            field = "s" if self.rng.random() < 0.5 or not person["g"] else "g"
            text = self.source.fold(" ".join(person[field]))
            person = person | {field: self.source.slip(text, self.rng, how).split(" ")}
        return person

    def _combined(self, person: Person, stated: Row) -> Person:
        person = self.source.translit(person, self.rng)
        if self.rng.random() < 0.5:
            person = self._fewer(person)
        if self.rng.random() < 0.5:
            person = self._slipped(person, "typo")
        return self._misdated(person, stated) if self.rng.random() < 0.3 else person

    def _misdated(self, person: Person, stated: Row) -> Person:
        stated["dob"] = self.source.dob_slip(person["dob"], self.rng)
        return person

    def _part_of_date(self, person: Person, stated: Row) -> Person:
        with_month = self.rng.random() < 0.5
        stated["dob"] = person["dob"].strftime("%y%m") + "<<" if with_month else person["dob"].strftime("%y") + "<<<<"
        return person

    def _somebody_else(self, person: Person, stated: Row) -> Person:
        other = self.people.person()
        stated |= {"doc": person["doc"], "dob": other["dob"]}
        return person | {"s": other["s"], "g": other["g"]}

    def _misread(self, person: Person, stated: Row) -> Person:
        number = person["doc"]
        at = int(self.rng.choice([place for place, sign in enumerate(number) if sign.isdigit()]))
        stated["doc"] = number[:at] + _MISREAD[number[at]] + number[at + 1 :]
        return self._combined(person, stated)

    def clean(self, count: int) -> Iterator[tuple[Row, Row]]:
        for number in range(count):
            person = self.people.person(amin=1, amax=85)
            if person["c"] in ("ru", "uk", "ar"):
                person = self.source.translit(person, self.rng)
            luck = self.rng.random()
            year = person["dob"].strftime("%y")
            dob = "<<<<<<" if luck < NO_DATE else f"{year}<<<<" if luck < NO_DATE + YEAR_ONLY else None
            query = self.source.query(f"C{number}", person, self.rng, "TD3" if self.rng.random() < 0.7 else "TD1", dob)
            yield query, {"id": query["id"], "expected": None, "kind": "clean", "culture": person["c"]}


def _other(sex: str) -> str:
    return "F" if sex == "M" else "M"


def _write(path: Path, rows: Iterator[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
