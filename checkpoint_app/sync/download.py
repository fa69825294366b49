"""Line one package in pieces: what has come stays, whatever happens to the line, the power or the process.

The package (sealed by its publisher) grows in ``NAME.HASH.part``, so that no other version ever continues it. Beside
it ``NAME.HASH.marks`` holds the SHA-256 of its beginning after every block: a download goes on after the blocks that
still fit their marks. What comes when the line is cut gets a mark too, so that a cut costs nothing of what had come; a
kill costs less than one block, and a power failure what it tore.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from tuf.api.exceptions import LengthOrHashMismatchError

from checkpoint_app.store.errors import DiskFullError, StoreError
from checkpoint_app.store.files import disk_errors, sync_folder
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.offers import Package

BLOCK_BYTES = 32 * 1024
SPARE_BYTES = 64 << 20
"""What a download leaves free on the disk: the journal needs it more than a new list does."""
_PART, _MARKS = ".part", ".marks"
_MARK_BYTES = hashlib.sha256().digest_size
_OWNER_ONLY = 0o600
_NOTHING_AFTER = 416  # Range Not Satisfiable (RFC 9110 §15.5.17)
Came = Callable[[int], None]


def _unheard(_length: int) -> None:
    """Nobody watches."""


class Partial:
    """One package on its way. Every method raises FetchError."""

    def __init__(self, package: Package, folder: Path) -> None:
        """Begin, or go on, in ``folder``."""
        self._package = package
        self._piece = f"list {package.name}"
        self.path = folder / f"{_stem(package)}{_PART}"
        self._marks = self.path.with_suffix(_MARKS)

    @property
    def here(self) -> int:
        """How many bytes seem to be here; what fits its marks is known once it goes on."""
        try:
            marked = self._marks.stat().st_size // _MARK_BYTES * BLOCK_BYTES
            return min(self.path.stat().st_size, marked, self._package.length)
        except OSError:  # nothing of it can be read: it comes anew
            return 0

    def bring(self, line: Line, path: str, going_on: Callable[[], bool], came: Came = _unheard) -> bool:
        """Fetch what is missing from ``path`` while ``going_on()``, and return whether the package is whole and right.

        ``came`` hears how many bytes of it are here. Raises LineError too: then, as when it is not whole, the next call
        goes on.
        """
        try:
            with disk_faults(self._piece):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with disk_faults(self._piece), self._open(self.path) as file, self._open(self._marks) as marks:
                growing = _Growing(file, marks, self._package.length)
                came(growing.length)
                if not self._fetch(line, path, growing, going_on, came):
                    return False
                self._make_durable(file)
                self._package.target.verify_length_and_hashes(file)
        except LengthOrHashMismatchError as error:
            self._drop()
            raise FetchError(Fault.TAMPERED, self._piece) from error
        except FetchError as error:
            if error.fault is Fault.TOO_LARGE or isinstance(error.__cause__, DiskFullError):
                self._drop()
            raise
        return True

    def place(self, path: Path) -> None:
        """Put the whole package at ``path``, at once and durably."""
        with disk_faults(self._piece):
            self.path.replace(path)
            sync_folder(path.parent)
            self._marks.unlink(missing_ok=True)

    def _fetch(self, line: Line, path: str, growing: _Growing, going_on: Callable[[], bool], came: Came) -> bool:
        if not growing.missing:
            return True
        self._find_room(growing.missing)
        began = growing.length
        try:
            for data in line.get_bytes(path, growing.missing, growing.length):
                growing.take(data)
                came(growing.length)
                if growing.missing and not going_on():
                    growing.pause()
                    return False
        except LineError as error:
            fault = _fault_of(error)
            if fault is None:
                growing.pause()
                raise
            if fault is Fault.CUT_SHORT:
                self._drop()
            raise FetchError(fault, self._piece) from error
        if growing.missing:
            if growing.length == began:  # what is here does not lead on
                self._drop()
            else:
                growing.pause()
            raise FetchError(Fault.CUT_SHORT, self._piece)
        return True

    def _make_durable(self, file: BinaryIO) -> None:
        """Let it outlive a power cut. What failed to be written once is not believed again, though it may read well."""
        try:
            os.fsync(file.fileno())
        except OSError:
            self._drop()
            raise

    def _find_room(self, missing: int) -> None:
        if shutil.disk_usage(self.path.parent).free < missing + SPARE_BYTES:
            raise FetchError(Fault.DISK, self._piece)

    def _drop(self) -> None:
        with contextlib.suppress(OSError):  # a disk that also fails here is told by the error under way
            self.path.unlink(missing_ok=True)
            self._marks.unlink(missing_ok=True)

    def _open(self, path: Path) -> BinaryIO:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(path, flags, _OWNER_ONLY), "r+b")


class _Growing:
    """A file of at most ``total`` bytes that grows by blocks, each with its mark. Raises OSError."""

    def __init__(self, file: BinaryIO, marks: BinaryIO, total: int) -> None:
        self._file, self._marks, self._total = file, marks, total
        self._digest = hashlib.sha256()
        self.length = 0
        while self.missing and self._next_block_fits():
            pass
        file.seek(self.length)
        file.truncate()
        marks.seek(self.length // BLOCK_BYTES * _MARK_BYTES)  # a block that is not full gets its mark anew

    @property
    def missing(self) -> int:
        """How many bytes are still to come."""
        return self._total - self.length

    def take(self, data: bytes) -> None:
        """Add what came. Raises FetchError too_large, and then adds nothing."""
        if len(data) > self.missing:
            raise FetchError(Fault.TOO_LARGE, "package")
        while data:
            room = BLOCK_BYTES - self.length % BLOCK_BYTES
            self._file.write(data[:room])
            self._digest.update(data[:room])
            self.length += len(data[:room])
            data = data[room:]
            if self.length % BLOCK_BYTES == 0 or not self.missing:
                self._file.flush()
                self._marks.write(self._digest.digest())
                self._marks.flush()

    def pause(self) -> None:
        """Mark what came after the last block."""
        if self.length % BLOCK_BYTES:
            self._file.flush()
            self._marks.write(self._digest.digest())
            self._marks.flush()

    def _next_block_fits(self) -> bool:
        try:
            block, mark = self._file.read(min(BLOCK_BYTES, self.missing)), self._marks.read(_MARK_BYTES)
        except OSError:  # a block that cannot be read comes anew, and is written elsewhere on the disk
            return False
        digest = self._digest.copy()
        digest.update(block)
        if mark != digest.digest() or not block:
            return False
        self._digest = digest
        self.length += len(block)
        return True


def sweep(folder: Path, wanted: Iterable[Package], unknown: Collection[str]) -> None:
    """Remove from ``folder`` all that is not of a ``wanted`` package, or of a list of which nothing is known now.

    So it never holds more than what is offered now. Raises FetchError.
    """
    stems, names = {_stem(package) for package in wanted}, {quote(name, safe="") for name in unknown}
    with disk_faults("partial"):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.stem not in stems and path.stem.rpartition(".")[0] not in names:
                path.unlink(missing_ok=True)


def _stem(package: Package) -> str:
    return f"{quote(package.name, safe='')}.{package.sha256}"


@contextmanager
def disk_faults(piece: str) -> Iterator[None]:
    """Turn the disk's errors within the block into FetchError ``disk``."""
    try:
        with disk_errors(piece):
            yield
    except StoreError as error:
        raise FetchError(Fault.DISK, piece) from error


def _fault_of(error: LineError) -> Fault | None:
    """Return what an error on the line says of the package itself, None where it says something of the line."""
    if error.code is LineCode.NOT_FOUND:
        return Fault.MISSING
    if error.code is LineCode.TOO_LARGE:
        return Fault.TOO_LARGE
    return Fault.CUT_SHORT if error.status == _NOTHING_AFTER else None
