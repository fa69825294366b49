"""One line of text → for each step along it, how likely each character of the machine readable zone is.

The general recogniser knows 18,708 characters and answers 0 for O or one bracket for two fillers. Its answer is cut
down to the 37 characters of ICAO Doc 9303-3 (section 4.3), with brackets counted as fillers, before it is decoded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.models import Floats, OnnxNetwork, Pixels

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
    that part of the box's height; ``stretch`` widens the crop along the text.
    """
    scale = HEIGHT / (box.height * (1 + pad))
    length = box.length + END_PAD * box.height
    width = min(_MOST_WIDTH, max(2 * _STEP, round(length * scale * stretch)))
    along = length / width
    angle = math.radians(box.angle + turn)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos * along, -sin / scale, 0.0], [sin * along, cos / scale, 0.0]])
    matrix[:, 2] = (box.x, box.y) - matrix[:, :2] @ ((width - 1) / 2, (HEIGHT - 1) / 2)
    flags = cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if scale > 0.6 else cv2.INTER_LINEAR)
    if scale <= 0.6:  # shrinking: average first, else thin strokes vanish between samples
        picture, matrix = _shrunk(picture, matrix, scale)
    return cv2.warpAffine(picture, matrix, (width, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


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


def _shrunk(picture: Pixels, matrix: Floats, scale: float) -> tuple[Pixels, Floats]:
    factor = min(1.0, scale * 1.3)
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    # The centre of pixel (0, 0) is half a pixel in from the corner in both pictures.
    moved = matrix * factor
    moved[:, 2] += 0.5 * factor - 0.5
    return small, moved  # type: ignore[return-value]
