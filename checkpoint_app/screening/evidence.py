"""The weight of evidence, in points of natural logarithm, after Fellegi and Sunter (1969).

u is the chance that a stranger's name agrees so closely, which is the share of travellers bearing any token of that
likeness: the rarer a name, the more its agreement says. What an agreement is worth at a given u is fitted (``WORTH``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.index import PersonIndex
from checkpoint_app.screening.phrases import known_phrases
from checkpoint_app.screening.vocabulary import Likeness


class Worth(NamedTuple):
    """What an agreement is worth: ``level`` + ``slope`` · log(1 / u)."""

    level: float
    slope: float


WORTH = {
    Likeness.EXACT: Worth(0.15, 0.75),
    Likeness.PREFIX: Worth(-0.15, 0.9),
    Likeness.SOUND: Worth(-0.5, 0.5),
    Likeness.EDIT: Worth(-0.8, 0.6),
    Likeness.VOWELS: Worth(-0.2, 0.25),
    Likeness.BONES: Worth(-2.2, 0.5),
}
"""Fitted (`tests/bench/screening_fit.py`). Slopes are below 1: the parts of a name do not vary freely."""
UNKNOWN = 1.0
"""How much more a likeness says to a token that none or one person of the list bears: it is often a misspelling."""
MOST = 9.0
"""The most that one token can say."""
LEAST = 0.3
"""Agreement that says less is not counted."""
RAREST = 5e-5
_NONE = np.zeros(0, np.uint32)
PRIOR_PERSONS = 200
"""A list is too small to know frequencies: so many persons are added in thought …"""
PRIOR_SHARE = 5e-4
"""… of whom this share bears any one token."""
STATE_PERSONS = 100
"""Weight, in persons, of the whole list's frequency against that of one nationality."""

SEX_SAME = 0.7
SEX_DIFFERS = -3.5
STATE_DIFFERS = -2.5
STATE_MOST = 4.0
STATE_SLOPE = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class TokenEvidence:
    """What the tokens like one token of the traveller are worth: number of the listed token → points and likeness.

    ``tokens`` and ``points`` say the same in two rows, weakest first, for the search.
    """

    matches: Mapping[int, tuple[float, Likeness]]
    tokens: npt.NDArray[np.uint32]
    points: npt.NDArray[np.float32]


class Weigher:
    """Weighs tokens against one list; what was weighed once is kept."""

    def __init__(self, index: PersonIndex, reference: Weigher | None = None) -> None:
        """Weigh by the frequencies of ``index``; a delta's few persons are weighed by those of its ``reference``."""
        self._index = index
        self._reference = reference
        self.phrases = known_phrases(index, reference._index if reference else None)
        """The share of the bearers of the rarer token of a pair who bear the other one beside it, by pair."""
        self._neighbours = lru_cache(maxsize=32_768)(index.vocabulary.neighbours)
        self.token = lru_cache(maxsize=32_768)(self._weigh_token)
        self.class_points = lru_cache(maxsize=32_768)(self._class_points)
        self._states = lru_cache(maxsize=512)(self._weigh_state)

    def _weigh_token(self, token: str, state: str, truncated: bool) -> TokenEvidence:
        """Weigh every listed token like ``token`` for a traveller of nationality ``state``."""
        weighed: list[tuple[float, int, Likeness]] = []
        neighbours = self._neighbours(token, truncated)
        points_of = (self._reference or self).class_points(token, state, truncated)
        for likeness, numbers in neighbours.items():
            points = points_of[likeness]
            if points >= LEAST:
                weighed.extend((points, number, likeness) for number in numbers.tolist())
        weighed.sort(key=lambda item: (item[0], item[1]))
        matches = {number: (points, likeness) for points, number, likeness in weighed}
        tokens = np.array([number for _, number, _ in weighed], np.uint32)
        return TokenEvidence(matches, tokens, np.array([points for points, _, _ in weighed], np.float32))

    def _class_points(self, token: str, state: str, truncated: bool) -> Mapping[Likeness, float]:
        """Return what an agreement of each likeness with ``token`` is worth, by the frequencies of this list."""
        neighbours = self._neighbours(token, truncated)
        number = self._state_number(state)
        bearers, of_state = self._bearers(neighbours, number)
        known = Likeness.PREFIX in neighbours or bearers[Likeness.EXACT] > 1
        points = {}
        for likeness in Likeness:
            share = max(RAREST, self._share(bearers[likeness], of_state[likeness], number))
            level, slope = WORTH[likeness]
            misspelt = 0.0 if known or likeness is Likeness.EXACT else UNKNOWN
            points[likeness] = min(MOST, level + misspelt - slope * math.log(share))
        return points

    def _bearers(
        self, neighbours: Mapping[Likeness, npt.NDArray[np.uint32]], state: int
    ) -> tuple[dict[Likeness, int], dict[Likeness, int]]:
        """Return how many persons bear a token of each likeness, and how many of those are of a nationality."""
        index = self._index
        classes = [neighbours.get(likeness, _NONE) for likeness in Likeness]
        places, begins = index.rows(index.arrays.posting_offsets, np.concatenate(classes).astype(np.int64))
        edges = np.append(begins, len(places))[np.cumsum([0, *map(len, classes)])]
        # Running counts, for a class may be empty.
        of_state = np.zeros(len(places) + 1, np.int64)
        if state > 0:
            np.cumsum(index.first_state[index.arrays.posting_persons[places]] == state, out=of_state[1:])
        counts = zip(Likeness, np.diff(edges).tolist(), np.diff(of_state[edges]).tolist(), strict=True)
        listed = {likeness: (everybody, some) for likeness, everybody, some in counts}
        return {key: pair[0] for key, pair in listed.items()}, {key: pair[1] for key, pair in listed.items()}

    def _share(self, bearers: int, of_state: int, state: int) -> float:
        """Return the share of travellers of a nationality that bear a token, as the list lets it be told."""
        index = self._index
        share = (bearers + PRIOR_PERSONS * PRIOR_SHARE) / (index.persons + PRIOR_PERSONS)
        if state <= 0:
            return share
        return (of_state + STATE_PERSONS * share) / (int(index.state_counts[state]) + STATE_PERSONS)

    def _state_number(self, state: str) -> int:
        return self._index.states.index(state) if state in self._index.states else -1

    def state(self, state: str) -> float:
        """Return the points for the same nationality ``state``."""
        return (self._reference or self)._states(state)

    def _weigh_state(self, state: str) -> float:
        """Return the points for the same nationality ``state``."""
        index = self._index
        number = self._state_number(state)
        known = index.persons - int(index.state_counts[0])
        bearers = int(index.state_counts[number]) if number > 0 else 0
        share = (bearers + 1) / (known + 20)
        return max(0.0, min(STATE_MOST, -STATE_SLOPE * math.log(share)))


def weigh_sex(stated: str, listed: str) -> float:
    """Return the points for or against a listed sex; 0 where either is not M or F."""
    if stated not in {"M", "F"} or listed not in {"M", "F"}:
        return 0.0
    return SEX_SAME if stated == listed else SEX_DIFFERS
