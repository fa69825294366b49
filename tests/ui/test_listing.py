"""Lists to choose from: what keys and clicks send, which column gives up, what is told, and what never opens a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.view.listing import ListingRow, ListingView
from checkpoint_app.booth.view.screen import Action, DeskView
from checkpoint_app.ui import access, fonts, symbols
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.ui.listing import GAP, column_widths, number_columns, two_lines
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DEVICE_S, DeskWindow
from checkpoint_app.verdict import Outcome
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk
from tests.ui.keyboard import Keyboard

Role, Text = QAccessible.Role, QAccessible.Text
F = Qt.Key
CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
OPENING = ("arrivals", "listed", "inspections", "rules")


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


def told(widget: QWidget, which: QAccessible.Text = Text.Name) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(which)


def listing(view: DeskView) -> ListingView:
    assert view.listing is not None
    return view.listing


def hit(window: DeskWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.windowHandle(), key, modifier)


def rested(window: DeskWindow) -> None:
    """Let the last key be longer ago than a device's would be."""
    window._key_at -= 2 * DEVICE_S


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT, pos=QPoint(60, 10))


# -- what it sends -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", OPENING)
def test_enter_opens_what_is_selected(window: DeskWindow, desk: FakeDesk, state: str) -> None:
    desk.show(samples.ALL[state]("es"))
    for key in (F.Key_Return, F.Key_Enter):
        hit(window, key)
        rested(window)
    assert desk.calls == [("submit",), ("submit",)]


def test_a_held_enter_opens_nothing_more(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.arrivals("es"))
    held = QKeyEvent(QKeyEvent.Type.KeyPress, F.Key_Return, NONE, "\r", True, 1)
    QApplication.sendEvent(window, held)
    for modifier in (CONTROL, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier):
        hit(window, F.Key_Return, modifier)
    hit(window, F.Key_Space)
    assert desk.calls == []


def test_an_enter_right_after_another_key_opens_nothing(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.arrivals("es"))
    hit(window, F.Key_7)
    hit(window, F.Key_Return)
    assert desk.calls == []
    rested(window)
    hit(window, F.Key_Return)
    assert desk.calls == [("submit",)]


def test_enter_opens_nothing_elsewhere(window: DeskWindow, desk: FakeDesk) -> None:
    for state in set(samples.ALL) - set(OPENING):
        desk.show(samples.ALL[state]("es"))
        window.setFocus()
        rested(window)
        hit(window, F.Key_Return)
        assert ("submit",) not in desk.calls, state


def test_enter_is_the_forms_while_something_is_asked(window: DeskWindow, desk: FakeDesk) -> None:
    asked = replace(samples.inspections("es"), panel_form=samples.closing("es").panel_form)
    desk.show(asked)
    window.setFocus()
    hit(window, F.Key_Return)
    assert desk.calls == []


def test_what_a_device_types_opens_nothing_and_control_m_is_a_persons_key(
    window: DeskWindow, desk: FakeDesk, qtbot: object
) -> None:
    desk.show(samples.arrivals("es"))
    qtbot.waitUntil(lambda: not window.shows_something_new)
    door = WedgeFilter(window)
    board = Keyboard(window, door, qtbot)
    for typed in ("DMOU3045120\r", "4417\r", "\r\r\r\r\r\r\r\r\r\r"):
        board.device(typed)
        board.quiet()
    assert ("submit",) not in desk.calls
    desk.calls.clear()
    board.key(F.Key_M, CONTROL, "\r")
    board.quiet()
    board.key(F.Key_Return, NONE, "\r")
    board.quiet()
    assert desk.calls == [("press", Action.ARRIVALS, False), ("submit",)]


def test_arrows_clicks_tabs_and_pages(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.listed("es"))
    for key in (F.Key_Down, F.Key_Up, F.Key_PageDown, F.Key_PageUp):
        hit(window, key)
    click(window.listing.lines[4])
    click(window.listing.lines[1])
    hit(window, F.Key_2, CONTROL)
    click(window.listing.tabs[2])
    assert desk.calls == [
        ("move", 1), ("move", -1), ("move", 7), ("move", -7), ("move", 3), ("choose", 2), ("choose", 3),
    ]  # fmt: skip


def test_pages_turn_the_reasons_where_the_list_has_none(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.arrivals("es"))
    hit(window, F.Key_PageDown)
    assert desk.calls == []


