"""Dates as documents print them: 12 AUG/AOÛT 1974, 12.08.1974, 1974-08-12, 08/12/1974."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

# Beginnings of the names of months in English, Spanish, French, Portuguese, German, Dutch, Italian and Turkish, without
# marks; none stands for two months. Where the language is another one, the date is not read, which tells nothing.
_MONTHS = {
    1: "JAN ENE GEN OCA",
    2: "FEB FEV SUB",
    3: "MAR MRT MAE MRZ",
    4: "APR AVR ABR NIS",
    5: "MAY MAI MEI MAG",
    6: "JUN JUIN GIU HAZ",
    7: "JUL JUIL LUG TEM",
    8: "AUG AOU AGO AGU",
    9: "SEP SET EYL",
    10: "OCT OKT OUT OTT EKI",
    11: "NOV KAS",
    12: "DEC DEZ DIC ARA",
}
_BY_NAME = {name: month for month, names in _MONTHS.items() for name in names.split()}
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?[.\-/ ]\s?(\d{1,2})\s?[.\-/ ]\s?(\d{1,4})(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})\s?[.\-/]?\s?([^\W\d_]{3,12})\.?(?:\s?/\s?([^\W\d_]{3,12}))?\.?\s?[.\-/]?\s?(\d{2,4})(?!\d)"
)
_GLUED = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")
_OLDEST = 1900


def dates_in(text: str) -> frozenset[date]:
    """Return every day that ``text`` can mean; a year of two digits gives both centuries, 08/12 both orders."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c))
    return frozenset((*_numeric(plain), *_named(plain)))


def _numeric(text: str) -> Iterator[date]:
    for match in (*_NUMERIC.finditer(text), *_GLUED.finditer(text)):
        first, middle, last = match.groups()
        if len(first) == 4:
            yield from _days((first,), ((middle, last),))
        elif len(last) in (2, 4):
            yield from _days((last,), ((middle, first), (first, middle)))
        if len(first) == 2 and len(last) == 2:
            yield from _days((first,), ((middle, last),))


def _named(text: str) -> Iterator[date]:
    for match in _NAMED.finditer(text):
        day, one, other, year = match.groups()
        months = {month for name in (one, other) if name for month in _months_of(name)}
        if len(months) == 1:
            yield from _days((year,), ((str(months.pop()), day),))


def _months_of(name: str) -> Iterator[int]:
    """Yield the month that ``name`` begins like, by the longest beginning that is known."""
    for length in range(len(name), 2, -1):
        if name[:length] in _BY_NAME:
            yield _BY_NAME[name[:length]]
            return


def _days(years: tuple[str, ...], rests: tuple[tuple[str, str], ...]) -> Iterator[date]:
    for year in years:
        number = int(year)
        full = (number,) if len(year) == 4 else (1900 + number, 2000 + number) if len(year) == 2 else ()
        for one in full:
            for month, day in rests:
                if one >= _OLDEST and 1 <= int(month) <= 12:
                    try:
                        yield date(one, int(month), int(day))
                    except ValueError:
                        continue
