"""One bounded run of another program: no shell, no input, a small environment, and an end in any case.

What it writes is bounded and read under one deadline, into memory alone (invariant 8). It gets a session of its own, so
that whatever it starts ends with it, and the kernel ends it where this process is killed.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import IO

_MOST_ERROR_BYTES = 16 << 10
_MOST_ADDRESS_SPACE = 2 << 30
_CHUNK = 1 << 16
_GRACE_S = 2.0
"""A scanner that is told to stop (SIGTERM) takes its head home; one that was only killed may hang until unplugged."""

_PASSED_ON = ("SANE_CONFIG_DIR",)


class RunTooLongError(Exception):
    """The run did not end before its deadline, and was ended."""


class RunTooMuchError(Exception):
    """The run wrote more than it may, and was ended."""


class InterruptedRunError(Exception):
    """The run was no longer wanted, and was ended."""


class Bell:
    """Wakes a thread that waits, or that waits for a child. ``ring`` may be called from any thread."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Return what a poll waits for."""
        return self._descriptor

    def ring(self) -> None:
        """Wake whoever waits, now or with the next wait."""
        os.eventfd_write(self._descriptor, 1)

    def hush(self) -> bool:
        """Take note of the rings so far; tell whether there were any."""
        with contextlib.suppress(BlockingIOError):
            return os.eventfd_read(self._descriptor) > 0
        return False

    def wait(self, seconds: float) -> None:
        """Wait for a ring, at most ``seconds``."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)
        self.hush()

    def close(self) -> None:
        """Give the descriptor back; nobody may ring any more."""
        os.close(self._descriptor)


def _end_with_us() -> list[str]:
    """Return the words before a command that let the kernel end it with this process, even if that is killed."""
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin")
    return [setpriv, "--pdeathsig", "KILL", "--no-new-privs", "--"] if setpriv else []


class Run:
    """A running child; ``end`` must be called, once. It wrote ``output``, and at the end of its messages ``errors``."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start ``command``. Raises OSError.

        It must be started from a thread that outlives it: the kernel ends it with the thread that started it.
        """
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            [*_end_with_us(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **passed_on},
            start_new_session=True,
        )
        try:
            self._pidfd = os.pidfd_open(self._process.pid)
        except OSError:
            self._signal(signal.SIGKILL)
            self._process.wait()
            raise
        self.output, self.errors = bytearray(), bytearray()
        # A core would hold the picture; a size of 1 forbids it even where the kernel pipes cores (core(5)).
        self._limit(resource.RLIMIT_CORE, 1)
        self._limit(resource.RLIMIT_AS, _MOST_ADDRESS_SPACE)

    def _limit(self, what: int, most: int) -> None:
        """Lower the child's limit on ``what`` to ``most``; one that is lower already stays."""
        with contextlib.suppress(ProcessLookupError):
            hard = resource.prlimit(self._process.pid, what)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(self._process.pid, what, (most, most))

    def follow(
        self,
        most_bytes: int,
        deadline: float,
        bell: Bell,
        unwanted: Callable[[], bool],
        is_complaint: Callable[[bytearray], bool] = lambda _errors: False,
    ) -> None:
        """Take in what the child writes until it ends; once its errors hold a complaint, it has little time left.

        Raises RunTooLongError, RunTooMuchError, and InterruptedRunError where the bell rings and it is ``unwanted``.
        """
        poll = select.poll()
        pipes = self._open_pipes()
        for descriptor in (*pipes, self._pidfd, bell.fileno()):
            poll.register(descriptor, select.POLLIN)
        ended = complained = False
        while not ended:
            left = deadline - time.monotonic()
            if left <= 0:
                raise RunTooLongError
            ready = {descriptor for descriptor, _event in poll.poll(left * 1000)}
            ended = self._pidfd in ready
            if bell.fileno() in ready and bell.hush() and unwanted():
                raise InterruptedRunError
            for descriptor in ready & pipes.keys():
                if not self._take(pipes[descriptor], most_bytes):
                    poll.unregister(descriptor)
                    del pipes[descriptor]
            if not complained and is_complaint(self.errors):
                complained, deadline = True, min(deadline, time.monotonic() + _GRACE_S)
        for pipe in pipes.values():  # what it wrote before its end; others may hold the pipe open
            while time.monotonic() < deadline and self._take(pipe, most_bytes):
                pass

    def _open_pipes(self) -> dict[int, IO[bytes]]:
        """Return what the child writes to, by descriptor; reading never waits."""
        pipes = {pipe.fileno(): pipe for pipe in (self._process.stdout, self._process.stderr) if pipe is not None}
        for descriptor in pipes:
            os.set_blocking(descriptor, False)
        return pipes

    def _take(self, pipe: IO[bytes], most_bytes: int) -> bool:
        """Take what has come through ``pipe``; tell whether there was something. Raises RunTooMuchError."""
        try:
            part = os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return False
        if pipe is self._process.stderr:
            self.errors += part
            del self.errors[:-_MOST_ERROR_BYTES]
        else:
            self.output += part
            if len(self.output) > most_bytes:
                raise RunTooMuchError
        return bool(part)

    def end(self) -> int:
        """End the child with everything it started, and return its exit code (negative: the signal)."""
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        if not self._has_ended(0):
            self._signal(signal.SIGTERM)
            self._has_ended(_GRACE_S)
        self._signal(signal.SIGKILL)  # before it is waited for: its number, and so its group's, is nobody else's yet
        os.close(self._pidfd)
        try:
            return self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:  # stuck in the kernel, as in a driver; it is buried with a later run
            return -signal.SIGKILL

    def _has_ended(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
