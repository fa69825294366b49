"""What speaks for and against an entry, as a row of numbers whose sum, weighed, is the engine's own score.

With the weights in force a row's sum is `Evidence.points` to the last bit but for rounding: a test holds that. So
other weights can be tried on rows, without the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening import PersonList, dates, evidence, score
from checkpoint_app.screening.dates import Agreement
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence, NameEvidence, weigh_person
from checkpoint_app.screening.search import best_evidence
from checkpoint_app.screening.vocabulary import Likeness
from tests.bench import screening_judgement as judgement
from tests.bench.screening_people import Case

CANDIDATES = 4
"""So many of the best entries of each traveller make rows."""
NOT_ENOUGH = -99.0
"""The score of what rests on one token, for it is never a hit."""
DATES = (
    "FULL", "MONTH", "YEAR", "SWAPPED", "NEAR_YEAR", "NEAR_DAY", "SLIPPED_YEAR", "NEW_YEAR", "NEXT_YEAR", "SAME_DAY",
    "OTHER_DAY", "OTHER",
)  # fmt: skip
_WORTHS = [f"{part}_{likeness.value}" for likeness in Likeness for part in ("rarity", "level")]
_COSTS = {
    "crossed": -score.CROSSED, "both_family": -score.BOTH_FAMILY, "both_family_further": -score.BOTH_FURTHER,
    "both_given": -score.BOTH_GIVEN, "both_married": -score.BOTH_MARRIED, "both_whole": -score.BOTH_WHOLE,
    "only_stated": -score.ONLY_STATED, "only_listed_family": -score.ONLY_LISTED_FAMILY,
    "only_listed_given": -score.ONLY_LISTED_GIVEN, "only_listed_whole": -score.ONLY_LISTED_WHOLE,
    "no_given": -score.NO_GIVEN,
}  # fmt: skip
_FIXED = {"weak_alias": -score.WEAK_ALIAS, "reading": -1.0, "in_range": 1.0}
_BESIDES = {
    "sex_same": evidence.SEX_SAME, "sex_differs": evidence.SEX_DIFFERS, "state_rarity": evidence.STATE_SLOPE,
    "state_differs": evidence.STATE_DIFFERS,
}  # fmt: skip
GROUPS = {
    "names": _WORTHS,
    "costs": list(_COSTS),
    "birth": [f"birth_{name.lower()}" for name in DATES],
    "sex_and_state": list(_BESIDES),
}
"""What is learned together, by name. ``_FIXED`` is not learned: the generator can't tell."""
NAMES = [*(name for group in GROUPS.values() for name in group), *_FIXED]
PLACES = {name: place for place, name in enumerate(NAMES)}

Row = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Rows of candidates: whose traveller's each is (``owner``), whether it is the one expected, and who rests on one
    token. ``kinds`` has one text a traveller."""

    values: Row
    owner: npt.NDArray[np.int64]
    expected: npt.NDArray[np.bool_]
    not_enough: npt.NDArray[np.bool_]
    kinds: npt.NDArray[np.str_]


def in_force() -> Row:
    """Return the engine's weights, in the order of NAMES."""
    worths = {}
    for likeness, worth in evidence.WORTH.items():
        worths |= {f"rarity_{likeness.value}": worth.slope, f"level_{likeness.value}": worth.level}
    births = {f"birth_{name.lower()}": getattr(dates, name) for name in DATES}
    weights = worths | _COSTS | births | _BESIDES | _FIXED
    return np.array([weights[name] for name in NAMES])


def by_judgement() -> Row:
    """Return the former weights, in the order of NAMES."""
    weights = dict(zip(NAMES, in_force().tolist(), strict=True))
    for likeness, worth in judgement.WORTH.items():
        weights |= {f"rarity_{likeness.value}": worth.slope, f"level_{likeness.value}": worth.level}
    weights |= {f"birth_{name.lower()}": points for name, points in judgement.DATES.items()}
    weights |= {
        "crossed": -judgement.CROSSED, "both_family": -judgement.FAMILY.first,
        "both_family_further": -judgement.FAMILY.further, "both_given": -judgement.GIVEN.first,
        "both_married": -judgement.MARRIED.first, "both_whole": -judgement.WHOLE.first,
        "only_stated": -judgement.ONLY_STATED, "only_listed_family": -judgement.ONLY_LISTED,
        "only_listed_given": -judgement.ONLY_LISTED, "only_listed_whole": -judgement.ONLY_LISTED,
        "no_given": -judgement.NO_GIVEN, "sex_same": judgement.SEX_SAME, "sex_differs": judgement.SEX_DIFFERS,
        "state_rarity": judgement.STATE_SLOPE, "state_differs": judgement.STATE_DIFFERS,
    }  # fmt: skip
    return np.array([weights[name] for name in NAMES])


