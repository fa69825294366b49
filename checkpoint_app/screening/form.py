"""Whether a record has the plain form of an entry already: then it is taken as it came, without an Entry in between."""

from __future__ import annotations

from checkpoint_app.screening.entry import Quality
from checkpoint_app.screening.plain import MAX_PARTS

_QUALITIES = frozenset(Quality)
_Parts = dict[str, type]
_FORM: dict[str, type | _Parts] = {
    "id": str,
    "schema": str,
    "sex": str,
    "birth_place": str,
    "remarks": str,
    "nationalities": list,
    "handling": list,
    "names": {"family": str, "given": str, "quality": str, "whole": bool},
    "birth_dates": {"first": str, "last": str, "circa": bool},
    "documents": {"number": str, "issuer": str},
}


def is_plain(record: object) -> bool:
    """Tell whether ``record`` holds nothing but what ``entry_to_plain`` writes. Lengths of texts are not looked at.

    One that does not may still be an entry (unknown keys, null for nothing): ``entry_from_plain`` decides.
    """
    if type(record) is not dict or not record.get("id"):
        return False
    for key, value in record.items():
        form = _FORM.get(key)
        if form is str:
            if type(value) is not str:
                return False
        elif type(value) is not list or len(value) > MAX_PARTS or not _are_parts(value, form):
            return False
    return True


def _are_parts(parts: list[object], form: object) -> bool:
    if type(form) is not dict:
        return form is list and all(type(part) is str for part in parts)
    for part in parts:
        if type(part) is not dict:
            return False
        for key, value in part.items():
            if type(value) is not form.get(key) or (key == "quality" and value not in _QUALITIES):
                return False
    return True
