"""What speaks for and against many persons at once beside their names: birth date, sex and nationality, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.date_points import weigh_days, weigh_ranges
from checkpoint_app.screening.dates import FULL
from checkpoint_app.screening.evidence import SEX_SAME, STATE_DIFFERS, Weigher, weigh_sex
from checkpoint_app.screening.index import COMPLEX_DATE, SEXES, PersonIndex
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import weigh_states

Points = npt.NDArray[np.float64]
Persons = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Points of each person asked for, in their order."""

    birth: Points
    sex: Points
    state: Points

    @classmethod
    def of(cls, query: Query, persons: Persons, index: PersonIndex, weigher: Weigher) -> Circumstances:
        """Weigh ``persons``."""
        return cls(
            _births(query, persons, index), _sexes(query, persons, index), _states(query, persons, index, weigher)
        )

    @staticmethod
    def most(query: Query, weigher: Weigher) -> float:
        """Return the most that anybody's circumstances can be worth for this traveller."""
        state = weigher.state(query.state) if query.state else 0.0
        return (FULL if query.birth.years else 0.0) + SEX_SAME + max(0.0, state)

    @property
    def points(self) -> Points:
        """The sums."""
        return self.birth + self.sex + self.state

    def sum(self, name: float, place: int) -> float:
        """Return the score of one person whose name is worth ``name``: added up in the order of `score.Evidence`."""
        return float(name + self.birth[place] + self.sex[place] + self.state[place])


def _births(query: Query, persons: Persons, index: PersonIndex) -> Points:
    points = np.zeros(len(persons))
    if not query.birth.years:
        return points
    keys = index.arrays.person_birth[persons]
    single = keys > 0
    points[single] = weigh_days(query.birth, keys[single])
    several = np.flatnonzero(keys == COMPLEX_DATE)
    if len(several):
        places, begins = index.rows(index.arrays.person_dates, persons[several])
        each = weigh_ranges(query.birth, index.arrays.date_first[places], index.arrays.date_last[places])
        points[several] = np.maximum.reduceat(each, begins)
    return points


def _sexes(query: Query, persons: Persons, index: PersonIndex) -> Points:
    table = np.array([weigh_sex(query.sex, listed) for listed in SEXES])
    return table[index.arrays.person_sex[persons]]


def _states(query: Query, persons: Persons, index: PersonIndex, weigher: Weigher) -> Points:
    if not query.state:
        return np.zeros(len(persons))
    first = index.first_state[persons]
    number = index.states.index(query.state) if query.state in index.states else -1
    points = np.where(first == number, weigher.state(query.state), STATE_DIFFERS)
    points[first == 0] = 0.0
    for place in np.flatnonzero(index.several_states[persons]).tolist():
        points[place] = weigh_states(query.state, index.states_of(int(persons[place])), weigher)
    return points
