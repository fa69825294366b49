"""From steps along a line to its cells: the characters of a zone stand at one fixed pitch (ICAO Doc 9303-3 §4.2).

The plain decoding drops and doubles fillers; no dictionary can repair that, the pitch can: place = a + b·i, with a
slight bend for a page seen at an angle, is fitted to the peaks, and each cell takes what the steps around it say.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.models import Floats
from checkpoint_app.readers.recogniser.recognise import Peak

Doubles = npt.NDArray[np.float64]

_NEAR = 0.3  # of the pitch: how far from its place a peak still counts well
_FEWEST = 0.5  # of the cells must have a peak
_MOVE = 0.05  # of a peak's worth for each pitch that a grid known from elsewhere is moved: one cell off fits as well
_FEW = 6  # peaks of a line that is read at its neighbour's places


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one line.

    ``likelihood`` (cells, 37) sums to 1 at most; what is missing is the likelihood that nothing was seen there.
    ``places`` are the cells' steps along the crop; ``fit`` tells how well the peaks stand on the grid, 0 to 1.
    """

    likelihood: Doubles
    places: Doubles
    fit: float


def fit_cells(probabilities: Floats, found: Sequence[Peak], count: int) -> Cells | None:
    """Return the line's ``count`` cells, or None where its peaks stand on no such grid."""
    if len(found) < _FEWEST * count:
        return None
    steps = np.array([peak.step for peak in found], dtype=np.float64)
    weights = np.array([peak.probability for peak in found])
    places = _one_each(steps, count)
    if places is None:
        places = _refined(_grid(steps, weights, count), steps, weights)
    if np.diff(places).min() <= 0:  # peaks that stand on no ruler at all
        return None
    index, near = _assign(places, steps)
    fit = float(_gain(index, near * weights, count)) / max(count, len(found))
    if fit < _FEWEST / 2:
        return None
    centres = _centres(places, index, near, weights, steps)
    return Cells(_gather(probabilities, centres), places, fit)


def cells_at(probabilities: Floats, found: Sequence[Peak], places: Doubles, reach: float) -> Cells | None:
    """Return the line's cells at ``places`` (steps) known from elsewhere, moved by ``reach`` pitches at most.

    None where hardly any peak stands there.
    """
    if len(found) < _FEW:
        return None
    steps = np.array([peak.step for peak in found], dtype=np.float64)
    weights = np.array([peak.probability for peak in found])
    parts = np.linspace(-reach, reach, 2 * round(10 * reach) + 1)
    moves = parts * float(np.median(np.diff(places)))
    count = len(places)
    assigned = [_assign(places + move, steps) for move in moves]
    gains = [float(_gain(index, near * weights, count)) for index, near in assigned]
    best = int(np.argmax(np.array(gains) - _MOVE * len(found) * np.abs(parts)))
    if gains[best] < _FEWEST / 2 * len(found):
        return None
    index, near = assigned[best]
    places = places + moves[best]
    centres = _centres(places, index, near, weights, steps)
    return Cells(_gather(probabilities, centres), places, gains[best] / max(count, len(found)))


def _one_each(steps: Doubles, count: int) -> Doubles | None:
    """Return the places where there is exactly one peak a cell, at a smooth pitch: by far the most frequent case."""
    if len(steps) != count:
        return None
    numbers = np.arange(count)
    places: Doubles = np.polynomial.Polynomial.fit(numbers, steps, 3)(numbers)
    pitch = np.diff(places)
    smooth = pitch.min() > 0.4 * pitch.max() and np.abs(steps - places).max() < 0.5 * np.median(pitch)
    return places if smooth else None


def _grid(steps: Doubles, weights: Doubles, count: int) -> Doubles:
    """Search first place and pitch; peaks at either end may be dirt, or missing."""
    at, ruler = _straightened(steps)
    best, most = (at[0], 1.0), -1.0
    for guess in _pitches(at, count):
        pitches = (guess * np.linspace(0.92, 1.08, 25))[:, None]
        firsts = at[0] + pitches * np.linspace(-3, 3, 31)
        places = (at - firsts[..., None]) / pitches[..., None]
        index = np.round(places)
        gains = _gain(index, np.exp(-((places - index) ** 2) / _NEAR**2) * weights, count)
        row, column = np.unravel_index(int(gains.argmax()), gains.shape)
        if gains[row, column] > most:
            best, most = (float(firsts[row, column]), float(pitches[row, 0])), float(gains[row, column])
    return ruler(best[0] + best[1] * np.arange(count))


