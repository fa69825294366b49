"""Dates and times of EDIFACT messages, to ``YYYY-MM-DD`` and ``YYYY-MM-DDTHH:MM`` (local, as sent).

Years of two digits: a birth is the latest such date that is not after the message's; every other date is of 20yy.
A date that does not exist is None: nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), start=1
    )
}
_NAMED = re.compile(r"([0-9]{1,2})([A-Z]{3})([0-9]{4}|[0-9]{2})", re.ASCII)
_DASHED = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", re.ASCII)
_ZONE = re.compile(r"(?<=[0-9]{10})[+-][0-9]{4}$", re.ASCII)
_WITH_TIME = re.compile(r"((?:19|20)[0-9]{6})(?:[0-9]{4}|[0-9]{6})$", re.ASCII)
_CENTURY = 100
_THIS_CENTURY = 2000


def birth_of(text: str | None, latest: date) -> str | None:
    """Return a date of birth (yymmdd, ccyymmdd or ddMMMyy): of two possible centuries the later, up to ``latest``."""
    parts = _parts(text, day_first=False)
    if parts is None:
        return None
    year, month, day = parts
    if year < _CENTURY:
        year += _THIS_CENTURY
        if (year, month, day) > (latest.year, latest.month, latest.day):
            year -= _CENTURY
    return _day(year, month, day)


def day_of(text: str | None, day_first: bool = False) -> str | None:
    """Return a date: yymmdd, or ddmmyy where ``day_first`` (PNRGOV), ccyymmdd, or ddMMMyy."""
    parts = _parts(text, day_first)
    return _day(*parts) if parts else None


def moment_of(text: str | None) -> str | None:
    """Return a date and time of a DTM: yymmddhhmm (code 201), ccyymmddhhmm (203), or a date alone (101, 102).

    A zone behind it (205, 303) is left out: times are local.
    """
    digits = re.sub(r"[^0-9]", "", _ZONE.sub("", text or ""))
    split = {10: 6, 12: 8, 14: 8}.get(len(digits))
    if split is None:
        return day_of(digits)
    return joined(day_of(digits[:split]), digits[split : split + 4])


def joined(day: str | None, time: str | None) -> str | None:
    """Return a day with its time (hhmm); the day alone where the time is absent or none. 24:00 stays with its day."""
    digits = (time or "").strip().replace(":", "")
    if day is None or not re.fullmatch(r"[0-9]{3,6}", digits, re.ASCII):
        return day
    digits = digits.zfill(4)
    hours, minutes = digits[:2], digits[2:4]
    return f"{day}T{hours}:{minutes}" if int(hours) <= 24 and int(minutes) < 60 else day


def _parts(text: str | None, day_first: bool) -> tuple[int, int, int] | None:
    """Return year (as sent, of two digits or four), month and day."""
    plain = (text or "").strip().upper()
    if timed := _WITH_TIME.match(plain):
        plain = timed[1]
    if named := _NAMED.fullmatch(plain):
        month = _MONTHS.get(named[2])
        return (int(named[3]), month, int(named[1])) if month else None
    if dashed := _DASHED.fullmatch(plain):
        return int(dashed[1]), int(dashed[2]), int(dashed[3])
    if len(plain) == 6 and plain.isascii() and plain.isdigit():
        first, month, last = int(plain[:2]), int(plain[2:4]), int(plain[4:])
        return (last, month, first) if day_first else (first, month, last)
    return None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year + _THIS_CENTURY if year < _CENTURY else year, month, day).isoformat()
    except ValueError:
        return None
