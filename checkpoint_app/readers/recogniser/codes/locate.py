"""Where in a picture a barcode could be, by texture alone, and cheap enough for pictures that have none.

A code is a patch filled to its edges with sharp changes between two shades, about as many of the one as of the other.
Text has gaps between its lines, a portrait changes slowly, a guilloche is faint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.codes.region import Rect, Region, level_contrast, module_size, upright, with_ends
from checkpoint_app.readers.recogniser.models import Pixels

MOST_REGIONS = 8
_MOST_PATCHES = 60
_LEAST_LEVEL = 120  # pixels: the picture is halved down to this, for codes of any size
_MAP_SIDE = 1000  # pixels: texture is mapped no finer than this, however large the picture
_WINDOW = 15  # pixels of a level
# Mean step between neighbours, in mean distances from the mean; the second parts a code from a texture around it.
_CHANGE = (0.45, 0.75)
_CONTRAST = 9.0  # grey levels: below it is noise
_LEAST_RELATIVE = 0.12  # contrast over brightness: below it is a pattern of the paper
_LEAST_SIDE = 14  # pixels of a level
_LEAST_FILL = 0.55
# Counted in modules. The largest codes: QR 177, Aztec 151, Data Matrix 144, PDF417 583 wide; the smallest worth having.
_MODULES = (11.0, 260.0, 650.0)


_Map = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Texture:
    """How a region looks when upright: the share of dark, the evenness of the changes over its 4 × 6 parts."""

    dark: float
    least: float
    spread: float

    @property
    def like_code(self) -> bool:
        """Whether a code may look so (measured: 98 of 100 drawn codes do, 1 of 20 other patches)."""
        return 0.28 <= self.dark <= 0.72 and self.least >= 0.08 and self.likeness >= -0.4

    @property
    def likeness(self) -> float:
        """More is more like a code: drawn codes have -0.4..0.9, half of them above 0.6."""
        return self.least - self.spread - abs(self.dark - 0.5)


def locate(grey: Pixels) -> list[Region]:
    """Return at most MOST_REGIONS regions of ``grey`` that look like a code, the likeliest first."""
    judged = (judge(grey, patch) for patch in _distinct(_patches(grey), 0.9)[:_MOST_PATCHES])
    found = sorted((region for region in judged if region), key=lambda region: -region.likeness)
    return _distinct(found, 0.8)[:MOST_REGIONS]


def judge(grey: Pixels, region: Region) -> Region | None:
    """Return ``region`` with its module size and likeness, or None if no code looks so or has so many modules."""
    if min(region.size) < _LEAST_SIDE / 2:
        return None
    region = replace(region, module=module_size(grey, region.rect))
    if not _plausible(region):
        return None
    texture = _texture(upright(grey, region, 3.0, 0.0))
    return with_ends(replace(region, likeness=texture.likeness)) if texture.like_code else None


def _patches(grey: Pixels) -> Iterator[Region]:
    scale = 1.0
    while max(grey.shape) > _LEAST_LEVEL and min(grey.shape) > _LEAST_SIDE:
        pool = min(-(-max(grey.shape) // _MAP_SIDE), min(grey.shape) // 2)
        change, contrast = _changes(grey, pool)
        for least in _CHANGE:
            mask = ((change > least * contrast) & (contrast > _CONTRAST)).astype(np.uint8)
            for (x, y), (width, height), angle in _rectangles(mask, 9 if pool == 1 else 5):
                to = pool / scale
                yield Region(((x + 0.5) * to, (y + 0.5) * to), (width * to, height * to), angle, 1.0)
        grey = cast(Pixels, cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        scale /= 2


def _changes(grey: Pixels, pool: int) -> tuple[_Map, _Map]:
    """Return the mean step between neighbours and the mean distance from the local mean, one value for pool × pool.

    Of a large picture every other row is enough.
    """
    grey = grey[: grey.shape[0] // (2 * pool) * 2 * pool, : grey.shape[1] // pool * pool]  # whole factors are fast
    rows, below = (grey[:-1], grey[1:]) if pool == 1 else (grey[::2], grey[1::2])
    size = (grey.shape[1] // pool, rows.shape[0] if pool == 1 else grey.shape[0] // pool)
    window = max(3, _WINDOW // pool | 1)
    steps = cv2.absdiff(rows, below)
    steps[:, 1:] = cv2.add(steps[:, 1:], cv2.absdiff(rows[:, 1:], rows[:, :-1]))
    mean = cv2.blur(_pooled(rows, size), (window, window))
    level = mean if pool == 1 else cv2.resize(mean, rows.shape[::-1], interpolation=cv2.INTER_NEAREST)
    distance = _smooth(_pooled(cv2.absdiff(rows, level), size), window)
    distance[distance < _LEAST_RELATIVE * mean] = 0
    return _smooth(_pooled(steps, size), window), distance


def _pooled(values: cv2.typing.MatLike, size: tuple[int, int]) -> Pixels:
    same = (size[1], size[0]) == values.shape
    return cast(Pixels, values if same else cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def _smooth(values: Pixels, window: int) -> _Map:
    return cast(_Map, cv2.boxFilter(values, cv2.CV_32F, (window, window)))


def _rectangles(mask: Pixels, gap: int) -> Iterator[Rect]:
    mask = cast(Pixels, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((gap, gap), np.uint8)))
    mask = cast(Pixels, cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
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


def _distinct(regions: Iterable[Region], most: float) -> list[Region]:
    """Drop what shares more than ``most`` with an earlier one: every patch is found at several scales."""
    kept: list[Region] = []
    for region in regions:
        if all(region.overlap(other) < most for other in kept):
            kept.append(region)
    return kept
