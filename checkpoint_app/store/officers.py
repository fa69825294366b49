"""The signed list of officers, and the check of their PINs: argon2id verifiers, five wrong tries, an end date.

A try is counted before it is checked, so that a killed process forgives none. Whoever calls journals what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import StoreMisuseError
from checkpoint_app.store.signed_objects import SignedObject, SignedObjects
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.store.unlocking import Challenges, UnlockResult
from checkpoint_app.wire.pin import is_verifier, matches
from checkpoint_app.wire.plain import from_plain, to_plain

KIND = "officers"
MOST_WRONG_TRIES = 5


class PinResult(StrEnum):
    """What came of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Officer:
    """One officer of the list. ``verifier`` is an argon2id text; ``ends_at`` (UTC) is the first moment too late."""

    id: str
    name: str
    role: str
    verifier: str
    ends_at: datetime


class Officers:
    """The officers in force, with their wrong tries."""

    def __init__(self, db: Database, signed: SignedObjects, time: TrustedTime, *, booth: str) -> None:
        self._db = db
        self._signed = signed
        self._time = time
        self._challenges = Challenges(db, time, booth)

    def put(self, officers: Sequence[Officer], source: SignedObject) -> None:
        """Put a verified list in force, whole. ``source`` is the signed object of kind ``officers`` it was read from.

        Wrong tries stay counted for whoever keeps the same verifier. Raises OlderVersionError, and StoreMisuseError for
        a verifier that is no bounded argon2id text (the list is then refused whole).
        """
        if source.kind != KIND:
            raise StoreMisuseError(f"a list of officers is a signed object of kind {KIND}, not {source.kind}")
        for officer in officers:
            _check_verifier(officer)
        with self._db.transaction():
            self._signed.put(source)
            tries = {
                (row["officer_id"], row["verifier"]): row["wrong_tries"]
                for row in self._db.rows("SELECT officer_id, verifier, wrong_tries FROM officers")
            }
            self._db.execute("DELETE FROM officers")
            for one in officers:
                kept = tries.get((one.id, one.verifier), 0)
                self._db.execute(
                    "INSERT INTO officers VALUES (?, ?, ?, ?, ?, ?)",
                    (one.id, one.name, one.role, one.verifier, to_plain(one.ends_at), kept),
                )
            self._challenges.renew({one.id for one in self.all() if self._is_locked(one.id)})

    def all(self) -> list[Officer]:
        """Return the officers of the list, by id."""
        return [_officer(row) for row in self._db.rows("SELECT * FROM officers ORDER BY officer_id")]

    def get(self, officer_id: str) -> Officer | None:
        """Return one officer, or None."""
        row = self._db.row("SELECT * FROM officers WHERE officer_id = ?", (officer_id,))
        return None if row is None else _officer(row)

    def tries_left(self, officer_id: str) -> int:
        """Return how many wrong PINs are left before the lock; 0 where locked, or no such officer."""
        tried = self._db.value("SELECT wrong_tries FROM officers WHERE officer_id = ?", (officer_id,))
        return 0 if tried is None else max(0, MOST_WRONG_TRIES - tried)

    def verify_pin(self, officer_id: str, pin: str) -> PinResult:
        """Check a PIN at the trusted time. Takes the time of one argon2id (about 0.1 s); the count is durable first."""
        officer = self.get(officer_id)
        if officer is None:
            return PinResult.UNKNOWN
        if officer.ends_at <= self._time.now():
            return PinResult.ENDED
        if self.tries_left(officer_id) == 0:
            return PinResult.LOCKED
        self._db.execute("UPDATE officers SET wrong_tries = wrong_tries + 1 WHERE officer_id = ?", (officer_id,))
        if matches(officer.verifier, pin):
            self.unlock(officer_id)
            return PinResult.RIGHT
        return PinResult.WRONG

    def unlock(self, officer_id: str) -> None:
        """Forget the wrong tries: after a right PIN, or by a supervisor. A challenge that was shown is dead with it."""
        with self._db.transaction():
            self._db.execute("UPDATE officers SET wrong_tries = 0 WHERE officer_id = ?", (officer_id,))
            self._challenges.drop(officer_id)

    def challenge(self, officer_id: str) -> str:
        """Return the eight digits that a supervisor answers with a code; empty where there is nothing to answer.

        Made when first asked for while the officer is locked, and the same from then on, across restarts, until it was
        used. Five wrong codes spend it: it stays empty until a newer list of officers came, or a day has passed.
        """
        return self._challenges.of(officer_id) if self._is_locked(officer_id) else ""

    def unlock_with(self, officer_id: str, typed: str, unlock_key: bytes) -> UnlockResult:
        """Unlock by the code that was read out, once. The try is counted before it is checked.

        ``unlock_key`` is the 32 bytes shared with the centre. The caller journals ``officer_unlocked``, best within one
        ``store.transaction()``: then an unlock that can't be written is none. Raises StoreMisuseError for another key.
        """
        if not self._is_locked(officer_id):
            return UnlockResult.NOT_LOCKED
        result = self._challenges.answer(officer_id, typed, unlock_key)
        if result is UnlockResult.RIGHT:
            self.unlock(officer_id)
        return result

    def _is_locked(self, officer_id: str) -> bool:
        return self.tries_left(officer_id) == 0 and self.get(officer_id) is not None


def _check_verifier(officer: Officer) -> None:
    if not is_verifier(officer.verifier):
        raise StoreMisuseError(f"officer {officer.id}: the verifier is no argon2id text within bounds")


def _officer(row: dict[str, str]) -> Officer:
    ends_at = from_plain(datetime, row["ends_at"])
    return Officer(row["officer_id"], row["name"], row["role"], row["verifier"], ends_at)
