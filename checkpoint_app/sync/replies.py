"""What a reply says: a value of `wire`, or a refusal in words."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from checkpoint_app.sync.errors import LineCode, LineError, code_of_problem
from checkpoint_app.sync.transport import Received
from checkpoint_app.wire.api import JSON, MAX_PROBLEM_BYTES, PROBLEM, Problem
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain

OK, PARTIAL, NOT_MODIFIED = 200, 206, 304
GOOD = frozenset({OK, PARTIAL, NOT_MODIFIED})
T = TypeVar("T")


def read_reply(cls: type[T], received: Received, most: int) -> T:
    """Return the ``cls`` that the body, of at most ``most`` bytes, is the canonical JSON of. Raises LineError."""
    if received.media_type != JSON:
        raise LineError(LineCode.MALFORMED, "it is no JSON", received.status)
    return _read(cls, received, most)


def read_refusal(received: Received) -> tuple[LineError, datetime | None]:
    """Return the error that a reply other than a good one tells, and the centre's time where it is a Problem's.

    Raises LineError where even that cannot be read.
    """
    status = received.status
    if received.media_type != PROBLEM:
        return LineError(code_of_problem("", status), f"HTTP {status}", status), None
    problem = _read(Problem, received, MAX_PROBLEM_BYTES)
    return LineError(code_of_problem(problem.code, status), problem.detail, status), problem.at


def _read(cls: type[T], received: Received, most: int) -> T:
    try:
        return from_plain(cls, read_canonical(received.body(most), most))
    except (CanonicalError, PlainError) as error:
        raise LineError(LineCode.MALFORMED, f"it is no {cls.__name__}", received.status) from error
