"""What the centre reads out of events' bodies: which events tell of an Encounter, who was cleared, steps of cases.

Rows are written in the transaction that stores the body. What a body says is a booth's word: one of another shape is
kept as it came, projected into nothing, and an alarm says so.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from checkpoint_app.central import (
    alarms,
    cases,
    clearances,
    crossings,
    database,
    evaluations,
    goods,
    rule_subjects,
)
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.clearances import Decision, People
from checkpoint_app.central.lineage import gone_from, lineage
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.case import Case, CaseOutcome
from checkpoint_app.wire.clearance import person_bytes
from checkpoint_app.wire.event import MAX_BODY_BYTES, MAX_HEADER_BYTES, SALT_BYTES, EventKind
from checkpoint_app.wire.goods import GoodsMarks, marks_of
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

MAX_TEXT = 200
MAX_PERSON_BYTES = 4096
"""Most bytes of a person who was cleared: many times what a document has. All that are held are read to publish."""
_COLUMNS = {
    EventKind.ENCOUNTER_READ: "read_seq",
    EventKind.ENCOUNTER_CORRECTED: "read_seq",
    EventKind.ENCOUNTER_ANSWERED: "answered_seq",
    EventKind.DISPOSITION: "decided_seq",
}
NEEDED = tuple(_COLUMNS)
"""The events without whose bodies an Encounter can't be screened again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands."""

    booth: str
    chain: int
    seq: int

    @property
    def use(self) -> str:
        """What the vault seals its body for."""
        return f"body {self.booth} {self.chain} {self.seq}"


class BodyShapeError(ValueError):
    """A body is not of the shape that its kind has; the message names the field, never its value."""


def read_body(salted: bytes) -> Mapping[str, Any]:
    """Return the body of ``salted`` (salt ‖ canonical bytes). Raises BodyShapeError."""
    try:
        body = read_canonical(salted[SALT_BYTES:], MAX_BODY_BYTES)
    except CanonicalError as error:
        raise BodyShapeError(str(error)) from error
    if not isinstance(body, dict):
        raise BodyShapeError("the body is no mapping")
    return body


def project(centre: Centre, connection: Connection, place: Place, kind: EventKind, salted: bytes) -> None:
    """Write what the body of the event at ``place`` changes; one that is not as it should be sounds an alarm."""
    step = _STEPS.get(kind)
    if step is None:
        return
    try:
        step(centre, connection, place, kind, read_body(salted))
    except BodyShapeError:
        alarms.sound(centre, connection, "bad_body", place.booth, {"chain": place.chain, "seq": place.seq})


def project_again(centre: Centre, connection: Connection, kind: EventKind) -> None:
    """Project every body of this kind that is here: for a table that an older program did not have."""
    events, bodies = database.events, database.bodies
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    asked = select(events.c.booth, events.c.chain, events.c.seq, bodies.c.sealed).join(bodies, beside)
    asked = asked.where(events.c.kind == kind.value, bodies.c.sealed.is_not(None))
    for row in connection.execute(asked.order_by(events.c.booth, events.c.chain, events.c.seq)).all():
        place = Place(row.booth, row.chain, row.seq)
        project(centre, connection, place, kind, centre.vault.open(row.sealed, place.use))


