"""What training sees: windows of lines, some cut in the middle of the text, some with an end of the line in them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from degrade import Dials, Strip, photograph, random_dials, width_of
from lines import Print, draw, draw_prose, random_print, random_text, whole_line

WINDOW = 448  # pixels
_PROSE = 0.05  # of the windows show ordinary print, which is no zone
_UPSIDE_DOWN = 0.06
_HEIGHT = 48

Pixels = npt.NDArray[np.uint8]
Rng = np.random.Generator


def window(rng: Rng) -> tuple[Pixels, npt.NDArray[np.int64]]:
    """Return a strip (48, WINDOW, 3) and what is to be answered at each of its steps."""
    how, dials = random_print(rng), random_dials(rng)
    seen = WINDOW * dials.across / _HEIGHT / dials.stretch * (1 + abs(dials.growth))  # capitals
    if rng.random() < _PROSE:
        strip = photograph(draw_prose(seen + 3, rng), dials, -float(rng.uniform(0, 2)), WINDOW, rng)
        return strip.pixels, strip.targets()
    cells = math.ceil(seen / (0.95 * how.advance)) + 3
    left_end, right_end = rng.random(2) < 0.3
    text = random_text(rng, cells - int(rng.integers(4, max(5, cells // 2))) if right_end else cells)
    start = -float(rng.uniform(0, 2.0)) if left_end else float(rng.uniform(0, 1.2))
    if left_end or right_end:
        text = text.strip() or "<"
    drawn = draw((_neighbour(rng, cells), text, _neighbour(rng, cells)), how, rng)
    strip = photograph(drawn, dials, start, WINDOW, rng)
    return strip.upside_down() if rng.random() < _UPSIDE_DOWN else (strip.pixels, strip.targets())


def line(rng: Rng, how: Print, dials: Dials) -> tuple[Strip, str]:
    """Return the strip of one whole line with a little around it, as it is cut out of a picture, and its text."""
    text = whole_line(rng)
    drawn = draw((whole_line(rng), text, whole_line(rng)), how, rng)
    ends = float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.1, 0.6))
    return photograph(drawn, dials, -ends[0], width_of(drawn, dials, ends), rng), text


def _neighbour(rng: Rng, cells: int) -> str:
    return random_text(rng, cells) if rng.random() < 0.6 else ""
