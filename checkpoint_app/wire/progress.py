"""How far a list is that is being built: what the child that builds it tells now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical

_STEPS, _LEAST_STEP = 200, 500
_MAX_PROGRESS_BYTES = 64


def telling(
    records: Iterable[Mapping[str, Any]], total: int, tell: Callable[[bytes], None]
) -> Iterator[Mapping[str, Any]]:
    """Yield the records, and ``tell`` now and then, and at the end, how many of ``total`` are done."""
    step = max(_LEAST_STEP, total // _STEPS)
    done = 0
    for done, record in enumerate(records, start=1):
        yield record
        if done % step == 0:
            tell(canonical_bytes([done, total]))
    tell(canonical_bytes([done, total]))


def read_progress(message: bytes) -> tuple[int, int] | None:
    """Return how many records are done, and of how many; None for what is no such message."""
    try:
        match read_canonical(message, _MAX_PROGRESS_BYTES):
            case [int(done), int(total)] if 0 <= done <= total:
                return done, total
    except CanonicalError:
        pass
    return None
