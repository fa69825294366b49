"""A second witness for 0 or O, 1 or I, 2 or Z, 5 or S, 6 or G, 8 or B: the same print elsewhere in the same zone.

The general recogniser is blind for these pairs, and a check digit never sees some of them. But the dates and check
digits of a zone hold digits only, its names and codes letters only (ICAO Doc 9303-3): a doubtful glyph is compared with
the glyphs that stand there, printed by the same machine and pictured by the same camera.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from checkpoint_app.documents import Format
from checkpoint_app.documents.layout import LAYOUTS, Kind
from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.repair import Cell

Patch = npt.NDArray[np.float32]

# Digit and letter, and how much less alike than one digit to another a glyph may be and still be that digit.
_PAIRS = (("0", "O", 0.07), ("1", "I", 0.10), ("2", "Z", 0.10), ("5", "S", 0.10), ("6", "G", 0.10), ("8", "B", 0.10))
# Pairs that are mistaken less often: the recogniser's word is only doubted where there is a witness.
_COUSINS = (("0", "D", 0.10), ("0", "Q", 0.10), ("8", "S", 0.10))
_NATS = 40.0  # for each unit of correlation: 0.1 is 4 nats
_PRIOR = 4.0  # nats: what the networks' word is worth at most beside the print
_FAINT, _STRONG = 1.0, 4.0  # nats: less from the print contradicts nothing; this contradicts both networks
_ALONE = 3.0  # nats: and without one
_BLIND = "0"  # of this only one of the two networks knows anything
_CERTAIN = 4.0  # nats: where both networks are as certain as this
_CLEAR = 0.6  # least likelihood of a glyph that is compared with
_MOST_SAMPLES = 6
_WIDE, _HIGH = 32, 48
_SHIFT_X, _SHIFT_Y = 4, 5  # pixels that a glyph may lie off its place


@dataclass(frozen=True, slots=True)
class FoundLine:
    """Where one line stands in the picture: its box, its turn, and the centres of its cells along it (pixels)."""

    box: TextBox
    turn: float
    centres: tuple[float, ...]


class Glyphs:
    """The glyphs of a zone, cut out of the picture when they are asked for."""

    def __init__(self, picture: Pixels, lines: Sequence[FoundLine]) -> None:
        self._picture = picture
        self._lines = lines
        self._cut: dict[Cell, Patch] = {}

    def __getitem__(self, cell: Cell) -> Patch:
        if cell not in self._cut:
            self._cut[cell] = _patch(self._picture, self._lines[cell[0]], cell[1])
        return self._cut[cell]

    def contrasts(self, cells: Sequence[Cell]) -> dict[Cell, float]:
        """Return for each glyph how far its ink is from its paper, in grey levels."""
        inner = [self[cell][_SHIFT_Y:-_SHIFT_Y, _SHIFT_X:-_SHIFT_X].ravel() for cell in cells]
        dark, pale = np.percentile(np.stack(inner), (5, 90), axis=1)
        return dict(zip(cells, map(float, pale - dark), strict=True))

    def likeness(self, a: Cell, b: Cell) -> float:
        """Return the correlation (-1 to 1) of two glyphs, at the shift that suits them best."""
        return max(_correlation(self[a], self[b]), _correlation(self[b], self[a]))


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the second witness left of the recogniser's word.

    ``likelihood`` (cells, 37) is that of each line, weighed by both. ``torn`` are pairs of characters (places in
    ALPHABET), cell by cell, about which the two contradict each other; ``alone`` the cells with a twin for which the
    recogniser's word stands alone and is no good: only a check digit can speak for these.
    """

    likelihood: list[Doubles]
    torn: frozenset[tuple[Cell, int, int]]
    alone: frozenset[Cell]


