"""The line as the desk uses it: rounds on a thread of their own, questions beside them, and how the line stands.

The screen never waits for any of it. Whatever touches the store runs on the store's thread, between two acts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from checkpoint_app.booth.desk.core import Core, NotOpenError
from checkpoint_app.booth.desk.places import Places
from checkpoint_app.booth.record.records import ROLE_ENDED, Records
from checkpoint_app.store import Store
from checkpoint_app.wire.crossings import CrossingsAsked, CrossingsKnown
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.goods import GoodsAsked, GoodsKnown
from checkpoint_app.wire.question import Question, Reply

if TYPE_CHECKING:
    from checkpoint_app.sync.bringing import Bringing
    from checkpoint_app.sync.line import Line
    from checkpoint_app.sync.pace import LineState, Pace

log = logging.getLogger(__name__)
T = TypeVar("T")

ROUND_EVERY_S = 5.0
SETTLED_S = 60.0
"""How long a centre that has all is not asked how far it is: a poll with nothing new is then one request."""
FETCH_EVERY_S = 900.0
"""How often lists are looked for although no reply told of newer ones."""
FETCH_UNTOLD_S = 60.0
"""The same, of a centre that tells nothing."""
LATE_AFTER_S = 2.0
ANSWER_WITHIN_S = 20.0
CLOSE_WITHIN_S = 3.0
OPEN_AGAIN_S = 60.0
CUT_LOOK_S = 0.5
TURN_WITHIN_S = 1.0
"""How long a round waits for its turn; while a stick has it, be it one that hangs, events alone go."""
ASKED_AT_ONCE = 4
METADATA = "repository"
ROUND = "round"
LISTS = "list"
"""How the parts of a round begin that are about lists: ``lists`` as a whole, or ``list NAME``."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a round tells the desk. ``faults`` are the parts that failed while the line itself held: part, and word."""

    line: LineState
    latency_s: float
    clock_off: timedelta | None
    lists: int = 0
    cases: int = 0
    faults: tuple[tuple[str, str], ...] = ()
    fetched: bool = False
    unfinished: bool = False
    renewed: int = 0
    revoked: bool = False


