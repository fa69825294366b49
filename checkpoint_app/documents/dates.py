"""Dates of a zone: six characters yymmdd, of which parts may be unknown, and the century they are meant in."""

from __future__ import annotations

from datetime import date

from checkpoint_app.documents.check_digits import FILLER
from checkpoint_app.documents.values import PartialDate

EXPIRY_YEARS_AHEAD = 50
UNKNOWN = FILLER * 6


class NoSuchDateError(ValueError):
    """Six characters that are no date."""


def read_birth(raw: str, today: date) -> PartialDate:
    """Return the date of birth: the newest such date that is not after ``today``.

    Unknown parts are ``<<`` (Doc 9303-3 §4.8); an unknown month or day is also seen as ``00``. Raises NoSuchDateError.
    """
    year, month, day = _parts(raw)
    month, day = month or None, day or None
    return _newest(raw, year, month, day, (today.year, today.month, today.day))


def read_expiry(raw: str, today: date) -> PartialDate:
    """Return the date of expiry: the newest such date that is not over fifty years after ``today``.

    A document without expiry has six fillers; other unknown parts are no date. Raises NoSuchDateError.
    """
    year, month, day = _parts(raw)
    if raw != UNKNOWN and None in (year, month, day):
        raise NoSuchDateError
    return _newest(raw, year, month, day, (today.year + EXPIRY_YEARS_AHEAD, today.month, today.day))


def write_date(value: PartialDate) -> str:
    """Return the six characters: those once printed, else made of the parts."""
    if value.raw:
        return value.raw
    parts = (value.year % 100 if value.year is not None else None, value.month, value.day)
    return "".join(FILLER * 2 if part is None else f"{part:02d}" for part in parts)


def _parts(raw: str) -> tuple[int | None, int | None, int | None]:
    year, month, day = (_part(raw[place : place + 2]) for place in (0, 2, 4))
    return year, month, day


def _part(text: str) -> int | None:
    if text == FILLER * 2:
        return None
    if not text.isdecimal() or len(text) != 2:
        raise NoSuchDateError
    return int(text)


def _newest(
    raw: str, year: int | None, month: int | None, day: int | None, latest: tuple[int, int, int]
) -> PartialDate:
    if year is None:
        if not _exists(2000, month, day):
            raise NoSuchDateError
        return PartialDate(raw, None, month, day)
    century = latest[0] // 100 * 100
    for full_year in (century + year, century - 100 + year):
        known = _known(full_year, month, day)
        if known <= latest[: len(known)] and _exists(full_year, month, day):
            return PartialDate(raw, full_year, month, day)
    raise NoSuchDateError


def _known(year: int, month: int | None, day: int | None) -> tuple[int, ...]:
    """Return the known parts up to the first unknown one: what can be compared with a whole date."""
    if month is None:
        return (year,)
    return (year, month) if day is None else (year, month, day)


def _exists(year: int, month: int | None, day: int | None) -> bool:
    """Tell whether there is such a day; an unknown part takes the value that allows most."""
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return False
    return True
