"""The scanner at the desk: a key asks for a picture, and only the desk that asked for it ever gets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.key_gate import HOLD_S
from checkpoint_app.booth.desk.reader_watch import Taken, Watching
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.record.encounter import ReadSource
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.readers.protocol import Health, RawInput, Reader
from checkpoint_app.readers.scanner import ScannerState

_AT_REST = (Health.READY, Health.ABSENT, Health.FAILED)


class Scans(Reader, Protocol):
    """A reader that gives a picture when asked."""

    @property
    def state(self) -> ScannerState:
        """How it stands now."""
        ...

    def scan(self) -> bool:
        """Ask for a picture; tell whether it was taken on."""
        ...

    def cancel(self) -> None:
        """Stop what is under way."""
        ...


class Scanning:
    """Asks a scanner for pictures and brings them to the desk; without one it does nothing."""

    def __init__(self, core: Core, encountering: Encountering) -> None:
        self._core = core
        self._encountering = encountering
        self._scanner: Scans | None = None
        self._watching: Watching | None = None
        self._began: float | None = None  # when the picture was asked for that is still wanted

    @property
    def under_way(self) -> bool:
        """Whether a picture is awaited."""
        return self._began is not None

    def use(self, scanner: Scans) -> None:
        """Take pictures from ``scanner``; it is closed with the desk."""
        post = self._core.jobs.post
        self._scanner = scanner
        self._watching = Watching(
            scanner,
            free=lambda: True,
            laid=lambda raw, taken: post(lambda: self._laid(raw, taken)),
            stands=lambda: scanner.state,
            stood=lambda: post(self._stood),
        )
        self._watching.start()
        self._stood()

    def press(self) -> None:
        """F4 on the empty desk: scan; while a scan is under way: stop it, though not by the same blow of a finger."""
        core, now = self._core, self._core.clock.monotonic()
        if self._began is not None:
            if now - self._began < HOLD_S:
                core.sound(Sound.REFUSED_KEY)
            else:
                self.stop()
        elif self._scanner is not None and self._scanner.scan():
            self._began = now
            self._stood()
            core.say("scanner.reading", "clock", cap="Esc")
        else:
            core.sound(Sound.REFUSED_KEY)  # the one that was stopped has not come to its end

    def stop(self) -> None:
        """Stop the scan under way, at the officer's wish."""
        self._drop()
        self._core.say("scanner.stopped")

    def seen(self) -> None:
        """Stop a scan whose picture nobody waits for: another document came first, or the officer left.

        It would come to the desk of the next person.
        """
        state = self._core.state
        if self.under_way and (state.officer is None or state.encounter or state.reading or state.reason):
            self._drop()

    def close(self) -> None:
        """Close the scanner."""
        if self._watching is not None:
            self._watching.stop()

    def _drop(self) -> None:
        self._began = None
        if self._scanner is not None:
            self._scanner.cancel()

    def _laid(self, raw: RawInput, taken: Taken) -> None:
        if self._began is None:
            taken(True)  # of a scan that was stopped: nobody's
            return
        free = self._encountering.is_free
        if free:
            self._began = None
            if raw.refused:
                self._core.sound(Sound.REFUSED_KEY)
                self._core.say(f"read.{raw.refused}", "attention", cap="F4")
            else:
                self._encountering.image(raw.image, source=ReadSource.SCANNER)
        taken(free)

    def _stood(self) -> None:
        """Show how the scanner stands; on the empty desk, say what changed by itself."""
        core = self._core
        if self._scanner is None:
            return
        before, now = core.state.health.scanner, self._scanner.state
        if now == before:
            return
        core.update(health=replace(core.state.health, scanner=now))
        changed = before is not None and {before.health, now.health} <= set(_AT_REST)
        if changed and core.state.officer is not None and core.state.stage is Stage.EMPTY:
            if now.trouble:
                core.say(f"read.{now.trouble}", "attention")
            else:
                core.say("scanner.is_ready", "tick")
