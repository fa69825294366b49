"""Pictures for the screen: bytes that the booth has already made safe (PNG or JPEG) become a pixmap, or nothing."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath, QPixmap

from checkpoint_app.ui import symbols
from checkpoint_app.ui.canvas import Canvas, colour
from checkpoint_app.ui.measures import CHIP_CORNER, CORNER, Area

MAX_SIDE = 4096


@lru_cache(maxsize=4)
def pixmap(image: bytes) -> QPixmap | None:
    """Return ``image`` as a pixmap, or None where it is no picture or larger than ``MAX_SIDE`` on a side."""
    picture = QPixmap()
    if not picture.loadFromData(image) or max(picture.width(), picture.height()) > MAX_SIDE:
        return None
    return picture


def forget() -> None:
    """Drop the pictures kept for repainting, so that nothing of a traveller outlives the Encounter."""
    pixmap.cache_clear()


def fit(picture: QPixmap, box: QRectF) -> QRectF:
    """Return where ``picture`` lies when shown whole in ``box``, its ratio kept."""
    factor = min(box.width() / picture.width(), box.height() / picture.height())
    wide, high = picture.width() * factor, picture.height() * factor
    return QRectF(box.center().x() - wide / 2, box.center().y() - high / 2, wide, high)


def draw(canvas: Canvas, image: bytes | None, area: Area, corner: float) -> QRectF | None:
    """Draw ``image`` whole inside ``area`` with round corners; return where it lies, or None if there is none."""
    picture = pixmap(image) if image else None
    if picture is None:
        return None
    box = canvas.rect(area)
    shown = fit(picture, box)
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
