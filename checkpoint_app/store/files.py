"""Files of the data folder: written whole or not at all, and the lock that lets one process in."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from checkpoint_app.store.errors import DiskFailedError, DiskFullError, ReadOnlyError, StoreBusyError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_OWNER_ONLY = 0o600
Result = TypeVar("Result")


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn an OSError of the block into the room's own error; ``what`` names the file's part, never a person."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(f"{what}: the disk is full; free some space") from error
        if error.errno in _READ_ONLY:
            raise ReadOnlyError(f"{what}: the data folder cannot be written; check its permissions") from error
        raise DiskFailedError(f"{what}: the disk failed ({os.strerror(error.errno or 0)})") from error


def create_private(path: Path) -> BinaryIO:
    """Create ``path``, or empty it, readable by its owner alone; open for writing.

    Raises OSError, also for a link, and for what is no file: a stick may have a pipe or a device under that name.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(_regular(os.open(path, flags, _OWNER_ONLY), path), "wb")


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


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` so that at every instant it holds the old bytes or the new ones; durable when this returns.

    Raises DiskFullError, ReadOnlyError, DiskFailedError; the half-written file is then gone.
    """
    with disk_errors(path.name):
        fill_whole(path, lambda file: file.write(data))


def fill_whole(path: Path, fill: Callable[[BinaryIO], Result]) -> Result:
    """Let ``fill`` write a new file, and put it in the place of ``path`` once it is complete and durable.

    Its owner alone may read it. Raises what ``fill`` raises, or OSError; the half-written file is then gone.
    """
    half = path.with_name(path.name + ".half")
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


class FolderLock:
    """An exclusive lock on the data folder, held until ``release`` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises StoreBusyError when another process has it, ReadOnlyError, DiskFailedError."""
        self._path = folder / "lock"
        with disk_errors("lock"):
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._holder()
            os.close(self._descriptor)
            raise StoreBusyError("the data folder is open in another window; use that one", holder) from error
        self._tell_holder()

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._descriptor)

    def _holder(self) -> int | None:
        text = os.pread(self._descriptor, 20, 0)
        return int(text) if text.isdigit() else None

    def _tell_holder(self) -> None:
        # Who holds it is a courtesy for raising the first window; on a full disk the lock alone must do.
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        except OSError as error:
            if error.errno not in _FULL:
                os.close(self._descriptor)
                raise DiskFailedError("lock: the disk failed") from error
