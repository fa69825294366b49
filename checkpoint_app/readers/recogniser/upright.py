"""The document as an officer would lay it down: upright, deskewed, cut to its outline, for the screen.

A zone tells more than its text. Its characters stand 2.54 mm apart (ICAO Doc 9303-3 §4.2), and the size of the document
around them is fixed by its format (Doc 9303-4, -5, -6): one zone gives angle, scale and place of the whole page. Where
the page's outline is seen near there, it decides instead, with the perspective that the camera saw.
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

Doubles = npt.NDArray[np.float64]

_PITCH = 2.54  # mm between characters
_PAGES = {44: (125.0, 88.0), 36: (105.0, 74.0), 30: (85.6, 54.0)}  # characters a line → width and height, mm
_FOOT = 9.4  # mm from the last line's middle to the page's foot (Doc 9303-4); cards have it a little lower
_MARGIN = 0.06  # of the width, kept around a page whose outline was not seen
_RIM = 0.01  # and around one whose outline was
_SEARCH = 0.14  # of the width: how far off its expected place an outline is looked for
_SEARCH_SIDE = 360
_FEWEST = 340  # pixels: a tiny page is enlarged to this width, no other
_MOST = 1000
_TILT = 0.08  # log of the pitch's growth along the lines from which on they show perspective
_LEVEL = 1.2  # degrees that a line may be off level on a page cut out by its outline


@dataclass(frozen=True, slots=True)
class View:
    """What of a picture is shown: ``matrix`` (3, 3) takes its pixels to those of the view, ``size`` is its own."""

    matrix: Doubles
    size: tuple[int, int]

    def place(self, points: Sequence[tuple[float, float]]) -> Doubles:
        """Return ``points`` of the picture as fractions (n, 2) of the view."""
        return _through(self.matrix, np.array(points)) / self.size


def upright(picture: Pixels, lines: Sequence[FoundLine]) -> tuple[Pixels, View]:
    """Return the document that the zone ``lines`` stand on, at most 1,000 pixels a side, and how it was cut out."""
    page = _PAGES[len(lines[-1].centres)]
    plane = _plane(lines, page)
    outline = _outline(picture, plane, page)
    if outline is not None and _level(outline, lines):
        view = _view(outline, page, _RIM * page[0], picture)
    else:
        view = _view(plane, page, _MARGIN * page[0], picture)
    return _warp(picture, view.matrix, view.size), view


def _plane(lines: Sequence[FoundLine], page: tuple[float, float]) -> Doubles:
    """Return the matrix from the page's millimetres to the picture's pixels, as the lines tell it."""
    straight = _similarity(lines, page)
    if abs(math.log(_narrowing(lines))) < _TILT:
        return straight
    seen = np.array([[_at(line, cell) for cell in range(len(line.centres))] for line in lines])
    level = _through(_inverse(straight), seen.reshape(-1, 2)).reshape(seen.shape)
    numbers = np.arange(seen.shape[1]) - (seen.shape[1] - 1) / 2
    level[:, :, 0] = page[0] / 2 + _PITCH * numbers
    level[:, :, 1] = level[:, :, 1].mean(axis=1, keepdims=True)
    found, _ = cv2.findHomography(level.reshape(-1, 2), seen.reshape(-1, 2))
    tilted = straight if found is None else np.asarray(found, dtype=np.float64)
    return tilted if _near(tilted, straight, page) else straight


def _narrowing(lines: Sequence[FoundLine]) -> float:
    """Return the pitch at the lines' end ÷ that at their start: 1 on a page seen from straight above."""
    part = len(lines[0].centres) // 4
    ends = sum(line.centres[-1] - line.centres[-1 - part] for line in lines)
    return ends / sum(line.centres[part] - line.centres[0] for line in lines)


def _similarity(lines: Sequence[FoundLine], page: tuple[float, float]) -> Doubles:
    ends = [(_at(line, 0), _at(line, -1)) for line in lines]
    along = np.mean([right - left for left, right in ends], axis=0)
    scale = float(np.hypot(*along)) / (_PITCH * (len(lines[-1].centres) - 1))
    cos, sin = along / np.hypot(*along) * scale
    foot = (ends[-1][0] + ends[-1][1]) / 2
    turn = np.array([[cos, -sin], [sin, cos]])
    origin = foot - turn @ (page[0] / 2, page[1] - _FOOT)
    return np.vstack([np.column_stack([turn, origin]), (0.0, 0.0, 1.0)])


def _at(line: FoundLine, cell: int) -> Doubles:
    return np.array(line.box.at(line.centres[cell], line.turn)[:2])


def _corners(page: tuple[float, float], rim: float = 0.0) -> Doubles:
    width, height = page
    return np.array([(-rim, -rim), (width + rim, -rim), (width + rim, height + rim), (-rim, height + rim)])


