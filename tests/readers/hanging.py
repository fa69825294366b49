"""A child that hangs on some pictures, as a decoder may, and answers to all others that there is no zone."""

from __future__ import annotations

import time
from collections.abc import Callable

from checkpoint_app.readers.recogniser.message import Answer, Request


def factory() -> Callable[[bytes], bytes]:
    return _answer


def _answer(request: bytes) -> bytes:
    image = Request.unpack(request).images[0]
    if image == b"sleep":
        time.sleep(600)
    while image == b"spin":
        pass
    return Answer((), False, (), (), (), (), b"", (0, 0)).pack()
