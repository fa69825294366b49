"""The officer's hands in the played demonstration: keys through the X server, pictures, and what the window shows."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from checkpoint_app.booth.view.screen import DeskView

HOLD_S = 0.6
PRESSES, AGAIN_S = 3, 2.0
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.2
_XDOTOOL_S = 20.0
_MOST_ROWS = 80

Post = Callable[[Callable[[], None]], None]


class PlayError(Exception):
    """The demonstration did not go as planned; the message says where."""


class Played:
    """What the window shows, seen from the playing thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._view: DeskView | None = None

    def show(self, view: DeskView) -> None:
        """Take the newest view; called on the UI thread."""
        with self._changed:
            self._view = view
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeskView], object], what: str) -> DeskView:
        """Wait for a view as wanted and return it. Raises PlayError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._view is not None and wanted(self._view), _PATIENCE_S):
                said = self._view.message.text if self._view else "nothing"
                raise PlayError(f"waited in vain for: {what}; the screen says: {said}")
            if self._view is None:
                raise PlayError(what)
            return self._view

    def within(self, seconds: float, wanted: Callable[[DeskView], object]) -> bool:
        """Tell whether a view as wanted comes within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._view is not None and bool(wanted(self._view)), seconds)


class Hands:
    """Presses keys and looks. ``save`` saves the window's picture, on the UI thread, through ``post``."""

    def __init__(self, pictures: Path, post: Post, save: Callable[[Path], None]) -> None:
        self.played = Played()
        self.pictures = pictures
        self._post = post
        self._save = save

    def until(self, wanted: Callable[[DeskView], object], what: str) -> DeskView:
        """Wait for a view as wanted and return it. Raises PlayError."""
        return self.played.until(wanted, what)

    def until_true(self, wanted: Callable[[], object], what: str) -> None:
        """Wait for something that the window does not show. Raises PlayError."""
        until = time.monotonic() + _PATIENCE_S
        while not wanted():
            if time.monotonic() > until:
                raise PlayError(f"waited in vain for: {what}")
            time.sleep(_LOOK_EVERY_S)

    def hold(self) -> None:
        """Pause as a person does who has read what is new: a decision key that comes at once counts for nothing."""
        time.sleep(HOLD_S)

    def picture(self, name: str) -> None:
        """Save what the window shows now."""
        path = self.pictures / f"{name}.png"
        saved = threading.Event()

        def save() -> None:
            self._save(path)
            saved.set()

        self._post(save)
        saved.wait(10)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "5", text)

    def key(self, key: str) -> None:
        """Press one key, by its name for X: ``F5``, ``ctrl+t``."""
        self._xdotool("key", key)

    def choose(self, text: str) -> None:
        """Go down in the listing that is up, to the row that says ``text``. Raises PlayError."""
        for _ in range(_MOST_ROWS):
            listing = self.until(lambda view: view.listing, "the listing").listing
            if listing and listing.selected >= 0 and text in " ".join(listing.rows[listing.selected].cells):
                return
            self._down(listing, text)
        raise PlayError(f"{text} is not in the listing")

    def _down(self, listing: object, text: str) -> None:
        self.key("Down")
        self.until(lambda view: view.listing != listing, f"{text} further down in the listing")

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, timeout=_XDOTOOL_S)
