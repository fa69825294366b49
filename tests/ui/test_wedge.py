"""The window's door for keys: what a device types goes to the desk, what a person types to the field, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from checkpoint_app.booth.view.screen import Action, DeskView
from checkpoint_app.readers.wedge import MOST
from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DeskWindow
from tests.documents.helpers import TD1, TD3
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk
from tests.ui.keyboard import CONTROL, NONE, SHIFT, Keyboard

F = Qt.Key
ZONE = ("keyed", "\n".join(TD3))
NO_ZONE = ("keyed", "")
BOARDING_PASS = "M1MUSTER/ERIKA        EABCDEF SCLUIOXX 0123 100Y012A0001 100"
DAMAGED = f"{TD3[0]}\r{TD3[1][:-1]}\r"


@pytest.fixture
def door(window: DeskWindow) -> WedgeFilter:
    return WedgeFilter(window)


@pytest.fixture
def board(window: DeskWindow, door: WedgeFilter, qtbot: object) -> Iterator[Keyboard]:
    qtbot.waitUntil(lambda: not window.shows_something_new)
    yield Keyboard(window, door, qtbot)
    assert not door._wedge.is_holding
    assert not door._timer.isActive()


def focused(window: DeskWindow, desk: FakeDesk, view: DeskView, number: int = 0) -> QLineEdit:
    """Show ``view`` with the focus in one of its fields."""
    desk.show(view)
    form = window.form if view.form is not None else window.reason_form
    field = list(form.inputs.values())[number]
    field.setFocus()
    desk.calls.clear()
    return field


def content(field: object) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


FIELDS = {
    "passphrase": (samples.unlock, 0),
    "officer": (samples.sign_in, 0),
    "PIN": (samples.sign_in, 1),
    "by hand": (samples.by_hand, 0),
    "reason": (samples.reason, 0),
}
PLACES = {
    "empty desk": samples.empty,
    "Encounter": samples.refer,
    "compare": samples.compare,
    "cases": samples.cases,
    "cargo": samples.cargo,
    "arrivals": samples.arrivals,
    "rules": samples.rules,
}


@pytest.mark.parametrize("sent", ["\r".join(TD3) + "\r", "\t".join(TD3) + "\t", "\x02" + "".join(TD3) + "\r\n"])
@pytest.mark.parametrize("place", FIELDS)
def test_a_zone_goes_to_the_desk_from_every_field(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, place: str, sent: str
) -> None:
    view, number = FIELDS[place]
    field = focused(window, desk, view("es"), number)
    before = content(field)
    board.device(sent.replace("\n", "\x0a"))
    board.quiet()
    assert desk.calls == [ZONE]
    assert content(field) == before
    assert QApplication.focusWidget() is field


@pytest.mark.parametrize("place", PLACES)
def test_a_zone_goes_to_the_desk_from_every_place(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, place: str
) -> None:
    desk.show(PLACES[place]("es"))
    window.keys.buttons[0].setFocus()
    focus = QApplication.focusWidget()
    board.device("\t".join(TD1) + "\t\r")
    board.quiet()
    assert desk.calls == [("keyed", "\n".join(TD1))]
    assert QApplication.focusWidget() is focus


def test_function_keys_before_and_after_the_lines_decide_nothing(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    board.key(F.Key_F5)
    board.device("\r".join(TD3))
    board.now_ms += 2
    board.key(F.Key_F7)
    board.quiet()
    assert desk.calls == [ZONE]


def test_a_person_types_into_the_field_and_each_key_shows_soon(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    field = focused(window, desk, samples.sign_in("es"), 0)
    field.clear()
    board.person("m.Ejemplo")
    assert field.text() == "m.Ejemplo"
    assert desk.calls[-1] == ("edit", "officer", "m.Ejemplo")
    board.person("\r")
    assert desk.calls[-1] == ("submit",)


def test_a_person_who_types_a_zone_by_hand_types_it(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    field = focused(window, desk, samples.by_hand("es"))
    field.take("")
    board.person("P<UTO")
    assert content(field) == "P<UTO"
    assert ("keyed", "") not in desk.calls


def test_all_at_once_is_typed_in_order_with_tab_and_enter(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    """Short bursts are typing, whoever types: a program, a security key, a bar code."""
    focused(window, desk, samples.sign_in("es"), 0)
    officer, pin = window.form.inputs.values()
    officer.clear()
    pin.clear()
    board.device("m.ejemplo\t4711\r")
    board.quiet()
    assert (officer.text(), pin.text()) == ("m.ejemplo", "4711")
    assert desk.calls[-1] == ("submit",)


def test_keys_that_type_nothing_come_through(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    for key in (F.Key_F6, F.Key_Escape, F.Key_F5):
        board.key(key)
        board.quiet()
    board.key(F.Key_L, CONTROL, "\x0c")
    board.quiet()
    assert desk.calls == [
        ("press", Action.COMPARE, False),
        ("press", Action.PREVIOUS, False),
        ("press", Action.LET_PASS, False),
        ("press", Action.LISTS, False),
    ]


def test_repeats_pass_at_once_and_are_told_apart(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    board.key(F.Key_F5, repeat=True)
    assert desk.calls == [("press", Action.LET_PASS, True)]
    field = focused(window, desk, samples.reason("es"))
    field.clear()
    board.device("a")
    board.quiet()
    for _ in range(40):
        board.now_ms += 30
        board.key(F.Key_A, NONE, "a", repeat=True)
    assert field.text() == "a" * 41
    assert NO_ZONE not in desk.calls


@pytest.mark.parametrize(
    ("place", "sent", "typed", "told"),
    [
        ("reason", BOARDING_PASS + "\r", BOARDING_PASS, False),
        ("reason", DAMAGED, "", True),
        ("PIN", BOARDING_PASS + "\r", "", True),
        ("passphrase", DAMAGED, "", True),
        ("passphrase", "correct horse battery staple muster", "correct horse battery staple muster", False),
        ("by hand", DAMAGED, DAMAGED.replace("\r", "\n").rstrip(), False),
        ("by hand", "A" * (MOST + 50), "", True),
        ("officer", "4006381333931", "4006381333931", False),
    ],
)
def test_what_is_no_zone(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, place: str, sent: str, typed: str, told: bool
) -> None:
    view, number = FIELDS[place]
    field = focused(window, desk, view("es"), number)
    field.clear()
    desk.calls.clear()
    board.device(sent)
    board.quiet()
    assert content(field) == typed
    assert (NO_ZONE in desk.calls) is told
    assert ("submit",) not in desk.calls
    assert QApplication.focusWidget() is field


@pytest.mark.parametrize("sent", [BOARDING_PASS + "\r", DAMAGED, "4006381333931\r", "A" * 1000])
def test_what_is_no_zone_and_has_no_field_is_told(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, sent: str
) -> None:
    board.device(sent)
    board.quiet()
    assert desk.calls == [NO_ZONE]


def test_a_decision_that_is_refused_now_is_not_held_until_it_would_be_taken(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, qtbot: object
) -> None:
    desk.show(samples.proceed("es"))
    board.key(F.Key_F5)
    assert desk.calls == [("press", Action.LET_PASS, False)]
    qtbot.waitUntil(lambda: not window.shows_something_new)
    board.key(F.Key_F5)
    assert len(desk.calls) == 1
    board.quiet()
    assert len(desk.calls) == 2


def test_doubled_letters_that_look_like_repeats_are_the_devices(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    """Qt takes two presses of a key in one millisecond for a repeat."""
    field = focused(window, desk, samples.reason("es"))
    field.clear()
    desk.calls.clear()
    last = ""
    for character in "\r".join(TD3):
        if character == last:
            board.key(ord(character), SHIFT, character, repeat=True)
        else:
            board.device(character)
        last = character
    board.quiet()
    assert desk.calls == [ZONE]
    assert field.text() == ""


def test_a_click_comes_after_the_keys_before_it(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    focused(window, desk, samples.sign_in("es"), 0)
    officer, pin = window.form.inputs.values()
    officer.clear()
    pin.clear()
    board.device("ab")
    where = pin.mapTo(window, QPoint(5, 5))
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, NONE, where)
    assert (officer.text(), pin.text()) == ("ab", "")
    board.quiet()
    assert (officer.text(), pin.text()) == ("ab", "")


def test_a_click_that_moves_the_cursor_comes_after_the_keys_before_it(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    field = focused(window, desk, samples.reason("es"))
    field.clear()
    board.device("ab")
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, NONE, field.mapTo(window, QPoint(1, 8)))
    board.device("c")
    board.quiet()
    assert field.text() == "cab"


def test_what_a_device_types_is_for_no_field_that_came_meanwhile(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    focused(window, desk, samples.sign_in("es"), 1)
    officer, pin = window.form.inputs.values()
    officer.clear()
    pin.clear()
    desk.calls.clear()
    board.device(BOARDING_PASS[:40])
    officer.setFocus()
    board.device(BOARDING_PASS[40:])
    board.quiet()
    assert (officer.text(), pin.text()) == ("", "")
    assert desk.calls == [NO_ZONE]


@pytest.mark.parametrize("place", FIELDS)
def test_what_was_let_go_of_a_halting_device_is_taken_out_of_the_field_again(
    window: DeskWindow, desk: FakeDesk, board: Keyboard, place: str
) -> None:
    view, number = FIELDS[place]
    field = focused(window, desk, view("es"), number)
    field.clear()
    board.device("P<U")
    board.now_ms += 100
    board.device("\r".join(TD3)[3:])
    board.quiet()
    assert content(field) == ""
    assert desk.calls[-1] == ZONE
    assert NO_ZONE not in desk.calls


def test_keys_stay_with_the_field_that_loses_the_focus_meanwhile(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    focused(window, desk, samples.sign_in("es"), 1)
    officer, pin = window.form.inputs.values()
    officer.clear()
    pin.clear()
    board.device("47")
    officer.setFocus()
    board.quiet()
    assert (officer.text(), pin.text()) == ("", "47")


def test_keys_for_a_field_that_is_gone_are_nobodys(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    focused(window, desk, samples.unlock("es"))
    board.device("4711\r")
    reason = focused(window, desk, samples.reason("es"))
    board.quiet()
    assert reason.text() == ""
    assert ("submit",) not in desk.calls


def test_a_zone_is_read_though_the_screen_changes_meanwhile(
    window: DeskWindow, desk: FakeDesk, board: Keyboard
) -> None:
    focused(window, desk, samples.unlock("es"))
    sent = "\r".join(TD3) + "\r"
    board.device(sent[:50])
    focused(window, desk, samples.reason("es"))
    board.device(sent[50:])
    board.quiet()
    assert desk.calls == [ZONE]


def test_a_composed_letter_comes_after_the_keys_before_it(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    field = focused(window, desk, samples.reason("es"))
    field.clear()
    board.device("m")
    composed = QInputMethodEvent()
    composed.setCommitString("á")
    QApplication.sendEvent(field, composed)
    board.device("s")
    board.quiet()
    assert field.text() == "más"


def test_the_time_is_the_keys_own(window: DeskWindow, desk: FakeDesk, board: Keyboard) -> None:
    """All keys handled in one go after a busy moment, but pressed slowly: a person's."""
    field = focused(window, desk, samples.by_hand("es"))
    field.take("")
    board.device("".join(TD3), gap_ms=80)
    board.quiet()
    assert content(field) == "".join(TD3)
    assert ZONE not in desk.calls


def test_a_window_without_a_desk_keeps_nothing(open_window: OpenWindow, qtbot: object) -> None:
    window = open_window()
    door = WedgeFilter(window)
    board = Keyboard(window, door, qtbot)
    board.device("\r".join(TD3))
    assert door._wedge.is_holding
    board.quiet()
    assert not door._wedge.is_holding
