"""Keys of readers that type: held back at the window's door until it is known whose they are, then read or handed on.

All keys that the display sends to the window pass here before any field, shortcut or button sees them. What they are
is decided by `readers.wedge`, where they go by the focus. Nothing of them is logged or kept.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from checkpoint_app.readers.wedge import BREAKS, Burst, Outcome, Stroke, Typed, Wedge, Zone
from checkpoint_app.ui.window import DeskWindow

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFTS = (
    Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock, Qt.Key.Key_ScrollLock, Qt.Key.Key_Mode_switch, Qt.Key.Key_Super_L, Qt.Key.Key_Super_R,
)  # fmt: skip
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_OTHER_INPUT = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress, QEvent.Type.FocusOut)


class WedgeFilter(QObject):
    """Stands before ``window``, which is on the screen already."""

    def __init__(self, window: DeskWindow) -> None:
        super().__init__(window)
        self._window, self._keyed = window, window.keyed
        self._wedge: Wedge[QKeyEvent] = Wedge()
        self._focus: QWidget | None = None
        self._handing_on = False
        self._again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._waited)
        self._door = window.windowHandle()
        self._door.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._focus_changed)  # type: ignore[union-attr]
        self._watch_composing(QApplication.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Hold keys back; let what comes after them wait for them."""
        kind = event.type()
        if not isinstance(watched, QWindow):
            if kind is QEvent.Type.InputMethod:  # a composed character: it comes to the field past the door
                self._take(self._wedge.give_up())
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        elif kind in _OTHER_INPUT:
            self._take(self._wedge.give_up())
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        """Take a key; tell whether it is held back."""
        if event.key() in _SHIFTS:
            return False
        at = event.timestamp() / 1000 if event.timestamp() else time.monotonic()
        text = _typed_by(event)
        if self._passes(event, text, at):
            self._take(self._wedge.give_up())
            return False
        if not self._wedge.is_holding:
            self._focus = QApplication.focusWidget()
        self._take(self._wedge.feed(Stroke(text, at, _copy(event))))
        self._wait()
        return True

    def _passes(self, event: QKeyEvent, text: str, at: float) -> bool:
        """Whether a key is not held: one that repeats, or a function key that the desk refuses now.

        Qt's xcb plugin takes two presses of a key within one millisecond for a repeat: a device's are none.
        """
        if event.isAutoRepeat():
            return not (text and self._wedge.continues(at))
        return not text and not self._wedge.is_holding and self._window.shows_something_new

    def _wait(self) -> None:
        self._again = False
        if self._wedge.is_holding:
            self._timer.start(round(self._wedge.wait * 1000) + 1)
        else:
            self._timer.stop()

    def _waited(self) -> None:
        """Look once more after the keys that wait in the queue: the screen may have been busy longer than a device."""
        if not self._again:
            self._again = True
            self._timer.start(0)
            return
        self._take(self._wedge.expire())
        self._wait()

    # -- where the keys go -------------------------------------------------------------------------------------

    def _take(self, outcomes: tuple[Outcome[QKeyEvent], ...]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Zone):
                self._take_back(outcome.let_go)
                self._keyed(outcome.text)
            elif isinstance(outcome, Typed):
                self._hand_on(outcome.strokes)
            else:
                self._burst(outcome)
        if outcomes:
            self._focus = QApplication.focusWidget()
        if not self._wedge.is_holding:
            self._timer.stop()

    def _burst(self, burst: Burst[QKeyEvent]) -> None:
        """Give what a device typed, and is no zone, to a field that may have it; else tell that it is none."""
        focus = QApplication.focusWidget()
        if burst.slip:  # it belongs to the desk, wherever the cursor is
            self._keyed(burst.slip)
        elif not isinstance(focus, (QLineEdit, QPlainTextEdit)) or focus is not self._focus or not burst.strokes:
            self._keyed("")
        elif not burst.is_long:
            self._hand_on(burst.strokes)
        elif isinstance(focus, QPlainTextEdit) and burst.is_damaged_zone:
            focus.insertPlainText("\n".join(burst.text.split()))
        elif burst.is_damaged_zone or _is_secret(focus):
            self._keyed("")
        else:
            self._hand_on(tuple(one for one in burst.strokes if one.text and one.text not in BREAKS))

    def _take_back(self, text: str) -> None:
        """Take characters out of the field again that were a device's, if it has them before its cursor."""
        focus = QApplication.focusWidget()
        if focus is not None and text and _before_cursor(focus).endswith(text):
            for _ in text:
                QApplication.sendEvent(focus, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Backspace, _NO_MODIFIER))

    def _hand_on(self, strokes: tuple[Stroke[QKeyEvent], ...]) -> None:
        """Send keys where they would have gone: to the focus, which they may move themselves."""
        self._handing_on = True
        try:
            for stroke in strokes:
                QApplication.sendEvent(QApplication.focusWidget() or self._window, stroke.key)
        finally:
            self._handing_on = False

    # -- the focus ---------------------------------------------------------------------------------------------

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Give a person's keys to the field that they were typed in, unless it is gone: no other may have them."""
        self._watch_composing(new)
        if self._handing_on or not self._wedge.is_holding:
            return
        meant = self._focus if self._focus is not None and isValid(self._focus) else None
        for outcome in self._wedge.give_up():
            if isinstance(outcome, Typed) and meant is not None and meant.isVisible():
                for stroke in outcome.strokes:
                    QApplication.sendEvent(meant, stroke.key)
        self._wait()

    def _watch_composing(self, new: QWidget | None) -> None:
        if isinstance(new, (QLineEdit, QPlainTextEdit)):
            new.installEventFilter(self)


def _typed_by(event: QKeyEvent) -> str:
    """Return the character that a key types, or nothing: Enter and Tab, also as the control characters they are."""
    text = event.text()
    if event.key() in _ENTER:
        return "\r"
    if text in BREAKS and text:
        return text if event.key() != Qt.Key.Key_Backtab else ""
    return text if text.isprintable() and not event.modifiers() & _COMMANDS else ""


def _copy(event: QKeyEvent) -> QKeyEvent:
    """Return the event for later: Qt's own ends with its delivery."""
    return QKeyEvent(
        QEvent.Type.KeyPress,
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
    )


def _before_cursor(focus: QWidget | None) -> str:
    if isinstance(focus, QLineEdit):
        return focus.text()[: focus.cursorPosition()]
    return focus.toPlainText()[: focus.textCursor().position()] if isinstance(focus, QPlainTextEdit) else ""


def _is_secret(focus: QWidget) -> bool:
    return isinstance(focus, QLineEdit) and focus.echoMode() is not QLineEdit.EchoMode.Normal