def body_at(centre: Centre, connection: Connection, place: Place) -> tuple[str, Mapping[str, Any]] | None:
    """Return header text and body of the event that stands at ``place`` in the chain as it was then; None: not here.

    Raises SealError, BodyShapeError.
    """
    events, bodies = database.events, database.bodies
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    row = connection.execute(
        select(events.c.chain, events.c.header, bodies.c.sealed)
        .join(bodies, beside)
        .where(events.c.booth == place.booth, events.c.seq == place.seq)
        .where(events.c.chain.in_(lineage(connection, place.booth, place.chain)))
        .order_by(events.c.chain.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.sealed is None:
        return None
    opened = centre.vault.open(row.sealed, Place(place.booth, row.chain, place.seq).use)
    return row.header, read_body(opened)


def subject_key(centre: Centre, person: Mapping[str, Any]) -> str | None:
    """Return the keyed digest of a person, as `wire.clearance` defines one; None while a part of it is not known.

    An HMAC, for the table is not sealed.
    """
    known = person_bytes(person)
    return None if known is None else _subject(centre, known)


def _subject(centre: Centre, person: bytes) -> str:
    return hmac.digest(centre.vault.derived("subjects"), person, "sha256").hex()


# -- steps ------------------------------------------------------------------------------------------------------------


def _encounter(centre: Centre, connection: Connection, place: Place, kind: EventKind, body: Mapping[str, Any]) -> None:
    """Note the latest event of its kind for the Encounter, whatever the order in which bodies come."""
    _noted(connection, place, kind, body)
    if kind != EventKind.ENCOUNTER_ANSWERED:
        table, name = database.encounters, _text(body, "encounter_id")
        rule_subjects.touch(connection, place.booth, name)
        row = connection.execute(select(table).where(table.c.booth == place.booth, table.c.encounter_id == name)).one()
        _crossing(centre, connection, row)


def _crossing(centre: Centre, connection: Connection, row: Row[Any]) -> None:
    """Write the crossing that an Encounter was, once both what was read and what was decided is here."""
    if row.read_seq is None or row.decided_seq is None:
        crossings.drop(connection, row.booth, row.encounter_id)
        goods.drop(connection, row.booth, row.encounter_id)
        return
    read = body_at(centre, connection, Place(row.booth, row.chain, row.read_seq))
    decided = body_at(centre, connection, Place(row.booth, row.chain, row.decided_seq))
    if decided is None or read is None:
        return
    at, document = to_plain(moment_of(decided[0])), read[1].get("document")
    if isinstance(document, dict):
        crossings.keep(connection, row, crossings.keys_of(centre, document), decided[1], at)
    goods.keep(centre, connection, row, marks_of(read[1]) or GoodsMarks(), decided[1], at)


def project_crossings(centre: Centre, connection: Connection) -> None:
    """Write the crossings of all Encounters: for a table that an older program did not have."""
    table = database.encounters
    for row in connection.execute(select(table).where(table.c.decided_seq.is_not(None))).all():
        try:
            _crossing(centre, connection, row)
        except (BodyShapeError, CanonicalError, PlainError, KeyError):  # it was told when the event came
            continue


def moment_of(header: str) -> datetime:
    """Return when an event happened: by the booth's clock, or the latest moment it had learned, if that is later.

    Raises CanonicalError, PlainError, KeyError for what is no event's header.
    """
    plain = read_canonical(header.encode(), MAX_HEADER_BYTES)
    wall, trusted = from_plain(datetime, plain["wall_time"]), plain["trusted_time"]
    return wall if trusted is None else max(wall, from_plain(datetime, trusted))


def _noted(connection: Connection, place: Place, kind: EventKind, body: Mapping[str, Any]) -> None:
    table, name = database.encounters, _text(body, "encounter_id")
    this = (table.c.booth == place.booth) & (table.c.encounter_id == name)
    row = connection.execute(select(table).where(this)).one_or_none()
    column = _COLUMNS[kind]
    if row is None:
        new = {"booth": place.booth, "encounter_id": name, "chain": place.chain, column: place.seq}
        connection.execute(table.insert().values(**new))
        return
    changed = _carried(connection, row, place)
    before = changed.get(column, getattr(row, column)) or 0
    if kind == EventKind.ENCOUNTER_CORRECTED and place.seq > before:
        changed["screened_seq"] = 0  # its body came late: what was screened was another reading
    connection.execute(update(table).where(this).values(**changed | {column: max(before, place.seq)}))


def _carried(connection: Connection, row: Row[Any], place: Place) -> dict[str, Any]:
    """Return what changes in an Encounter's row as its booth's chain went on from an earlier event, as a new one."""
    if place.chain <= row.chain:
        return {}
    first = gone_from(connection, place.booth, row.chain, place.chain)
    first = place.seq if first is None else first
    gone = {column: None for column in set(_COLUMNS.values()) if (getattr(row, column) or 0) >= first}
    return {"chain": place.chain, "screened_seq": 0, **gone}


def _cleared(centre: Centre, connection: Connection, place: Place, _kind: EventKind, body: Mapping[str, Any]) -> None:
    person = body.get("person")
    if not isinstance(person, dict):
        raise BodyShapeError("person: expected a mapping")
    try:
        until = from_plain(datetime, _text(body, "until"))
    except PlainError as error:
        raise BodyShapeError(f"until: {error}") from error
    entry = _text(body, "list"), _text(body, "entry_id"), _text(body, "entry_digest")
    made_by = _text(body, "officer"), _text(body, "supervisor")
    known = person_bytes(person)
    if known is not None and len(known) > MAX_PERSON_BYTES:
        raise BodyShapeError(f"person: expected at most {MAX_PERSON_BYTES} bytes")
    if known is not None:
        decision = Decision(*entry, until, People(known, *made_by))
        clearances.take_in(centre, connection, (place.booth, place.chain, place.seq), decision, _subject(centre, known))


def _evaluated(
    _centre: Centre, connection: Connection, place: Place, _kind: EventKind, body: Mapping[str, Any]
) -> None:
    at = {"booth": place.booth, "chain": place.chain, "seq": place.seq}
    try:
        evaluations.note(connection, at, _text(body, "encounter_id"), body)
    except ValueError as error:
        raise BodyShapeError(str(error)) from error
    _of_rules(_centre, connection, place, _kind, body)


def _of_rules(_centre: Centre, connection: Connection, place: Place, kind: EventKind, body: Mapping[str, Any]) -> None:
    rule_subjects.note(connection, place.booth, (place.chain, place.seq), kind, _text(body, "encounter_id"), body)


def _case_opened(
    centre: Centre, connection: Connection, place: Place, _kind: EventKind, body: Mapping[str, Any]
) -> None:
    try:
        case = from_plain(Case, body.get("case"))
    except PlainError as error:
        raise BodyShapeError(f"case: {error}") from error
    _text({"encounter_id": case.encounter_id}, "encounter_id")
    _known(cases.opened_at_booth(centre, connection, place.booth, case))


def _case_taken(
    centre: Centre, connection: Connection, place: Place, _kind: EventKind, body: Mapping[str, Any]
) -> None:
    _known(cases.taken_at_booth(centre, connection, place.booth, _text(body, "case_id"), _text(body, "officer")))


def _case_closed(
    centre: Centre, connection: Connection, place: Place, _kind: EventKind, body: Mapping[str, Any]
) -> None:
    try:
        outcome = CaseOutcome(_text(body, "outcome"))
    except ValueError as error:
        raise BodyShapeError("outcome: no outcome of a case") from error
    name, officer = _text(body, "case_id"), _text(body, "officer")
    _known(cases.closed_at_booth(centre, connection, place.booth, name, officer, outcome, _saw(body)))


def _saw(body: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the marks of what the officer knew to be found; None where an older program did not say."""
    try:
        return None if "saw" not in body else frozenset(from_plain(tuple[str, ...], body["saw"]))
    except PlainError as error:
        raise BodyShapeError(f"saw: {error}") from error


def _known(is_its_case: bool) -> None:
    if not is_its_case:
        raise BodyShapeError("case_id: no case of this booth")


_STEPS: Mapping[EventKind, Callable[[Centre, Connection, Place, EventKind, Mapping[str, Any]], None]] = {
    **dict.fromkeys(_COLUMNS, _encounter),
    EventKind.NOT_SAME_PERSON: _cleared,
    EventKind.RISK_EVALUATED: _evaluated,
    EventKind.ENCOUNTER_DRAWN: _of_rules,
    EventKind.INSPECTION_RESULT: _of_rules,
    EventKind.CASE_OPENED: _case_opened,
    EventKind.CASE_TAKEN: _case_taken,
    EventKind.CASE_CLOSED: _case_closed,
}


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or "\x00" in value:
        raise BodyShapeError(f"{name}: expected a text of 1 to {MAX_TEXT} characters")
    return value
