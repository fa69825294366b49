"""The drill: the line is cut on purpose for some minutes, and afterwards the booth tells what it would have missed.

Everything goes on as in an outage. It ends by the monotonic clock, by the key, or with the process: never later. Then
the centre is asked again about each Encounter that was decided meanwhile, one after the other, for a bounded time;
what it answers otherwise is counted and written down. The desk is not held up by any of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import AskedState, DrillState
from checkpoint_app.booth.line.centre_answers import Ask, joined_with, question_of
from checkpoint_app.booth.line.connection import Lining
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Action, Sound
from checkpoint_app.store.line_history import DRILL
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.question import Reply

log = logging.getLogger(__name__)

MINUTES, MOST_MINUTES = 15, 240
HOLD_S = 1.0
"""A second press within it was meant for the first: a drill neither ends nor begins by a key struck twice."""
REVIEW_WITHIN_S = 180.0
MOST_ASKED = 500
AGAIN_S = 60.0
BY_KEY, BY_COMMAND = "key", "command"
OVER, CLOSED, CRASHED = "over", "closed", "crash"


class RefusedDrillError(Exception):
    """There is no drill now; ``why`` is a word: ``running``, ``no_centre``, ``no_line``, ``minutes``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Run:
    """A drill that goes on, or is being looked back at. ``began`` and ``ends`` are of the monotonic clock."""

    seq: int
    minutes: int
    began: float
    ends: float


