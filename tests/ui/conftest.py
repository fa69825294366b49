"""The window's tests run without a display: real fonts, Qt's offscreen platform."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from checkpoint_app.booth.view.screen import DeskView
from checkpoint_app.ui import app
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.helpers import FakeDesk

OpenWindow = Callable[..., DeskWindow]


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """The application that pytest-qt makes."""
    return QApplication


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    app.application()


@pytest.fixture
def open_window(qtbot: object) -> Iterator[OpenWindow]:
    """Return a function that opens a window on a view; all are closed at the end."""
    opened: list[DeskWindow] = []

    def opener(
        view: DeskView | None = None, *, palette: str = "day", size: tuple[int, int] = (1280, 800)
    ) -> DeskWindow:
        window = DeskWindow(PALETTES[palette], lambda call: call())
        opened.append(window)
        window.resize(*size)
        window.show()
        if view is not None:
            window.show_view(view)
        QApplication.processEvents()
        return window

    yield opener
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def desk() -> FakeDesk:
    """A desk that shows the refer sample and remembers what it was told."""
    return FakeDesk(samples.refer("es"))


@pytest.fixture
def window(open_window: OpenWindow, desk: FakeDesk) -> DeskWindow:
    """A window bound to ``desk``."""
    opened = open_window()
    opened.bind(desk)
    opened.activateWindow()
    QApplication.processEvents()
    return opened
