"""A line of 64 kbit/s between this machine and a network namespace of its own, that can be cut. Needs root.

What happens in the namespace reaches the rest over one pair of interfaces alone, slowed by `tc tbf` both ways.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.report import SkippedError

HERE, THERE = "10.77.0.1", "10.77.0.2"
RATE = "64kbit"
_SHAPE = ("tbf", "rate", RATE, "burst", "3000", "latency", "800ms")


class SlowLine:
    """The namespace ``name`` and the pair of interfaces that leads to it; all is removed at the end of the block."""

    def __init__(self) -> None:
        if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("tc") is None:
            raise SkippedError("a slow line needs root, and ip and tc of iproute2")
        self.name = f"ckp{os.getpid()}"
        self._here, self._there = f"ckh{os.getpid()}", f"ckt{os.getpid()}"

    def __enter__(self) -> Self:
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self._here, "type", "veth", "peer", "name", self._there, "netns", self.name)
        _run("ip", "addr", "add", f"{HERE}/24", "dev", self._here)
        _run("ip", "link", "set", self._here, "up")
        self._inside("ip", "addr", "add", f"{THERE}/24", "dev", self._there)
        self._inside("ip", "link", "set", self._there, "up")
        self._inside("ip", "link", "set", "lo", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(("ip", "link", "del", self._here), check=False, capture_output=True)
        subprocess.run(("ip", "netns", "del", self.name), check=False, capture_output=True)

    def slow_down(self) -> None:
        """From now on no more than 64 kbit/s pass, each way."""
        _run("tc", "qdisc", "add", "dev", self._here, "root", *_SHAPE)
        self._inside("tc", "qdisc", "add", "dev", self._there, "root", *_SHAPE)

    def cut(self, seconds: float) -> None:
        """Take the line down for a while."""
        _run("ip", "link", "set", self._here, "down")
        time.sleep(seconds)
        _run("ip", "link", "set", self._here, "up")

    def bytes(self) -> tuple[int, int]:
        """Return the bytes that went into the namespace, and out of it, with all headers."""
        folder = Path("/sys/class/net") / self._here / "statistics"
        return int((folder / "tx_bytes").read_text()), int((folder / "rx_bytes").read_text())

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs ``arguments`` in the namespace."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def _inside(self, *arguments: str) -> None:
        _run(*self.command(*arguments))


def _run(*arguments: str) -> None:
    subprocess.run(arguments, check=True, capture_output=True)