def test_the_key_on_the_bar_opens_too(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.arrivals("es"))
    QTest.mouseClick(window.keys.buttons[2], LEFT, pos=QPoint(20, 20))
    assert desk.calls == [("press", Action.CONFIRM, False)]


def test_tab_stops_at_tabs_and_the_selected_row(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.listed("es"))
    names = [type(part).__name__ for part in window.focus_chain()]
    assert names == ["TabKey"] * 3 + ["ListingLine", "ReasonsPanel"] + ["KeyButton"] * 7 + ["Switch", "OfficerKey"]
    assert window.listing.lines[1] in window.focus_chain()
    window.listing.lines[1].setFocus()
    view = samples.listed("es")
    desk.show(replace(view, listing=replace(listing(view), selected=2)))
    assert QApplication.focusWidget() is window.listing.lines[2]


# -- what it shows -----------------------------------------------------------------------------------------------------
def test_nothing_listed_stays_behind_the_glass(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.listed("es"))
    desk.show(samples.empty("es"))
    assert not window.listing.isVisible()
    assert {told(line) for line in window.listing.lines} == {""}
    assert {line.toolTip() for line in window.listing.lines} == {""}


def test_each_outcome_has_its_sign(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(samples.arrivals("es"))
    drawn: list[tuple[str, bool]] = []
    monkeypatch.setattr(symbols, "draw", lambda _canvas, name, spot: drawn.append((name, spot.solid)))
    for line in window.listing.lines:
        line.grab()
    assert drawn == [("hit", True), ("waiting", False), ("note", True), ("clear", False), ("not_checked", False)]


@pytest.mark.parametrize("palette", PALETTES)
def test_the_selected_row_stands_on_inset_inside_an_accent_edge(open_window: OpenWindow, palette: str) -> None:
    window = open_window(samples.listed("es"), palette=palette)
    image = window.listing.lines[1].grab().toImage()
    assert image.pixelColor(500, 1).name().upper() == PALETTES[palette].accent_edge
    assert image.pixelColor(500, 8).name().upper() == PALETTES[palette].inset


def test_a_name_takes_two_lines_and_then_loses_its_middle(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.listed("es")
    window = open_window(view)
    window.grab()
    name = listing(view).rows[3].cells[0]
    texts = [one.text for one in recorder if one.owner == "ListingLine"]
    at = next(number for number, text in enumerate(texts) if text.startswith("WOLFESCHLEGEL"))
    head, tail = texts[at + 1].split("…")
    assert name.startswith(texts[at])
    assert head in name
    assert name.endswith(tail)
    assert window.listing.lines[3].toolTip().startswith(name)
    assert name in told(window.listing.lines[3])


def test_the_progress_is_told_where_there_is_some(open_window: OpenWindow) -> None:
    window = open_window(samples.arrivals("en"))
    bar = window.listing.progress
    assert bar.isVisible()
    assert told(bar) == "Flight XX 0417: 62 of 181 people screened"
    assert QAccessible.queryAccessibleInterface(bar).role() is Role.ProgressBar
    image, edge = bar.grab().toImage(), window.theme.palette.edge.lower()
    filled = sum(image.pixelColor(x, 34).name() == edge for x in range(image.width()))
    assert filled == pytest.approx(62 / 181 * image.width(), abs=12)
    window.show_view(samples.listed("en"))
    assert not bar.isVisible()


def test_progress_and_page_stand_beside_each_other(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.arrivals("es")
    paged = replace(view, listing=replace(listing(view), page="Página 1 de 3"))
    window = open_window(paged)
    window.grab()
    page = fonts.width("Página 1 de 3", fonts.LABEL)
    assert window.listing.progress.geometry().right() <= window.listing.width() - 17 - page
    assert [one for one in recorder if one.text == "Página 1 de 3"]


def test_a_long_title_leaves_the_tabs_their_room(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.listed("es")
    long = "CUSCAR D.95B, recibido 14:30: 1\u00a0204 envíos de la nave MV EJEMPLO STAR, viaje 26017"
    window = open_window(replace(view, listing=replace(listing(view), title=long)))
    window.grab()
    title = next(one for one in recorder if one.owner == "ListingPanel" and "…" in one.text)
    assert title.needed <= title.room
    assert window.listing.tabs[-1].geometry().right() < window.listing.width() - 8
    assert window.listing.toolTip() == long
    assert told(window.listing) == long


def test_an_empty_list_says_so(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    window = open_window(samples.arrivals_none("en"))
    window.grab()
    assert "No arrival is announced." in [one.text for one in recorder]
    assert told(window.listing, Text.Description) == "No arrival is announced."


def test_a_selection_is_said_and_what_ticks_is_not() -> None:
    view = samples.arrivals("en")
    second = replace(view, listing=replace(listing(view), selected=1))
    name = "Flight XX 0417, from Ciudad Muestra. today 16:25. 181 people. 62 of 181 screened"
    assert access.changes(view, second) == (Said(name),)
    rows = (listing(view).rows[0], replace(listing(view).rows[1], cells=(*listing(view).rows[1].cells[:3], "63")))
    ticked = replace(second, listing=replace(listing(second), rows=(*rows, *listing(view).rows[2:]), progress=0.5))
    assert access.changes(second, ticked) == ()


def test_the_list_is_a_list_of_items_one_of_them_selected(open_window: OpenWindow) -> None:
    window = open_window(samples.listed("en"))
    assert told(window.listing) == "Coach 214"
    assert told(window.listing, Text.Description) == "Page 1 of 7"
    items = [QAccessible.queryAccessibleInterface(line) for line in window.listing.lines]
    assert {item.role() for item in items} == {Role.ListItem}
    assert [item.state().selected for item in items] == [False, True, False, False, False, False, False]


# -- columns -----------------------------------------------------------------------------------------------------------
CELLS = st.text("abcdefgh ", max_size=60)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=7), st.floats(300, 1000))
def test_columns_take_all_the_room_and_no_more(cells: list[list[str]], room: float) -> None:
    rows = [ListingRow(Outcome.CLEAR, tuple(one)) for one in cells]
    heads = ("a", "b", "c", "d")
    widths = column_widths(heads, rows, room)
    assert sum(widths) == pytest.approx(room)
    most = max(widths)
    for number, wide in enumerate(widths[1:], 1):
        wanted = max([fonts.width(row.cells[number], fonts.BODY) for row in rows] + [0.0]) + GAP
        assert wide >= min(wanted, most) - 0.01  # none is cut while another is wider


def test_a_list_without_columns_has_none() -> None:
    assert column_widths((), [ListingRow(None, ("a",))], 400) == ()


def test_numbers_end_below_each_other() -> None:
    rows = [ListingRow(None, ("DEMO 1", "24\u00a0080", "", "ECU 88")), ListingRow(None, ("2", "1,400.5", "", "9"))]
    assert number_columns(("a", "kg", "none", "list"), rows) == (False, True, False, False)


def test_a_column_of_numbers_is_painted_from_its_end(open_window: OpenWindow) -> None:
    view = samples.inspections("es")
    rows = (ListingRow(None, ("DEMO 1", "24\u00a0080")), ListingRow(None, ("DEMO 2", "7")))
    window = open_window(replace(view, listing=replace(listing(view), heads=("Envío", "kg"), rows=rows)))
    text = window.theme.palette.text.lower()
    ends = []
    for line in window.listing.lines[:2]:
        image = line.grab().toImage()
        high = range(10, image.height() - 10)
        ends.append(
            max(x for x in range(100, image.width() - 12) if any(image.pixelColor(x, y).name() == text for y in high))
        )
    assert abs(ends[0] - ends[1]) <= 2


def test_short_texts_take_one_line() -> None:
    assert two_lines("MUSTER, MAX", fonts.BODY, 300) == ("MUSTER, MAX",)
    assert len(two_lines("MUSTER, MAX " * 20, fonts.BODY, 300)) == 2


def test_a_bare_row_has_no_sign_and_a_list_of_such_begins_at_the_edge(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(symbols, "draw", lambda _canvas, name, _spot: drawn.append(name))
    view = samples.arrivals("en")
    assert view.listing is not None
    waiting = replace(view.listing.rows[0], outcome=None)
    bare = replace(waiting, bare=True)

    def lines_of(*rows: ListingRow) -> tuple[DeskWindow, list[str]]:
        listing = replace(view.listing, rows=rows, selected=0)  # type: ignore[type-var]
        window = open_window(replace(view, listing=listing))
        drawn.clear()
        for line in window.listing.lines[: len(rows)]:
            line.grab()
        return window, list(drawn)

    mixed, signs = lines_of(waiting, bare)
    assert signs == ["waiting"]
    plain, none = lines_of(bare, bare)
    assert none == []
    assert plain.listing.lines[0].left < mixed.listing.lines[0].left
