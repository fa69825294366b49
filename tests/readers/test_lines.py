"""Which boxes make a zone: neighbours, pieces, mates, third lines; and the crop that they are read from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.lines import chains, extended, joined, levelled, long_boxes, mates, offset
from checkpoint_app.readers.recogniser.recognise import HEIGHT, cut_out


def box(along: float, across: float, length: float = 500, angle: float = 0.0, height: float = 20) -> TextBox:
    """A box at ``along`` and ``across`` from the middle of a picture whose text runs at ``angle``."""
    turn = math.radians(angle)
    x = 500 + along * math.cos(turn) - across * math.sin(turn)
    y = 500 + along * math.sin(turn) + across * math.cos(turn)
    return TextBox(x, y, length, height, angle, 0.9)


@pytest.mark.parametrize("angle", [0, 12, -40, 88, -89.5])
def test_a_zone_of_two_and_of_three_lines_is_found_at_any_angle(angle: float) -> None:
    two = [box(0, 0, angle=angle), box(2, 36, 497, angle), box(-80, -200, 300, angle)]
    assert chains(two)[0] == (two[0], two[1])
    three = [box(0, 30 * number, angle=angle) for number in range(3)]
    assert chains([three[2], three[0], three[1]])[0] == tuple(three)


@pytest.mark.parametrize(
    "other",
    [box(0, 200), box(0, 36, length=200), box(200, 36), box(0, 36, angle=8), box(0, 36, height=45), box(0, 4)],
)
def test_boxes_that_make_no_zone(other: TextBox) -> None:
    assert chains([box(0, 0), other]) == []


def test_pieces_of_a_line_are_joined_and_other_print_is_not() -> None:
    pieces = [box(-150, 0, 200), box(110, 1, 280)]
    (whole,) = joined(pieces)
    assert (whole.x, whole.length) == (pytest.approx(500), pytest.approx(500, abs=1))
    assert len(joined([box(-150, 0, 200), box(200, 1, 200)])) == 2


def test_a_short_line_is_made_as_long_as_its_neighbour() -> None:
    long, short = box(0, 0, 500), box(-50, 36, 400)
    a, b = levelled((long, short))
    assert a == long
    assert (b.x, b.y, b.length) == (500, 536, 500)


def test_company_of_a_lone_line_is_sought_where_fragments_are() -> None:
    lone = box(0, 0, angle=30)
    fragment = box(-120, 38, 60, 30)
    ((upper, mate),) = mates(lone, [lone, fragment, box(0, 300, angle=30)])
    assert upper == lone
    assert offset(lone, mate) == (pytest.approx(0), pytest.approx(38))
    assert mate.length == lone.length
    assert mates(lone, [lone]) == []


def test_the_third_line_of_a_card_is_as_far_again() -> None:
    upper, lower = box(0, 0, angle=-20), box(3, 36, angle=-20)
    above, below = extended((upper, lower))
    assert offset(upper, above[0]) == (pytest.approx(-3), pytest.approx(-36))
    assert offset(lower, below[2]) == (pytest.approx(3), pytest.approx(36))


def test_only_long_boxes_can_be_lines() -> None:
    assert long_boxes([box(0, 0, 139), box(0, 0, 119, height=10), box(0, 0, 160)], 1000) == [box(0, 0, 160)]


@pytest.mark.parametrize(("scale", "turn"), [(1, 0), (4, 0), (1, 180)])
def test_the_crop_is_upright_and_scaled(scale: int, turn: int) -> None:
    picture = np.full((200 * scale, 600 * scale, 3), 255, dtype=np.uint8)
    picture[90 * scale : 110 * scale, 100 * scale : 300 * scale] = 0  # the left half of the line is black
    line = TextBox(300 * scale, 100 * scale, 400 * scale, 20 * scale, 0, 1)
    crop = cut_out(picture, line, turn)
    assert crop.shape == (HEIGHT, round(406 * 48 / 20), 3)
    left, right = crop[12:36, 20 : crop.shape[1] // 2 - 10], crop[12:36, crop.shape[1] // 2 + 10 : -20]
    dark, light = (right, left) if turn else (left, right)
    assert dark.max() < 20
    assert light.min() > 235
