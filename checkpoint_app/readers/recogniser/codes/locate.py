"""Where in a picture a barcode could be, by texture alone, and cheap enough for pictures that have none.

A code is a patch filled to its edges with sharp changes between two shades, about as many of the one as of the other.
Text has gaps between its lines, a portrait changes slowly, a guilloche is faint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.codes.region import Rect, Region, level_contrast, module_size, upright
from checkpoint_app.readers.recogniser.models import Pixels

MOST_REGIONS = 8
_LEVEL_SIDE = (120, 1000)  # pixels: texture is judged on halved pictures between these two
_WINDOW = 15  # pixels of a level
_CHANGE = (0.45, 0.75)  # mean step between neighbours, in standard deviations; the second parts a code from a texture
_CONTRAST = 9.0  # grey levels: below it is noise
_LEAST_RELATIVE = 0.12  # contrast over brightness: below it is a pattern of the paper
_LEAST_SIDE = 14  # pixels of a level
_LEAST_FILL = 0.55
# Counted in modules. The largest codes: QR 177, Aztec 151, Data Matrix 144, PDF417 583 wide; the smallest worth having.
_MODULES = (11.0, 260.0, 650.0)


@dataclass(frozen=True, slots=True)
class Texture:
    """How a region looks when upright: the share of dark, the evenness of the changes over its 4 × 6 parts."""

    dark: float
    least: float
    spread: float

    @property
    def like_code(self) -> bool:
        """Whether a code may look so (measured: 98 of 100 drawn codes do, 1 of 20 other patches)."""
        return 0.28 <= self.dark <= 0.72 and self.least >= 0.08 and self.spread <= 0.55

    @property
    def score(self) -> float:
        """Higher is more like a code."""
        return self.least - self.spread - abs(self.dark - 0.5)


def locate(grey: Pixels) -> list[Region]:
    """Return at most MOST_REGIONS regions of ``grey`` that look like a code, the likeliest first."""
    found: list[tuple[float, Region]] = []
    for rect in _patches(grey):
        region = Region(*rect, module_size(grey, rect))
        if not _plausible(region):
            continue
        texture = _texture(upright(grey, region, 3.0, 0.0))
        if texture.like_code:
            found.append((texture.score, region))
    found.sort(key=lambda pair: -pair[0])
    return _distinct([region for _, region in found])[:MOST_REGIONS]


def _patches(grey: Pixels) -> Iterator[Rect]:
    scale = 1.0
    while max(grey.shape) > _LEVEL_SIDE[0]:
        if max(grey.shape) <= _LEVEL_SIDE[1]:
            change, contrast = _changes(grey)
            for least in _CHANGE:
                mask = ((change > least * contrast) & (contrast > _CONTRAST)).astype(np.uint8)
                for centre, size, angle in _rectangles(mask):
                    x, y = (centre[0] + 0.5) / scale, (centre[1] + 0.5) / scale
                    yield (x, y), (size[0] / scale, size[1] / scale), angle
        grey = cast(Pixels, cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        scale /= 2


def _changes(grey: Pixels) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean step between neighbours and the standard deviation around every pixel."""
    inner = grey[:-1, :-1]
    steps = cv2.add(cv2.absdiff(grey[:-1, 1:], inner), cv2.absdiff(grey[1:, :-1], inner))
    window = (_WINDOW, _WINDOW)
    mean = cv2.boxFilter(inner, cv2.CV_32F, window)
    square = cv2.sqrBoxFilter(inner, cv2.CV_32F, window)
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    spread[spread < _LEAST_RELATIVE * mean] = 0
    return cv2.boxFilter(steps, cv2.CV_32F, window), spread


def _rectangles(mask: np.ndarray) -> Iterator[Rect]:
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        centre, size, angle = cv2.minAreaRect(outline)
        short, long = min(size), max(size)
        if short >= _LEAST_SIDE and long <= 10 * short and cv2.contourArea(outline) >= _LEAST_FILL * short * long:
            yield (centre[0], centre[1]), (size[0], size[1]), angle


def _plausible(region: Region) -> bool:
    short, long = min(region.size) / region.module, max(region.size) / region.module
    return _MODULES[0] <= short <= _MODULES[1] and long <= _MODULES[2]


def _texture(patch: Pixels) -> Texture:
    light = level_contrast(patch, 3.0) > 127
    across = (light[:, 1:] != light[:, :-1]).astype(np.float32)
    down = (light[1:] != light[:-1]).astype(np.float32)
    parts = cv2.resize(across, (6, 4), interpolation=cv2.INTER_AREA) + cv2.resize(
        down, (6, 4), interpolation=cv2.INTER_AREA
    )
    mean = max(float(parts.mean()), 1e-6)
    return Texture(1 - float(light.mean()), float(parts.min()) / mean, float(parts.std()) / mean)


def _distinct(regions: Sequence[Region]) -> list[Region]:
    """Drop what covers the same place as a likelier one: every patch is found at several scales."""
    kept: list[Region] = []
    for region in regions:
        if all(region.overlap(other) < 0.8 for other in kept):
            kept.append(region)
    return kept
