"""Makes what a recogniser would see from lines of text, for tests of everything behind the networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from checkpoint_app.readers.recogniser.evidence import PLACE
from checkpoint_app.readers.recogniser.recognise import ALPHABET

Doubles = npt.NDArray[np.float64]


def cells(line: str, sure: float = 0.98) -> Doubles:
    """Return the likelihood of each cell of a line that is seen clearly."""
    seen = np.full((len(line), len(ALPHABET)), (1 - sure) / (len(ALPHABET) - 1) / 10)
    for at, character in enumerate(line):
        seen[at, PLACE[character]] = sure
    return seen


def doubt(seen: Doubles, at: int, **likelihood: float) -> None:
    """Let the cell ``at`` be seen as given, by names such as ``A`` or ``_0`` (``filler`` is <)."""
    seen[at] = 1e-6
    for name, value in likelihood.items():
        seen[at, PLACE["<" if name == "filler" else name.strip("_")]] = value


def strip(text: str, steps: Sequence[float], length: int, missing: Sequence[int] = ()) -> npt.NDArray[np.float32]:
    """Return a recogniser's output for ``text`` with its characters at ``steps``; those in ``missing`` not seen."""
    output = np.zeros((length, 1 + len(ALPHABET)), dtype=np.float32)
    output[:, 0] = 1
    for at, (character, step) in enumerate(zip(text, steps, strict=True)):
        if at not in missing:
            output[round(step)] = 0
            output[round(step), 1 + PLACE[character]] = 1
    return output
