"""Bodies of requests on a thin line, compressed (Zstandard, RFC 8878), and unpacked within bounds.

The centre says in its replies which encoding it takes (RFC 7694); whoever does not hear that sends plain.
"""

from __future__ import annotations

import io

import zstandard

ENCODING = "zstd"
"""The one content coding that there is (RFC 8878 §7.2)."""
MIN_BYTES = 1024
"""What is smaller is not worth the work."""
_LEVEL = 12
_MAX_WINDOW_BYTES = 8 << 20  # RFC 8878 §3.1.1.1.2: what a decoder should bear; more would be memory for nothing


class PackingError(Exception):
    """What came is not what was packed."""


class TooLargeError(PackingError):
    """Unpacked it is larger than is read."""


def pack(data: bytes) -> bytes:
    """Return ``data`` compressed."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(data)


def unpack(packed: bytes, most: int) -> bytes:
    """Return what was packed, never unpacking more than ``most`` bytes and one. Raises PackingError, TooLargeError."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    try:
        with decompressor.stream_reader(io.BytesIO(packed), read_across_frames=True) as reader:
            data = _read(reader, most + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise PackingError("it is not compressed as it says") from error
    if len(data) > most:
        raise TooLargeError(f"unpacked it has more than {most} bytes")
    return data


def _read(reader: zstandard.ZstdDecompressionReader, most: int) -> bytes:
    """Return at most ``most`` bytes: one read may return less than there is."""
    data = bytearray()
    while len(data) < most and (piece := reader.read(most - len(data))):
        data += piece
    return bytes(data)
