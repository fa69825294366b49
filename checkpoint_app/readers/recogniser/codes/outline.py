"""A code laid flat: its four edges found as curves, and the picture between them pulled straight.

Paper curls and cameras look from the side; the decoder bears little of either. The edge of a code is where the quiet
zone around it ends and changes of shade begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.codes.region import (
    MOST_PIXELS,
    Point,
    Region,
    level_contrast,
    to_picture,
    upright,
)
from checkpoint_app.readers.recogniser.models import Pixels

_PER_MODULE = 4.0
_REACH = 4.0  # modules around a region within which its edges are sought
_MOST_SAG = 0.1  # of the edge's length
_MOST_OUTSIDE = 0.1  # of the patch: a corner may lie no farther out
_STRIPS = 16  # an edge is found in so many places, then fitted
_Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flat:
    """A code between its edges: where every pixel of the flat picture lies in the picture. ``per_module`` in pixels."""

    across: npt.NDArray[np.float32]
    down: npt.NDArray[np.float32]
    per_module: float

    @property
    def finest(self) -> float:
        """As `Region.finest`."""
        return float(self.per_module * (MOST_PIXELS / self.across.size) ** 0.5)

    def sample(self, grey: Pixels, per_module: float) -> Pixels:
        """Return the flat picture with modules of ``per_module`` pixels, a quiet zone included."""
        height, width = self.across.shape
        factor = per_module / self.per_module
        size = (max(8, round(width * factor)), max(8, round(height * factor)))
        across, down = (cv2.resize(grid, size, interpolation=cv2.INTER_LINEAR) for grid in (self.across, self.down))
        return cast(Pixels, cv2.remap(grey, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))

    def place(self, point: Point, per_module: float) -> Point:
        """Return where ``point`` of a sample lies in the picture."""
        height, width = self.across.shape
        x = min(max(round(point[0] * self.per_module / per_module), 0), width - 1)
        y = min(max(round(point[1] * self.per_module / per_module), 0), height - 1)
        return float(self.across[y, x]), float(self.down[y, x])


def flatten(grey: Pixels, region: Region, margin: float) -> Flat | None:
    """Return the code in ``region`` pulled flat, with ``margin`` modules around; None where it has no edges."""
    if region.finest < _PER_MODULE:
        return None
    patch = upright(grey, region, _PER_MODULE, _REACH)
    busy = _busy(patch)
    top, bottom = _edge(busy), _edge(busy[::-1])
    left, right = _edge(busy.T), _edge(busy.T[::-1])
    height, width = busy.shape
    bottom, right = np.array([0, 0, height - 1.0]) - bottom, np.array([0, 0, width - 1.0]) - right
    corners = np.array([_corner(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))])
    if not _sound(corners, width, height):
        return None
    grid = _grid(corners, (top, right, bottom, left), margin * _PER_MODULE)
    matrix = to_picture(region, _PER_MODULE, _REACH)
    placed = grid @ matrix[:, :2].T + matrix[:, 2]
    return Flat(placed[..., 0].astype(np.float32), placed[..., 1].astype(np.float32), _PER_MODULE)


def _busy(patch: Pixels) -> npt.NDArray[np.float32]:
    """Return how much changes at every pixel, 0..1."""
    level = cv2.GaussianBlur(level_contrast(patch, _PER_MODULE), (0, 0), _PER_MODULE / 4)
    across = np.abs(cv2.Sobel(level, cv2.CV_32F, 1, 0))
    down = np.abs(cv2.Sobel(level, cv2.CV_32F, 0, 1))
    return cast(npt.NDArray[np.float32], np.minimum(across + down, 400) / 400)


def _edge(busy: npt.NDArray[np.float32]) -> _Array:
    """Return the upper edge as a parabola (y = a·x² + b·x + c): where the busy part begins under a quiet line."""
    height, width = busy.shape
    strips = cv2.resize(busy, (_STRIPS, height), interpolation=cv2.INTER_AREA)
    total = np.vstack([np.zeros((1, _STRIPS)), np.cumsum(strips, axis=0)])
    inside, outside = round(_PER_MODULE * 3), round(_PER_MODULE * 1.25)
    deepest = round(_PER_MODULE * _REACH * 2 + _MOST_SAG * width)
    rows = np.arange(outside, max(outside + 1, min(height // 2, deepest)))
    rise = (total[rows + inside] - total[rows]) / inside - (total[rows] - total[rows - outside]) / outside
    x = (np.arange(_STRIPS) + 0.5) * width / _STRIPS
    edge_strips = width / _STRIPS < _PER_MODULE * _REACH
    keep = slice(2, -2) if edge_strips else slice(1, -1)
    return _fit(x[keep], rows[rise.argmax(axis=0)][keep].astype(float), rise.max(axis=0)[keep])


def _fit(x: _Array, y: _Array, weight: _Array) -> _Array:
    """Fit a parabola that a few stray points do not bend."""
    scale = x.mean()
    weight = np.maximum(weight, 0.01)
    base = np.stack([(x / scale) ** 2, x / scale, np.ones_like(x)], axis=1)
    spread = np.array([0.01, 0.01, 0.0])  # a straight edge is likelier than a bent one
    fit = np.array([0.0, 0.0, float(np.median(y))])
    for _ in range(12):
        pull = weight / (1 + (np.abs(y - base @ fit) / _PER_MODULE) ** 2)
        fit = np.linalg.solve(base.T @ (base * pull[:, None]) + np.diag(spread), base.T @ (pull * y))
    return np.array([fit[0] / scale**2, fit[1] / scale, fit[2]])


def _corner(side: _Array, edge: _Array) -> tuple[float, float]:
    """Return where x = side(y) and y = edge(x) meet."""
    x = float(side[2])
    for _ in range(8):
        y = float(np.polyval(edge, x))
        x = float(np.polyval(side, y))
    return x, y


def _sound(corners: _Array, width: int, height: int) -> bool:
    size = np.array([width, height])
    room = size * _MOST_OUTSIDE
    if not (np.isfinite(corners).all() and (corners > -room).all() and (corners < size + room).all()):
        return False
    area = cv2.contourArea(corners.astype(np.float32))
    return bool(cv2.isContourConvex(corners.astype(np.float32)) and area > 0.3 * width * height)


def _grid(corners: _Array, edges: tuple[_Array, _Array, _Array, _Array], margin: float) -> _Array:
    """Return for every pixel of the flat picture its place in the patch: a perspective, bent as the four edges are."""
    a, b, c, d = corners
    wide = int((np.hypot(*(b - a)) + np.hypot(*(c - d))) / 2)
    tall = int((np.hypot(*(d - a)) + np.hypot(*(c - b))) / 2)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
    perspective = cv2.getPerspectiveTransform(unit, corners.astype(np.float32))
    s = (np.arange(-margin, wide + margin) / wide)[None, :]
    t = (np.arange(-margin, tall + margin) / tall)[:, None]
    depth = perspective[2, 0] * s + perspective[2, 1] * t + 1
    x = (perspective[0, 0] * s + perspective[0, 1] * t + perspective[0, 2]) / depth
    y = (perspective[1, 0] * s + perspective[1, 1] * t + perspective[1, 2]) / depth
    top, right, bottom, left = edges
    y = y + (1 - t) * _sag(top, x, a, b) + t * _sag(bottom, x, d, c)
    x = x + (1 - s) * _sag(left, y, a[::-1], d[::-1]) + s * _sag(right, y, b[::-1], c[::-1])
    return np.stack([x, y], axis=2)


def _sag(curve: _Array, at: _Array, begin: _Array, end: _Array) -> _Array:
    """Return how far ``curve`` lies from its chord at ``at``."""
    chord = begin[1] + (at - begin[0]) * (end[1] - begin[1]) / (end[0] - begin[0])
    return cast(_Array, np.polyval(curve, at) - chord)
