"""Dates of birth: what the traveller's document states, what the list states, and how far they agree.

Dates are whole numbers yyyymmdd; a month or a day that is not known is 00.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from checkpoint_app.screening.entry import ListedDate

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_PRINTED = re.compile(r"(\d{2}|<<)(\d{2}|<<)(\d{2}|<<)")
CIRCA_YEARS = 2
"""A year given as "circa" covers so many years on both sides."""
BIRTH_YEARS = 54
"""Breadth in years of travellers' birth dates: the chance that a year falls into a range is its width over this."""

FULL = 9.9
MONTH = 6.4
YEAR = 3.6
SWAPPED = 5.0
NEAR_YEAR = 4.5
NEAR_DAY = 3.2
SLIPPED_YEAR = 2.9
NEW_YEAR = 3.0
NEXT_YEAR = -1.5
SAME_DAY = -2.5
OTHER_DAY = -1.6
OTHER = -5.0


class Agreement(StrEnum):
    """How two dates of birth agree."""

    SAME = "same"
    YEAR_MONTH = "year_month_same"
    YEAR = "year_same"
    IN_RANGE = "in_range"
    SWAPPED = "day_month_swapped"
    YEAR_NEAR = "year_near"
    YEAR_DIGIT = "year_digit"
    DAY_DIGIT = "digit_differs"
    DAY_DIFFERS = "day_differs"
    YEAR_SAME_DAY_DIFFERS = "year_same_day_differs"
    DIFFERS = "differs"
    NOT_LISTED = "unknown_entry"
    NOT_STATED = "unknown_traveller"


@dataclass(frozen=True, slots=True)
class Birth:
    """A traveller's date of birth. A two-digit year stands for several ``years``; none means not known."""

    years: tuple[int, ...]
    month: int = 0
    day: int = 0

    def near(self, year: int) -> str:
        """Return the date in ISO form as far as it is known, in the century that comes closest to ``year``."""
        if not self.years:
            return ""
        closest = min(self.years, key=lambda candidate: abs(candidate - year))
        return "-".join([f"{closest:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)])


@dataclass(frozen=True, slots=True)
class BirthEvidence:
    """Points for or against, and how the best of the listed dates (its place in the entry) agrees."""

    points: float
    agreement: Agreement
    place: int = -1


def read_birth(text: str) -> Birth:
    """Read yymmdd with ``<`` (or 00) for unknown parts, or an ISO date; what is neither counts as not known."""
    if iso := _ISO.fullmatch(text.strip()):
        return _birth((int(iso[1]),), int(iso[2] or 0), int(iso[3] or 0))
    printed = _PRINTED.fullmatch(text.strip())
    if printed is None or printed[1] == "<<":
        return Birth(())
    year, month, day = (0 if part == "<<" else int(part) for part in printed.groups())
    return _birth((1900 + year, 2000 + year), month, day)


def _birth(years: tuple[int, ...], month: int, day: int) -> Birth:
    if not 1 <= month <= 12:
        return Birth(years)
    return Birth(years, month, day if 1 <= day <= 31 else 0)


def pack(listed: ListedDate) -> tuple[int, int] | None:
    """Return a listed date as (first, last) in yyyymmdd, equal for a single date; None for what is no date."""
    first, last = _ISO.fullmatch(listed.first), _ISO.fullmatch(listed.last)
    if first is None or last is None or not (_is_day(first) and _is_day(last)):
        return None
    low, high = (10_000 * int(m[1]) + 100 * int(m[2] or 0) + int(m[3] or 0) for m in (first, last))
    if listed.circa:
        low, high = low // 10_000 - CIRCA_YEARS, high // 10_000 + CIRCA_YEARS
        return max(low, 1) * 10_000, high * 10_000
    return min(low, high), max(low, high)


def _is_day(date: re.Match[str]) -> bool:
    year, month, day = (int(part or 0) for part in date.groups())
    return year > 0 and month <= 12 and day <= 31


def compare(birth: Birth, listed: Sequence[tuple[int, int]]) -> BirthEvidence:
    """Return the evidence of the best of the ``listed`` dates (as ``pack`` gives them)."""
    if not listed:
        return BirthEvidence(0.0, Agreement.NOT_LISTED)
    if not birth.years:
        return BirthEvidence(0.0, Agreement.NOT_STATED)
    best = BirthEvidence(-math.inf, Agreement.DIFFERS)
    for place, (first, last) in enumerate(listed):
        for year in birth.years:
            if first == last:
                points, agreement = compare_day(year, birth.month, birth.day, first)
            else:
                points, agreement = compare_range(year, first, last)
            if points > best.points:
                best = BirthEvidence(points, agreement, place)
    return best


def compare_range(year: int, first: int, last: int) -> tuple[float, Agreement]:
    """Compare a year with a listed range of dates."""
    low, high = first // 10_000, last // 10_000
    if low <= year <= high:
        return max(0.0, math.log(BIRTH_YEARS / (high - low + 1))), Agreement.IN_RANGE
    near = low - 1 <= year <= high + 1
    return (NEXT_YEAR if near else OTHER), Agreement.DIFFERS


def compare_day(year: int, month: int, day: int, listed: int) -> tuple[float, Agreement]:
    """Compare two dates. Disagreement is graded, for listed dates are often wrong by a year or by a digit."""
    other_year, other_month, other_day = listed // 10_000, listed // 100 % 100, listed % 100
    if year == other_year:
        return _compare_in_year(month, day, other_month, other_day)
    same_day = bool(day and month == other_month and day == other_day)
    if abs(year - other_year) == 1:
        if same_day:
            return NEAR_YEAR, Agreement.YEAR_NEAR
        near = not (day and other_day) or month == other_month
        return (NEXT_YEAR if near else OTHER), Agreement.DIFFERS
    if same_day and is_year_slip(year, other_year):
        return SLIPPED_YEAR, Agreement.YEAR_DIGIT
    return (SAME_DAY if same_day else OTHER), Agreement.DIFFERS


def is_year_slip(year: int, other: int) -> bool:
    """Tell whether two years differ by one digit, or by two neighbouring digits exchanged."""
    return _one_slip(f"{year:04d}", f"{other:04d}")


def _compare_in_year(month: int, day: int, other_month: int, other_day: int) -> tuple[float, Agreement]:
    if not (month and other_month):
        return YEAR, Agreement.YEAR
    if not (day and other_day):
        return (MONTH, Agreement.YEAR_MONTH) if month == other_month else (OTHER_DAY, Agreement.YEAR_SAME_DAY_DIFFERS)
    new_year = (1, 1) in ((month, day), (other_month, other_day))
    if (month, day) == (other_month, other_day):
        # 1 January is often written where only the year is known.
        return (MONTH if new_year else FULL), Agreement.SAME
    if new_year:
        return NEW_YEAR, Agreement.YEAR
    if (month, day) == (other_day, other_month):
        return SWAPPED, Agreement.SWAPPED
    if _one_slip(f"{month:02d}{day:02d}", f"{other_month:02d}{other_day:02d}"):
        return NEAR_DAY, Agreement.DAY_DIGIT
    return OTHER_DAY, (Agreement.DAY_DIFFERS if month == other_month else Agreement.YEAR_SAME_DAY_DIFFERS)


def _one_slip(left: str, right: str) -> bool:
    """Tell whether one digit differs, or two neighbours are exchanged."""
    places = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(places) != 2:
        return len(places) == 1
    i, j = places
    return j == i + 1 and left[i] == right[j] and left[j] == right[i]
