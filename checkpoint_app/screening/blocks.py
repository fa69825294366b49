"""Entry details in compressed blocks: only the few entries that are shown are ever unpacked.

A block is some records after each other in MessagePack, as they came, under Zstandard (RFC 8878). The blocks may stay
on disk: only the offsets are held in memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack
import numpy as np
import zstandard

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.plain import MAX_PARTS, RecordError, entry_from_plain
from checkpoint_app.screening.sections import Section, SegmentError, array_of, range_of, require, section_of

PER_BLOCK = 16
MAX_RECORD_BYTES = 4 << 20
MAX_BLOCK_BYTES = PER_BLOCK * MAX_RECORD_BYTES
BLOCKS, OFFSETS = "entry.blocks", "entry.offsets"
_MOST_FIELDS = 32
"""More than an entry or a part of one has."""


class BlockWriter:
    """Collects packed records in the order of their coming."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=3)
        self._lines: list[bytes] = []
        self._blocks = bytearray()
        self._ends: list[int] = [0]

    def add(self, packed: bytes) -> None:
        """Add the next record, a MessagePack map. Raises RecordError for one that is too large to be an entry."""
        if len(packed) > MAX_RECORD_BYTES:
            raise RecordError(f"entry: larger than {MAX_RECORD_BYTES} bytes")
        self._lines.append(packed)
        if len(self._lines) == PER_BLOCK:
            self._flush()

    def sections(self) -> list[tuple[str, bytes]]:
        """Return the sections: all blocks, and where each begins. Nothing can be added any more."""
        self._flush()
        blocks, self._blocks = self._blocks, bytearray()
        return [(BLOCKS, bytes(blocks)), (OFFSETS, np.array(self._ends, np.uint64).tobytes())]

    def _flush(self) -> None:
        if self._lines:
            self._blocks += self._compressor.compress(b"".join(self._lines))
            self._ends.append(len(self._blocks))
            self._lines.clear()


class Blocks:
    """Reads single entries out of the sections. Every method raises SegmentError for what is damaged."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._blocks = section_of(sections, BLOCKS)
        self._offsets = array_of(sections, OFFSETS, np.uint64)
        require(len(self._offsets) > 0 and int(self._offsets[0]) == 0, OFFSETS)
        require(int(self._offsets[-1]) == len(self._blocks), OFFSETS)
        require(bool((self._offsets[1:] >= self._offsets[:-1]).all()), OFFSETS)

    @property
    def most(self) -> int:
        """The number of entries that there is room for in the blocks: the last one may not be full."""
        return (len(self._offsets) - 1) * PER_BLOCK

    def entry(self, slot: int) -> Entry:
        """Return the entry that came as number ``slot``."""
        block, line = divmod(slot, PER_BLOCK)
        records = self._records(block)
        require(line < len(records), BLOCKS)
        return _entry(records[line])

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the plain records of all entries in the order of their coming."""
        for block in range(len(self._offsets) - 1):
            yield from self._records(block)

    def _records(self, block: int) -> list[dict[str, Any]]:
        start, end = int(self._offsets[block]), int(self._offsets[block + 1])
        packed = range_of(self._blocks, start, end - start)
        try:
            require(0 <= zstandard.frame_content_size(packed) <= MAX_BLOCK_BYTES, BLOCKS)
            plain = zstandard.ZstdDecompressor().decompress(packed)
            unpacker = msgpack.Unpacker(
                max_buffer_size=MAX_BLOCK_BYTES,
                max_array_len=MAX_PARTS,
                max_map_len=_MOST_FIELDS,
                ext_hook=_refuse_extension,
            )
            unpacker.feed(plain)
            records = list(itertools.islice(unpacker, PER_BLOCK + 1))  # what is unpacked takes far more memory
        except SegmentError:
            raise
        except (zstandard.ZstdError, msgpack.UnpackException, ValueError) as error:
            raise SegmentError("segment: an entry can't be unpacked: build it again") from error
        require(len(records) <= PER_BLOCK and all(isinstance(record, dict) for record in records), BLOCKS)
        return records


def _entry(record: Mapping[str, object]) -> Entry:
    try:
        return entry_from_plain(record)
    except RecordError as error:
        raise SegmentError("segment: it holds what is no entry: build it again") from error


def _refuse_extension(_code: int, _data: bytes) -> Any:
    raise ValueError("extension types are not used in records")
