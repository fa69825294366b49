"""Which characters of two values differ: what the eye is led to when traveller and entry stand side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

Marks = tuple[tuple[int, int], ...]
"""Ranges of places (begin, end) within a value."""
BETWEEN = {"birth_date": " / ", "document_number": ", ", "nationality": ", "}
"""What stands between several values of one fact of an entry."""
NEAR = 0.6
"""From this likeness (0 to 1) on two values are alike; what is less alike is marked as a whole."""
MOST_LETTERS = 200
"""Values that are longer are not compared letter by letter."""


def plain(text: str) -> str:
    """Return ``text`` without case and accents, letter by letter, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", letter)[:1].upper()[:1] for letter in text)


def likeness(left: str, right: str) -> float:
    """Return how alike two values are, from 0 to 1."""
    return SequenceMatcher(None, plain(left)[:MOST_LETTERS], plain(right)[:MOST_LETTERS], autojunk=False).ratio()


def marks_of_names(left: str, right: str) -> tuple[Marks, Marks]:
    """Mark the letters that differ, insertions only where they stand; names that are not alike as a whole."""
    if likeness(left, right) < NEAR or max(len(left), len(right)) > MOST_LETTERS:
        return whole(left), whole(right)
    matcher = SequenceMatcher(None, plain(left), plain(right), autojunk=False)
    changes = [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    return (
        tuple((i1, i2) for _, i1, i2, _, _ in changes if i2 > i1),
        tuple((j1, j2) for _, _, _, j1, j2 in changes if j2 > j1),
    )


def marks_of_digits(left: str, right: str) -> tuple[Marks, Marks]:
    """Mark the digits that differ, place by place, as far as both go; then what one of them says more."""
    places = [at for at in range(min(len(left), len(right))) if plain(left[at]) != plain(right[at])]
    runs: list[tuple[int, int]] = []
    for at in places:
        if runs and runs[-1][1] == at:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    shared = min(len(left), len(right))
    more = [((shared + (text[shared : shared + 1] == "-"), len(text)),) if len(text) > shared else () for text in
            (left, right)]  # fmt: skip
    return (*runs, *more[0]), (*runs, *more[1])


def marks_of_numbers(left: str, right: str) -> tuple[Marks, Marks]:
    """Mark the characters of document numbers that differ: place by place where both are of one length."""
    return marks_of_digits(left, right) if len(left) == len(right) else marks_of_names(left, right)


def whole(text: str) -> Marks:
    """Mark all of a value."""
    return ((0, len(text)),) if text else ()


def closest(left: str, values: Sequence[str], said: str = "") -> int:
    """Return which of ``values`` comes closest to ``left``; one that is ``said`` to be it comes before all."""
    if said in values:
        return values.index(said)

    def likely(at: int) -> float:
        same = sum(one == other for one, other in zip(plain(left), plain(values[at]), strict=False))
        return likeness(left, values[at]) + same / max(len(left), 1)

    return max(range(len(values)), key=lambda at: (likely(at), -at))
