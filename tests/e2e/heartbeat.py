"""A heartbeat on the event loop: how long it ever waited."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer

HEARTBEAT_MS = 10
LARGEST_GAP_MS = 100


class Heartbeat:
    """Beats every 10 ms on the event loop and records the largest gap between two beats."""

    def __init__(self) -> None:
        self.largest_ms = 0.0
        self.beats = 0
        self._since = QElapsedTimer()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.largest_ms, self.beats = 0.0, 0
        self._since.start()
        self._timer.start(HEARTBEAT_MS)

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        self.largest_ms = max(self.largest_ms, self._since.nsecsElapsed() / 1e6)
        self.beats += 1
        self._since.restart()
