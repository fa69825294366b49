"""The plots of rules: height tells the share of a day, the dashed line the maximum, a gap that nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.listing import RulePlot, RulesView
from checkpoint_app.booth.view.screen import Action, DeskView
from checkpoint_app.ui import access, symbols
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.ui.palette import PALETTES, Palette
from checkpoint_app.ui.rules import BARS_FOOT, BARS_TOP, LOT, PlotLine
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

Role, Text = QAccessible.Role, QAccessible.Text


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


def told(widget: QWidget, which: QAccessible.Text = Text.Name) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(which)


def rules(view: DeskView) -> RulesView:
    assert view.rules is not None
    return view.rules


def showing(view: DeskView, *plots: RulePlot, selected: int = -1) -> DeskView:
    return replace(view, rules=replace(rules(view), plots=plots, selected=selected))


def colour(image: QImage, x: float, y: float) -> str:
    return image.pixelColor(round(x), round(y)).name().upper()


def column(image: QImage, x: float, top: float, bottom: float) -> list[str]:
    return [colour(image, x, y) for y in range(round(top), round(bottom))]


PLOT = RulePlot("R-1", "Un título", "dicho", (None, 0.0, 0.25, 0.5, 1.0), 0.5)


@pytest.mark.parametrize("palette", PALETTES)
def test_a_bar_is_as_high_as_its_share_and_a_day_unknown_has_no_ground(open_window: OpenWindow, palette: str) -> None:
    window = open_window(showing(samples.rules("es"), PLOT), palette=palette)
    inks, line = PALETTES[palette], window.rules.lines[0]
    image, (_, days, _) = line.grab().toImage(), line._columns()
    top, bottom = BARS_TOP, days.height - BARS_FOOT
    step = days.width / 5
    filled = [
        sum(paint in (inks.edge, inks.text) for paint in column(image, days.x + (n + 0.3) * step, top, bottom))
        for n in range(5)
    ]
    high = bottom - top
    assert filled[0] <= 3  # the dashes of the limit, nothing else
    assert filled[1] <= 3
    assert filled[2] == pytest.approx(high / 4, abs=4)
    assert filled[3] == pytest.approx(high / 2, abs=6)
    assert filled[4] == pytest.approx(high, abs=8)
    grounds = [colour(image, days.x + (n + 0.5) * step, bottom + 1) for n in range(5)]
    assert grounds[0] != inks.edge
    assert grounds[1:] == [inks.edge] * 4


@pytest.mark.parametrize("palette", PALETTES)
def test_the_limit_can_be_seen_across_a_bar(open_window: OpenWindow, palette: str) -> None:
    full = replace(PLOT, days=(1.0,) * 5)
    window = open_window(showing(samples.rules("es"), full), palette=palette)
    inks, line = PALETTES[palette], window.rules.lines[0]
    image, (_, days, _) = line.grab().toImage(), line._columns()
    middle = BARS_TOP + (days.height - BARS_TOP - BARS_FOOT) / 2
    across = column(image, days.x + days.width * 0.3, middle - 6, middle + 6)
    assert any(paint not in (inks.edge, inks.text) for paint in across)
    level = {colour(image, x, middle) for x in range(round(days.x), round(days.right))}
    assert inks.text in level
    assert len(level) > 1  # dashed


def _gauge_inks(line: PlotLine, palette: Palette) -> tuple[int, int]:
    """Return how many pixels are in the ink of words: on the scale, and below it where the lot's mark stands."""
    image, (_, _, gauge) = line.grab().toImage(), line._columns()
    middle = gauge.height / 2 + 6
    xs = range(round(gauge.x), round(gauge.right))
    on = sum(colour(image, x, middle) == palette.text for x in xs)
    below = sum(colour(image, x, middle + 12 + LOT - 3) == palette.text for x in xs)
    return on, below


def test_precision_and_lot_stand_only_where_they_are_known(open_window: OpenWindow) -> None:
    plots = (
        PLOT,
        replace(PLOT, precision=(0.2, 0.4, 0.6)),
        replace(PLOT, drawn=0.3),
        replace(PLOT, precision=(0.2, 0.4, 0.6), drawn=0.3),
    )
    window = open_window(showing(samples.rules("es"), *plots))
    seen = [_gauge_inks(line, window.theme.palette) for line in window.rules.lines]
    assert [(on > 0, below > 0) for on, below in seen] == [(False, False), (True, False), (False, True), (True, True)]


