"""Several entries of one person are one hit: an officer compares a person once, not four times.

Only what leaves no doubt joins two entries: the same document, or the same name with the same full date of birth, and
nothing stated that speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checkpoint_app.screening.fold import fold, fold_number, fold_state
from checkpoint_app.verdict import Candidate

_FULL_DATE = len("1974-08-12")
_LEAST_NUMBER = 7
_LEAST_TOKENS = 2


@dataclass(frozen=True, slots=True)
class _Stated:
    """What of an entry can tell that another is the same person's, folded."""

    name: tuple[str, ...]
    birth: str
    sex: str
    states: frozenset[str]
    numbers: frozenset[str]


def by_person(hits: Sequence[Candidate]) -> list[tuple[Candidate, ...]]:
    """Return ``hits``, best first, as persons: of each the entry that comes first, and with it all that are the same's.

    Persons stand in the order of their first entries, and nothing is left out.
    """
    persons: list[tuple[_Stated, list[Candidate]]] = []
    for candidate in hits:
        stated = _stated(candidate)
        same = next((entries for first, entries in persons if _one_person(first, stated)), None)
        if same is None:
            persons.append((stated, [candidate]))
        else:
            same.append(candidate)
    return [tuple(entries) for _first, entries in persons]


def _one_person(one: _Stated, other: _Stated) -> bool:
    if {one.sex, other.sex} == {"M", "F"}:
        return False
    if one.states and other.states and not one.states & other.states:
        return False
    if one.numbers & other.numbers:
        return True
    dated = len(one.birth) == _FULL_DATE and one.birth == other.birth
    return dated and len(one.name) >= _LEAST_TOKENS and one.name == other.name


def _stated(candidate: Candidate) -> _Stated:
    facts = candidate.facts
    numbers = _values(candidate, "document_number", fold_number)
    return _Stated(
        name=tuple(sorted(fold(f"{facts.get('family_name', '')} {facts.get('given_names', '')}"))),
        birth=facts.get("birth_date", ""),
        sex=facts.get("sex", ""),
        states=_values(candidate, "nationality", fold_state),
        numbers=frozenset(number for number in numbers if len(number) >= _LEAST_NUMBER),
    )


def _values(candidate: Candidate, fact: str, folded: Callable[[str], str]) -> frozenset[str]:
    """Return a fact's values; "+3" stands for three more that are not told."""
    values = candidate.facts.get(fact, "").split(", ")
    return frozenset(folded(value) for value in values if not value.startswith("+")) - {""}
