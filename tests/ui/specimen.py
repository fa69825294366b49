"""A specimen page for the samples, drawn here: the person is ICAO's invented one, and the page says so."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen

from checkpoint_app.booth.view.screen import Box

WIDTH, HEIGHT = 1000, 704
MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F2704151ZE184226B<<<<<18")
BOXES = (
    Box(0.135, 0.752, 0.431, 0.098),
    Box(0.031, 0.868, 0.220, 0.098),
    Box(0.303, 0.868, 0.157, 0.098),
    Box(0.471, 0.868, 0.157, 0.098),
    Box(0.623, 0.868, 0.321, 0.098),
)
TEXTS = (
    ((350, 125), "Surname", "ERIKSSON"),
    ((350, 200), "Given names", "ANNA MARIA"),
    ((350, 275), "Date of birth", "12 AUG 1974"),
    ((350, 350), "Personal no.", "ZE184226B"),
    ((350, 427), "Date of expiry", "15 APR 2027"),
    ((700, 125), "Sex", "F"),
    ((700, 200), "Nationality", "UTOPIAN"),
    ((700, 275), "Passport no.", "L898902C3"),
)


@cache
def page() -> bytes:
    """Return the page as PNG."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    _waves(painter)
    _portrait(painter)
    _label(painter, "UTOPIA   PASSPORT / PASAPORTE", 38, 66, 34, 600)
    _label(painter, "SPECIMEN", 822, 66, 30, 600, "#7C0031")
    for (x, y), label, value in TEXTS:
        _label(painter, label, x, y + 2, 24, 400)
        _label(painter, value, x, y + 38, 34, 600)
    for number, line in enumerate(MRZ):
        font = QFont("OCR B")
        font.setPixelSize(29)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.1)
        painter.setFont(font)
        painter.setPen(QColor("#14181F"))
        for place, letter in enumerate(line):
            painter.drawText(QRectF(36 + place * 21.05, 545 + number * 82, 24, 30), letter)
    painter.end()
    return _png(image)


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def _label(painter: QPainter, text: str, x: int, y: int, size: int, weight: int, ink: str = "#14181F") -> None:
    font = QFont("Source Sans 3")
    font.setPixelSize(size)
    font.setWeight(QFont.Weight(weight))
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(x, y, text)


def _waves(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("#CBD8E8"), 3))
    for number in range(5):
        path = QPainterPath()
        path.moveTo(0, 280 + number * 40)
        path.cubicTo(330, 700 - number * 90, 600, -140 + number * 110, WIDTH, 320 + number * 20)
        painter.drawPath(path)


def _portrait(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#DADCE0"))
    painter.drawRoundedRect(QRectF(40, 105, 270, 352), 12, 12)
    painter.setBrush(QColor("#858B95"))
    painter.drawEllipse(QRectF(120, 175, 108, 142))
    path = QPainterPath()
    path.addRoundedRect(QRectF(66, 335, 216, 200), 90, 90)
    clip = QPainterPath()
    clip.addRect(QRectF(40, 105, 270, 350))
    painter.drawPath(path.intersected(clip))
