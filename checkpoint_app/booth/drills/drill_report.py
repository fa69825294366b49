"""The last drill as plain data, alike for window and command. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkpoint_app.store.line_history import DrillRow
from checkpoint_app.wire.plain import to_plain

_COUNTS = ("lasted_s", "decided", "asked", "raised", "lowered", "unchecked")


def report(row: DrillRow | None) -> dict[str, Any]:
    """Return what is known of a drill: {"drill": None} where there was none.

    ``state`` is going_on or over; ``raised`` counts Encounters of which the centre found more than the booth,
    ``lowered`` those of which it found less, ``unchecked`` those it could not be asked about; ``late_hits`` those that
    are a late hit by now.
    """
    if row is None:
        return {"drill": None}
    ended = row.ended or {}
    told: dict[str, Any] = {
        "begun": to_plain(row.at),
        "state": "going_on" if row.ended is None else "over",
        "minutes": _count(row.begun, "minutes"),
        "by": str(row.begun.get("by", "")),
        "officer": str(row.begun.get("officer", "")),
        "why": str(ended.get("why", "")),
        **{name: _count(ended, name) for name in _COUNTS},
        "late_hits": row.late,
        "lists": [dict(one) for one in ended.get("lists", ()) if isinstance(one, Mapping)],
    }
    if row.ended is None:
        told["decided"] = len(row.decided)
    return {"drill": told}


def _count(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    return value if type(value) is int and value >= 0 else 0
