"""Decisions "not the same person" as they come from the booths: judged once, held until their end, or ended before it.

A decision counts if both who proposed and the supervisor who confirmed it were in office then, by this centre's own
acts: the list that the booth had may have been older. One that does not count sounds an alarm, stays listed, and is
ended at the booth too. So is one that was withdrawn here, of a booth that was revoked, or of an abandoned chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update
from sqlalchemy.sql import ColumnElement

from checkpoint_app.central import acts, alarms, database, lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.lineage import lineage
from checkpoint_app.central.officers import Role
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.event import MAX_HEADER_BYTES
from checkpoint_app.wire.plain import from_plain, to_plain

_DAYS = 365  # as by a policy that says nothing of it
_OFFICE = ("officer added", "officer enabled", "officer disabled")
_MAX_ACT_BYTES = 64 * 1024
_MAX_SEALED_BYTES = 16 * 1024
_table = database.clearances


class ClearanceState(StrEnum):
    """How a decision stands: ``refused`` is one that the centre does not carry."""

    HELD = "held"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class People:
    """Who is in a decision: whom it is about, as ``person_bytes`` of `wire.clearance`, and the ids of who made it."""

    person: bytes = field(repr=False)
    officer: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What an event says of a decision; ``until`` is the first moment at which it holds no more."""

    list_name: str
    entry_id: str
    entry_digest: str
    until: datetime
    people: People


@dataclass(frozen=True, slots=True)
class ClearanceLine:
    """A decision in a list: nothing personal of travellers. ``why`` tells what is against one that is refused."""

    event_id: str
    booth: str
    post: str
    list_name: str
    entry_id: str
    officer: str
    supervisor: str
    decided_at: datetime
    until: datetime
    state: ClearanceState
    why: str


def take_in(centre: Centre, connection: Connection, at: tuple[str, int, int], decision: Decision, subject: str) -> None:
    """Keep the decision that the event ``at`` (booth, chain, sequence) says, held or refused.

    ``subject`` is the keyed digest of the person.
    """
    booth, chain, seq = at
    events = database.events
    this = (events.c.booth == booth) & (events.c.chain == chain) & (events.c.seq == seq)
    event = connection.execute(select(events.c.event_id, events.c.header, events.c.received_at).where(this)).one()
    received = from_plain(datetime, event.received_at)
    decided = min(_moment(event.header), received)  # a booth's clock may be ahead
    why = _against(connection, decision.people, decided)
    row = {
        "booth": booth,
        "chain": chain,
        "seq": seq,
        "event_id": event.event_id,
        "subject": subject,
        "sealed": centre.vault.seal(canonical_bytes(to_plain(decision.people)), _use(booth, chain, seq)),
        "list": decision.list_name,
        "entry_id": decision.entry_id,
        "entry_digest": decision.entry_digest,
        "decided_at": to_plain(decided),
        "until": to_plain(min(decision.until, received + timedelta(days=_days(centre, connection)))),
        "said_until": to_plain(decision.until),
        "state": (ClearanceState.REFUSED if why else ClearanceState.HELD).value,
        "why": why,
    }
    connection.execute(_table.insert().values(**row))
    if why:
        _alarm(centre, connection, booth, event.event_id, why)


def holding(connection: Connection, subject: str | None, now: datetime) -> frozenset[tuple[str, str, str]]:
    """Return the (list, entry's id, entry's digest) that ``subject`` was found not to be, as far as it holds now."""
    rows = connection.execute(
        select(_table.c.list, _table.c.entry_id, _table.c.entry_digest).where(_table.c.subject == subject, _holds(now))
    )
    return frozenset((row.list, row.entry_id, row.entry_digest) for row in rows)


