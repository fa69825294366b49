"""Fields of a source to the values of an entry: names in Latin letters, listed dates, ICAO codes, sex."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from checkpoint_app.documents.codes import icao_from_iso2, is_known_code
from checkpoint_app.documents.transliterate import to_mrz_characters, unknown_characters
from checkpoint_app.screening.entry import ListedDate, Name, Quality

MAX_TEXT = 400
FIRST_YEAR, LAST_YEAR = 1850, 2100

_CIRCA = re.compile(r"(?:circa|about|approx\.?|ca\.?|c\.|~)\s*(?=\d)", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].{0,30})?)?)?", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d."})
_TITLES = frozenset({"dr.", "prof.", "gen.", "col.", "maj.", "lt.", "capt.", "brig.", "sgt.", "eng.", "mr.", "mrs."})
_OTHER_CODES = {"DEU": "D", "XKX": "RKS", "UK": "GB", "EL": "GR"}
_SEXES = {
    "m": "M",
    "male": "M",
    "masculino": "M",
    "hombre": "M",
    "f": "F",
    "female": "F",
    "femenino": "F",
    "mujer": "F",
}


class FieldError(ValueError):
    """A field cannot be read; the text names the field and what is expected, never the value."""


def clean(text: str) -> str:
    """Return ``text`` in composed form with single spaces and without control characters. Raises FieldError."""
    if len(text) > MAX_TEXT:
        raise FieldError(f"a text is longer than {MAX_TEXT} characters")
    if text.isascii() and text.isprintable():  # nearly all are, and a list has millions
        return " ".join(text.split())
    shown = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in shown if unicodedata.category(c)[0] != "C").split())


def in_latin(text: str) -> str:
    """Return ``text`` with words of other scripts transliterated as a zone would (ICAO Doc 9303-3 §6).

    Empty when a letter has no transliteration there (Chinese, Greek …): part of a name would mislead.
    """
    words = [word if word.isascii() or _is_latin(word) else _transliterated(word) for word in text.split()]
    return " ".join(words) if all(words) else ""


def split_name(text: str, families: Sequence[str] = ()) -> tuple[str, str]:
    """Return (family, given) of a whole name; the second is empty where the parts cannot be told apart.

    Told by, in this order: a comma ("SURNAME, Given"), a known family name, or a family name in capitals.
    """
    family, comma, given = text.partition(",")
    if comma and given.strip():
        return (family, "") if given.strip().casefold() in _SUFFIXES else (family.strip(), given.strip())
    words = text.split()
    known = _place_of_known(words, families) or _place_of_capitals(words)
    if known is None:
        return text, ""
    first, last = known
    return " ".join(words[first:last]), " ".join(words[:first] + words[last:])


def person_name(text: str, quality: Quality, families: Sequence[str] = ()) -> Name | None:
    """Return the name of a person given in one text, or None if it holds no letters that can be compared."""
    family, given = split_name(text, families)
    return make_name(family, given, quality, whole=not given)


def make_name(family: str, given: str, quality: Quality, whole: bool = False) -> Name | None:
    """Return a name in Latin letters, or None if a part of it has no transliteration, or no letter is in it.

    Titles before a given name ("Dr. Ana") are no part of it: no zone of a document has them.
    """
    given = _without_titles(given)
    name = Name(in_latin(family), in_latin(given), quality, whole)
    lost = bool(family.strip()) != bool(name.family) or bool(given.strip()) != bool(name.given)
    return None if lost or not any(c.isalpha() for c in name.family + name.given) else name


def distinct(names: Iterable[Name], first: str = "") -> tuple[Name, ...]:
    """Return ``names`` without repetitions; the one that reads like ``first`` comes first, as it is shown.

    Names of the same words in any order are one; it keeps its parts where one spelling tells them apart, and is weak
    only where all are.
    """
    kept: dict[tuple[str, ...], Name] = {}
    for name in names:
        key = _words_of(f"{name.family} {name.given}")
        known = kept.get(key)
        if known is None or _worth(name) > _worth(known):
            kept[key] = name
    leading = _words_of(first)
    return tuple(sorted(kept.values(), key=lambda name: _words_of(f"{name.family} {name.given}") != leading))


def listed_date(text: str, order: str = "ymd") -> ListedDate:
    """Return a listed birth date: YYYY, YYYY-MM, YYYY-MM-DD, ``circa`` before one, or A/B for a range.

    ``order`` dmy or mdy also takes 17/05/1951 and 05/17/1951. Raises FieldError.
    """
    text = text.strip()
    circa = _CIRCA.match(text)
    first, slash, last = text[circa.end() if circa else 0 :].partition("/")
    if order == "ymd" and slash:
        begin, end = _iso_date(first), _iso_date(last)
        if len(begin) != len(end) or begin > end:
            raise FieldError("birth_date: a range needs two dates of the same form, the earlier first")
        return ListedDate(begin, end, bool(circa))
    one = _iso_date(first + slash + last, order)
    return ListedDate(one, one, bool(circa))


def state_code(text: str) -> str:
    """Return the ICAO code of a state given as such, or by ISO 3166 two letters; empty if it is not known.

    A part of a state (ISO 3166-2, ``gb-sct``) is its state; UK and EL, which the European Union writes, are known too.
    """
    code = text.strip().strip("<").upper()
    whole, dash, _part = code.partition("-")
    code = _OTHER_CODES.get(code, whole if dash and len(whole) == 2 else code)
    code = (icao_from_iso2(code) or "") if len(code) == 2 else code
    return code if code and is_known_code(code) else ""


def sex_of(texts: Iterable[str]) -> str:
    """Return M, F, or the empty text where none or both are given, or another word."""
    found = {_SEXES.get(text.strip().casefold(), "") for text in texts} - {""}
    return found.pop() if len(found) == 1 else ""


def _without_titles(given: str) -> str:
    words = given.split()
    while len(words) > 1 and words[0].casefold() in _TITLES:
        del words[0]
    return " ".join(words)


def _is_latin(word: str) -> bool:
    return all(not c.isalpha() or "LATIN" in unicodedata.name(c, "") or c in "ʼʻʿʾªº" for c in word)


def _transliterated(word: str) -> str:
    spoken = "".join(c if c.isalnum() or unicodedata.combining(c) or c in "-'’" else " " for c in word)
    return "" if unknown_characters(spoken) else to_mrz_characters(spoken).replace("<", " ")


def _place_of_known(words: list[str], families: Sequence[str]) -> tuple[int, int] | None:
    folded = [word.casefold() for word in words]
    for family in sorted(families, key=len, reverse=True):
        parts = family.casefold().split()
        for first in range(len(words) - len(parts) + 1):
            if parts and len(parts) < len(words) and folded[first : first + len(parts)] == parts:
                return first, first + len(parts)
    return None


def _place_of_capitals(words: list[str]) -> tuple[int, int] | None:
    """Return where one run of words in capitals stands, if other words are not in capitals."""
    capital = [len(word) > 1 and word.isupper() for word in words]
    if not any(capital) or all(word.isupper() or not any(map(str.isalpha, word)) for word in words):
        return None
    first = capital.index(True)
    last = len(words) - capital[::-1].index(True)
    return (first, last) if all(capital[first:last]) else None


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.casefold().replace("-", " ").replace(",", " ").split()))


def _worth(name: Name) -> tuple[bool, bool]:
    return name.quality is Quality.STRONG, not name.whole


def _iso_date(text: str, order: str = "ymd") -> str:
    text = text.strip()
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif order != "ymd" and (match := _NUMERIC.fullmatch(text)):
        one, two, year = match.groups()
        day, month = (one, two) if order == "dmy" else (two, one)
    else:
        raise FieldError("birth_date: expected YYYY, YYYY-MM or YYYY-MM-DD")
    return _checked_date(int(year), int(month or 0), int(day or 0))


def _checked_date(year: int, month: int, day: int) -> str:
    """Return the ISO text; month or day 00 means not known."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise FieldError(f"birth_date: the year is not between {FIRST_YEAR} and {LAST_YEAR}")
    if not month:
        return f"{year:04d}"
    try:
        date(year, month, day or 1)
    except ValueError as error:
        raise FieldError("birth_date: the calendar has no such day") from error
    return f"{year:04d}-{month:02d}-{day:02d}" if day else f"{year:04d}-{month:02d}"
