"""What a screen reader is told, asked in process through Qt's own interface."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.view.screen import MessageView
from checkpoint_app.ui import access
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

Role, Text = QAccessible.Role, QAccessible.Text


def told(widget: QWidget, which: QAccessible.Text = Text.Name) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(which)


def role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def test_advice_is_an_alert_that_says_word_and_line(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("en"))
    assert told(window.advice) == "REFER. 1 possible match, 1 not done"
    assert role(window.advice) is Role.AlertMessage
    window.show_view(samples.look_as_of("en"))
    assert told(window.advice) == "LOOK. 1 note: passport ends in 142 days"
    assert told(window.advice, Text.Description) == "as of 21 Nov 06:00, lists 3 days old"
    window.show_view(samples.empty("es"))
    assert told(window.advice) == "Todavía no hay consejo"


def test_a_check_is_a_list_item_with_one_sentence(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("en"))
    line = window.checks.lines[2]
    assert role(line) is Role.ListItem
    assert told(line) == "Wanted persons: 1 possible match. List ECU 88, 6 hours old. F6 compare"
    assert told(window.checks) == "CHECKS: 4 clear · 1 possible · 1 not done"


def test_a_key_tells_word_key_and_reason(open_window: OpenWindow) -> None:
    view = samples.refer("en")
    keys = list(view.keys)
    keys[6] = replace(keys[6], description="A hit needs a reason")
    window = open_window(replace(view, keys=tuple(keys)))
    button = window.keys.buttons[6]
    assert role(button) is Role.Button
    assert told(button) == "Let pass"
    assert told(button, Text.Accelerator) == "F5"
    assert told(button, Text.Description) == "reason. A hit needs a reason"


def test_a_key_that_is_off_is_disabled_for_the_ear_only(open_window: OpenWindow) -> None:
    window = open_window(samples.proceed("en"))
    off = QAccessible.queryAccessibleInterface(window.keys.buttons[7]).state()
    on = QAccessible.queryAccessibleInterface(window.keys.buttons[6]).state()
    assert (off.disabled, on.disabled) == (1, 0)


def test_the_picture_says_that_it_is_no_text(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("en"))
    assert (told(window.document.page), role(window.document.page)) == (
        "Page of the document, not text",
        Role.Graphic,
    )
    assert told(window.document.fields[2]) == "Number: L898902C3"


def test_compare_is_a_table_whose_signs_are_words(open_window: OpenWindow) -> None:
    window = open_window(samples.compare("en"))
    assert role(window.compare) is Role.Table
    assert told(window.compare.lines[2]) == "Birth: 1974-08-12 differs from 1974-08-21"


def test_a_long_name_is_whole_for_the_ear_and_in_the_tip(open_window: OpenWindow) -> None:
    window = open_window(samples.long_case("en"))
    name = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF-DE LA CONCEPCIÓN MARÍA DE LOS ÁNGELES GUADALUPE FERNANDA"
    assert told(window.person) == name
    assert window.person.toolTip() == name


def test_reasons_are_told_in_their_order(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("en"))
    assert told(window.reasons) == "POSSIBLE MATCH 1 of 1"
    text = told(window.reasons, Text.Description)
    assert text.startswith("ERIKSON, Ana María · 1974. Family name: one letter missing. ")
    assert text.endswith("WHAT TO DO. 1 Compare (F6). It is not proof. 2 If the doubt stays, refer (F7)")


def test_decoration_is_passed_over(open_window: OpenWindow) -> None:
    window = open_window(samples.refer("en"))
    assert told(window.ring) == ""
    assert role(window.ring) is Role.NoRole


def test_every_part_that_shows_says_what_it_is(open_window: OpenWindow) -> None:
    window = open_window()
    for state, view_in in samples.ALL.items():
        window.show_view(view_in("es"))
        shown = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
        assert not [type(widget).__name__ for widget in shown if _is_silent(widget, window)], state


def _is_silent(widget: QWidget, window: DeskWindow) -> bool:
    inner = {"qt_scrollarea_viewport", "qt_scrollarea_hcontainer", "qt_scrollarea_vcontainer"}
    if widget in (window.ring, window.keys, window.reasons) or widget.objectName() in inner:
        return False
    return not told(widget)


def test_interfaces_live_and_die_with_their_widgets(open_window: OpenWindow) -> None:
    before = len(access._alive)
    for _ in range(5):
        window = DeskWindow(samples_palette(), lambda call: call())
        window.show_view(samples.refer("es"))
        told(window.advice)
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete
        del window
        gc.collect()
    assert len(access._alive) <= before + 5


def samples_palette() -> object:
    from checkpoint_app.ui.palette import DAY

    return DAY


def test_an_advice_interrupts_and_comes_first() -> None:
    said = access.changes(samples.empty("en"), samples.look_as_of("en"))
    assert said[:2] == (
        Said("LOOK. 1 note: passport ends in 142 days", assertive=True),
        Said("as of 21 Nov 06:00, lists 3 days old"),
    )
    assert [one.text for one in said[2:]] == ["Lists become too old on 28 Nov, 06:00", "offline since 21 Nov"]
    assert not any(one.assertive for one in said[1:])


def test_what_was_said_is_not_said_again() -> None:
    view = samples.refer("en")
    assert access.changes(view, view) == ()
    aged = samples.look_as_of("en")
    assert access.changes(aged, replace(aged, status=())) == ()
    older = replace(view, checks=replace(view.checks, count="5 clear")) if view.checks else view
    assert access.changes(view, older) == ()


def test_a_message_and_the_booths_own_announcements_are_polite() -> None:
    view = samples.refer("en")
    later = replace(view, message=MessageView("Saved"), announcements=("Saved", "Read in 0.3 s"))
    assert access.changes(view, later) == (Said("Saved"), Said("Read in 0.3 s"))
    assert access.changes(later, later) == ()


def test_the_window_announces_what_changed(window: DeskWindow, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Said] = []
    monkeypatch.setattr(access, "announce", lambda _window, said: heard.append(said))
    desk.show(samples.incomplete("es"))
    assert heard[0] == Said("INCOMPLETO. Falta 1 control exigido", assertive=True)
    assert heard[-1] == Said("sin línea 22:02")


def test_announcing_reaches_qt(window: DeskWindow) -> None:
    QAccessible.setActive(True)
    access.announce(window, Said("REFER", assertive=True))
    access.announce(window, Said("saved"))
