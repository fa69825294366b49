"""Many small pieces of work in one transaction: what came while the one before was under way is done together.

A transaction costs more than what a request does in it, and of SQLite's one at a time may write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.transactions import retried

T = TypeVar("T")
MOST = 64
Work = Callable[[Connection], Any]


class Together:
    """Does work in shared transactions, for one event loop. ``lasting``: as for `Centre.begin`."""

    def __init__(self, centre: Centre, *, lasting: bool) -> None:
        self._centre = centre
        self._lasting = lasting
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` returns, once its transaction is committed.

        It may raise CentreError, which is its own affair, if it has changed nothing until then. Whatever else one
        raises undoes all that were with it, and they raise it too.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((work, answer))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return cast("T", await answer)

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                found = await run_in_threadpool(self._all, [work for work, _answer in taken])
                for (_work, answer), one in zip(taken, found, strict=True):
                    if answer.done():  # nobody waits for it any more
                        continue
                    if isinstance(one, BaseException):
                        answer.set_exception(one)
                    else:
                        answer.set_result(one)
        finally:
            self._running = None

    def _all(self, works: list[Work]) -> list[Any]:
        try:
            return retried(self._centre, partial(_each, works), lasting=self._lasting)
        except Exception as error:  # noqa: BLE001 - raised again in each that waits
            return [error] * len(works)


def _each(works: list[Work], connection: Connection) -> list[Any]:
    return [_outcome(work, connection) for work in works]


def _outcome(work: Work, connection: Connection) -> Any:
    try:
        return work(connection)
    except CentreError as error:
        return error
