"""The points of a date of birth for many persons at once: `dates.compare` in arrays, to the bit.

A listed date falls into one of a few hundred days of a year, and a traveller into one too; so what two days are worth
is tabled once for each day of birth: of one year, of neighbouring years, of years a slip apart, of any others.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.dates import NEXT_YEAR, OTHER, Birth, compare_day, compare_range, is_year_slip

Points = npt.NDArray[np.float64]
_YEAR = 2000
"""Any year: what two days are worth depends on how their years stand to each other."""
_SLIPPED_YEAR, _DISTANT_YEAR = 2030, 2055
_PLACES = 10_000
_DAYS = 1300
"""Places of month and day, as mmdd, in a table; what is beyond them is no day."""
_LAST_YEAR = 3000
_SAME, _NEXT, _SLIP, _APART = range(4)
_IN_RANGE = np.array([0.0, *(compare_range(0, 0, (width - 1) * _PLACES)[0] for width in range(1, _LAST_YEAR + 1))])
"""Points of a year within a range, by the range's width in years."""


def weigh_days(birth: Birth, days: npt.NDArray[np.int32]) -> Points:
    """Return the points of single listed dates (yyyymmdd, positive) for a traveller whose year is known."""
    years = days // _PLACES
    places = np.minimum(days - years * _PLACES, _DAYS - 1)
    places += _years(birth.years)[np.minimum(years, _LAST_YEAR)]
    points: Points = _table(birth.month, birth.day)[places]
    return points


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
def _years(stated: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """Return, for every listed year, which part of the table holds its days; the best of the stated years counts."""
    parts = np.full(_LAST_YEAR + 1, _APART * _DAYS, np.int32)
    for year in stated:
        parts[[other for other in range(1850, 2150) if is_year_slip(year, other)]] = _SLIP * _DAYS
    for part, distance in ((_NEXT, 1), (_SAME, 0)):
        near = [year + step for year in stated for step in (-distance, distance)]
        parts[[year for year in near if year <= _LAST_YEAR]] = part * _DAYS
    return parts


@lru_cache(maxsize=512)
def _table(month: int, day: int) -> Points:
    """Return the points by the listed day, for each way in which two years may stand to each other."""
    table = np.full((4, _DAYS), OTHER)
    for part, year in ((_SAME, _YEAR), (_NEXT, _YEAR + 1), (_SLIP, _SLIPPED_YEAR), (_APART, _DISTANT_YEAR)):
        places = [100 * m + d for m in range(13) for d in range(32)]
        if part in (_SLIP, _APART):  # there only the very same day is worth more than any other
            places = [100 * month + day]
        for place in places:
            table[part, place] = compare_day(_YEAR, month, day, year * _PLACES + place)[0]
    return table.ravel()
