"""The devices on the empty desk: each state has its words in full, nothing moves, and a screen reader hears it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible

from checkpoint_app.booth.desk.state import Health as Devices
from checkpoint_app.booth.desk.state import Message
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.view.screen import DeskView
from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.sane import SCANNER_ERRORS
from checkpoint_app.readers.scanner import ScannerState
from checkpoint_app.ui import access
from checkpoint_app.ui.canvas import Canvas, PaintedText
from tests.booth.states import state
from tests.ui.conftest import OpenWindow

STATES = (
    None,
    *(ScannerState(health) for health in Health if health is not Health.FAILED),
    *(ScannerState(Health.FAILED, code) for code in SCANNER_ERRORS),
    ScannerState(Health.ABSENT, "scanner_absent", "Acme Scan 9"),
    ScannerState(Health.ABSENT, "scanner_not_installed"),
)


def desk(lang: str, scanner: ScannerState | None, message: Message | None = None, *, notice: bool = False) -> DeskView:
    health = Devices(Health.FAILED, Health.ABSENT, scanner)
    view = present(state(language=lang, health=health, message=message or Message()))
    assert view.desk is not None
    return replace(view, desk=replace(view.desk, notice="1 hallazgo tardío", notice_cap="F6")) if notice else view


@pytest.mark.parametrize("notice", [False, True])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_is_there_in_full_and_no_card_moves(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, lang: str, notice: bool
) -> None:
    window = open_window()
    painted: list[PaintedText] = []
    monkeypatch.setattr(Canvas, "recorder", painted)
    for scanner in STATES:
        painted.clear()
        view = desk(lang, scanner, notice=notice)
        window.show_view(view)
        window.grab()
        own = [one for one in painted if one.owner == "EmptyDesk"]
        assert view.desk is not None
        words = {text for device in view.desk.devices for text in (device.name, device.state)}
        assert {one.text for one in own} >= words
        assert not [one for one in own if one.needed > one.room + 0.5 or one.bottom_room < -0.5]
        rooms = {one.room for one in own if one.text in {device.state for device in view.desk.devices}}
        assert rooms == {192.0}


def test_a_screen_reader_is_told_how_each_device_stands_and_what_changed(open_window: OpenWindow) -> None:
    before = desk("es", ScannerState(Health.READY))
    jammed = Message("read.scanner_jammed", {}, "attention")
    after = desk("es", ScannerState(Health.FAILED, "scanner_jammed"), jammed)
    window = open_window(after)
    told = QAccessible.queryAccessibleInterface(window.empty).text(QAccessible.Text.Description)
    assert "Escáner: papel atascado. Carpeta: no está" in told
    (said,) = access.changes(before, after)
    assert said == access.Said(Words("es").say("read.scanner_jammed"), assertive=False)
