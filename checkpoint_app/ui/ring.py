"""The focus ring: three units of accent, two apart from what has the focus, above everything and never in the way."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.ui.canvas import Canvas, Theme
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.painted import Painted

THICK, APART = 3.0, 2.0


class FocusRing(Painted):
    """Lies over the window and lets every click through."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window, theme)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window = window
        self._target: QWidget | None = None

    def follow(self, target: QWidget | None) -> None:
        """Move to ``target``; only painted widgets get a ring, inputs have an edge of their own."""
        self._target = target if isinstance(target, Painted) else None
        self._settle()

    def _settle(self) -> None:
        target, window = self._target, self._window
        if target is None or not target.isVisible() or not window.isAncestorOf(target):
            self.hide()
            return
        around = round((THICK + APART) * self.theme.scale)
        corner = target.mapTo(window, QPoint(0, 0))
        self.setGeometry(QRect(corner, target.size()).adjusted(-around, -around, around, around))
        self.raise_()
        self.show()

    def paint(self, canvas: Canvas) -> None:
        """Paint the ring."""
        area = self.room
        canvas.frame(Area(0, 0, area.width, area.height), canvas.palette.accent_edge, THICK, 8)
