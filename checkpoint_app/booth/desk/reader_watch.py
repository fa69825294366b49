"""Watches readers beside the UI thread: what they give comes to the desk as soon as the desk is free for it."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from checkpoint_app.readers.protocol import RawInput, Reader

log = logging.getLogger(__name__)

EVERY_S = 0.1

Taken = Callable[[bool], None]
"""Called by the desk to tell whether it took an input; it may be free no more when the offer reaches it."""


class Watching:
    """One thread a reader: it polls ``reader`` while ``free`` says that the desk can take a document.

    Each input goes to ``laid``. Whenever what ``stands`` returns has changed, ``stood`` is called: free or not.
    """

    def __init__(
        self,
        reader: Reader,
        free: Callable[[], bool],
        laid: Callable[[RawInput, Taken], None],
        stands: Callable[[], object] = lambda: None,
        stood: Callable[[], None] = lambda: None,
    ) -> None:
        self._reader = reader
        self._free = free
        self._laid = laid
        self._stands = stands
        self._stood = stood
        self._last: object = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch, wait for it, and close the reader."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._reader.close()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self._tell_standing()
            if not self._free():
                continue
            try:
                for raw in self._reader.poll():
                    self._lay(raw)
            except OSError as error:
                log.warning("a reader can't be watched: %s", type(error).__name__)

    def _tell_standing(self) -> None:
        now = self._stands()
        if now != self._last:
            self._last = now
            self._stood()

    def _lay(self, raw: RawInput) -> None:
        """Lay one input down as soon as the desk takes it: the reader has it no more."""
        while not (self._free() and self._offer(raw)):
            if self._stopped.wait(EVERY_S):
                return
            self._tell_standing()

    def _offer(self, raw: RawInput) -> bool:
        """Offer an input to the desk and return whether it took it."""
        answer: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._laid(raw, answer.put)
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                return answer.get(timeout=EVERY_S)
        return False
