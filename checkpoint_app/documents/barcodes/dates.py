"""Dates as barcodes write them: a day of the year without the year, eight digits, three bytes."""

from __future__ import annotations

from datetime import date

from checkpoint_app.documents.values import PartialDate

_CENTURIES = range(1800, 2200)


def nearest_day(day_of_year: int, today: date) -> date | None:
    """Return the date nearest to ``today`` that is day 1 to 366 of its year; None where there is no such day.

    Day 366 is in leap years only; of two equally near dates it is the later one.
    """
    found = (_ordinal(year, day_of_year) for year in range(max(1, today.year - 8), min(9999, today.year + 8) + 1))
    return min((day for day in found if day), key=lambda day: (abs(day - today), -day.toordinal()), default=None)


def day_of_decade(last_digit: int, day_of_year: int, today: date) -> date | None:
    """Return the newest date not after tomorrow whose year ends in ``last_digit`` and that is this day of its year.

    Tomorrow, since a pass may be issued across the date line. None where the last ten years have no such day.
    """
    latest = today.toordinal() + 1
    found = (_ordinal(year, day_of_year) for year in range(max(1, today.year - 10), min(9999, today.year + 1) + 1))
    days = [day for day in found if day and day.year % 10 == last_digit and day.toordinal() <= latest]
    return max(days, default=None)


def eight_digits(text: str) -> PartialDate | None:
    """Read MMDDCCYY (United States) or CCYYMMDD (Canada, and before 2003 all); None where it is no date.

    No text is both: a month is at most 12, and centuries before 1800 are none. ``raw`` of the value is yymmdd.
    """
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    for year, rest in ((int(text[4:]), text[:4]), (int(text[:4]), text[4:])):
        if year in _CENTURIES:
            try:
                return whole_date(date(year, int(rest[:2]), int(rest[2:])))
            except ValueError:
                continue
    return None


def whole_date(day: date) -> PartialDate:
    """Return ``day`` as a document states it, with ``raw`` as its zone would have it."""
    return PartialDate(f"{day:%y%m%d}", day.year, day.month, day.day)


def iso_date(text: str) -> PartialDate | None:
    """Read CCYY-MM-DD, CCYY-MM or CCYY; None where it is no date. Unknown parts are fillers in ``raw``."""
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2][: len(parts)] or not text.isascii():
        return None
    if not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    try:
        date(*[*numbers, 1, 1][:3])
    except ValueError:
        return None
    raw = "".join(part[-2:] for part in parts).ljust(6, "<")
    year, month, day = (*numbers, None, None)[:3]
    return PartialDate(raw, year, month, day)


def three_bytes(data: bytes) -> date | None:
    """Read the integer MMDDCCYY in three bytes, big-endian (Doc 9303-13 §2.3.1); None where it is no date."""
    number = int.from_bytes(data, "big")
    try:
        return date(number % 10_000, number // 1_000_000, number // 10_000 % 100)
    except ValueError:
        return None


def to_three_bytes(day: date) -> bytes:
    """Return the three bytes of ``day``."""
    return (day.month * 1_000_000 + day.day * 10_000 + day.year).to_bytes(3, "big")


def _ordinal(year: int, day_of_year: int) -> date | None:
    try:
        day = date.fromordinal(date(year, 1, 1).toordinal() + day_of_year - 1)
    except ValueError:
        return None
    return day if day.year == year else None
