"""Boxes follow lines: straight ones, and those on a curved page."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from checkpoint_app.readers.recogniser.detect import TextBox, detect
from checkpoint_app.readers.recogniser.recognise import HEIGHT, cut_out
from checkpoint_app.readers.recogniser.trim import trimmed


def text_map(bend: float, turn: float = 0.0, side: int = 512) -> np.ndarray:
    """Draw what the detector answers for one line of 360 pixels, 10 high, whose ends lie ``bend`` off its middle."""
    along = np.linspace(-180, 180, 400)
    across = bend * (along / 180) ** 2
    angle = math.radians(turn)
    x = side / 2 + along * math.cos(angle) - across * math.sin(angle)
    y = side / 2 + along * math.sin(angle) + across * math.cos(angle)
    drawn = np.zeros((side, side), dtype=np.float32)
    cv2.polylines(drawn, [np.column_stack([x, y]).astype(np.int32)], False, 1.0, 10)
    return drawn[None, None]


def found(bend: float, turn: float = 0.0) -> TextBox:
    picture = np.full((512, 512, 3), 200, dtype=np.uint8)
    picture[::2] = 20
    (box,) = detect(lambda _: text_map(bend, turn), picture, 512)
    return box


def test_a_straight_line_has_no_bend() -> None:
    box = found(0)
    assert box.bend == (0.0, 0.0)
    assert abs(box.angle) < 1


@pytest.mark.parametrize("turn", [0.0, 20.0, 90.0])
@pytest.mark.parametrize("bend", [14.0, -14.0])
def test_the_box_follows_a_bent_line(bend: float, turn: float) -> None:
    box = found(bend, turn)
    assert box.height < 33
    angle = math.radians(turn)
    for along in (-150.0, 0.0, 150.0):
        across = bend * (along / 180) ** 2
        x = 256 + along * math.cos(angle) - across * math.sin(angle)
        y = 256 + along * math.sin(angle) + across * math.cos(angle)
        assert min(math.hypot(box.at(t)[0] - x, box.at(t)[1] - y) for t in np.arange(-190, 190, 2.0)) < 3


@pytest.mark.parametrize("turn", [88.0, 90.0, 92.0, 100.0])
def test_lines_of_a_lying_page_all_face_one_way(turn: float) -> None:
    assert found(0, turn).angle == pytest.approx(turn, abs=1)


def test_moving_along_a_bent_line_keeps_it() -> None:
    box = TextBox(0, 0, 400, 20, 0, 1, (1e-4, 0.0))
    moved = box.moved(60, 100)
    for along in (-40.0, 0.0, 40.0):
        x, y, _ = moved.at(along)
        assert y == pytest.approx(1e-4 * x * x, abs=0.1)


def test_turned_about_the_line_runs_the_other_way() -> None:
    box = TextBox(100, 50, 400, 20, 10, 1, (1e-4, 1e-7))
    assert box.at(30)[:2] == pytest.approx(box.at(-30, 180)[:2])
    assert math.degrees(box.at(0, 180)[2]) == pytest.approx(190)


def bent_picture() -> tuple[np.ndarray, TextBox]:
    picture = np.full((300, 900, 3), 230, dtype=np.uint8)
    for x in range(60, 860, 20):
        y = round(150 + 1e-4 * (x - 450) ** 2)
        cv2.rectangle(picture, (x, y - 8), (x + 8, y + 8), (20, 20, 20), -1)
    return picture, TextBox(450, 150, 820, 30, 0, 1, (1e-4, 0.0))


def test_a_bent_line_is_cut_out_straight() -> None:
    picture, box = bent_picture()
    rows = cut_out(picture, box)[:, :, 0].astype(float).mean(axis=1)
    ink = np.nonzero(rows < 180)[0]
    assert abs(ink.mean() - (HEIGHT - 1) / 2) < 2
    assert len(ink) < HEIGHT * 0.75


@pytest.mark.parametrize(("height", "off"), [(56, 0), (30, 0), (44, 7), (44, -7)])
def test_a_loose_box_is_set_to_its_ink(height: float, off: float) -> None:
    picture, box = bent_picture()
    loose = TextBox(box.x, box.y + off, box.length, height, 0, 1, box.bend)
    tight = trimmed(picture, loose)
    assert abs(tight.y - box.y) < 2
    assert tight.height == pytest.approx(17 * 1.55, rel=0.2)


def test_a_box_without_ink_stays_as_it_is() -> None:
    box = TextBox(200, 100, 300, 30, 0, 1)
    assert trimmed(np.full((200, 400, 3), 128, dtype=np.uint8), box) == box
