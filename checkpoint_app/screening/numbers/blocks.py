"""How a list of document numbers travels: records of a package, the first its head, the others blocks of hashes.

A block holds the differences of its sorted hashes, eight planes of one byte each, for compression: the upper planes are
zeros, so a number takes five bytes where a hundred million are listed. Then its tags, little-endian.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from checkpoint_app.screening.numbers.form import (
    CATEGORIES,
    CATEGORY_BITS,
    CATEGORY_MASK,
    HASH_BYTES,
    KEY_BYTES,
    MOST_NUMBERS,
    NOTHING,
    Chunk,
    Head,
    check_issuers,
    joined,
)
from checkpoint_app.screening.numbers.ranges import MOST_RANGES, ListedRange, range_from_plain
from checkpoint_app.screening.plain import RecordError

BLOCK = 65_536
"""Most numbers of a block: 640 KiB."""
_TAG_BYTES = 2


def is_head(record: Mapping[str, Any]) -> bool:
    """Tell whether a record begins a list in blocks, and is not a number in clear."""
    return "issuers" in record and "key" in record


def to_records(head: Head, chunks: Iterable[Chunk]) -> Iterator[dict[str, Any]]:
    """Yield the records of a list: its head, then its blocks."""
    yield {
        "key": head.key,
        "issuers": list(head.issuers),
        "count": head.count,
        "ranges": ranges_to_plain(head.ranges),
    }
    yield from map(block_of, regrouped(chunks))


def read_head(record: Mapping[str, Any]) -> Head:
    """Return the head that a record holds. Raises RecordError."""
    key, count = record.get("key"), record.get("count")
    if not isinstance(key, bytes) or len(key) != KEY_BYTES:
        raise RecordError(f"key: expected {KEY_BYTES} bytes; the list is of an older making: import it again")
    if type(count) is not int or not 0 <= count <= MOST_NUMBERS:
        raise RecordError(f"count: expected a number up to {MOST_NUMBERS}")
    return Head(key, check_issuers(record.get("issuers")), count, ranges_from_plain(record.get("ranges")))


def from_records(records: Iterable[Mapping[str, Any]]) -> tuple[Head, Iterator[Chunk]]:
    """Return the head and the chunks of a list; only their end proves that all are there. Raises RecordError."""
    every = iter(records)
    first = next(every, None)
    if first is None:
        raise RecordError("list of document numbers without its head")
    head = read_head(first)
    return head, checked(map(read_block, every), head)


def block_of(chunk: Chunk) -> dict[str, Any]:
    """Return the record of up to ``BLOCK`` numbers."""
    differences = np.diff(chunk.hashes, prepend=np.uint64(0)).astype("<u8")
    planes = np.ascontiguousarray(differences.view(np.uint8).reshape(-1, HASH_BYTES).T)
    return {"hash": planes.tobytes(), "tag": chunk.tags.astype("<u2").tobytes()}


def read_block(record: Mapping[str, Any]) -> Chunk:
    """Return the numbers of a block. Raises RecordError."""
    planes, tags = record.get("hash"), record.get("tag")
    if not isinstance(planes, bytes) or not isinstance(tags, bytes):
        raise RecordError("block: expected the bytes of hashes and tags")
    count = len(planes) // HASH_BYTES
    if not 0 < count <= BLOCK or len(planes) != count * HASH_BYTES or len(tags) != count * _TAG_BYTES:
        raise RecordError(f"block: expected 1 to {BLOCK} hashes and as many tags")
    differences = np.ascontiguousarray(np.frombuffer(planes, np.uint8).reshape(HASH_BYTES, count).T)
    hashes = np.cumsum(differences.view("<u8").ravel(), dtype=np.uint64)
    return Chunk(hashes, np.frombuffer(tags, "<u2").astype(np.uint16))


def regrouped(chunks: Iterable[Chunk], size: int = BLOCK) -> Iterator[Chunk]:
    """Yield the same numbers, ``size`` at a time; the last may be fewer."""
    rest: list[Chunk] = []
    held = 0
    for chunk in chunks:
        rest.append(chunk)
        held += len(chunk)
        if held < size:
            continue
        whole = joined(rest)
        last = held - held % size
        yield from (whole.part(first, first + size) for first in range(0, last, size))
        rest, held = [whole.part(last, held)], held - last
    if held:
        yield joined(rest)


def checked(chunks: Iterable[Chunk], head: Head) -> Iterator[Chunk]:
    """Pass chunks on that are sorted, within the tables of ``head``, and as many as it says. Raises RecordError."""
    before, count = NOTHING, 0
    for chunk in chunks:
        with_last = joined((before, chunk))
        if not _sorted(with_last):
            raise RecordError("block: its hashes are not sorted, or one is there twice")
        issuers, categories = chunk.tags >> CATEGORY_BITS, chunk.tags & CATEGORY_MASK
        if int(issuers.max()) >= len(head.issuers) or int(categories.max()) >= len(CATEGORIES):
            raise RecordError("block: a tag names no issuer or no category")
        count += len(chunk)
        before = chunk.part(len(chunk) - 1, len(chunk))
        yield chunk
    if count != head.count:
        raise RecordError(f"list of document numbers: {count} are in it, its head says {head.count}")


def ranges_to_plain(ranges: Iterable[ListedRange]) -> list[dict[str, object]]:
    """Return ranges as plain values."""
    return [one.to_plain() for one in ranges]


def ranges_from_plain(plain: object) -> tuple[ListedRange, ...]:
    """Return ranges that came from outside. Raises RecordError."""
    if not isinstance(plain, list) or len(plain) > MOST_RANGES or not all(isinstance(one, Mapping) for one in plain):
        raise RecordError(f"ranges: expected at most {MOST_RANGES}")
    return tuple(map(range_from_plain, plain))


def _sorted(chunk: Chunk) -> bool:
    hashes, tags = chunk.hashes, chunk.tags
    rising = hashes[1:] > hashes[:-1]
    return bool((rising | ((hashes[1:] == hashes[:-1]) & (tags[1:] > tags[:-1]))).all())
