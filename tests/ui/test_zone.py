"""The zone in doubt: typed over from doubt to doubt below its pictures; nothing is confirmed but by a person's key."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from checkpoint_app.booth.view.screen import Action, DeskView, FieldKind, Mark
from checkpoint_app.ui import pictures, strips, zone
from checkpoint_app.ui.inputs import MrzInput
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.ui.zone import ZoneInput
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk
from tests.ui.sample_doubts import CARD, LICENCE, PASSPORT, doubt_form, strip_view

CARD_2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
ZONES = {"TD3": PASSPORT, "TD2": CARD_2, "TD1": CARD, "CHEDL": LICENCE}
K = Qt.Key


def input_of(window: DeskWindow) -> ZoneInput:
    made = window.form.inputs["mrz"]
    assert isinstance(made, ZoneInput)
    return made


def press(made: ZoneInput, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(made, key)


def edits(desk: FakeDesk) -> list[str]:
    return [str(call[2]) for call in desk.calls if call[0] == "edit"]


def echoing(desk: FakeDesk, view: DeskView) -> DeskView:
    """Return what the desk shows after the last edit."""
    assert view.form is not None
    field = replace(view.form.fields[0], value=edits(desk)[-1])
    return replace(view, form=replace(view.form, fields=(field,)))


def test_the_cursor_stands_on_the_first_doubt_and_typing_goes_to_the_next(window: DeskWindow, desk: FakeDesk) -> None:
    view = doubt_form("en")
    desk.show(view)
    made = input_of(window)
    assert QApplication.focusWidget() is made
    assert made.place_at == (0, 3)
    for letter, place in (("t", (1, 4)), ("8", (1, 12)), ("Q", (1, 13)), ("1", (1, 14))):
        QTest.keyClicks(made, letter)
        desk.show(echoing(desk, view))
        assert made.place_at == place
    assert edits(desk)[-1] == f"{PASSPORT[0]}\nL898802C36UTQ1408122F2704151ZE184226B<<<<<18"
    assert all(len(line) == 44 for text in edits(desk) for line in text.split("\n"))


@pytest.mark.parametrize("name", ZONES)
def test_lines_of_every_length_keep_it(window: DeskWindow, desk: FakeDesk, name: str) -> None:
    lines = ZONES[name]
    desk.show(doubt_form("en", lines=lines))
    made = input_of(window)
    press(made, K.Key_Up, K.Key_Up, K.Key_Home, K.Key_Left)
    assert made.place_at == (0, 0)
    everything = "".join(lines)
    for letter in everything:
        if made.place_at in made._doubts():
            press(made, K.Key_Right)
            continue
        QTest.keyClicks(made, letter)
    assert made.text() == "\n".join(lines)
    assert made.place_at == (len(lines) - 1, len(lines[-1]) - 1)
    press(made, K.Key_Right)
    assert made.place_at == (len(lines) - 1, len(lines[-1]) - 1)


def test_arrows_home_end_and_back(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(doubt_form("en", lines=LICENCE))
    made = input_of(window)
    press(made, K.Key_End)
    assert made.place_at == (0, 8)
    press(made, K.Key_Right)
    assert made.place_at == (1, 0)
    press(made, K.Key_End, K.Key_Up)
    assert made.place_at == (0, 8)
    press(made, K.Key_Down, K.Key_Down, K.Key_Down, K.Key_Home, K.Key_Left)
    assert made.place_at == (1, 29)
    QTest.keyClicks(made, "A")
    assert made.text().split("\n")[1] == "FACHE123456789012<<740812<<<<A"
    press(made, K.Key_Backspace)
    assert (made.place_at, made.text()) == ((1, 29), "\n".join(LICENCE))
    press(made, K.Key_Backspace)
    assert (made.place_at, made.text()) == ((1, 28), "\n".join(LICENCE))


@pytest.mark.parametrize("typed", ["ñ", "-", "ß", " ", "\u0000", "AB"])
def test_what_no_zone_holds_is_not_typed(window: DeskWindow, desk: FakeDesk, typed: str) -> None:
    desk.show(doubt_form("en"))
    event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, typed)
    QApplication.sendEvent(input_of(window), event)
    assert input_of(window).text() == "\n".join(PASSPORT)
    assert edits(desk) == []


def test_enter_hands_in_once_wherever_the_cursor_stands(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(doubt_form("en"))
    made = input_of(window)
    QTest.qWait(60)
    QTest.keyClick(made, K.Key_Return)
    assert desk.calls == [("submit",)]
    QApplication.sendEvent(
        made, QKeyEvent(QEvent.Type.KeyPress, K.Key_Return, Qt.KeyboardModifier.NoModifier, "", True)
    )
    assert desk.calls == [("submit",)]


def test_the_enter_of_a_device_hands_nothing_in(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(doubt_form("en"))
    made = input_of(window)
    QTest.keyClicks(made, "".join(PASSPORT))
    QTest.keyClick(made, K.Key_Return)
    QTest.keyClick(made, K.Key_Return)
    assert ("submit",) not in desk.calls


def test_a_zone_of_the_same_shape_is_pasted_whole_and_another_stands_in_the_plain_form(
    window: DeskWindow, desk: FakeDesk
) -> None:
    view = doubt_form("en")
    desk.show(view)
    made = input_of(window)
    other = "\n".join(line.replace("ERIKSSON", "ERIKSSEN") for line in PASSPORT)
    QGuiApplication.clipboard().setText(other + "\n")
    QTest.keyClick(made, K.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert (edits(desk), made.text()) == ([other], other)
    QGuiApplication.clipboard().setText("x" * 100_000)
    QTest.keyClick(made, K.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(edits(desk)[-1]) == zone.MOST_PASTED
    assert view.form is not None
    plain = replace(view.form.fields[0], kind=FieldKind.MRZ, value="".join(CARD), strips=())
    desk.show(replace(view, form=replace(view.form, fields=(plain,))))
    after = window.form.inputs["mrz"]
    assert isinstance(after, MrzInput)
    assert QApplication.focusWidget() is after
    assert after.toPlainText() == "".join(CARD)


def test_the_windows_keys_pass_through(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(doubt_form("en"))
    made = input_of(window)
    press(made, K.Key_Escape, K.Key_F9)
    QTest.keyClick(made, K.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert [call[1] for call in desk.calls] == [Action.PREVIOUS, Action.PROTECT, Action.AS_READ]


def test_only_shift_and_f3_confirms_and_no_letter_nor_enter_does(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.doubt("en"))
    assert (window.footer.message.view.cap, window.footer.message.view.action) == ("Shift+F3", Action.AS_READ)
    QTest.keyClick(window, K.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert desk.calls.pop() == ("press", Action.AS_READ, False)
    for modifier in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    ):
        for key in (K.Key_Return, K.Key_Enter, K.Key_Space, K.Key_F1, *range(K.Key_A, K.Key_Z + 1)):
            QTest.keyClick(window, Qt.Key(key), modifier)
    assert not any(call[1:2] == (Action.AS_READ,) for call in desk.calls)


def test_what_was_turned_out_of_sight_is_not_confirmed_but_shown(window: DeskWindow, desk: FakeDesk) -> None:
    view = samples.doubt("en")
    desk.show(replace(view, panel=(*view.panel, *samples.refer("en").panel * 3)))
    before = window.reasons.grab().toImage()
    QTest.keyClick(window, K.Key_PageDown)
    assert window.reasons.grab().toImage() != before
    QTest.keyClick(window, K.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(window, K.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    window.press(Action.AS_READ)
    assert window.reasons.grab().toImage() == before
    assert desk.calls == []
    QTest.qWait(450)
    QTest.keyClick(window, K.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert desk.calls == [("press", Action.AS_READ, False)]


def test_a_click_puts_the_cursor_on_a_character(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(doubt_form("en"))
    made = input_of(window)
    view = made._views[1]
    _, below = zone.lines_of(made._views, made.room.width)[1]
    cell = strips.cells(view, below)[20]
    QTest.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(round(cell.x + 6), round(cell.y + 5)))
    assert made.place_at == (1, 20)


def test_each_character_stands_below_its_glyph_also_where_the_print_is_uneven() -> None:
    centres = tuple(0.03 + 0.02 * place + 0.0002 * place * place for place in range(30))
    view = replace(strip_view(CARD[0], 3), centres=centres)
    area = Area(10, 0, 800, 40)
    left, right = strips._span(view)
    cells = strips.cells(view, area)
    for centre, cell in zip(centres, cells, strict=True):
        glyph = area.x + (centre - left) / (right - left) * area.width
        assert cell.x < glyph < cell.right
        assert abs(cell.x + cell.width / 2 - glyph) < 0.5
    assert all(one.right == pytest.approx(other.x) for one, other in pairwise(cells))


def test_cursor_and_doubts_are_spoken_and_the_strip_of_the_panel_too(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    window = open_window(doubt_form("en"))
    window.activateWindow()
    made = input_of(window)
    made.setFocus()
    interface = QAccessible.queryAccessibleInterface(made)
    assert interface.role() is QAccessible.Role.EditableText
    assert interface.text(QAccessible.Text.Name) == f"Lines: {' '.join(PASSPORT)}"
    assert interface.text(QAccessible.Text.Description) == "Line 1, place 4: T"
    monkeypatch.setattr(zone.access, "announce", lambda _window, one: said.append(one.text))
    press(made, K.Key_Right, K.Key_Left)
    assert said == ["O", "Line 1, place 4: T"]
    window.show_view(samples.doubt("en"))
    told = QAccessible.queryAccessibleInterface(window.reasons).text(QAccessible.Text.Description)
    assert told.startswith("Line 2, place 5: 9. Number: 0 or O. Shift+F3: yes, it is printed so")
    rows = [window.document.fields[place].spoken() for place in (2, 5)]
    assert rows[0].description == "in doubt: 0 or O"
    assert rows[1].description == "in doubt: 6 or G; no check digit can tell"


def test_nothing_of_a_strip_outlives_the_encounter(open_window: OpenWindow) -> None:
    window = open_window(doubt_form("en"))
    window.grab()
    assert pictures.whole.cache_info().currsize == 2
    window.show_view(samples.empty("en"))
    assert pictures.whole.cache_info().currsize == 0
    assert window.form.inputs == {}


@pytest.mark.parametrize("image", [b"", b"no picture"])
def test_a_strip_that_is_no_picture_leaves_the_characters(open_window: OpenWindow, image: bytes) -> None:
    view = doubt_form("en")
    assert view.form is not None
    broken = tuple(replace(one, image=image) for one in view.form.fields[0].strips)
    fields = (replace(view.form.fields[0], strips=broken),)
    window = open_window(replace(view, form=replace(view.form, fields=fields)))
    assert not window.grab().isNull()
    assert input_of(window).text() == "\n".join(PASSPORT)


def test_marks_of_doubt_and_eye_differ_from_wrong_and_not_read() -> None:
    from checkpoint_app.ui.document import MARKS

    assert len({MARKS[mark] for mark in Mark if mark is not Mark.NONE}) == len(Mark) - 1
