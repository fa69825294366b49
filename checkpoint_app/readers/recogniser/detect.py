"""Where lines of text are: the detector's map of text → turned boxes in pixels of the picture (DB post-processing)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.models import Floats, Network, Pixels

_TEXT = 0.3  # a pixel of the map above this is text
_BOX = 0.4  # mean of the map inside a box
_GROW = 1.6  # the map is of shrunken text: area × this ÷ perimeter is what each side moves out
_BENT = 0.15  # of a line's height: what its middle leaves a straight line by, before it counts as bent
_LONG = 5.0  # length ÷ height from which on a bend can be told
_BINS = 24  # parts of a line whose middles are taken
# Below this range of light (of 255, from the 1st to the 99th of 100 pixels) a picture is brightened for the detector:
# measured, it misses whole lines in the dark, while the recogniser does not.
_DIM = 150


@dataclass(frozen=True, slots=True)
class TextBox:
    """A turned box: centre, length along the text and height across it in pixels; angle in degrees.

    A line on a curved page leaves the box's axis by ``bend[0]``·t² + ``bend[1]``·t³ at t pixels from the centre.
    """

    x: float
    y: float
    length: float
    height: float
    angle: float
    score: float
    bend: tuple[float, float] = (0.0, 0.0)

    def at(self, along: float, turn: float = 0.0) -> tuple[float, float, float]:
        """Return x, y and direction (radians) of the line at ``along`` pixels from its centre.

        With ``turn`` (degrees) the line is followed the other way up.
        """
        way = -1.0 if turn % 360 == 180 else 1.0
        t = along * way
        second, third = self.bend
        across = t * t * (second + t * third)
        angle = math.radians(self.angle)
        cos, sin = math.cos(angle), math.sin(angle)
        slope = math.atan(t * (2 * second + 3 * t * third))
        return self.x + cos * t - sin * across, self.y + sin * t + cos * across, math.radians(self.angle + turn) + slope

    def moved(self, along: float, length: float) -> TextBox:
        """Return the box ``length`` long with its centre moved along the line, bent as the line is there."""
        x, y, direction = self.at(along)
        second, third = self.bend
        bend = (second + 3 * along * third, third)
        return replace(self, x=x, y=y, length=length, angle=math.degrees(direction), bend=bend)


def detect(network: Network, picture: Pixels, side: int) -> list[TextBox]:
    """Return the lines of text in ``picture``, looked for at ``side`` pixels of its longer side, longest first."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    size = tuple(max(32, round(v * factor / 32) * 32) for v in (width, height))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    batch = _brightened(np.asarray(small, dtype=np.uint8)).transpose(2, 0, 1)[None]
    text_map = network(np.ascontiguousarray(batch))[0, 0]
    return _boxes(text_map, width / size[0], height / size[1])


def _brightened(small: Pixels) -> Floats:
    """Return ``small`` as the network takes it, -1 to 1; where it is dim, its range of light is widened."""
    dark, bright = np.percentile(small[::4, ::4], (1, 99))
    if bright - dark >= _DIM:
        return small.astype(np.float32) / 127.5 - 1.0
    scale = 2.0 / max(float(bright - dark), 20.0)
    return np.asarray(np.clip((small.astype(np.float32) - float(dark)) * scale - 1.0, -1.0, 1.0), dtype=np.float32)


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
    inside, score = _inside(points, text_map)
    if score < _BOX:
        return None
    scale = np.array([scale_x, scale_y], dtype=np.float32)
    (x, y), (side_a, side_b), angle = cv2.minAreaRect((points + 0.5) * scale)
    if side_b > side_a:
        side_a, side_b, angle = side_b, side_a, angle + 90
    box = TextBox(x, y, side_a, side_b, _direction(angle), score)
    if side_a > _LONG * side_b:
        box = _bent(box, (inside + 0.5) * scale)
    grow = box.length * box.height * _GROW / (box.length + box.height)
    return replace(box, length=box.length + grow, height=box.height + grow)


def _direction(angle: float) -> float:
    """Return ``angle`` as -60 to 120 degrees: lines of upright and of lying pages all face one way."""
    return (angle + 60) % 180 - 60


def _bent(box: TextBox, points: Floats) -> TextBox:
    """Follow the middle of the text's ``points`` (n, 2); returns ``box`` as it is where they lie straight enough."""
    angle = math.radians(box.angle)
    x, y = (points - (box.x, box.y)).T
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    bins = ((along / box.length + 0.5) * _BINS).astype(int)
    low, high = np.full(_BINS, np.inf), np.full(_BINS, -np.inf)
    kept = (bins >= 1) & (bins < _BINS - 1)  # the ends are round
    np.minimum.at(low, bins[kept], across[kept])
    np.maximum.at(high, bins[kept], across[kept])
    seen = np.isfinite(low)
    if seen.sum() < _BINS // 2:
        return box
    thick = float(np.median(high[seen] - low[seen])) + box.height / max(2.0, box.height)
    places = ((np.arange(_BINS) + 0.5) / _BINS - 0.5) * box.length
    third, second, slope, middle = np.polyfit(places[seen], (low[seen] + high[seen]) / 2, 3)
    half = box.length / 2
    if max(abs(second * half**2 + third * half**3), abs(second * half**2 - third * half**3)) < _BENT * thick:
        return box
    turned = math.degrees(math.atan(slope))
    return replace(
        box,
        x=box.x - math.sin(angle) * float(middle),
        y=box.y + math.cos(angle) * float(middle),
        angle=box.angle + turned,
        height=min(thick, box.height),
        bend=(float(second), float(third)),
    )


def _inside(points: Floats, text_map: Floats) -> tuple[Floats, float]:
    """Return the pixels (n, 2) of the map inside the outline ``points``, and the map's mean over them."""
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    part = text_map[top:bottom, left:right]
    mask = np.zeros(part.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [(points - (left, top)).astype(np.int32)], 1)
    rows, columns = np.nonzero(mask)
    score = float(part[rows, columns].mean()) if len(rows) else 0.0
    return np.column_stack([columns + left, rows + top]).astype(np.float32), score
