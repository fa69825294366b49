"""A region of a picture that may hold a code: its place, its module size, and the region laid upright."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.models import Pixels

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
Rect = tuple[Point, Point, float]
"""Centre, width and height, angle in degrees: what OpenCV calls a rotated rectangle, in pixels of the picture."""

MOST_PIXELS = 1_500_000  # of a region laid upright: a licence of 250 × 120 modules at 7 pixels each
_ELONGATED = 1.3
_END_BARS = 9  # modules, of the 17 or 18 at either end of a PDF417 code
_PROBE_SIDE = 400  # pixels: the module size is counted on a patch enlarged to this


@dataclass(frozen=True, slots=True)
class Region:
    """A rotated rectangle of the picture, the width of one module in it, in pixels, and how much it is like a code."""

    centre: Point
    size: Point
    angle: float
    module: float
    likeness: float = 0.0

    @property
    def rect(self) -> Rect:
        """The rectangle without its module size."""
        return self.centre, self.size, self.angle

    @property
    def finest(self) -> float:
        """The most pixels a module that keep the region, laid upright, at a size that is quickly looked at."""
        return float(self.module * (MOST_PIXELS / max(self.size[0] * self.size[1], 1)) ** 0.5)

    def overlap(self, other: Region) -> float:
        """Return the shared area over the united area."""
        kind, points = cv2.rotatedRectangleIntersection(self.rect, other.rect)
        if kind == cv2.INTERSECT_NONE or points is None:
            return 0.0
        shared = cv2.contourArea(cv2.convexHull(points))
        return float(shared / max(self.size[0] * self.size[1] + other.size[0] * other.size[1] - shared, 1e-6))


def with_ends(region: Region) -> Region:
    """Return an elongated region with room for PDF417's start and stop bars, which are too wide to look like a code."""
    width, height = region.size
    if max(width, height) < _ELONGATED * min(width, height):
        return region
    ends = 2 * _END_BARS * region.module
    return replace(region, size=(width + ends, height) if width >= height else (width, height + ends))


def centre(corners: Corners) -> Point:
    """Return the mean of four corners."""
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def to_picture(region: Region, per_module: float, margin: float) -> npt.NDArray[np.float64]:
    """Return the 2 × 3 matrix that leads from pixels of the region laid upright to pixels of the picture.

    ``per_module`` is the module size wanted, in pixels; ``margin`` is what to keep around it, in modules.
    """
    (width, height), angle = region.size, np.deg2rad(region.angle)
    step, keep = region.module / per_module, region.module * margin
    across, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    if width < height:
        width, height, across, down = height, width, down, -across
    corner = np.array(region.centre) - across * (width / 2 + keep) - down * (height / 2 + keep)
    return np.column_stack([across * step, down * step, corner])


def upright(grey: Pixels, region: Region, per_module: float, margin: float) -> Pixels:
    """Return the region laid upright, longer side across; see `to_picture`."""
    factor = per_module / region.module
    long, short = max(region.size), min(region.size)
    keep = 2 * margin * region.module
    size = (max(1, round((long + keep) * factor)), max(1, round((short + keep) * factor)))
    matrix = to_picture(region, per_module, margin)
    if factor < 0.7:  # every pixel counts: leaving out some would let noise through
        full = upright(grey, region, region.module, margin)
        return cast(Pixels, cv2.resize(full, size, interpolation=cv2.INTER_AREA))
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cast(Pixels, cv2.warpAffine(grey, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def module_size(grey: Pixels, rect: Rect) -> float:
    """Return the likely width of a module in pixels: a code changes shade at every other module on average."""
    patch = upright(grey, Region(*rect, 1.0), 1.0, 0.0)
    enlarge = max(1.0, _PROBE_SIDE / max(patch.shape))
    patch = cast(Pixels, cv2.resize(patch, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC))
    height, width = patch.shape
    patch = patch[height // 8 : height - height // 8, width // 8 : width - width // 8]
    window = 2 * (max(patch.shape) // 6) + 1
    light = cv2.medianBlur(np.where(patch > cv2.blur(patch, (window, window)), 255, 0).astype(np.uint8), 3)
    across, down = (light[:, 1:] != light[:, :-1]).mean(), (light[1:] != light[:-1]).mean()
    return float(0.5 / max(across, down, 1e-3) / enlarge)


def level_contrast(patch: Pixels, per_module: float) -> Pixels:
    """Return ``patch`` with its local darkest at 0 and its local lightest at 255: evens out shade, glare, low light."""
    side = int(per_module * 8) | 1
    kernel = np.ones((side, side), np.uint8)
    low = cv2.blur(cv2.erode(patch, kernel), (side, side)).astype(np.float32)
    high = cv2.blur(cv2.dilate(patch, kernel), (side, side)).astype(np.float32)
    level = (patch.astype(np.float32) - low) * 255 / np.maximum(high - low, 16)
    return cast(Pixels, np.clip(level, 0, 255).astype(np.uint8))