def held(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Return the rows of all decisions that hold now, the latest first, each with its booth's post."""
    booths = database.booths
    asked = select(_table, booths.c.post).join(booths, booths.c.name == _table.c.booth).where(_holds(now))
    return list(connection.execute(asked.order_by(_table.c.decided_at.desc(), _table.c.event_id)))


def ended(connection: Connection, now: datetime) -> list[str]:
    """Return the ids of events whose decision holds no more, though their booth would think so.

    Those that were withdrawn come first, for a booth can have any number of others refused; then the latest.
    """
    over = or_(_table.c.state != ClearanceState.HELD.value, _table.c.until <= to_plain(now))
    asked = select(_table.c.event_id).where(over, _table.c.said_until > to_plain(now))
    others = _table.c.state != ClearanceState.WITHDRAWN.value
    return list(connection.scalars(asked.order_by(others, _table.c.decided_at.desc(), _table.c.event_id)))


def people_of(centre: Centre, row: Row[Any]) -> People:
    """Return who is in the decision of a row."""
    opened = centre.vault.open(row.sealed, _use(row.booth, row.chain, row.seq))
    return from_plain(People, read_canonical(opened, _MAX_SEALED_BYTES))


def lines(centre: Centre, connection: Connection) -> list[ClearanceLine]:
    """Return the decisions that hold, or that have ended before the time they were made for; the latest first."""
    booths = database.booths
    asked = select(_table, booths.c.post).join(booths, booths.c.name == _table.c.booth)
    asked = asked.where(_table.c.said_until > to_plain(centre.now()))
    rows = connection.execute(asked.order_by(_table.c.decided_at.desc(), _table.c.event_id)).all()
    return [_line(row, people_of(centre, row)) for row in rows]


def withdraw(centre: Centre, event_id: str) -> ClearanceLine:
    """End a decision, as one act; it ends at its booth too. Raises CentreError where there is none that holds."""

    def work(connection: Connection) -> ClearanceLine:
        found = [one for one in lines(centre, connection) if one.event_id == event_id]
        if not found:
            raise CentreError("clearance_unknown", f"clearance {event_id}: there is none; see cases clearances", 404)
        if any(one.state is not ClearanceState.HELD for one in found):
            raise CentreError("clearance_ended", f"clearance {event_id}: {found[0].state.value} already")
        values = {"state": ClearanceState.WITHDRAWN.value, "why": acts.who()}
        connection.execute(update(_table).where(_table.c.event_id == event_id).values(**values))
        acts.act(centre, connection, "clearance withdrawn", {"event": event_id, "booth": found[0].booth})
        return found[0]

    return retried(centre, work)


def shut_out(centre: Centre, connection: Connection, booth: str) -> None:
    """Carry none of a booth's decisions any more: it was revoked, and nobody knows who sat there."""
    _refuse(centre, connection, _table.c.booth == booth, "booth_revoked")


def abandon(centre: Centre, connection: Connection, booth: str, chain: int, after: int) -> None:
    """Carry none of the decisions of the branch of a booth's ``chain`` that was left after event ``after``."""
    own = _table.c.chain.in_(lineage(connection, booth, chain))
    _refuse(centre, connection, (_table.c.booth == booth) & own & (_table.c.seq > after), "chain_abandoned")


# -- inside -----------------------------------------------------------------------------------------------------------


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(_table.c.state == ClearanceState.HELD.value, _table.c.until > to_plain(now))


def _refuse(centre: Centre, connection: Connection, which: ColumnElement[bool], why: str) -> None:
    here = which & (_table.c.state == ClearanceState.HELD.value)
    rows = connection.execute(select(_table.c.booth, _table.c.event_id, _table.c.said_until).where(here)).all()
    connection.execute(update(_table).where(here).values(state=ClearanceState.REFUSED.value, why=why))
    for row in rows:
        if from_plain(datetime, row.said_until) > centre.now():  # what is over silences nobody
            _alarm(centre, connection, row.booth, row.event_id, why)


def _alarm(centre: Centre, connection: Connection, booth: str, event_id: str, why: str) -> None:
    alarms.sound(centre, connection, "clearance_refused", booth, {"event": event_id, "why": why})


def _against(connection: Connection, people: People, at: datetime) -> str:
    """Return what is against a decision made ``at``: a word, or nothing."""
    if _role(connection, people.officer, at) is None:
        return "officer_not_in_office"
    if _role(connection, people.supervisor, at) is not Role.SUPERVISOR:
        return "no_supervisor"
    return ""


def _role(connection: Connection, officer: str, at: datetime) -> Role | None:
    """Return what an officer was at a moment, by the acts; None for one who was not in office, or never was."""
    table = database.acts
    rows = connection.execute(
        select(table.c.at, table.c.what, table.c.about)
        .where(table.c.what.in_(_OFFICE), table.c.about.contains(f'"officer":"{officer}"', autoescape=True))
        .order_by(table.c.number)
    )
    role, ends_at, enabled = None, at, False
    for row in rows:
        about: Mapping[str, Any] = read_canonical(row.about.encode(), _MAX_ACT_BYTES)
        # A booth knows of an act by a list that is issued on the full second.
        if about.get("officer") != officer or from_plain(datetime, row.at).replace(microsecond=0) > at:
            continue
        enabled = row.what != "officer disabled"
        role = Role(about["role"]) if "role" in about else role
        ends_at = from_plain(datetime, about["ends_at"]) if "ends_at" in about else ends_at
    return role if enabled and at < ends_at else None


def _days(centre: Centre, connection: Connection) -> int:
    """Return how long a decision may hold by the policy in force; where that can't be read now, as by default."""
    try:
        policy = lists.policy(centre, connection)
    except CentreError:  # whoever publishes is told; a booth's events come in all the same
        policy = None
    return _DAYS if policy is None else policy.cleared_before_days


def _moment(header: str) -> datetime:
    """Return when an event happened: by the booth's clock, or the latest moment it had learned, if that is later."""
    plain = read_canonical(header.encode(), MAX_HEADER_BYTES)
    wall, trusted = from_plain(datetime, plain["wall_time"]), plain["trusted_time"]
    return wall if trusted is None else max(wall, from_plain(datetime, trusted))


def _use(booth: str, chain: int, seq: int) -> str:
    return f"clearance {booth} {chain} {seq}"


def _line(row: Row[Any], people: People) -> ClearanceLine:
    return ClearanceLine(
        event_id=row.event_id,
        booth=row.booth,
        post=row.post,
        list_name=row.list,
        entry_id=row.entry_id,
        officer=people.officer,
        supervisor=people.supervisor,
        decided_at=from_plain(datetime, row.decided_at),
        until=from_plain(datetime, row.until),
        state=ClearanceState(row.state),
        why=row.why,
    )
