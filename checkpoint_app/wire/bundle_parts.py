"""The body of a bundle: parts one after the other, each a kind (1 byte), a length (8 bytes) and its bytes.

The last part counts the others, so that a bundle cut off anywhere is noticed; every part before the cut is as good as
ever, since each stands for itself and may be taken twice. Lengths are bounded by kind before a byte is read, and a part
is read wherever it lies without the ones before it: nothing is held in memory but one chunk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.case import MAX_INBOX_BYTES
from checkpoint_app.wire.delivery import MAX_BATCH_BYTES
from checkpoint_app.wire.header import MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import (
    CHUNK_BYTES,
    MAX_CHUNKS,
    SALT_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    ChunkOpener,
    SealError,
    SealingWriter,
    Writes,
    chunk_offset,
    read_full,
)
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES

MOST_PARTS = 1 << 20
MAX_METADATA_BYTES = 512 * 1024
MAX_LETTER_BYTES = 4 << 20
MAX_LATE_BODY_BYTES = 4 << 20
"""A body that follows its event, unpacked and packed."""
DIGEST_BYTES = 32
"""A target begins with its SHA-256, by which it is found: it has no name."""
_HEAD_BYTES = 9
_MAX_END_BYTES = 1024


class BundleCode(StrEnum):
    """Why a bundle is refused, in words that never change."""

    NOT_A_BUNDLE = "not_a_bundle"
    NEWER = "newer_bundle"
    TAMPERED = "tampered"
    OTHER_RECEIVER = "other_receiver"
    OTHER_SENDER = "other_sender"
    OTHER_KIND = "other_kind"
    DAMAGED = "damaged"
    MALFORMED = "malformed"
    UNREADABLE = "unreadable"


class BundleError(Exception):
    """A bundle, or the rest of it, cannot be used; the message says why and holds nothing personal."""

    def __init__(self, code: BundleCode, text: str) -> None:
        super().__init__(f"bundle: {text}")
        self.code = code


class PartKind(IntEnum):
    """What a part is; the number stands in the file."""

    PLACE = 1
    BATCH = 2
    BODY = 3
    ENROLMENT = 16
    ACKNOWLEDGEMENT = 17
    GRANTS = 18
    INBOX = 19
    METADATA = 20
    TARGET = 21
    LETTER = 22
    END = 255


MOST_BYTES: Mapping[PartKind, int] = {
    PartKind.PLACE: 1024,
    PartKind.BATCH: MAX_BATCH_BYTES,
    PartKind.BODY: MAX_LATE_BODY_BYTES,
    PartKind.ENROLMENT: 64 * 1024,
    PartKind.ACKNOWLEDGEMENT: 2 * MAX_STATEMENT_BYTES,
    PartKind.GRANTS: 4 << 20,
    PartKind.INBOX: 2 * MAX_INBOX_BYTES,
    PartKind.METADATA: MAX_METADATA_BYTES,
    PartKind.TARGET: DIGEST_BYTES + MAX_PAYLOAD_BYTES + 2 * MAX_HEADER_BYTES,
    PartKind.LETTER: MAX_LETTER_BYTES,
    PartKind.END: _MAX_END_BYTES,
}


class ReadsAt(Protocol):
    """A binary source that is read at any place."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102
    def seek(self, offset: int, whence: int = 0, /) -> int: ...  # noqa: D102
    def tell(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its ``size`` in bytes, and the place in the body where its bytes begin."""

    kind: PartKind
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class _End:
    """How many parts of each kind (its number, as text) came before, and their bytes altogether."""

    parts: Mapping[str, int]
    bytes: int


class PartWriter:
    """Writes parts of the ``allowed`` kinds into a sealed body. Raises ValueError for a part that nobody would read."""

    def __init__(self, stream: Writes, key: bytes, context: bytes, allowed: Collection[PartKind]) -> None:
        self._sealing = SealingWriter(key, stream, context)
        self._allowed = allowed
        self._counts: Counter[str] = Counter()
        self.bytes = 0
        """Bytes of parts written so far."""

    def add(self, kind: PartKind, data: bytes) -> None:
        """Write one part."""
        self.add_stream(kind, len(data), (data,))

    def add_stream(self, kind: PartKind, size: int, pieces: Iterable[bytes]) -> None:
        """Write one part of ``size`` bytes as they come."""
        if kind not in self._allowed or size > MOST_BYTES[kind] or sum(self._counts.values()) >= MOST_PARTS:
            raise ValueError(f"bundle: no {kind.name} of {size} bytes goes into this one")
        self._sealing.write(bytes([kind]) + size.to_bytes(8, "big"))
        left = size
        for piece in pieces:
            left -= self._sealing.write(piece)
            if left < 0:
                break
        if left:
            raise ValueError(f"bundle: a {kind.name} is not of the {size} bytes that were said")
        self._counts[str(int(kind))] += 1
        self.bytes += size

    def close(self) -> None:
        """Write the count of the parts, which ends the bundle."""
        data = canonical_bytes(to_plain(_End(dict(self._counts), self.bytes)))
        self._sealing.write(bytes([PartKind.END]) + len(data).to_bytes(8, "big") + data)
        self._sealing.close()


class PartReader:
    """The parts of a body that begins where ``stream`` stands. Every method raises BundleError.

    ``unreadable`` is said of a source that fails, such as a stick that was pulled; ``damaged`` of one that is cut or
    was changed, from there on.
    """

    def __init__(self, stream: ReadsAt, key: bytes, context: bytes, allowed: Collection[PartKind]) -> None:
        self._stream = stream
        self._allowed = allowed
        with reading():
            self._start = stream.tell()
            end = stream.seek(0, 2)
            stream.seek(self._start)
            salt = read_full(stream, SALT_BYTES)
        if len(salt) < SALT_BYTES:
            raise _damaged()
        self._opener = ChunkOpener(key, context, salt)
        sealed = end - self._start - SALT_BYTES
        self._chunks = -(-sealed // SEALED_CHUNK_BYTES)
        if self._chunks > MAX_CHUNKS:
            raise BundleError(BundleCode.MALFORMED, "it is larger than any")
        self._plain = max(0, sealed - self._chunks * TAG_BYTES)
        self._kept: tuple[int, bytes] | None = None

    def parts(self) -> Iterator[Part]:
        """Yield the parts in order, however the ones before them were used; the end is proven when the last has come.

        A part that is cut off comes too: what there is of it can be read.
        """
        counts: Counter[str] = Counter()
        at = total = 0
        while True:
            part = self._part_at(at)
            at = part.offset + part.size
            if part.kind is PartKind.END:
                self._check_end(part, _End(dict(counts), total))
                return
            counts[str(int(part.kind))] += 1
            total += part.size
            if counts.total() > MOST_PARTS:
                raise BundleError(BundleCode.MALFORMED, "it has more parts than any")
            yield part

    def read(self, part: Part, most: int | None = None) -> bytes:
        """Return the bytes of a part, or the first ``most`` of them."""
        size = part.size if most is None else min(most, part.size)
        return b"".join(self._pieces(part.offset, size))

    def chunks(self, part: Part, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes of a part from ``start`` on, at most 64 KiB at a time."""
        return self._pieces(part.offset + start, max(0, part.size - start))

    def _part_at(self, at: int) -> Part:
        head = b"".join(self._pieces(at, _HEAD_BYTES))
        try:
            kind = PartKind(head[0])
        except ValueError as error:
            raise BundleError(BundleCode.MALFORMED, "a part is of a kind that is unknown here") from error
        size = int.from_bytes(head[1:], "big")
        if kind is not PartKind.END and kind not in self._allowed:
            raise BundleError(BundleCode.MALFORMED, "a part is of a kind that does not belong here")
        if size > MOST_BYTES[kind] or (kind is PartKind.TARGET and size < DIGEST_BYTES):
            raise BundleError(BundleCode.MALFORMED, "a part is of a size that none has")
        return Part(kind, size, at + _HEAD_BYTES)

    def _check_end(self, part: Part, counted: _End) -> None:
        data = self.read(part)
        if part.offset + part.size != self._plain:
            raise BundleError(BundleCode.MALFORMED, "something follows its end")
        self._chunk(self._chunks - 1)
        try:
            end = from_plain(_End, read_canonical(data, _MAX_END_BYTES))
        except (CanonicalError, PlainError) as error:
            raise BundleError(BundleCode.MALFORMED, "its end is none") from error
        if end != counted:
            raise BundleError(BundleCode.MALFORMED, "its end counts other parts than it has")

    def _pieces(self, at: int, size: int) -> Iterator[bytes]:
        """Yield ``size`` bytes of the body from ``at`` on."""
        while size:
            index, begin = divmod(at, CHUNK_BYTES)
            piece = self._chunk(index)[begin : begin + size]
            if not piece:
                raise _damaged()
            yield piece
            at += len(piece)
            size -= len(piece)

    def _chunk(self, index: int) -> bytes:
        """Return chunk ``index`` of the body; the one read last is kept."""
        if self._kept is not None and self._kept[0] == index:
            return self._kept[1]
        if index >= self._chunks:
            raise _damaged()
        with reading():
            self._stream.seek(self._start + chunk_offset(index))
            sealed = read_full(self._stream, SEALED_CHUNK_BYTES)
        try:
            data = self._opener.open(index, sealed, last=index == self._chunks - 1)
        except SealError as error:
            raise _damaged() from error
        self._kept = index, data
        return data


@contextmanager
def reading() -> Iterator[None]:
    """Turn what the source's disk says into a BundleError."""
    try:
        yield
    except OSError as error:
        raise BundleError(BundleCode.UNREADABLE, "it cannot be read any more; put the stick in again") from error


def _damaged() -> BundleError:
    return BundleError(BundleCode.DAMAGED, "it is cut off or was changed; what came before was taken; copy it anew")
