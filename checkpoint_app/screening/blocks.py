"""Entry details in compressed blocks: only the few entries that are shown are ever unpacked."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import zstandard

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.plain import canonical, entry_from_plain, entry_to_plain

PER_BLOCK = 16
MAX_BLOCK_BYTES = 64 << 20


class BlockWriter:
    """Collects entries in the order of their coming; a block is a line of canonical JSON an entry, compressed."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=3)
        self._lines: list[bytes] = []
        self._blocks: list[bytes] = []

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        self._lines.append(canonical(entry_to_plain(entry)))
        if len(self._lines) == PER_BLOCK:
            self._flush()

    def sections(self) -> list[tuple[str, bytes]]:
        """Return the sections: all blocks, and where each begins."""
        self._flush()
        offsets = np.zeros(len(self._blocks) + 1, np.uint64)
        np.cumsum([len(block) for block in self._blocks], out=offsets[1:])
        return [("entry.blocks", b"".join(self._blocks)), ("entry.offsets", offsets.tobytes())]

    def _flush(self) -> None:
        if self._lines:
            self._blocks.append(self._compressor.compress(b"\n".join(self._lines)))
            self._lines = []


class Blocks:
    """Reads single entries out of the sections."""

    def __init__(self, sections: Mapping[str, bytes | memoryview]) -> None:
        self._blocks = memoryview(sections["entry.blocks"])
        self._offsets: npt.NDArray[np.uint64] = np.frombuffer(sections["entry.offsets"], np.uint64)

    def entry(self, slot: int) -> Entry:
        """Return the entry that came as number ``slot``."""
        block, line = divmod(slot, PER_BLOCK)
        packed = self._blocks[int(self._offsets[block]) : int(self._offsets[block + 1])]
        lines = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_BLOCK_BYTES).split(b"\n")
        return entry_from_plain(json.loads(lines[line]))
