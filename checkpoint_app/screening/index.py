"""The arrays of a list of persons, numbered in birth-date order: a span of years is a slice of each posting.

Persons without a single date (none, several, a range) stand first, in the "flexible" block that every search reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.vocabulary import Vocabulary

WEAK = 1
WHOLE = 2
SEXES = ("", "M", "F", "X")
NO_DATE = 0
COMPLEX_DATE = -1


@dataclass(frozen=True, slots=True)
class ListedName:
    """A folded name of an entry: token numbers, of which the first ``families`` are the family name."""

    tokens: list[int]
    families: int
    weak: bool
    whole: bool
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """All arrays of the index, by their section names (an underscore stands for a dot).

    ``*_offsets`` lead from a row to its values: token → persons, person → names, name → tokens, person → dates,
    person → nationalities. ``person_birth`` is one date yyyymmdd, 0 for none, -1 for several or a range.
    """

    posting_offsets: npt.NDArray[np.uint32]
    posting_persons: npt.NDArray[np.uint32]
    person_names: npt.NDArray[np.uint32]
    name_tokens: npt.NDArray[np.uint32]
    name_families: npt.NDArray[np.uint8]
    name_flags: npt.NDArray[np.uint8]
    name_places: npt.NDArray[np.uint8]
    token_numbers: npt.NDArray[np.uint32]
    person_birth: npt.NDArray[np.int32]
    person_dates: npt.NDArray[np.uint32]
    date_first: npt.NDArray[np.int32]
    date_last: npt.NDArray[np.int32]
    person_sex: npt.NDArray[np.uint8]
    person_states: npt.NDArray[np.uint32]
    state_numbers: npt.NDArray[np.uint16]
    person_slot: npt.NDArray[np.uint32]
    document_hash: npt.NDArray[np.uint64]
    document_person: npt.NDArray[np.uint32]

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """Yield every array as a named section."""
        for field in fields(self):
            yield field.name.replace("_", "."), getattr(self, field.name).tobytes()

    @classmethod
    def load(cls, sections: Mapping[str, bytes | memoryview]) -> Arrays:
        """Load the arrays in place, without a copy."""
        kinds: dict[str, Any] = {field.name: _dtype(str(field.type)) for field in fields(cls)}
        return cls(**{name: np.frombuffer(sections[name.replace("_", ".")], kind) for name, kind in kinds.items()})


def _dtype(annotation: str) -> npt.DTypeLike:
    return np.dtype(annotation.removesuffix("]").rpartition("np.")[2])


class PersonIndex:
    """Arrays, vocabulary and table of states of one list, with the questions that the search asks them."""

    def __init__(self, arrays: Arrays, vocabulary: Vocabulary, states: list[str]) -> None:
        self.arrays = arrays
        self.vocabulary = vocabulary
        self.states = states
        self.persons = len(arrays.person_sex)
        self.flexible = int(np.searchsorted(arrays.person_birth, 1, "left"))
        starts, ends = arrays.person_states[:-1], arrays.person_states[1:]
        self.first_state = np.zeros(self.persons, np.uint16)
        has = ends > starts
        self.first_state[has] = arrays.state_numbers[starts[has]]
        self.several_states = (ends.astype(np.int64) - starts) > 1
        self.state_counts = np.bincount(self.first_state, minlength=len(states))

    def posting(self, token: int) -> npt.NDArray[np.uint32]:
        """Return the persons of a token, ascending."""
        offsets = self.arrays.posting_offsets
        return self.arrays.posting_persons[int(offsets[token]) : int(offsets[token + 1])]

    def counts(self, tokens: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Return how many persons bear each token."""
        offsets = self.arrays.posting_offsets
        counts: npt.NDArray[np.int64] = offsets[tokens + np.uint32(1)].astype(np.int64) - offsets[tokens]
        return counts

    def names(self, person: int) -> list[ListedName]:
        """Return the folded names of a person."""
        a = self.arrays
        names = []
        for name in range(int(a.person_names[person]), int(a.person_names[person + 1])):
            flags = int(a.name_flags[name])
            tokens = a.token_numbers[int(a.name_tokens[name]) : int(a.name_tokens[name + 1])].tolist()
            weak, whole = bool(flags & WEAK), bool(flags & WHOLE)
            names.append(ListedName(tokens, int(a.name_families[name]), weak, whole, int(a.name_places[name])))
        return names

    def dates(self, person: int) -> list[tuple[int, int]]:
        """Return the listed dates of birth of a person as (first, last)."""
        a = self.arrays
        span = slice(int(a.person_dates[person]), int(a.person_dates[person + 1]))
        return list(zip(a.date_first[span].tolist(), a.date_last[span].tolist(), strict=True))

    def states_of(self, person: int) -> list[str]:
        """Return the nationalities of a person."""
        a = self.arrays
        numbers = a.state_numbers[int(a.person_states[person]) : int(a.person_states[person + 1])]
        return [self.states[number] for number in numbers.tolist()]

    def sex(self, person: int) -> str:
        """Return the listed sex of a person: M, F, X or empty."""
        return SEXES[int(self.arrays.person_sex[person])]

    def span(self, first_year: int, last_year: int) -> tuple[int, int]:
        """Return the persons born in the years from ``first_year`` to ``last_year``, both included, as a slice."""
        births = self.arrays.person_birth[self.flexible :]
        bounds = np.array([first_year * 10_000, (last_year + 1) * 10_000], dtype=births.dtype)
        low, high = np.searchsorted(births, bounds, "left").tolist()
        return self.flexible + low, self.flexible + high
