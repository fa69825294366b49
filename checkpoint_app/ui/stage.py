"""For demonstrations and tests that drive the real window from outside the UI thread: its picture, and its end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from checkpoint_app.ui.window import DeskWindow


def _window() -> DeskWindow:
    return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, DeskWindow))


def save_picture(path: Path) -> None:
    """Save what the window shows as PNG. Call it on the UI thread."""
    _window().grab().save(str(path))


def close_window() -> None:
    """Close the window, as its owner would. Call it on the UI thread."""
    _window().close()
