"""What a screen reader is told about a widget."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QAccessible

Role = QAccessible.Role


@dataclass(frozen=True, slots=True)
class Spoken:
    """Role, name, description, and the key that presses it. Without a name the widget is passed over.

    ``selected`` None: it is none of several from which one is selected.
    """

    role: QAccessible.Role = Role.NoRole
    name: str = ""
    description: str = ""
    key: str = ""
    disabled: bool = False
    checked: bool = False
    selected: bool | None = None
