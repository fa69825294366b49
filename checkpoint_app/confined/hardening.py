"""What every process of the product does first: no core dump, so that memory with people in it never reaches the disk.

`RLIMIT_CORE` alone does not hold where the kernel pipes cores to a program (core(5)); not being dumpable does.
"""

from __future__ import annotations

import ctypes
import resource

_PR_SET_DUMPABLE = 4


def harden() -> None:
    """Forbid core dumps, and tracing by other processes of the same user, for this process and those it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is not None:  # Linux; elsewhere the limit alone must do
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
