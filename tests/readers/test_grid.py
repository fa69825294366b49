"""The grid of fixed pitch: dropped, doubled and dirty peaks, and pages seen at an angle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.readers.recogniser.grid import Cells, fit_cells
from checkpoint_app.readers.recogniser.recognise import ALPHABET, peaks
from tests.readers.helpers import TD3
from tests.readers.seen import strip


def text(cells: Cells | None) -> str:
    assert cells is not None
    return "".join(ALPHABET[row.argmax()] if row.max() > 0.1 else "?" for row in cells.likelihood)


def places(pitch: float, bend: float = 0.0, first: float = 5.0, count: int = 44) -> list[float]:
    numbers = np.arange(count)
    return list(first + pitch * (numbers + bend * numbers * numbers / count))


@pytest.mark.parametrize("pitch", [3.1, 3.4, 4.0, 5.3])
def test_one_peak_a_cell(pitch: float) -> None:
    output = strip(TD3[1], places(pitch), 260)
    assert text(fit_cells(output, peaks(output), 44)) == TD3[1]


def test_cells_whose_peak_is_missing_stay_unknown_and_move_nothing() -> None:
    output = strip(TD3[1], places(4.1), 200, missing=(7, 38, 39))
    expected = "".join("?" if at in (7, 38, 39) else c for at, c in enumerate(TD3[1]))
    assert text(fit_cells(output, peaks(output), 44)) == expected


def test_dirt_at_the_ends_is_outside_the_grid() -> None:
    output = strip("X" + TD3[1] + "I", [1.0, *places(4.1, first=12.0), 12 + 4.1 * 45.5], 210, missing=(20,))
    assert text(fit_cells(output, peaks(output), 44)) == TD3[1][:19] + "?" + TD3[1][20:]


@pytest.mark.parametrize("bend", [-0.25, 0.4])
@pytest.mark.parametrize("missing", [(), (3, 17, 30)])
def test_a_page_seen_at_an_angle(bend: float, missing: tuple[int, ...]) -> None:
    output = strip(TD3[1], places(4.6, bend), 320, missing)
    expected = "".join("?" if at in missing else c for at, c in enumerate(TD3[1]))
    assert text(fit_cells(output, peaks(output), 44)) == expected


def test_too_few_peaks_are_no_line() -> None:
    output = strip("ABCDEF", places(4, count=6), 60)
    assert fit_cells(output, peaks(output), 44) is None


def test_another_length_fits_worse() -> None:
    output = strip(TD3[1], places(4.1), 200)
    right, wrong = fit_cells(output, peaks(output), 44), fit_cells(output, peaks(output), 36)
    assert right is not None
    assert wrong is None or wrong.fit < right.fit - 0.1


@given(st.lists(st.integers(0, 299), min_size=1, max_size=80, unique=True), st.sampled_from([30, 36, 44]))
def test_any_peaks_give_cells_or_none(steps: list[int], count: int) -> None:
    output = strip("A" * len(steps), sorted(steps), 300)
    cells = fit_cells(output, peaks(output), count)
    if cells is not None:
        assert cells.likelihood.shape == (count, 37)
        assert (np.diff(cells.places) > 0).all()
        assert cells.likelihood.sum(axis=1).max() <= 1.001
