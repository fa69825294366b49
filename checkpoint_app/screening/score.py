"""The score of one entry for one traveller: names aligned token by token, date, sex and nationality weighed.

Every point of the score is kept beside what caused it, so that the explanation tells the score's own numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checkpoint_app.screening.dates import BirthEvidence, compare
from checkpoint_app.screening.evidence import STATE_DIFFERS, WORTH, Weigher, weigh_sex
from checkpoint_app.screening.index import ListedName, PersonIndex
from checkpoint_app.screening.query import Form, Query, QueryToken
from checkpoint_app.screening.vocabulary import Likeness

CROSSED = 1.9
"""Cost of a token that agrees with one of the other field …"""
MOST_CROSSED = 4.8
"""… and the most that all of them cost: fields are swapped as a whole."""
BOTH_FAMILY = 4.8
BOTH_FURTHER = 3.9
BOTH_GIVEN = 3.6
BOTH_MARRIED = 1.9
BOTH_WHOLE = 3.5
ONLY_STATED = 2.2
ONLY_LISTED_FAMILY = 2.3
ONLY_LISTED_GIVEN = 1.7
ONLY_LISTED_WHOLE = 0.9
NO_GIVEN = 1.1
WEAK_ALIAS = 3.0


class Pair(NamedTuple):
    """A token of the traveller (its place in the form) and a token of the entry (its place in the name) that agree."""

    stated: int
    listed: int
    points: float
    likeness: Likeness
    crossed: bool


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """How one reading of the traveller's name agrees with one name of an entry, and what that is worth."""

    points: float
    form: Form
    name: ListedName
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for and against one person, in points. ``name`` is None where no token agrees."""

    person: int
    name: NameEvidence | None
    birth: BirthEvidence
    sex: float
    state: float

    @property
    def points(self) -> float:
        """The sum."""
        return (self.name.points if self.name else 0.0) + self.birth.points + self.sex + self.state

    @property
    def rests_on_one_token(self) -> bool:
        """Whether nothing agrees but one token: never enough for a hit, however rare the token."""
        return (self.name is None or len(self.name.pairs) < 2) and self.birth.points <= 0


def weigh_person(query: Query, person: int, index: PersonIndex, weigher: Weigher) -> Evidence:
    """Weigh one person of the list."""
    return Evidence(
        person=person,
        name=best_name(query, index.names(person)),
        birth=compare(query.birth, index.dates(person)),
        sex=weigh_sex(query.sex, index.sex(person)),
        state=weigh_states(query.state, index.states_of(person), weigher),
    )


def best_name(query: Query, names: Sequence[ListedName]) -> NameEvidence | None:
    """Return the best agreement of any reading of the traveller's name with any of ``names``; None where none does."""
    best: NameEvidence | None = None
    for name in names:
        for form in query.forms:
            evidence = align(form, name, query)
            if evidence is not None and (best is None or evidence.points > best.points):
                best = evidence
    return best


def weigh_states(stated: str, listed: list[str], weigher: Weigher) -> float:
    """Return the points for or against the listed nationalities; 0 where one side does not tell."""
    if not stated or not listed:
        return 0.0
    return weigher.state(stated) if stated in listed else STATE_DIFFERS


def align(form: Form, name: ListedName, query: Query) -> NameEvidence | None:
    """Align two names one token to one token, strongest agreement first; None where nothing agrees."""
    one_field = form.one_field or name.whole
    pairs = _pairs(form, name, one_field)
    if not pairs or not form.required <= {form.tokens[pair.stated].text for pair in pairs}:
        return None
    pairs = _beside_each_other(pairs, name, query)
    points = sum(pair.points for pair in pairs) - form.cost
    points -= min(MOST_CROSSED, CROSSED * sum(pair.crossed for pair in pairs))
    points -= _unmatched(form, name, pairs, query, one_field)
    if name.weak:
        points -= WEAK_ALIAS
    return NameEvidence(points, form, name, tuple(pairs))


