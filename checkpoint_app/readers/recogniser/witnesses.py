"""Two networks look at one strip, and what both say together: the general recogniser and the own one for OCR-B.

They are trained on different pictures and err differently: measured on real and synthetic lines, each is sure and wrong
in 5 to 12 of 1,000 characters, both with the same wrong character in 1 of 4,000. So a character that both saw is
believed, one that they disagree about is in doubt until a check digit speaks, and neither is believed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles
from checkpoint_app.readers.recogniser.grid import Cells, cells_at, fit_cells
from checkpoint_app.readers.recogniser.models import Floats, Pixels
from checkpoint_app.readers.recogniser.recognise import Peak, peaks

Line = Callable[[Pixels], Floats]

# What a character counts that one network alone saw, of what it counts where both saw it. Where they disagree, each has
# about half; where one is blank the other has half: too little for a character that no check digit vouches for.
_ALONE = 0.1
# What the general recogniser may have seen where it says a digit: it is blind for O, and weak for these letters
# (measured: 105 letters O of the reference pictures were read as 0 for sure).
_MEANT = {"0": ("O", 0.4), "1": ("I", 0.15), "2": ("Z", 0.15), "5": ("S", 0.05), "6": ("G", 0.05), "8": ("B", 0.05)}
_NEAR = 0.5  # of the pitch: how far apart two networks may see the same line
_PALE, _DARK = 95, 1  # percentiles of a strip's light that become paper and ink
_INK = 98  # and the percentiles that are surely of ink or of paper
_GROUND = 0.35  # of that range: a strip whose usual light is below it is pale print on dark ground


@dataclass(frozen=True, slots=True)
class Sight:
    """What one network saw in a strip: probabilities (steps, 1 + 37), and their plain decoding."""

    probabilities: Floats
    found: list[Peak]

    @property
    def text(self) -> str:
        """The plain decoding as text."""
        return "".join(peak.letter for peak in self.found)


@dataclass(frozen=True, slots=True)
class LineCells:
    """The cells of one line as each network saw them (cells, 37); ``places`` are fractions of the strip's width."""

    general: Doubles
    own: Doubles
    places: Doubles
    fit: float


class Witnesses:
    """Both networks."""

    def __init__(self, general: Line, own: Line) -> None:
        self._general = general
        self._own = own

    def glance(self, crop: Pixels) -> Sight:
        """Look with the own network alone: it takes a tenth of the other's time, and tells a zone from other print."""
        return _sight(self._own(_levelled(crop)))

    def general_glance(self, crop: Pixels) -> Sight:
        """Look with the general network alone."""
        return _sight(self._general(crop))

    def look(self, crop: Pixels) -> tuple[Sight, ...]:
        """Look with the general network, then with the own one, at the strip as it is and with its light levelled."""
        levelled = _levelled(crop)
        return _sight(self._general(crop)), _sight(self._own(levelled)), _sight(self._own(_faded(levelled)))


def line_cells(sights: Sequence[Sight], count: int, like: Doubles | None = None) -> LineCells | None:
    """Return the line's ``count`` cells on the grid of the network whose peaks stand best on one.

    ``like`` are the places of a neighbouring line: they serve where no network has a grid of its own.
    """
    grids = [(cells, len(s.probabilities)) for s in sights if (cells := fit_cells(s.probabilities, s.found, count))]
    if grids:
        best, steps = max(grids, key=lambda grid: grid[0].fit)
        places, near = (best.places + 0.5) / steps, _NEAR
    elif like is not None and len(like) == count:
        places, near = like, 1.6 * _NEAR
    else:
        return None
    at = [cells_at(s.probabilities, s.found, places * len(s.probabilities) - 0.5, near) for s in sights]
    fits = [cells.fit for cells in at if cells is not None]
    if not fits:
        return None
    general, *own = (_likelihood(cells, count) for cells in at)
    return LineCells(general, np.mean(own, axis=0), places, max(fits))


def together(general: Doubles, own: Doubles) -> Doubles:
    """Return what both networks (cells, 37) say together; what is missing to 1 was seen by neither."""
    meant = general.copy()
    for digit, (letter, share) in _MEANT.items():
        meant[:, PLACE[letter]] += share * general[:, PLACE[digit]]
        meant[:, PLACE[digit]] -= share * general[:, PLACE[digit]]
    both = meant * own + _ALONE * (meant + own)
    seen = (general.sum(axis=1) + own.sum(axis=1)) / 2
    result: Doubles = both / np.maximum(both.sum(axis=1), 1e-9)[:, None] * seen[:, None]
    return result


def _sight(probabilities: Floats) -> Sight:
    return Sight(probabilities, peaks(probabilities))


def _likelihood(cells: Cells | None, count: int) -> Doubles:
    return np.zeros((count, len(PLACE))) if cells is None else cells.likelihood


def _levelled(crop: Pixels) -> Pixels:
    """Return the strip with its paper pale and its ink dark; print that is paler than its ground is turned about."""
    dark, usual, pale = (float(v) for v in np.percentile(crop[:, ::4], (100 - _INK, 50, _INK)))
    if usual - dark < _GROUND * (pale - dark):
        crop = 255 - crop
    dark, pale = (float(v) for v in np.percentile(crop[:, ::4], (_DARK, _PALE)))
    scale = 235.0 / max(pale - dark, 20.0)
    return np.asarray(np.clip((crop.astype(np.float32) - dark) * scale, 0, 255), dtype=np.uint8)


def _faded(levelled: Pixels) -> Pixels:
    """Return the strip in half the contrast: what the own network says of both is steadier than of one."""
    return levelled // 2 + 70
