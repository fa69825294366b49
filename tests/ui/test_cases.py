"""The list of cases: what is chosen, what each key and click sends, and what never gets lost in a long row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.view.screen import Action, CaseMark, CasesView, DeskView
from checkpoint_app.ui import access
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

Role, Text = QAccessible.Role, QAccessible.Text
F = Qt.Key
CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


def listed(view: DeskView) -> CasesView:
    assert view.cases is not None
    return view.cases


def selecting(view: DeskView, number: int) -> DeskView:
    return replace(view, cases=replace(listed(view), selected=number))


def hit(window: DeskWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.windowHandle(), key, modifier)


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT, pos=QPoint(60, 10))


def pixels(image: QImage, x: int, y: int) -> str:
    return image.pixelColor(x, y).name().upper()


# -- what it sends ---------------------------------------------------------------------------------------------------
def test_arrows_choose_and_control_t_takes(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cases("es"))
    for key in (F.Key_Down, F.Key_Up, F.Key_Left, F.Key_Right):
        hit(window, key)
    hit(window, F.Key_T, CONTROL)
    hit(window, F.Key_F6)
    hit(window, F.Key_Escape)
    assert desk.calls == [
        ("move", 1),
        ("move", -1),
        ("press", Action.TAKE_CASE, False),
        ("press", Action.COMPARE, False),
        ("press", Action.PREVIOUS, False),
    ]


def test_a_tab_is_chosen_by_its_number_or_a_click(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cases("es"))
    hit(window, F.Key_3, CONTROL)
    click(window.cases.tabs[1])
    assert desk.calls == [("choose", 3), ("choose", 2)]


def test_a_click_on_a_row_moves_by_the_difference(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(selecting(samples.cases("es"), 2))
    for number in (5, 0, 2):
        click(window.cases.lines[number])
    assert desk.calls == [("move", 3), ("move", -2)]


def test_page_keys_turn_the_list_where_it_has_pages(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cases("es"))
    hit(window, F.Key_PageDown)
    assert desk.calls == []
    desk.show(samples.cases_paged("es"))
    hit(window, F.Key_PageDown)
    hit(window, F.Key_PageUp)
    assert desk.calls == [("move", 7), ("move", -7)]
    window.reasons.setFocus()
    hit(window, F.Key_PageDown)
    assert len(desk.calls) == 2


def test_closing_asks_in_the_right_panel_and_control_t_saves(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.closing("es"))
    assert window.reason_form.isVisible()
    assert window.cases.isVisible()
    assert not window.reasons.isVisible()
    hit(window, F.Key_2, CONTROL)
    click(window.reason_form.choices[2])
    QTest.mouseClick(window.reason_form.submit_key, LEFT, pos=QPoint(5, 5))
    assert desk.calls == [("choose", 2), ("choose", 3), ("press", Action.TAKE_CASE, False)]


def test_tab_stops_at_the_tabs_and_the_selected_row_only(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(selecting(samples.cases("es"), 3))
    names = [type(part).__name__ for part in window.focus_chain()]
    assert names == (
        ["MessageBar"] + ["TabKey"] * 4 + ["CaseLine", "ReasonsPanel"] + ["KeyButton"] * 7 + ["Switch", "OfficerKey"]
    )
    assert window.cases.lines[3] in window.focus_chain()


def test_focus_on_the_list_follows_the_selection(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cases("es"))
    assert QApplication.focusWidget() is window
    window.cases.lines[0].setFocus(Qt.FocusReason.TabFocusReason)
    desk.show(selecting(samples.cases("es"), 1))
    assert QApplication.focusWidget() is window.cases.lines[1]
    assert window.ring.isVisible()
    desk.show(samples.empty("es"))
    assert QApplication.focusWidget() is window


# -- the key bar -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=str)
def test_the_key_that_takes_is_the_wide_one_under_the_centre(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window(samples.cases("en"), size=size)
    scale = window.theme.scale
    boxes = [(round(b.x() / scale), round(b.width() / scale)) for b in window.keys.buttons]
    left, centre, right = window.grid.columns
    assert boxes[2][0] == centre.x
    assert boxes[4][0] == right.x
    assert boxes[1][0] + boxes[1][1] == pytest.approx(left.right, abs=1)
    assert boxes[3][0] + boxes[3][1] == pytest.approx(centre.right, abs=1)
    assert boxes[2][1] == max(wide for _, wide in boxes)
    if size == (1280, 800):
        assert boxes == [(8, 180), (196, 180), (384, 232), (624, 232), (864, 131), (1003, 130), (1141, 131)]
    assert all(wide >= 110 for _, wide in boxes)


def test_the_nine_keys_keep_their_places(open_window: OpenWindow) -> None:
    window = open_window(samples.cases("en"))
    window.show_view(samples.refer("en"))
    assert [button.x() for button in window.keys.buttons[:4]] == [8, 133, 259, 384]


# -- what it paints --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("palette", PALETTES)
def test_the_selected_row_stands_on_inset_inside_an_accent_edge(open_window: OpenWindow, palette: str) -> None:
    window = open_window(selecting(samples.cases("en"), 1), palette=palette)
    colours = PALETTES[palette]
    shown = window.cases.grab().toImage()
    line = shown.copy(window.cases.lines[1].geometry())
    assert [pixels(line, x, 32) for x in (4, 5, 6)] == [colours.accent_edge.upper()] * 3
    assert pixels(line, 12, 32) == colours.inset.upper()
    other = shown.copy(window.cases.lines[0].geometry())
    assert pixels(other, 5, 32) == colours.surface.upper()
    assert pixels(other, 400, 63) == colours.separator.upper()


def test_rows_are_64_units_high_at_each_scale(open_window: OpenWindow) -> None:
    for size, scale in (((1280, 800), 1), ((1920, 1080), 1.25), ((2560, 1600), 2)):
        window = open_window(samples.cases("en"), size=size)
        tops = [line.y() for line in window.cases.lines]
        assert {below - above for above, below in pairwise(tops)} == {64 * scale}
        assert window.cases.lines[6].geometry().bottom() < window.cases.height()


def test_each_state_has_a_circle_of_its_own(open_window: OpenWindow) -> None:
    view = samples.cases("en")
    row = listed(view).rows[1]
    rows = tuple(replace(row, mark=mark) for mark in CaseMark)
    window = open_window(replace(view, cases=replace(listed(view), rows=rows, selected=-1)))
    box = window.cases.lines[0].rect()
    box.setLeft(392)
    box.setWidth(30)
    shown = {bytes(window.cases.lines[n].grab(box).toImage().constBits()) for n in range(len(rows))}
    assert len(shown) == len(CaseMark)


def test_only_what_is_urgent_is_framed_and_only_nobody_is_bold(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    view = samples.cases("en")
    row = replace(listed(view).rows[0], urgent=False, unowned=False, owner="nobody yet", time_left="2 h")
    rows = (row, replace(row, urgent=True), replace(row, unowned=True))
    window = open_window(replace(view, cases=replace(listed(view), rows=rows, selected=-1)))
    plain, urgent, unowned = (window.cases.lines[n].grab().toImage() for n in range(3))
    framed = [any(pixels(image, x, 32) != pixels(image, 720, 32) for x in (728, 729)) for image in (plain, urgent)]
    assert framed == [False, True]
    assert plain.copy(590, 0, 120, 63) != unowned.copy(590, 0, 120, 63)
    assert plain.copy(0, 0, 590, 63) == unowned.copy(0, 0, 590, 63)


def test_a_long_name_loses_its_middle_and_is_whole_in_the_tip(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    view = samples.cases("es")
    name = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF, MARÍA DE LOS ÁNGELES"
    row = replace(
        listed(view).rows[0],
        name=name,
        owner="Maximiliano Ejemplo del Puesto",
        state="espera desde hace mucho tiempo",
        kind="Hallazgo tardío, dejó pasar a las 14:31, lista ECU 89, ya no",
    )
    window = open_window(replace(view, cases=replace(listed(view), rows=(row,))))
    recorder.clear()
    window.grab()
    painted = [p for p in recorder if p.owner == "CaseLine"]
    assert not [p.text for p in painted if p.needed > p.room + 0.5]
    shown = next(p.text for p in painted if p.text.startswith("WOLFE"))
    assert "…" in shown
    assert shown.endswith("ÁNGELES")
    assert name in window.cases.lines[0].toolTip()


def test_the_chip_grows_with_its_words(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.cases("es")
    row = replace(listed(view).rows[0], time_left="plazo vencido")
    window = open_window(replace(view, cases=replace(listed(view), rows=(row,))))
    recorder.clear()
    window.grab()
    painted = [p for p in recorder if p.owner == "CaseLine"]
    assert "plazo vencido" in [p.text for p in painted]
    assert not [p.text for p in painted if p.needed > p.room + 0.5]


def test_seven_rows_are_the_most(open_window: OpenWindow) -> None:
    view = samples.cases("en")
    window = open_window(replace(view, cases=replace(listed(view), rows=listed(view).rows * 2)))
    assert len([line for line in window.cases.lines if line.isVisible()]) == 7


def test_an_empty_list_says_so_and_has_no_heads(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    window = open_window(samples.cases("en"))
    recorder.clear()
    window.show_view(samples.cases_none("en"))
    window.grab()
    texts = [p.text for p in recorder if p.owner in ("CasesPanel", "CaseLine")]
    assert texts == ["Cases", "Ctrl+K", "find", "No case waits for anybody."]
    assert window.cases.focusable == window.cases.tabs


def test_the_page_is_told_below_the_rows(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    open_window(samples.cases_paged("en")).grab()
    assert "Page 1 of 3" in [p.text for p in recorder if p.owner == "CasesPanel"]


# -- what it tells ---------------------------------------------------------------------------------------------------
def test_the_list_is_a_list_of_items_one_of_them_selected(open_window: OpenWindow) -> None:
    window = open_window(samples.cases("en"))
    interface = QAccessible.queryAccessibleInterface
    assert (interface(window.cases).role(), interface(window.cases).text(Text.Name)) == (Role.List, "Cases")
    items = [interface(line) for line in window.cases.lines]
    assert {item.role() for item in items} == {Role.ListItem}
    assert items[0].text(Text.Name) == (
        "ERIKSSON, ANNA MARIA. Late hit, let pass 14:31, ECU 89. new. nobody yet. 28 min"
    )
    assert [bool(item.state().selected) for item in items] == [True] + [False] * 6
    assert all(item.state().selectable for item in items)
    tabs = [interface(tab) for tab in window.cases.tabs]
    assert [(tab.role(), tab.text(Text.Accelerator)) for tab in tabs] == [
        (Role.PageTab, f"Ctrl+{number}") for number in range(1, 5)
    ]
    assert [bool(tab.state().selected) for tab in tabs] == [True, False, False, False]


def test_a_selection_is_said_before_its_advice_and_never_interrupts() -> None:
    view = samples.cases("en")
    after = replace(selecting(view, 1), advice=replace(view.advice, line="R. Muestra has it"))
    assert access.changes(view, after) == (
        Said("PRUEBA SOL, CARLOS. Late hit, let pass 09:12, INTL 4712. being looked at. R. Muestra. 2 h"),
        Said("REFER. R. Muestra has it"),
    )


def test_time_that_ticks_is_not_said() -> None:
    view = samples.cases("en")
    first = replace(listed(view).rows[0], time_left="27 min", accessible="ERIKSSON, 27 min")
    ticked = replace(view, cases=replace(listed(view), rows=(first, *listed(view).rows[1:])))
    assert access.changes(view, ticked) == ()


def test_a_case_that_comes_above_is_not_a_selection() -> None:
    view = samples.cases("en")
    rows = listed(view).rows
    later = replace(view, cases=replace(listed(view), rows=(rows[6], *rows[:6]), selected=1))
    assert access.changes(view, later) == ()


def test_the_first_case_is_said_when_the_list_opens_and_none_when_it_is_empty() -> None:
    opened = access.changes(samples.empty("en"), samples.cases("en"))
    assert opened[0].text.startswith("ERIKSSON, ANNA MARIA. ")
    none = access.changes(samples.empty("en"), samples.cases_none("en"))
    assert [one.text for one in none] == ["No messages"]
