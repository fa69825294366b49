"""How a handler tells its caller how far it is while it works."""

from __future__ import annotations

from collections.abc import Callable

_sinks: list[Callable[[bytes], None]] = []


def emit(message: bytes) -> None:
    """Send ``message`` to the caller's ``on_progress``. Outside a confined child it goes nowhere."""
    for sink in _sinks:
        sink(message)


def connect(sink: Callable[[bytes], None]) -> None:
    """Let ``sink`` receive what ``emit`` is given (the child's own set-up does this once)."""
    _sinks.append(sink)
