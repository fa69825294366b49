"""Strips: a line of the zone as it is printed, with the characters that were read in it below their glyphs."""

from __future__ import annotations

from itertools import pairwise

from checkpoint_app.booth.view.screen import StripView
from checkpoint_app.ui import pictures
from checkpoint_app.ui.canvas import CENTRE, Canvas
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import Area

BESIDE = 0.75
"""How much of a strip is shown beside its first and last character, in characters."""
_USUAL = 0.022  # how far characters stand apart in a line of 44, where there is but one
_FRAME, _MARK = 2.0, 2.5


def _pitch(view: StripView) -> float:
    centres = view.centres
    return (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else _USUAL


def _span(view: StripView) -> tuple[float, float]:
    beside = BESIDE * _pitch(view)
    return view.centres[0] - beside, view.centres[-1] + beside


def width(view: StripView, pitch: float) -> float:
    """Return how wide a strip is whose characters stand ``pitch`` units apart."""
    return pitch * (len(view.text) - 1 + 2 * BESIDE)


def height(view: StripView, wide: float, most: float) -> float:
    """Return how high a strip ``wide`` units wide is drawn: as its picture is, but no more than ``most``."""
    left, right = _span(view)
    return min(most, max(1.0, wide / (right - left) * pictures.ratio(view.image)))


def cells(view: StripView, area: Area) -> list[Area]:
    """Return where each character stands: from the middle between it and the one before to that of the one after."""
    left, right = _span(view)
    zoom = area.width / (right - left)
    middles = [area.x + (centre - left) * zoom for centre in view.centres]
    between = [(a + b) / 2 for a, b in pairwise(middles)] or [middles[0] + _USUAL * zoom / 2]
    edges = [2 * middles[0] - between[0], *between, 2 * middles[-1] - between[-1]][: len(middles) + 1]
    return [Area(a, area.y, b - a, area.height) for a, b in pairwise(edges)]


def paint_picture(canvas: Canvas, view: StripView, area: Area, chosen: int = -1) -> None:
    """Paint the picture with a dashed frame around each doubt, and a whole one around the ``chosen`` character."""
    pictures.stretch(canvas, view.image, _span(view), area)
    for place, cell in enumerate(cells(view, area)):
        if place == chosen:
            canvas.frame(cell.inner(-1, 1), canvas.palette.box, _FRAME + 1)
        elif place in view.doubts:
            canvas.frame(cell.inner(-1, 1), canvas.palette.box, _FRAME, dashes=(4.0, 3.0))


def paint_text(canvas: Canvas, view: StripView, text: str, area: Area, face: Face, chosen: int = -1) -> None:
    """Paint ``text`` so that each character stands below its glyph; doubts are marked, and so is what was typed over.

    The ``chosen`` character stands on the accent, as a cursor that types over.
    """
    palette = canvas.palette
    for place, (cell, letter) in enumerate(zip(cells(view, area), text, strict=False)):
        ink = palette.text
        if place == chosen:
            canvas.fill(cell, palette.accent_bg, 2)
            ink = palette.accent_fg
        elif place in view.doubts:
            canvas.fill(cell, palette.look.tint)
        if letter != view.text[place]:
            canvas.fill(Area(cell.x + 1, cell.bottom - _MARK, cell.width - 2, _MARK), palette.accent_edge)
        elif place in view.doubts:
            canvas.fill(Area(cell.x + 1, cell.bottom - _MARK, cell.width - 2, _MARK), palette.look.ink)
        middle = (cell.x + cell.width / 2, cell.y + cell.height / 2 - 1)
        canvas.text(letter, face, middle, max(cell.width, face.size * 0.62), ink, CENTRE)
