"""Keys: what each sends, and what must never send anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.view.screen import Action
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.helpers import FakeDesk

F = Qt.Key
KEYS = {
    F.Key_F2: Action.DIRECTION,
    F.Key_F3: Action.CORRECT,
    F.Key_F4: Action.REREAD,
    F.Key_F5: Action.LET_PASS,
    F.Key_F6: Action.COMPARE,
    F.Key_F7: Action.REFER,
    F.Key_F8: Action.CARGO,
    F.Key_F9: Action.PROTECT,
    F.Key_F10: Action.SECOND,
    F.Key_F11: Action.OFFICER,
    F.Key_F12: Action.DRILL,
    F.Key_Escape: Action.PREVIOUS,
}
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def hit(window: DeskWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Press a key the way the display does: it goes to whatever has the focus."""
    QTest.keyClick(window.windowHandle(), key, modifier)


def held(window: DeskWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Send the repeat of a key that is held down."""
    target = QApplication.focusWidget() or window
    QApplication.sendEvent(target, QKeyEvent(QEvent.Type.KeyPress, key, modifier, "", True, 1))


@pytest.mark.parametrize(("key", "action"), KEYS.items(), ids=lambda value: getattr(value, "name", str(value)))
def test_function_keys_send_their_action(window: DeskWindow, desk: FakeDesk, key: Qt.Key, action: Action) -> None:
    hit(window, key)
    assert desk.calls == [("press", action, False)]


@pytest.mark.parametrize(
    ("key", "action"),
    [
        (F.Key_K, Action.FIND),
        (F.Key_L, Action.LISTS),
        (F.Key_T, Action.TAKE_CASE),
        (F.Key_M, Action.ARRIVALS),
        (F.Key_E, Action.INSPECTIONS),
        (F.Key_R, Action.RULES),
        (F.Key_S, Action.SEEN),
    ],
)
def test_control_keys_send_their_action(window: DeskWindow, desk: FakeDesk, key: Qt.Key, action: Action) -> None:
    hit(window, key, CONTROL)
    assert desk.calls == [("press", action, False)]


def test_control_with_a_digit_chooses(window: DeskWindow, desk: FakeDesk) -> None:
    for number, key in enumerate((F.Key_1, F.Key_2, F.Key_9), 1):
        hit(window, key, CONTROL)
        assert desk.calls[-1] == ("choose", 9 if key is F.Key_9 else number)
    hit(window, F.Key_0, CONTROL)
    assert len(desk.calls) == 3


def test_a_held_key_is_told_apart(window: DeskWindow, desk: FakeDesk) -> None:
    held(window, F.Key_F5)
    assert desk.calls == [("press", Action.LET_PASS, True)]


def test_a_held_choice_chooses_once(window: DeskWindow, desk: FakeDesk) -> None:
    hit(window, F.Key_2, CONTROL)
    held(window, F.Key_2, CONTROL)
    held(window, F.Key_2, CONTROL)
    assert desk.calls == [("choose", 2)]


def test_enter_and_space_press_nothing_at_the_start(window: DeskWindow, desk: FakeDesk) -> None:
    assert QApplication.focusWidget() is window
    for key in (F.Key_Return, F.Key_Enter, F.Key_Space):
        hit(window, key)
    assert desk.calls == []


def test_enter_and_space_press_nothing_wherever_the_focus_is(window: DeskWindow, desk: FakeDesk) -> None:
    for part in window.focus_chain():
        part.setFocus(Qt.FocusReason.TabFocusReason)
        for key in (F.Key_Return, F.Key_Enter, F.Key_Space, F.Key_Select):
            hit(window, key)
            held(window, key)
    assert desk.calls == []


@pytest.mark.parametrize("state", ["refer", "proceed", "compare", "empty", "look-as-of", "cases", "late-hit", "cargo"])
def test_what_a_wedge_types_triggers_nothing(window: DeskWindow, desk: FakeDesk, state: str) -> None:
    desk.show(samples.ALL[state]("es"))
    for line in ("P<UTOERIKSSON<<ANNA<MARIA<<<<", "L898902C36UTO7408122F2704151ZE184226B<<<<<18"):
        QTest.keyClicks(window, line)
        for letter in line:
            hit(window, Qt.Key(ord(letter)), Qt.KeyboardModifier.ShiftModifier)
        hit(window, F.Key_Return)
    assert desk.calls == []


def test_modifiers_turn_a_key_into_another(window: DeskWindow, desk: FakeDesk) -> None:
    hit(window, F.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    hit(window, F.Key_F5, CONTROL)
    hit(window, F.Key_F5, Qt.KeyboardModifier.AltModifier)
    assert desk.calls == []


def test_arrows_move_among_candidates_while_comparing(window: DeskWindow, desk: FakeDesk) -> None:
    hit(window, F.Key_Left)
    assert desk.calls == []
    desk.show(samples.compare("es"))
    for key in (F.Key_Left, F.Key_Right, F.Key_Up, F.Key_Down):
        hit(window, key)
    assert desk.calls == [("move", -1), ("move", 1), ("move", -1), ("move", 1)]


def test_keys_reach_the_desk_from_inside_a_form(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.reason("es"))
    assert QApplication.focusWidget() is window.reason_form.inputs["text"]
    hit(window, F.Key_F5)
    hit(window, F.Key_2, CONTROL)
    hit(window, F.Key_K, CONTROL)
    hit(window, F.Key_Escape)
    assert desk.calls == [
        ("press", Action.LET_PASS, False),
        ("choose", 2),
        ("press", Action.FIND, False),
        ("press", Action.PREVIOUS, False),
    ]


def test_tab_visits_the_parts_in_their_order_and_comes_round(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.look_as_of("es"))
    chain = window.focus_chain()
    names = [type(part).__name__ for part in chain]
    assert names == (
        ["MessageBar"]
        + ["FieldLine"] * 7
        + ["CheckLine", "ReasonsPanel"]
        + ["KeyButton"] * 9
        + ["Switch", "OfficerKey"]
    )
    visited: list[QWidget | None] = []
    for _ in range(len(chain) + 1):
        hit(window, F.Key_Tab)
        visited.append(QApplication.focusWidget())
    assert visited == [*chain, chain[0]]
    hit(window, F.Key_Backtab)
    assert QApplication.focusWidget() is chain[-1]


def test_focus_never_falls_on_a_key_when_its_part_goes(window: DeskWindow, desk: FakeDesk) -> None:
    hit(window, F.Key_Tab)
    assert QApplication.focusWidget() is not window
    desk.show(samples.empty("es"))
    assert QApplication.focusWidget() is window
    desk.show(samples.sign_in("es"))
    assert QApplication.focusWidget() is window.form.inputs["officer"]
    desk.show(samples.refer("es"))
    assert QApplication.focusWidget() is window


def test_focus_goes_nowhere_when_its_line_is_no_longer_there(window: DeskWindow, desk: FakeDesk) -> None:
    window.document.fields[-1].setFocus(Qt.FocusReason.TabFocusReason)
    desk.show(samples.waiting("es"))
    assert QApplication.focusWidget() is window


def test_ring_surrounds_the_part_with_the_focus(window: DeskWindow) -> None:
    assert not window.ring.isVisible()
    window.keys.buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    assert window.ring.isVisible()
    corner = window.keys.buttons[0].mapTo(window, QPoint(0, 0))
    assert window.ring.geometry().topLeft() == corner - QPoint(5, 5)


def test_mouse_presses_a_key_where_it_lets_go_inside(window: DeskWindow, desk: FakeDesk) -> None:
    button = window.keys.buttons[6]
    middle = button.rect().center()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=middle)
    assert desk.calls == [("press", Action.LET_PASS, False)]
    QTest.mousePress(button, Qt.MouseButton.LeftButton, pos=middle)
    assert button.pressed
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton, pos=QPoint(-20, -20))
    QTest.mouseClick(button, Qt.MouseButton.RightButton, pos=middle)
    assert len(desk.calls) == 1


def test_mouse_works_on_switch_officer_and_message(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.look_as_of("es"))
    for part in (window.bar.switch, window.bar.officer, window.footer.message):
        QTest.mouseClick(part, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    pressed = [call[1] for call in desk.calls]
    assert pressed == [Action.DIRECTION, Action.OFFICER, Action.LISTS]


def test_keys_that_are_off_are_sent_too_the_desk_refuses_them(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.proceed("es"))
    QTest.mouseClick(window.keys.buttons[7], Qt.MouseButton.LeftButton)
    assert desk.calls == [("press", Action.COMPARE, False)]


def test_nothing_happens_without_a_desk(open_window: object) -> None:
    window = open_window(samples.refer("es"))  # type: ignore[operator]
    QTest.keyClick(window, F.Key_F5)
    QTest.mouseClick(window.keys.buttons[6], Qt.MouseButton.LeftButton)


def test_page_keys_turn_a_panel_that_is_too_long(window: DeskWindow, desk: FakeDesk) -> None:
    view = samples.refer("es")
    desk.show(replace(view, panel=view.panel * 3))
    before = window.reasons.grab().toImage()
    hit(window, F.Key_PageDown)
    assert window.reasons.grab().toImage() != before
    hit(window, F.Key_PageUp)
    assert window.reasons.grab().toImage() == before
