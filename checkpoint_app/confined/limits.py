"""The limits of a confined child, and the child's act of putting them on itself before it loads anything else."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
from dataclasses import asdict, dataclass

from checkpoint_app.confined.hardening import harden

MIB = 1 << 20
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use.

    ``memory_bytes`` bounds its address space, not only what is resident (onnxruntime and OpenCV reserve three times
    what they use). ``cpu_s`` is CPU time a call; ``start_s`` wall time until the handler is loaded; ``file_bytes``
    the largest file it may write: none. ``request_bytes`` and ``answer_bytes`` bound one frame each way.
    """

    memory_bytes: int = 1536 * MIB
    cpu_s: int = 30
    start_s: float = 30.0
    open_files: int = 64
    file_bytes: int = 0
    request_bytes: int = 64 * MIB
    answer_bytes: int = 64 * MIB

    def __post_init__(self) -> None:
        positive = (self.memory_bytes, self.cpu_s, self.start_s, self.open_files, self.request_bytes, self.answer_bytes)
        if min(positive) <= 0 or self.file_bytes < 0:
            raise ValueError("the limits of a confined child must be greater than zero")

    def to_text(self) -> str:
        """Return the limits as the text that travels on the child's command line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Limits:
        """Read what ``to_text`` wrote."""
        return cls(**json.loads(text))


def confine(limits: Limits, parent: int) -> None:
    """Put ``limits`` on the running process: no core, no tracing, no files written, and an end when ``parent`` ends."""
    harden()
    for what, most in (
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_AS, limits.memory_bytes),
    ):
        resource.setrlimit(what, (most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:  # Linux; elsewhere the end of the request pipe is what ends the child
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the signal was set
            os._exit(0)


def grant_cpu(limits: Limits) -> None:
    """Grant the CPU time of one more call. The kernel counts over the child's whole life, so the mark moves on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    mark = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (mark, resource.RLIM_INFINITY))
