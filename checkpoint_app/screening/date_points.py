"""The points of a date of birth for many persons at once: `dates.compare` in arrays, to the bit.

A listed date falls into one of a few hundred days of a year, and a traveller into one too; so what two days of one
year, of neighbouring years, and of distant years are worth is tabled once for each day of birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.dates import NEXT_YEAR, OTHER, Birth, compare_day, compare_range

Points = npt.NDArray[np.float64]
_YEAR = 2000
"""Any year: what two days are worth depends on the distance of their years alone, but for slips of a year's digits."""
_FAR = 50
_PLACES = 10_000
_LAST_YEAR = 3000
_IN_RANGE = np.array([0.0, *(compare_range(0, 0, (width - 1) * _PLACES)[0] for width in range(1, _LAST_YEAR + 1))])
"""Points of a year within a range, by the range's width in years."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """Points by month and day of the listed date (mmdd): in the same year, in a neighbouring one, in another."""

    same: Points
    next: Points
    other: Points
    same_day: int


def weigh_days(birth: Birth, days: npt.NDArray[np.int32]) -> Points:
    """Return the points of single listed dates (yyyymmdd, positive) for a traveller whose year is known."""
    tables = _tables(birth.month, birth.day)
    years, places = np.divmod(days, _PLACES)
    best: Points | None = None
    for year in birth.years:
        distance = np.abs(years - year)
        points = np.where(
            distance == 0,
            tables.same[places],
            np.where(distance == 1, tables.next[places], tables.other[places]),
        )
        if tables.same_day:
            slipped = np.flatnonzero((distance > 1) & (places == tables.same_day))
            points[slipped] = [compare_day(year, birth.month, birth.day, day)[0] for day in days[slipped].tolist()]
        best = points if best is None else np.maximum(best, points)
    return best if best is not None else np.zeros(len(days))


def weigh_ranges(birth: Birth, first: npt.NDArray[np.int32], last: npt.NDArray[np.int32]) -> Points:
    """Return the points of listed dates of which some or all are ranges, as `weigh_days`."""
    points = weigh_days(birth, first)
    ranged = first != last
    low, high = first[ranged] // _PLACES, last[ranged] // _PLACES
    inside = _IN_RANGE[np.minimum(high - low + 1, _LAST_YEAR)]
    best = np.full(len(low), OTHER)
    for year in birth.years:
        near = np.where((low - 1 <= year) & (year <= high + 1), NEXT_YEAR, OTHER)
        best = np.maximum(best, np.where((low <= year) & (year <= high), inside, near))
    points[ranged] = best
    return points


@lru_cache(maxsize=512)
def _tables(month: int, day: int) -> _Tables:
    same, near, other = (np.zeros(_PLACES) for _ in range(3))
    places = [100 * m + d for m in range(13) for d in range(32)]
    for place in places:
        same[place] = compare_day(_YEAR, month, day, _YEAR * _PLACES + place)[0]
        near[place] = compare_day(_YEAR, month, day, (_YEAR + 1) * _PLACES + place)[0]
        other[place] = compare_day(_YEAR, month, day, (_YEAR + _FAR) * _PLACES + place)[0]
    return _Tables(same, near, other, 100 * month + day if month and day else 0)
