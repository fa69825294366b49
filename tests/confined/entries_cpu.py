"""A handler that uses CPU time, in a module of its own so that little else is counted."""

from __future__ import annotations

import time
from collections.abc import Callable


def half_a_second() -> Callable[[bytes], bytes]:
    return _work


def _work(_: bytes) -> bytes:
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass
    return b"done"