def _near(plane: Doubles, straight: Doubles, page: tuple[float, float]) -> bool:
    corners = _corners(page)
    found = _through(_inverse(straight), _through(plane, corners))
    return float(np.abs(found - corners).max()) <= _SEARCH * page[0]


def _outline(picture: Pixels, plane: Doubles, page: tuple[float, float]) -> Doubles | None:
    """Return the matrix from millimetres to pixels by the page's outline, or None where none is seen near it."""
    rim = 1.2 * _SEARCH * page[0]
    factor = _SEARCH_SIDE / (page[0] + 2 * rim)
    to_small = np.array([[factor, 0, rim * factor], [0, factor, rim * factor], [0, 0, 1.0]]) @ _inverse(plane)
    small = _warp(picture, to_small, (_SEARCH_SIDE, round((page[1] + 2 * rim) * factor)))
    edges = cv2.Canny(cv2.GaussianBlur(small, (5, 5), 0), 30, 90)
    edges = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((5, 5), dtype=np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    expected = _through(to_small @ plane, _corners(page))
    least = 0.6 * cv2.contourArea(expected.astype(np.float32))
    hulls = [cv2.convexHull(contour) for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]]
    for hull in hulls:
        quad = _quad(hull, expected) if cv2.contourArea(hull) >= least else None
        if quad is not None and np.abs(quad - expected).max() <= _SEARCH * page[0] * factor:
            found = _through(_inverse(to_small), quad)
            corners = _corners(page).astype(np.float32)
            return np.asarray(cv2.getPerspectiveTransform(corners, found.astype(np.float32)), dtype=np.float64)
    return None


def _quad(hull: object, expected: Doubles) -> Doubles | None:
    """Return the four corners of ``hull`` in the order of ``expected``, or None where it has not just these."""
    points = np.asarray(hull, dtype=np.float32)
    quad = cv2.approxPolyDP(points, 0.03 * cv2.arcLength(points, True), True).reshape(-1, 2).astype(np.float64)
    nearest = [int(np.hypot(*(quad - corner).T).argmin()) for corner in expected]
    return quad[nearest] if len(quad) == 4 and len(set(nearest)) == 4 else None


def _level(plane: Doubles, lines: Sequence[FoundLine]) -> bool:
    back = _inverse(plane)
    for line in lines:
        left, right = _through(back, np.array([_at(line, 0), _at(line, -1)]))
        if abs(math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))) > _LEVEL:
            return False
    return True


def _view(plane: Doubles, page: tuple[float, float], rim: float, picture: Pixels) -> View:
    """Return the page with ``rim`` (mm) around it, less what lies outside the picture."""
    height, width = picture.shape[:2]
    back = _inverse(plane)
    wanted = _corners(page, rim)
    whole = _corners((width, height))
    # A corner of the picture that lies beyond the page's horizon bounds nothing.
    whole = _through(back, whole) if (whole @ back[2, :2] + back[2, 2]).min() > 0 else wanted
    left, top = np.maximum(wanted[0], whole.min(axis=0))
    right, bottom = np.minimum(wanted[2], whole.max(axis=0))
    if right <= left or bottom <= top:  # the page that such lines tell of lies beside the picture
        (left, top), (right, bottom) = wanted[0], wanted[2]
    seen = math.sqrt(abs(float(np.linalg.det(plane[:2, :2]))))  # pixels a millimetre
    scale = min(_MOST / max(right - left, bottom - top), max(seen, _FEWEST / (right - left)))
    move = np.array([[scale, 0, -left * scale], [0, scale, -top * scale], [0, 0, 1.0]])
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    return View(move @ back, size)


def _warp(picture: Pixels, matrix: Doubles, size: tuple[int, int]) -> Pixels:
    """Warp ``picture``; where it shrinks, average first, else thin strokes vanish between samples."""
    corners = _through(_inverse(matrix), _corners(size))
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2, 0, None).astype(int)
    right, bottom = (np.ceil(corners.max(axis=0)) + 2).astype(int)
    left, top = min(left, picture.shape[1] - 1), min(top, picture.shape[0] - 1)
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    matrix = matrix @ np.array([[1.0, 0, left], [0, 1.0, top], [0, 0, 1.0]])
    factor = 1.3 * size[0] / max(1.0, float(np.hypot(*(corners[1] - corners[0]))))
    if factor < 0.8:
        part = np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = matrix @ np.diag([1 / factor, 1 / factor, 1.0])
    paper = (236, 236, 236)
    return cv2.warpPerspective(part, matrix, size, flags=cv2.INTER_LINEAR, borderValue=paper)  # type: ignore[return-value]


def _through(matrix: Doubles, points: Doubles) -> Doubles:
    flat = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return flat[:, :2] / flat[:, 2:]


def _inverse(matrix: Doubles) -> Doubles:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
