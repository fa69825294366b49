"""The printed page held against the zone: an altered zone seldom has its altered number in print (Doc 9303-3 §3).

The print is read without knowing where a field stands, so that a value counts as printed where it stands anywhere. That
it stands nowhere says little: it may not have been read. Only digits that are nearly the zone's own, read
clearly, tell against the document: states write names in ways of their own (Doc 9303-3 §6), and a label may stand
before a number as its letters do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from checkpoint_app.documents.beside import PrintedText
from checkpoint_app.documents.check_digits import FILLER
from checkpoint_app.documents.printed_dates import dates_in
from checkpoint_app.documents.transliterate import to_mrz_characters
from checkpoint_app.documents.values import PartialDate, TravelDocument

CLEAR = 0.9  # least confidence of a text that tells against the zone
_NEARLY = 2  # characters in which a text may differ and still be meant as the same value
_LONGEST_VALID = 16  # years; no document that is checked here is valid for longer
_TELLING = 6  # letters: so long a name stands by chance in no label
_SHORTEST = 6  # characters: in less, two may differ by chance
# Characters that the general recogniser takes for one another: no difference between print and zone.
_TWINS = str.maketrans("OQDILZSBG", "000112586")


class PrintState(StrEnum):
    """How a field's value stands in print. UNREAD: it was not found, which tells nothing."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class PrintedField:
    """One field of the zone as the print has it; ``seen`` is the printed text that differs, else empty."""

    field: str
    state: PrintState
    seen: str = ""


PRINTED_FIELDS = ("document_number", "birth_date", "expiry_date", "family_name", "given_names")
ESSENTIAL_FIELDS = ("document_number", "birth_date", "family_name")
"""Fields that must agree before the print counts as compared."""


def compare_printed(document: TravelDocument, texts: Sequence[PrintedText]) -> tuple[PrintedField, ...]:
    """Return, for each of PRINTED_FIELDS that the zone states, how the printed ``texts`` stand to it."""
    found = [_number(document, texts)] if document.document_number else []
    found += _dates(document, texts)
    found += [_name(name, document, texts) for name in ("family_name", "given_names") if getattr(document, name)]
    return tuple(found)


def _number(document: TravelDocument, texts: Sequence[PrintedText]) -> PrintedField:
    number = _folded(document.document_number or "")
    if any(number in _folded(text.text) for text in texts):
        return PrintedField("document_number", PrintState.AGREES)
    # What else the zone states may be nearly the number: a personal number that was made from it, a date.
    others = {_folded(value) for value in (document.optional_data, document.optional_data_2) if value}
    for word in _words(texts):
        if word.isascii() and _folded(word) not in others and _digits_off(word, document.document_number or ""):
            return PrintedField("document_number", PrintState.DIFFERS, word)
    return PrintedField("document_number", PrintState.UNREAD)


def _dates(document: TravelDocument, texts: Sequence[PrintedText]) -> Iterator[PrintedField]:
    clear = {day for text in texts if text.confidence >= CLEAR for day in dates_in(text.text)}
    every = {day for text in texts for day in dates_in(text.text)}
    stated = {name: _whole(getattr(document, name)) for name in ("birth_date", "expiry_date")}
    for name, value in stated.items():
        if value is None:
            continue
        if any(_same_day(value, day) for day in every):
            yield PrintedField(name, PrintState.AGREES)
            continue
        # A date of issue is often one part off the date of expiry, or off a child's date of birth: only a birth long
        # before the issue can be told by being near.
        ends = stated["expiry_date"]
        near = sorted(
            day for day in clear if ends and day.year < ends.year - _LONGEST_VALID and _one_part_off(value, day)
        )
        if near and name == "birth_date":
            yield PrintedField(name, PrintState.DIFFERS, near[0].isoformat())
        else:
            yield PrintedField(name, PrintState.UNREAD)


def _whole(value: PartialDate | None) -> date | None:
    return value.as_date() if value is not None else None


def _same_day(value: date, day: date) -> bool:
    return (value.year % 100, value.month, value.day) == (day.year % 100, day.month, day.day)


def _one_part_off(value: date, day: date) -> bool:
    parts = zip((value.year, value.month, value.day), (day.year, day.month, day.day), strict=True)
    return sum(a != b for a, b in parts) == 1


def _name(field: str, document: TravelDocument, texts: Sequence[PrintedText]) -> PrintedField:
    whole = getattr(document, field)
    agrees = _name_stands(whole, texts) or all(_name_stands(part, texts) for part in whole.split())
    return PrintedField(field, PrintState.AGREES if agrees else PrintState.UNREAD)


def _name_stands(name: str, texts: Sequence[PrintedText]) -> bool:
    """Tell whether ``name`` is printed: a short one as words of its own, for ALI stands in NATIONALITY, LI in 11.04."""
    letters = _letters(name)
    if len(letters) >= _TELLING:
        return any(letters in _letters(text.text) for text in texts)
    return any(letters in _spelt(text.text) for text in texts)


def _spelt(text: str) -> set[str]:
    """Return the letters of the words of ``text`` that are no numbers, and of runs of up to three."""
    words = [_letters(word) for word in re.split(r"\W+", text) if any(character.isalpha() for character in word)]
    return {"".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)}


def _words(texts: Iterable[PrintedText]) -> Iterator[str]:
    """Yield the clear texts' words and runs of up to three, since gaps may part a number; only those with a digit."""
    for text in texts:
        if text.confidence < CLEAR:
            continue
        words = [re.sub(r"[^0-9A-Z]", "", word) for word in text.text.upper().split()]
        for size in (1, 2, 3):
            runs = ("".join(words[start : start + size]) for start in range(len(words) - size + 1))
            yield from (run for run in runs if any(character.isdigit() for character in run))


def _digits_off(word: str, number: str) -> bool:
    """Tell whether ``word`` is ``number`` but for one or two other digits; all else is a label's, or noise."""
    if len(word) != len(number) or len(number) < _SHORTEST:
        return False
    off = [(a, b) for a, b in zip(word, number, strict=True) if _folded(a) != _folded(b)]
    return 0 < len(off) <= _NEARLY and all(a.isdigit() and b.isdigit() for a, b in off)


def _folded(text: str) -> str:
    """Return the letters and digits of ``text`` with twins made one."""
    return re.sub(r"[^0-9A-Z]", "", text.upper()).translate(_TWINS)


def _letters(text: str) -> str:
    """Return the letters of ``text`` as a zone may have them, whichever way it writes Ä, Ö, Ü, Å and Ø, twins one.

    Doc 9303-3 §6 allows AE, OE, UE, AA and the plain letter; both sides are brought to the plain one.
    """
    decomposed = unicodedata.normalize("NFD", text.upper().replace("Ø", "O").replace("Æ", "A"))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    letters = re.sub(r"[^0-9A-Z]", "", to_mrz_characters(plain).replace(FILLER, ""))
    return re.sub(r"AE|AA", "A", letters).replace("OE", "O").replace("UE", "U").translate(_TWINS)
