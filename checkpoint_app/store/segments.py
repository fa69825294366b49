"""Segment files: named arrays at rest, sealed section by section, whole and synced before their name exists.

    magic              8 bytes
    sections           each a sealed stream of `wire.sealing` under the segment's key, bound to its name
    index              a sealed piece: section name → [offset, plain size], and a 1 where it lies in clear
    length of index    8 bytes, big-endian
    magic              8 bytes

Any range of a section can be read by itself. The index is authentic, so a file of another key, a cut or an altered file
is noticed before a byte of it is used. A section in clear begins at a whole page, is read where it lies, and has to be
proven by whoever reads it: it is for what tells nothing without a key.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from checkpoint_app.store.errors import SegmentError, StoreMisuseError
from checkpoint_app.store.files import create_private, disk_errors, sync_folder
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.sealing import (
    CHUNK_BYTES,
    SALT_BYTES,
    SEALED_CHUNK_BYTES,
    ChunkOpener,
    SealError,
    SealingWriter,
    chunk_offset,
    open_sealed,
    seal,
    sealed_bytes,
)

MAGIC = b"CKPSEG\x001"
MAX_INDEX_BYTES = 1 << 20
_PAGE_BYTES = 4096
_CLEAR = 1
_LENGTH_BYTES = 8
_INDEX_CONTEXT = b"checkpoint segment index 1"
_SECTION_CONTEXT = b"checkpoint segment section 1 "


class SegmentWriter:
    """Writes one segment file. Only ``finish`` gives it its name; leaving the block without it leaves nothing."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Begin the file. Raises DiskFullError, ReadOnlyError, DiskFailedError, as do all methods."""
        self._path = path
        self._half = path.with_name(path.name + ".half")
        self._key = key
        self._index: dict[str, list[int]] = {}
        self._finished = False
        with disk_errors("segment"):
            self._file = create_private(self._half)
            self._file.write(MAGIC)

    def add(self, name: str, data: bytes | Iterable[bytes]) -> None:
        """Write one section, whole or piece by piece. A name is ASCII and used once."""
        if name in self._index or not name.isascii():
            raise StoreMisuseError(f"segment: the section name {name!r} is used already or is not ASCII")
        with disk_errors("segment"):
            offset, size = self._file.tell(), 0
            sealing = SealingWriter(self._key, self._file, _section_context(name))
            for piece in _pieces(data):
                size += sealing.write(piece)
            sealing.close()
        self._index[name] = [offset, size]

    def add_clear(self, name: str, data: bytes | Iterable[bytes]) -> None:
        """Write one section as it is, for what is keyed already and has to be read a page at a time."""
        if name in self._index or not name.isascii():
            raise StoreMisuseError(f"segment: the section name {name!r} is used already or is not ASCII")
        with disk_errors("segment"):
            self._file.write(bytes(-self._file.tell() % _PAGE_BYTES))
            offset, size = self._file.tell(), 0
        for piece in (data,) if isinstance(data, bytes) else data:
            with disk_errors("segment"):
                size += self._file.write(piece)
        self._index[name] = [offset, size, _CLEAR]

    def finish(self) -> None:
        """Complete the file, make it durable, and give it its name."""
        index = seal(self._key, canonical_bytes(self._index), _INDEX_CONTEXT)
        if len(index) > MAX_INDEX_BYTES:
            raise StoreMisuseError("segment: too many sections")
        with disk_errors("segment"):
            self._file.write(index + len(index).to_bytes(_LENGTH_BYTES, "big") + MAGIC)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._half.replace(self._path)
            self._finished = True
            sync_folder(self._path.parent)

    def abandon(self) -> None:
        """Remove what was written so far; nothing to do after ``finish``."""
        if self._finished:
            return
        with disk_errors("segment"):
            try:
                self._file.close()
            finally:
                self._half.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()


