"""The product's window on a real display, told by lines on standard input what to show; answers in JSON lines.

``show NAME N``: show a sample view with the focus in its Nth field, or in none for -1. ``block MS``: keep the event
loop busy. ``state``: tell the desk's calls, the field's text, and whether it has the focus.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from checkpoint_app.ui import app
from checkpoint_app.ui.desk_protocol import Post
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples
from tests.ui.helpers import FakeDesk


class Told:
    """Does what the lines say, on the UI thread."""

    def __init__(self) -> None:
        self.desk: FakeDesk | None = None
        self.field = None

    def make(self, post: Post) -> FakeDesk:
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
        calls = [[str(part) for part in call] for call in self.desk.calls if call[0] not in ("tick", "on_sound")]
        told = {"calls": calls, "text": _text(self.field), "focus": QApplication.focusWidget() is self.field}
        print(json.dumps(told), flush=True)

    def _show(self, name: str, number: int) -> None:
        window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, DeskWindow))
        self.desk.show(getattr(samples, name)("es"))
        if number < 0:
            self.field = window
        else:
            form = window.form if self.desk.shown.form is not None else window.reason_form
            self.field = list(form.inputs.values())[number]
            self.field.clear()
        self.field.setFocus()
        self.desk.calls.clear()


def _text(field: QWidget) -> str:
    if isinstance(field, QLineEdit):
        return field.text()
    return field.toPlainText() if isinstance(field, QPlainTextEdit) else ""


if __name__ == "__main__":
    sys.exit(app.run(Told().make, palette="day", size=(1280, 800)))
