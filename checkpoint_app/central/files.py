"""Files of the centre's folder: written whole or not at all, and locks between processes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

HALF = ".half"
Result = TypeVar("Result")


def private_folder(path: Path) -> Path:
    """Return the folder, made with its parents where it is not there, for its owner alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def create_private(path: Path) -> BinaryIO:
    """Create ``path``, or empty it, for its owner alone; open for writing and reading. Raises OSError as the next."""
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(_regular(os.open(path, flags, 0o600), path), "w+b")


def open_regular(path: Path) -> BinaryIO:
    """Open a file that somebody else laid there, for reading. Raises OSError, also for a link, and for what is no file:
    a pipe would be waited for until somebody writes to it.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(_regular(os.open(path, flags), path), "rb")


def _regular(descriptor: int, path: Path) -> int:
    """Return the descriptor of a plain file. Raises OSError, and closes it, for anything else."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no file", path.name)
    return descriptor


def fill_whole(path: Path, fill: Callable[[BinaryIO], Result]) -> Result:
    """Let ``fill`` write a new file, and put it in the place of ``path`` once it is complete and durable.

    Raises what ``fill`` raises, or OSError; the half-written file is then gone.
    """
    half = path.with_name(path.name + HALF)
    try:
        with create_private(half) as file:
            result = fill(file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return result


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` so that at every instant it holds the old bytes or the new ones. Raises OSError."""
    fill_whole(path, lambda file: file.write(data))


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work on ``folder``, which is made; others wait."""
    path = private_folder(folder) / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
