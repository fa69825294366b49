"""Keys as a display sends them, each with its time: those of a person and those of a device."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DeskWindow

F = Qt.Key
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
QUIET_MS = 420


class Keyboard:
    """Sends keys as the display does: to the window, each with its time."""

    def __init__(self, window: DeskWindow, door: WedgeFilter, qtbot: object) -> None:
        self._window, self._door, self._qtbot = window, door, qtbot
        self.now_ms = 10_000

    def key(self, key: int, modifiers: Qt.KeyboardModifier = NONE, text: str = "", *, repeat: bool = False) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text, repeat)
            event.setTimestamp(self.now_ms)
            QApplication.sendEvent(self._window.windowHandle(), event)

    def device(self, text: str, gap_ms: int = 2) -> None:
        """Type ``text`` at a device's pace; Shift goes down for what needs it."""
        for character in text:
            self.now_ms += gap_ms
            if character in "\r\t":
                self.key(F.Key_Return if character == "\r" else F.Key_Tab, text=character)
            elif ord(character) < 32:
                self.key(ord(character) + 64, CONTROL, character)
            elif character.isupper() or character == "<":
                self.key(F.Key_Shift, SHIFT)
                self.key(ord(character), SHIFT, character)
            else:
                self.key(ord(character.upper()), NONE, character)

    def quiet(self) -> None:
        """Let time go by without a key, until none is held."""
        self.now_ms += QUIET_MS
        self._qtbot.waitUntil(lambda: not self._door._wedge.is_holding)

    def person(self, text: str) -> None:
        """Type ``text`` as a person does."""
        for character in text:
            self.device(character)
            self.quiet()
