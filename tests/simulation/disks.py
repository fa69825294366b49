"""Disks whose machine can lose its power between any two steps that reach them.

A kill takes a copy of the folder at its instant, as the kernel would keep it; what the machine still does is thrown
away with the folder, and the copy takes its place. Until then nothing leaves the machine: its line is dead too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from checkpoint_app.store.connection import Database


class Disk:
    """One machine's folder. ``arm`` sets a kill; ``dead`` tells that it has struck."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps = 0
        self.dead = False
        self.struck: Callable[[], None] = lambda: None
        """Called when it dies, for what lies outside its folder."""
        self._at: int | None = None
        self._last_words: Callable[[], None] = lambda: None

    @property
    def _copy(self) -> Path:
        return self.folder.with_name(self.folder.name + ".killed")

    def arm(self, at: int, last_words: Callable[[], None]) -> None:
        """Let the machine die at its ``at``-th step from now on; ``last_words`` is called after each commit before."""
        self.steps, self.dead, self._at, self._last_words = 0, False, at, last_words

    def step(self) -> None:
        """One step that reaches the disk is about to be made."""
        self.steps += 1
        if self._at is not None and not self.dead and self.steps >= self._at:
            self.strike()

    def strike(self) -> None:
        """Lose power now."""
        self.dead = True
        shutil.copytree(self.folder, self._copy)
        self.struck()

    def committed(self) -> None:
        """A transaction is durable."""
        if self._at is not None and not self.dead:
            self._last_words()

    def recover(self) -> bool:
        """Disarm; where the kill has struck, put the folder as it was then in its place. Tells which."""
        struck, self._at, self.dead = self.dead, None, False
        if struck:
            shutil.rmtree(self.folder)
            self._copy.rename(self.folder)
        return struck


_running: list[Disk] = []


@contextmanager
def running(disk: Disk) -> Iterator[None]:
    """Run a block on the machine of ``disk``: its steps are counted there."""
    _running.append(disk)
    try:
        yield
    finally:
        _running.pop()


def step() -> None:
    """Count one step of the machine that runs."""
    if _running:
        _running[-1].step()


def committed() -> None:
    """Tell the machine that runs that a transaction is durable."""
    if _running:
        _running[-1].committed()


@contextmanager
def hooked() -> Iterator[None]:
    """Count what reaches a disk: files' synchronisation, renames and removals, and statements of the booths' stores."""
    with ExitStack() as stack:
        for name in ("fsync", "replace", "rename", "unlink"):
            stack.enter_context(mock.patch.object(os, name, _before(getattr(os, name))))
        stack.enter_context(mock.patch.object(Database, "execute", _before(Database.execute)))
        after = Database._run_after

        def run_after(database: Database) -> None:
            committed()
            step()
            after(database)

        stack.enter_context(mock.patch.object(Database, "_run_after", run_after))
        yield


def _before(call: Callable[..., Any]) -> Callable[..., Any]:
    def stepping(*args: Any, **options: Any) -> Any:
        step()
        return call(*args, **options)

    return stepping
