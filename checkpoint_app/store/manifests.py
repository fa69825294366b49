"""Manifests and passenger lists that were laid down here, line by line, till their day is over.

They are no projection: an event holds at most one consignment (`docs/decisions/0021`). What an Encounter is about is in
the journal too, so that nothing decided rests on these tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.wire.plain import from_plain, to_plain

CONSIGNMENT, PASSENGER = "consignment", "passenger"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A message as it was received: what it holds (``CONSIGNMENT``, ``PASSENGER``), how many, its digest (hex)."""

    manifest: str
    holds: str
    kind: str
    version: str
    received_at: datetime
    digest: str
    items: int


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a manifest: its plain form, and the numbers it can be found by."""

    place: int
    data: Any
    numbers: frozenset[str] = frozenset()


class Manifests:
    """The manifests of a booth. Each method may raise the disk's StoreErrors."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, manifest: Manifest, items: Iterable[Item]) -> None:
        """Keep a manifest with all its lines, or nothing of it."""
        with self._db.transaction():
            head = (manifest.kind, manifest.version, to_plain(manifest.received_at), manifest.digest, manifest.items)
            self._db.execute(
                "INSERT INTO manifests VALUES (?, ?, ?, ?, ?, ?, ?)", (manifest.manifest, manifest.holds, *head)
            )
            for item in items:
                row = manifest.manifest, item.place, json.dumps(item.data, ensure_ascii=False)
                self._db.execute("INSERT INTO manifest_items VALUES (?, ?, ?)", row)
                for number in sorted(item.numbers):
                    self._db.execute("INSERT INTO manifest_numbers VALUES (?, ?, ?)", (number, *row[:2]))

    def by_digest(self, digest: str) -> Manifest | None:
        """Return the manifest that was made of just these bytes, the latest; None where there is none."""
        return next(iter(self._manifests("digest = ? ORDER BY received_at DESC LIMIT 1", digest)), None)

    def latest(self, holds: str, limit: int = 100) -> list[Manifest]:
        """Return the manifests received last that hold ``holds``, newest first."""
        return self._manifests("holds = ? ORDER BY received_at DESC LIMIT ?", holds, limit)

    def get(self, manifest: str) -> Manifest | None:
        """Return a manifest by its id; None once it was purged."""
        return next(iter(self._manifests("manifest = ?", manifest)), None)

    def items(self, manifest: str, after: int = -1, limit: int = 1_000) -> list[Item]:
        """Return the lines of a manifest in their order, those after place ``after``."""
        rows = self._db.rows(
            "SELECT place, data FROM manifest_items WHERE manifest = ? AND place > ? ORDER BY place LIMIT ?",
            (manifest, after, limit),
        )
        return [Item(row["place"], json.loads(row["data"])) for row in rows]

    def item(self, manifest: str, place: int) -> Any | None:
        """Return the plain form of one line; None where there is none."""
        text = self._db.value("SELECT data FROM manifest_items WHERE manifest = ? AND place = ?", (manifest, place))
        return None if text is None else json.loads(text)

    def find(self, number: str, limit: int = 100) -> list[tuple[str, int]]:
        """Return where a plain number stands, as (manifest, place), newest manifest first."""
        rows = self._db.rows(
            "SELECT n.manifest, n.place FROM manifest_numbers n JOIN manifests m USING (manifest) WHERE n.number = ?"
            " ORDER BY m.received_at DESC, n.place LIMIT ?",
            (number, limit),
        )
        return [(row["manifest"], row["place"]) for row in rows]

    def places(self, manifest: str, numbers: Iterable[str]) -> frozenset[int]:
        """Return the places of a manifest at which one of these numbers stands."""
        asked = "SELECT place FROM manifest_numbers WHERE number = ? AND manifest = ?"
        rows = (row for number in numbers for row in self._db.rows(asked, (number, manifest)))
        return frozenset(row["place"] for row in rows)

    def forget(self, before: datetime) -> int:
        """Delete the manifests received before a moment, with all their lines; returns how many."""
        limit = to_plain(before)
        with self._db.transaction():
            old = [
                row["manifest"]
                for row in self._db.rows("SELECT manifest FROM manifests WHERE received_at < ?", (limit,))
            ]
            for manifest in old:
                for table in ("manifest_numbers", "manifest_items", "manifests"):
                    self._db.execute(f"DELETE FROM {table} WHERE manifest = ?", (manifest,))  # noqa: S608  constants
        if old:
            self._db.checkpoint()
        return len(old)

    def _manifests(self, condition: str, *params: Any) -> list[Manifest]:
        rows = self._db.rows(f"SELECT * FROM manifests WHERE {condition}", params)  # noqa: S608  constant conditions
        return [Manifest(**{**row, "received_at": from_plain(datetime, row["received_at"])}) for row in rows]
