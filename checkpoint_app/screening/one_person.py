"""Several entries of one person are one hit: an officer compares a person once, not four times.

Only what leaves no doubt joins two entries: the same document, or the same name with the same full date of birth, and
nothing stated that speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from checkpoint_app.screening.fold import fold, fold_number, fold_state
from checkpoint_app.verdict import Candidate

ALSO = "also_listed"
"""The fact of a candidate that names the other entries (their ids) that it stands for."""
_FULL_DATE = len("1974-08-12")
_LEAST_NUMBER = 7
_LEAST_TOKENS = 2


def one_hit_a_person(hits: Sequence[Candidate]) -> list[Candidate]:
    """Return ``hits``, best first, without those that are further entries of one that comes before."""
    kept: list[tuple[Candidate, list[str]]] = []
    for candidate in hits:
        same = next((others for one, others in kept if _one_person(one, candidate)), None)
        if same is None:
            kept.append((candidate, []))
        else:
            same.append(candidate.entry_id)
    return [_standing_for(one, others) for one, others in kept]


def _standing_for(candidate: Candidate, others: Sequence[str]) -> Candidate:
    return replace(candidate, facts={**candidate.facts, ALSO: ", ".join(others)}) if others else candidate


def _one_person(one: Candidate, other: Candidate) -> bool:
    sexes = {one.facts.get("sex"), other.facts.get("sex")} & {"M", "F"}
    states = [_values(each, "nationality", fold_state) for each in (one, other)]
    if len(sexes) > 1 or (all(states) and not states[0] & states[1]):
        return False
    numbers = [
        {n for n in _values(each, "document_number", fold_number) if len(n) >= _LEAST_NUMBER} for each in (one, other)
    ]
    if numbers[0] & numbers[1]:
        return True
    birth = one.facts.get("birth_date", "")
    name = _tokens(one)
    return (
        len(birth) == _FULL_DATE
        and birth == other.facts.get("birth_date")
        and len(name) >= _LEAST_TOKENS
        and name == _tokens(other)
    )


def _values(candidate: Candidate, fact: str, folded: Callable[[str], str]) -> set[str]:
    return {folded(value) for value in candidate.facts.get(fact, "").split(", ")} - {""}


def _tokens(candidate: Candidate) -> list[str]:
    return sorted(fold(f"{candidate.facts.get('family_name', '')} {candidate.facts.get('given_names', '')}"))
