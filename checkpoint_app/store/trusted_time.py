"""Trusted time: the booth's clock, but never earlier than a moment somebody else has signed.

A list or policy issued at a moment proves that this moment has passed, however wrong the clock is or was made. Within
one run a clock that only grows, in sleep too, carries that proof on. The booth's own events are no proof: they carry
its own clock, and a clock that once stood in the future must not lock the booth there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import CLOCK_BOOTTIME, clock_gettime
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


def running_seconds() -> float:
    """Return seconds that only grow, and go on in suspend, as time.monotonic() does not on Linux (clock_gettime(2))."""
    return clock_gettime(CLOCK_BOOTTIME)


class MachineClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's seconds since its start; they go on while it sleeps."""
        return running_seconds()


class TrustedTime:
    """The latest signed moment, kept in the database, and the time that follows from it."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._started = clock.monotonic()
        kept = db.value("SELECT value FROM meta WHERE name = ?", (_SEEN,))
        self._seen = None if kept is None else from_plain(datetime, kept)
        self._proof = None if self._seen is None else (self._seen, self._started)

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
        """Return the trusted time in UTC. May be asked from any thread."""
        wall, proof = self._clock.now(), self._proof
        return wall if proof is None else max(wall, self._carried(proof))

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
            self._seen = moment
        # A moment later than all others may prove less than an earlier one that was carried on for long.
        if self._proof is None or moment > self._carried(self._proof):
            self._proof = moment, self._clock.monotonic()

    def _carried(self, proof: tuple[datetime, float]) -> datetime:
        """Return what a moment, and when it was seen, prove by now."""
        moment, at = proof
        return moment + timedelta(seconds=max(0.0, self._clock.monotonic() - at))
