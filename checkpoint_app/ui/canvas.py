"""Painting in units: the one place where text, edges and fills meet the painter.

Edges are put on whole device pixels, so that a line one unit wide stays sharp at every scale. Text is placed by the
middle of its capitals, which is where the eye aligns it with symbols. Every string can be recorded with the room it
had and the room it needed: painted text clips silently, and a test looks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from checkpoint_app.ui import fonts
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.palette import Palette

SOFT = 1.5
"""The width of an edge that is neither thin nor heavy: over two pixels, on purpose not sharp; heavy in contrast."""

CAP_CORNER = 4
LEFT, CENTRE, RIGHT = "left", "centre", "right"


@dataclass(frozen=True, slots=True)
class Theme:
    """A palette at a scale."""

    palette: Palette
    scale: float


@dataclass(frozen=True, slots=True)
class PaintedText:
    """A string that was painted: the room it had and the room it needs, in units, both ways."""

    owner: str
    text: str
    room: float
    needed: float
    bottom_room: float


@cache
def colour(name: str) -> QColor:
    """Return the colour written as ``name`` (#RRGGBB)."""
    return QColor(name)


class Canvas:
    """A painter in units with the palette at hand. ``recorder``, when set, receives every painted string."""

    recorder: ClassVar[list[PaintedText] | None] = None

    def __init__(self, painter: QPainter, theme: Theme, room: Area, owner: str) -> None:
        self.painter = painter
        self.palette = theme.palette
        self.room = room
        self._scale = theme.scale
        self._owner = owner
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(theme.scale, theme.scale)

    @property
    def pixels(self) -> float:
        """How many device pixels a unit has, the screen's own scaling included."""
        return self._scale * self.painter.device().devicePixelRatioF()

    def snap(self, value: float) -> float:
        """Return ``value`` moved to the nearest whole device pixel."""
        return round(value * self._scale) / self._scale

    def rect(self, area: Area) -> QRectF:
        """Return ``area`` with its edges on whole device pixels."""
        left, top = self.snap(area.x), self.snap(area.y)
        return QRectF(left, top, self.snap(area.right) - left, self.snap(area.bottom) - top)

    def fill(self, area: Area, paint: str, corner: float = 0) -> None:
        """Fill ``area``."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour(paint))
        self.painter.drawRoundedRect(self.rect(area), corner, corner)

    def pen(self, paint: str, width: float, dashes: tuple[float, ...] = ()) -> QPen:
        """Return a pen of ``width`` units, at least one device pixel and a whole number of them; dashes in units."""
        sharp = width if width == SOFT else max(1, round(width * self._scale)) / self._scale
        pen = QPen(colour(paint), sharp)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes:
            pen.setDashPattern([dash / sharp for dash in dashes])
        return pen

    def frame(
        self, area: Area, paint: str, width: float = 1, corner: float = 0, dashes: tuple[float, ...] = ()
    ) -> None:
        """Draw the edge of ``area``, inside it."""
        if width == SOFT and self.palette.edge_width > 1:
            width = self.palette.edge_width
        pen = self.pen(paint, width, dashes)
        half = 1.0 if width == SOFT else pen.widthF() / 2
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        round_by = max(0.0, corner - half)
        self.painter.drawRoundedRect(self.rect(area).adjusted(half, half, -half, -half), round_by, round_by)

    def rule(self, left: float, right: float, y: float, paint: str, height: float = 1) -> None:
        """Draw a level line whose upper edge is at ``y``."""
        thick = max(1, round(height * self._scale)) / self._scale
        top = self.snap(y)
        self.painter.fillRect(QRectF(self.snap(left), top, self.snap(right) - self.snap(left), thick), colour(paint))

    def hatch(self, path: QPainterPath, paint: str, step: float = 8, width: float = 2) -> None:
        """Fill ``path`` with lines that rise to the right, ``step`` units apart along the level."""
        box = path.boundingRect()
        painter = self.painter
        painter.save()
        painter.setClipPath(path)
        pen = QPen(colour(paint), width)
        painter.setPen(pen)
        x = box.left() - box.height() - (box.left() - box.height() - box.bottom()) % step
        while x < box.right():
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
            x += step
        painter.restore()

    def text(self, text: str, face: Face, at: tuple[float, float], room: float, paint: str, align: str = LEFT) -> float:
        """Paint one line. ``at`` is (x, middle of the capitals): x of the left, the centre or the right by ``align``.

        Returns the width painted. A text wider than ``room`` is cut with an ellipsis, never silently.
        """
        if not text:
            return 0.0
        needed = fonts.width(text, face)
        shown = text if needed <= room + 0.5 else fonts.elide_right(text, face, room)
        painted = fonts.width(shown, face)
        x, middle = at
        left = x - {LEFT: 0.0, CENTRE: painted / 2, RIGHT: painted}[align]
        self._record(text, room, needed, middle + face.capital / 2 + face.size * 0.22)
        self.painter.setPen(colour(paint))
        self.painter.setFont(fonts.font(face))
        self.painter.drawText(QPointF(left, self.snap(middle + face.capital / 2)), shown)
        return painted

    def mark(self, text: str, face: Face, at: tuple[float, float], paint: str) -> None:
        """Paint a sign that is part of a symbol, its middle at ``at``; it is no text and is not recorded."""
        self.painter.setPen(colour(paint))
        self.painter.setFont(fonts.font(face))
        x, middle = at
        self.painter.drawText(QPointF(x - fonts.width(text, face) / 2, middle + face.capital / 2), text)

    def _record(self, text: str, room: float, needed: float, bottom: float) -> None:
        if Canvas.recorder is not None:
            Canvas.recorder.append(PaintedText(self._owner, text, room, needed, self.room.bottom - bottom))

    def lines(self, lines: tuple[str, ...], face: Face, at: tuple[float, float], room: float, paint: str) -> float:
        """Paint ``lines`` below each other; ``at`` gives the upper left of the first line's box. Returns the height."""
        x, top = at
        for number, line in enumerate(lines):
            self.text(line, face, (x, top + (number + 0.5) * face.line), room, paint)
        return len(lines) * face.line

    def cap(self, text: str, area: Area, *, ink: str | None = None, edge: str | None = None, width: float = 0) -> None:
        """Paint a key's cap: a small framed box with the key's name in it."""
        palette = self.palette
        self.frame(area, edge or palette.edge, width or palette.edge_width, CAP_CORNER)
        middle = area.y + area.height / 2
        self.text(
            text, fonts.LABEL_STRONG, (area.x + area.width / 2, middle), area.width - 4, ink or palette.text, CENTRE
        )


def cap_width(text: str) -> float:
    """Return how wide the cap of a key named ``text`` is, in units."""
    return max(40.0, float(int(fonts.width(text, fonts.LABEL_STRONG) + 20)))
