"""What the journal says of one Encounter, as one row: a fold over its events, pure, so that a replay gives the same.

Bodies are those of docs/architecture.md. The fold is tolerant of what is absent (an erased body, an older program) and
exact about what is there: a key of another type counts as absent, never as something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from checkpoint_app.store.subject_keys import document_key, person_key
from checkpoint_app.wire.event import EventKind

READ, ANSWERED, REOPENED, CLOSED = "read", "answered", "reopened", "closed"


@dataclass(frozen=True, slots=True)
class EncounterRow:
    """An Encounter as projected. ``*_at`` are UTC texts of the booth's clock; ``document`` is canonical JSON.

    ``state`` is read, answered, reopened or closed; an Encounter is open until it is closed. One whose read was erased
    counts as closed, whatever else remains of it. ``consignment`` is the number of the goods it is about, empty for
    goods without one, None for a person; ``vehicle`` the plate.
    """

    encounter_id: str
    first_seq: int
    last_seq: int
    state: str = READ
    read_at: str | None = None
    direction: str | None = None
    lane: str | None = None
    officer: str | None = None
    document: str | None = None
    document_key: str | None = None
    person_key: str | None = None
    advice: str | None = None
    answered_at: str | None = None
    disposition: str | None = None
    reason_code: str | None = None
    decided_at: str | None = None
    decided_by: str | None = None
    consignment: str | None = None
    vehicle: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the Encounter still waits for its disposition."""
        return self.state != CLOSED

    def document_fields(self) -> dict[str, Any]:
        """Return the document's fields as read; empty where there is none."""
        return dict(json.loads(self.document)) if self.document else {}


COLUMNS = tuple(field.name for field in fields(EncounterRow))


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as the projections see it: its place, kind, time (UTC text) and body."""

    seq: int
    kind: EventKind
    at: str
    body: Mapping[str, Any]


def encounter_id(happening: Happening) -> str | None:
    """Return the Encounter that an event names, or None."""
    return text(happening.body, "encounter_id")


def step(row: EncounterRow | None, happening: Happening) -> EncounterRow | None:
    """Return the row after one more event; as it was, where the event names no Encounter or does not change its row."""
    name = encounter_id(happening)
    if name is None or happening.kind not in _CHANGES:
        return row
    row = row or EncounterRow(name, happening.seq, happening.seq)
    return replace(row, last_seq=happening.seq, **_CHANGES[happening.kind](row, happening))


def fold(happenings: Iterable[Happening]) -> EncounterRow | None:
    """Return the row of all events of one Encounter, in their order; None where none makes one."""
    row = None
    for happening in happenings:
        row = step(row, happening)
    return row


def text(body: Mapping[str, Any], name: str) -> str | None:
    """Return a text of the body; None where it is missing, empty, or no text."""
    value = body.get(name)
    return value if isinstance(value, str) and value else None


def officer_id(body: Mapping[str, Any]) -> str | None:
    """Return the id of the body's officer, which is written as the id or as a mapping with ``id``."""
    officer = body.get("officer")
    return text(officer, "id") if isinstance(officer, Mapping) else text(body, "officer")


def _read(row: EncounterRow, happening: Happening) -> dict[str, Any]:
    return {"state": READ, "read_at": row.read_at or happening.at, **_subject(happening.body)}


def _answered(row: EncounterRow, happening: Happening) -> dict[str, Any]:
    verdict = happening.body.get("verdict")
    advice = text(verdict, "advice") if isinstance(verdict, Mapping) else None
    return {"state": ANSWERED if row.read_at else CLOSED, "advice": advice, "answered_at": happening.at}


def _reopened(row: EncounterRow, _happening: Happening) -> dict[str, Any]:
    return {"state": REOPENED if row.read_at else CLOSED}


def _subject(body: Mapping[str, Any]) -> dict[str, Any]:
    document = body.get("document")
    known = document if isinstance(document, Mapping) else {}
    return {
        "direction": text(body, "direction"),
        "lane": text(body, "lane"),
        "officer": officer_id(body),
        "document": json.dumps(known, ensure_ascii=False, sort_keys=True) if known else None,
        "document_key": document_key(known),
        "person_key": person_key(known),
        "consignment": _consignment(body),
        "vehicle": text(body, "vehicle"),
    }


def _consignment(body: Mapping[str, Any]) -> str | None:
    read = body.get("consignment")
    if not isinstance(read, Mapping):
        return None
    named, equipment = read.get("consignment"), read.get("equipment")
    first = equipment[0] if isinstance(equipment, list) and equipment else None
    numbers = (text(one, "number") for one in (named, first) if isinstance(one, Mapping))
    return next((number for number in numbers if number), "")


def _decided(row: EncounterRow, happening: Happening) -> dict[str, Any]:
    body = happening.body
    return {
        "state": CLOSED,
        "decided_at": happening.at,
        "disposition": text(body, "disposition"),
        "reason_code": text(body, "reason_code"),
        "decided_by": officer_id(body),
        "advice": text(body, "advice") or row.advice,
        "direction": text(body, "direction") or row.direction,
    }


_CHANGES: Mapping[EventKind, Callable[[EncounterRow, Happening], dict[str, Any]]] = {
    EventKind.ENCOUNTER_READ: _read,
    EventKind.ENCOUNTER_CORRECTED: _read,
    EventKind.ENCOUNTER_ANSWERED: _answered,
    EventKind.ENCOUNTER_REOPENED: _reopened,
    EventKind.DISPOSITION: _decided,
}

CHANGING = frozenset(_CHANGES)
"""The kinds of event that an Encounter's row is folded from."""
