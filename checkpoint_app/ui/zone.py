"""The input of a zone that was read in doubt: each line below its picture, typed over character by character."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import StripView
from checkpoint_app.ui import access, keys, strips
from checkpoint_app.ui.access import Said
from checkpoint_app.ui.canvas import Canvas, Theme
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.painted import Painted
from checkpoint_app.ui.spoken import Role, Spoken

LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
MOST_PASTED = 600
WIDEST_PITCH, STRIP_HEIGHT, TEXT_HEIGHT, LINE_GAP = 27.0, 46.0, 30.0, 10.0
DEVICE_S = 0.04
"""A key this soon after another comes from a device: its Enter confirms nothing."""

Place = tuple[int, int]


def pitch(views: Sequence[StripView], wide: float) -> float:
    """Return how far characters stand apart where lines have ``wide`` units."""
    longest = max((len(view.text) for view in views), default=1)
    return min(WIDEST_PITCH, wide / (longest - 1 + 2 * strips.BESIDE))


def lines_of(views: Sequence[StripView], wide: float) -> list[tuple[Area, Area]]:
    """Return where picture and text of each line stand."""
    step, top, places = pitch(views, wide), 0.0, []
    for view in views:
        across = strips.width(view, step)
        high = strips.height(view, across, STRIP_HEIGHT)
        places.append((Area(0, top, across, high), Area(0, top + high + 1, across, TEXT_HEIGHT)))
        top += high + 1 + TEXT_HEIGHT + LINE_GAP
    return places


def height(views: Sequence[StripView], wide: float) -> float:
    """Return how high the input is for ``views``, ``wide`` units wide."""
    places = lines_of(views, wide)
    return places[-1][1].bottom if places else 0.0


class ZoneInput(Painted):
    """Types over what was read, from one doubt to the next. Enter hands in; nothing can be inserted or left out."""

    def __init__(
        self, parent: QWidget, theme: Theme, label: str, on_edit: Callable[[str], None], on_submit: Callable[[], None]
    ) -> None:
        super().__init__(parent, theme)
        self._label, self._on_edit, self._on_submit = label, on_edit, on_submit
        self._views: tuple[StripView, ...] = ()
        self._lines: list[str] = []
        self._typed: list[tuple[Place, str]] = []  # what stood where, for going back
        self._key_at = 0.0
        self.moved: Callable[[], None] = lambda: None
        self.place_at: Place = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_strips(self, views: tuple[StripView, ...]) -> None:
        """Show ``views``; the cursor stands on the first doubt of others than before."""
        if views != self._views:
            self._views, self._typed = views, []
            self._lines = [view.text for view in views]
            self.to_first_doubt()

    def take(self, text: str) -> None:
        """Show ``text`` without telling the desk; the cursor stays where it was. Of another shape, nothing is taken."""
        lines = text.split("\n")
        if lines != self._lines and [len(line) for line in lines] == [len(view.text) for view in self._views]:
            self._lines = lines
            self.update()

    def text(self) -> str:
        """Return what stands in the lines."""
        return "\n".join(self._lines)

    def to_first_doubt(self) -> None:
        """Put the cursor on the first doubt, else on the first character."""
        self._go(next(iter(self._doubts()), (0, 0)))

    def _doubts(self) -> list[Place]:
        return [(line, at) for line, view in enumerate(self._views) for at in view.doubts]

    # -- keys --------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Leave the window's keys to the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and keys.is_ours(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Type over, move, go back, paste; Enter hands in; the window's keys pass on."""
        before, self._key_at = self._key_at, time.monotonic()
        if keys.is_ours(event):
            event.ignore()
        elif keys.is_enter(event):
            if not event.isAutoRepeat() and self._key_at - before >= DEVICE_S:
                self._on_submit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif (letter := event.text().upper()) in LETTERS and letter:
            self._type(letter)
        elif not self._move(Qt.Key(event.key())):
            event.ignore()

    def _type(self, letter: str) -> None:
        line, at = self.place_at
        self._typed.append((self.place_at, self._lines[line][at]))
        self._put(self.place_at, letter)
        doubts = self._doubts()
        after = [place for place in doubts if place > self.place_at]
        self._go(after[0] if self.place_at in doubts and after else self._beside(1))
        self._on_edit(self.text())

    def _put(self, place: Place, letter: str) -> None:
        line, at = place
        self._lines[line] = self._lines[line][:at] + letter + self._lines[line][at + 1 :]

    def _back(self) -> None:
        """Take the last letter typed back, else step back."""
        if not self._typed:
            self._go(self._beside(-1))
            return
        place, letter = self._typed.pop()
        self._put(place, letter)
        self._go(place)
        self._on_edit(self.text())

    def _paste(self) -> None:
        """Take a whole zone; one of another shape the desk shows in another form."""
        text = QGuiApplication.clipboard().text()[:MOST_PASTED].strip()
        if text:
            self._typed = []
            self.take(text)
            self._on_edit(text)

    def _move(self, key: Qt.Key) -> bool:
        """Move by ``key``; tell whether it is one that moves."""
        line, at = self.place_at
        if key is Qt.Key.Key_Backspace:
            self._back()
            return True
        places = {
            Qt.Key.Key_Left: self._beside(-1),
            Qt.Key.Key_Right: self._beside(1),
            Qt.Key.Key_Up: (max(0, line - 1), at),
            Qt.Key.Key_Down: (min(len(self._lines) - 1, line + 1), at),
            Qt.Key.Key_Home: (line, 0),
            Qt.Key.Key_End: (line, len(self._lines[line]) - 1),
        }
        if key not in places:
            return False
        self._go(places[key])
        return True

    def _beside(self, step: int) -> Place:
        """Return the place a step on, over the ends of lines, and at the zone's ends the same."""
        places = [(line, at) for line, text in enumerate(self._lines) for at in range(len(text))]
        return places[min(max(0, places.index(self.place_at) + step), len(places) - 1)]

    def _go(self, place: Place) -> None:
        line = place[0]
        self.place_at = (line, min(place[1], len(self._lines[line]) - 1)) if self._lines else (0, 0)
        self.update()
        self.moved()
        if self.isVisible() and self.hasFocus():
            access.announce(self.window(), Said(self._here(), assertive=True))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Put the cursor on the character that was pressed, in picture or text."""
        x, y = event.position().x() / self.theme.scale, event.position().y() / self.theme.scale
        for number, (picture, text) in enumerate(lines_of(self._views, self.room.width)):
            if picture.y <= y <= text.bottom:
                reached = [at for at, cell in enumerate(strips.cells(self._views[number], text)) if cell.x <= x]
                self._go((number, reached[-1] if reached else 0))

    # -- what it shows -----------------------------------------------------------------------------------------

    def paint(self, canvas: Canvas) -> None:
        """Paint each line: its picture, and its characters below their glyphs."""
        size = 26 if pitch(self._views, self.room.width) >= WIDEST_PITCH else 22
        for number, (picture, below) in enumerate(lines_of(self._views, self.room.width)):
            line, at = self.place_at
            chosen = at if line == number else -1
            canvas.fill(below, canvas.palette.inset)
            strips.paint_picture(canvas, self._views[number], picture, chosen)
            strips.paint_text(canvas, self._views[number], self._lines[number], below, Face(size, ocr=True), chosen)

    @property
    def doubt_here(self) -> str:
        """What is in doubt at the cursor, in words; empty where nothing is, or it was typed over."""
        line, at = self.place_at
        view = self._views[line] if line < len(self._views) else None
        if view is None or at not in view.doubts or self._lines[line][at] != view.text[at]:
            return ""
        return view.said[view.doubts.index(at)]

    def _here(self) -> str:
        line, at = self.place_at
        return self.doubt_here or (self._lines[line][at] if line < len(self._lines) else "")

    def spoken(self) -> Spoken:
        """Return the label with the lines; what stands at the cursor is the description."""
        return Spoken(Role.EditableText, f"{self._label}: {' '.join(self._lines)}", self._here())