def hear(format_: Format, lines: Sequence[str], likelihood: Sequence[Doubles], glyphs: Glyphs) -> Hearing:
    """Return ``likelihood`` (cells, 37) with each twin in a mixed field weighed by its likeness to known glyphs.

    ``lines`` is the zone as decided without this witness; only glyphs whose kind its field tells are compared with.
    """
    heard = [line.copy() for line in likelihood]
    torn: set[tuple[Cell, int, int]] = set()
    alone: set[Cell] = set()
    digits, letters, mixed = _cells_by_kind(format_)
    for digit, letter, slack in (*_PAIRS, *_COUSINS):
        cousin = (digit, letter, slack) in _COUSINS
        columns = PLACE[digit], PLACE[letter]
        of_digit = _samples(digit, digits, lines, likelihood)
        of_letter = _samples(letter, letters, lines, likelihood)
        for line, at in mixed:
            row = heard[line][at]
            seen = row[columns[0]] + row[columns[1]]
            if seen < 0.5:
                continue
            said = math.log((row[columns[0]] + 1e-6) / (row[columns[1]] + 1e-6))
            witness = _witness(glyphs, (line, at), of_digit, of_letter, slack)
            if witness is None and cousin:
                continue
            if witness is None and (digit in _BLIND or abs(said) < _CERTAIN):
                alone.add((line, at))
            least = _FAINT if abs(said) < _CERTAIN else _STRONG
            if witness is not None and said * witness < 0 and abs(witness) > least:
                torn.add(((line, at), *columns))
            most = _ALONE if witness is None else _PRIOR
            nats = max(-most, min(most, said)) + (witness or 0.0)
            row[columns[0]] = seen / (1 + math.exp(-nats))
            row[columns[1]] = seen - row[columns[0]]
    return Hearing(heard, frozenset(torn), frozenset(alone))


def _witness(
    glyphs: Glyphs, cell: Cell, of_digit: Sequence[Cell], of_letter: Sequence[Cell], slack: float
) -> float | None:
    """Return how much the print speaks for the digit (nats, negative for the letter), None where it cannot tell."""
    digit, letter = _alike(glyphs, cell, of_digit), _alike(glyphs, cell, of_letter)
    if digit is not None and letter is not None:
        return _NATS * (digit - letter)
    for value, samples, sign in ((digit, of_digit, 1), (letter, of_letter, -1)):
        among = _among(glyphs, samples)
        if value is not None and among is not None:
            return sign * _NATS * (value - among + slack)
    return None


def _alike(glyphs: Glyphs, cell: Cell, samples: Sequence[Cell]) -> float | None:
    return float(np.median([glyphs.likeness(cell, other) for other in samples])) if samples else None


def _among(glyphs: Glyphs, samples: Sequence[Cell]) -> float | None:
    pairs = [(a, b) for number, a in enumerate(samples) for b in samples[:number]]
    return float(np.median([glyphs.likeness(a, b) for a, b in pairs])) if pairs else None


def _samples(character: str, cells: Iterable[Cell], lines: Sequence[str], likelihood: Sequence[Doubles]) -> list[Cell]:
    found = [(line, at) for line, at in cells if lines[line][at] == character]
    clear = [cell for cell in found if likelihood[cell[0]][cell[1]].max() >= _CLEAR]
    return clear[:_MOST_SAMPLES]


def _cells_by_kind(format_: Format) -> tuple[list[Cell], list[Cell], list[Cell]]:
    """Return the cells of a format that hold digits only, letters only, and either."""
    layout = LAYOUTS[format_]
    by_kind: dict[Kind, list[Cell]] = {kind: [] for kind in Kind}
    for span, kind in layout.fields:
        by_kind[kind] += [(span.line - 1, column) for column in range(span.first - 1, span.last)]
    own = [(rule.line - 1, rule.column - 1) for rule in layout.digits]
    return by_kind[Kind.DATE] + own, by_kind[Kind.NAME] + by_kind[Kind.CODE], by_kind[Kind.MIXED]


def _patch(picture: Pixels, line: FoundLine, at: int) -> Patch:
    mean = (line.centres[-1] - line.centres[0]) / (len(line.centres) - 1)
    first, last = max(0, at - 2), min(len(line.centres) - 1, at + 2)
    pitch = (line.centres[last] - line.centres[first]) / (last - first)  # here: it grows on a page seen at an angle
    across, along = line.box.height * (pitch / mean) / _HIGH, 1.3 * pitch / _WIDE
    x, y, angle = line.box.at(line.centres[at], line.turn)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos * along, -sin * across, 0.0], [sin * along, cos * across, 0.0]])
    matrix[:, 2] = (x, y) - matrix[:, :2] @ ((_WIDE - 1) / 2, (_HIGH - 1) / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(picture, matrix, (_WIDE, _HIGH), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _correlation(whole: Patch, other: Patch) -> float:
    inner = other[_SHIFT_Y:-_SHIFT_Y, _SHIFT_X:-_SHIFT_X]
    return float(cv2.matchTemplate(whole, inner, cv2.TM_CCOEFF_NORMED).max())
