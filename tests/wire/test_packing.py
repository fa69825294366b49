"""Packed bodies come back as they were, and never larger than is read, whatever they claim."""

from __future__ import annotations

import contextlib
import random
import tracemalloc

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.packing import PackingError, TooLargeError, pack, unpack

MOST = 4 << 20


@given(st.binary(max_size=5000))
def test_what_is_packed_comes_back(data: bytes) -> None:
    assert unpack(pack(data), len(data)) == data
    if data:
        with pytest.raises(TooLargeError):
            unpack(pack(data), len(data) - 1)


@given(st.binary(max_size=300))
def test_what_was_not_packed_is_refused_or_is_small(data: bytes) -> None:
    with contextlib.suppress(PackingError):
        assert len(unpack(data, 1000)) <= 1000


def test_a_bomb_is_unpacked_no_further_than_what_is_read() -> None:
    for bomb in (
        pack(bytes(1 << 30)),
        zstandard.ZstdCompressor(level=1).compress(bytes(64 << 20)) * 20,
        zstandard.ZstdCompressor(write_content_size=False).compress(bytes(256 << 20)),
    ):
        assert len(bomb) < MOST
        tracemalloc.start()
        with pytest.raises(TooLargeError):
            unpack(bomb, MOST)
        assert tracemalloc.get_traced_memory()[1] < 8 * MOST
        tracemalloc.stop()


def test_a_window_larger_than_any_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, write_content_size=False)
    data = random.Random(1).randbytes(1000)
    compressor = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    packed = compressor.compress(data) + compressor.flush()
    with pytest.raises(PackingError):
        unpack(packed, MOST)


def test_what_follows_is_refused() -> None:
    packed = pack(b"MUSTER" * 1000)
    with pytest.raises(PackingError):
        unpack(packed + b"more than that", MOST)
    assert unpack(packed[:-9], MOST) != b"MUSTER" * 1000  # what is cut is no canonical JSON either
