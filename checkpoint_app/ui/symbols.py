"""Painted symbols: no font has them all alike on every machine. Stroke is a eleventh of the size, at least 2 units.

Solid symbols stand on findings, outlines elsewhere. Each painter gets the middle, the size and the ink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainterPath, QPen, QPolygonF

from checkpoint_app.ui import fonts
from checkpoint_app.ui.canvas import Canvas, colour
from checkpoint_app.ui.fonts import Face


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a symbol stands: its middle and its size in units, its ink, and the ground that shows through a solid."""

    x: float
    y: float
    size: float
    ink: str
    ground: str = ""

    @property
    def stroke(self) -> float:
        """Width of the strokes."""
        return max(2.0, self.size / 11)

    @property
    def solid(self) -> bool:
        """Whether the symbol is filled: then it names the ground that shows through."""
        return bool(self.ground)

    def at(self, across: float, down: float) -> QPointF:
        """Return a point given in halves of the size from the middle."""
        return QPointF(self.x + across * self.size / 2, self.y + down * self.size / 2)


Painter = Callable[[Canvas, Spot], None]


def draw(canvas: Canvas, name: str, spot: Spot) -> None:
    """Draw the symbol ``name``; an unknown name is a defect and raises KeyError."""
    canvas.painter.save()
    SYMBOLS[name](canvas, spot)
    canvas.painter.restore()


def _pen(spot: Spot, ink: str = "", width: float = 0) -> QPen:
    pen = QPen(colour(ink or spot.ink), width or spot.stroke)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _polyline(canvas: Canvas, spot: Spot, points: list[tuple[float, float]], pen: QPen | None = None) -> None:
    canvas.painter.setPen(pen or _pen(spot))
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawPolyline(QPolygonF([spot.at(x, y) for x, y in points]))


def _shape(canvas: Canvas, spot: Spot, path: QPainterPath) -> None:
    canvas.painter.setPen(Qt.PenStyle.NoPen if spot.solid else _mitred(spot))
    canvas.painter.setBrush(QBrush(colour(spot.ink)) if spot.solid else QBrush())
    canvas.painter.drawPath(path)


