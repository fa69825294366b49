"""Pictures for the screen: bytes that the booth has already made safe (PNG or JPEG) become a pixmap, or nothing."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QBuffer, QRectF, QSize, Qt
from PySide6.QtGui import QImageReader, QPainterPath, QPixmap

from checkpoint_app.ui import symbols
from checkpoint_app.ui.canvas import Canvas, colour
from checkpoint_app.ui.measures import CHIP_CORNER, CORNER, Area

MAX_SIDE = 4096


@lru_cache(maxsize=8)
def pixmap(image: bytes, wide: int, high: int) -> QPixmap | None:
    """Return ``image`` fitted whole into ``wide`` × ``high`` pixels, its ratio kept; None where it is no picture.

    It is decoded at the size it is shown in: a page of six megapixels would hold the window up otherwise. A picture
    larger than ``MAX_SIDE`` on a side is refused: the booth makes none.
    """
    buffer = QBuffer()
    buffer.setData(image)
    reader = QImageReader(buffer)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > MAX_SIDE:
        return None
    reader.setScaledSize(size.scaled(QSize(wide, high), Qt.AspectRatioMode.KeepAspectRatio))
    picture = reader.read()
    return None if picture.isNull() else QPixmap.fromImage(picture)


def forget() -> None:
    """Drop the pictures kept for repainting, so that nothing of a traveller outlives the Encounter."""
    pixmap.cache_clear()


def draw(canvas: Canvas, image: bytes | None, area: Area, corner: float) -> QRectF | None:
    """Draw ``image`` whole inside ``area`` with round corners; return where it lies, or None if there is none."""
    box = canvas.rect(area)
    sharp = canvas.pixels
    picture = pixmap(image, round(box.width() * sharp), round(box.height() * sharp)) if image else None
    if picture is None:
        return None
    wide, high = picture.width() / sharp, picture.height() / sharp
    shown = QRectF(box.center().x() - wide / 2, box.center().y() - high / 2, wide, high)
    clip = QPainterPath()
    clip.addRoundedRect(box, corner, corner)
    canvas.painter.save()
    canvas.painter.setClipPath(clip)
    canvas.painter.setRenderHint(canvas.painter.RenderHint.SmoothPixmapTransform)
    canvas.painter.drawPixmap(shown, picture, QRectF(picture.rect()))
    canvas.painter.restore()
    return shown


def page(canvas: Canvas, image: bytes | None, area: Area) -> QRectF | None:
    """Draw the page of a document in its frame, as light as it is; at night a veil takes off the glare.

    Returns where it lies, or None where there is no picture.
    """
    palette = canvas.palette
    canvas.fill(area, palette.inset, CORNER)
    shown = draw(canvas, image, area, CORNER)
    if shown is not None and palette.fill_edges:
        painter = canvas.painter
        painter.save()
        painter.setCompositionMode(painter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(palette.page))
        painter.drawRoundedRect(shown, CORNER, CORNER)
        painter.restore()
    canvas.frame(area, palette.edge, 1, CORNER)
    return shown


def portrait(canvas: Canvas, image: bytes | None, area: Area) -> None:
    """Draw a portrait, or head and shoulders where there is none, with its edge."""
    palette = canvas.palette
    canvas.fill(area, palette.portrait_ground, CHIP_CORNER)
    if draw(canvas, image, area, CHIP_CORNER) is None:
        symbols.portrait(canvas, canvas.rect(area), palette.portrait_ink)
    canvas.frame(area, palette.edge, 1, CHIP_CORNER)
