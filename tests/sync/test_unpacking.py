"""Compressed metadata: what it was, or refused; a bomb fills neither memory nor disk."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.unpacking import unpacked
from checkpoint_app.wire import packing
from tests.sync.repository_server import TufRepository, booth_of, serving
from tests.sync.test_fetch_attacks import PACKAGE, refused

BOMB = zstandard.ZstdCompressor(level=3).compress(bytes(64 << 20))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[place : place + size] for place in range(0, len(data), size))


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_it_is_what_it_was(data: bytes, size: int) -> None:
    assert b"".join(unpacked(pieces(packing.pack(data), size), len(data))) == data


def test_no_more_comes_than_was_asked_for() -> None:
    with pytest.raises(LineError) as caught:
        list(unpacked(pieces(packing.pack(b"x" * 1001), 64), 1000))
    assert caught.value.code is LineCode.TOO_LARGE


def test_a_bomb_takes_no_memory() -> None:
    assert len(BOMB) < 1 << 17
    tracemalloc.start()
    try:
        with pytest.raises(LineError) as caught:
            list(unpacked(iter([BOMB]), 512 * 1024))
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert caught.value.code is LineCode.TOO_LARGE


@given(st.binary(min_size=1, max_size=200))
def test_whatever_comes_is_unpacked_or_refused(data: bytes) -> None:
    try:
        found = b"".join(unpacked(iter([data]), 1000))
    except LineError:
        return
    assert len(found) <= 1000


def test_an_error_of_the_line_is_the_lines() -> None:
    def cut() -> Iterator[bytes]:
        yield packing.pack(b"x" * 100)[:20]
        raise LineError(LineCode.CUT_OFF)

    with pytest.raises(LineError) as caught:
        list(unpacked(cut(), 1000))
    assert caught.value.code is LineCode.CUT_OFF


@pytest.mark.parametrize(
    ("packed", "code"),
    [(BOMB, "too_large"), (b"no zstd at all", "malformed"), (packing.pack(b"{}"), "malformed")],
)
def test_metadata_packed_to_harm_is_refused(packed: bytes, code: str) -> None:
    repository = TufRepository()
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        server.attacks.packed = packed
        if code == "malformed" and not packed.startswith(b"("):
            with pytest.raises(LineError) as caught:
                booth.fetch()
            assert caught.value.code is LineCode.MALFORMED
        else:
            assert booth.fetch() == refused(code)
        assert booth.brought() == {}
        server.attacks.packed = b""
        assert len(booth.fetch().brought) == 1
