"""The list of clearances on its way to the booths: made from the decisions that hold, and published by itself.

Nobody has to wait for an administrator: what one booth decided is known at the others within minutes.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from checkpoint_app.central import alarms, certifying, clearances, keeping
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.keeping import Change, Declared, Version
from checkpoint_app.confined.child import describe
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.clearance import (
    CLEARANCES,
    MOST_CLEARANCES,
    Clearance,
    Clearances,
    mark_of,
    write_clearances,
)
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.sealing import new_key

log = logging.getLogger(__name__)

EVERY_S = 300.0
MOST_BYTES = 12 << 20
"""Most bytes of the decisions held: with those that have ended it stays below what a booth takes, 16 MiB."""
_FIXED_BYTES = 300  # of one decision: mark, moments, ids and the fields' names
_ORIGINATOR = "centre"


@dataclass(frozen=True, slots=True)
class _Due:
    """What the next version says, and the version before it."""

    held: Sequence[Row[Any]]
    ended: tuple[str, ...]
    version: int
    before: Version | None
    digest: str
    full: bool


def is_due(centre: Centre) -> bool:
    """Tell whether the list does not say what holds now."""
    with centre.begin() as connection:
        return _due(centre, connection) is not None


def issue(centre: Centre) -> None:
    """Make a version of the list if it does not say what holds now. Hold the lock of the lists' folder.

    It waits for no second person: what is withdrawn must be out at once.
    """
    with centre.begin() as connection:
        due = _due(centre, connection)
        one = keeping.declared(connection, CLEARANCES) or Declared(CLEARANCES, ListKind.CLEARANCES, _ORIGINATOR)
        if due is None:
            return
        keeping.check(connection, one)
        if due.full:
            alarms.sound(centre, connection, "clearances_full", "", {"most": MOST_CLEARANCES})
    before, records_before = (due.before.version, due.before.records) if due.before else (0, 0)
    change = Change(0, 0, 0, before, records_before, source_digest=due.digest)
    keeping.keep(
        centre, one, write_clearances(_said(centre, due)), version=due.version,
        issued_at=centre.now().replace(microsecond=0), calibration={}, judge=lambda _header: change,
    )  # fmt: skip


def _due(centre: Centre, connection: Connection) -> _Due | None:
    """Return what the next version is made of, the latest of it; None where the last one says it already."""
    now = centre.now()
    every = keeping.versions(connection, CLEARANCES)
    last = next(iter(every), None)
    every_held, every_ended = clearances.held(connection, now), clearances.ended(connection, now)
    held, ended = _with_room(every_held), tuple(every_ended[:MOST_CLEARANCES])
    full = max(len(held), len(ended)) >= MOST_CLEARANCES or len(held) < len(every_held)
    if last is None and not held and not ended:
        return None
    facts = [[row.event_id, row.post, row.until] for row in held]
    digest = hashlib.sha256(canonical_bytes([facts, list(ended)])).hexdigest()
    if last is not None and last.change.source_digest == digest:
        return None
    return _Due(held, ended, keeping.next_version(connection, CLEARANCES, every), last, digest, full)


def _with_room(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return as many as one list may hold, the first of them: a booth chooses the words of its decisions."""
    size = 0
    for place, row in enumerate(rows[:MOST_CLEARANCES]):
        words = (row.list, row.entry_id, row.entry_digest, row.booth, row.post)
        size += _FIXED_BYTES + sum(len(word.encode()) for word in words)
        if size > MOST_BYTES:
            return rows[:place]
    return rows[:MOST_CLEARANCES]


def _said(centre: Centre, due: _Due) -> Clearances:
    """Return the list, under a new key."""
    key = new_key()
    held = tuple(
        Clearance(
            mark=mark_of(key, people.person),
            list_name=row.list,
            entry_id=row.entry_id,
            entry_digest=row.entry_digest,
            decided_at=from_plain(datetime, row.decided_at),
            until=from_plain(datetime, row.until),
            booth=row.booth,
            post=row.post,
            by=people.supervisor,
            event_id=row.event_id,
        )
        for row, people in ((row, clearances.people_of(centre, row)) for row in due.held)
    )
    return Clearances(key, held, due.ended)


class Carrier:
    """Publishes the lists of clearances and of booths from a thread of its own, whenever they do not say what holds."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, at once and then every five minutes."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="central carrier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the publication at hand."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        from checkpoint_app.central import publishing

        while not self._stopped.is_set():
            try:
                if is_due(self._centre):
                    publishing.publish_clearances(self._centre)
                if certifying.is_due(self._centre):  # where the command that decided on a booth could not publish it
                    publishing.publish_booths(self._centre)
            except Exception as error:  # noqa: BLE001 - what holds is still in the table: it is tried again
                log.error("own lists: not published: %s", describe(error))  # noqa: TRY400 - no traceback in the log
            self._stopped.wait(EVERY_S)
