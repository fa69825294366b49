"""The arrays of a list of persons, numbered in birth-date order: a span of years is a slice of each posting.

Persons without a single date (none, several, a range) stand first, in the "flexible" block that every search reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.ragged import run
from checkpoint_app.screening.vocabulary import Vocabulary

WEAK = 1
WHOLE = 2
SEXES = ("", "M", "F", "X")
NO_DATE = 0
COMPLEX_DATE = -1


class ListedName(NamedTuple):
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
    phrase_pairs: npt.NDArray[np.uint64]
    phrase_shares: npt.NDArray[np.float32]
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
        self._edges = lru_cache(maxsize=512)(self._make_edges)

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
        [(_, names)] = self.names_of(np.array([person], np.int64))
        return names

    def names_of(self, persons: npt.NDArray[np.int64]) -> Iterator[tuple[int, list[ListedName]]]:
        """Yield each of ``persons`` with its folded names; many at once cost little more than one."""
        a = self.arrays
        names, firsts = self.rows(a.person_names, persons)
        tokens, starts = self.rows(a.name_tokens, names)
        numbers, bounds = a.token_numbers[tokens].tolist(), [*starts.tolist(), len(tokens)]
        columns = (a.name_families[names], a.name_flags[names], a.name_places[names])
        listed = [
            ListedName(numbers[bounds[i] : bounds[i + 1]], families, bool(flags & WEAK), bool(flags & WHOLE), place)
            for i, (families, flags, place) in enumerate(zip(*(c.tolist() for c in columns), strict=True))
        ]
        ends = [*firsts.tolist()[1:], len(names)]
        for person, first, end in zip(persons.tolist(), firsts.tolist(), ends, strict=True):
            yield person, listed[first:end]

    @staticmethod
    def rows(
        offsets: npt.NDArray[np.uint32], rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the places of the values of ``rows``, one after the other, and where each row's begin among them."""
        starts = offsets[rows].astype(np.int64)
        lengths = offsets[rows + 1].astype(np.int64) - starts
        return run(starts, lengths), np.cumsum(lengths) - lengths

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

    def spans(
        self, tokens: npt.NDArray[np.uint32], years: tuple[int, ...], long: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the spans of postings that are searched: where each begins and ends, and the place of its token.

        All of a posting of at most ``long`` persons; of a longer one those without a single date and those born within
        a year of one of ``years``. Without years all of each. In the order of ``tokens``.
        """
        offsets = self.arrays.posting_offsets
        starts, ends = offsets[tokens].astype(np.int64), offsets[tokens + np.uint32(1)].astype(np.int64)
        order = np.arange(len(tokens))
        cut = np.flatnonzero(ends - starts > long) if years else np.zeros(0, np.int64)
        if not len(cut):
            return starts, ends, order
        edges = self._edges(years)
        parts = [
            np.searchsorted(self.arrays.posting_persons[starts[i] : ends[i]], edges, "left") + starts[i] for i in cut
        ]
        pieces = np.array(parts, np.int64).reshape(-1, 2)
        whole = np.delete(order, cut)
        order = np.concatenate([whole, np.repeat(cut, len(edges) // 2)])
        sorting = np.argsort(order, kind="stable")
        starts, ends = (
            np.concatenate([side[whole], pieces[:, place]])[sorting] for place, side in ((0, starts), (1, ends))
        )
        return starts, ends, order[sorting]

    def token_counts(self, persons: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many tokens the names of each person have together."""
        names, tokens = self.arrays.person_names, self.arrays.name_tokens
        counts: npt.NDArray[np.int64] = tokens[names[persons + 1]].astype(np.int64) - tokens[names[persons]]
        return counts

    def are_elsewhen(self, persons: npt.NDArray[np.uint32], years: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Tell which persons have a single date of birth that lies more than a year from all of ``years``."""
        outside: npt.NDArray[np.bool_] = np.searchsorted(self._edges(years), persons, "right") % 2 == 0
        return outside

    def _make_edges(self, years: tuple[int, ...]) -> npt.NDArray[np.uint32]:
        """Return pairs of person numbers: from, up to; those without a single date, those born about each year."""
        births = self.arrays.person_birth[self.flexible :]
        bounds = np.array([edge * 10_000 for year in years for edge in (year - 1, year + 2)], dtype=births.dtype)
        near = self.flexible + np.searchsorted(births, bounds, "left")
        return np.array([0, self.flexible, *near.tolist()], self.arrays.posting_persons.dtype)
