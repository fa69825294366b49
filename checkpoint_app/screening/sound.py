"""Keys of a token that stay the same across spellings: a phonetic key, and the skeleton of its consonants.

Vowels vary freely between transliterations (YUSUF, YOUSSEF, YOUCEF), and so do SH/CH, K/Q/KH, J/DJ/ZH, S/Z, V/B/W.
"""

from __future__ import annotations

import re
from functools import lru_cache

_RULES = (
    ("CHTCH", "X"), ("SHCH", "X"), ("TSCH", "X"), ("TCH", "X"), ("SCH", "X"), ("SH", "X"), ("CH", "X"),
    ("DZH", "J"), ("DJ", "J"), ("ZH", "J"), ("GH", "G"), ("DH", "D"), ("TH", "T"), ("PH", "F"),
    ("CK", "K"), ("QU", "K"), ("Q", "K"), ("CE", "SE"), ("CI", "SI"), ("CY", "SI"), ("C", "K"),
    ("GE", "JE"), ("GI", "JI"), ("LL", "I"), ("Z", "S"), ("V", "B"), ("W", "U"),
    ("AI", "I"), ("AY", "I"), ("EI", "I"), ("EY", "I"), ("IE", "I"), ("YE", "I"), ("OU", "U"), ("IO", "U"),
    ("YO", "U"), ("IU", "U"), ("YU", "U"), ("IA", "A"), ("YA", "A"), ("Y", "I"), ("E", "I"), ("O", "U"),
)  # fmt: skip
_READINGS = (("KH", ("K", "")), ("H", ("", "G")), ("J", ("J", "I")))
"""Letters that different languages sound differently; each reading gives a key of its own."""
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[AIU]+")
_LEAST_CONSONANTS = 3


@lru_cache(maxsize=65_536)
def phonetic(token: str) -> tuple[str, ...]:
    """Return the phonetic keys of a folded token, one to eight, sorted."""
    key = token
    for spelled, sound in _RULES:
        key = key.replace(spelled, sound)
    keys = {key}
    for letters, readings in _READINGS:
        keys = {k.replace(letters, reading) for k in keys for reading in readings}
    return tuple(sorted({_DOUBLED.sub(r"\1", k) for k in keys} - {""}))


def vowel_pattern(token: str) -> set[str]:
    """Return the phonetic keys with any vowels alike: MARK and MERK agree, MARK and MARIK do not."""
    patterns = {_VOWELS.sub("A", key) for key in phonetic(token)}
    return {pattern for pattern in patterns if len(pattern.replace("A", "")) >= _LEAST_CONSONANTS - 1}


def skeleton(token: str) -> set[str]:
    """Return the consonants of the phonetic keys, where there are enough of them to tell tokens apart."""
    bones = set()
    for key in phonetic(token):
        consonants = _DOUBLED.sub(r"\1", _VOWELS.sub("", key).replace("G", "K"))
        if len(consonants) >= _LEAST_CONSONANTS:
            bones.add(("A" if key[0] in "AIU" else "") + consonants)
    return bones