class ClearSection:
    """A section in clear, where it lies. It stays readable when the segment is closed, and when its file is removed."""

    def __init__(self, file: int, offset: int, size: int) -> None:
        self._file = os.dup(file)
        self._offset = offset
        self._size = size
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        """Return its size in bytes."""
        return self._size

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``. Raises SegmentError for a file cut short meanwhile."""
        if not 0 <= start <= start + size <= self._size:
            raise StoreMisuseError(f"segment: bytes {start} to {start + size} are not in the section")
        return _pread(self._file, self._offset + start, size)


class SealedSection:
    """A sealed section that stays where it lies; of what is asked for, only the chunks that hold it are opened.

    As with one in clear, the segment may be closed and its file removed meanwhile. Any thread may read.
    """

    def __init__(self, file: int, offset: int, size: int, key: bytes, context: bytes) -> None:
        self._file = os.dup(file)
        weakref.finalize(self, os.close, self._file)
        self._offset = offset
        self._size = size
        self._last = max(1, -(-size // CHUNK_BYTES)) - 1
        self._opener = ChunkOpener(key, context, _pread(self._file, offset, SALT_BYTES))

    def __len__(self) -> int:
        """Return its size in bytes."""
        return self._size

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``. Raises SegmentError for what is damaged or cut short."""
        if not 0 <= start <= start + size <= self._size:
            raise StoreMisuseError(f"segment: bytes {start} to {start + size} are not in the section")
        first, end = start // CHUNK_BYTES, -(-(start + size) // CHUNK_BYTES)
        plain = b"".join(self._chunk(index) for index in range(first, end))
        return plain[start - first * CHUNK_BYTES :][:size]

    def _chunk(self, index: int) -> bytes:
        place = chunk_offset(index)
        size = min(SEALED_CHUNK_BYTES, sealed_bytes(self._size) - place)
        try:
            return self._opener.open(index, _pread(self._file, self._offset + place, size), index == self._last)
        except SealError as error:
            raise SegmentError("segment: a section is damaged; the list must be brought again") from error


