"""The document for the screen: upright, deskewed, cut to its outline, with the zone where the boxes say."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.upright import upright
from checkpoint_app.readers.recogniser.zone import corners

PITCH = 10.0  # pixels a character of the drawn page, so that a millimetre is 3.94 pixels
MM = PITCH / 2.54
WIDTH, HEIGHT = round(125 * MM), round(88 * MM)
TABLE = (40, 60, 40)


def drawn(angle: float, table: int = 300) -> tuple[npt.NDArray[np.uint8], tuple[FoundLine, ...]]:
    """A pale page with two dark lines on a dark table, turned clockwise by ``angle``, and where its lines are."""
    side = max(WIDTH, HEIGHT) + 2 * table
    image = Image.new("RGB", (side, side), TABLE)
    left, top = (side - WIDTH) // 2, (side - HEIGHT) // 2
    image.paste((225, 225, 215), (left, top, left + WIDTH, top + HEIGHT))
    image.paste((90, 120, 200), (left, top, left + WIDTH, top + HEIGHT // 10))  # the page's head is blue
    lines = []
    for from_foot in (15.75, 9.4):
        y = top + HEIGHT - from_foot * MM
        half = 22 * PITCH
        image.paste((20, 20, 20), (round(side / 2 - half), round(y - 6), round(side / 2 + half), round(y + 6)))
        lines.append(_line(side, y - side / 2, angle))
    return np.asarray(image.rotate(-angle, fillcolor=TABLE))[:, :, ::-1].copy(), tuple(lines)


def _line(side: float, below: float, angle: float) -> FoundLine:
    turn = math.radians(angle)
    x, y = side / 2 - math.sin(turn) * below, side / 2 + math.cos(turn) * below
    flip = 180.0 if abs(math.remainder(angle, 360)) > 90 else 0.0
    box = TextBox(x, y, 44 * PITCH, 16, math.remainder(angle - flip, 180), 1.0)
    return FoundLine(box, flip, tuple(PITCH * (i - 21.5) for i in range(44)))


@pytest.mark.parametrize("angle", [0, 7, -20, 88, 135, 180, 268])
def test_a_turned_page_comes_upright_and_cut_to_its_outline(angle: float) -> None:
    picture, lines = drawn(angle)
    shown, view = upright(picture, lines)
    height, width = shown.shape[:2]
    assert view.size == (width, height)
    assert width / height == pytest.approx(125 / 88, rel=0.03)
    assert width == pytest.approx(WIDTH, rel=0.06)  # no table around it
    assert shown[round(height * 0.05), width // 2, 0] > 150  # its blue head is on top
    assert shown[round(height * 0.05), width // 2, 2] < 130
    for line in lines:
        place = view.place(corners(line, 0, 43)) * view.size
        assert np.ptp(place[:2, 1]) < 1.5  # level
        (left, top), (right, bottom) = place.min(axis=0), place.max(axis=0)
        assert shown[round((top + bottom) / 2), round(left + 8) : round(right - 8)].max() < 90
        assert shown[round(top - 3), width // 2].min() > 150  # tight: nothing of the line is above its box


def test_without_an_outline_the_zone_tells_where_the_page_is() -> None:
    picture, lines = drawn(12)
    picture[(picture == TABLE).all(axis=2)] = (225, 225, 215)
    shown, _ = upright(picture, lines)
    height, width = shown.shape[:2]
    assert width == pytest.approx(WIDTH * 1.12, rel=0.03)
    assert height == pytest.approx((88 + 15) * MM, rel=0.03)


def test_what_lies_outside_the_picture_is_not_invented() -> None:
    picture, lines = drawn(0)
    top = int(lines[0].box.y) - 30
    cut = tuple(FoundLine(_raised(line.box, top), line.turn, line.centres) for line in lines)
    shown, view = upright(picture[top:].copy(), cut)
    assert view.place([(0.0, 0.0)])[0, 1] == pytest.approx(0, abs=0.01)
    assert shown.shape[0] < 0.4 * shown.shape[1]


def test_lines_that_narrow_away_are_levelled() -> None:
    picture, lines = drawn(0)
    tilt = np.array([[1.0, 0, 0], [0, 1, 0], [0.0002, 0, 1]])
    fan = tuple(_seen_through(tilt, line) for line in lines)
    blank = np.full_like(picture, 200)
    _, view = upright(blank, fan)
    ends = [(view.place(corners(line, 0, 43)) * view.size)[:2] for line in fan]
    assert all(np.ptp(end[:, 1]) < 2 for end in ends)
    quarter = [view.place(corners(fan[0], *cells))[:2, 0] for cells in ((0, 10), (33, 43))]
    assert np.ptp(quarter[0]) == pytest.approx(np.ptp(quarter[1]), rel=0.03)


def test_a_large_picture_is_shown_small_and_a_tiny_one_is_enlarged() -> None:
    picture, lines = drawn(5)
    large = np.kron(picture, np.ones((3, 3, 1), dtype=np.uint8))
    shown, _ = upright(large, tuple(_scaled(line, 3.0) for line in lines))
    assert max(shown.shape) == 1000
    small = picture[::4, ::4].copy()
    shown, _ = upright(small, tuple(_scaled(line, 0.25) for line in lines))
    assert shown.shape[1] == pytest.approx(340, abs=2)


@given(
    st.integers(20, 400),
    st.integers(20, 400),
    st.floats(-90, 90),
    st.floats(-4, 4),
    st.floats(0.5, 12),
    st.floats(2, 60),
    st.sampled_from([(44, 2), (36, 2), (30, 3)]),
)
@example(20, 20, 12.0, 4.0, 1.0, 58.0, (30, 3))  # lines of a page that lies beside the picture
@settings(max_examples=60, deadline=None)
def test_any_zone_gives_a_bounded_picture(
    width: int, height: int, angle: float, fan: float, pitch: float, apart: float, kind: tuple[int, int]
) -> None:
    count, number = kind
    lines = tuple(
        FoundLine(
            TextBox(width / 2, height / 2 + apart * n, pitch * count, 5, angle + fan * n, 1.0),
            0.0,
            tuple(pitch * (i - count / 2) for i in range(count)),
        )
        for n in range(number)
    )
    shown, view = upright(np.full((height, width, 3), 200, dtype=np.uint8), lines)
    assert 0 < max(shown.shape) <= 1000
    assert np.isfinite(view.place(corners(lines[0], 0, count - 1))).all()


def _raised(box: TextBox, by: float) -> TextBox:
    return TextBox(box.x, box.y - by, box.length, box.height, box.angle, box.score)


def _scaled(line: FoundLine, by: float) -> FoundLine:
    box = line.box
    moved = TextBox(box.x * by, box.y * by, box.length * by, box.height * by, box.angle, box.score)
    return FoundLine(moved, line.turn, tuple(by * at for at in line.centres))


def _seen_through(tilt: npt.NDArray[np.float64], line: FoundLine) -> FoundLine:
    points = np.array([(line.box.x + at, line.box.y, 1.0) for at in line.centres]) @ tilt.T
    points = points[:, :2] / points[:, 2:]
    (x, y), along = points.mean(axis=0), points[-1] - points[0]
    length = float(np.hypot(*along))
    box = TextBox(x, y, length, 12, math.degrees(math.atan2(along[1], along[0])), 1.0)
    return FoundLine(box, 0.0, tuple(map(float, (points - (x, y)) @ along / length)))
