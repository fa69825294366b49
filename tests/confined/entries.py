"""Handlers that the tests of the confined child let run inside it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checkpoint_app.confined import RefusalError, emit


def echo() -> Callable[[bytes], bytes]:
    return lambda request: request


def broken() -> Callable[[bytes], bytes]:
    raise LookupError("SECRET-NAME")


def many() -> Callable[[bytes], bytes]:
    """A handler that does what the first word of the request says."""
    return lambda request: _ACTS[request.split(b" ")[0].decode()](request)


def _sleep(request: bytes) -> bytes:
    time.sleep(float(request.split()[1]))
    return b"slept"


def _spin(_: bytes) -> bytes:
    while True:
        pass


def _eat(_: bytes) -> bytes:
    return bytes(3 << 30)


def _die(_: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _fail(_: bytes) -> bytes:
    raise ValueError("SECRET-NAME")


def _refuse(_: bytes) -> bytes:
    raise RefusalError("not_a_picture")


def _progress(_: bytes) -> bytes:
    for step in range(3):
        emit(b"%d" % step)
    return b"done"


def _print(_: bytes) -> bytes:
    print("on standard output", flush=True)
    print("on standard error", file=sys.stderr, flush=True)
    os.write(1, b"raw")
    return b"printed"


def _huge(_: bytes) -> bytes:
    return bytes(2 << 20)


def _write(request: bytes) -> bytes:
    Path(request.split()[1].decode()).write_bytes(b"x")
    return b"written"


def _facts(_: bytes) -> bytes:
    rows = [
        f"pid={os.getpid()}",
        f"sid={os.getsid(0)}",
        f"core={resource.getrlimit(resource.RLIMIT_CORE)[1]}",
        f"memory={resource.getrlimit(resource.RLIMIT_AS)[1]}",
        f"files={resource.getrlimit(resource.RLIMIT_NOFILE)[1]}",
        f"environment={','.join(sorted(os.environ))}",
        f"descriptors={','.join(sorted(_open_pipes()))}",
        f"dumpable={ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}",
    ]
    return "\n".join(rows).encode()


def _open_pipes() -> list[str]:
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if not target.startswith(("/dev/null", "/proc/")):
            found.append(target.split(":", maxsplit=1)[0])
    return found


_ACTS: dict[str, Callable[[bytes], bytes]] = {
    "sleep": _sleep,
    "spin": _spin,
    "eat": _eat,
    "die": _die,
    "fail": _fail,
    "refuse": _refuse,
    "progress": _progress,
    "print": _print,
    "huge": _huge,
    "write": _write,
    "facts": _facts,
}
