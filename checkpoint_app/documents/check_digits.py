"""Check digits of machine readable zones: ICAO Doc 9303-3 §4.9, weights 7, 3, 1 repeating, sum modulo 10."""

from __future__ import annotations

FILLER = "<"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MRZ_CHARACTERS = frozenset(DIGITS + LETTERS + FILLER)

_WEIGHTS = (7, 3, 1)
_UPPER = {ord(letter.lower()): letter for letter in LETTERS}
_VALUES = {character: value for value, character in enumerate(DIGITS + LETTERS)} | {FILLER: 0}


def upper(text: str) -> str:
    """Return ``text`` with the letters a to z in upper case; others stay (``str.upper`` makes SS of ß and I of ı)."""
    return text.translate(_UPPER)


def check_digit(text: str) -> str:
    """Return the check digit of ``text``: digits count as they are, A = 10 … Z = 35, the filler 0.

    Raises KeyError for a character that is not one of ``MRZ_CHARACTERS``; callers have checked that.
    """
    return str(sum(_VALUES[character] * _WEIGHTS[place % 3] for place, character in enumerate(text)) % 10)


def indistinguishable(character: str) -> frozenset[str]:
    """Return the characters that no check digit tells from ``character``, itself included: equal modulo 10.

    They are {0 < A K U}, {1 B L V}, {2 C M W}, {3 D N X}, {4 E O Y}, {5 F P Z}, {6 G Q}, {7 H R}, {8 I S}, {9 J T}.
    """
    return frozenset(other for other, value in _VALUES.items() if value % 10 == _VALUES[character] % 10)
