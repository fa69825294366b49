"""Leases: the content keys of lists, each kept until its end and erased then; without it no copy of the list opens.

A segment's own key rests only wrapped under its list's content key (`lists`). So when the lease ends, lists that lie on
the disk are closed, whoever has the store's key; and when the centre grants the content key again, the same copies open
again, without being brought anew. Without hardware that counts this is software: whoever has an older copy of the
database and its key has the content keys that were in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import LeaseEndedError
from checkpoint_app.store.journal import Journal
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.sealing import SealError, open_sealed, seal

_RENEWED = "leases_renewed"
_CONTEXT = b"checkpoint segment key 1\x00"


@dataclass(frozen=True, slots=True)
class Lease:
    """The content key ``key_id`` of a list, until ``not_after`` (UTC, trusted time)."""

    list_name: str
    key_id: str
    content_key: bytes = field(repr=False)
    not_after: datetime


class Leases:
    """The leases of one booth. Each method may raise the disk's StoreErrors."""

    def __init__(self, db: Database, journal: Journal, time: TrustedTime) -> None:
        self._db = db
        self._journal = journal
        self._time = time

    def keep(self, lease: Lease) -> None:
        """Keep a lease; one that ends sooner than what is kept of the same key, or is of another list, changes nothing.

        So no list's publisher prolongs another list's lease, and a list's keys are all erased with it.
        """
        self._db.execute(
            "INSERT INTO leases VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " content_key = excluded.content_key, not_after = max(not_after, excluded.not_after)"
            " WHERE list = excluded.list",
            (lease.key_id, lease.list_name, lease.content_key, to_plain(lease.not_after)),
        )

    def renewed(self, at: datetime) -> None:
        """Note that the centre was asked for all leases at ``at`` (trusted time)."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_RENEWED, to_plain(at)))

    @property
    def renewed_at(self) -> datetime | None:
        """When the centre was asked last, None before."""
        kept = self._db.value("SELECT value FROM meta WHERE name = ?", (_RENEWED,))
        return None if kept is None else from_plain(datetime, kept)

    def ends(self) -> dict[str, datetime]:
        """Return when each lease ends, by the key's id."""
        rows = self._db.rows("SELECT key_id, not_after FROM leases")
        return {row["key_id"]: from_plain(datetime, row["not_after"]) for row in rows}

    def held(self) -> dict[str, Lease]:
        """Return the leases whose time is not over, by the key's id."""
        rows = self._db.rows("SELECT * FROM leases WHERE not_after > ?", (to_plain(self._time.now()),))
        return {
            row["key_id"]: Lease(
                row["list"], row["key_id"], bytes(row["content_key"]), from_plain(datetime, row["not_after"])
            )
            for row in rows
        }

    def content_key(self, key_id: str) -> bytes:
        """Return the content key. Raises LeaseEndedError where there is none, or its time is over."""
        row = self._db.row("SELECT content_key, not_after FROM leases WHERE key_id = ?", (key_id,))
        if row is None or self._time.now() >= from_plain(datetime, row["not_after"]):
            raise LeaseEndedError("the lease of a list has ended; a line, or a bundle, renews it")
        return bytes(row["content_key"])

    def expire(self) -> list[str]:
        """Erase the keys whose time is over, with the event `lease_ended`; return the lists' names, sorted."""
        now = to_plain(self._time.now())
        return self._erase("not_after <= ?", (now,))

    def end_all(self) -> list[str]:
        """Erase all keys: the centre has revoked this booth. Returns the lists' names, sorted."""
        return self._erase("1 = 1", ())

    def drop_others(self, list_name: str, key_id: str = "") -> bool:
        """Erase the list's keys but that one; tells whether there were any."""
        of = list_name, key_id
        if not self._db.value("SELECT count(*) FROM leases WHERE list = ? AND key_id != ?", of):
            return False
        with self._db.transaction():
            self._db.execute("DELETE FROM leases WHERE list = ? AND key_id != ?", of)
            self._db.after_commit(self._db.checkpoint)  # else the keys would lie on in the log
        return True

    def drop_unused(self) -> None:
        """Forget keys of lists that have none of their copies here any more; those not in force yet stay."""
        self._db.execute(
            "DELETE FROM leases WHERE key_id NOT IN (SELECT key_id FROM list_layers)"
            " AND list IN (SELECT name FROM list_copies WHERE in_force = 1)"
        )

    def wrap(self, key_id: str, segment: str, segment_key: bytes) -> bytes:
        """Return the key of the file ``segment`` as it rests; in clear where the list is not sealed (no ``key_id``).

        Raises LeaseEndedError.
        """
        return seal(self.content_key(key_id), segment_key, _context(segment)) if key_id else segment_key

    def unwrap(self, key_id: str, segment: str, kept: bytes) -> bytes:
        """Return the key that ``wrap`` put away; empty where the lease has ended."""
        if not key_id:
            return kept
        try:
            return open_sealed(self.content_key(key_id), kept, _context(segment))
        except (LeaseEndedError, SealError):
            return b""

    def _erase(self, condition: str, params: tuple[str, ...]) -> list[str]:
        rows = self._db.rows(f"SELECT DISTINCT list FROM leases WHERE {condition} ORDER BY list", params)  # noqa: S608
        names = [str(row["list"]) for row in rows]
        if not names:
            return []
        with self._db.transaction():
            self._db.execute(f"DELETE FROM leases WHERE {condition}", params)  # noqa: S608  constants
            self._journal.append(EventKind.LEASE_ENDED, {"lists": names})
        self._db.checkpoint()  # else the keys would lie on in the log
        return names


def _context(segment: str) -> bytes:
    return _CONTEXT + segment.encode()
