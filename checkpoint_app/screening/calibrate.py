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
PRIOR_HIGH = 2
"""So many travellers with high scores are added to each nationality in thought, seen and expected: few prove little."""
LEAST_HIGH = 30
"""With fewer travellers in the tail nationalities are not told apart."""
LEAST_PEOPLE = 50
"""Of a nationality with fewer persons on the list nothing can be told from travellers made of them."""
LEAST_OFFSET = 100
MINORS = 0.15
"""Share of travellers who are younger than anybody listed."""
_SPARE = 50
SEED = 1
LEAST_THRESHOLD = 5_000
"""Lowest threshold, in thousandths, for a list too small to be measured. Of 140 entries of published lists 98 % were
found above it with names and dates altered, and none of 10,000 travellers."""
WHOLE_PEOPLES = 10_000
"""A shorter list names people of a few circles, to whom few travellers are akin: of all travellers, as large a share is
taken for akin as the root of the list's length has in the root of this. The others do not bear such names at all.
"""
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
    akin = min(1.0, math.sqrt(index.persons / WHOLE_PEOPLES)) or 1.0
    rate = min(0.5, false_hits_per_10000 / 10_000 / akin)
    tail = _tail(open_list, made, travellers if made.named else 0, max(3 * rate, TAIL))
    offsets = {state: points for state, points in tail.offsets().items() if made.persons(state) >= LEAST_PEOPLE}
    reached, threshold = 0.0, LEAST_THRESHOLD
    for score, weight in sorted(((one - offsets.get(state, 0), tail.weights[state]) for one, state in tail.best))[::-1]:
        if score < threshold:
            break
        reached += weight
        if reached > rate * tail.travellers:
            reached -= weight
            threshold = score + 1
            break
    return Calibration(
        engine=ENGINE,
        threshold=threshold,
        promised=promised,
        expected=round(akin * reached * MILLION / max(1, tail.travellers)),
        travellers=tail.travellers,
        persons=index.persons,
        seed=seed,
        offsets=tuple(sorted(offsets.items())),
    )


@dataclass(frozen=True, slots=True)
class _Tail:
    """The best scores of synthetic travellers, each with its nationality; how many there were of each nationality.

    Rare nationalities are made more often than they are met, and weigh less for it: ``weights`` by nationality.
    """

    best: list[tuple[int, str]]
    made: Mapping[str, int]
    weights: Mapping[str, float]
    share: float

    @property
    def travellers(self) -> int:
        return sum(self.made.values())

    def offsets(self) -> dict[str, int]:
        """Return what to take off the scores of each nationality, so that it is held as often as the others are.

        Scores fall off exponentially: a nationality with e times as many high ones lies one length of fall-off above.
        """
        high: list[tuple[int, str]] = []
        weight = 0.0
        for score, state in self.best:
            if weight >= self.share * self.travellers:
                break
            weight += self.weights[state]
            high.append((score, state))
        if len(high) < LEAST_HIGH or len(high) == len(self.best):
            return {}
        fall_off = sum(self.weights[state] * (score - high[-1][0]) for score, state in high) / weight
        reached = Counter(state for _, state in high)
        offsets = {}
        for state, count in self.made.items():
            ratio = (reached[state] + PRIOR_HIGH) / (count * self.share + PRIOR_HIGH)
            points = round(fall_off * math.log(ratio))
            if state and abs(points) >= LEAST_OFFSET:
                offsets[state] = max(-MOST_OFFSET, min(MOST_OFFSET, points))
        return offsets


def _tail(persons: PersonList, maker: TravellerMaker, travellers: int, share: float) -> _Tail:
    """Screen synthetic travellers; only the scores of the highest few are found out."""
    kept: list[tuple[int, str]] = []
    made: Counter[str] = Counter()
    least = 0
    most = 6 * int(travellers * share) + _SPARE
    for _ in range(travellers):
        subject, givers = maker.traveller()
        made[subject.nationality] += 1
        score = persons.best_score(subject, givers, least)
        if score > least:
            kept.append((score, subject.nationality))
        if len(kept) > 2 * most:
            kept.sort(reverse=True)
            del kept[most:]
            least = kept[-1][0]
    kept.sort(reverse=True)
    weights = {state: maker.share(state) * travellers / count for state, count in made.items()}
    return _Tail(kept[:most], made, weights, share)


class TravellerMaker:
    """Makes clean travellers out of a list's own tokens, dates and nationalities.

    A nationality with four times as many persons gives twice as many travellers: rare ones are to be judged as well.
    """

    def __init__(self, index: PersonIndex, seed: int) -> None:
        self._index = index
        self._random = random.Random(seed)  # noqa: S311 - synthetic travellers, not secrets
        self._groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        of_state: dict[int, list[int]] = defaultdict(list)
        starts = index.arrays.person_names
        self.named: list[int] = np.flatnonzero(starts[1:] > starts[:-1]).tolist()
        for person in self.named:
            state, sex = self._state_and_sex(person)
            self._groups[state, sex].append(person)
            of_state[state].append(person)
        # A traveller shows a nationality; of persons without one travellers are made where there are no others.
        self._of_state = {state: of_state[state] for state in sorted(of_state) if state or len(of_state) == 1}
        self._sizes = [math.sqrt(len(persons)) for persons in self._of_state.values()]
        births = index.arrays.person_birth
        self._births = births[births > 0].tolist()

    def persons(self, state: str) -> int:
        """Return how many persons of a nationality travellers are made of."""
        return len(self._of_state[self._index.states.index(state)])

    def share(self, state: str) -> float:
        """Return the share of a nationality among those persons."""
        return self.persons(state) / sum(map(len, self._of_state.values()))

    def traveller(self) -> tuple[Subject, set[int]]:
        """Return a traveller, and the persons that gave a part of the name; there must be ``named`` persons."""
        [state] = self._random.choices(list(self._of_state), self._sizes)
        shape = self._random.choice(self._of_state[state])
        _, sex = self._state_and_sex(shape)
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
        """Return a birth date as printed: year and day of listed ones, or that of somebody younger than all listed."""
        if not self._births:
            year, day = self._random.randint(*_DEFAULT_YEARS), self._random.randint(1, 28)
            return f"{year % 100:02d}{self._random.randint(1, 12):02d}{day:02d}"
        year = self._random.choice(self._births) // 10_000
        if self._random.random() < MINORS:
            year = self._births[-1] // 10_000 + self._random.randint(1, 17)
        day = self._random.choice(self._births) % 10_000
        month, day_of_month = day // 100 or self._random.randint(1, 12), day % 100 or self._random.randint(1, 28)
        return f"{year % 100:02d}{month:02d}{day_of_month:02d}"
