"""Watches the tray beside the UI thread: what is laid there comes to the desk as soon as the desk is free for it."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

log = logging.getLogger(__name__)

EVERY_S = 0.1


class Picture(Protocol):
    """What a tray yields: the bytes of a picture, or the code of READ_ERRORS for which it was not even taken in."""

    @property
    def image(self) -> bytes:
        """The picture as it lies in the folder."""
        ...

    @property
    def refused(self) -> str:
        """Why it was not taken in; empty for a picture that was."""
        ...


class Tray(Protocol):
    """A place where pictures of documents appear."""

    def poll(self) -> Iterable[Picture]:
        """Return what has come since the last call; never waits."""
        ...


Taken = Callable[[bool], None]
"""Called by the desk to tell whether it took a picture; it may be free no more when the offer reaches it."""


class Watching:
    """One thread that polls a tray while ``free`` says that the desk can take a document, and posts each picture."""

    def __init__(self, tray: Tray, free: Callable[[], bool], laid: Callable[[Picture, Taken], None]) -> None:
        self._tray = tray
        self._free = free
        self._laid = laid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tray", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch and wait for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            if not self._free():
                continue
            try:
                for picture in self._tray.poll():
                    self._lay(picture)
            except OSError as error:
                log.warning("the tray can't be watched: %s", type(error).__name__)

    def _lay(self, picture: Picture) -> None:
        """Lay one picture down as soon as the desk takes it: the folder has it no more."""
        while not (self._free() and self._offer(picture)):
            if self._stopped.wait(EVERY_S):
                return

    def _offer(self, picture: Picture) -> bool:
        """Offer a picture to the desk and return whether it took it."""
        answer: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._laid(picture, answer.put)
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                return answer.get(timeout=EVERY_S)
        return False
