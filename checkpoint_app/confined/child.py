"""The confined child: ``python -m checkpoint_app.confined.child MODULE:FACTORY LIMITS PARENT``.

Requests come on standard input, answers go out on standard output; both are moved away before anything is loaded, so
that a library which prints can't break the framing. It ends when its input ends, and after any failure that is not a
refusal, since nothing is known about its state then. A failure travels as type and place, never as text.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from checkpoint_app.confined import progress
from checkpoint_app.confined.errors import RefusalError
from checkpoint_app.confined.frames import HEADER, Kind, pack_header, unpack_header
from checkpoint_app.confined.limits import Limits, confine, grant_cpu

Handler = Callable[[bytes], bytes]


def main(arguments: list[str]) -> int:
    """Confine this process, load the handler, answer requests until the input ends. Returns the exit code."""
    entry, limits_text, parent = arguments
    requests, answers = _take_pipes()
    limits = Limits.from_text(limits_text)
    confine(limits, int(parent))
    grant_cpu(limits)
    progress.connect(lambda message: _send(answers, Kind.PROGRESS, message))
    try:
        handler = load(entry)
        _send(answers, Kind.READY, b"")
        while (request := _receive(requests, limits.request_bytes)) is not None:
            grant_cpu(limits)
            _answer(handler, request, answers)
    except Exception as error:  # noqa: BLE001  the boundary of this process: it ends here
        _send(answers, Kind.FAILED, describe(error).encode())
        return 70
    return 0


def load(entry: str) -> Handler:
    """Import MODULE:FACTORY and call the factory once; what it returns answers the requests."""
    module, _, factory = entry.partition(":")
    handler: Handler = getattr(importlib.import_module(module), factory)()
    return handler


def describe(error: BaseException) -> str:
    """Return type and place of ``error``. Its text is left out: it may quote what was being read."""
    place: TracebackType | None = error.__traceback__
    where = ""
    while place is not None:
        where = f" at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
        place = place.tb_next
    return f"{type(error).__name__}{where}"


def _answer(handler: Handler, request: bytes, answers: BinaryIO) -> None:
    try:
        answer = handler(request)
    except RefusalError as refusal:
        _send(answers, Kind.REFUSED, refusal.code.encode())
    else:
        _send(answers, Kind.RESULT, answer)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _receive(requests: BinaryIO, most: int) -> bytes | None:
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    _, length = unpack_header(header, most)
    body = requests.read(length)
    return body if len(body) == length else None


def _send(answers: BinaryIO, kind: Kind, body: bytes) -> None:
    answers.write(pack_header(kind, len(body)))
    answers.write(body)
    answers.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
