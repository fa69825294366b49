"""Symbols: each paints something, stays in its box, and no two look alike."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from checkpoint_app.ui import symbols
from checkpoint_app.ui.canvas import Canvas, Theme
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.palette import DAY
from checkpoint_app.ui.symbols import SYMBOLS, Spot
from checkpoint_app.verdict import Outcome, Sign

SIZE, BOX = 40, 60


def painted(name: str, *, solid: bool = False, scale: float = 1.0) -> QImage:
    image = QImage(round(BOX * scale), round(BOX * scale), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    canvas = Canvas(painter, Theme(DAY, scale), Area(0, 0, BOX, BOX), "test")
    symbols.draw(canvas, name, Spot(BOX / 2, BOX / 2, SIZE, "#000000", "#FFFFFF" if solid else ""))
    painter.end()
    return image


def ink(image: QImage) -> list[tuple[int, int]]:
    return [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).value() < 128]


@pytest.mark.parametrize("name", SYMBOLS)
def test_a_symbol_paints_inside_its_box(name: str) -> None:
    places = ink(painted(name))
    assert len(places) > 25
    margin = (BOX - SIZE) / 2 - 2
    assert all(margin <= x < BOX - margin and margin <= y < BOX - margin for x, y in places)


def test_the_four_advice_symbols_and_the_four_signs_differ() -> None:
    for group in ([outcome.value for outcome in Outcome], [sign.value for sign in Sign]):
        shapes = {frozenset(ink(painted(name))) for name in group}
        assert len(shapes) == len(group)


@pytest.mark.parametrize("name", ["clear", "note", "hit"])
def test_solid_symbols_carry_more_ink(name: str) -> None:
    assert len(ink(painted(name, solid=True))) > 1.5 * len(ink(painted(name)))


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_hatch_is_even_at_every_scale(scale: float) -> None:
    from PySide6.QtGui import QPainterPath

    image = QImage(round(100 * scale), round(100 * scale), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    canvas = Canvas(painter, Theme(DAY, scale), Area(0, 0, 100, 100), "test")
    path = QPainterPath()
    path.addRect(10, 10, 80, 80)
    canvas.hatch(path, "#000000")
    painter.end()
    dark = sum(1 for x, y in ink(image) if 12 * scale < x < 88 * scale and 12 * scale < y < 88 * scale)
    share = dark / (76 * scale) ** 2
    assert 0.25 < share < 0.45