class Lining:
    """Keeps the line. ``lists_came`` and ``cases_came`` are called on the UI thread."""

    def __init__(self, core: Core, places: Places) -> None:
        self._core = core
        self._places = places
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._line: Line | None = None
        self._cut_until: float | None = None
        self._faults: set[tuple[str, str]] = set()
        self._asking = ThreadPoolExecutor(max_workers=ASKED_AT_ONCE, thread_name_prefix="asking")
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self.turn = threading.Lock()
        """Held while a round runs: a stick that brings lists waits for it; a round goes without them meanwhile."""
        self.lists_came: Callable[[], None] = lambda: None
        self.cases_came: Callable[[], None] = lambda: None
        self.list_ended: Callable[[str], None] = lambda _name: None
        self.leases_changed: Callable[[], None] = lambda: None
        self.came_up: Callable[[], None] = lambda: None
        self.stood: Callable[[LineState], None] = lambda _line: None

    def start(self) -> None:
        """Begin, once the store is open; nothing happens where the booth is not enrolled."""
        if self._thread.ident is None and not self._stopped.is_set():
            self._thread.start()

    def wake(self) -> None:
        """Something waits to be sent: don't wait for the next round, unless the line is down."""
        line = self._core.state.line
        if line is not None and line.state == "up":
            self._woken.set()

    @property
    def line_now(self) -> Line | None:
        """The line, while there is one to ask by. May be asked from any thread."""
        return None if self.is_cut or self._stopped.is_set() else self._line

    def cut(self, until: float) -> None:
        """Have no line until this moment of the monotonic clock: what is under way is broken off, nothing is tried."""
        self._cut_until = until
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._woken.set()

    def mend(self) -> None:
        """Have a line again, before the time is over."""
        self._cut_until = None
        self._woken.set()

    @property
    def is_cut(self) -> bool:
        """Whether the line is cut on purpose."""
        until = self._cut_until
        return until is not None and self._core.clock.monotonic() < until

    def ask(
        self,
        question: Question,
        replied: Callable[[Reply], None],
        late: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Ask the centre; ``late`` is called when two seconds went by without an answer, which still counts later."""
        line, post = self._line, self._core.jobs.post
        if line is None or self.is_cut or self._stopped.is_set():
            post(late)
            return
        timer = threading.Timer(LATE_AFTER_S, lambda: post(late))
        timer.daemon = True
        timer.start()

        def run() -> None:
            from checkpoint_app.sync.ask import ask

            try:
                reply = ask(line, question, ANSWER_WITHIN_S)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: every failure goes to its handler
                caught = error
                post(lambda: failed(caught))
                self._woken.set()
            else:
                post(lambda: replied(reply))
            finally:
                timer.cancel()

        self._asking.submit(run)

    def ask_crossings(self, asked: CrossingsAsked, replied: Callable[[CrossingsKnown], None]) -> None:
        """Ask the centre for somebody's crossings; without an answer nothing is called back."""

        def ask(line: Line) -> CrossingsKnown:
            from checkpoint_app.sync.crossings import ask_crossings

            return ask_crossings(line, asked, ANSWER_WITHIN_S)

        self._ask_beside(ask, replied)

    def ask_goods(self, asked: GoodsAsked, replied: Callable[[GoodsKnown], None]) -> None:
        """Ask the centre about goods; without an answer nothing is called back."""

        def ask(line: Line) -> GoodsKnown:
            from checkpoint_app.sync.goods import ask_goods

            return ask_goods(line, asked, ANSWER_WITHIN_S)

        self._ask_beside(ask, replied)

    def _ask_beside(self, ask: Callable[[Line], T], replied: Callable[[T], None]) -> None:
        line, post = self._line, self._core.jobs.post
        if line is None or self.is_cut or self._stopped.is_set():
            return

        def run() -> None:
            try:
                known = ask(line)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread; the local answers stand
                log.info("the centre told of no crossings: %s", type(error).__name__)
            else:
                post(lambda: replied(known))

        self._asking.submit(run)

    def close(self) -> None:
        """End the line: what is under way is broken off, so that a closing window waits for nobody."""
        self._stopped.set()
        self._woken.set()
        if self._line is not None:
            self._line.close()
        self._asking.shutdown(wait=False, cancel_futures=True)
        if self._thread.is_alive():
            self._thread.join(CLOSE_WITHIN_S)

    # -- on the line's own thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        from checkpoint_app.sync.pace import LineState, Standing

        while not self._stopped.is_set():
            self._wait_while_cut()
            try:
                self._line = line_now = self._on_store(self._open)
                if line_now is not None:
                    self._keep(line_now)
            except Exception as error:  # noqa: BLE001 - the boundary of the line's thread: it must not end in silence
                if self._stopped.is_set():
                    return
                log.error("the line can't be opened: %s", type(error).__name__)  # noqa: TRY400 - texts may be personal
                why = type(error).__name__
                line = LineState(Standing.DOWN, self._core.clock.now(), why)
                self._tell(Heard(line, 0.0, None, faults=((ROUND, why),)))
                self._stopped.wait(OPEN_AGAIN_S)
            else:
                if line_now is None:
                    return

    def _wait_while_cut(self) -> None:
        while self.is_cut and not self._stopped.is_set():
            self._woken.clear()
            self._woken.wait(CUT_LOOK_S)

    def _holds(self, line: Line) -> bool:
        """Whether ``line`` is still the one to use: neither cut nor closed."""
        return self._line is line and not self.is_cut and not self._stopped.is_set()

    def _open(self, store: Store) -> Line | None:
        from checkpoint_app.sync.enrolled import enrolled_of
        from checkpoint_app.sync.line import Line

        enrolled = enrolled_of(store)
        if enrolled is None:
            return None
        line = Line(enrolled, store.identity, self._core.clock, seen=store.time.seen)
        line.settled_s = SETTLED_S
        return line

    def _came_back(self, pace: Pace) -> None:
        """The system says that there may be a line again: don't wait for the end of a pause."""
        if pace.wait_s:
            pace.wake()
            self._woken.set()

    def _keep(self, line: Line) -> None:
        from checkpoint_app.sync.pace import Pace
        from checkpoint_app.sync.wakeup import Wakeup

        pace = Pace(self._core.clock)
        wakeup = Wakeup(lambda: self._came_back(pace))
        wakeup.start()
        try:
            self._keep_at(line, pace)
        finally:
            wakeup.close()

    def _keep_at(self, line: Line, pace: Pace) -> None:
        self._tell(Heard(pace.state, 0.0, None))
        fetch_at, known = 0.0, 0
        while self._holds(line):
            self._woken.clear()
            told = line.lists_version
            fetching = told > known or self._core.clock.monotonic() >= fetch_at
            heard = self._round(line, pace, fetching)
            if not self._holds(line):
                return
            self._tell(heard)
            up = heard.line.state == "up"
            if not up:
                fetch_at = 0.0  # what was published meanwhile is brought with the line
            elif heard.fetched and not heard.unfinished:
                known = told
                sure = line.lists_version and not any(part.startswith(LISTS) for part, _code in heard.faults)
                fetch_at = self._core.clock.monotonic() + (FETCH_EVERY_S if sure else FETCH_UNTOLD_S)
            if up and (heard.unfinished or line.lists_version > known):
                self._woken.set()  # a round brings for a bounded time, so that events have their turn
            self._woken.wait(ROUND_EVERY_S if up else pace.wait_s)

    def _round(self, line: Line, pace: Pace, fetching: bool) -> Heard:
        """Run one round and tell what came of it."""
        from checkpoint_app.sync.errors import LineCode, LineError
        from checkpoint_app.sync.fetch import fetch_lists
        from checkpoint_app.sync.round import run_round

        metadata = self._places.data / METADATA
        has_turn = self.turn.acquire(timeout=TURN_WITHIN_S)
        fetching = fetching and has_turn
        try:
            fetch = partial(fetch_lists, on_bytes=self._on_bytes, going_on=self._going_on) if fetching else None
            done = run_round(line, self._on_store, self._places.inbox, metadata, fetch, events_only=not has_turn)
        except LineError as error:
            pace.failed(error.code)
            revoked = error.code is LineCode.BOOTH_REVOKED
            return Heard(pace.state, line.latency_s or 0.0, line.time_off(), revoked=revoked)
        except Exception as error:  # the boundary of the line's thread: a defect must not end the line for good
            if self._stopped.is_set():
                raise
            log.error("a round failed: %s", type(error).__name__)  # noqa: TRY400 - texts may be personal
            pace.failed(LineCode.CUT_OFF)
            return Heard(pace.state, line.latency_s or 0.0, line.time_off(), faults=((ROUND, type(error).__name__),))
        finally:
            if has_turn:
                self.turn.release()
        pace.succeeded()
        if done.delivered is not None and done.delivered.waiting:
            self._woken.set()  # a round sends a bounded number; after a long outage the next follows at once
        return Heard(
            line=pace.state,
            latency_s=line.latency_s or 0.0,
            clock_off=line.time_off(),
            lists=len(done.brought),
            cases=len(done.cases),
            faults=tuple((fault.part, fault.code) for fault in done.faults),
            fetched=fetching,
            unfinished=bool(done.unfinished),
            renewed=done.renewed,
        )

    def _on_bytes(self, one: Bringing) -> None:
        self._core.jobs.post(lambda: self._core.update(bringing=one))

    def _going_on(self) -> bool:
        return not (self.is_cut or self._stopped.is_set())

    def _tell(self, heard: Heard) -> None:
        if not self._stopped.is_set():
            self._core.jobs.post(lambda: self._show(heard))

    def _on_store(self, work: Callable[[Store], T]) -> T:
        """Run ``work`` on the store's thread and wait for it."""

        def with_store() -> T:
            if self._core.records is None:
                raise NotOpenError
            return work(self._core.records.store)

        return self._core.jobs.wait_for_database(with_store)

    # -- on the UI thread ------------------------------------------------------------------------------------------

    def _show(self, heard: Heard) -> None:
        if self.is_cut:
            return
        state = self._core.state
        changes = {"line": heard.line, "latency_s": heard.latency_s, "clock_off": heard.clock_off}
        if (state.line, state.latency_s, state.clock_off) != tuple(changes.values()):
            self._core.update(**changes)
        self.stood(heard.line)
        if heard.line.state == "up" and (state.line is None or state.line.state != "up"):
            self.came_up()
        if heard.fetched and not heard.unfinished and state.bringing is not None:
            self._core.update(bringing=None)
        if heard.lists:
            self.lists_came()
        if heard.renewed or heard.revoked:
            self.leases_changed()
        if heard.cases:
            self.cases_came()
        self._tell_faults(heard)

    def _tell_faults(self, heard: Heard) -> None:
        """Say what failed, and write down a list that was refused; once, as long as it stays the same."""
        fresh = [fault for fault in heard.faults if fault not in self._faults]
        kept = set() if heard.fetched else {fault for fault in self._faults if fault[0].startswith(LISTS)}
        self._faults = kept | set(heard.faults)
        for part, code in fresh:
            words = self._core.words
            if not part.startswith(LISTS):
                known = words.knows(f"line_reason.{code}")
                why = words.say(f"line_reason.{code}" if known else "line_reason.other", code=code)
                self._core.say("message.line_fault", "attention", why=why)
                continue
            why = words.say(f"refused.{code}" if words.knows(f"refused.{code}") else "refused.unreadable")
            self._core.say("message.list_refused", "attention", why=why)
            name = part.partition(" ")[2]
            body: dict[str, str | int] = {"name": name, "version": 0, "why": code}
            self._core.record(partial(_refused, body), lambda _none: None)
        for part, code in heard.faults:  # each time: a version that was on its way may have come into force since
            if part.startswith(LISTS) and code == ROLE_ENDED and (name := part.partition(" ")[2]):
                self.list_ended(name)


def _refused(body: Mapping[str, str | int], records: Records) -> None:
    records.write(EventKind.LIST_REFUSED, body)
