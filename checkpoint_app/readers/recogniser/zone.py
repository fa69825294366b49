"""Finds the zone in a picture and reads it: detector, direction, lines, cells, decision, and second looks where needed.

What costs least comes first; each further step is taken only where the answer is not yet without doubt, and none
once the time is up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from checkpoint_app.readers.recogniser.attempt import Zone, witnessed
from checkpoint_app.readers.recogniser.detect import TextBox, detect
from checkpoint_app.readers.recogniser.models import Network, Pixels
from checkpoint_app.readers.recogniser.ocrb import OcrbRecogniser
from checkpoint_app.readers.recogniser.recognise import Recogniser
from checkpoint_app.readers.recogniser.search import Search
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.witnesses import Line, Witnesses

__all__ = ("Zone", "ZoneReader", "corners", "witnessed")

_SIDE = 544  # measured: finds all lines in 33 of 34 pictures, at half the time of 736
_SECOND_SIDES = (800, 1280)  # of small pictures and of large ones, where the zone may be a small part
_BLIND_SIDE = 960  # where hardly anything was seen: dim, or with a pattern over all
_FEW = 4  # lines of text: where fewer were seen, they tell nothing about where the zone is
_CLOSER = 736
_LARGE = 1100
_MOST_PART = 0.7  # of the picture's longer side: where text was seen on less, only that part is looked at again


class ZoneReader:
    """Reads zones with the three networks. Not thread-safe."""

    def __init__(self, detector: Network, general: Recogniser, own: Line | None = None) -> None:
        """Take the networks; the own one is loaded where none is given."""
        self._detector = detector
        self._witnesses = Witnesses(general, own or OcrbRecogniser.load())

    def read(self, picture: Pixels, today: date, budget_s: float) -> Zone | None:
        """Return the best zone in ``picture``, or None where there is none; looks no further after ``budget_s``."""
        search = Search(self._witnesses, picture, today, time.process_time() + budget_s)
        boxes = detect(self._detector, picture, _SIDE)
        search.run(boxes)
        if not search.settled:
            search.harder()
            search.run(self._closer(picture, boxes))
        return search.best

    def _closer(self, picture: Pixels, boxes: Sequence[TextBox]) -> list[TextBox]:
        """Look where text was seen, or at the whole picture again, with more pixels."""
        if len(boxes) < _FEW:
            return detect(self._detector, picture, max(_BLIND_SIDE, _SECOND_SIDES[max(picture.shape[:2]) > _LARGE]))
        left, top, right, bottom = _around(boxes, picture)
        longer, part = max(picture.shape[:2]), max(right - left, bottom - top)
        if part > _MOST_PART * longer:
            return detect(self._detector, picture, _SECOND_SIDES[longer > _LARGE])
        seen = detect(self._detector, picture[top:bottom, left:right], _CLOSER)
        return [replace(box, x=box.x + left, y=box.y + top) for box in seen]


def _around(boxes: Sequence[TextBox], picture: Pixels) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what holds all ``boxes``, with a margin; the whole picture without boxes."""
    height, width = picture.shape[:2]
    if not boxes:
        return 0, 0, width, height
    reach = np.array([box.length * 0.6 + 2 * box.height for box in boxes])
    x, y = np.array([(box.x, box.y) for box in boxes]).T
    left, top = max(0, int((x - reach).min())), max(0, int((y - reach).min()))
    return left, top, min(width, int((x + reach).max()) + 1), min(height, int((y + reach).max()) + 1)


def corners(line: FoundLine, first: int, last: int) -> list[tuple[float, float]]:
    """Return the four corners, in pixels of the picture, of the cells ``first`` to ``last`` (from 0) of ``line``."""
    pitch = (line.centres[-1] - line.centres[0]) / max(1, len(line.centres) - 1)
    left, right = line.centres[first] - 0.55 * pitch, line.centres[last] + 0.55 * pitch
    half = line.box.height * 0.45
    (x, y, angle), (x2, y2, angle2) = line.box.at(left, line.turn), line.box.at(right, line.turn)
    across, across2 = (
        (-math.sin(angle) * half, math.cos(angle) * half),
        (-math.sin(angle2) * half, math.cos(angle2) * half),
    )
    return [
        (x - across[0], y - across[1]),
        (x2 - across2[0], y2 - across2[1]),
        (x2 + across2[0], y2 + across2[1]),
        (x + across[0], y + across[1]),
    ]
