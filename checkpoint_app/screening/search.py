"""The search: which persons of the list can score best, without weighing them all.

For every person that shares a token with the traveller, a bound of the name's points is summed that the exact score
never exceeds; birth date, sex and nationality are added exactly. Names are then aligned in falling order of the sum,
until none that is left can do better than what was found.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.circumstances import Circumstances
from checkpoint_app.screening.date_points import weigh_days
from checkpoint_app.screening.dates import FULL, SLIPPED_YEAR
from checkpoint_app.screening.evidence import TokenEvidence, Weigher
from checkpoint_app.screening.index import PersonIndex
from checkpoint_app.screening.query import Form, Query
from checkpoint_app.screening.ragged import run
from checkpoint_app.screening.score import BOTH_MARRIED, ONLY_STATED, Evidence, best_name, weigh_person

LONG_POSTING = 2_000
"""A token with more bearers is looked up among persons of about the traveller's birth year only, and of those whom
another token finds."""
MOST_WEIGHED = 400
"""At most so many persons' names are aligned for one traveller."""
AT_ONCE = 32
_SLACK = 1e-3  # the bounds are 32-bit sums

Points = npt.NDArray[np.float32]
Persons = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]


class _Found(NamedTuple):
    """Ordered as candidates are: most points first, then the lower number."""

    falling: float
    person: int


class _Scratch(threading.local):
    """Two rows of points, a person each, that are zero between uses: clearing what was touched costs less."""

    sums: Points = np.zeros(0, np.float32)
    latest: Points = np.zeros(0, np.float32)

    def rows(self, persons: int) -> tuple[Points, Points]:
        if len(self.sums) < persons:
            self.sums, self.latest = np.zeros(persons, np.float32), np.zeros(persons, np.float32)
        return self.sums, self.latest


_scratch = _Scratch()


def best_evidence(
    query: Query, index: PersonIndex, weigher: Weigher, limit: int, least: float, without: Collection[int] = ()
) -> list[Evidence]:
    """Return the evidence of the ``limit`` best persons of at least ``least`` points, best first."""
    persons, names = _candidates(query, index, least - Circumstances.most(query, weigher))
    if without:
        keep = ~np.isin(persons, np.array(sorted(without), dtype=persons.dtype))
        persons, names = persons[keep], names[keep]
    around = Circumstances.of(query, persons, index, weigher)
    bounds = names + around.points
    order = _falling(bounds, least, persons, index)
    found: list[_Found] = []
    for begin in range(0, len(order), AT_ONCE):
        places = order[begin : begin + AT_ONCE]
        if bounds[places[0]] + _SLACK < least:
            break
        for place, (person, listed) in zip(places.tolist(), index.names_of(persons[places]), strict=True):
            if bounds[place] + _SLACK < least:
                break
            name = best_name(query, listed)
            if name is not None and (points := around.sum(name.points, place)) >= least:
                found.append(_Found(-points, person))
        if len(found) >= limit:
            found = sorted(found)[:limit]
            least = max(least, -found[-1].falling)
    return [weigh_person(query, one.person, index, weigher) for one in sorted(found)[:limit]]


def _falling(bounds: npt.NDArray[np.float64], least: float, persons: Places, index: PersonIndex) -> Places:
    """Return the places of the highest bounds that reach ``least``, highest first, equal ones in order.

    Where not all of equal ones can be weighed, those with the fewest tokens are: more of theirs agree.
    """
    kept = np.flatnonzero(bounds + _SLACK >= least)
    if len(kept) > MOST_WEIGHED:
        edge = np.partition(bounds[kept], len(kept) - MOST_WEIGHED)[len(kept) - MOST_WEIGHED]
        above, equal = kept[bounds[kept] > edge], kept[bounds[kept] == edge]
        fewest = np.argsort(index.token_counts(persons[equal]), kind="stable")[: MOST_WEIGHED - len(above)]
        kept = np.sort(np.concatenate([above, equal[fewest]]))
    return kept[np.argsort(-bounds[kept], kind="stable")][:MOST_WEIGHED]