@dataclass(frozen=True, slots=True)
class _Review:
    """What is known of a drill that is over: ``left`` are the Encounters not yet asked about again."""

    run: _Run
    why: str
    officer: str
    lasted_s: int
    until: float
    up_to: int
    decided: int
    left: tuple[str, ...]
    unchecked: int
    asked: int = 0
    raised: int = 0
    lowered: int = 0
    waits: bool = False

    def body(self, lists: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the event that ends the drill; whoever was not asked about is counted as not checked."""
        return {
            "why": self.why,
            "officer": self.officer,
            "minutes": self.run.minutes,
            "lasted_s": self.lasted_s,
            "up_to": self.up_to,
            "decided": self.decided,
            "asked": self.asked,
            "raised": self.raised,
            "lowered": self.lowered,
            "unchecked": self.unchecked + len(self.left),
            "lists": lists,
        }


class Drilling:
    """Begins and ends drills, and looks back at them. Lives on the UI thread."""

    def __init__(self, core: Core, lining: Lining, ask: Ask) -> None:
        self._core = core
        self._lining = lining
        self._ask = ask
        self._run: _Run | None = None
        self._review: _Review | None = None
        self._unwritten: dict[str, Any] | None = None
        self._beginning = self._ending = False
        self._pressed_at: float | None = None
        self._not_before = 0.0
        self.ended: Callable[[], None] = lambda: None

    @property
    def is_free(self) -> bool:
        """Whether a drill can begin: none goes on, is about to, or is still looked back at."""
        return not (self._run or self._review or self._unwritten or self._beginning or self._ending)

    def press(self) -> None:
        """F12: begin a drill of the usual length, or end the one that goes on."""
        core, seconds = self._core, self._core.clock.monotonic()
        if self._pressed_at is not None and seconds - self._pressed_at < HOLD_S:
            core.sound(Sound.REFUSED_KEY)
            return
        if self._run is not None:
            self._pressed_at = seconds
            self._end(BY_KEY)
            return
        try:
            self.begin(MINUTES, BY_KEY, lambda: None, core.failed)
        except RefusedDrillError as refused:
            core.sound(Sound.REFUSED_KEY)
            core.say(f"drill.refused_{refused.why}", "attention")
        else:
            self._pressed_at = seconds

    def begin(self, minutes: int, by: str, begun: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Write that a drill begins, then cut the line. Raises RefusedDrillError; where it can't be written, it fails.

        A line that is down is not cut: a drill must never make an outage longer.
        """
        core = self._core
        self._check(minutes)
        officer = core.state.officer.id if core.state.officer else ""
        self._beginning = True

        def work(records: Records) -> int:
            body = {"officer": officer, "minutes": minutes, "by": by}
            return records.store.journal.append(EventKind.DRILL_BEGUN, body).header.seq

        def done(seq: int) -> None:
            self._beginning = False
            seconds = core.clock.monotonic()
            self._run = _Run(seq, minutes, seconds, seconds + 60.0 * minutes)
            self._cut(self._run)
            begun()

        def broke(error: Exception) -> None:
            self._beginning = False
            failed(error)

        core.record(work, done, broke)

    def _check(self, minutes: int) -> None:
        line = self._core.state.line
        if not 1 <= minutes <= MOST_MINUTES:
            raise RefusedDrillError("minutes")
        if not self.is_free:
            raise RefusedDrillError("running")
        if line is None:
            raise RefusedDrillError("no_centre")
        if line.state != "up":
            raise RefusedDrillError("no_line")

    def _cut(self, run: _Run) -> None:
        from checkpoint_app.sync.pace import LineState, Standing

        core = self._core
        self._lining.cut(run.ends)
        line = LineState(Standing.DOWN, core.clock.now(), DRILL)
        core.update(line=line, drill=DrillState(run.minutes), bringing=None)
        self._lining.stood(line)
        core.say("drill.begun", "attention", "F12", Action.DRILL, minutes=str(run.minutes))

    def tick(self) -> None:
        """Once a second: end what is over, go on with looking back, write what could not be written."""
        run, seconds = self._run, self._core.clock.monotonic()
        if run is not None:
            left = DrillState(max(0, -int(-(run.ends - seconds) // 60)))
            if not self._lining.is_cut:
                self._end(OVER)
            elif left != self._core.state.drill:
                self._core.update(drill=left)
        elif self._review is not None:
            self._go_on()
        elif self._unwritten is not None and seconds >= self._not_before:
            self._write(self._unwritten)

    def _end(self, why: str) -> None:
        """Have the line again at once; then see what was decided meanwhile."""
        from checkpoint_app.sync.pace import LineState

        core, run = self._core, self._run
        if run is None:
            return
        self._run, self._ending = None, True
        lasted = core.clock.monotonic() - run.began
        officer = core.state.officer.id if core.state.officer and why == BY_KEY else ""
        self._lining.mend()
        cut = core.state.line is not None and core.state.line.reason == DRILL
        core.update(drill=None, **({"line": LineState()} if cut else {}))
        core.say("drill.looking_back", "clock")

        def work(records: Records) -> tuple[int, tuple[str, ...]]:
            up_to = records.store.journal.head().seq
            return up_to, records.store.line_history.decided_since(run.seq, up_to)

        def done(found: tuple[int, tuple[str, ...]]) -> None:
            up_to, names = found
            self._ending = False
            self._review = _Review(
                run=run,
                why=why,
                officer=officer,
                lasted_s=int(min(lasted, 60.0 * run.minutes)),
                until=core.clock.monotonic() + REVIEW_WITHIN_S,
                up_to=up_to,
                decided=len(names),
                left=names[:MOST_ASKED],
                unchecked=len(names[MOST_ASKED:]),
            )
            self._go_on()

        def failed(error: Exception) -> None:
            self._ending = False
            core.failed(error)  # the next start ends it in the journal

        core.record(work, done, failed)

    # -- looking back ----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Ask about the next Encounter, once there is a line; end when none is left, or the time is over."""
        review, core = self._review, self._core
        if review is None:
            return
        if not review.left or core.clock.monotonic() >= review.until:
            self._review = None
            self._write(review.body(self._lists()))
            return
        line = core.state.line
        if review.waits or line is None or line.state != "up":
            return
        self._review = replace(review, waits=True)
        name = review.left[0]
        core.record(lambda records: records.encounter(name), self._ask_about, lambda _error: self._asked(name, None))

    def _ask_about(self, encounter: Encounter) -> None:
        core, policy = self._core, self._core.state.policy
        name = encounter.id
        if policy is None or not encounter.mrz.lines:
            self._asked(name, None)
            return

        def replied(reply: Reply) -> None:
            core.record(
                lambda records: joined_with(encounter, policy, reply, records).said,
                lambda said: self._asked(name, said),
                lambda _error: self._asked(name, None),
            )

        self._ask(
            question_of(encounter, core.state.post.booth), replied, lambda: None, lambda _e: self._asked(name, None)
        )

    def _asked(self, name: str, said: AskedState | None) -> None:
        """Count what the centre said about an Encounter; None: it could not be asked, or did not answer."""
        review = self._review
        if review is None or not review.left or review.left[0] != name:
            return  # it came after its time
        self._review = replace(
            review,
            left=review.left[1:],
            waits=False,
            asked=review.asked + (said is not None),
            raised=review.raised + (said is AskedState.RAISED),
            lowered=review.lowered + (said is AskedState.LOWERED),
            unchecked=review.unchecked + (said is None),
        )
        self._go_on()

    def _lists(self) -> list[dict[str, Any]]:
        now = self._core.trusted_now()
        return [
            {"name": one.source.name, "version": one.source.version, "age_s": _age_s(one.source.issued_at, now)}
            for one in self._core.state.lists
        ]

    # -- its record ------------------------------------------------------------------------------------------------

    def _write(self, body: dict[str, Any]) -> None:
        core = self._core
        self._unwritten, self._not_before = body, core.clock.monotonic() + AGAIN_S

        def done(_none: None) -> None:
            self._unwritten = None
            self.ended()
            missed = body["raised"]
            key = "drill.over_missed" if missed else "drill.over"
            core.say(
                key, "attention" if missed or body["unchecked"] else "tick", "Ctrl+H", Action.HISTORY,
                decided=str(body["decided"]), missed=str(missed), unchecked=str(body["unchecked"]),
            )  # fmt: skip

        def failed(error: Exception) -> None:
            log.warning("the end of a drill is not written: %s", type(error).__name__)

        core.record(lambda records: records.write(EventKind.DRILL_ENDED, body), done, failed)

    def recover(self) -> None:
        """End in the journal a drill that a crash has ended."""

        def work(records: Records) -> bool:
            last = records.store.line_history.last_drill()
            if last is None or last.ended is not None:
                return False
            records.write(EventKind.DRILL_ENDED, _unseen(last.begun, CRASHED, records, len(last.decided)))
            return True

        def done(ended: bool) -> None:
            if ended:
                self._core.say("drill.crashed", "attention", "Ctrl+H", Action.HISTORY)

        self._core.record(work, done)

    def close(self) -> None:
        """The window closes: the drill is ended in the journal, without looking back."""
        body, run, review = self._unwritten, self._run, self._review
        if review is not None:
            body = review.body(self._lists())
        self._run = self._review = self._unwritten = None
        if body is None and run is None:
            return

        def work(records: Records) -> None:
            last = records.store.line_history.last_drill()
            if last is not None and last.ended is None:
                unseen = body or _unseen(last.begun, CLOSED, records, len(last.decided))
                records.write(EventKind.DRILL_ENDED, unseen)

        self._core.record(work, lambda _none: None, lambda error: log.warning("no end: %s", type(error).__name__))


def _unseen(begun: Any, why: str, records: Records, decided: int) -> dict[str, Any]:
    """Return the end of a drill that nobody looked back at: nothing was checked."""
    minutes = begun.get("minutes")
    return {
        "why": why,
        "officer": "",
        "minutes": minutes if type(minutes) is int else 0,
        "lasted_s": 0,
        "up_to": records.store.journal.head().seq,
        "decided": decided,
        "asked": 0,
        "raised": 0,
        "lowered": 0,
        "unchecked": decided,
        "lists": [],
    }


def _age_s(issued_at: datetime | None, now: datetime) -> int:
    return 0 if issued_at is None else max(0, int((now - issued_at).total_seconds()))
