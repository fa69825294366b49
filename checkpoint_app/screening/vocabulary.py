"""The distinct tokens of a list, and the neighbours of a token among them: fuzzy work happens here, not on persons."""

from __future__ import annotations

import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from checkpoint_app.screening.mandarin import mandarin_keys
from checkpoint_app.screening.sections import check_below, require
from checkpoint_app.screening.sound import phonetic, skeleton, vowel_pattern

Ids = npt.NDArray[np.uint32]
LEAST_FOR_EDITS = 4
"""Shorter tokens get no credit for edits: one letter is another name there (LI, LU)."""
LEAST_FOR_DOUBLES = 3
LEAST_FOR_TWO_EDITS = 7
LEAST_FOR_PREFIX = 3
_LEAST_AFTER_ARTICLE = 4
_DOUBLED = re.compile(r"(.)\1+")
_TOKENS_AT_ONCE = 8_192
"""So many tokens get all their keys before the next: the keys share what the caches of ``sound`` hold."""
_SECTIONS = ("sound", "vowels", "bones", "edits")


class Likeness(StrEnum):
    """How a token of the list is like a token of the traveller, closest first."""

    EXACT = "exact"
    PREFIX = "prefix"
    SOUND = "sound"
    EDIT = "edit"
    VOWELS = "vowels"
    BONES = "bones"


class Vocabulary:
    """Tokens in alphabetical order, numbered from 0, with sorted tables of hashed keys that lead to them."""

    def __init__(self, tokens: Sequence[str], tables: Mapping[str, tuple[Ids, Ids]]) -> None:
        self.tokens = tokens
        self._tables = tables

    def __len__(self) -> int:
        return len(self.tokens)

    def number(self, token: str) -> int:
        """Return the number of ``token``, or -1 where the list does not have it."""
        at = bisect_left(self.tokens, token)
        return at if at < len(self.tokens) and self.tokens[at] == token else -1

    def neighbours(self, token: str, truncated: bool = False) -> dict[Likeness, Ids]:
        """Return the numbers of the tokens like ``token``, each under its closest likeness only."""
        found: dict[Likeness, Ids] = {}
        seen: set[int] = set()
        for likeness, numbers in self._candidates(token, truncated):
            fresh = sorted({int(n) for n in numbers} - seen)
            if fresh:
                seen.update(fresh)
                found[likeness] = np.array(fresh, np.uint32)
        return found

    def _candidates(self, token: str, truncated: bool) -> Iterator[tuple[Likeness, Iterable[int]]]:
        exact = self.number(token)
        if truncated:
            if len(token) >= LEAST_FOR_PREFIX:
                yield Likeness.PREFIX, range(bisect_left(self.tokens, token), bisect_left(self.tokens, token + "["))
            return
        if exact >= 0:
            yield Likeness.EXACT, (exact,)
        yield Likeness.SOUND, [*self._look_up("sound", _sound_keys(token)), *self._articles(token)]
        if len(token) >= LEAST_FOR_EDITS:
            yield Likeness.EDIT, self._edits(token)
        yield Likeness.VOWELS, self._look_up("vowels", _vowel_keys(token))
        yield Likeness.BONES, self._look_up("bones", _bone_keys(token))

    def same_mandarin(self, token: str) -> list[int]:
        """Return the tokens that read as the same Chinese syllables."""
        return self._look_up("sound", ["Z" + key for key in mandarin_keys(token)])

    def _articles(self, token: str) -> list[int]:
        """Return the tokens that differ by a joined Arabic article only: ALTIKRITI, ELTIKRITI, TIKRITI."""
        bare = token[2:] if token[:2] in {"AL", "EL"} and len(token) >= 2 + _LEAST_AFTER_ARTICLE else token
        if len(bare) < _LEAST_AFTER_ARTICLE:
            return []
        return [n for n in map(self.number, {bare, "AL" + bare, "EL" + bare} - {token}) if n >= 0]

    def _edits(self, token: str) -> list[int]:
        near = []
        for number in self._look_up("edits", _edit_keys(token)):
            other = self.tokens[number]
            long = min(len(token), len(other)) >= LEAST_FOR_TWO_EDITS
            most = 2 if long else 1
            if len(other) >= LEAST_FOR_EDITS and OSA.distance(token, other, score_cutoff=most) <= most:
                near.append(number)
        return near

    def _look_up(self, table: str, keys: Iterable[str]) -> list[int]:
        hashes, numbers = self._tables[table]
        wanted = np.array([_hash(key) for key in keys], dtype=hashes.dtype)
        if not len(wanted):
            return []
        firsts = np.searchsorted(hashes, wanted, "left").tolist()
        lasts = np.searchsorted(hashes, wanted, "right").tolist()
        return [n for first, last in zip(firsts, lasts, strict=True) for n in numbers[first:last].tolist()]

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """Yield the vocabulary as named sections."""
        yield "tokens.text", "\n".join(self.tokens).encode("ascii")
        for table in _SECTIONS:
            hashes, numbers = self._tables[table]
            yield f"tokens.{table}.hash", hashes.tobytes()
            yield f"tokens.{table}.number", numbers.tobytes()

    @classmethod
    def load(cls, sections: Mapping[str, bytes | memoryview]) -> Vocabulary:
        """Load what ``sections`` gave."""
        text = bytes(sections["tokens.text"]).decode("ascii")
        tables = {
            table: (
                np.frombuffer(sections[f"tokens.{table}.hash"], np.uint32),
                np.frombuffer(sections[f"tokens.{table}.number"], np.uint32),
            )
            for table in _SECTIONS
        }
        tokens = text.split("\n") if text else []
        for table, (hashes, numbers) in tables.items():
            require(len(hashes) == len(numbers), f"tokens.{table}.hash")
            check_below(numbers, len(tokens), f"tokens.{table}.number")
        return cls(tokens, tables)

    @classmethod
    def build(cls, tokens: Sequence[str]) -> Vocabulary:
        """Build the vocabulary of ``tokens``, which are sorted and distinct."""
        keys = {"sound": _sound_keys, "vowels": _vowel_keys, "bones": _bone_keys, "edits": _edit_keys}
        columns = {table: (array("I"), array("I")) for table in _SECTIONS}
        for begin in range(0, len(tokens), _TOKENS_AT_ONCE):
            some = range(begin, min(begin + _TOKENS_AT_ONCE, len(tokens)))
            for table, (hashes, numbers) in columns.items():
                for number in some:
                    hashed = [_hash(key) for key in keys[table](tokens[number])]
                    hashes.extend(hashed)
                    numbers.extend([number] * len(hashed))
        return cls(tokens, {table: _table(*columns[table]) for table in _SECTIONS})


