"""The lists of codes that an administrator may supply, by their names, and what the checks get of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from checkpoint_app.cargo.code_table import CodeTableError
from checkpoint_app.cargo.hs import NO_HS, HsList, load_hs
from checkpoint_app.cargo.un_numbers import NO_UN_NUMBERS, UnNumbers, load_un_numbers

UN_NUMBERS, HS = "un-numbers", "hs"
_LOADERS: Mapping[str, Callable[[BinaryIO], UnNumbers | HsList]] = {UN_NUMBERS: load_un_numbers, HS: load_hs}


@dataclass(frozen=True, slots=True)
class Codes:
    """The lists that are there, with their ``versions`` by name; of one that is not every code is unknown."""

    un_numbers: UnNumbers = NO_UN_NUMBERS
    hs: HsList = NO_HS
    versions: Mapping[str, int] = field(default_factory=dict)


NO_CODES = Codes()
LIST_OF = {"message.unknown_code": HS, "message.undeclared_un": UN_NUMBERS}
"""The list that a finding rests on, where there is one; an undeclared number is found without it too, by its text."""


def load_codes(name: str, data: bytes) -> UnNumbers | HsList:
    """Return the list of that name, read from its table.

    Raises CodeTableError; also for a name that no list has, and where most lines hold no code: it is another table.
    """
    load = _LOADERS.get(name)
    if load is None:
        raise CodeTableError(f"a list of codes is called {UN_NUMBERS} or {HS}")
    codes = load(io.BytesIO(data))
    if len(codes.refused) > count_of(codes):
        raise CodeTableError("most lines hold no code, this one first: it is another table", codes.refused[0])
    return codes


def name_of(data: bytes) -> str | None:
    """Return which list a table is, by its headings; None where it is none of them, or could be both."""
    fits = []
    for name in _LOADERS:
        try:
            load_codes(name, data)
        except CodeTableError:
            continue
        fits.append(name)
    return fits[0] if len(fits) == 1 else None


def count_of(codes: UnNumbers | HsList) -> int:
    """Return how many codes a list has."""
    return len(codes.entries) if isinstance(codes, UnNumbers) else len(codes.texts)


def codes_in(lists: Mapping[tuple[str, int], UnNumbers | HsList]) -> Codes:
    """Return what the checks get of the lists, given by name and version."""
    by_name = {name: codes for (name, _version), codes in lists.items()}
    un_numbers, hs = by_name.get(UN_NUMBERS), by_name.get(HS)
    return Codes(
        un_numbers if isinstance(un_numbers, UnNumbers) else NO_UN_NUMBERS,
        hs if isinstance(hs, HsList) else NO_HS,
        dict(sorted(lists.keys())),
    )
