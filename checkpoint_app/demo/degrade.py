"""What a camera at a booth makes of a document: view, light, glare, blur, noise, JPEG. Seeded, with one hardness.

Hardness 0 is a document laid straight under even light; 1 is a hand-held picture at a slant with a lamp in the
laminate. At 1 the zone is still readable by eye: harder than that says nothing about a reader.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from checkpoint_app.demo.drawing import PX_PER_MM, Pixels

Matrix = NDArray[np.float64]
Light = NDArray[np.float32]
Points = NDArray[np.float64]
_DESKS = ((92, 74, 58), (70, 78, 86), (120, 116, 108), (58, 66, 60))


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet as it lies on the desk: its pixels, its top left corner (mm) and a turn of its own (degrees).

    ``keep`` is the part (left, top, right, bottom in mm on the sheet) that the picture must show whole.
    """

    pixels: Pixels
    x: float
    y: float
    keep: tuple[float, float, float, float]
    turn: float = 0.0
    corner: float = 3.0

    def to_desk(self) -> Matrix:
        """Return the map from the sheet's pixels to millimetres on the desk."""
        height, width = self.pixels.shape[:2]
        middle = np.array([width, height]) / 2 / PX_PER_MM
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        scale = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0])
        turned = _shift(*middle) @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]]) @ _shift(*-middle)
        return np.asarray(_shift(self.x, self.y) @ turned @ scale)

    def kept_corners(self) -> Points:
        """Return the four corners of ``keep`` in pixels of the sheet."""
        left, top, right, bottom = (value * PX_PER_MM for value in self.keep)
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def photograph(sheets: Sequence[Laid], size: tuple[int, int], rng: np.random.Generator, hardness: float) -> bytes:
    """Return a JPEG of ``size`` (width, height) that shows ``sheets`` on a desk, as hard to read as asked (0 to 1)."""
    view = _view(sheets, size, rng, hardness)
    picture = _desk(size, view, rng)
    covered = np.zeros((size[1], size[0], 1), np.float32)
    for sheet in sheets:
        picture, cover = _lay(picture, sheet, view @ sheet.to_desk())
        covered = np.maximum(covered, cover)
    lit = picture.astype(np.float32) * _lighting(size, rng, hardness)
    glare = _glare(size, _outline(sheets, view), rng, hardness)
    lit += (250 - lit) * glare * (0.25 + 0.75 * covered)
    return _camera(lit, rng, hardness)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def _project(matrix: Matrix, points: Points) -> Points:
    flat = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(flat[:, :2] / flat[:, 2:])


def _outline(sheets: Sequence[Laid], view: Matrix) -> Points:
    return np.concatenate([_project(view @ sheet.to_desk(), sheet.kept_corners()) for sheet in sheets])


def _view(sheets: Sequence[Laid], size: tuple[int, int], rng: np.random.Generator, hardness: float) -> Matrix:
    """Return the map from the desk (mm) to the picture: a pinhole camera, tilted, then moved to fill the frame."""
    signs = rng.choice([-1.0, 1.0], 3)
    tilts = np.radians(signs * (np.array([1.0, 1.0, 0.8]) + hardness * np.array([27.0, 20.0, 15.0])))
    turned = _rotation(*tilts)
    middle = _outline(sheets, np.eye(3)).mean(axis=0)
    distance = 330.0
    camera = np.column_stack([turned[:, 0], turned[:, 1], [0, 0, distance]]) @ _shift(*-middle)
    corners = _outline(sheets, camera)
    low, high = corners.min(axis=0), corners.max(axis=0)
    frame = np.array(size, dtype=np.float64)
    scale = float(((1 - 2 * 0.045) * frame / (high - low)).min())
    spare = frame - scale * (high - low)
    offset = spare * rng.uniform(0.42, 0.58, 2) - scale * low
    return _shift(*offset) @ np.diag([scale, scale, 1.0]) @ camera


def _rotation(about_x: float, about_y: float, about_z: float) -> Matrix:
    cx, sx, cy, sy = math.cos(about_x), math.sin(about_x), math.cos(about_y), math.sin(about_y)
    cz, sz = math.cos(about_z), math.sin(about_z)
    first = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    second = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    third = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1.0]])
    return np.asarray(third @ second @ first)


