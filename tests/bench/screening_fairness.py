"""Whom false hits fall upon: the rate of each culture's clean travellers, as a multiple of everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening import Calibration
from tests.bench.screening_measure import Screened

CULTURES = ("spanish", "haitian", "chinese", "arabic", "slavic", "english")
TIMES = 10
"""Beside the calibrated threshold a lower one is looked at, which so many times as many reach: chance is less there."""


def fairness(screened: Screened, calibration: Calibration, table: Path) -> dict[str, float]:
    """Return each culture's multiple of the mean false-hit rate, with the nationalities' offsets and without them.

    Without them the threshold is the one that holds as many travellers as with them. The counts go into ``table``.
    """
    clean = screened.clean
    cases = [case for case, is_clean in zip(screened.cases, clean.tolist(), strict=True) if is_clean]
    cultures = np.array([case.culture for case in cases])
    scores = screened.top[clean]
    bare = np.where(scores > 0, scores + [calibration.offset(case.subject.nationality) for case in cases], 0)
    count = int(np.sum(scores >= calibration.threshold))
    figures, lines = {}, [_row("threshold", CULTURES, "worst"), _row("---", ["---"] * len(CULTURES), "---")]
    for name, reached in (("calibrated", count), (f"{TIMES}_times_as_many", TIMES * count)):
        for how, values in (("", scores), ("_without_offsets", bare)):
            multiples, held = _multiples(values, cultures, reached)
            figures |= {f"fairness_{name}{how}_{culture}": multiple for culture, multiple in multiples.items()}
            figures[f"fairness_{name}{how}_worst"] = max(multiples.values())
            cells = [f"{multiples[c]:.2f} ({held[c]})" for c in CULTURES]
            lines.append(_row(f"{name}{how}, {reached} false hits", cells, f"{max(multiples.values()):.2f}"))
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return figures


def _multiples(
    scores: npt.NDArray[np.float64], cultures: npt.NDArray[np.str_], reached: int
) -> tuple[Mapping[str, float], Mapping[str, int]]:
    """Return, for the ``reached`` highest scores, each culture's rate over the mean rate, and its count."""
    held = np.zeros(len(scores), np.bool_)
    held[np.argsort(-scores, kind="stable")[:reached]] = True
    mean = max(1e-12, float(np.mean(held)))
    counts = {culture: int(np.sum(held & (cultures == culture))) for culture in CULTURES}
    sizes = {culture: max(1, int(np.sum(cultures == culture))) for culture in CULTURES}
    return {culture: counts[culture] / sizes[culture] / mean for culture in CULTURES}, counts


def _row(first: str, cells: tuple[str, ...] | list[str], last: str) -> str:
    return "| " + " | ".join([first, *cells, last]) + " |"
