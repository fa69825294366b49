"""What runs beside the requests: the lists that answer, the worker that screens what was decided, the clearances."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.answering import Lists
from checkpoint_app.central.carrying import Carrier
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import Worker
from checkpoint_app.central.workers import Pool

_making = threading.Lock()


class Background:
    """The lists in memory, and the worker on them. Nothing runs before ``start``."""

    def __init__(self, centre: Centre) -> None:
        self.lists = Lists(centre)
        self.worker = Worker(centre, self.lists)
        self.carrier = Carrier(centre)

    def start(self) -> None:
        """Begin to load lists, to screen, and to publish clearances."""
        self.lists.start()
        self.worker.start()
        self.carrier.start()

    def stop(self) -> None:
        """End all of it."""
        self.carrier.stop()
        self.worker.stop()
        self.lists.stop()


def background_of(app: FastAPI) -> Background:
    """Return what runs beside the requests of ``app``; one for all of its requests."""
    with _making:
        if not hasattr(app.state, "background"):
            app.state.background = Background(app.state.centre)
    background: Background = app.state.background
    return background


def pool_of(app: FastAPI) -> Pool:
    """Return the workers that answer the requests of ``app``. It is made in the application's event loop."""
    if not hasattr(app.state, "pool"):
        app.state.pool = Pool(background_of(app).lists, app.state.workers)
    pool: Pool = app.state.pool
    return pool


@contextlib.asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Run it for the life of the application."""
    background = background_of(app)
    background.start()
    pool = pool_of(app)
    await pool.start()
    try:
        yield
    finally:
        await pool.stop()
        await run_in_threadpool(background.stop)
