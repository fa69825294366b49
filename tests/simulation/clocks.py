"""The time of the world, and the clocks that its machines believe: a booth's may be days off, a centre's is right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@dataclass
class TrueTime:
    """The time of the world: it stands still until a step moves it."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        """Return the seconds since the world began."""
        return (self.at - BEGIN).total_seconds()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class MachineClock:
    """A machine's clock, ``off`` from the world's; its monotonic seconds are the world's."""

    world: TrueTime
    off: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return self.world.at + self.off

    def monotonic(self) -> float:
        return self.world.seconds()
