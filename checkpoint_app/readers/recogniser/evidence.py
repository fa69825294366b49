"""What was seen in each cell, weighed against what may stand there (ICAO Doc 9303-3 to -7, field by field)."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from checkpoint_app.documents import Format, allowed_characters
from checkpoint_app.readers.recogniser.recognise import ALPHABET

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

PLACE = {character: index for index, character in enumerate(ALPHABET)}
FLOOR = 1e-6
_SEED = 1e-4
# A cell where less than this was seen is unknown. It is shown as a filler, and its likelihood keeps it in doubt.
_NOTHING, _BLANK = 0.05, 1e-4
# Glyphs that OCR-B (ISO 1073-2) parts and the general recogniser, trained on all fonts, does not: what it may have
# meant by the first where only the others can stand, the likeliest first.
_TWINS = {
    "0": "ODQ",
    "1": "IL",
    "2": "Z",
    "4": "A",
    "5": "S",
    "6": "G",
    "7": "T",
    "8": "B",
    "O": "0",
    "D": "0",
    "Q": "0",
    "I": "1",
    "L": "1",
    "Z": "2",
    "A": "4",
    "S": "5",
    "G": "6",
    "T": "7",
    "B": "8",
}
_TWIN_WEIGHTS = (1.0, 0.1, 0.1)


@cache
def masks(format_: Format) -> tuple[Flags, ...]:
    """Return for each line of a format which characters (columns, in the order of ALPHABET) may stand in each cell."""
    return tuple(
        np.array([[character in cell for character in ALPHABET] for cell in line], dtype=np.bool_)
        for line in allowed_characters(format_)
    )


def weigh(likelihood: Doubles, allowed: Flags) -> Doubles:
    """Return log-likelihoods (cells, 37) under the mask ``allowed`` of the same shape; -inf where nothing may stand.

    What was seen but cannot stand there counts for its twins (0 for O); the rest of it is lost, so that a cell with an
    impossible character keeps little for any other.
    """
    weighed = np.where(allowed, likelihood, 0.0)
    for seen, twins in _TWINS.items():
        column = PLACE[seen]
        lost = np.where(allowed[:, column], 0.0, likelihood[:, column])
        if not lost.any():
            continue
        columns = [PLACE[twin] for twin in twins]
        weight = np.array(_TWIN_WEIGHTS[: len(columns)])
        share = np.where(allowed[:, columns], (likelihood[:, columns] + _SEED) * weight, 0.0)
        total = share.sum(axis=1, keepdims=True)
        weighed[:, columns] += np.divide(share, total, out=np.zeros_like(share), where=total > 0) * lost[:, None]
    weighed[:, PLACE["<"]] += _BLANK * (likelihood.sum(axis=1) < _NOTHING)
    return np.where(allowed, np.log(weighed + FLOOR), -np.inf)
