"""Folding of names: list and traveller are brought to the same tokens, whatever the spelling of their source.

Latin letters follow the transliterations of ICAO Doc 9303 part 3, section 6 (Ä as AE, Ñ as N or NXX, …).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from checkpoint_app.documents import to_mrz_characters

MAX_TOKENS = 12
"""Most tokens of one field that are compared."""
MAX_LETTERS = 40
"""Most letters of one token that are compared; an MRZ line holds no longer one."""
MAX_TEXT = 400
"""Most characters of a field that are read."""

_LETTERS = str.maketrans(
    {
        "Ä": "AE", "Æ": "AE", "Å": "AA", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "Ñ": "N", "ß": "SS",
        "Þ": "TH", "Ð": "D", "Đ": "D", "Ł": "L", "Ĳ": "IJ", "Ŋ": "N", "Ħ": "H", "ẞ": "SS",
        "'": "", "’": "", "‘": "", "ʼ": "", "ʻ": "", "ʿ": "", "ʾ": "", "`": "", "´": "",
    }
)  # fmt: skip
_LOOKALIKES = str.maketrans("OQDILZSBG", "000112586")
_ROMANCE = ("DE", "LA", "LAS", "LOS", "DEL", "DA", "DO", "DOS", "DAS", "DI", "DU", "DES", "Y", "E", "O")
_PARTICLES = frozenset(
    (*_ROMANCE, "AL", "EL", "UL", "ED", "BIN", "BEN", "IBN", "BINT", "VAN", "VON", "DER", "DEN", "TER", "ZU")
)
_SERVANT = "ABD"
"""What all of them begin with."""
SERVANTS = frozenset(("ABD", "ABDEL", "ABDUL", "ABDAL", "ABDOUL", "ABDOL"))
_ARTICLES = ("AL", "EL", "UL", "OL")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_NOT_LETTERS = re.compile(r"[^A-Z]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> tuple[str, ...]:
    """Return the tokens of one name field: A to Z only, articles joined, particles dropped unless all is particles."""
    return fold_once(text)


def fold_once(text: str) -> tuple[str, ...]:
    """As ``fold``, for a text that hardly comes again: those of a long list would only push each other out."""
    tokens = _words(text)
    if _SERVANT in " ".join(tokens):
        tokens = _servants(tokens)
    if _PARTICLES.isdisjoint(tokens):
        return tuple(tokens[:MAX_TOKENS])
    return tuple(t for t in tokens if t not in _PARTICLES)[:MAX_TOKENS] or tuple(tokens[:MAX_TOKENS])


def is_married_form(family_name: str) -> bool:
    """Tell whether a family name has the form X DE Y that married women carry in much of Latin America."""
    words = _words(family_name)
    return "DE" in words[1:-1]


def fold_number(number: str) -> str:
    """Return a document number for comparison: upper case, letters and digits only, leading zeros kept."""
    number = number[:MAX_TEXT]
    if number.isascii() and number.isalnum():
        return number.upper()
    plain = unicodedata.normalize("NFKC", number).upper()
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def confusable(number: str) -> str:
    """Return a folded number with the letters written as the digits that they are misread as (O for 0, I for 1, …)."""
    return number.translate(_LOOKALIKES)


def fold_state(code: str) -> str:
    """Return a state's code for comparison: the ICAO codes of one state (GBD, GBN …; DEU for D) become one."""
    code = code.strip().strip("<").upper()
    if code in {"GBD", "GBN", "GBO", "GBP", "GBS"}:
        return "GBR"
    return "D" if code == "DEU" else code


def _words(text: str) -> list[str]:
    text = text[:MAX_TEXT]
    if not text.isascii() and _CYRILLIC.search(text):
        text = to_mrz_characters(text)
    return [word for part in text.split() for word in _words_of_part(part)]


@lru_cache(maxsize=65_536)
def _words_of_part(part: str) -> tuple[str, ...]:
    """Return the words of what stands between blanks: names share their parts, so most are folded already."""
    upper = unicodedata.normalize("NFC", part).upper().translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", upper) if not unicodedata.combining(c)).upper()
    # NXX and UXX: how ICAO lets a state write Ñ and Ü.
    words = (word.replace("NXX", "N").replace("UXX", "UE") for word in _NOT_LETTERS.sub(" ", plain).split())
    return tuple(word[:MAX_LETTERS] for word in words)


def servant_of(name: str) -> str:
    """Return the name that ABD, ABDUL or the like makes of the name after it."""
    return ("ABDUL" + name)[:MAX_LETTERS]


def _servants(words: list[str]) -> list[str]:
    """Join ABD AL X, ABDEL X and the like to ABDULX: ABD is never a name by itself."""
    tokens: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        step = 1
        if word in SERVANTS:
            if at + 2 < len(words) and words[at + 1] in _ARTICLES:
                step = 2
            if at + step < len(words):
                tokens.append(servant_of(words[at + step]))
                at += step + 1
                continue
        elif word[:5] in {"ABDEL", "ABDAL"} and len(word) > 7:
            word = "ABDUL" + word[5:]
        tokens.append(word)
        at += 1
    return tokens
