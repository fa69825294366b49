"""How a command asks the window that is open: a small file in the data folder, which the desk takes and answers.

The store belongs to the window as long as it runs; what a command wants to know or have done goes through it. Who can
write into the data folder is the booth's own user. Neither file holds anything personal, and both are gone afterwards.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from checkpoint_app.store import StoreBusyError
from checkpoint_app.store.files import FolderLock, write_whole
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

REQUEST_FILE, REPLY_FILE = "window.request", "window.reply"
MAX_REQUEST_BYTES, MAX_REPLY_BYTES = 1024, 1 << 20
WITHIN_S = 15.0
_LOOK_EVERY_S = 0.05


class Wants(StrEnum):
    """What a command wants of the window."""

    DRILL = "drill"
    LAST_DRILL = "last_drill"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``minutes`` is how long a drill takes."""

    id: str
    wants: Wants
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the window says to request ``id``: ``refused`` is a word why not, or empty; ``told`` are canonical bytes."""

    id: str
    refused: str
    told: str


class SilentWindowError(Exception):
    """The data folder is in use, and whoever has it does not answer."""


class RefusedRequestError(Exception):
    """The window refused; ``why`` is its word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


# -- the desk's side ---------------------------------------------------------------------------------------------------


def take(folder: Path) -> Request | None:
    """Take the request that lies in ``folder``, None where there is none; what is no request is taken away too."""
    data = _read(folder / REQUEST_FILE, MAX_REQUEST_BYTES)
    if data is None:
        return None
    forget(folder)
    try:
        return from_plain(Request, read_canonical(data, MAX_REQUEST_BYTES))
    except (CanonicalError, PlainError):
        return None


def forget(folder: Path) -> None:
    """Remove a request that nobody took; one that was left by an earlier run is not for this one."""
    with contextlib.suppress(OSError):
        (folder / REQUEST_FILE).unlink(missing_ok=True)


def answer(folder: Path, request: Request, told: Mapping[str, Any] | None, refused: str = "") -> None:
    """Answer a request. Raises the disk's StoreErrors."""
    reply = Reply(request.id, refused, canonical_bytes(dict(told or {})).decode())
    write_whole(folder / REPLY_FILE, canonical_bytes(to_plain(reply)))


# -- the command's side ------------------------------------------------------------------------------------------------


def is_in_use(folder: Path) -> bool:
    """Tell whether a window, or another command, has the store in ``folder`` open. Raises the disk's StoreErrors."""
    try:
        FolderLock(folder).release()
    except StoreBusyError:
        return True
    return False


def ask(
    folder: Path,
    wants: Wants,
    minutes: int = 0,
    *,
    within_s: float = WITHIN_S,
    wait: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Ask the window that has ``folder`` open, and return what it tells.

    Raises RefusedRequestError, SilentWindowError when nobody answers in time, and the disk's StoreErrors.
    """
    request = Request(str(uuid.uuid4()), wants, minutes)
    write_whole(folder / REQUEST_FILE, canonical_bytes(to_plain(request)))
    ends = monotonic() + within_s
    try:
        while monotonic() < ends:
            reply = _reply(folder, request.id)
            if reply is None:
                wait(_LOOK_EVERY_S)
            elif reply.refused:
                raise RefusedRequestError(reply.refused)
            else:
                return dict(read_canonical(reply.told.encode(), MAX_REPLY_BYTES))
    except CanonicalError as error:
        raise SilentWindowError("the window's answer can't be read") from error
    finally:
        forget(folder)
        with contextlib.suppress(OSError):
            (folder / REPLY_FILE).unlink(missing_ok=True)
    raise SilentWindowError("nobody answered")


def _reply(folder: Path, request_id: str) -> Reply | None:
    data = _read(folder / REPLY_FILE, MAX_REPLY_BYTES)
    if data is None:
        return None
    try:
        reply = from_plain(Reply, read_canonical(data, MAX_REPLY_BYTES))
    except (CanonicalError, PlainError):
        return None
    return reply if reply.id == request_id else None


def _read(path: Path, most: int) -> bytes | None:
    """Return at most ``most`` + 1 bytes of a regular file; None where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with contextlib.closing(os.fdopen(descriptor, "rb")) as file, contextlib.suppress(OSError):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return file.read(most + 1)
    return None
