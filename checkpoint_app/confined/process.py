"""One child process seen from its parent: started without a shell, spoken to under deadlines, killed for good."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

from checkpoint_app.confined.errors import ConfinedDiedError, ConfinedSpentError, ConfinedTimeoutError
from checkpoint_app.confined.frames import HEADER, FrameError, Kind, pack_header, unpack_header
from checkpoint_app.confined.limits import Limits

_CHUNK = 1 << 20
# Few malloc arenas, so that the bound on address space is spent on data; no thread pools of numeric libraries.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


class ChildProcess:
    """A running child. Not thread-safe, except for ``kill``, which may come from anywhere."""

    def __init__(self, entry: str, limits: Limits) -> None:
        """Start the child for ``entry``; it is loaded once a READY frame has come.

        It must be started from a thread that outlives it: the kernel ends it with the thread that started it.
        Of the environment it gets nothing but the module path, and of the open files nothing but its two pipes.
        """
        self._limits = limits
        path = os.pathsep.join(part for part in sys.path if part)
        command = [sys.executable, "-P", "-s", "-B", "-m", "checkpoint_app.confined.child"]
        self._process = subprocess.Popen(
            [*command, entry, limits.to_text(), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={**_ENVIRONMENT, "PYTHONPATH": path},
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both pipes were asked for")
        self._in, self._out = self._process.stdin, self._process.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, body: bytes, deadline: float) -> None:
        """Send a CALL frame before ``deadline`` (monotonic seconds)."""
        for part in (pack_header(Kind.CALL, len(body)), body):
            rest = memoryview(part)
            while rest:
                self._wait(self._in.fileno(), select.POLLOUT, deadline)
                try:
                    rest = rest[os.write(self._in.fileno(), rest[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    raise self._death() from None

    def receive(self, deadline: float) -> tuple[Kind, bytes]:
        """Return the next frame, come before ``deadline`` (monotonic seconds)."""
        header = self._read(HEADER.size, deadline)
        try:
            kind, length = unpack_header(header, self._limits.answer_bytes)
        except FrameError as error:
            raise ConfinedDiedError(f"the confined child answered out of form: {error}") from None
        return kind, self._read(length, deadline)

    def kill(self) -> None:
        """End the child and everything it started, at once."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def dispose(self) -> None:
        """Kill the child, wait for its end, give its pipes back."""
        self.kill()
        self._process.wait()
        self._in.close()
        self._out.close()

    def _read(self, length: int, deadline: float) -> bytes:
        body = bytearray()
        while len(body) < length:
            self._wait(self._out.fileno(), select.POLLIN, deadline)
            try:
                part = os.read(self._out.fileno(), min(_CHUNK, length - len(body)))
            except BlockingIOError:
                continue
            if not part:
                raise self._death()
            body += part
        return bytes(body)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise ConfinedTimeoutError("the confined child did not answer in time and was ended")

    def _death(self) -> ConfinedDiedError:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return ConfinedDiedError("the confined child closed its pipes")
        if code >= 0:
            return ConfinedDiedError(f"the confined child ended with exit code {code}")
        kind = ConfinedSpentError if -code == signal.SIGXCPU else ConfinedDiedError
        return kind(f"the confined child was ended by {signal.Signals(-code).name}")
