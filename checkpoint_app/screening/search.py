"""The search: which persons of the list can score best, without weighing them all.

For every person that shares a token with the traveller, a bound is summed that the exact score never exceeds; persons
are weighed in falling order of the bound until none that is left can do better than what was found.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.dates import bound as birth_bound
from checkpoint_app.screening.evidence import SEX_DIFFERS, SEX_SAME, STATE_DIFFERS, TokenEvidence, Weigher
from checkpoint_app.screening.index import SEXES, PersonIndex
from checkpoint_app.screening.query import Form, Query
from checkpoint_app.screening.score import ONLY_STATED, Evidence, weigh_person

LONG_POSTING = 2_000
"""A token with more bearers is looked up among persons of about the traveller's birth year only."""
MOST_WEIGHED = 400
"""At most so many persons are weighed exactly for one traveller."""
_SLACK = 1e-3  # the bounds are 32-bit sums

Points = npt.NDArray[np.float32]
Persons = npt.NDArray[np.int64]


def best_evidence(
    query: Query, index: PersonIndex, weigher: Weigher, limit: int, least: float, without: Collection[int] = ()
) -> list[Evidence]:
    """Return the evidence of the ``limit`` best persons of at least ``least`` points, best first."""
    persons, bounds = _bounds(query, index, weigher)
    if without:
        keep = ~np.isin(persons, np.array(sorted(without), dtype=persons.dtype))
        persons, bounds = persons[keep], bounds[keep]
    order = _falling(bounds)
    found: list[Evidence] = []
    for person, most in zip(persons[order].tolist(), bounds[order].tolist(), strict=True):
        if most + _SLACK < least:
            break
        evidence = weigh_person(query, person, index, weigher)
        if evidence.name is None or evidence.points < least:
            continue
        found.append(evidence)
        if len(found) >= limit:
            found.sort(key=lambda e: (-e.points, e.person))
            del found[limit:]
            least = found[-1].points
    return sorted(found, key=lambda e: (-e.points, e.person))


def _falling(bounds: Points) -> Persons:
    """Return the places of the highest bounds, highest first, equal ones in order."""
    if len(bounds) > MOST_WEIGHED:
        least = np.partition(bounds, len(bounds) - MOST_WEIGHED)[len(bounds) - MOST_WEIGHED]
        kept = np.flatnonzero(bounds >= least)
        return kept[np.argsort(-bounds[kept], kind="stable")][:MOST_WEIGHED]
    return np.argsort(-bounds, kind="stable")


def _bounds(query: Query, index: PersonIndex, weigher: Weigher) -> tuple[Persons, Points]:
    total = np.zeros(index.persons, np.float32)
    for form in query.forms:
        np.maximum(total, _name_bounds(form, query, index), out=total)
    persons = np.flatnonzero(total > 0)
    bounds = total[persons] - np.float32(_BASE)
    bounds += birth_bound(query.birth, index.arrays.person_birth[persons])
    if query.sex in {"M", "F"}:
        bounds += _sex_table(query.sex)[index.arrays.person_sex[persons]]
    if query.state:
        bounds += _state_bounds(query.state, persons, index, weigher)
    return persons, bounds


_BASE = 1000.0
"""Added to every name bound, so that zero says "no token agrees"."""


def _name_bounds(form: Form, query: Query, index: PersonIndex) -> Points:
    """Return, for every person, a bound of the name's points plus ``_BASE``; 0 where no token agrees.

    Each token of the traveller that does not agree costs ONLY_STATED at least, so the bound begins below zero by all
    of them and each that agrees brings its cost back.
    """
    sums = np.zeros(index.persons, np.float32)
    latest = np.empty(index.persons, np.float32)
    touched = []
    for token in form.tokens:
        persons, points = _bearers(token.evidence, query, index)
        if len(persons):
            latest[persons] = points  # weakest first: the strongest of a person stays
            sums[persons] += latest[persons] + np.float32(ONLY_STATED)
            touched.append(persons)
    base = np.float32(_BASE - form.cost - ONLY_STATED * len(form.tokens))
    for persons in touched:
        sums[persons] = np.where(sums[persons] < _BASE / 2, sums[persons] + base, sums[persons])
    return sums


def _bearers(evidence: TokenEvidence, query: Query, index: PersonIndex) -> tuple[npt.NDArray[np.uint32], Points]:
    slices: list[npt.NDArray[np.uint32]] = []
    lengths: list[int] = []
    for token in evidence.tokens:
        persons = _reached(index.posting(token), query, index)
        slices.append(persons)
        lengths.append(len(persons))
    if not slices:
        return np.zeros(0, np.uint32), np.zeros(0, np.float32)
    return np.concatenate(slices), np.repeat(np.array(evidence.points, np.float32), lengths)


def _reached(persons: npt.NDArray[np.uint32], query: Query, index: PersonIndex) -> npt.NDArray[np.uint32]:
    """Return the part of a posting that is searched: all of a short one; of a long one the birth years around."""
    if len(persons) <= LONG_POSTING or not query.birth.years:
        return persons
    spans = [(0, index.flexible), *(index.span(year - 1, year + 1) for year in query.birth.years)]
    edges = np.array([edge for span in spans for edge in span], dtype=persons.dtype)
    at = np.searchsorted(persons, edges, "left").tolist()
    return np.concatenate([persons[at[i] : at[i + 1]] for i in range(0, len(at), 2)])


def _sex_table(sex: str) -> Points:
    return np.array([0.0 if s not in {"M", "F"} else SEX_SAME if s == sex else SEX_DIFFERS for s in SEXES], np.float32)


def _state_bounds(state: str, persons: Persons, index: PersonIndex, weigher: Weigher) -> Points:
    same = np.float32(weigher.state(state))
    first = index.first_state[persons]
    number = index.states.index(state) if state in index.states else -1
    bounds = np.where(first == number, same, np.float32(STATE_DIFFERS)).astype(np.float32)
    bounds[first == 0] = 0.0
    bounds[index.several_states[persons]] = same
    return bounds
