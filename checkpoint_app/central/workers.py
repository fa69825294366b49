"""The workers: replicas of the lists in force, in processes that share one copy of them, and whose turn it is there.

A *generation* is policy and lists as they stood at one moment. Workers load a new one in turn, while the others go on;
when all have it, it is asked for. Whoever asks in pieces stays with one generation, so that its answers agree.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.held import InForce
from checkpoint_app.central.jobs import Answered, Asked, Kind
from checkpoint_app.central.replica import Generation, Here, Process, Replica, ReplicaError
from checkpoint_app.central.shared import Shared
from checkpoint_app.central.turns import Turns

log = logging.getLogger(__name__)

WITHIN_S = 30.0
"""How long work may wait and be done; the booth has gone on long before."""
MOST_TRIES = 2
HERE = 2
"""So many threads answer where there is no worker process."""
_LONGEST_PAUSE_S = 10.0


@dataclass(eq=False)
class _Job:
    asked: Asked
    generation: int
    answer: asyncio.Future[Answered]
    tries: int = 0


@dataclass(eq=False)
class _Numbers:
    """Memories by the numbers that workers know them under."""

    last: int = 0
    known: weakref.WeakKeyDictionary[Shared, int] = field(default_factory=weakref.WeakKeyDictionary)

    def of(self, memory: Shared) -> int:
        if memory not in self.known:
            self.last += 1
            self.known[memory] = self.last
        return self.known[memory]


class Pool:
    """Answers by ``count`` worker processes, or in threads of this one where ``count`` is 0. For one event loop."""

    def __init__(self, lists: Lists, count: int = 0) -> None:
        self._lists = lists
        self._make: Callable[[], Replica] = Process if count else Here
        self._count = count or HERE
        self._turns: Turns[_Job] = Turns()
        self._numbers = _Numbers()
        self._current: Generation | None = None
        self._newest = Generation(0, InForce(), {})
        self._used: Counter[int] = Counter()
        self._live: set[Replica] = set()
        self._loading = False
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that run."""
        return tuple(one.pid for one in self._live if one.pid)

    async def start(self) -> None:
        """Begin; the workers come up beside."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._renew)

        self._lists.changed = changed
        await run_in_threadpool(self._look)
        self._renew()
        self._tasks = [loop.create_task(self._keep()) for _ in range(self._count)]

    async def stop(self) -> None:
        """End the workers; what still waits is refused."""
        self._lists.changed = lambda: None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._turns:
            _refuse(self._turns.pop(), "the centre is ending; try again later")

    @contextlib.asynccontextmanager
    async def generation(self) -> AsyncIterator[Generation]:
        """Return a block that may ask by one generation of the lists. Raises CentreError (``busy``)."""
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._ready.wait()
        except TimeoutError as error:
            raise CentreError("busy", "the centre is not ready to screen; try again later", 503) from error
        one = self._current or self._newest  # the first is there once it is ready
        self._used[one.number] += 1
        try:
            yield one
        finally:
            self._used[one.number] -= 1

    def check(self, booth: str, size: int) -> None:
        """Raise CentreError (``busy``) where ``size`` subjects more of ``booth`` have no room."""
        self._turns.check(booth, size, urgent=False)

    async def ask(self, asked: Asked, generation: Generation) -> Answered:
        """Return the answer of ``generation``. Raises CentreError: its own, or ``busy``."""
        urgent = asked.kind is Kind.QUESTION
        self._turns.check(asked.booth, asked.size, urgent=urgent)
        job = _Job(asked, generation.number, asyncio.get_running_loop().create_future())
        self._put(job)
        try:
            async with asyncio.timeout(WITHIN_S):
                return await job.answer
        except TimeoutError as error:  # it is passed over when its turn comes
            raise CentreError("busy", "the centre could not screen in time; try again later", 503) from error

    # -- inside -------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """See which lists there are, so that a question before they are loaded hears that they are loading."""
        try:
            self._lists.look()
        except Exception as error:  # noqa: BLE001 - the thread that loads looks again
            log.error("lists: they can't be seen: %s", type(error).__name__)  # noqa: TRY400 - one line

    def _put(self, job: _Job) -> None:
        self._turns.put(job.asked.booth, job.asked.size, job, urgent=job.asked.kind is Kind.QUESTION)
        self._wake.set()

    def _renew(self) -> None:
        """Take note of what is in force now."""
        in_force, memories = self._lists.state
        numbered: Mapping[str, tuple[int, Shared]] = {n: (self._numbers.of(m), m) for n, m in memories.items()}
        self._newest = Generation(self._newest.number + 1, in_force, numbered)
        self._wake.set()

    def _settle(self) -> None:
        """Let the newest generation be asked for, if all that run have it."""
        if self._live and all(self._newest.number in one.generations for one in self._live):
            self._current = self._newest
            self._ready.set()
        self._wake.set()

    async def _keep(self) -> None:
        """Keep one worker running: whenever it ends, another takes its place."""
        pause = 0.0
        while True:
            replica = self._make()
            try:
                await self._run(replica)
            except (ReplicaError, OSError) as error:
                log.error("a worker ended (%s); another takes its place", error)  # noqa: TRY400 - one line
            finally:
                pause = 0.0 if replica in self._live else min(_LONGEST_PAUSE_S, 2 * pause + 0.1)
                self._live.discard(replica)
                await replica.end()
                self._settle()
            await asyncio.sleep(pause)

    async def _run(self, replica: Replica) -> None:
        await replica.start()
        if self._current is not None:
            await replica.load(self._current, self._oldest())
        await replica.load(self._newest, self._oldest())
        self._live.add(replica)
        self._settle()
        while True:
            if self._newest.number not in replica.generations and not self._loading:
                await self._load(replica)
            elif self._turns:
                await self._do(replica, self._turns.pop())
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _load(self, replica: Replica) -> None:
        """Let a worker load the newest generation, one worker at a time: the others go on."""
        self._loading = True
        try:
            await replica.load(self._newest, self._oldest())
        finally:
            self._loading = False
            self._settle()

    def _oldest(self) -> int:
        """Return the oldest generation that somebody may still ask by."""
        used = [number for number, count in self._used.items() if count]
        return min([*used, self._current.number if self._current else self._newest.number])

    async def _do(self, replica: Replica, job: _Job) -> None:
        if job.answer.done():
            return
        try:
            answer = await replica.ask(job.asked, job.generation)
        except CentreError as error:
            _settle_with(job, error)
        except (ReplicaError, OSError):
            job.tries += 1
            if job.tries < MOST_TRIES:
                self._put(job)
            else:
                _refuse(job, "the screening failed; try again later")
            raise
        except asyncio.CancelledError:
            _refuse(job, "the centre is ending; try again later")
            raise
        else:
            if not job.answer.done():
                job.answer.set_result(answer)


def _refuse(job: _Job, words: str) -> None:
    _settle_with(job, CentreError("busy", words, 503))


def _settle_with(job: _Job, error: CentreError) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
