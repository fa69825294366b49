"""The fields of a traveller as the centre makes them of an Encounter's events, by the same code as the booth.

It has the document and how the traveller came, not what the booth had of carriers' lists and of its own journal: those
it knows as far as the event of the evaluation tells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from checkpoint_app.documents import parse_mrz
from checkpoint_app.risk.catalogue import Catalogue, FieldType
from checkpoint_app.risk.fields import CrossingFacts, traveller_fields
from checkpoint_app.verdict import Mode
from checkpoint_app.wire.plain import from_plain

Fields = Mapping[str, object]


def derived(read: Mapping[str, Any], on: date, mode: Mode) -> dict[str, object]:
    """Return the fields that the body of a reading gives: nothing of a document that its reader does not vouch for.

    A part of a zone whose check digit is wrong gives nothing either. Raises ValueError, KeyError, TypeError, MrzError
    for a body that says nothing sensible.
    """
    lines = from_plain(tuple[str, ...], read["mrz"])
    if not lines or read["doubtful"] or read.get("doubts"):
        return {}
    opened_at = from_plain(datetime, read["opened_at"])
    mrz = parse_mrz(lines, opened_at.date())
    crossing = CrossingFacts(from_plain(str, read["direction"]), from_plain(str, read["lane"]), mode)
    return traveller_fields(mrz.document, on, crossing, in_doubt={fault.field for fault in mrz.faults})


def told(fields: Mapping[str, Any], types: Catalogue) -> dict[str, object]:
    """Return the fields of an event as rules read them: a number with a fraction is a text there."""
    return {name: _value(value, types.types.get(name)) for name, value in fields.items()}


def _value(value: object, kind: FieldType | None) -> object:
    if kind is not FieldType.DOUBLE or not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return None
