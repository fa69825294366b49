"""What the window needs from the desk it shows; `booth.desk.desk` fulfils it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from checkpoint_app.booth.view.screen import Action, DeskView, Sound

if TYPE_CHECKING:
    from checkpoint_app.booth.slips.slip_output import Paper
    from checkpoint_app.booth.slips.slip_view import SlipSheet


class DeskLike(Protocol):
    """A desk: it hands out views and takes what the officer does. All calls come and go on the UI thread."""

    def view(self) -> DeskView:
        """Return what the screen shows now."""
        ...

    def on_view(self, callback: Callable[[DeskView], None]) -> None:
        """Call ``callback`` on the UI thread with each new view."""
        ...

    def on_sound(self, callback: Callable[[Sound], None]) -> None:
        """Call ``callback`` on the UI thread when a sound is due."""
        ...

    def press(self, action: Action, *, auto_repeat: bool = False) -> None:
        """Take a key; ``auto_repeat`` tells that it is merely held down."""
        ...

    def edit(self, field: str, text: str) -> None:
        """Take the text of a form's field, whole, after each change."""
        ...

    def submit(self) -> None:
        """Take Enter inside a form, or in a list: open what is selected."""
        ...

    def choose(self, number: int) -> None:
        """Take Ctrl+1 to Ctrl+9: a numbered choice, or the answer of compare."""
        ...

    def move(self, step: int) -> None:
        """Take an arrow in a list or among candidates: -1 back, +1 on; a click or a page key steps further."""
        ...

    def drop(self, image: bytes, name: str) -> None:
        """Take a file, undecoded, at most 32 MiB: a picture, or a carrier's message; ``name`` is its last part."""
        ...

    def keyed(self, text: str) -> None:
        """Take the lines of a zone as a reader that types sent them."""
        ...

    def draw_slips_with(self, draw: Callable[[SlipSheet, Paper], bytes]) -> None:
        """Take what draws a slip as a PDF."""
        ...

    def tick(self) -> None:
        """Take the passing of a second."""
        ...

    def close(self) -> None:
        """Close whatever is open; the window is going."""
        ...


Post = Callable[[Callable[[], None]], None]
"""Runs a callable on the UI thread soon; may be called from any thread."""

DeskFactory = Callable[[Post], DeskLike]
"""Makes the desk, after first paint, given the way back to the UI thread."""