def _pairs(form: Form, name: ListedName, one_field: bool) -> list[Pair]:
    likely = []
    for stated, token in enumerate(form.tokens):
        matches = token.evidence.matches
        for listed, number in enumerate(name.tokens):
            found = matches.get(number)
            if found is not None:
                crossed = not one_field and token.given != (listed >= name.families)
                likely.append((found[0] - CROSSED * crossed, -stated, -listed, found, crossed))
    likely.sort(reverse=True, key=lambda item: item[:3])
    pairs: list[Pair] = []
    used_stated, used_listed = 0, 0
    for _, stated, listed, (points, likeness), crossed in likely:
        if not (used_stated >> -stated & 1 or used_listed >> -listed & 1):
            used_stated |= 1 << -stated
            used_listed |= 1 << -listed
            pairs.append(Pair(-stated, -listed, points, likeness, crossed))
    return pairs


def _beside_each_other(pairs: list[Pair], name: ListedName, query: Query) -> list[Pair]:
    """Return the pairs in the entry's order; of two neighbours that mostly come together the second says little."""
    if len(pairs) < 2 or not query.phrases:
        return pairs
    pairs = sorted(pairs, key=lambda pair: pair.listed)
    for place, (one, other) in enumerate(itertools.pairwise(pairs)):
        if other.listed == one.listed + 1 and one.likeness is other.likeness is Likeness.EXACT:
            share = query.phrases.get(name.tokens[one.listed] << 32 | name.tokens[other.listed])
            if share is not None:
                at = place if pairs[place].points < other.points else place + 1
                most = WORTH[Likeness.EXACT].level - WORTH[Likeness.EXACT].slope * math.log(share)
                pairs[at] = pairs[at]._replace(points=min(pairs[at].points, most))
    return pairs


def _unmatched(form: Form, name: ListedName, pairs: list[Pair], query: Query, one_field: bool) -> float:
    """Return what the tokens cost that agree with nothing, field by field."""
    stated_left = _left(len(form.tokens), {pair.stated for pair in pairs})
    listed_left = _left(len(name.tokens), {pair.listed for pair in pairs})
    cut = query.truncated
    if one_field:
        cost = _field_cost(len(stated_left), len(listed_left), _WHOLE, cut)
    else:
        given = [place for place in stated_left if form.tokens[place].given]
        listed_given = [place for place in listed_left if place >= name.families]
        costs = _MARRIED if query.married else _FAMILY
        cost = _field_cost(len(stated_left) - len(given), len(listed_left) - len(listed_given), costs, False)
        cost += _field_cost(len(given), len(listed_given), _GIVEN, cut)
    if _no_given_agrees(form.tokens, name, pairs):
        cost += NO_GIVEN
    return cost


class _Costs(NamedTuple):
    """What tokens of one field cost that agree with nothing: on both sides (first, each further), or listed only."""

    first: float
    further: float
    listed: float


_FAMILY = _Costs(BOTH_FAMILY, BOTH_FURTHER, ONLY_LISTED_FAMILY)
_MARRIED = _Costs(BOTH_MARRIED, BOTH_FURTHER, ONLY_LISTED_FAMILY)
_GIVEN = _Costs(BOTH_GIVEN, BOTH_GIVEN, ONLY_LISTED_GIVEN)
_WHOLE = _Costs(BOTH_WHOLE, BOTH_WHOLE, ONLY_LISTED_WHOLE)


def _field_cost(stated: int, listed: int, costs: _Costs, cut: bool) -> float:
    both = min(stated, listed)
    cost = costs.first + (both - 1) * costs.further if both else 0.0
    return cost + (stated - both) * ONLY_STATED + (0.0 if cut else (listed - both) * costs.listed)


def _no_given_agrees(tokens: tuple[QueryToken, ...], name: ListedName, pairs: list[Pair]) -> bool:
    if name.families == len(name.tokens) or not any(token.given for token in tokens):
        return False
    return not any(tokens[pair.stated].given or pair.listed >= name.families for pair in pairs)


def _left(count: int, used: set[int]) -> list[int]:
    return [place for place in range(count) if place not in used]
