"""The one way off the UI thread.

A job has work, and what to do with its result or its failure. Work on the database runs in order on the one thread that
owns it; other work (reading a picture, building a list) runs beside. Results come back through ``post``, which the
window gives: it runs a function on the UI thread. A worker never touches the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
Post = Callable[[Callable[[], None]], None]
Failed = Callable[[Exception], None]


class Jobs:
    """Runs jobs and brings their results back. ``close`` waits for what has begun and drops what has not."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self._closed = False
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")
        self._building = ThreadPoolExecutor(max_workers=1, thread_name_prefix="building")
        self._printing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printing")
        self._ruling = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ruling")

    def on_database(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed) -> None:
        """Run ``work`` on the database's thread."""
        self._run(self._database, work, done, failed)

    def wait_for_database(self, work: Callable[[], Result]) -> Result:
        """Run ``work`` on the database's thread and wait for it: for a thread of its own, never for the screen's.

        Raises what ``work`` raises, and RuntimeError once the jobs are closed.
        """
        return self._database.submit(work).result()

    def reading(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed) -> None:
        """Run ``work`` beside: reading a document, which an officer waits for."""
        self._run(self._reading, work, done, failed)

    def building(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed) -> None:
        """Run ``work`` beside: long work that nobody waits for."""
        self._run(self._building, work, done, failed)

    def printing(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed) -> None:
        """Run ``work`` beside: putting paper out, which must wait for no list, and no document for it."""
        self._run(self._printing, work, done, failed)

    def ruling(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed) -> None:
        """Run ``work`` beside: loading rules, seconds that must wait for no list of gigabytes."""
        self._run(self._ruling, work, done, failed)

    def close(self) -> None:
        """Stop taking jobs, wait for those that run. A job that one of these still asks for is dropped."""
        self._closed = True
        for pool in (self._reading, self._building, self._printing, self._ruling, self._database):
            pool.shutdown(wait=True, cancel_futures=pool is not self._database)

    def _run(
        self, pool: ThreadPoolExecutor, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed
    ) -> None:
        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: every failure goes to its handler
                caught = error
                self.post(lambda: failed(caught))
            else:
                self.post(lambda: done(result))

        if not self._closed:
            pool.submit(run)