def test_shares_beyond_the_scale_stay_on_it(open_window: OpenWindow) -> None:
    wild = replace(PLOT, days=(7.0, -1.0), limit=3.0, precision=(-1.0, 2.0, 9.0), drawn=4.0)
    window = open_window(showing(samples.rules("es"), wild))
    image, (text, _, _) = window.rules.lines[0].grab().toImage(), window.rules.lines[0]._columns()
    surface = window.theme.palette.surface
    edge = {colour(image, image.width() - 10, y) for y in range(4, image.height() - 4)}
    assert text.right < image.width()
    assert edge <= {surface, window.theme.palette.ground, window.theme.palette.inset}


def test_a_flag_is_words_with_a_sign(
    open_window: OpenWindow, recorder: list[PaintedText], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    original = symbols.draw
    monkeypatch.setattr(symbols, "draw", lambda canvas, name, spot: (drawn.append(name), original(canvas, name, spot)))
    view = samples.rules("en")
    window = open_window(view)
    recorder.clear()
    drawn.clear()
    window.rules.lines[1].grab()
    words = " ".join(one.text for one in recorder)
    assert rules(view).plots[1].flag in words
    assert drawn == ["note"]
    drawn.clear()
    window.rules.lines[0].grab()
    assert drawn == []


@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_every_word_of_a_plot_is_painted(open_window: OpenWindow, recorder: list[PaintedText], lang: str) -> None:
    view = samples.rules(lang)
    window = open_window(view)
    window.grab()
    words = " ".join(one.text for one in recorder if one.owner in ("PlotLine", "RulesPanel"))
    for plot in rules(view).plots:
        for text in (plot.rule, plot.title, plot.said, plot.flag, plot.limit_text, plot.precision_text, *plot.span):
            assert text in words
    for text in (*rules(view).legend, rules(view).title, rules(view).said, rules(view).page):
        assert text in words


def test_rules_are_said_in_one_sentence_each_and_one_is_selected(open_window: OpenWindow) -> None:
    window = open_window(samples.rules("en"))
    assert told(window.rules).startswith("Rules. demo-cargo 9, 28 rules in force")
    assert told(window.rules, Text.Description) == "Page 1 of 7"
    lines = window.rules.lines
    assert told(lines[1]) == (
        "R-11 Weight out of tolerance. Above its maximum on 6 of 30 days; finds less than the lot. "
        "310 of 3\u00a0812 · 88 inspections · 2 found. at most 2 %. 2 of 88, 1–8 %"
    )
    items = [QAccessible.queryAccessibleInterface(line) for line in lines]
    assert {item.role() for item in items} == {Role.ListItem}
    assert [item.state().selected for item in items] == [False, True, False, False]


def test_keys_and_clicks_choose_and_pages_turn_by_four(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.empty("es"))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    desk.show(samples.rules("es"))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        QTest.keyClick(window.windowHandle(), key)
    QTest.mouseClick(window.rules.lines[3], Qt.MouseButton.LeftButton, pos=QPoint(40, 20))
    assert desk.calls == [
        ("press", Action.RULES, False), ("move", 1), ("move", -1), ("move", 4), ("move", -4), ("move", 2),
    ]  # fmt: skip
    assert window.focus_chain()[0] is window.rules.lines[1]


def test_a_rule_that_is_selected_is_said() -> None:
    view = samples.rules("en")
    other = replace(view, rules=replace(rules(view), selected=0))
    assert access.changes(view, other) == (Said("R-17 Seal differs from the declared one"),)


def test_no_rules_is_said_and_nothing_stays(window: DeskWindow, desk: FakeDesk, recorder: list[PaintedText]) -> None:
    desk.show(samples.rules("en"))
    desk.show(samples.rules_none("en"))
    recorder.clear()
    window.grab()
    assert "No rules are in force for this lane." in [one.text for one in recorder]
    assert {told(line) for line in window.rules.lines} == {""}
    assert not [line for line in window.rules.lines if line.isVisible()]


def test_a_rule_that_has_too_much_to_say_loses_its_middle_never_its_flag(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    long = "Una regla con un título que no cabe en dos líneas de esta columna por mucho que se estire la pantalla"
    plot = replace(PLOT, title=long, said=long, flag=f"Suspendida: {long} y más")
    window = open_window(showing(samples.rules("es"), plot))
    recorder.clear()
    image = window.rules.lines[0].grab()
    assert image.height() > 0
    assert not [one for one in recorder if one.needed > one.room + 0.5 or one.bottom_room < 0]
    texts = [one.text for one in recorder]
    assert any(text.startswith("Suspendida: ") for text in texts)
    assert window.rules.lines[0].toolTip() == f"R-1 {long}\n{long}\nSuspendida: {long} y más"
