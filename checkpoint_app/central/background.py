"""What runs beside the requests: the lists that answer, and the worker that screens what was decided."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import Worker

_making = threading.Lock()


class Background:
    """The lists in memory, and the worker on them. Nothing runs before ``start``."""

    def __init__(self, centre: Centre) -> None:
        self.lists = Lists(centre)
        self.worker = Worker(centre, self.lists)

    def start(self) -> None:
        """Begin to load lists, and to screen."""
        self.lists.start()
        self.worker.start()

    def stop(self) -> None:
        """End both."""
        self.worker.stop()
        self.lists.stop()


def background_of(app: FastAPI) -> Background:
    """Return what runs beside the requests of ``app``; one for all of its requests."""
    with _making:
        if not hasattr(app.state, "background"):
            app.state.background = Background(app.state.centre)
    background: Background = app.state.background
    return background


@contextlib.asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Run it for the life of the application."""
    background = background_of(app)
    background.start()
    try:
        yield
    finally:
        await run_in_threadpool(background.stop)
