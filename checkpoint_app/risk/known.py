"""What both kinds of subjects share: a mapping that leaves out what is not known, and one form for codes of states."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from checkpoint_app.documents import countries, icao_from_iso2

GERMANY_ICAO, GERMANY = "D", "DEU"
_MOST_CODE = 3


def state_code(text: str | None) -> str | None:
    """Return the code of a state, organisation or status as rules compare it, or None where nothing is stated.

    Three letters: ISO 3166-1 alpha-3, and ICAO's own codes (Doc 9303-3 §5: GBD, RKS, UNO, XXA …), which are states of
    their own here; Germany is ``DEU``, never ``D``. ISO alpha-2 codes are brought to three letters. A code that no
    list knows stays as it was sent: it is a value, too; but ``0`` and other texts without a letter say nothing.
    """
    code = (text or "").replace("<", "").strip().upper()
    if not any(character.isalpha() for character in code):
        return None
    if len(code) == _MOST_CODE - 1:
        code = icao_from_iso2(code) or code
    return GERMANY if code == GERMANY_ICAO else code


def is_listed_state(code: str) -> bool:
    """Tell whether a code of ``state_code`` is in the closed list of Doc 9303-3 §5."""
    return code == GERMANY or code in countries()


def only_known(fields: Mapping[str, object | None]) -> dict[str, object]:
    """Return the fields that were received: None is what was not, and a number beyond all bounds is none."""
    return {name: value for name, value in fields.items() if value is not None and not _is_boundless(value)}


def _is_boundless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def all_or_none(values: Iterable[str | None]) -> list[str] | None:
    """Return the values, once each in their order, or None where there is none, or one of them is not known.

    Of half a list nobody can say that something is not on it.
    """
    found = list(values)
    whole = [value for value in found if value]
    return list(dict.fromkeys(whole)) if whole and len(whole) == len(found) else None


def text_of(value: str | None) -> str | None:
    """Return a text that says something, or None."""
    return (value or "").strip() or None
