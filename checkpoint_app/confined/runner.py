"""`Confined`: a handler in a child process with limits, called like a function and started again when it dies."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from checkpoint_app.confined.errors import (
    ConfinedClosedError,
    ConfinedDiedError,
    ConfinedError,
    ConfinedRefusedError,
    is_code,
)
from checkpoint_app.confined.frames import Kind
from checkpoint_app.confined.limits import Limits
from checkpoint_app.confined.process import ChildProcess

Progress = Callable[[bytes], None]


@dataclass(slots=True)
class _Job:
    """A request on its way; ``payload`` None only starts the child, with ``renew`` another in its place."""

    payload: bytes | None
    timeout_s: float = 0.0
    on_progress: Progress | None = None
    answer: Future[bytes] = field(default_factory=Future)
    renew: bool = False


class Confined:
    """One child process that answers requests, one at a time, in the order in which they came.

    ``entry`` is ``package.module:factory``; the factory is called once, in the child, and returns the handler
    ``bytes -> bytes``. All methods may be called from any thread. One thread of its own starts the child and speaks
    with it, since the kernel ends the child with the thread that started it.
    """

    def __init__(self, entry: str, limits: Limits | None = None) -> None:
        self._entry = entry
        self._limits = limits or Limits()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._child: ChildProcess | None = None
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running child, or None."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    def start(self) -> None:
        """Start the child in the background and return at once. A failure shows at the next call."""
        self._post(_Job(None))

    def renew(self) -> None:
        """End the child, if it is not to be trusted any more, and start another in the background."""
        self._post(_Job(None, renew=True))

    def call(self, payload: bytes, timeout_s: float, on_progress: Progress | None = None) -> bytes:
        """Return the handler's answer to ``payload``.

        ``timeout_s`` is wall time for this request alone: waiting for requests of other callers, and starting the
        child (bounded by ``Limits.start_s``), are not in it. ``on_progress`` gets what the handler emits, on the
        thread that speaks with the child.

        Raises ConfinedTimeoutError, ConfinedDiedError, ConfinedRefusedError or ConfinedClosedError.
        """
        if len(payload) > self._limits.request_bytes:
            raise ConfinedRefusedError("request_too_large")
        job = _Job(payload, timeout_s, on_progress)
        self._post(job)
        return job.answer.result()

    def close(self) -> None:
        """End the child; calls under way or waiting raise ConfinedClosedError."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()
            thread = self._thread
            self._jobs.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                raise ConfinedClosedError("the confined child was closed; make a new one")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="confined", daemon=True)
                self._thread.start()
            self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.answer.set_result(self._run(job))
            except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
                self._drop_child(keep=isinstance(error, ConfinedRefusedError))
                job.answer.set_exception(self._as_closed(error))
        self._drop_child()

    def _run(self, job: _Job) -> bytes:
        if job.renew:
            self._drop_child()
        child = self._ready_child()
        if job.payload is None:
            return b""
        deadline = time.monotonic() + job.timeout_s
        child.send(job.payload, deadline)
        while True:
            kind, body = child.receive(deadline)
            if kind is Kind.RESULT:
                return body
            if kind is Kind.PROGRESS:
                if job.on_progress is not None:
                    job.on_progress(body)
            else:
                raise _failure(kind, body)

    def _ready_child(self) -> ChildProcess:
        if self._child is not None and self._child.alive:
            return self._child
        self._drop_child()
        with self._lock:
            if self._closed:
                raise ConfinedClosedError("the confined child was closed; make a new one")
            self._child = child = ChildProcess(self._entry, self._limits)
        kind, body = child.receive(time.monotonic() + self._limits.start_s)
        if kind is not Kind.READY:
            raise _failure(kind, body)
        return child

    def _drop_child(self, keep: bool = False) -> None:
        with self._lock:
            child = self._child
            if child is None or keep:
                return
            self._child = None
        child.dispose()

    def _as_closed(self, error: BaseException) -> BaseException:
        if self._closed and isinstance(error, ConfinedDiedError):
            return ConfinedClosedError("the confined child was closed during the call")
        return error


def _failure(kind: Kind, body: bytes) -> ConfinedError:
    text = body[:200].decode("ascii", "replace")
    if kind is Kind.REFUSED and is_code(text):
        return ConfinedRefusedError(text)
    if kind is Kind.FAILED:
        return ConfinedDiedError(f"the confined child failed: {text}")
    return ConfinedDiedError("the confined child answered out of form")
