"""Pictures for the screen: bytes that the booth has already made safe (PNG or JPEG) become a pixmap, or nothing."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QBuffer, QRectF, QSize, Qt
from PySide6.QtGui import QImageReader, QPainterPath, QPixmap

from checkpoint_app.ui import symbols
from checkpoint_app.ui.canvas import Canvas, colour
from checkpoint_app.ui.measures import CHIP_CORNER, CORNER, Area

MAX_SIDE = 4096
_KINDS = {b"\xff\xd8": b"jpeg", b"\x89PNG": b"png"}


@lru_cache(maxsize=8)
def pixmap(image: bytes, wide: int, high: int) -> QPixmap | None:
    """Return ``image`` fitted whole into ``wide`` × ``high`` pixels, its ratio kept; None where it is no picture.

    It is decoded at the size it is shown in: a page of six megapixels would hold the window up otherwise. A picture
    larger than ``MAX_SIDE`` on a side is refused: the booth makes none.
    """
    return _decoded(image, QSize(wide, high))


@lru_cache(maxsize=4)
def whole(image: bytes) -> QPixmap | None:
    """Return ``image`` at its own size; None where it is no picture, or larger than ``MAX_SIDE`` on a side."""
    return _decoded(image)


def _decoded(image: bytes, fitted: QSize | None = None) -> QPixmap | None:
    kind = next((kind for mark, kind in _KINDS.items() if image.startswith(mark)), None)
    if kind is None:  # Qt has decoders for much else, as SVG, which no bytes may choose
        return None
    buffer = QBuffer()
    buffer.setData(image)
    reader = QImageReader(buffer, kind)
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > MAX_SIDE:
        return None
    if fitted is not None:
        reader.setScaledSize(size.scaled(fitted, Qt.AspectRatioMode.KeepAspectRatio))
    picture = reader.read()
    return None if picture.isNull() else QPixmap.fromImage(picture)


def forget() -> None:
    """Drop the pictures kept for repainting, so that nothing of a traveller outlives the Encounter."""
    pixmap.cache_clear()
    whole.cache_clear()


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
    if shown is not None:
        _veil(canvas, shown)
    canvas.frame(area, palette.edge, 1, CORNER)
    return shown


def _veil(canvas: Canvas, shown: QRectF) -> None:
    if not canvas.palette.fill_edges:
        return
    painter = canvas.painter
    painter.save()
    painter.setCompositionMode(painter.CompositionMode.CompositionMode_Multiply)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(canvas.palette.page))
    painter.drawRoundedRect(shown, CORNER, CORNER)
    painter.restore()


def stretch(canvas: Canvas, image: bytes, span: tuple[float, float], area: Area) -> None:
    """Draw what lies between two fractions of the width of ``image`` across ``area``, as light as it is.

    Its ratio is kept: what is too high for ``area`` is cut above and below alike; what is missing stays empty.
    """
    palette, picture = canvas.palette, whole(image)
    canvas.fill(area, palette.page if picture is not None else palette.inset)
    if picture is not None:
        box = canvas.rect(area)
        zoom = box.width() / ((span[1] - span[0]) * picture.width())
        target = QRectF(
            box.left() - span[0] * picture.width() * zoom,
            box.center().y() - picture.height() * zoom / 2,
            picture.width() * zoom,
            picture.height() * zoom,
        )
        painter = canvas.painter
        painter.save()
        painter.setClipRect(box)
        painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, picture, QRectF(picture.rect()))
        painter.restore()
        _veil(canvas, box)
    canvas.frame(area, palette.edge, 1)


def ratio(image: bytes) -> float:
    """Return the height of ``image`` by its width; 0 where it is no picture."""
    picture = whole(image)
    return picture.height() / picture.width() if picture is not None else 0.0


def portrait(canvas: Canvas, image: bytes | None, area: Area) -> None:
    """Draw a portrait, or head and shoulders where there is none, with its edge."""
    palette = canvas.palette
    canvas.fill(area, palette.portrait_ground, CHIP_CORNER)
    if draw(canvas, image, area, CHIP_CORNER) is None:
        symbols.portrait(canvas, canvas.rect(area), palette.portrait_ink)
    canvas.frame(area, palette.edge, 1, CHIP_CORNER)
