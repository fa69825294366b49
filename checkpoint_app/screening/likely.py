"""Who an entry may be for the traveller, in one code: the same person, a namesake, a twin, a relative, a slip."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from checkpoint_app.screening.dates import Agreement
from checkpoint_app.screening.naming import EXACT_CODES, FAMILY, GIVEN, FieldFact
from checkpoint_app.verdict import Reason, Sign

SUMMARY = "reason.summary."
SIGNS = {
    "document": Sign.SAME,
    "document_other_name": Sign.NEAR,
    "personal": Sign.SAME,
    "personal_other_name": Sign.NEAR,
    "agrees": Sign.SAME,
    "agrees_like": Sign.NEAR,
    "agrees_in_part": Sign.NEAR,
    "name_only": Sign.NEAR,
    "date_slip": Sign.NEAR,
    "namesake_birth": Sign.DIFFERS,
    "namesake_birth_like": Sign.DIFFERS,
    "namesake_day": Sign.DIFFERS,
    "namesake_sex": Sign.DIFFERS,
    "namesake_state": Sign.DIFFERS,
    "sex_differs": Sign.DIFFERS,
    "twin": Sign.DIFFERS,
    "twin_in_part": Sign.NEAR,
    "relative": Sign.DIFFERS,
    "relative_undated": Sign.DIFFERS,
    "renamed": Sign.NEAR,
    "given_only": Sign.DIFFERS,
}
"""Every summary, and what it says for or against."""


class Names(Enum):
    """How the names agree as a whole."""

    SAME = auto()
    LIKE = auto()
    FAMILY_ONLY = auto()
    GIVEN_IN_PART = auto()
    GIVEN_ONLY = auto()
    APART = auto()


class Births(Enum):
    """How the dates of birth agree as a whole: in full, as far as they are known, but for a slip, or not."""

    SAME = auto()
    IN_PART = auto()
    SLIP = auto()
    DAY = auto()
    APART = auto()
    UNKNOWN = auto()


_BIRTHS = {
    Agreement.SAME: Births.SAME,
    Agreement.YEAR_MONTH: Births.IN_PART,
    Agreement.YEAR: Births.IN_PART,
    Agreement.IN_RANGE: Births.IN_PART,
    Agreement.SWAPPED: Births.SLIP,
    Agreement.YEAR_NEAR: Births.SLIP,
    Agreement.YEAR_DIGIT: Births.SLIP,
    Agreement.DAY_DIGIT: Births.SLIP,
    Agreement.DAY_DIFFERS: Births.DAY,
    Agreement.YEAR_SAME_DAY_DIFFERS: Births.DAY,
    Agreement.DIFFERS: Births.APART,
    Agreement.NOT_LISTED: Births.UNKNOWN,
    Agreement.NOT_STATED: Births.UNKNOWN,
}


class Known(NamedTuple):
    """What a summary rests on. ``born``, ``sex`` and ``state`` are the two sides where they differ, else None.

    ``number``: whether the ``document`` or the ``personal`` number is the entry's, or empty.
    """

    names: Names
    births: Births
    born: tuple[str, str] | None
    sex: tuple[str, str] | None
    state: tuple[str, str] | None
    number: str


def names_of(fields: tuple[FieldFact, ...]) -> Names:
    """Fold the fields of a name. A field that one side does not state leaves no more than a like name."""
    known = [field for field in fields if field.code != "unknown"]
    if known and all(field.agrees for field in known):
        exact = len(known) == len(fields) and all(field.code in EXACT_CODES for field in known)
        return Names.SAME if exact else Names.LIKE
    agreeing = {field.key for field in known if field.agrees}
    if agreeing == {FAMILY}:
        in_part = any(field.key == GIVEN and field.code == "part_differs" for field in known)
        return Names.GIVEN_IN_PART if in_part else Names.FAMILY_ONLY
    return Names.GIVEN_ONLY if agreeing == {GIVEN} else Names.APART


def births_of(agreement: Agreement, points: float) -> Births:
    """Fold how the dates agree; ``points`` decide for what has no name here."""
    known = _BIRTHS.get(agreement)
    if known is not None:
        return known
    return Births.IN_PART if points > 0 else Births.APART if points < 0 else Births.UNKNOWN


def summary(known: Known) -> Reason | None:
    """Return in one reason who the entry may be; None where the facts make no such pattern."""
    code = _code(known)
    if not code:
        return None
    sides = {"namesake_sex": known.sex, "sex_differs": known.sex, "namesake_state": known.state}.get(code, known.born)
    params = {"left": sides[0], "right": sides[1]} if sides else {}
    return Reason(SIGNS[code], f"{SUMMARY}{code}", params)


def _code(known: Known) -> str:
    agrees = known.names in (Names.SAME, Names.LIKE)
    if known.number:
        return known.number if agrees else f"{known.number}_other_name"
    if agrees:
        return _same_name(known)
    if known.names in (Names.FAMILY_ONLY, Names.GIVEN_IN_PART):
        return _same_family(known)
    if known.names is Names.GIVEN_ONLY:
        return "renamed" if known.births is Births.SAME else "given_only"
    return ""


def _same_name(known: Known) -> str:
    if known.born is not None and known.births is Births.APART:
        return "namesake_birth" if known.names is Names.SAME else "namesake_birth_like"
    if known.born is not None and known.births is Births.DAY:
        return "namesake_day"
    if known.sex is not None:
        return "sex_differs" if known.births in (Births.SAME, Births.SLIP) else "namesake_sex"
    if known.births is Births.SAME:
        return "agrees" if known.names is Names.SAME else "agrees_like"
    if known.births is Births.SLIP:
        return "date_slip"
    if known.state is not None:
        return "namesake_state"
    return {Births.IN_PART: "agrees_in_part", Births.UNKNOWN: "name_only"}.get(known.births, "")


def _same_family(known: Known) -> str:
    if known.births is Births.SAME:
        return "twin" if known.names is Names.FAMILY_ONLY else "twin_in_part"
    apart = known.born is not None and known.births in (Births.APART, Births.DAY, Births.SLIP)
    return "relative" if apart else "relative_undated"
