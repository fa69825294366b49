"""A child that has been taken over: it answers what it likes."""

from __future__ import annotations

from collections.abc import Callable

import msgpack

from checkpoint_app.readers.recogniser.message import Answer, Request

_WRONG = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408127F1204159ZE184226B<<<<<10")


def factory() -> Callable[[bytes], bytes]:
    return lambda request: _ANSWERS[Request.unpack(request).images[0]]


_ANSWERS = {
    b"garbage": b"\xc1\xff",
    b"lines": msgpack.packb([["P<" * 10_000], True, [], [], [], [], b"", [0, 0], [], 1, 1, [], b""]),
    b"numbers": msgpack.packb([list(_WRONG), True, [[1e300] * 44], [], [], [], b"", [0, 0], [], 1, 1, [], b""]),
    b"sure": Answer(_WRONG, True, (), (), (), (), b"", (0, 0)).pack(),
}
