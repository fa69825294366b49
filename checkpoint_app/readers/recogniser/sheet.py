"""The part of a picture where a document's print stands, upright, with the pixels that the picture has there.

A passport's, a visa's and an old card's zone stand on the page that they tell of (ICAO Doc 9303-4, -6, -7); a small
card has its zone on the back (9303-5), and its front may lie anywhere beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.upright import View

Doubles = npt.NDArray[np.float64]

PITCH = 2.54  # mm between characters (Doc 9303-3 §4.2)
_LINE = 5.2  # mm: a line of the zone with what lies around it
_MOST_PIXELS = 2_600_000
_MOST_SIDE = 2_400
_FINEST = 16.0  # pixels a millimetre: print of 2 mm needs no more
_BESIDE = 1.25  # of the card's width or height: how far a card's other side is looked for around it
_CARD = 30  # characters a line


@dataclass(frozen=True, slots=True)
class Sheet:
    """``pixels`` as they lie upright, ``scale`` of them a millimetre.

    ``zone`` is left, top, right, bottom of the zone, from the middle of its first ``cells`` to that of their last.
    """

    pixels: Pixels
    scale: float
    cells: int
    zone: tuple[float, float, float, float]


def sheet(picture: Pixels, lines: Sequence[FoundLine], view: View) -> Sheet:
    """Cut the sheet out of ``picture``: what ``view`` shows of it, and of a small card what lies around that too."""
    ends = view.place([line.box.at(line.centres[cell], line.turn)[:2] for line in lines for cell in (0, -1)])
    ends = ends * view.size
    cells = len(lines[-1].centres)
    seen = float(np.hypot(*(ends[-1] - ends[-2]))) / (PITCH * (cells - 1))  # pixels of the view a millimetre
    left, top, right, bottom = _area(picture, view, cells)
    zoom = min(_zoom(view), _FINEST / seen, math.sqrt(_MOST_PIXELS / ((right - left) * (bottom - top))))
    zoom = min(zoom, _MOST_SIDE / max(right - left, bottom - top))
    size = max(1, round((right - left) * zoom)), max(1, round((bottom - top) * zoom))
    matrix = np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom], [0, 0, 1.0]]) @ view.matrix
    places = (ends - (left, top)) * zoom
    (x, y), (x2, y2) = places.min(axis=0), places.max(axis=0)
    half = _LINE / 2 * seen * zoom
    zone = float(x), float(y - half), float(x2), float(y2 + half)
    return Sheet(_warped(picture, matrix, size), seen * zoom, cells, zone)


def _zoom(view: View) -> float:
    """Return how many pixels of the picture one of the view stands for, in the view's middle."""
    x, y = view.size[0] / 2, view.size[1] / 2
    around = np.array([(x, y, 1.0), (x + 8, y, 1.0), (x, y + 8, 1.0)]) @ np.linalg.inv(view.matrix).T
    points = around[:, :2] / around[:, 2:]
    across, down = points[1] - points[0], points[2] - points[0]
    return max(0.1, math.sqrt(abs(across[0] * down[1] - across[1] * down[0])) / 8)


def _area(picture: Pixels, view: View, cells: int) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of what is looked at, in pixels of the view."""
    width, height = view.size
    if cells != _CARD:
        return 0.0, 0.0, float(width), float(height)
    high, wide = picture.shape[:2]
    corners = np.array([(0, 0, 1.0), (wide, 0, 1.0), (wide, high, 1.0), (0, high, 1.0)]) @ view.matrix.T
    if corners[:, 2].min() <= 0:  # beyond the horizon
        return 0.0, 0.0, float(width), float(height)
    points = corners[:, :2] / corners[:, 2:]
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return (
        max(float(left), -_BESIDE * width),
        max(float(top), -_BESIDE * height),
        min(float(right), (1 + _BESIDE) * width),
        min(float(bottom), (1 + _BESIDE) * height),
    )


def _warped(picture: Pixels, matrix: Doubles, size: tuple[int, int]) -> Pixels:
    """Warp ``picture``; where it shrinks, average first, else thin strokes vanish between samples."""
    factor = 1.3 * math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
    if factor < 0.8:
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        matrix = matrix @ np.diag([1 / factor, 1 / factor, 1.0])
    flags = cv2.INTER_CUBIC if factor >= 0.8 else cv2.INTER_LINEAR
    return cv2.warpPerspective(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]
