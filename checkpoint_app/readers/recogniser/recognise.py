"""One line of text → for each step along it, how likely each character of the machine readable zone is.

The general recogniser knows 18,708 characters and answers 0 for O or one bracket for two fillers. Its answer is cut
down to the 37 characters of ICAO Doc 9303-3 (section 4.3), with brackets counted as fillers, before it is decoded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.models import Floats, OnnxNetwork, Pixels

Doubles = npt.NDArray[np.float64]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
FILLER = ALPHABET.index("<")
_ALSO_FILLER = "«»《》〈〉‹›≪≫く"
HEIGHT = 48
_STEP = 8  # pixels of the 48-pixel crop a step
_MOST_WIDTH = 2400
END_PAD = 0.3  # of the box's height, split over both ends


@dataclass(frozen=True, slots=True)
class Peak:
    """A character as the plain decoding sees it: step, place in ALPHABET, probability."""

    step: int
    character: int
    probability: float

    @property
    def letter(self) -> str:
        """The character itself."""
        return ALPHABET[self.character]


class Recogniser:
    """The recognising network, cut down to the alphabet of the zone."""

    def __init__(self, network: OnnxNetwork) -> None:
        self._network = network
        known = ["", *network.metadata("character").split("\n"), " "]
        place = {character: index for index, character in enumerate(known)}
        self._columns = [0, *(place[character] for character in ALPHABET)]
        self._fillers = [place[character] for character in _ALSO_FILLER if character in place]

    def __call__(self, crop: Pixels) -> Floats:
        """Return probabilities (steps, 1 + 37) for ``crop``, 48 pixels high; column 0 is "no character here"."""
        batch = (crop.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        full = self._network(np.ascontiguousarray(batch))[0]
        cut = full[:, self._columns]
        cut[:, -1] += full[:, self._fillers].sum(axis=1)
        probabilities: Floats = cut / np.maximum(cut.sum(axis=1, keepdims=True), 1e-6)
        return probabilities


def cut_out(picture: Pixels, box: TextBox, turn: float = 0.0, pad: float = 0.0, stretch: float = 1.0) -> Pixels:
    """Return the text of ``box`` from the full picture, upright, 48 pixels high.

    ``turn`` is added to the box's angle (180 reads it the other way up); ``pad`` widens the strip across the text by
    that part of the box's height; ``stretch`` widens the crop along the text. A bent line is straightened.
    """
    scale = HEIGHT / (box.height * (1 + pad))
    length = box.length + END_PAD * box.height
    width = min(_MOST_WIDTH, max(2 * _STEP, round(length * scale * stretch)))
    along: Doubles = (np.arange(width, dtype=np.float64) - (width - 1) / 2) * (length / width)
    across = (np.arange(HEIGHT) - (HEIGHT - 1) / 2) / scale
    x, y, direction = np.array([box.at(t, turn) for t in along]).T if any(box.bend) else _straight(box, turn, along)
    map_x = x - np.sin(direction) * across[:, None]
    map_y = y + np.cos(direction) * across[:, None]
    return _sampled(picture, map_x, map_y, scale)


def _straight(box: TextBox, turn: float, along: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    angle = math.radians(box.angle + turn)
    return box.x + math.cos(angle) * along, box.y + math.sin(angle) * along, np.full(len(along), angle)


def _sampled(picture: Pixels, map_x: Doubles, map_y: Doubles, scale: float) -> Pixels:
    """Take the pixels at the places given; only the part of ``picture`` around them is touched."""
    height, width = picture.shape[:2]
    left, right = (int(np.clip(v, 0, width)) for v in (map_x.min() - 3, map_x.max() + 4))
    top, bottom = (int(np.clip(v, 0, height)) for v in (map_y.min() - 3, map_y.max() + 4))
    if right - left < 1 or bottom - top < 1:
        return np.zeros((*map_x.shape, 3), dtype=np.uint8)
    part = picture[top:bottom, left:right]
    map_x, map_y = map_x - left, map_y - top
    if scale <= 0.6:  # shrinking: average first, else thin strokes vanish between samples
        factor = scale * 1.3
        part = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        # The centre of pixel (0, 0) is half a pixel in from the corner in both pictures.
        by_x, by_y = part.shape[1] / (right - left), part.shape[0] / (bottom - top)
        map_x, map_y = (map_x + 0.5) * by_x - 0.5, (map_y + 0.5) * by_y - 0.5
    flags = cv2.INTER_CUBIC if scale > 0.6 else cv2.INTER_LINEAR
    maps = map_x.astype(np.float32), map_y.astype(np.float32)
    return cv2.remap(part, *maps, flags, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def peaks(probabilities: Floats) -> list[Peak]:
    """Return the plain CTC decoding: runs of one character that is likelier than none."""
    best = probabilities.argmax(axis=1)
    found: list[Peak] = []
    start = 0
    for step in range(1, len(best) + 1):
        if step < len(best) and best[step] == best[start]:
            continue
        if best[start] > 0:
            run = probabilities[start:step, best[start]]
            found.append(Peak(start + int(run.argmax()), int(best[start]) - 1, float(run.max())))
        start = step
    return found


def confidence(found: list[Peak]) -> float:
    """Return how sure a decoding is: the mean probability of its characters, weighted for length."""
    if not found:
        return 0.0
    return float(np.mean([peak.probability for peak in found])) * (1 - math.exp(-len(found) / 4))
