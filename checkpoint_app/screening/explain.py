"""The reasons behind a score, from its own numbers: what agrees, nearly agrees, differs, or is not known.

First who the entry may be (a namesake, a twin, …), then the facts, those first that weigh most, for or against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checkpoint_app.screening.bearing_reason import CODES as NUMBER_CODES
from checkpoint_app.screening.bearing_reason import PERSONAL, number_fact
from checkpoint_app.screening.dates import Agreement, pack
from checkpoint_app.screening.entry import Entry, Name, Subject
from checkpoint_app.screening.evidence import WORTH
from checkpoint_app.screening.facts import date_text
from checkpoint_app.screening.fold import fold_nationality
from checkpoint_app.screening.likely import SIGNS, SUMMARY, Births, Known, Names, births_of, names_of, summary
from checkpoint_app.screening.naming import ALIKE_CODES, FIELDS, FieldFact, NameFacts, name_facts
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence, NameEvidence
from checkpoint_app.screening.vocabulary import Likeness
from checkpoint_app.verdict import Reason, Sign

MOST_REASONS = 10
"""What weighs least is left out beyond that; a window shows fewer still."""
FREQUENT = math.log(1000)
"""Names that together weigh no more than this are borne by one traveller in a thousand, or by more."""
RARE = math.log(3000)
"""A token that weighs more than this is borne by fewer than one traveller in three thousand."""

_TOKENS_A_BEARER = 2
"""One in N is told only where the list has so many times N different tokens."""
_FIELD_SIGNS = dict.fromkeys(ALIKE_CODES, Sign.NEAR) | {
    "same": Sign.SAME,
    "differs": Sign.DIFFERS,
    "unknown": Sign.UNKNOWN,
}
_OWN_CODES = {"married": "family_name", "swapped": "family_name", "swapped_like": "family_name", "divided": "name"}
"""Codes that only one field has, with that field: a married name, names that stand crosswise."""
_BIRTH_SIGNS = {
    Agreement.SAME: Sign.SAME,
    Agreement.YEAR_MONTH: Sign.SAME,
    Agreement.YEAR: Sign.SAME,
    Agreement.IN_RANGE: Sign.NEAR,
    Agreement.SWAPPED: Sign.NEAR,
    Agreement.YEAR_NEAR: Sign.NEAR,
    Agreement.YEAR_DIGIT: Sign.NEAR,
    Agreement.DAY_DIGIT: Sign.NEAR,
    Agreement.DAY_DIFFERS: Sign.DIFFERS,
    Agreement.YEAR_SAME_DAY_DIFFERS: Sign.DIFFERS,
    Agreement.DIFFERS: Sign.DIFFERS,
    Agreement.NOT_LISTED: Sign.UNKNOWN,
    Agreement.NOT_STATED: Sign.UNKNOWN,
}
_FACT_SIGNS = {"same": Sign.SAME, "differs": Sign.DIFFERS, "unknown": Sign.UNKNOWN}

REASON_CODES = frozenset(
    [f"reason.{field}.{code}" for field in FIELDS for code in _FIELD_SIGNS]
    + [f"reason.{field}.{code}" for code, field in _OWN_CODES.items()]
    + ["reason.name.alias", "reason.name.alias_weak", "reason.name.one_token"]
    + ["reason.name.frequent", "reason.name.frequent_list", "reason.name.rare"]
    + [f"reason.birth.{agreement}" for agreement in Agreement]
    + [f"reason.{fact}.{code}" for fact in ("sex", "nationality") for code in _FACT_SIGNS]
    + [*NUMBER_CODES]
    + [f"{SUMMARY}{code}" for code in SIGNS]
)
"""Every code that the engine can give. Each has a phrase in every language."""


class Weighed(NamedTuple):
    """A reason and the points of the score that it stands for, 0 where it only tells. All add up to the score."""

    reason: Reason
    points: float = 0.0
    rank: float = 0.0
    """How far up it stands where it carries no points of its own: as if it had so many."""

    @property
    def weight(self) -> float:
        """What orders the reasons."""
        return max(abs(self.points), self.rank)


class _Birth(NamedTuple):
    """How the dates of birth agree, both sides as text; None where a side does not state one."""

    agreement: Agreement
    points: float
    sides: tuple[str, str] | None


def explain(
    query: Query, subject: Subject, entry: Entry, evidence: Evidence, tokens: Sequence[str]
) -> tuple[Reason, ...]:
    """Return the reasons for one entry, at most MOST_REASONS: who it may be first, then the weightiest facts.

    ``tokens`` is the vocabulary of the list, by the numbers that the evidence holds.
    """
    names = name_facts(query, evidence.name, tokens) if evidence.name is not None else None
    first = _first(query, subject, entry, evidence, names)
    facts = weigh_reasons(query, subject, entry, evidence, tokens)
    return (*first, *(weighed.reason for weighed in facts))[:MOST_REASONS]


def weigh_reasons(
    query: Query, subject: Subject, entry: Entry, evidence: Evidence, tokens: Sequence[str]
) -> tuple[Weighed, ...]:
    """Return every fact with its points, weightiest first: together ``evidence.points`` and what a number adds."""
    names = name_facts(query, evidence.name, tokens) if evidence.name is not None else None
    facts = [*_weigh(query, subject, entry, evidence, names)]
    if evidence.name is not None and names is not None:
        facts += _frequency(subject, evidence.name, names, len(tokens))
    # Among equal ones a difference comes before what tells nothing, else they stay in the order of the facts.
    return tuple(sorted(facts, key=lambda one: (-round(one.weight, 6), one.reason.sign is Sign.UNKNOWN)))


def _weigh(
    query: Query, subject: Subject, entry: Entry, evidence: Evidence, names: NameFacts | None
) -> Iterator[Weighed]:
    if evidence.name is None or names is None:
        sides = _sides(subject, entry.names[0] if entry.names else Name(""), "name")
        yield Weighed(Reason(Sign.DIFFERS, "reason.name.differs", sides))
    else:
        yield from _weigh_name(subject, entry.names[evidence.name.name.place], evidence.name, names)
    yield from _weigh_birth(_birth(query, entry, evidence))
    yield _fact("sex", evidence.sex, subject.sex, entry.sex, known=evidence.sex != 0)
    told = bool(query.state and any(map(fold_nationality, entry.nationalities)))
    yield _fact("nationality", evidence.state, subject.nationality, ", ".join(entry.nationalities), known=told)
    yield Weighed(*number_fact(query, subject, entry, evidence))


def _signed(sign: Sign, points: float) -> Sign:
    """Return ``sign``, unless the score says otherwise: nothing is told as speaking for what counts against."""
    contradicted = (sign is Sign.SAME and points < 0) or (sign is Sign.DIFFERS and points > 0)
    return Sign.NEAR if contradicted else sign


def _weigh_name(subject: Subject, name: Name, evidence: NameEvidence, names: NameFacts) -> Iterator[Weighed]:
    for field in names.fields:
        yield Weighed(_field_reason(field, subject, name), field.points)
    if evidence.name.place:
        code = "alias_weak" if evidence.name.weak else "alias"
        reason = Reason(Sign.NEAR, f"reason.name.{code}", {"alias": _text(name)})
        yield Weighed(reason, names.alias_points, max(0.0, *(field.points for field in names.fields)))
    elif names.alias_points:
        yield Weighed(Reason(Sign.NEAR, "reason.name.alias_weak", {"alias": _text(name)}), names.alias_points)


def _field_reason(field: FieldFact, subject: Subject, name: Name) -> Reason:
    sign = _FIELD_SIGNS.get(field.code, Sign.NEAR)
    if field.code == "part_differs" and field.points < 0:
        sign = Sign.DIFFERS
    sides = {"left": field.left, "right": field.right} if field.left else _sides(subject, name, field.key)
    key = _OWN_CODES.get(field.code, field.key)
    return Reason(_signed(sign, field.points), f"reason.{key}.{field.code}", sides)


def _frequency(subject: Subject, evidence: NameEvidence, names: NameFacts, vocabulary: int) -> Iterator[Weighed]:
    """Tell how frequent a name is that agrees letter for letter: log(1 / share of bearers), as the points tell it.

    A list whose ``vocabulary`` has few tokens knows of no frequencies: there all names look frequent.
    """
    pairs = evidence.pairs
    exact = len(pairs) > 1 and all(pair.likeness is Likeness.EXACT for pair in pairs)
    if not exact or names_of(names.fields) is not Names.SAME:
        return
    level, slope = WORTH[Likeness.EXACT]
    rarities = [(pair.points - level) / slope for pair in pairs]
    points = sum(rarities)
    if points <= FREQUENT and _TOKENS_A_BEARER * math.exp(points) <= vocabulary:
        known = subject.nationality.strip("< ")
        params = {"count": str(_rounded(math.exp(points)))} | ({"state": known} if known else {})
        code = "frequent" if known else "frequent_list"
        yield Weighed(Reason(Sign.UNKNOWN, f"reason.name.{code}", params), rank=1.0)
    elif points > FREQUENT and max(rarities) > RARE:
        yield Weighed(Reason(Sign.SAME, "reason.name.rare"), rank=1.0)


def _rounded(count: float) -> int:
    """Return 1, 2 or 5 times a power of ten, the nearest: frequencies are known no better than so."""
    power = 10 ** math.floor(math.log10(max(count, 1.0)))
    return int(min((1, 2, 5, 10), key=lambda step: abs(math.log(step * power / max(count, 1.0)))) * power)


def _sides(subject: Subject, name: Name, field: str) -> dict[str, str]:
    if field == "family_name":
        return {"left": subject.family_name, "right": name.family}
    if field == "given_name":
        return {"left": subject.given_names, "right": name.given}
    return {"left": f"{subject.family_name} {subject.given_names}".strip(), "right": _text(name)}


def _text(name: Name) -> str:
    return f"{name.family} {name.given}".strip()


def _birth(query: Query, entry: Entry, evidence: Evidence) -> _Birth:
    birth, found = query.birth, evidence.birth
    readable = [listed for listed in entry.birth_dates if pack(listed)]
    listed = readable[found.place] if 0 <= found.place < len(readable) else None
    sides = (birth.near(int(listed.first[:4])), date_text(listed)) if listed is not None else None
    return _Birth(found.agreement, found.points, sides)


def _weigh_birth(birth: _Birth) -> Iterator[Weighed]:
    agreement, points = birth.agreement, birth.points
    if birth.sides is None:
        yield Weighed(Reason(_signed(_BIRTH_SIGNS[agreement], points), f"reason.birth.{agreement}"), points)
        return
    left, right = birth.sides
    same_month = agreement in (Agreement.DAY_DIGIT, Agreement.DAY_DIFFERS) and left[:7] == right[:7]
    if same_month:
        sides = {"left": left[:7], "right": right[:7]}
        yield Weighed(Reason(Sign.SAME, f"reason.birth.{Agreement.YEAR_MONTH}", sides), max(0.0, points))
        sides = {"left": left[8:], "right": right[8:]}
        yield Weighed(Reason(Sign.DIFFERS, f"reason.birth.{Agreement.DAY_DIFFERS}", sides), min(0.0, points), 0.5)
        return
    sign = _signed(_BIRTH_SIGNS[agreement], points)
    yield Weighed(Reason(sign, f"reason.birth.{agreement}", {"left": left, "right": right}), points)


def _fact(fact: str, points: float, stated: str, listed: str, *, known: bool) -> Weighed:
    code = "unknown" if not known else "differs" if points < 0 else "same"
    return Weighed(Reason(_FACT_SIGNS[code], f"reason.{fact}.{code}", {"left": stated, "right": listed}), points)


def _first(
    query: Query, subject: Subject, entry: Entry, evidence: Evidence, names: NameFacts | None
) -> tuple[Reason, ...]:
    """Return who the entry may be, as one reason; none where the facts make no pattern."""
    number = number_fact(query, subject, entry, evidence)
    if evidence.rests_on_one_token and names is not None and not number.points and not number.certain:
        return (Reason(Sign.UNKNOWN, "reason.name.one_token"),)
    birth = _birth(query, entry, evidence)
    births = births_of(birth.agreement, birth.points)
    known = Known(
        names=names_of(names.fields) if names is not None else Names.APART,
        births=births,
        born=_apart(birth, births),
        sex=(subject.sex, entry.sex) if evidence.sex < 0 else None,
        state=(subject.nationality, ", ".join(entry.nationalities)) if evidence.state < 0 else None,
        number=("personal" if number.reason.code == PERSONAL else "document") if number.certain else "",
    )
    reason = summary(known)
    return (reason,) if reason is not None else ()


def _apart(birth: _Birth, births: Births) -> tuple[str, str] | None:
    """Return both dates of birth where they differ: the years alone, where those are enough to tell."""
    if birth.sides is None or births in (Births.SAME, Births.IN_PART, Births.UNKNOWN):
        return None
    left, right = birth.sides
    plain = len(right) <= len("1974-08-12") and right[:1].isdigit()
    return (left[:4], right[:4]) if births is Births.APART and plain and left[:4] != right[:4] else (left, right)
