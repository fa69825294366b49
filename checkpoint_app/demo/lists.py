"""Synthetic lists of any size: wanted persons (ECU) and lost or stolen documents (INTL). Every entry says SYNTHETIC.

The same size gives the same list on every machine, so a list can be named by its size and date alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from checkpoint_app.demo.names import Invented, invent_person
from checkpoint_app.screening.entry import (
    DocumentCategory,
    Entry,
    ListedDate,
    ListedDocument,
    ListedNumber,
    Name,
    Quality,
)

SYNTHETIC = "SYNTHETIC"
PERSONS = 10_000
NUMBERS = 100_000
STOLEN_NUMBER = ListedNumber("T71640825", "UTO", DocumentCategory.STOLEN)
LISTED_ERIKSON = Entry(
    id="ECU-1974-0821",
    schema="Person",
    names=(
        Name("ERIKSON", "Ana María"),
        Name("ERIKSON", "Anita", Quality.WEAK),
    ),
    birth_dates=(ListedDate("1974-08-21", "1974-08-21"),),
    sex="F",
    nationalities=("ECU",),
    birth_place="Guayaquil",
    handling=("LE-ONLY",),
    remarks=SYNTHETIC,
)

_SEED = 20_260_101
_FIRST_BIRTH, _BIRTH_DAYS = date(1944, 1, 1), 22_000
# Neither the letters nor the length of these numbers occur among the tray's documents.
_NUMBER_LETTERS = "ABCDEFGH"
_NUMBER_RANGE = 10**7
_STATES = ("ECU", "COL", "PER", "VEN", "CHL", "BRA", "USA", "FRA", "ESP", "UTO")
_CATEGORIES = (
    (DocumentCategory.LOST,) * 11
    + (DocumentCategory.STOLEN,) * 6
    + (DocumentCategory.BLANK, DocumentCategory.REVOKED, DocumentCategory.VOID)
)


def watchlist(count: int = PERSONS) -> tuple[Entry, ...]:
    """Return ``count`` entries (at least 1), each another person, with the listed ERIKSON among them."""
    if count < 1:
        raise ValueError(f"a watchlist of {count} entries: ask for at least 1")
    rng = Random(_SEED)
    entries = [_entry(number, invented, born, rng) for number, invented, born in _persons(count - 1, rng)]
    entries.insert(len(entries) // 2, LISTED_ERIKSON)
    return tuple(entries)


def listed_numbers(count: int = NUMBERS) -> tuple[ListedNumber, ...]:
    """Return ``count`` different numbers (1 to 10 million), the tray's stolen one among them and no other of it."""
    if not 1 <= count <= _NUMBER_RANGE:
        raise ValueError(f"{count} document numbers: ask for 1 to {_NUMBER_RANGE}")
    rng = Random(_SEED)
    # A step without a common factor with 10^7 visits each remainder once: numbers differ without being remembered.
    start, step = rng.randrange(_NUMBER_RANGE), 2 * 10 * rng.randrange(200_000) + 3
    numbers = [
        ListedNumber(
            f"{rng.choice(_NUMBER_LETTERS)}{(start + index * step) % _NUMBER_RANGE:07d}",
            rng.choice(_STATES),
            rng.choice(_CATEGORIES),
        )
        for index in range(count - 1)
    ]
    numbers.insert(len(numbers) // 2, STOLEN_NUMBER)
    return tuple(numbers)


def _persons(count: int, rng: Random) -> Iterator[tuple[int, Invented, date]]:
    seen: set[tuple[str, str, date]] = set()
    while len(seen) < count:
        invented = invent_person(rng)
        born = _FIRST_BIRTH + timedelta(days=rng.randrange(_BIRTH_DAYS))
        key = (invented.family, invented.given, born)
        if key not in seen:
            seen.add(key)
            yield len(seen), invented, born


def _entry(number: int, invented: Invented, born: date, rng: Random) -> Entry:
    return Entry(
        id=f"ECU-{number:06d}",
        schema="Person",
        names=_names(invented, rng),
        birth_dates=_birth_dates(born, rng),
        sex=invented.sex if rng.random() < 0.93 else "",
        nationalities=(invented.nationality,) if rng.random() < 0.95 else (),
        documents=_documents(number, invented, rng),
        birth_place=invented.birth_place if rng.random() < 0.6 else "",
        handling=("LE-ONLY",) if rng.random() < 0.8 else ("LE-ONLY", "NOT-TO-HOME-STATE"),
        remarks=SYNTHETIC,
    )


def _names(invented: Invented, rng: Random) -> tuple[Name, ...]:
    """Return the name and, for some, another by which the person is known: shortened, or misheard."""
    name = Name(invented.family.upper(), invented.given)
    chance = rng.random()
    if chance < 0.09 and " " in invented.given:
        return name, Name(name.family, invented.given.split()[-1])
    if chance < 0.15:
        return name, Name(_swapped(name.family, rng), name.given, Quality.WEAK)
    return (name,)


def _swapped(text: str, rng: Random) -> str:
    """Return ``text`` with two neighbouring letters exchanged, a common slip of typing."""
    at = rng.choice([index for index in range(len(text) - 1) if text[index : index + 2].isalpha()])
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _birth_dates(born: date, rng: Random) -> tuple[ListedDate, ...]:
    """Return the date as lists have it: mostly whole, now and then only a year, a range, about a year, or none."""
    chance = rng.random()
    if chance < 0.86:
        return (ListedDate(born.isoformat(), born.isoformat()),)
    year = str(born.year)
    if chance < 0.93:
        return (ListedDate(year, year),)
    if chance < 0.95:
        return (ListedDate(str(born.year - 1), str(born.year + 1)),)
    if chance < 0.97:
        return (ListedDate(year, year, circa=True),)
    return ()


def _documents(number: int, invented: Invented, rng: Random) -> tuple[ListedDocument, ...]:
    if rng.random() >= 0.15:
        return ()
    return (ListedDocument(f"{rng.choice(_NUMBER_LETTERS)}{number:07d}", invented.nationality),)
