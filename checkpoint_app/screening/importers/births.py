"""Birth dates as published lists write them, to the texts that `fields.listed_date` reads."""

from __future__ import annotations

import calendar
import re
from datetime import date

from checkpoint_app.screening.importers.fields import FieldError

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if number} | {
    name.casefold(): number for number, name in enumerate(calendar.month_name) if number
}
_CIRCA = re.compile(r"\b(?:circa|approximately|about|approx\.?|ca\.|c\.)\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s+(?:to|and|or)\s+|\s*[–-]\s*(?=\d{4}\b)|/", re.IGNORECASE)
_DAY = re.compile(r"(?:(?:(\d{1,2})\s+)?([^\W\d_]{3,9})\.?,?\s+)?(\d{4})", re.ASCII)
_ISO = re.compile(r"\d{4}(?:-\d{2}){0,2}", re.ASCII)

# Years between a calendar's year and the two Gregorian ones that it lies in.
_SHIFTS = {
    ("PERSIAN", "SOLAR", "JALALI", "SHAMSI", "IRANIAN", "AFGHAN"): (621, 622),
    ("ETHIOP", "AMHARIC"): (7, 8),
    ("COPTIC",): (283, 284),
    ("HEBREW", "JEWISH"): (-3761, -3760),
    ("JULIAN",): (0, 1),
}
_BUDDHIST = ("BUDDHIST", "THAI")
_LUNAR = ("ISLAMIC", "HIJRI", "MUSLIM", "LUNAR")
_THAI_REFORM = 2484  # from this year on (1941) the Thai year begins on 1 January


def in_words(text: str) -> str:
    """Return the text for `listed_date` of "12 Mar 1960", "Mar 1960", "circa 1951", "1955 to 1957" or an ISO date.

    The two ends of a range are cut to the coarser of the two forms. Raises FieldError.
    """
    plain = _CIRCA.sub("", text)
    circa = plain != text
    parts = _RANGE.split(plain.strip().removeprefix("between "))
    if len(parts) > 2:
        raise FieldError("birth_date: expected one date or a range of two")
    ends = [_one(part) for part in parts]
    return span(ends[0], ends[-1], circa)


def span(begin: str, end: str, circa: bool = False) -> str:
    """Return the text for `listed_date` of a range of two ISO dates, cut to the coarser form; one date if equal."""
    length = min(len(begin), len(end))
    first, last = begin[:length], end[:length]
    return ("circa " if circa else "") + (first if first == last else f"{first}/{last}")


def period(begin: tuple[int, int, int], end: tuple[int, int, int], circa: bool = False) -> str:
    """Return the text for `listed_date` of the days from ``begin`` to ``end`` (year, month, day).

    Whole years and months are given as such. Raises FieldError for a day that the calendar does not have.
    """
    try:
        first, last = date(*begin), date(*end)
    except ValueError as error:
        raise FieldError("birth_date: the calendar has no such day") from error
    from_first = first.day == 1
    to_last = last.day == calendar.monthrange(last.year, last.month)[1]
    if first == last or not (from_first and to_last):
        return span(first.isoformat(), last.isoformat(), circa)
    length = 4 if first.month == 1 and last.month == 12 else 7
    return span(first.isoformat()[:length], last.isoformat()[:length], circa)


def days_in(year: int, month: int) -> int:
    """Return how many days a month has. Raises FieldError for a month that there is not."""
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        raise FieldError("birth_date: the calendar has no such month")
    return calendar.monthrange(year, month)[1]


def is_gregorian(name: str) -> bool:
    """Tell whether a calendar's name, or none, is that of the one in use."""
    return name.strip().upper() in ("", "GREGORIAN")


def gregorian_years(year: int, name: str) -> tuple[int, int]:
    """Return the first and last Gregorian year in which ``year`` of the calendar ``name`` lies.

    Day and month do not carry over without a table of leap years, and lists seldom have them. Raises FieldError for a
    calendar that is not known.
    """
    word = name.upper()
    if any(part in word for part in _BUDDHIST):
        return year - 543, year - (543 if year >= _THAI_REFORM else 542)
    for words, (first, last) in _SHIFTS.items():
        if any(part in word for part in words):
            return year + first, year + last
    if any(part in word for part in _LUNAR):  # 354.367 days a year from July 622
        begin = 622.54 + (year - 1) * 0.970224
        return int(begin), int(begin + 0.97)
    raise FieldError("birth_date: in a calendar that is not known")


def _one(text: str) -> str:
    text = text.strip()
    if _ISO.fullmatch(text):
        return text
    match = _DAY.fullmatch(text)
    if match is None:
        raise FieldError("birth_date: expected a year, a month and year, or a date")
    day, month, year = match.groups()
    if not month:
        return year
    number = _MONTHS.get(month.casefold())
    if number is None:
        raise FieldError("birth_date: no such month")
    return f"{year}-{number:02d}-{int(day):02d}" if day else f"{year}-{number:02d}"
