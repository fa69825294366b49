"""What both kinds of subjects share: a mapping that leaves out what is not known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping


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
