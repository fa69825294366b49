"""Finding a list's threshold: synthetic clean travellers are made from the list's own names, and screened against it.

A traveller has the family name of one person and the given names of another of the same nationality. Both are left out
of the search, so that a rare name counts as what it is in a stranger: not listed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.build import PersonBuilder
from checkpoint_app.screening.calibration import MILLION, Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.index import SEXES, PersonIndex
from checkpoint_app.screening.persons import PersonList

FALSE_HITS_PER_10000 = 10.0
TRAVELLERS = 10_000
"""With so many, thresholds of different seeds lie within half a point; a publisher with time takes 30,000."""
QUICK_TRAVELLERS = 5_000
SEED = 1
LEAST_THRESHOLD = 8_000
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
    scores = sorted(
        (open_list.best_score(*made.traveller()) for _ in range(travellers if made.named else 0)), reverse=True
    )
    allowed = int(len(scores) * false_hits_per_10000 / 10_000)
    threshold = max(LEAST_THRESHOLD, scores[allowed] + 1 if scores else 0)
    reached = sum(score >= threshold for score in scores)
    return Calibration(
        engine=ENGINE,
        threshold=threshold,
        promised=promised,
        expected=round(reached * MILLION / max(1, len(scores))),
        travellers=len(scores),
        persons=index.persons,
        seed=seed,
    )


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
