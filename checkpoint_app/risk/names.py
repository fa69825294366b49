"""Names as rules and carriers' lists are compared by: tokens in the letters of a zone (Doc 9303-3 §6)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkpoint_app.cargo.comparing import TITLES
from checkpoint_app.cargo.values import Passenger
from checkpoint_app.documents import to_mrz_characters, unknown_characters

_TITLED = re.compile(rf"(?:{'|'.join(TITLES)})+")
_LEAST_STEM = 3
"""Letters that stand before a glued title (``JOHNMR``); shorter, it is a name of its own (``AMR``)."""


def tokens_of(family: str | None, given: str | None) -> list[str] | None:
    """Return the tokens of a name, family names first, in capitals A to Z; None where a part of it is not known.

    So it is of letters that nothing here writes in a zone's.
    """
    if family is None or given is None or unknown_characters(f"{family} {given}"):
        return None
    return _tokens(f"{family} {given}") or None


def listed_tokens(passenger: Passenger) -> list[str] | None:
    """Return the tokens of a name as a carrier lists it, titles aside, also those glued to the given name.

    None where a part of it was not sent, or could not be read.
    """
    if passenger.unreadable or tokens_of(passenger.family, passenger.given) is None:
        return None
    given = [_without_title(token) for token in _tokens(passenger.given or "")]
    return [*_tokens(passenger.family or ""), *(token for token in given if token)]


def names_differ(mine: Sequence[str] | None, theirs: Sequence[str] | None) -> bool | None:
    """Tell whether two names are of two people: neither has all tokens of the other, nor are their letters the same.

    Carriers leave out second names, and part or join them at will. None where either says nothing.
    """
    if not mine or not theirs:
        return None
    here, there = set(mine), set(theirs)
    if here <= there or there <= here:
        return False
    return "".join(sorted("".join(mine))) != "".join(sorted("".join(theirs)))


def _tokens(text: str) -> list[str]:
    return [token for token in re.split("[^A-Z]+", to_mrz_characters(text.upper())) if token]


def _without_title(token: str) -> str:
    if _TITLED.fullmatch(token):
        return ""
    for title in TITLES:
        stem = token.removesuffix(title)
        if stem != token and len(stem) >= _LEAST_STEM:
            return stem
    return token
