"""A slip on paper: a label of 62 × 100 mm or A6, drawn as a PDF. One layout, whatever it says."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPageSize, QPainter, QPdfWriter

from checkpoint_app.booth.slips.slip_code import QUIET, SIDE, Modules
from checkpoint_app.booth.slips.slip_output import MILLIMETRES, Paper
from checkpoint_app.booth.slips.slip_view import SlipSheet
from checkpoint_app.ui import fonts

DPI = 600
_UNITS = 10  # a millimetre; fonts have whole sizes
_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes in millimetres: a module of the code, then heights of a line of each kind, and the page's edge."""

    module: float
    head: float
    line: float
    foot: float
    edge: float


_LAYOUTS = {
    Paper.LABEL: _Layout(module=0.9, head=8.0, line=5.2, foot=3.0, edge=3.0),
    Paper.A6: _Layout(module=1.3, head=12.0, line=7.0, foot=4.6, edge=6.0),
}


def draw_slip(sheet: SlipSheet, paper: Paper) -> bytes:
    """Return the sheet as a PDF of one page. Nothing in the file is personal."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle("slip")
    writer.setCreator("checkpoint")
    writer.setPageSize(QPageSize(QSizeF(*MILLIMETRES[paper]), QPageSize.Unit.Millimeter, "slip"))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(DPI)
    painter = QPainter(writer)
    scale = DPI / _MM_PER_INCH / _UNITS
    painter.scale(scale, scale)
    _draw(painter, sheet, _LAYOUTS[paper], MILLIMETRES[paper][0])
    painter.end()
    buffer.close()
    return bytes(data.data())


def _draw(painter: QPainter, sheet: SlipSheet, layout: _Layout, width: float) -> None:
    room = width - 2 * layout.edge
    top = layout.edge
    for number, text in enumerate(sheet.head):
        size = layout.head if number == 0 else layout.line
        weight = fonts.BOLD if number == 0 else fonts.STRONG
        top = _text(painter, text, QRectF(layout.edge, top, room, size), weight)
    code = layout.module * SIDE
    top += QUIET * layout.module
    _code(painter, sheet.modules, (width - code) / 2, top, layout.module)
    top += code + QUIET * layout.module
    for number, text in enumerate(sheet.lines):
        weight = fonts.STRONG if number == 0 else fonts.REGULAR
        top = _text(painter, text, QRectF(layout.edge, top, room, layout.line), weight)
    top += layout.foot / 3
    for text in sheet.foot:
        top = _wrapped(painter, text, QRectF(layout.edge, top, room, 3 * layout.foot), layout.foot)


def _text(painter: QPainter, text: str, area: QRectF, weight: int) -> float:
    """Draw one line in the middle of ``area`` (millimetres), smaller where it would not fit; return its lower edge."""
    size = area.height() * 0.8
    font = _font(size, weight)
    painter.setFont(font)
    wide = painter.fontMetrics().horizontalAdvance(text) / _UNITS
    if wide > area.width():
        painter.setFont(_font(size * area.width() / wide, weight))
    painter.drawText(_scaled(area), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
    return area.bottom()


def _wrapped(painter: QPainter, text: str, area: QRectF, line: float) -> float:
    """Draw a text of several lines, each ``line`` millimetres high; return its lower edge."""
    painter.setFont(_font(line * 0.8, fonts.REGULAR))
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    drawn = painter.boundingRect(_scaled(area), int(flags), text)
    painter.drawText(_scaled(area), int(flags), text)
    return area.top() + drawn.height() / _UNITS


def _code(painter: QPainter, modules: Modules, left: float, top: float, module: float) -> None:
    """Draw the code, dark modules that stand side by side as one: no hair line parts them on any printer."""
    ink = QColor(0, 0, 0)
    for row, dark in enumerate(modules):
        for first, last in _runs(dark):
            area = QRectF(left + first * module, top + row * module, (last - first) * module, module)
            painter.fillRect(_scaled(area), ink)


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Return where dark modules begin and end in a row."""
    edges = [at for at in range(len(row) + 1) if (at > 0 and row[at - 1]) != (at < len(row) and row[at])]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _font(millimetres: float, weight: int) -> QFont:
    font = QFont(fonts.SANS)
    font.setPixelSize(max(1, round(millimetres * _UNITS)))
    font.setWeight(QFont.Weight(weight))
    return font


def _scaled(area: QRectF) -> QRectF:
    return QRectF(area.x() * _UNITS, area.y() * _UNITS, area.width() * _UNITS, area.height() * _UNITS)
