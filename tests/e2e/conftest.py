"""The whole booth with its window: the fixtures of the window's own tests."""

from tests.ui.conftest import _application, open_window, qapp_cls

__all__ = ["_application", "open_window", "qapp_cls"]
