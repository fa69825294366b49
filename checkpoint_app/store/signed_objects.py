"""Signed objects of the centre, kept word for word: policy, officer lists, trust, agreements, key grants.

Only a newer version replaces one that is here (invariant 5). The caller has verified the signature and journals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import OlderVersionError
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class SignedObject:
    """One object: ``kind`` and ``name`` tell which, ``data`` is the signed bytes with their signature."""

    kind: str
    name: str
    version: int
    data: bytes
    issued_at: datetime | None = None


class SignedObjects:
    """The newest version of each signed object."""

    def __init__(self, db: Database, time: TrustedTime) -> None:
        self._db = db
        self._time = time

    def put(self, new: SignedObject) -> None:
        """Keep ``new`` in place of an older version. Raises OlderVersionError unless it is newer."""
        with self._db.transaction():
            here = self.version(new.kind, new.name)
            if here is not None and new.version <= here:
                raise OlderVersionError(
                    f"{new.kind} {new.name}: version {new.version} is not newer than version {here} in force"
                )
            issued_at = None if new.issued_at is None else to_plain(new.issued_at)
            self._db.execute(
                "INSERT OR REPLACE INTO signed_objects VALUES (?, ?, ?, ?, ?)",
                (new.kind, new.name, new.version, new.data, issued_at),
            )
            if new.issued_at is not None:
                self._time.see(new.issued_at)

    def get(self, kind: str, name: str) -> SignedObject | None:
        """Return the object in force, or None."""
        return next(iter(self._select("kind = ? AND name = ?", kind, name)), None)

    def all(self, kind: str) -> list[SignedObject]:
        """Return all objects of a kind, by name."""
        return self._select("kind = ? ORDER BY name", kind)

    def version(self, kind: str, name: str) -> int | None:
        """Return the version in force, or None."""
        version: int | None = self._db.value(
            "SELECT version FROM signed_objects WHERE kind = ? AND name = ?", (kind, name)
        )
        return version

    def _select(self, condition: str, *params: str) -> list[SignedObject]:
        rows = self._db.rows(f"SELECT * FROM signed_objects WHERE {condition}", params)  # noqa: S608  constants
        return [
            SignedObject(
                row["kind"],
                row["name"],
                row["version"],
                row["data"],
                None if row["issued_at"] is None else from_plain(datetime, row["issued_at"]),
            )
            for row in rows
        ]
