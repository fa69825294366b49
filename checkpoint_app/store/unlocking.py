"""Challenges for an unlock without a line: one for a locked officer, answered by one code, once (`wire.unlock`)."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import StoreMisuseError
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.unlock import is_unlock_code, new_challenge

MOST_WRONG_CODES = 5
SPENT_FOR = timedelta(days=1)
UNLOCK_KEY_BYTES = 32


class UnlockResult(StrEnum):
    """What came of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_LOCKED = "not_locked"
    SPENT = "spent"


class Challenges:
    """The challenges of locked officers, with their wrong codes. Who is locked, `Officers` knows."""

    def __init__(self, db: Database, time: TrustedTime, booth: str) -> None:
        self._db = db
        self._time = time
        self._booth = booth

    def of(self, officer_id: str) -> str:
        """Return the challenge of a locked officer, made where there is none; empty where it is spent."""
        kept = self._row(officer_id)
        if kept is not None and kept["spent_at"] is not None:
            if self._time.now() < from_plain(datetime, kept["spent_at"]) + SPENT_FOR:
                return ""
            kept = None
        if kept is not None:
            return str(kept["challenge"])
        fresh = new_challenge()
        self._db.execute("INSERT OR REPLACE INTO unlock_challenges VALUES (?, ?, 0, NULL)", (officer_id, fresh))
        return fresh

    def answer(self, officer_id: str, typed: str, key: bytes) -> UnlockResult:
        """Check a code; the count is durable first. The caller drops a challenge that was answered right."""
        if len(key) != UNLOCK_KEY_BYTES:
            raise StoreMisuseError(f"an unlock key has {UNLOCK_KEY_BYTES} bytes, not {len(key)}")
        challenge = self.of(officer_id)
        if not challenge:
            return UnlockResult.SPENT
        self._db.execute(
            "UPDATE unlock_challenges SET wrong_tries = wrong_tries + 1,"
            " spent_at = CASE WHEN wrong_tries + 1 >= ? THEN ? END WHERE officer_id = ?",
            (MOST_WRONG_CODES, to_plain(self._time.now()), officer_id),
        )
        readable = typed.encode(errors="ignore").decode()  # half a surrogate pair has no bytes to compare
        right = is_unlock_code(readable, key, self._booth, officer_id, challenge)
        return UnlockResult.RIGHT if right else UnlockResult.WRONG

    def drop(self, officer_id: str) -> None:
        """Forget an officer's challenge, so that no code answers it any more."""
        self._db.execute("DELETE FROM unlock_challenges WHERE officer_id = ?", (officer_id,))

    def renew(self, locked: Set[str]) -> None:
        """After a newer list of officers: forget spent challenges, and those of whoever is not ``locked``."""
        for row in self._db.rows("SELECT officer_id, spent_at FROM unlock_challenges"):
            if row["spent_at"] is not None or row["officer_id"] not in locked:
                self.drop(row["officer_id"])

    def _row(self, officer_id: str) -> dict[str, Any] | None:
        return self._db.row("SELECT * FROM unlock_challenges WHERE officer_id = ?", (officer_id,))
