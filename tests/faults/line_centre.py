"""The real centre's processes for the line's fault campaign: killed at a call of the serving or the publishing one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

from tests.booth.helpers import OTHERS
from tests.e2e.centre import RealCentre
from tests.faults.template import entry
from tests.faults.tracing import traced

CALLS = ("pwrite64", "fsync", "fcntl", "sendto", "pread64", "rename", "unlink")
_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Position:
    """A kill at the ``number``-th call of this name by one thread."""

    name: str
    number: int

    @property
    def inject(self) -> str:
        return f"{self.name}:signal=SIGKILL:when={self.number}"


class LineCentre(RealCentre):
    """A real centre whose serving process can be killed at a call; ``said`` is all that its processes ever wrote."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.said: list[str] = []
        self.version = 0
        self.newer()
        self.publish()

    def newer(self) -> int:
        """Import the next version of the list of persons, with an entry more: ``E-VERSION``; returns its number."""
        self.version += 1
        more = [replace(OTHERS[0], id=f"E-{number}") for number in range(2, self.version + 1)]
        self.persons([entry(1), *more])
        return self.version

    @property
    def dead(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill_at(self, strace: str, position: Position | None, log: Path) -> subprocess.Popen[bytes]:
        """Set a kill at a call that the serving process will make, counted from now on, or none; returns the tracer.

        Attaching leaves its start alone: a kill costs one start, the one after it.
        """
        assert self._process is not None
        words = ["nice", strace, "-f", "-qq", "-y", "-s", "0", "-o", str(log), "-e", "signal=none"]
        words += ["-e", f"trace={','.join(CALLS)}", "-p", str(self._process.pid)]
        words += ["-e", f"inject={position.inject}"] if position else []
        tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        tasks, ends = Path(f"/proc/{self._process.pid}/task"), time.monotonic() + _WITHIN_S
        while not all(map(_is_traced, tasks.glob("*/status"))):
            assert tracer.poll() is None, f"strace may not attach: {tracer.communicate()[1].decode()}"
            assert time.monotonic() < ends, "strace does not attach"
            time.sleep(0.005)
        return tracer

    @property
    def environment(self) -> dict[str, str]:
        home, passphrase = str(self.folder), str(self._passphrase)
        own = {"CHECKPOINT_CENTRAL_HOME": home, "CHECKPOINT_CENTRAL_PASSPHRASE_FILE": passphrase}
        return {**os.environ, **own}

    def publish_killed(self, strace: str, position: Position, log: Path) -> bool:
        """Run `central publish`, killed at a call; returns whether the kill struck."""
        words = ["checkpoint_app", "central", "publish"]
        done = traced(strace, log, words, position.inject, env=self.environment)
        self.said += [done.stdout.decode(), done.stderr.decode()]
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
        return done.returncode != 0

    def _end(self, how: signal.Signals) -> str:
        process, self._process = self._process, None
        if process is None:
            return ""
        process.send_signal(how)
        said = process.communicate(timeout=30)
        self.said += said
        return said[1]


def _is_traced(status: Path) -> bool:
    try:
        return "TracerPid:\t0\n" not in status.read_text()
    except OSError:  # a thread that ended meanwhile
        return True
