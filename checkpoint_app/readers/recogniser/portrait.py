"""The portrait on a page that has its zone: sought where ICAO Doc 9303-4, -6 and -7 put it, by its four edges.

It is for the record and for the eye of an officer, who may not take a patch of guilloche for a face: where no place
stands out, there is none. A small card has its portrait on the other side (9303-5), which is not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.message import MOST_PORTRAIT_BYTES
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.sheet import PITCH, Sheet

Doubles = npt.NDArray[np.float64]

_PAGES = {44: (125.0, 88.0), 36: (105.0, 74.0)}  # characters a line → the page's width and height, mm
_FOOT = 6.8  # mm from the zone's lower edge to the page's foot
_GRID = 4  # cells a millimetre in which edges are sought
_REACH = 56.0  # mm from the page's left edge that the portrait ends before, on the larger page
_STEP = 24.0  # grey levels: a stronger edge counts no more
# What is added to each side and above, of its width and height: where a portrait has no frame, its edges are those of
# the head, or of the hair's shadow on the forehead.
_SIDE, _ABOVE = 0.12, 0.22
_HIGH = 400  # pixels of the crop at most
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Found:
    """A place for the portrait on the sheet, and what speaks for it."""

    left: float
    top: float
    right: float
    bottom: float
    edges: float
    weakest: float
    tone: float


def portrait(sheet: Sheet, boxes: Sequence[TextBox]) -> bytes:
    """Return the portrait of ``sheet``, whose print stands in ``boxes``, as a JPEG; empty where none stands out."""
    found = find(sheet, boxes)
    if found is None or not _stands_out(found):
        return b""
    side, above = _SIDE * (found.right - found.left), _ABOVE * (found.bottom - found.top)
    places = found.left - side, found.top - above, found.right + side, found.bottom
    left, top, right, bottom = (round(max(0.0, v)) for v in places)
    return _jpeg(sheet.pixels[top:bottom, left:right])


def find(sheet: Sheet, boxes: Sequence[TextBox]) -> Found | None:
    """Return the best place for a portrait, or None where the page has no known one."""
    page = _PAGES.get(sheet.cells)
    if page is None:
        return None
    large = page[0] / 125
    first = (page[0] - PITCH * (sheet.cells - 1)) / 2  # mm from the page's edge to the middle of the first cell
    left = sheet.zone[0] - first * sheet.scale
    top = sheet.zone[3] + _FOOT * sheet.scale - page[1] * sheet.scale
    size = round(_REACH * large * _GRID), round((sheet.zone[1] - top) / sheet.scale * _GRID)
    if size[1] < 30 * _GRID:
        return None
    scale = _GRID / sheet.scale
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    factor = min(1.0, 1.3 * scale)
    pixels = cv2.resize(sheet.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    matrix[:, :2] /= factor
    small = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3), 0).astype(np.float64)
    rect, values = _best(grey, _print(boxes, (left, top), scale, size), large)
    x0, y0, x1, y1 = (v / scale for v in rect)
    return Found(left + x0, top + y0, left + x1, top + y1, *values)


def _print(boxes: Sequence[TextBox], origin: tuple[float, float], scale: float, size: tuple[int, int]) -> Doubles:
    """Return where print stands: 1 in its cells, else 0."""
    covered = np.zeros((size[1], size[0]), dtype=np.float64)
    for box in boxes:
        half = box.height / 2
        places = (box.x - box.length / 2, box.y - half, box.x + box.length / 2, box.y + half)
        x0, y0, x1, y1 = (round((v - o) * scale) for v, o in zip(places, origin * 2, strict=True))
        covered[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = 1.0
    return covered


def _summed(values: Doubles) -> Doubles:
    return np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _best(grey: Doubles, printed: Doubles, large: float) -> tuple[tuple[float, float, float, float], tuple[float, ...]]:
    """Return the best rectangle (cells) and what speaks for it: edges on the mean, the weakest one, tone."""
    height, width = grey.shape
    across = np.abs(np.gradient(grey, axis=1))
    down = np.abs(np.gradient(grey, axis=0))
    # An edge may lie a cell off the line that it is counted on.
    across = np.minimum(cv2.dilate(across, np.ones((1, 3))) / _STEP, 1.0)
    down = np.minimum(cv2.dilate(down, np.ones((3, 1))) / _STEP, 1.0)
    ups, rows = np.pad(across.cumsum(axis=0), ((1, 0), (0, 0))), np.pad(down.cumsum(axis=1), ((0, 0), (1, 0)))
    x0, w, ratio, y1 = (
        grid.ravel()
        for grid in np.meshgrid(
            np.arange(1.0, 14.0, 0.5), np.arange(22.0, 41.0, 1.0) * large, (1.22, 1.29, 1.36), np.arange(0, 30, 0.5)
        )
    )
    left, right = np.round(x0 * _GRID).astype(int), np.round((x0 + w) * _GRID).astype(int)
    bottom = height - 1 - np.round(y1 * _GRID).astype(int)
    top = bottom - np.round(w * ratio * _GRID).astype(int)
    fits = (right < width) & (top >= 2)
    left, right, top, bottom = left[fits], right[fits], top[fits], bottom[fits]
    high, wide = bottom - top, right - left
    sides = np.array(
        [
            (ups[bottom, left] - ups[top, left]) / high,
            (ups[bottom, right] - ups[top, right]) / high,
            (rows[top, right] - rows[top, left]) / wide,
            (rows[bottom, right] - rows[bottom, left]) / wide,
        ]
    )
    area = _summed(printed)
    text = (area[bottom, right] - area[top, right] - area[bottom, left] + area[top, left]) / (high * wide)
    score = sides.mean(axis=0) + 0.5 * sides.min(axis=0) - 2.0 * text
    at = int(score.argmax())
    rect = int(left[at]), int(top[at]), int(right[at]), int(bottom[at])
    inside = grey[rect[1] : rect[3], rect[0] : rect[2]]
    tone = float(np.ptp(np.percentile(cv2.GaussianBlur(inside, (0, 0), 6), (5, 95))))
    return rect, (float(sides[:, at].mean()), float(sides[:, at].min()), tone)


def _stands_out(found: Found) -> bool:
    return found.edges >= 0.37 and found.weakest >= 0.22 and found.tone >= 42


def _jpeg(crop: Any) -> bytes:
    factor = min(1.0, _HIGH / max(crop.shape[:2]))
    small: Pixels = cv2.resize(crop, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes() if done and data.size <= MOST_PORTRAIT_BYTES else b""
