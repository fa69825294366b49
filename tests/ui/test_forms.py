"""Forms: what is typed reaches the desk, what the desk says reaches the form, and Enter hands in only here."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from checkpoint_app.booth.view.screen import Action, DeskView, FormView
from checkpoint_app.ui.inputs import LineInput, MrzInput
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples, specimen
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk


def with_value(view: DeskView, name: str, value: str) -> DeskView:
    assert view.form is not None
    fields = tuple(replace(field, value=value) if field.name == name else field for field in view.form.fields)
    return replace(view, form=replace(view.form, fields=fields))


def mrz_input(window: DeskWindow) -> MrzInput:
    made = window.form.inputs["mrz"]
    assert isinstance(made, MrzInput)
    return made


def test_typing_tells_each_change_and_enter_hands_in_once(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(with_value(samples.sign_in("es"), "officer", ""))
    QTest.keyClicks(QApplication.focusWidget(), "ab")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert desk.calls == [("edit", "officer", "a"), ("edit", "officer", "ab"), ("submit",)]


def test_a_secret_is_not_readable(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.sign_in("es"))
    pin = window.form.inputs["pin"]
    assert isinstance(pin, LineInput)
    assert pin.echoMode() is QLineEdit.EchoMode.Password
    assert pin.displayText() != pin.text() == "1234"


def test_the_desk_can_clear_a_field_and_the_cursor_stays_in_range(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.sign_in("es"))
    desk.show(with_value(samples.sign_in("es"), "pin", ""))
    pin = window.form.inputs["pin"]
    assert isinstance(pin, LineInput)
    assert pin.text() == ""
    assert desk.calls == []


def test_a_view_of_the_same_form_keeps_focus_and_inputs(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.sign_in("es"))
    window.form.inputs["pin"].setFocus()
    kept = dict(window.form.inputs)
    view = samples.sign_in("es")
    desk.show(replace(view, form=replace(view.form, fault="No")) if view.form else view)
    assert window.form.inputs == kept
    assert QApplication.focusWidget() is kept["pin"]


def test_enter_goes_through_the_lines_of_a_zone_and_hands_in_after_the_last(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(with_value(samples.by_hand("es"), "mrz", ""))
    made = mrz_input(window)
    for line in specimen.MRZ:
        QTest.keyClicks(made, line)
        QTest.keyClick(made, Qt.Key.Key_Return)
    assert made.toPlainText() == "\n".join(specimen.MRZ)
    assert desk.calls[-1] == ("submit",)
    assert desk.calls[-2] == ("edit", "mrz", "\n".join(specimen.MRZ))
    assert desk.calls.count(("submit",)) == 1


def test_lines_of_thirty_make_three(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(with_value(samples.by_hand("es"), "mrz", ""))
    made = mrz_input(window)
    for expected in (0, 0, 1):
        QTest.keyClicks(made, "A" * 30)
        QTest.keyClick(made, Qt.Key.Key_Return)
        assert desk.calls.count(("submit",)) == expected


@pytest.mark.parametrize("text", ["ñ😀\n<<\n\n\n\n\n", "x" * 5000, "A\nB\nC\nD\nE\nF"])
def test_what_is_pasted_stays_bounded(window: DeskWindow, desk: FakeDesk, text: str) -> None:
    desk.show(with_value(samples.by_hand("es"), "mrz", ""))
    mrz_input(window).insertPlainText(text)
    kind, field, kept = desk.calls[-1]
    assert (kind, field) == ("edit", "mrz")
    assert isinstance(kept, str)
    assert len(kept) <= 4 * 201
    assert kept.count("\n") <= 3


def test_a_huge_clipboard_is_pasted_in_part(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(with_value(samples.by_hand("es"), "mrz", ""))
    data = QMimeData()
    data.setText("A" * 10_000_000)
    mrz_input(window).insertFromMimeData(data)
    assert len(mrz_input(window).toPlainText()) == 200


def test_the_zone_typed_so_far_comes_back_without_an_echo(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.by_hand("es"))
    made = mrz_input(window)
    QTest.keyClick(made, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(made, "6")
    assert len(desk.calls) == 1
    at = made.textCursor().position()
    desk.show(with_value(samples.by_hand("es"), "mrz", made.toPlainText().lower()))
    assert made.textCursor().position() == at
    assert len(desk.calls) == 1


def test_choices_by_mouse_and_the_chosen_one_shows(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.reason("es"))
    lines = window.reason_form.choices
    assert [line.chosen for line in lines] == [False, True, False, False, False]
    states = [QAccessible.queryAccessibleInterface(line).state().checked for line in lines]
    assert states == [0, 1, 0, 0, 0]
    QTest.mouseClick(lines[3], Qt.MouseButton.LeftButton)
    assert desk.calls == [("choose", 4)]


def test_a_forms_own_key_decides_or_hands_in(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.reason("es"))
    QTest.mouseClick(window.reason_form.submit_key, Qt.MouseButton.LeftButton)
    desk.show(samples.sign_in("es"))
    QTest.mouseClick(window.form.submit_key, Qt.MouseButton.LeftButton)
    assert desk.calls == [("press", Action.LET_PASS, False), ("submit",)]


def test_the_reason_stands_in_the_right_panel_and_goes_again(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.reason("es"))
    assert window.reason_form.geometry() == window.reasons.geometry()
    assert (window.reason_form.isVisible(), window.reasons.isVisible()) == (True, False)
    assert window.checks.isVisible()
    desk.show(samples.refer("es"))
    assert (window.reason_form.isVisible(), window.reasons.isVisible()) == (False, True)
    assert window.reason_form.inputs == {}


def test_a_form_without_fields_shows_its_words(window: DeskWindow, desk: FakeDesk) -> None:
    view = replace(samples.sign_in("es"), form=FormView("opening", "Abriendo el puesto…", "Un momento.", (), ""))
    desk.show(view)
    assert not window.form.submit_key.isVisible()
    assert window.form.isVisible()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=str)
@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_thirteen_lines_stand_in_two_columns_and_none_is_cut(
    open_window: OpenWindow, lang: str, size: tuple[int, int]
) -> None:
    window = open_window(samples.ALL["cargo-seen"](lang), size=size)
    boxes = [made.geometry() for made in window.form.inputs.values()]
    assert len({box.left() for box in boxes}) == 2
    assert all(window.form.rect().contains(box) for box in boxes)
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
    assert window.form.rect().contains(window.form.submit_key.geometry())
    assert not any(box.intersects(window.form.submit_key.geometry()) for box in boxes)
    fault = window.form._fault_top() + len(window.form._fault_lines()) * 26.6
    assert fault <= window.form.room.height
    window.form.focus_first()
    assert window.form.focusable[:13] == list(window.form.inputs.values())


def test_few_lines_keep_their_one_column(open_window: OpenWindow) -> None:
    for state in ("cargo-number", "sign-in", "unlock"):
        window = open_window(samples.ALL[state]("es"))
        assert {made.geometry().left() for made in window.form.inputs.values()} == {144}
