"""Which key asks for what. No bare letter, digit or Space is ever a key, and Enter only in a list: a wedge scanner
types them.
"""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from checkpoint_app.booth.view.screen import Action

_FUNCTION_KEYS = MappingProxyType(
    {
        Qt.Key.Key_F2: Action.DIRECTION,
        Qt.Key.Key_F3: Action.CORRECT,
        Qt.Key.Key_F4: Action.REREAD,
        Qt.Key.Key_F5: Action.LET_PASS,
        Qt.Key.Key_F6: Action.COMPARE,
        Qt.Key.Key_F7: Action.REFER,
        Qt.Key.Key_F8: Action.CARGO,
        Qt.Key.Key_F9: Action.PROTECT,
        Qt.Key.Key_F10: Action.SECOND,
        Qt.Key.Key_F11: Action.OFFICER,
        Qt.Key.Key_F12: Action.DRILL,
        Qt.Key.Key_Escape: Action.PREVIOUS,
    }
)
_WITH_CONTROL = MappingProxyType(
    {
        Qt.Key.Key_E: Action.INSPECTIONS,
        Qt.Key.Key_H: Action.HISTORY,
        Qt.Key.Key_I: Action.STICK_TAKE,
        Qt.Key.Key_K: Action.FIND,
        Qt.Key.Key_L: Action.LISTS,
        Qt.Key.Key_M: Action.ARRIVALS,
        Qt.Key.Key_P: Action.SLIP,
        Qt.Key.Key_R: Action.RULES,
        Qt.Key.Key_S: Action.SEEN,
        Qt.Key.Key_T: Action.TAKE_CASE,
        Qt.Key.Key_U: Action.STICK_WRITE,
    }
)
_WITH_SHIFT = MappingProxyType({Qt.Key.Key_F3: Action.AS_READ})
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


def action_of(event: QKeyEvent) -> Action | None:
    """Return what the key asks for, or None."""
    modifiers, key = _modifiers(event), Qt.Key(event.key())
    if modifiers == Qt.KeyboardModifier.NoModifier:
        return _FUNCTION_KEYS.get(key)
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return _WITH_CONTROL.get(key)
    return _WITH_SHIFT.get(key) if modifiers == Qt.KeyboardModifier.ShiftModifier else None


def choice_of(event: QKeyEvent) -> int | None:
    """Return 1 to 9 for Ctrl with that digit, or None."""
    if _modifiers(event) != Qt.KeyboardModifier.ControlModifier:
        return None
    number = event.key() - int(Qt.Key.Key_0)
    return number if 1 <= number <= 9 else None


def step_of(event: QKeyEvent, *, across: bool) -> int | None:
    """Return -1 or +1 for an arrow; left and right count only where ``across`` is set."""
    if _modifiers(event) != Qt.KeyboardModifier.NoModifier:
        return None
    steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
    if across:
        steps |= {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
    return steps.get(Qt.Key(event.key()))


def page_of(event: QKeyEvent) -> int | None:
    """Return -1 or +1 for Page Up and Page Down, or None."""
    return {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))


def is_enter(event: QKeyEvent) -> bool:
    """Tell whether the key is Enter, on either part of the keyboard."""
    return Qt.Key(event.key()) in _ENTER


def opens(event: QKeyEvent) -> bool:
    """Tell whether the key is Enter by itself, pressed and not held."""
    return is_enter(event) and _modifiers(event) == Qt.KeyboardModifier.NoModifier and not event.isAutoRepeat()


def is_ours(event: QKeyEvent) -> bool:
    """Tell whether the window takes this key even while a text is being typed."""
    return action_of(event) is not None or choice_of(event) is not None
