"""The base of everything on the screen: a widget that paints itself in units and says what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from checkpoint_app.ui import access
from checkpoint_app.ui.canvas import Canvas, Theme
from checkpoint_app.ui.measures import CORNER, Area
from checkpoint_app.ui.spoken import Spoken

Row = TypeVar("Row")


class Painted(QWidget):
    """A widget painted in units. Subclasses give ``paint`` and ``spoken``; ``arrange`` places children."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme
        access.give_interface(self)

    @property
    def room(self) -> Area:
        """The widget's own area, in units."""
        return Area(0, 0, self.width() / self.theme.scale, self.height() / self.theme.scale)

    def set_theme(self, theme: Theme) -> None:
        """Take another palette or scale, with all children."""
        self.theme = theme
        for child in self.children():
            if isinstance(child, Painted):
                child.set_theme(theme)
        self.update()

    def place(self, area: Area) -> None:
        """Put the widget at ``area`` of its parent, in units, and arrange its children."""
        scale = self.theme.scale
        left, top = round(area.x * scale), round(area.y * scale)
        # Both edges rounded keep gutters even; rounded towards each other they would cut the lower edge off.
        wide = max(round(area.right * scale) - left, int(area.width * scale))
        high = max(round(area.bottom * scale) - top, int(area.height * scale))
        self.setGeometry(left, top, wide, high)
        self.arrange()
        self.update()

    def arrange(self) -> None:
        """Place the children; called when size, theme or content changed."""

    def paint(self, canvas: Canvas) -> None:
        """Paint the widget; the canvas speaks units."""

    def spoken(self) -> Spoken:
        """Return what a screen reader is told about the widget."""
        return Spoken()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint in units."""
        painter = QPainter(self)
        try:
            self.paint(Canvas(painter, self.theme, self.room, type(self).__name__))
        finally:
            painter.end()


def padded(rows: Sequence[Row], count: int, blank: Row) -> list[Row]:
    """Return ``rows`` filled up with ``blank`` to ``count``: lines that are not in use must not keep old values."""
    return [*rows, *[blank] * (count - len(rows))]


class Panel(Painted):
    """A surface with round corners, on which the parts of the screen stand."""

    def paint(self, canvas: Canvas) -> None:
        """Paint the surface."""
        panel(canvas, self.room)


def panel(canvas: Canvas, area: Area) -> None:
    """Paint a surface; where surfaces cannot be told from the ground by colour, with an edge."""
    canvas.fill(area, canvas.palette.surface, CORNER)
    if canvas.palette.panel_edges:
        canvas.frame(area, canvas.palette.separator, 2, CORNER)


class Pressable(Painted):
    """A painted key: pressed with mouse or finger, never with Enter or Space; its own key presses it."""

    def __init__(self, parent: QWidget | None, theme: Theme, on_press: Callable[[], None]) -> None:
        super().__init__(parent, theme)
        self._on_press = on_press
        self.pressed = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the key pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.pressed = True
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Press, if the finger left inside."""
        if event.button() is not Qt.MouseButton.LeftButton or not self.pressed:
            return
        self.pressed = False
        self.update()
        if self.rect().contains(event.position().toPoint()):
            self._on_press()
