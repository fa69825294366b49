"""The booth's clock: wall time in UTC, and a monotonic one for waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from checkpoint_app.store.trusted_time import running_seconds


class Clock(Protocol):
    """What the booth asks the time of. Tests bring their own."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's seconds since its start; they go on while it sleeps."""
        return running_seconds()
