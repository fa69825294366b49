"""Keys of a token that stay the same across spellings: a phonetic key, and the skeleton of its consonants.

Vowels vary freely between transliterations (YUSUF, YOUSSEF, YOUCEF), and so do SH/CH, K/Q/KH, J/DJ/ZH, S/Z, V/B/W.
"""

from __future__ import annotations

import re
from functools import lru_cache

_RULES = (
    ("CHTCH", "X"), ("SHCH", "X"), ("TSCH", "X"), ("TCH", "X"), ("SCH", "X"), ("SH", "X"), ("CH", "X"),
    ("DZH", "J"), ("DJ", "J"), ("ZH", "J"), ("KH", "K"), ("GH", "G"), ("DH", "D"), ("TH", "T"), ("PH", "F"),
    ("CK", "K"), ("QU", "K"), ("Q", "K"), ("CE", "SE"), ("CI", "SI"), ("CY", "SI"), ("C", "K"),
    ("GE", "JE"), ("GI", "JI"), ("LL", "I"), ("Z", "S"), ("V", "B"), ("W", "U"), ("H", ""),
    ("AI", "I"), ("AY", "I"), ("EI", "I"), ("EY", "I"), ("IE", "I"), ("YE", "I"), ("OU", "U"), ("IO", "U"),
    ("YO", "U"), ("IU", "U"), ("YU", "U"), ("IA", "A"), ("YA", "A"), ("Y", "I"), ("E", "I"), ("O", "U"),
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[AIU]")
_LEAST_CONSONANTS = 3


@lru_cache(maxsize=65_536)
def phonetic(token: str) -> str:
    """Return the phonetic key of a folded token."""
    key = token
    for spelled, sound in _RULES:
        key = key.replace(spelled, sound)
    return _DOUBLED.sub(r"\1", key)


def skeleton(token: str) -> str:
    """Return the consonants of the phonetic key, or the empty text where there are too few to tell tokens apart."""
    key = phonetic(token)
    consonants = _DOUBLED.sub(r"\1", _VOWELS.sub("", key).replace("G", "K"))
    if len(consonants) < _LEAST_CONSONANTS:
        return ""
    return ("A" if key[0] in "AIU" else "") + consonants
