"""Unpacks a reply as it arrives (Zstandard, RFC 8878): no more in memory than a piece, no more in all than asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, cast

import zstandard

from checkpoint_app.sync.errors import LineCode, LineError

_PIECE_BYTES = 64 * 1024
_MAX_WINDOW_BYTES = 8 << 20  # RFC 8878 §3.1.1.1.2


class _Source:
    """What has arrived, as `zstandard` reads it."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int = -1) -> bytes:
        """Return the next chunk, empty at the end."""
        return next(self._chunks, b"")


def unpacked(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Yield what was packed into ``chunks``. Raises LineError: malformed, and too_large after ``most`` bytes."""
    size, source = 0, cast("IO[bytes]", _Source(chunks))
    try:
        with zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(source) as reader:
            while piece := reader.read(_PIECE_BYTES):
                size += len(piece)
                if size > most:
                    raise LineError(LineCode.TOO_LARGE)
                yield piece
    except (zstandard.ZstdError, MemoryError) as error:
        raise LineError(LineCode.MALFORMED, "it is not compressed as it says") from error
