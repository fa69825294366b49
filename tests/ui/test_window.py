"""The window as a whole: nothing of a traveller stays, files dropped, palettes, and work handed back to the UI."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.ui import dropping, pictures
from checkpoint_app.ui.palette import NIGHT
from checkpoint_app.ui.post import Poster
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples, specimen
from tests.ui.helpers import FakeDesk


def everything_told(window: DeskWindow) -> str:
    words = []
    for widget in window.findChildren(QWidget):
        interface = QAccessible.queryAccessibleInterface(widget)
        words += [interface.text(which) for which in (QAccessible.Text.Name, QAccessible.Text.Description)]
        words.append(widget.toolTip())
    return " ".join(words)


@pytest.mark.parametrize("state", ["refer", "compare", "reason", "by-hand", "long", "cases", "closing"])
def test_the_empty_desk_keeps_nothing_of_the_last_traveller(window: DeskWindow, desk: FakeDesk, state: str) -> None:
    desk.show(samples.ALL[state]("es"))
    assert "ERIKS" in everything_told(window) or state in ("by-hand", "long")
    desk.show(samples.empty("es"))
    told = everything_told(window)
    for trace in ("ERIKS", "ANNA", "WOLFE", "L898902C3", "1974-08-12"):
        assert trace not in told
    assert pictures.pixmap.cache_info().currsize == 0


def test_missing_parts_are_not_shown_with_old_values(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(replace(samples.refer("es"), person=None, document=None, checks=None))
    assert not any(part.isVisible() for part in (window.person, window.document, window.checks))


def test_each_stage_shows_its_own_parts(window: DeskWindow, desk: FakeDesk) -> None:
    parts = {
        Stage.FORM: {window.form},
        Stage.EMPTY: {window.empty},
        Stage.ENCOUNTER: {window.document, window.person, window.checks},
        Stage.COMPARE: {window.document, window.compare},
        Stage.CASES: {window.cases},
        Stage.HISTORY: {window.history},
        Stage.CARGO: {window.cargo, window.equipment, window.goods, window.checks},
        Stage.ARRIVALS: {window.listing},
        Stage.INSPECTIONS: {window.listing},
        Stage.RULES: {window.rules},
    }
    body = {part for shown in parts.values() for part in shown}
    for view_in in samples.ALL.values():
        view = view_in("en")
        desk.show(view)
        assert {part for part in body if part.isVisible()} == parts[view.stage]


def test_another_palette_repaints_everything(window: DeskWindow) -> None:
    window.set_palette(NIGHT)
    assert window.grab().toImage().pixelColor(4, 300).name().upper() == NIGHT.ground
    assert all(part.theme.palette is NIGHT for part in window.parts)


def test_scale_follows_the_size(window: DeskWindow) -> None:
    window.resize(1920, 1080)
    assert window.theme.scale == 1.25
    assert window.document.width() == 660
    window.resize(1280, 800)
    assert window.theme.scale == 1.0


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000), (1920, 1080), (1920, 1200), (2240, 1400), (2560, 1600)])
def test_every_frame_is_whole_at_every_scale(open_window: object, size: tuple[int, int]) -> None:
    window = open_window(samples.refer("es"), size=size)  # type: ignore[operator]
    switch = window.bar.switch
    image = window.grab().toImage()
    corner = switch.mapTo(window, QPoint(0, 0))
    middle = corner.x() + round(switch.width() * 0.6)
    edge = window.theme.palette.edge.lower()
    column = [image.pixelColor(middle, corner.y() + y).name() for y in range(switch.height())]
    assert column[0] == edge
    assert edge in column[-2:]


def drop(window: DeskWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, none = QPoint(10, 10), Qt.KeyboardModifier.NoModifier
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(where, copy, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(where), copy, data, left, none))


@pytest.mark.parametrize(("name", "data"), [("page.jpg", b"not decoded here"), ("bus.edi", b"UNA:+.? 'UNB+UNOC:3'\n")])
def test_a_dropped_file_reaches_the_desk_as_bytes(
    window: DeskWindow, desk: FakeDesk, tmp_path: Path, qtbot: QtBot, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    drop(window, path)
    qtbot.waitUntil(lambda: bool(desk.calls), timeout=2000)
    assert desk.calls == [("drop", data, name)]


def test_a_file_read_after_the_window_went_goes_nowhere(
    window: DeskWindow, desk: FakeDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    window.close()
    window._drop(b"late", "late.jpg")
    window.tick()
    assert desk.calls == [("close",)]


def test_a_folder_comes_as_no_bytes(window: DeskWindow, desk: FakeDesk, tmp_path: Path, qtbot: QtBot) -> None:
    drop(window, tmp_path)
    qtbot.waitUntil(lambda: bool(desk.calls), timeout=2000)
    assert desk.calls == [("drop", b"", tmp_path.name)]


def test_a_file_is_read_no_further_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropping, "MAX_BYTES", 10)
    path = tmp_path / "large"
    path.write_bytes(b"x" * 100)
    assert len(dropping.contents(path)) == 11


def test_text_dropped_is_not_welcome(window: DeskWindow) -> None:
    data = QMimeData()
    data.setText("P<UTO")
    enter = QDragEnterEvent(
        QPoint(1, 1), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    enter.ignore()
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_a_picture_that_is_none_shows_the_state_in_words(window: DeskWindow, desk: FakeDesk) -> None:
    view = samples.refer("es")
    assert view.document is not None
    desk.show(replace(view, document=replace(view.document, image=b"\x00rubbish", state="leyendo…")))
    window.grab()
    assert pictures.pixmap(b"\x00rubbish", 100, 100) is None
    small = pictures.pixmap(specimen.page(), 100, 100)
    assert small is not None
    assert (small.width(), small.height()) == (100, 70)


def test_no_other_decoder_of_qt_s_is_ever_asked() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    for image in (drawing, b"GIF89a" + drawing, b"P5 2 2 255 abcd"):
        assert pictures.pixmap(image, 100, 100) is None
        assert pictures.whole(image) is None
    assert pictures.whole(specimen.page()) is not None


def test_closing_tells_the_desk_once(window: DeskWindow, desk: FakeDesk) -> None:
    window.close()
    window.close()
    assert desk.calls == [("close",)]


def test_posted_work_runs_on_the_ui_thread_in_order(qtbot: QtBot) -> None:
    poster, ran = Poster(), []

    def work() -> None:
        for number in range(50):
            poster.post(lambda number=number: ran.append((number, threading.current_thread())))  # type: ignore[misc]

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == []
    qtbot.waitUntil(lambda: len(ran) == 50, timeout=2000)
    assert [number for number, _ in ran] == list(range(50))
    assert {thread for _, thread in ran} == {threading.main_thread()}


def test_a_view_that_is_the_same_repaints_nothing(window: DeskWindow, desk: FakeDesk) -> None:
    painted: list[str] = []
    QApplication.processEvents()
    for part in window.parts:
        part.paint = lambda _canvas, part=part: painted.append(type(part).__name__)  # type: ignore[method-assign,misc]
    desk.show(samples.refer("es"))
    QApplication.processEvents()
    assert painted == []
