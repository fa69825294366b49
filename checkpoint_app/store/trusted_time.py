"""Trusted time: the booth's clock, but never earlier than a moment somebody else has signed.

A list or policy issued at a moment proves that this moment has passed, however wrong the clock is or was made. Within
one run the monotonic clock carries that proof on. The booth's own events are no proof: they carry its own clock, and a
clock that once stood in the future must not lock the booth there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from checkpoint_app.store.connection import Database
from checkpoint_app.wire.plain import from_plain, to_plain

_SEEN = "latest_signed_moment"


class Clock(Protocol):
    """What the store asks the time of."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""


class MachineClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return monotonic()


class TrustedTime:
    """The latest signed moment, kept in the database, and the time that follows from it."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._started = clock.monotonic()
        kept = db.value("SELECT value FROM meta WHERE name = ?", (_SEEN,))
        self._seen = None if kept is None else from_plain(datetime, kept)
        self._seen_after = self._started

    @property
    def seen(self) -> datetime | None:
        """The latest signed moment, None before the first."""
        return self._seen

    def wall(self) -> datetime:
        """Return the machine's clock in UTC, right or wrong."""
        return self._clock.now()

    def monotonic_ms(self) -> int:
        """Return the milliseconds since the store was opened."""
        return int((self._clock.monotonic() - self._started) * 1000)

    def now(self) -> datetime:
        """Return the trusted time in UTC."""
        wall = self._clock.now()
        if self._seen is None:
            return wall
        return max(wall, self._seen + timedelta(seconds=self._clock.monotonic() - self._seen_after))

    def see(self, moment: datetime) -> None:
        """Take note of a moment that a verified signature of somebody else vouches for."""
        if self._seen is not None and moment <= self._seen:
            return
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
                (_SEEN, to_plain(moment)),
            )
            self._db.after_commit(lambda: self._take(moment))

    def _take(self, moment: datetime) -> None:
        if self._seen is None or moment > self._seen:
            self._seen, self._seen_after = moment, self._clock.monotonic()
