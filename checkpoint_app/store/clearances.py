"""Decisions "not the same person" that hold here: this booth's own from its journal, and those that the centre carries.

What the centre ended stays ended, whatever a later list says: an event's decision is never taken up again. An own
decision holds at once and offline, and no longer than the centre says where it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import StoreMisuseError
from checkpoint_app.store.signed_objects import SignedObject, SignedObjects
from checkpoint_app.store.subject_keys import cleared_key
from checkpoint_app.wire.clearance import CLEARANCES, Clearance, Clearances, mark_of, person_bytes
from checkpoint_app.wire.plain import from_plain, to_plain

_SAME_ENTRY = "list = ? AND entry_id = ? AND entry_digest = ?"
_NOT_ENDED = "event_id NOT IN (SELECT event_id FROM ended_clearances)"


@dataclass(frozen=True, slots=True)
class ClearedBefore:
    """A decision that holds. ``post`` is empty for one of this booth; ``by`` is the supervisor's id."""

    decided_at: datetime
    until: datetime
    post: str
    by: str


class ClearedPairs:
    """The question whether a person was found not to be an entry's, and the list that the centre sends of it."""

    def __init__(self, db: Database, signed: SignedObjects) -> None:
        self._db = db
        self._signed = signed

    def put(self, all_: Clearances, source: SignedObject) -> None:
        """Put a verified list in force, whole; ``source`` is the signed object that it was read from.

        Raises OlderVersionError.
        """
        if source.kind != CLEARANCES:
            raise StoreMisuseError(f"a list of clearances is a signed object of kind {CLEARANCES}, not {source.kind}")
        with self._db.transaction():
            self._signed.put(source)
            self._db.execute("INSERT OR REPLACE INTO clearance_key VALUES (1, ?)", (all_.key,))
            self._db.execute("DELETE FROM carried_clearances")
            for one in all_.held:
                self._db.execute("INSERT OR REPLACE INTO carried_clearances VALUES (?,?,?,?,?,?,?,?,?,?)", _row(one))
            for event_id in all_.ended:
                self._db.execute("INSERT OR IGNORE INTO ended_clearances VALUES (?)", (event_id,))

    def find(
        self, person: Mapping[str, Any], list_name: str, entry_id: str, entry_digest: str, now: datetime
    ) -> ClearedBefore | None:
        """Return the latest decision that ``person`` is not this entry, the entry unchanged, the term not over.

        ``person`` has the fields of a TravelDocument in plain form; ``now`` is the trusted time.
        """
        entry = list_name, entry_id, entry_digest
        found = (*self._own(person, entry, now), *self._carried(person, entry, now))
        return max(found, key=lambda one: one.decided_at, default=None)

    def _own(self, person: Mapping[str, Any], entry: tuple[str, ...], now: datetime) -> list[ClearedBefore]:
        rows = self._db.rows(
            "SELECT decided_at, supervisor, min(until, coalesce((SELECT c.until FROM carried_clearances c"  # noqa: S608
            " WHERE c.event_id = own.event_id), until)) AS ends FROM (SELECT p.*, json_extract(CAST(e.header AS TEXT),"
            f" '$.event_id') AS event_id FROM cleared_pairs p JOIN events e USING (seq) WHERE subject_key = ? AND"
            f" {_SAME_ENTRY}) own WHERE ends > ? AND {_NOT_ENDED}",
            (cleared_key(person), *entry, to_plain(now)),
        )
        return [_found(row["decided_at"], row["ends"], "", row["supervisor"]) for row in rows]

    def _carried(self, person: Mapping[str, Any], entry: tuple[str, ...], now: datetime) -> list[ClearedBefore]:
        key, known = self._db.value("SELECT key FROM clearance_key"), person_bytes(person)
        if key is None or known is None:
            return []
        rows = self._db.rows(
            "SELECT decided_at, until, post, decided_by FROM carried_clearances WHERE mark = ? AND"  # noqa: S608
            f" {_SAME_ENTRY} AND until > ? AND {_NOT_ENDED}",
            (mark_of(key, known), *entry, to_plain(now)),
        )
        return [_found(row["decided_at"], row["until"], row["post"], row["decided_by"]) for row in rows]


def _row(one: Clearance) -> tuple[str | bytes, ...]:
    entry = one.list_name, one.entry_id, one.entry_digest
    return one.event_id, one.mark, *entry, to_plain(one.decided_at), to_plain(one.until), one.booth, one.post, one.by


def _found(decided_at: str, until: str, post: str, by: str) -> ClearedBefore:
    return ClearedBefore(from_plain(datetime, decided_at), from_plain(datetime, until), post, by)
