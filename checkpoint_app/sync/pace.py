"""How the line stands, and when it is tried again: growing pauses with jitter while it is down. Pure, no I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checkpoint_app.store.trusted_time import Clock
from checkpoint_app.sync.errors import LineCode

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
_LEAST_SHARE = 0.75  # of a pause, so that a hundred booths do not come back in one second


class Standing(StrEnum):
    """Whether there is a line. ``none``: the booth is not enrolled, or has not tried yet."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LineState:
    """How the line stands: ``since`` when (booth's clock, UTC), why (a `LineCode`, "" when up), when it is retried."""

    state: Standing = Standing.NONE
    since: datetime | None = None
    reason: str = ""
    retry_at: datetime | None = None


class Pace:
    """Follows the line's successes and failures. ``state`` is what the screen shows."""

    def __init__(self, clock: Clock, chance: random.Random | None = None) -> None:
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311  spreads retries, keeps no secret
        self._pause_s = 0.0
        self._retry: float | None = None  # by the monotonic clock
        self.state = LineState()

    def succeeded(self) -> None:
        """A round went through."""
        self._pause_s, self._retry = 0.0, None
        if self.state.state is not Standing.UP:
            self.state = LineState(Standing.UP, self._clock.now())

    def failed(self, code: LineCode) -> None:
        """The line failed: the next try comes after a pause twice as long as the last, up to five minutes."""
        self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause_s))
        pause_s = self._pause_s * self._chance.uniform(_LEAST_SHARE, 1.0)
        now = self._clock.now()
        self._retry = self._clock.monotonic() + pause_s
        since = self.state.since if self.state.state is Standing.DOWN else now
        self.state = LineState(Standing.DOWN, since, str(code), now + timedelta(seconds=pause_s))

    def wake(self) -> None:
        """Something tells that a try may go now: the network came back, or somebody asks. Pauses begin anew."""
        self._pause_s, self._retry = 0.0, None

    @property
    def wait_s(self) -> float:
        """Seconds until the next try; 0 when it may go now. By the monotonic clock: a wall clock that is put right
        neither delays it nor brings it on.
        """
        return 0.0 if self._retry is None else max(0.0, self._retry - self._clock.monotonic())