def _desk(size: tuple[int, int], view: Matrix, rng: np.random.Generator) -> Pixels:
    """Return a table top seen through ``view``: a colour with a long grain and fine speckle."""
    colour = np.array(_DESKS[rng.integers(len(_DESKS))], dtype=np.float32)
    side = 512
    grain = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), sigmaX=38, sigmaY=1.1)
    speckle = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 0.8)
    relief = 11 * grain / grain.std() + 3 * speckle / speckle.std()
    table = np.clip(colour + relief[:, :, None], 0, 255).astype(np.uint8)
    texels = view @ _shift(-110, -110) @ np.diag([420 / side, 420 / side, 1.0])
    return np.asarray(cv2.warpPerspective(table, texels, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def _lay(picture: Pixels, sheet: Laid, place: Matrix) -> tuple[Pixels, Light]:
    """Put one sheet on the picture, with its shadow; return the picture and how far the sheet covers each pixel."""
    height, width = picture.shape[:2]
    printed = cv2.warpPerspective(sheet.pixels, place, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(_mask(sheet), place, (width, height), flags=cv2.INTER_LINEAR)
    cover = np.asarray(mask[:, :, None], dtype=np.float32) / np.float32(255)
    near = cv2.GaussianBlur(np.roll(mask, (7, 9), axis=(0, 1)), (0, 0), 9)[:, :, None].astype(np.float32) / 255
    shaded = picture.astype(np.float32) * (1 - 0.55 * near)
    return np.asarray(shaded * (1 - cover) + printed.astype(np.float32) * cover).astype(np.uint8), cover


def _mask(sheet: Laid) -> Pixels:
    height, width = sheet.pixels.shape[:2]
    radius = round(sheet.corner * PX_PER_MM)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1)
    return mask


def _lighting(size: tuple[int, int], rng: np.random.Generator, hardness: float) -> Light:
    """Return factors by which light falls: a slope, darker corners, and a tint of the lamp."""
    width, height = size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    way = rng.uniform(0, math.tau)
    slope = (0.05 + 0.26 * hardness) * (math.cos(way) * x + math.sin(way) * y)
    corners = (0.04 + 0.10 * hardness) * (x * x + y * y)
    warm = float(rng.uniform(-0.03, 0.03)) * (1 + hardness)
    tint = np.array([1 + warm, 1.0, 1 - warm], dtype=np.float32)
    return np.asarray((0.98 + slope - corners)[:, :, None] * tint, dtype=np.float32)


def _glare(size: tuple[int, int], corners: Points, rng: np.random.Generator, hardness: float) -> Light:
    """Return how far a lamp that mirrors in the laminate washes each pixel out: a long spot, its tail on the zone."""
    width, height = size
    low, high = corners.min(axis=0), corners.max(axis=0)
    x0, y0 = low + (high - low) * np.array([rng.uniform(0.50, 0.78), rng.uniform(0.50, 0.64)])
    way = math.radians(float(rng.uniform(48, 72)))
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32(x0)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(y0)
    along = (math.cos(way) * x + math.sin(way) * y) / (0.24 * width)
    aside = (math.sin(way) * x - math.cos(way) * y) / (0.055 * width)
    spot = np.exp(-(along**2 + aside**2) / 2)[:, :, None]
    return np.asarray(spot * (0.06 + 0.84 * hardness), dtype=np.float32)


def _camera(picture: Light, rng: np.random.Generator, hardness: float) -> bytes:
    """Blur by lens and hand, add the sensor's noise, and pack as JPEG."""
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.55 + 1.1 * hardness)
    blurred = cv2.filter2D(blurred, -1, _motion(1 + 6 * hardness, float(rng.uniform(0, math.pi))))
    shot = rng.standard_normal(picture.shape, dtype=np.float32) * np.sqrt(np.maximum(blurred, 0) + 8)
    noisy = np.clip(blurred + shot * (0.14 + 0.75 * hardness), 0, 255).astype(np.uint8)
    quality = round(92 - 34 * hardness)
    done, data = cv2.imencode(".jpg", cv2.cvtColor(noisy, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("the picture of a specimen could not be packed as JPEG")
    return data.tobytes()


def _motion(length: float, way: float) -> Light:
    """Return the kernel of a hand that moved ``length`` pixels in the direction ``way``."""
    side = 2 * math.ceil(length / 2) + 1
    kernel = np.zeros((side, side), np.float32)
    half = (length - 1) / 2
    for step in np.linspace(-half, half, 4 * side):
        kernel[round(side // 2 + step * math.sin(way)), round(side // 2 + step * math.cos(way))] += 1
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)