def rows_of(persons: PersonList, cases: Sequence[Case]) -> Rows:
    """Return the rows of each traveller's best candidates, and of the entry expected, for one list."""
    slots = np.argsort(persons.index.arrays.person_slot)
    numbers = {str(record["id"]): int(slots[slot]) for slot, record in enumerate(persons.details.records())}
    values, owner, expected, not_enough = [], [], [], []
    for place, case in enumerate(cases):
        query = persons.query(case.subject)
        found = best_evidence(query, persons.index, persons.weigher, CANDIDATES, 0.0)
        wanted = numbers[case.expected] if case.expected is not None else -1
        if wanted >= 0 and all(one.person != wanted for one in found):
            found.append(weigh_person(query, wanted, persons.index, persons.weigher))
        for one in found:
            values.append(row(query, one))
            owner.append(place)
            expected.append(one.person == wanted)
            not_enough.append(one.rests_on_one_token)
    kinds = np.array([case.kind for case in cases])
    return Rows(np.array(values), np.array(owner), np.array(expected), np.array(not_enough), kinds)


def row(query: Query, one: Evidence) -> Row:
    """Return the row of one entry."""
    values = np.zeros(len(NAMES))
    if one.name is not None:
        _add_pairs(values, one.name)
        _add_costs(values, query, one.name)
    if one.birth.agreement is Agreement.IN_RANGE:
        values[PLACES["in_range"]] = one.birth.points
    elif one.birth.points:
        values[PLACES[f"birth_{_date_name(one.birth.points)}"]] = 1.0
    if one.sex:
        values[PLACES["sex_same" if one.sex > 0 else "sex_differs"]] = 1.0
    if one.state > 0:
        values[PLACES["state_rarity"]] = one.state / evidence.STATE_SLOPE
    elif one.state < 0:
        values[PLACES["state_differs"]] = 1.0
    return values


def _date_name(points: float) -> str:
    return next(name for name in DATES if getattr(dates, name) == points).lower()


def _add_pairs(values: Row, name: NameEvidence) -> None:
    for pair in name.pairs:
        level, slope = evidence.WORTH[pair.likeness]
        values[PLACES[f"rarity_{pair.likeness.value}"]] += (pair.points - level) / slope
        values[PLACES[f"level_{pair.likeness.value}"]] += 1.0
    crossed = sum(pair.crossed for pair in name.pairs)
    values[PLACES["crossed"]] = min(crossed, score.MOST_CROSSED / score.CROSSED)
    values[PLACES["weak_alias"]] = float(name.name.weak)
    values[PLACES["reading"]] = name.form.cost


def _add_costs(values: Row, query: Query, evidence_of: NameEvidence) -> None:
    form, name, pairs = evidence_of.form, evidence_of.name, evidence_of.pairs
    stated = set(range(len(form.tokens))) - {pair.stated for pair in pairs}
    listed = set(range(len(name.tokens))) - {pair.listed for pair in pairs}
    cut = query.truncated
    if form.one_field or name.whole:
        _add_field(values, len(stated), len(listed), ("both_whole", "both_whole", "only_listed_whole"), cut)
    else:
        given = sum(form.tokens[place].given for place in stated)
        listed_given = sum(place >= name.families for place in listed)
        first = "both_married" if query.married else "both_family"
        family = (first, "both_family_further", "only_listed_family")
        _add_field(values, len(stated) - given, len(listed) - listed_given, family, False)
        _add_field(values, given, listed_given, ("both_given", "both_given", "only_listed_given"), cut)
    agrees = any(form.tokens[pair.stated].given or pair.listed >= name.families for pair in pairs)
    states_given = any(token.given for token in form.tokens)
    values[PLACES["no_given"]] = float(states_given and not agrees and name.families < len(name.tokens))


def _add_field(values: Row, stated: int, listed: int, names: tuple[str, str, str], cut: bool) -> None:
    both = min(stated, listed)
    first, further, only_listed = names
    values[PLACES[first]] += min(1, both)
    values[PLACES[further]] += max(0, both - 1)
    values[PLACES["only_stated"]] += stated - both
    values[PLACES[only_listed]] += 0 if cut else listed - both
