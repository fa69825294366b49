"""The grid against the table of the specification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.ui import measures
from checkpoint_app.ui.measures import Area, Grid, is_supported, scale_for


@pytest.mark.parametrize(
    ("size", "scale"),
    [
        ((1280, 800), 1.0),
        ((1366, 768), 1.0),
        ((1599, 1000), 1.0),
        ((1600, 1000), 1.25),
        ((1920, 1080), 1.25),
        ((1920, 1200), 1.5),
        ((2240, 1400), 1.75),
        ((2560, 1600), 2.0),
        ((7680, 4320), 2.0),
        ((800, 600), 1.0),
    ],
)
def test_scale_is_the_largest_that_fits(size: tuple[int, int], scale: float) -> None:
    assert scale_for(*size) == scale


def test_smaller_screens_are_not_supported() -> None:
    assert is_supported(1280, 800)
    assert not is_supported(1279, 800)
    assert not is_supported(1280, 799)


def test_columns_at_1280_by_800() -> None:
    left, centre, right = Grid(1280, 800).columns
    assert (left.x, left.width, centre.x, centre.width, right.x, right.width) == (8, 368, 384, 472, 864, 408)
    assert (left.y, left.bottom) == (52, 668)


def test_columns_at_1920_by_1080_are_wide() -> None:
    grid = Grid(1536, 864)
    left, centre, right = grid.columns
    assert (left.width, centre.width, right.width) == (528, 536, 440)
    assert right.right == 1528
    assert grid.wide


def test_bands_at_1280_by_800() -> None:
    grid = Grid(1280, 800)
    assert grid.person == Area(384, 52, 472, 175)
    assert grid.checks == Area(384, 235, 472, 433)
    assert grid.advice == Area(864, 52, 408, 160)
    assert grid.panel == Area(864, 220, 408, 448)
    assert (grid.key_bar.y, grid.key_bar.height) == (676, 72)
    assert (grid.footer.y, grid.footer.height) == (758, 36)


@given(st.floats(1280, 4000), st.floats(800, 2500))
def test_columns_fill_the_width_and_never_overlap(width: float, height: float) -> None:
    grid = Grid(width, height)
    left, centre, right = grid.columns
    assert left.right + measures.MARGIN == pytest.approx(centre.x)
    assert centre.right + measures.MARGIN == pytest.approx(right.x)
    assert right.right + measures.MARGIN == pytest.approx(width)
    assert left.width >= 368
    assert centre.width >= 472
    assert left.width <= 528
    assert left.bottom + measures.MARGIN == pytest.approx(grid.key_bar.y)
    assert grid.key_bar.bottom + measures.MARGIN < grid.footer.y + 3
    assert grid.footer.bottom < height
