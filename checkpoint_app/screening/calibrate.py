"""Finding a list's threshold: synthetic clean travellers are made from the list's own names, and screened against it.

A traveller has the family name of one person and the given names of another of the same nationality. Both are left out
of the search, so that a rare name counts as what it is in a stranger: not listed.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.build import PersonBuilder
from checkpoint_app.screening.calibration import MILLION, MOST_OFFSET, Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.index import SEXES, PersonIndex
from checkpoint_app.screening.persons import PersonList

FALSE_HITS_PER_10000 = 10.0
TRAVELLERS = 30_000
"""With so many, thirty reach the threshold of one in a thousand: the rate is met within a fifth or so."""
QUICK_TRAVELLERS = 5_000
TAIL = 3e-3
"""Nationalities are compared by the share of their travellers among so large a share of all with the highest scores."""
PRIOR_HIGH = 8
"""So many travellers with high scores are added to each nationality in thought, seen and expected: few prove little."""
LEAST_HIGH = 30
"""With fewer travellers in the tail nationalities are not told apart."""
LEAST_OFFSET = 100
_SPARE = 50
SEED = 1
LEAST_THRESHOLD = 6_000
"""Lowest threshold, in thousandths: a list too small to be measured still needs a date or three names to agree."""
_DEFAULT_YEARS = (1945, 2008)


def calibrate(
    entries: Iterable[Entry],
    *,
    false_hits_per_10000: float = FALSE_HITS_PER_10000,
    travellers: int = TRAVELLERS,
    seed: int = SEED,
) -> Calibration:
    """Return the calibration of a list of ``entries``.

    At most ``false_hits_per_10000`` of ten thousand clean ``travellers`` reach its threshold. Deterministic for a seed.
    """
    builder = PersonBuilder()
    for entry in entries:
        builder.add(entry)
    details = Blocks(dict(builder.details.sections()))
    return calibrate_index(
        builder.finish(), details, false_hits_per_10000=false_hits_per_10000, travellers=travellers, seed=seed
    )


def calibrate_index(
    index: PersonIndex,
    details: Blocks,
    *,
    false_hits_per_10000: float = FALSE_HITS_PER_10000,
    travellers: int = QUICK_TRAVELLERS,
    seed: int = SEED,
) -> Calibration:
    """As ``calibrate``, for an index that is built already."""
    if not 0 < false_hits_per_10000 < 10_000 or travellers < 1:
        raise ValueError("calibration: the rate must lie between 0 and 10,000 in 10,000, and travellers be made")
    promised = round(false_hits_per_10000 * MILLION / 10_000)
    made = TravellerMaker(index, seed)
    open_list = PersonList(index, details, Calibration(ENGINE, LEAST_THRESHOLD, promised, 0, 0, index.persons, seed))
    rate = false_hits_per_10000 / 10_000
    scores = _tail(open_list, made, travellers if made.named else 0, max(3 * rate, TAIL))
    offsets = scores.offsets()
    allowed = int(scores.travellers * rate)
    best = sorted((score - offsets.get(state, 0) for score, state in scores.best), reverse=True)
    threshold = max(LEAST_THRESHOLD, best[allowed] + 1 if len(best) > allowed else 0)
    reached = sum(score >= threshold for score in best)
    return Calibration(
        engine=ENGINE,
        threshold=threshold,
        promised=promised,
        expected=round(reached * MILLION / max(1, scores.travellers)),
        travellers=scores.travellers,
        persons=index.persons,
        seed=seed,
        offsets=tuple(sorted(offsets.items())),
    )


@dataclass(frozen=True, slots=True)
class _Scores:
    """The best scores of synthetic travellers, each with its nationality; how many there were of each nationality."""

    best: list[tuple[int, str]]
    of_state: Mapping[str, int]
    share: float

    @property
    def travellers(self) -> int:
        return sum(self.of_state.values())

    def offsets(self) -> dict[str, int]:
        """Return what to take off the scores of each nationality, so that it is held as often as the others are.

        Scores fall off exponentially: a nationality with e times as many high ones lies one length of fall-off above.
        """
        scores = sorted((score for score, _ in self.best), reverse=True)
        high = int(self.travellers * self.share)
        if high < LEAST_HIGH or len(scores) <= high:
            return {}
        edge = scores[high]
        fall_off = sum(scores[:high]) / high - edge
        reached = Counter(state for score, state in self.best if score > edge)
        offsets = {}
        for state, count in self.of_state.items():
            expected = count * self.share
            points = round(fall_off * math.log((reached[state] + PRIOR_HIGH) / (expected + PRIOR_HIGH)))
            if state and abs(points) >= LEAST_OFFSET:
                offsets[state] = max(-MOST_OFFSET, min(MOST_OFFSET, points))
        return offsets


def _tail(persons: PersonList, made: TravellerMaker, travellers: int, share: float) -> _Scores:
    """Screen synthetic travellers; only the scores of the highest ``share`` or so are found out."""
    kept: list[tuple[int, str]] = []
    of_state: Counter[str] = Counter()
    least = 0
    most = 2 * int(travellers * share) + _SPARE
    for _ in range(travellers):
        subject, givers = made.traveller()
        of_state[subject.nationality] += 1
        score = persons.best_score(subject, givers, least)
        if score > least:
            kept.append((score, subject.nationality))
        if len(kept) > 2 * most:
            kept.sort(reverse=True)
            del kept[most:]
            least = kept[-1][0]
    kept.sort(reverse=True)
    return _Scores(kept[:most], of_state, share)


class TravellerMaker:
    """Makes clean travellers out of a list's own tokens, dates and nationalities."""

    def __init__(self, index: PersonIndex, seed: int) -> None:
        self._index = index
        self._random = random.Random(seed)  # noqa: S311 - synthetic travellers, not secrets
        self._groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._of_state: dict[int, list[int]] = defaultdict(list)
        starts = index.arrays.person_names
        self.named: list[int] = np.flatnonzero(starts[1:] > starts[:-1]).tolist()
        for person in self.named:
            state, sex = self._state_and_sex(person)
            self._groups[state, sex].append(person)
            self._of_state[state].append(person)
        births = index.arrays.person_birth
        self._births = births[births > 0].tolist()

    def traveller(self) -> tuple[Subject, set[int]]:
        """Return a traveller, and the persons that gave a part of the name; there must be ``named`` persons."""
        shape = self._random.choice(self.named)
        state, sex = self._state_and_sex(shape)
        name = self._index.names(shape)[0]
        has_given = name.families < len(name.tokens)
        family_giver = self._random.choice(self._of_state[state])
        given_giver = self._random.choice(self._groups[state, sex])
        subject = Subject(
            family_name=self._field(family_giver, given=False),
            given_names=self._field(given_giver, given=True) if has_given else "",
            birth=self._birth(),
            sex=SEXES[sex] or self._random.choice("MF"),
            nationality=self._index.states[state],
        )
        return subject, {family_giver, given_giver}

    def _field(self, person: int, *, given: bool) -> str:
        name = self._index.names(person)[0]
        own = name.tokens[name.families :] if given else name.tokens[: name.families]
        return " ".join(self._index.vocabulary.tokens[number] for number in own)

    def _state_and_sex(self, person: int) -> tuple[int, int]:
        return int(self._index.first_state[person]), int(self._index.arrays.person_sex[person])

    def _birth(self) -> str:
        if not self._births:
            year, day = self._random.randint(*_DEFAULT_YEARS), self._random.randint(1, 28)
            return f"{year % 100:02d}{self._random.randint(1, 12):02d}{day:02d}"
        year = self._random.choice(self._births) // 10_000
        day = self._random.choice(self._births) % 10_000
        month, day_of_month = day // 100 or self._random.randint(1, 12), day % 100 or self._random.randint(1, 28)
        return f"{year % 100:02d}{month:02d}{day_of_month:02d}"