def _mitred(spot: Spot) -> QPen:
    pen = _pen(spot)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _polygon(spot: Spot, points: list[tuple[float, float]]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([spot.at(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _reach(spot: Spot) -> float:
    """How far an outline's middle line is from the middle, in halves of the size."""
    return 1.0 if spot.solid else 1 - spot.stroke / spot.size


def _circle(canvas: Canvas, spot: Spot) -> None:
    reach = _reach(spot)
    path = QPainterPath()
    path.addEllipse(spot.at(0, 0), reach * spot.size / 2, reach * spot.size / 2)
    _shape(canvas, spot, path)


def _inner(spot: Spot) -> str:
    return spot.ground or spot.ink


def _clear(canvas: Canvas, spot: Spot) -> None:
    _circle(canvas, spot)
    pen = _pen(spot, _inner(spot), spot.stroke * (1.35 if spot.solid else 1.15))
    _polyline(canvas, spot, [(-0.42, 0.04), (-0.12, 0.34), (0.45, -0.3)], pen)


def _note(canvas: Canvas, spot: Spot) -> None:
    reach = 1.04 if spot.solid else 1 - spot.stroke / spot.size
    _shape(canvas, spot, _polygon(spot, [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]))
    if spot.solid:
        pen = _pen(spot, spot.ground, spot.stroke * 1.25)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        canvas.painter.setPen(pen)
        canvas.painter.drawLine(spot.at(0, -0.46), spot.at(0, 0.14))
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(colour(spot.ground))
        canvas.painter.drawEllipse(spot.at(0, 0.38), spot.size * 0.06, spot.size * 0.06)


def _hit(canvas: Canvas, spot: Spot) -> None:
    reach = _reach(spot)
    cut = reach * 0.42
    corners = [(-cut, -reach), (cut, -reach), (reach, -cut), (reach, cut)]
    _shape(canvas, spot, _polygon(spot, corners + [(-x, -y) for x, y in corners]))
    if spot.solid:
        box = QRectF(spot.at(-0.48, -0.15), spot.at(0.48, 0.15))
        canvas.painter.fillRect(box, colour(spot.ground))


def _not_checked(canvas: Canvas, spot: Spot) -> None:
    half = spot.size / 2 - spot.stroke / 2
    side = QRectF(spot.x - half, spot.y - half, 2 * half, 2 * half)
    pen = QPen(colour(spot.ink), spot.stroke)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    corner = spot.size * 0.16
    # Three dashes a side, whole ones at the corners: the pattern starts in the middle of a dash.
    dash = 2 * half / 5.4
    pen.setDashPattern([dash / spot.stroke, dash * 0.72 / spot.stroke])
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawRoundedRect(side, corner, corner)
    face = Face(round(spot.size * 0.69), fonts.BOLD)
    canvas.mark("?", face, (spot.x, spot.y), spot.ink)


def _doubt(canvas: Canvas, spot: Spot) -> None:
    pen = _pen(spot)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    reach = spot.size / 2 - spot.stroke / 2
    dash = 2 * pi * reach / spot.stroke / 8
    pen.setDashPattern([0.6 * dash, 0.4 * dash])
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawEllipse(spot.at(0, 0), reach, reach)
    canvas.mark("?", Face(round(spot.size * 0.66), fonts.BOLD), (spot.x, spot.y), spot.ink)


def _eye(canvas: Canvas, spot: Spot) -> None:
    canvas.painter.setPen(_pen(spot))
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    lids = QPainterPath(spot.at(-0.95, 0))
    lids.cubicTo(spot.at(-0.45, -0.8), spot.at(0.45, -0.8), spot.at(0.95, 0))
    lids.cubicTo(spot.at(0.45, 0.8), spot.at(-0.45, 0.8), spot.at(-0.95, 0))
    canvas.painter.drawPath(lids)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(colour(spot.ink))
    canvas.painter.drawEllipse(spot.at(0, 0), spot.size * 0.15, spot.size * 0.15)


def _waiting(canvas: Canvas, spot: Spot) -> None:
    pen = _pen(spot)
    pen.setDashPattern([0.1, 2.2])
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = spot.size / 2 - spot.stroke / 2
    canvas.painter.drawEllipse(spot.at(0, 0), reach, reach)


def _dotted(canvas: Canvas, spot: Spot) -> None:
    pen = _pen(spot)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = spot.size / 2 - spot.stroke / 2
    # Ten dashes round, of three parts ink and two of nothing: between a ring and mere points.
    part = 2 * pi * reach / spot.stroke / 50
    pen.setDashPattern([3 * part, 2 * part])
    canvas.painter.setPen(pen)
    canvas.painter.drawEllipse(spot.at(0, 0), reach, reach)


def _clock(canvas: Canvas, spot: Spot) -> None:
    _circle(canvas, spot)
    _polyline(canvas, spot, [(0, -0.55), (0, 0.04), (0.36, 0.26)], _pen(spot, _inner(spot)))


def _tick(canvas: Canvas, spot: Spot) -> None:
    _polyline(canvas, spot, [(-0.88, 0.02), (-0.3, 0.62), (0.92, -0.64)])


def _half(canvas: Canvas, spot: Spot) -> None:
    _circle(canvas, spot)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(colour(spot.ink))
    reach = spot.size / 2 - spot.stroke / 2
    canvas.painter.drawPie(QRectF(spot.x - reach, spot.y - reach, 2 * reach, 2 * reach), 90 * 16, 180 * 16)


def _dot(canvas: Canvas, spot: Spot) -> None:
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(colour(spot.ink))
    canvas.painter.drawEllipse(spot.at(0, 0), spot.size / 2, spot.size / 2)


def _shield(canvas: Canvas, spot: Spot) -> None:
    path = QPainterPath(spot.at(0, -0.98))
    path.cubicTo(spot.at(0.25, -0.8), spot.at(0.55, -0.72), spot.at(0.82, -0.7))
    path.lineTo(spot.at(0.82, 0.05))
    path.cubicTo(spot.at(0.82, 0.55), spot.at(0.4, 0.85), spot.at(0, 1.0))
    path.cubicTo(spot.at(-0.4, 0.85), spot.at(-0.82, 0.55), spot.at(-0.82, 0.05))
    path.lineTo(spot.at(-0.82, -0.7))
    path.cubicTo(spot.at(-0.55, -0.72), spot.at(-0.25, -0.8), spot.at(0, -0.98))
    canvas.painter.setPen(_pen(spot))
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawPath(path)


def _envelope(canvas: Canvas, spot: Spot) -> None:
    canvas.painter.setPen(_pen(spot, width=2.4))
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawRoundedRect(QRectF(spot.at(-0.9, -0.6), spot.at(0.9, 0.6)), 2, 2)
    _polyline(canvas, spot, [(-0.85, -0.5), (0, 0.14), (0.85, -0.5)], _pen(spot, width=2.4))


def _arrow_in(canvas: Canvas, spot: Spot) -> None:
    _polyline(canvas, spot, [(-0.8, 0), (0.42, 0)])
    _polyline(canvas, spot, [(-0.02, -0.44), (0.42, 0), (-0.02, 0.44)])
    _polyline(canvas, spot, [(0.9, -0.72), (0.9, 0.72)])


def _arrow_out(canvas: Canvas, spot: Spot) -> None:
    _polyline(canvas, spot, [(-0.4, 0), (0.8, 0)])
    _polyline(canvas, spot, [(0.36, -0.44), (0.8, 0), (0.36, 0.44)])
    _polyline(canvas, spot, [(-0.9, -0.72), (-0.9, 0.72)])


def _same(canvas: Canvas, spot: Spot) -> None:
    for level in (-0.28, 0.28):
        _polyline(canvas, spot, [(-0.9, level), (0.9, level)])


def _differs(canvas: Canvas, spot: Spot) -> None:
    _same(canvas, spot)
    _polyline(canvas, spot, [(-0.45, 0.95), (0.45, -0.95)])


def _near(canvas: Canvas, spot: Spot) -> None:
    canvas.painter.setPen(_pen(spot))
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    for level in (-0.38, 0.38):
        wave = QPainterPath(spot.at(-0.92, level + 0.18))
        wave.cubicTo(spot.at(-0.55, level - 0.38), spot.at(-0.25, level - 0.12), spot.at(0, level))
        wave.cubicTo(spot.at(0.25, level + 0.12), spot.at(0.55, level + 0.38), spot.at(0.92, level - 0.18))
        canvas.painter.drawPath(wave)


def _unknown(canvas: Canvas, spot: Spot) -> None:
    pen = _pen(spot)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    canvas.painter.setPen(pen)
    for start in (-0.95, -0.23, 0.49):
        canvas.painter.drawLine(spot.at(start, 0), spot.at(start + 0.46, 0))


def _pencil(canvas: Canvas, spot: Spot) -> None:
    body = [(-0.85, 0.85), (-0.7, 0.3), (0.45, -0.85), (0.85, -0.45), (-0.3, 0.7), (-0.85, 0.85)]
    _polyline(canvas, spot, body)
    _polyline(canvas, spot, [(0.15, -0.55), (0.55, -0.15)])


def _arrow_down(canvas: Canvas, spot: Spot) -> None:
    _polyline(canvas, spot, [(0, -0.95), (0, 0.95)])
    _polyline(canvas, spot, [(-0.8, 0.15), (0, 0.95), (0.8, 0.15)])


def _arrow_up(canvas: Canvas, spot: Spot) -> None:
    _polyline(canvas, spot, [(0, 0.95), (0, -0.95)])
    _polyline(canvas, spot, [(-0.8, -0.15), (0, -0.95), (0.8, -0.15)])


def portrait(canvas: Canvas, box: QRectF, ink: str) -> None:
    """Draw a head and shoulders, the stand-in where there is no portrait, at the foot of ``box``."""
    wide, high = box.width(), box.height()
    middle, foot = box.center().x(), box.bottom()
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(colour(ink))
    canvas.painter.drawEllipse(QPointF(middle, box.top() + high * 0.4), wide * 0.2, high * 0.2)
    left, right, top = middle - wide * 0.39, middle + wide * 0.39, box.top() + high * 0.66
    path = QPainterPath(QPointF(left, foot))
    path.cubicTo(QPointF(left + wide * 0.02, foot - high * 0.25), QPointF(left + wide * 0.1, top), QPointF(middle, top))
    path.cubicTo(
        QPointF(right - wide * 0.1, top), QPointF(right - wide * 0.02, foot - high * 0.25), QPointF(right, foot)
    )
    canvas.painter.drawPath(path)


SYMBOLS: dict[str, Painter] = {
    "clear": _clear,
    "note": _note,
    "hit": _hit,
    "not_checked": _not_checked,
    "waiting": _waiting,
    "clock": _clock,
    "tick": _tick,
    "open": _circle,
    "half": _half,
    "dotted": _dotted,
    "dot": _dot,
    "shield": _shield,
    "envelope": _envelope,
    "attention": _note,
    "arrow_in": _arrow_in,
    "arrow_out": _arrow_out,
    "arrow_down": _arrow_down,
    "arrow_up": _arrow_up,
    "same": _same,
    "equal": _same,
    "differs": _differs,
    "near": _near,
    "unknown": _unknown,
    "pencil": _pencil,
    "doubt": _doubt,
    "eye": _eye,
}