def _candidates(query: Query, index: PersonIndex, least: float) -> tuple[Places, npt.NDArray[np.float64]]:
    """Return the persons whose name may be worth ``least`` points, ascending, with their bounds."""
    best: tuple[Persons, Points] | None = None
    for form in query.forms:
        persons, bounds = _name_bounds(form, query, index, least)
        if best is None or not len(best[0]):
            best = persons, bounds
        elif len(persons):
            best = _joined(best, (persons, bounds))
    if best is None:
        return np.zeros(0, np.int64), np.zeros(0)
    return best[0].astype(np.int64), best[1].astype(np.float64)


def _joined(one: tuple[Persons, Points], other: tuple[Persons, Points]) -> tuple[Persons, Points]:
    """Return the persons of both, each with its higher bound."""
    persons, bounds = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    order = np.lexsort((-bounds, persons))
    persons, bounds = persons[order], bounds[order]
    first = np.ones(len(persons), np.bool_)
    first[1:] = persons[1:] != persons[:-1]
    return persons[first], bounds[first]


def _name_bounds(form: Form, query: Query, index: PersonIndex, least: float) -> tuple[Persons, Points]:
    """Return the persons that share a token with ``form``, and a bound of their name's points of at least ``least``.

    Each token of the traveller that does not agree costs ONLY_STATED at least (less in a married name), so the bound
    begins below zero by all of them and each that agrees brings its cost back.
    """
    left = BOTH_MARRIED if query.married else ONLY_STATED
    sums, latest = _scratch.rows(index.persons)
    touched = []
    for token in form.tokens:
        persons, points = _bearers(token.evidence, query, index)
        if len(persons):
            latest[persons] = points  # weakest first: the strongest of a person stays
            sums[persons] += latest[persons] + np.float32(left)
            touched.append(persons)
    if not touched:
        return np.zeros(0, np.uint32), np.zeros(0, np.float32)
    everybody = np.concatenate(touched)
    bounds = sums[everybody] - np.float32(form.cost + left * len(form.tokens))
    sums[everybody] = 0.0
    _add_frequent(bounds, everybody, form, query, index, least, left)
    kept = np.flatnonzero(bounds + _SLACK >= least)
    persons = everybody[kept]
    places = np.arange(len(kept), dtype=np.float32)
    latest[persons] = places  # of a person found by several tokens one place stays
    once = kept[latest[persons] == places]
    once = once[np.argsort(everybody[once])]
    return everybody[once], bounds[once]


def _add_frequent(
    bounds: Points, persons: Persons, form: Form, query: Query, index: PersonIndex, least: float, left: float
) -> None:
    """Add, for persons born at another time, what frequent tokens are worth: there their postings were not read."""
    if not query.birth.years:
        return
    frequent = [_frequent(token.evidence, index) for token in form.tokens]
    most = sum(max((points for _, points in some), default=-left) + left for some in frequent)
    if not most:
        return
    # No date of theirs is worth more than a slip of the year, and hardly any so much.
    places = np.flatnonzero(bounds >= least + FULL - most - SLIPPED_YEAR - _SLACK)
    places = places[index.are_elsewhen(persons[places], query.birth.years)]
    births = weigh_days(query.birth, index.arrays.person_birth[persons[places]])
    places = places[bounds[places] + births >= least + FULL - most - _SLACK]
    wanted = persons[places]
    if not len(wanted):
        return
    for some in frequent:
        gained = np.zeros(len(wanted), np.float32)
        for token, points in some:  # weakest first
            posting = index.posting(token)
            at = np.minimum(np.searchsorted(posting, wanted), len(posting) - 1)
            gained[posting[at] == wanted] = points + left
        bounds[places] += gained


def _frequent(evidence: TokenEvidence, index: PersonIndex) -> list[tuple[int, float]]:
    """Return the tokens of which not all bearers are looked up, weakest first, with their points."""
    places = np.flatnonzero(index.counts(evidence.tokens) > LONG_POSTING)
    return list(zip(evidence.tokens[places].tolist(), evidence.points[places].tolist(), strict=True))


def _bearers(evidence: TokenEvidence, query: Query, index: PersonIndex) -> tuple[npt.NDArray[np.uint32], Points]:
    """Return the persons that bear a token like the traveller's, weakest likeness first, with its points."""
    starts, ends, order = index.spans(evidence.tokens, query.birth.years, LONG_POSTING)
    lengths = ends - starts
    return index.arrays.posting_persons[run(starts, lengths)], np.repeat(evidence.points[order], lengths)
