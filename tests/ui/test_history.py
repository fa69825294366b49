"""The year of the line on the screen: what height and hatching tell, what is said, and the keys to it and back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest

from checkpoint_app.booth.view.screen import Action, HistoryDay
from checkpoint_app.ui.history import MonthRow, cell_width
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.helpers import FakeDesk

Text = QAccessible.Text


def spoken(row: MonthRow) -> str:
    interface = QAccessible.queryAccessibleInterface(row)
    assert interface is not None
    return interface.text(Text.Name)


def columns(window: DeskWindow, row: MonthRow, number: int) -> tuple[QImage, int, int, int]:
    """Return the picture of a row, with the middle of a day and its upper and lower end, in pixels."""
    scale = window.theme.scale
    middle = (16 + 70 + (number - 0.5) * cell_width(row.room.width)) * scale
    return row.grab().toImage(), int(middle), int(3 * scale), int((row.room.height - 3) * scale) - 1


def test_keys_reach_it_end_a_drill_and_leave_it(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.empty("en"))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    desk.show(samples.history("en"))
    assert window.history.isVisible()
    assert not window.empty.isVisible()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F12)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert desk.calls == [
        ("press", Action.HISTORY, False),
        ("press", Action.DRILL, False),
        ("press", Action.PREVIOUS, False),
    ]
    desk.show(samples.proceed("en"))
    assert not window.history.isVisible()
    assert all(row.month.label == "" for row in window.history.rows)


@pytest.mark.parametrize("palette", PALETTES)
def test_height_tells_how_long_and_hatching_that_it_was_a_drill(
    window: DeskWindow, desk: FakeDesk, palette: str
) -> None:
    view = samples.history("es")
    assert view.history is not None
    window.set_palette(PALETTES[palette])
    desk.show(view)
    seen = {"lost": 0, "drill": 0, "dot": 0, "blank": 0}
    for row, month in zip(window.history.rows, view.history.months, strict=True):
        for number, day in enumerate(month.days, 1):
            if day is None or day.today:
                continue
            seen[check_day(window, row, number, day, palette)] += 1
    assert all(seen.values()), seen


def check_day(window: DeskWindow, row: MonthRow, number: int, day: HistoryDay, palette: str) -> str:
    image, middle, top, bottom = columns(window, row, number)
    colours = PALETTES[palette]
    foot = image.pixelColor(middle, bottom).name().upper()
    if day.share:
        assert foot == colours.refer.ink
        filled = sum(image.pixelColor(middle, y).name().upper() == colours.refer.ink for y in range(top, bottom + 1))
        high = bottom + 1 - top
        assert abs(filled - max(5 * window.theme.scale, day.share * high)) <= 2
        return "lost"
    strip = {image.pixelColor(middle + x, bottom - 2).name() for x in range(-6, 7)}
    if day.drill:
        assert len(strip) > 1
        assert foot != colours.refer.ink
        return "drill"
    assert foot in (colours.inset, colours.surface, colours.ground)  # the row alone is painted on no panel
    return "dot" if day.known else "blank"


def test_each_month_is_said_in_words(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.history("en"))
    said = [spoken(row) for row in window.history.rows]
    assert len(said) in (12, 13)
    assert said[0] == "Nov 2025. not recorded"
    assert any("without a line, on" in one for one in said)
    assert any("drills" in one for one in said)
    title = QAccessible.queryAccessibleInterface(window.history)
    assert title is not None
    assert title.text(Text.Name) == "THE LINE, A YEAR"


def test_nothing_recorded_is_said(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.history_none("en"))
    title = QAccessible.queryAccessibleInterface(window.history)
    assert title is not None
    assert title.text(Text.Description) == "Nothing is recorded of the line yet"
