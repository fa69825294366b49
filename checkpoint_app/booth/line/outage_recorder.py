"""Writes down when the line was lost and came back, so that a year's outages can be told.

A line that flaps is no outage and no end of one: what stands is written once it has held for ``SETTLED_S``. How long
the state before lasted is counted by the monotonic clock, since the other is put right by a line that comes back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.records import Records
from checkpoint_app.store.line_history import DOWN, DRILL, UP
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain

if TYPE_CHECKING:
    from checkpoint_app.sync.pace import LineState

log = logging.getLogger(__name__)
SETTLED_S = 10.0
AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class _Stand:
    """How the line stands: ``began`` by the monotonic clock, None where that was in an earlier run."""

    state: str
    reason: str
    since: datetime | None = None
    began: float | None = None

    @property
    def key(self) -> tuple[str, bool]:
        """What makes a change: up or down, and whether on purpose."""
        return self.state, self.reason == DRILL


class LineHistory:
    """Keeps what was written last and what stands now. Lives on the UI thread."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._written: _Stand | None = None
        self._now: _Stand | None = None
        self._ready = False
        self._not_before = 0.0

    def load(self) -> None:
        """Look up what was written last, in this run or an earlier one; nothing is written before."""

        def work(records: Records) -> _Stand | None:
            last = records.store.line_history.last()
            return None if last is None else _Stand(last.state, last.reason)

        def done(last: _Stand | None) -> None:
            self._written, self._ready = last, True

        self._core.record(work, done)

    def heard(self, line: LineState) -> None:
        """The line stands so now; one that is still being tried for the first time says nothing."""
        if line.state not in (UP, DOWN):
            return
        clock = self._core.clock
        stand = _Stand(str(line.state), line.reason, self._core.trusted_now(), clock.monotonic())
        if self._now is None or stand.key != self._now.key:
            self._now = stand

    def look(self) -> None:
        """Once a second: write down what has held for long enough, once."""
        now, before, seconds = self._now, self._written, self._core.clock.monotonic()
        if not self._ready or now is None or now.began is None or now.since is None or seconds < self._not_before:
            return
        if (before is not None and before.key == now.key) or seconds - now.began < SETTLED_S:
            return
        body: dict[str, Any] = {"state": now.state, "reason": now.reason, "since": to_plain(now.since)}
        if before is not None and before.began is not None:
            body["lasted_s"] = round(now.began - before.began)
        self._ready = False

        def done(_none: None) -> None:
            self._written, self._ready = now, True

        def failed(error: Exception) -> None:
            self._ready, self._not_before = True, seconds + AGAIN_S
            log.warning("the line's change is not written: %s", type(error).__name__)

        self._core.record(lambda records: records.write(EventKind.LINE_CHANGED, body), done, failed)