class SegmentReader:
    """Reads one segment file. Every method raises SegmentError for what is damaged, and DiskFailedError."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._key = key
        with disk_errors("segment"):
            try:
                self._file = path.open("rb", buffering=0)
            except FileNotFoundError as error:
                raise SegmentError("segment: the file is missing; the list must be brought again") from error
        try:
            self._index = self._read_index()
        except BaseException:
            self._file.close()
            raise

    def sections(self) -> dict[str, int]:
        """Return the size in bytes of each section, in the order written."""
        ordered = sorted(self._index.items(), key=lambda item: item[1][0])
        return {name: size for name, (_, size, *_clear) in ordered}

    def section(self, name: str, *, at_rest: bool = False) -> memoryview | ClearSection | SealedSection:
        """Return a section: one in clear where it lies; a sealed one in memory, unless it is left ``at_rest``."""
        offset, size = self._place(name)
        if not self._in_clear(name):
            if not at_rest:
                return self.read(name)
            return SealedSection(self._file.fileno(), offset, size, self._key, _section_context(name))
        with disk_errors("segment"):
            end = os.fstat(self._file.fileno()).st_size
            if not 0 <= offset <= offset + size <= end:
                raise SegmentError("segment: the file is cut short; the list must be brought again")
            return ClearSection(self._file.fileno(), offset, size)

    def read(self, name: str) -> memoryview:
        """Return a whole section, read-only, in memory of its own."""
        size = self._place(name)[1]
        whole, place = bytearray(size), 0  # filled in place: joining chunks would touch the memory twice
        for chunk in self._chunks(name, 0, size):
            whole[place : place + len(chunk)] = chunk
            place += len(chunk)
        return memoryview(whole).toreadonly()

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start`` of a section, reading only the chunks that hold them."""
        total = self._place(name)[1]
        if not 0 <= start <= start + size <= total:
            raise StoreMisuseError(f"segment: bytes {start} to {start + size} are not in section {name}")
        if size == 0:
            return b""
        skip = start % CHUNK_BYTES
        return b"".join(self._chunks(name, start, start + size))[skip : skip + size]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _place(self, name: str) -> tuple[int, int]:
        if name not in self._index:
            raise StoreMisuseError(f"segment: it has no section {name}")
        offset, size, *_ = self._index[name]
        return offset, size

    def _in_clear(self, name: str) -> bool:
        return self._index[name][2:] == [_CLEAR]

    def _chunks(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the chunks that hold the bytes from ``start`` to ``end`` of a section, at least one."""
        offset, total = self._place(name)
        if self._in_clear(name):
            raise StoreMisuseError(f"segment: the section {name} lies in clear")
        first, last = start // CHUNK_BYTES, max(1, -(-total // CHUNK_BYTES)) - 1
        try:
            opener = ChunkOpener(self._key, _section_context(name), self._exactly(offset, SALT_BYTES))
            for index in range(first, max(first + 1, -(-end // CHUNK_BYTES))):
                place = chunk_offset(index)
                sealed = self._exactly(offset + place, min(SEALED_CHUNK_BYTES, sealed_bytes(total) - place))
                yield opener.open(index, sealed, index == last)
        except SealError as error:
            raise SegmentError(f"segment: section {name} is damaged; the list must be brought again") from error

    def _exactly(self, offset: int, size: int) -> bytes:
        with disk_errors("segment"):
            self._file.seek(offset)
            data = self._file.read(size)
        if len(data) != size:
            raise SegmentError("segment: the file is cut short; the list must be brought again")
        return data

    def _read_index(self) -> dict[str, list[int]]:
        with disk_errors("segment"):
            end = self._file.seek(0, os.SEEK_END)
        tail = _LENGTH_BYTES + len(MAGIC)
        if end < len(MAGIC) + tail:
            raise SegmentError("segment: the file is cut short; the list must be brought again")
        trailer = self._exactly(end - tail, tail)
        length = int.from_bytes(trailer[:_LENGTH_BYTES], "big")
        if trailer[_LENGTH_BYTES:] != MAGIC or not 0 < length <= min(MAX_INDEX_BYTES, end - tail - len(MAGIC)):
            raise SegmentError("segment: this is no whole segment file; the list must be brought again")
        sealed = self._exactly(end - tail - length, length)
        try:
            index = read_canonical(open_sealed(self._key, sealed, _INDEX_CONTEXT), MAX_INDEX_BYTES)
        except (SealError, CanonicalError) as error:
            raise SegmentError("segment: it is damaged or of another key; the list must be brought again") from error
        if not isinstance(index, dict) or not all(_lies_within(place, end - tail - length) for place in index.values()):
            raise SegmentError("segment: its index leads out of the file; the list must be brought again")
        return index


def _pieces(data: bytes | Iterable[bytes]) -> Iterable[bytes]:
    """Cut large pieces, so that sealing never moves more than a chunk's worth of pending bytes."""
    for piece in (data,) if isinstance(data, bytes | bytearray | memoryview) else data:
        view = memoryview(piece).cast("B")
        for start in range(0, len(view), CHUNK_BYTES):
            yield bytes(view[start : start + CHUNK_BYTES])


def _lies_within(place: object, end: int) -> bool:
    """Tell whether a section's place is one, and before ``end``: what wrote the file had unpacked a stranger's list."""
    if not isinstance(place, list) or not all(type(number) is int and number >= 0 for number in place):
        return False
    match place:
        case [offset, size]:
            return bool(offset + sealed_bytes(size) <= end)
        case [offset, size, clear]:
            return bool(clear == _CLEAR and offset + size <= end)
    return False


def _pread(file: int, offset: int, size: int) -> bytes:
    with disk_errors("segment"):
        data = os.pread(file, size, offset)
    if len(data) != size:
        raise SegmentError("segment: the file is cut short; the list must be brought again")
    return data


def _section_context(name: str) -> bytes:
    return _SECTION_CONTEXT + name.encode()
