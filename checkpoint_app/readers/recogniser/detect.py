"""Where lines of text are: the detector's map of text → turned boxes in pixels of the picture (DB post-processing)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.models import Floats, Network, Pixels

_TEXT = 0.3  # a pixel of the map above this is text
_BOX = 0.4  # mean of the map inside a box
_GROW = 1.6  # the map is of shrunken text: area × this ÷ perimeter is what each side moves out


@dataclass(frozen=True, slots=True)
class TextBox:
    """A turned box: centre, length along the text and height across it in pixels; angle in degrees, -90 to 90."""

    x: float
    y: float
    length: float
    height: float
    angle: float
    score: float


def detect(network: Network, picture: Pixels, side: int) -> list[TextBox]:
    """Return the lines of text in ``picture``, looked for at ``side`` pixels of its longer side, longest first."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    size = tuple(max(32, round(v * factor / 32) * 32) for v in (width, height))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    batch = (small.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
    text_map = network(np.ascontiguousarray(batch))[0, 0]
    return _boxes(text_map, width / size[0], height / size[1])


def _boxes(text_map: Floats, scale_x: float, scale_y: float) -> list[TextBox]:
    mask = (text_map > _TEXT).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = (_box(contour, text_map, scale_x, scale_y) for contour in contours[:1000])
    return sorted((box for box in found if box is not None), key=lambda box: -box.length)


def _box(contour: object, text_map: Floats, scale_x: float, scale_y: float) -> TextBox | None:
    points = np.asarray(contour, dtype=np.float32).reshape(-1, 2)
    (_, _), (side_a, side_b), _ = cv2.minAreaRect(points)
    if min(side_a, side_b) < 2:
        return None
    score = _mean_inside(points, text_map)
    if score < _BOX:
        return None
    points = (points + 0.5) * np.array([scale_x, scale_y], dtype=np.float32)
    (x, y), (side_a, side_b), angle = cv2.minAreaRect(points)
    if side_b > side_a:
        side_a, side_b, angle = side_b, side_a, angle + 90
    grow = side_a * side_b * _GROW / (2 * (side_a + side_b))
    angle = math.remainder(angle, 180)
    return TextBox(x, y, side_a + 2 * grow, side_b + 2 * grow, angle, score)


def _mean_inside(points: Floats, text_map: Floats) -> float:
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    part = text_map[top:bottom, left:right]
    mask = np.zeros(part.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [(points - (left, top)).astype(np.int32)], 1)
    return float(part[mask > 0].mean()) if mask.any() else 0.0