def _table(hashes: array[int], numbers: array[int]) -> tuple[Ids, Ids]:
    """Return hashes, ascending, and the numbers of their tokens, which came in ascending order."""
    keys = np.array(hashes, np.uint32)
    order = np.argsort(keys, kind="stable")
    return keys[order], np.array(numbers, np.uint32)[order]


def _sound_keys(token: str) -> list[str]:
    keys = ["Z" + key for key in mandarin_keys(token)]
    if len(token) >= LEAST_FOR_EDITS:
        keys.extend("S" + key for key in phonetic(token))
    if len(token) >= LEAST_FOR_DOUBLES:
        # ANA and ANNA, ELA and ELLA: too short for sounds and edits, yet the same name in another country's spelling.
        keys.append("D" + _DOUBLED.sub(r"\1", token))
    return keys


def _bone_keys(token: str) -> list[str]:
    return sorted(skeleton(token))


def _vowel_keys(token: str) -> list[str]:
    return sorted(vowel_pattern(token)) if len(token) >= LEAST_FOR_EDITS else []


def _edit_keys(token: str) -> set[str]:
    """The token and what is left of it without one letter: two tokens one edit apart share one of these."""
    if len(token) < LEAST_FOR_EDITS:
        return set()
    return {token} | {token[:i] + token[i + 1 :] for i in range(len(token))}


def _hash(key: str) -> int:
    return zlib.crc32(key.encode("ascii"))
