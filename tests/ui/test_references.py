"""The Qt binding gives back what it takes: a wheel that did not would end the booth within minutes (decision 1)."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QWidget


def test_calls_that_return_nothing_leave_none_alone(qtbot) -> None:  # type: ignore[no-untyped-def]
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 100
