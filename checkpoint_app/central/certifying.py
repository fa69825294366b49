"""The list of booths on its way to the booths: who was ever confirmed, by which key, and who is shut out.

It is made from the booths' rows and, for what is no more in them, from the acts: keys that were replaced, and booths
that were confirmed before they were revoked. It waits for no second person: whoever is revoked must be out at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from checkpoint_app.central import alarms, database, keeping
from checkpoint_app.central.booths import CONFIRMED, ENROLLED, REVOKED
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.keeping import Change, Declared, Version
from checkpoint_app.wire.booths import BOOTHS, MOST_BOOTHS, MOST_EARLIER, KnownBooth, write_booths
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import from_plain, to_plain

MOST_BYTES = 900_000
"""Most bytes of the record: a booth takes packages of 1 MiB."""
_ORIGINATOR = "centre"
_MAX_ABOUT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Due:
    """What the next version says, and the version before it."""

    record: dict[str, Any]
    version: int
    before: Version | None
    digest: str
    left_out: int


@dataclass(frozen=True, slots=True)
class _History:
    """A booth by the acts: the key that waits, the one confirmed last, since and until when, and those before it."""

    waiting: bytes = b""
    key: bytes = b""
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    earlier: tuple[bytes, ...] = ()


def known_booths(connection: Connection) -> tuple[KnownBooth, ...]:
    """Return every booth that was ever confirmed, by name."""
    histories = _histories(connection)
    rows = connection.execute(select(database.booths).order_by(database.booths.c.name)).all()
    found = (_known(row, histories.get(row.name, _History())) for row in rows)
    return tuple(one for one in found if one is not None)


def is_due(centre: Centre) -> bool:
    """Tell whether the list does not say how the booths stand now."""
    with centre.begin() as connection:
        return _due(connection) is not None


def issue(centre: Centre) -> None:
    """Make a version of the list if it does not say how the booths stand now. Hold the lock of the lists' folder."""
    with centre.begin() as connection:
        due = _due(connection)
        one = keeping.declared(connection, BOOTHS) or Declared(BOOTHS, ListKind.BOOTHS, _ORIGINATOR)
        if due is None:
            return
        keeping.check(connection, one)
        if due.left_out:
            alarms.sound(centre, connection, "booths_full", "", {"left_out": due.left_out})
    before, records_before = (due.before.version, due.before.records) if due.before else (0, 0)
    change = Change(0, 0, 0, before, records_before, source_digest=due.digest)
    keeping.keep(
        centre, one, [due.record], version=due.version, issued_at=centre.now().replace(microsecond=0), calibration={},
        judge=lambda _header: change,
    )  # fmt: skip


def _due(connection: Connection) -> _Due | None:
    """Return what the next version is made of; None where the last one says it already, or there is nobody to name."""
    every = keeping.versions(connection, BOOTHS)
    last = next(iter(every), None)
    known = known_booths(connection)
    if last is None and not known:
        return None
    kept = _with_room(known)
    record = write_booths(kept)
    digest = hashlib.sha256(canonical_bytes(record)).hexdigest()
    if last is not None and last.change.source_digest == digest:
        return None
    left_out = sum(one.let_in for one in known) - sum(one.let_in for one in kept)
    return _Due(record, keeping.next_version(connection, BOOTHS, every), last, digest, left_out)


def _with_room(known: tuple[KnownBooth, ...]) -> tuple[KnownBooth, ...]:
    """Return as many as the list may hold: those let in first, then the revoked, the latest first.

    A booth that is not in the list is believed as little as a revoked one.
    """
    revoked = sorted((one for one in known if one.revoked_at), key=lambda one: str(one.revoked_at), reverse=True)
    kept: list[KnownBooth] = []
    size = 0
    for one in (*(one for one in known if one.let_in), *revoked):
        size += len(canonical_bytes(to_plain(one))) + 1
        if size > MOST_BYTES or len(kept) == MOST_BOOTHS:
            break
        kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.name))


def _known(row: Row[Any], history: _History) -> KnownBooth | None:
    """Return how the booth stands; None for one that nobody ever confirmed."""
    if row.state == BoothState.CONFIRMED:
        earlier = history.earlier + ((history.key,) if history.key and history.key != row.signing_key else ())
        confirmed_at = from_plain(datetime, row.decided_at or row.enrolled_at)
        keys = _distinct(earlier, row.signing_key)
        return KnownBooth(row.name, row.post, row.signing_key, row.exchange_key, confirmed_at, earlier_keys=keys)
    if history.confirmed_at is None or not history.key:
        return None
    exchange = row.exchange_key if row.signing_key == history.key else b""
    ended_at = history.ended_at or from_plain(datetime, row.decided_at or row.enrolled_at)
    earlier = _distinct(history.earlier, history.key)
    return KnownBooth(row.name, row.post, history.key, exchange, history.confirmed_at, ended_at, earlier)


def _distinct(keys: tuple[bytes, ...], current: bytes) -> tuple[bytes, ...]:
    """Return the newest of ``keys``, each once, without the ``current`` one."""
    return tuple(key for key in dict.fromkeys(keys) if key != current)[-MOST_EARLIER:]


def _histories(connection: Connection) -> dict[str, _History]:
    found: dict[str, _History] = {}
    for name, what, at, key in _acts(connection):
        found[name] = _after(found.get(name, _History()), what, at, key)
    return found


def _after(before: _History, what: str, at: datetime, key: bytes) -> _History:
    """Return a booth's history after one act about it."""
    if what == ENROLLED:  # what was confirmed is let in no more, until it or the new keys are confirmed
        ended_at = before.ended_at or (at if before.confirmed_at else None)
        return replace(before, waiting=key, ended_at=ended_at)
    if what == REVOKED:
        return replace(before, ended_at=before.ended_at or at)
    earlier = before.earlier + ((before.key,) if before.key and before.key != before.waiting else ())
    return replace(before, key=before.waiting, confirmed_at=at, ended_at=None, earlier=earlier)


def _acts(connection: Connection) -> Iterator[tuple[str, str, datetime, bytes]]:
    """Yield booth, act, moment and signing key (of an enrolment) of all acts that decide who is let in, in order."""
    table = database.acts
    wanted = select(table.c.what, table.c.at, table.c.about).where(table.c.what.in_((ENROLLED, CONFIRMED, REVOKED)))
    for row in connection.execute(wanted.order_by(table.c.number)):
        about = read_canonical(row.about.encode(), _MAX_ABOUT_BYTES)
        key = bytes.fromhex(about.get("signing_key", "")) if row.what == ENROLLED else b""
        yield about["booth"], row.what, from_plain(datetime, row.at), key
