"""The application: fonts, palette, window, the second's tick. The desk is made after first paint."""

from __future__ import annotations

import sys
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.ui import fonts, measures
from checkpoint_app.ui.desk_protocol import DeskFactory
from checkpoint_app.ui.palette import CONTRAST, DAY, NIGHT, PALETTES, Palette
from checkpoint_app.ui.post import Poster
from checkpoint_app.ui.sound import Player
from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DeskWindow

PaletteName = Literal["day", "night", "contrast", "auto"]
TICK_MS = 1000


class Start(QObject):
    """Makes the desk as soon as the window has painted, so that its slow imports cost no one the first picture."""

    def __init__(self, window: DeskWindow, factory: DeskFactory, poster: Poster, player: Player) -> None:
        super().__init__(window)
        self._window, self._factory, self._poster, self._player = window, factory, poster, player
        self._timer = QTimer(self)
        self.failure: BaseException | None = None
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Wait for the first paint."""
        if event.type() is QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._make_desk)
        return super().eventFilter(watched, event)

    def _make_desk(self) -> None:
        try:
            desk = self._factory(self._poster.post)
        except Exception as error:  # noqa: BLE001 - raised again by `run`
            self.failure = error
            QApplication.exit(1)
            return
        desk.on_sound(self._player.play)
        from checkpoint_app.ui.slip import draw_slip  # it needs the booth, which waits for the first paint

        desk.draw_slips_with(draw_slip)
        self._window.bind(desk)
        told = notices(desk.view().language, self._window)
        self._window.footer.set_notice(next(iter(told), ""))
        for notice in told:
            print(f"checkpoint: {notice}", file=sys.stderr)
        self._timer.timeout.connect(self._window.tick)
        self._timer.start(TICK_MS)


def notices(language: str, window: DeskWindow) -> list[str]:
    """Return what is wrong with this machine for the screen: fonts not installed, a screen too small."""
    words = Words(language)
    found = [words.say("window.no_font", font=font, package=package) for font, package in fonts.missing_packages()]
    size = window.screen().size() if window.screen() else window.size()
    if not measures.is_supported(size.width(), size.height()):
        found.append(words.say("window.too_small", width=size.width(), height=size.height()))
    return found


def choose_palette(name: PaletteName) -> Palette:
    """Return the palette ``name``; "auto" follows the desktop: high contrast first, then dark as night."""
    if name != "auto":
        return PALETTES[name]
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
        return CONTRAST
    return NIGHT if hints.colorScheme() is Qt.ColorScheme.Dark else DAY


def application() -> QApplication:
    """Return the application, made on first call, with the booth's type."""
    made = QApplication.instance()
    if not isinstance(made, QApplication):
        made = QApplication(["checkpoint"])
    made.setApplicationName("checkpoint")
    made.setDesktopFileName("checkpoint")
    made.setStyle("fusion")
    made.setFont(fonts.font(fonts.BODY))
    return made


def run(
    desk_factory: DeskFactory,
    *,
    palette: PaletteName = "auto",
    size: tuple[int, int] | None = None,
    title: str = "checkpoint",
) -> int:
    """Open the window and return the exit code when it is closed. ``size`` in pixels; without it, the whole screen.

    ``desk_factory`` is called on the UI thread after first paint; what it raises ends the window and is raised here.
    """
    app = application()
    poster, player = Poster(), Player()
    window = DeskWindow(choose_palette(palette), poster.post)
    window.setWindowTitle(title)
    window.setWindowIcon(QIcon.fromTheme("checkpoint"))
    start = Start(window, desk_factory, poster, player)
    if size is None:
        # Without a window manager "maximized" changes nothing: take the screen's room first.
        window.setGeometry(window.screen().availableGeometry())
        window.showMaximized()
    else:
        window.resize(*size)
        window.show()
    WedgeFilter(window)
    window.activateWindow()  # without a window manager nobody else gives a window the keyboard
    code = app.exec()
    if start.failure is not None:
        raise start.failure
    return code
