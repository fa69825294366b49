"""The line to the centre: lost or back, it changes its own symbol and words, and nothing else on the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Action, DeskView, LineView
from checkpoint_app.ui import access
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

Text = QAccessible.Text
DETAIL = "No line since 14:02: name not found; next try 14:05"
SIZES = [(1280, 800), (1920, 1080)]


def with_line(view: DeskView, line: LineView) -> DeskView:
    return replace(view, bar=replace(view.bar, line=line))


def area_of(widget: QWidget, window: DeskWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def without(image: QImage, *areas: QRect) -> QImage:
    """Return ``image`` with ``areas`` blotted out."""
    blotted = image.copy()
    painter = QPainter(blotted)
    for area in areas:
        painter.fillRect(area, QColor("#FF00FF"))
    painter.end()
    return blotted


def foot_mark(window: DeskWindow) -> QRect:
    """Return where the foot of the checks has its mark: 14 units about its middle, and a pixel's softness."""
    scale, checks = window.theme.scale, area_of(window.checks, window)
    half = round(7 * scale) + 1
    middle = QPoint(checks.left() + round(29 * scale), checks.bottom() + 1 - round(22 * scale))
    return QRect(middle - QPoint(half, half), middle + QPoint(half, half))


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("state", ["refer", "waiting"])
def test_a_line_lost_in_mid_encounter_changes_its_symbol_and_nothing_else(
    open_window: OpenWindow, state: str, size: tuple[int, int], palette: str
) -> None:
    view = samples.ALL[state]("es")
    up = with_line(view, LineView(up=True, text="centro 0,4 s"))
    down = with_line(view, LineView(up=False, text="sin línea desde 14:02", detail="Sin línea desde 14:02"))
    window = open_window(up, size=size, palette=palette)
    before = window.grab().toImage()
    window.show_view(down)
    line, foot = area_of(window.bar.line, window), foot_mark(window)
    after = window.grab().toImage()
    assert without(before, line, foot) == without(after, line, foot)
    assert before.copy(line) != after.copy(line)
    has_foot = state == "refer"
    assert (before.copy(foot) != after.copy(foot)) is has_foot
    window.show_view(up)
    assert window.grab().toImage() == before


@pytest.mark.parametrize("state", ["refer", "incomplete", "look-as-of", "waiting", "long"])
def test_no_row_and_no_key_moves_with_the_line(open_window: OpenWindow, state: str) -> None:
    view = samples.ALL[state]("es")
    window = open_window(with_line(view, LineView(up=True, text="centro 0,4 s")))
    parts = [*window.parts, *window.checks.lines, window.bar.switch, window.bar.officer, *window.keys.buttons]
    before = [part.geometry() for part in parts]
    window.show_view(with_line(view, LineView(up=False, text="sin línea desde 14:02")))
    assert [part.geometry() for part in parts] == before


@pytest.mark.parametrize("text", ["sin línea desde 14:02", "sin línea desde 21 nov", "offline since 21 Nov", "", "…"])
def test_the_usual_words_fit_the_room_that_is_kept(open_window: OpenWindow, text: str) -> None:
    window = open_window(samples.refer("es"))
    officer = window.bar.officer.geometry()
    window.show_view(with_line(samples.refer("es"), LineView(up=False, text=text)))
    assert window.bar.officer.geometry() == officer
    assert area_of(window.bar.line, window).right() == 1280 - 16 - 1


def test_longer_words_take_their_room_and_are_not_cut(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("es"))
    kept = window.bar.line.width()
    window.show_view(with_line(samples.refer("es"), LineView(up=False, text="sin línea desde el 21 de noviembre")))
    assert window.bar.line.width() > kept
    assert not window.bar.officer.geometry().intersects(window.bar.line.geometry())


def test_the_dot_is_filled_only_while_the_line_is_up(open_window: OpenWindow) -> None:
    window = open_window(samples.line_up("en"))
    ink = window.theme.palette.text.upper()

    def middle_of_the_dot() -> str:
        mark = window.bar.line
        image = mark.grab().toImage()
        left = next(x for x in range(mark.width()) if image.pixelColor(x, 24) != image.pixelColor(0, 0))
        return str(image.pixelColor(left + 7, 24).name().upper())

    assert middle_of_the_dot() == ink
    window.show_view(samples.line_down("en"))
    assert middle_of_the_dot() != ink


def test_why_there_is_no_line_is_in_the_tip_and_for_the_ear(open_window: OpenWindow) -> None:
    window = open_window(samples.line_down("en"))
    told = QAccessible.queryAccessibleInterface(window.bar.line)
    assert told.text(Text.Name) == "offline since 14:02"
    assert told.text(Text.Description) == DETAIL
    assert window.bar.line.toolTip() == DETAIL
    window.show_view(samples.refer("en"))
    assert window.bar.line.toolTip() == ""
    assert told.text(Text.Name) == "centre 0.4 s"


def test_a_line_lost_or_back_is_said_once_and_politely() -> None:
    up, down = samples.refer("en"), samples.line_down("en")
    assert access.changes(up, down) == (Said(DETAIL),)
    assert access.changes(down, up) == (Said("centre 0.4 s"),)
    later = with_line(down, replace(down.bar.line, detail="No line since 14:02: name not found; next try 14:15"))
    assert access.changes(down, later) == ()


# -- the late hit on the empty desk ----------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_late_hit_stands_under_the_devices_and_its_key_shows_it(
    open_window: OpenWindow, size: tuple[int, int]
) -> None:
    window, desk = open_window(size=size), FakeDesk(samples.late_hit("en"))
    window.bind(desk)
    notice = window.empty.notice
    assert notice.isVisible()
    assert window.empty.rect().contains(notice.geometry())
    told = QAccessible.queryAccessibleInterface(notice)
    assert (told.text(Text.Name), told.text(Text.Accelerator)) == ("1 late hit, nobody has it yet", "F6")
    QTest.mouseClick(notice, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert desk.calls == [("press", Action.COMPARE, False)]
    assert notice in window.focus_chain()
    desk.show(samples.empty("en"))
    assert not notice.isVisible()


def test_a_late_hit_that_arrives_on_the_empty_desk_is_said_once() -> None:
    notice = Said("1 late hit, nobody has it yet")
    arrived = samples.late_hit("en")
    assert access.changes(samples.empty("en"), arrived) == (notice,)
    assert access.changes(arrived, arrived) == ()
    told_by_the_message = replace(arrived, message=replace(arrived.message, text=notice.text))
    assert access.changes(samples.empty("en"), told_by_the_message) == (notice,)
    assert notice not in access.changes(samples.refer("en"), arrived)


def test_the_notice_is_as_prominent_as_a_hit(open_window: OpenWindow) -> None:
    for name, palette in PALETTES.items():
        notice = open_window(samples.late_hit("es"), palette=name).empty.notice
        image = notice.grab().toImage()
        assert image.pixelColor(2, 22).name().upper() == palette.refer.ink.upper()
        assert image.pixelColor(16, 22).name().upper() == palette.refer.ink.upper()
        assert image.pixelColor(600, 6).name().upper() == palette.refer.tint.upper()
