"""What the parts of the desk share: the state of the screen, the jobs, the records, and how failures are told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from checkpoint_app.booth.desk.clock import Clock
from checkpoint_app.booth.desk.jobs import Jobs
from checkpoint_app.booth.desk.key_gate import KeyGate
from checkpoint_app.booth.desk.state import DeskState, Message
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Action, Sound
from checkpoint_app.store import StoreError

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class NotOpenError(Exception):
    """The booth's records are not open (yet, or any more)."""


class Core:
    """Lives on the UI thread. ``update`` is the only way to change the state, and shows it at once."""

    def __init__(self, state: DeskState, jobs: Jobs, clock: Clock) -> None:
        self.state = state
        self.jobs = jobs
        self.clock = clock
        self.gate = KeyGate(clock.monotonic)
        self.records: Records | None = None
        self.busy = False
        self._waiting: list[Callable[[], None]] = []
        self.changed: Callable[[], None] = lambda: None
        self.sounded: Callable[[Sound], None] = lambda _sound: None

    @property
    def words(self) -> Words:
        """The phrases of the officer's language."""
        return Words(self.state.language)

    @property
    def occupied(self) -> bool:
        """Whether a read or an act of the officer is under way: until its end is on the screen, no other is taken."""
        return self.busy or self.state.reading

    def update(self, **changes: Any) -> None:
        """Replace parts of the state and show it."""
        self.state = replace(self.state, now=self.clock.now(), trusted=self.trusted_now(), **changes)
        self.changed()
        if self._waiting and not self.occupied:
            self.jobs.post(self._let_in)

    def trusted_now(self) -> datetime:
        """Return the trusted time, by which ages are judged; the clock's before the store is open."""
        return self.clock.now() if self.records is None else self.records.trusted_now()

    def when_free(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the UI thread as soon as no read or act is under way: something came from outside."""
        self._waiting.append(work)
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and not self.occupied:
            self._waiting.pop(0)()

    def sound(self, sound: Sound) -> None:
        """Let a sound be heard."""
        self.sounded(sound)

    def say(
        self, key: str, symbol: str = "envelope", cap: str = "", action: Action | None = None, **params: str
    ) -> None:
        """Put a message into the message bar."""
        self.update(message=Message(key, params, symbol, cap, action))

    def record(
        self,
        work: Callable[[Records], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run ``work`` with the records on the database's thread; a failure is told on the screen."""

        def with_records() -> Result:
            if self.records is None:
                raise NotOpenError
            return work(self.records)

        self.jobs.on_database(with_records, done, failed or self.failed)

    def act(
        self,
        work: Callable[[Records], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """As ``record``, for an act of the officer: a key pressed before its end could mean another state of the desk.

        Only one at a time: callers have seen that the desk is not ``occupied``.
        """
        self.busy = True

        def ended(result: Result) -> None:
            self.busy = False
            done(result)

        def broke(error: Exception) -> None:
            self.busy = False
            (failed or self.failed)(error)

        self.record(work, ended, broke)

    def failed(self, error: Exception) -> None:
        """Tell a failure in words: the store's by its code, any other by its class; never with its text."""
        if isinstance(error, StoreError):
            key = store_key(error)
            known = self.words.knows(f"store.{key}")
            self.say(f"store.{key}" if known else "store.unknown", "attention", code=error.code)
            log.warning("the store refused: %s", error.code)
            return
        self.say("message.internal", "attention", code=type(error).__name__)
        log.error("a job failed: %s", type(error).__name__)


def store_key(error: StoreError) -> str:
    """Return the words' key of a store error: its code without the room's name."""
    return error.code.removeprefix("store-").replace("-", "_")
