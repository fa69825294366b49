"""The product's window on a real display, told by lines on standard input what to do; answers in JSON lines.

``show NAME N``: show a sample view with the focus in its Nth field, or in none for -1. ``block MS``: keep the event
loop busy; ``chop TIMES MS``: so many times, with a moment between. ``state``: tell the desk's calls, the field's text,
whether it has the focus, whether keys are held back, how many came, and in milliseconds the longest time between two,
that between the first two, and the slowest pace of a few keys.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from itertools import pairwise
from statistics import median

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from checkpoint_app.readers.wedge import SURE
from checkpoint_app.ui import app
from checkpoint_app.ui.desk_protocol import Post
from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.helpers import FakeDesk


class Told(QObject):
    """Does what the lines say, on the UI thread, and looks at the keys that the display sends."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[int] = []
        self.window: DeskWindow | None = None
        self.desk: FakeDesk | None = None
        self.field = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and event.key() != Qt.Key.Key_Shift:
            self.times.append(event.timestamp())
        return False

    def make(self, post: Post) -> FakeDesk:
        self.window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, DeskWindow))
        self.window.windowHandle().installEventFilter(self)
        self.desk = FakeDesk(samples.empty("es"))
        threading.Thread(target=self._listen, args=(post,), daemon=True).start()
        return self.desk

    def _listen(self, post: Post) -> None:
        for line in sys.stdin:
            words = line.split()
            post(lambda words=words: self._do(words))
        post(QApplication.quit)

    def _do(self, words: list[str]) -> None:
        if words[0] == "show":
            self._show(words[1], int(words[2]))
        elif words[0] == "block":
            print(json.dumps({"blocking": True}), flush=True)
            time.sleep(int(words[1]) / 1000)
            return
        elif words[0] == "chop":
            print(json.dumps({"chopping": True}), flush=True)
            self._chop(int(words[1]), int(words[2]))
            return
        calls = [[str(part) for part in call] for call in self.desk.calls if call[0] not in ("tick", "on_sound")]
        gaps = [after - before for before, after in pairwise(self.times)]
        told = {
            "calls": calls,
            "text": _text(self.field),
            "focus": QApplication.focusWidget() is self.field,
            "holding": self.window.findChild(WedgeFilter)._wedge.is_holding,
            "keys": len(self.times),
            "longest": max(gaps, default=0),
            "first": gaps[0] if gaps else 0,
            "pace": max((median(gaps[at : at + SURE - 1]) for at in range(len(gaps) - SURE + 2)), default=0),
        }
        print(json.dumps(told), flush=True)

    def _chop(self, times: int, busy_ms: int) -> None:
        time.sleep(busy_ms / 1000)
        if times > 1:
            QTimer.singleShot(3, lambda: self._chop(times - 1, busy_ms))

    def _show(self, name: str, number: int) -> None:
        window = self.window
        self.desk.show(getattr(samples, name)("es"))
        if number < 0:
            self.field = window
        else:
            form = window.form if self.desk.shown.form is not None else window.reason_form
            self.field = list(form.inputs.values())[number]
            self.field.clear()
        self.field.setFocus()
        self.desk.calls.clear()
        self.times.clear()


def _text(field: QWidget) -> str:
    if isinstance(field, QLineEdit):
        return field.text()
    return field.toPlainText() if isinstance(field, QPlainTextEdit) else ""


if __name__ == "__main__":
    app.application()
    sys.exit(app.run(Told().make, palette="day", size=(1280, 800)))