def _straightened(steps: Doubles) -> tuple[Doubles, Callable[[Doubles], Doubles]]:
    """Return the peaks' places on a ruler whose unit is the local pitch, and the way back from the ruler to steps.

    A page seen at an angle has a pitch that grows along the line; what neighbours are apart tells how fast.
    """
    apart = np.diff(steps)
    middles = (steps[1:] + steps[:-1]) / 2
    usual = float(np.median(apart))
    local = np.full(len(apart), usual)
    curve = np.array([0.0, usual])
    for _ in range(4):  # a gap of missing cells counts as so many pitches of its place
        each = apart / np.maximum(1.0, np.round(apart / local))
        keep = np.abs(each / local - 1) < 0.4
        if keep.sum() < 8:
            break
        curve = np.polyfit(middles[keep], each[keep], 1)
        local = np.maximum(np.polyval(curve, middles), 0.4 * usual)
    fine = np.linspace(steps[0] - 6 * usual, steps[-1] + 6 * usual, 800)
    pitch = np.maximum(np.polyval(curve, fine), 0.4 * usual)
    marks = np.concatenate([[0.0], np.cumsum(np.diff(fine) / ((pitch[1:] + pitch[:-1]) / 2))])
    return np.interp(steps, fine, marks), lambda at: np.interp(at, marks, fine)


def _pitches(at: Doubles, count: int) -> list[float]:
    """Guess the pitch from both ends, and from what neighbours mostly are apart: an end can be dirt, or missing."""
    whole = max(0.1, float(at[-1] - at[0]) / (count - 1))
    apart = np.diff(at)
    usual = apart[np.abs(apart / np.median(apart) - 1) < 0.5]
    common = float(usual.mean())
    return [whole] if abs(common / whole - 1) < 0.04 else [whole, common]


def _gain(index: Doubles, worth: Doubles, count: int) -> Doubles:
    """Return what the peaks (last axis) are worth on the grid: one for each cell."""
    inside = np.where((index >= 0) & (index < count), worth, 0.0)
    doubled = np.where(index[..., 1:] == index[..., :-1], np.minimum(inside[..., 1:], inside[..., :-1]), 0.0)
    return np.asarray(inside.sum(axis=-1) - doubled.sum(axis=-1))


def _refined(places: Doubles, steps: Doubles, weights: Doubles) -> Doubles:
    """Bend the grid to the peaks that stand on it: a page seen at an angle has a growing pitch."""
    numbers = np.arange(len(places))
    for degree in (2, 3):
        index, near = _assign(places, steps)
        keep = (index >= 0) & (index < len(places)) & (near > 0.3)
        if keep.sum() < 8 * (degree - 1):
            return places
        curve = np.polynomial.Polynomial.fit(index[keep], steps[keep], degree, w=weights[keep])
        moved = curve(numbers)
        pitch = np.diff(moved)
        if pitch.min() < 0.4 * pitch.max():
            return places
        places = moved
    return places


def _assign(places: Doubles, steps: Doubles) -> tuple[Doubles, Doubles]:
    """Return each peak's cell, and how near to its place it stands (0 to 1). Cells go on beyond both ends."""
    pitch = float(np.median(np.diff(places)))
    first, last = places[0], places[-1]
    inner = np.interp(steps, places, np.arange(len(places)))
    at = np.where(steps < first, (steps - first) / pitch, np.where(steps > last, inner + (steps - last) / pitch, inner))
    index = np.round(at).astype(np.float64)
    return index, np.exp(-((at - index) ** 2) / _NEAR**2)


def _centres(
    places: Doubles,
    index: Doubles,
    near: Doubles,
    weights: Doubles,
    steps: Doubles,
) -> Doubles:
    """Return where to look for each cell: at its own peak where it has one, else at its place on the grid."""
    centres = places.copy()
    worth = np.zeros(len(places))
    for cell, value, step in zip(index.astype(int), near * weights, steps, strict=True):
        if 0 <= cell < len(places) and value > worth[cell]:
            centres[cell], worth[cell] = step, value
    return centres


def _gather(probabilities: Floats, centres: Doubles) -> Doubles:
    pitch = float(np.median(np.diff(centres)))
    borders = np.concatenate([[centres[0] - pitch / 2], (centres[1:] + centres[:-1]) / 2, [centres[-1] + pitch / 2]])
    likelihood = np.zeros((len(centres), probabilities.shape[1] - 1))
    for cell, (left, right) in enumerate(itertools.pairwise(borders)):
        first, last = max(0, int(np.ceil(left))), min(len(probabilities) - 1, int(np.floor(right - 1e-9)))
        if first <= last:
            likelihood[cell] = probabilities[first : last + 1, 1:].max(axis=0)
    shares: Doubles = likelihood / np.maximum(likelihood.sum(axis=1, keepdims=True), 1.0)
    return shares
