import io

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.sealing import (
    CHUNK_BYTES,
    MAX_CHUNKS,
    SALT_BYTES,
    SEALED_CHUNK_BYTES,
    ChunkOpener,
    ChunkSealer,
    SealError,
    SealingWriter,
    chunk_offset,
    new_key,
    open_sealed,
    open_stream,
    seal,
    seal_stream,
    sealed_bytes,
    unwrap_key,
    wrap_key,
)

KEY = bytes(range(32))
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5)


class Dribble:
    """A source that gives fewer bytes than asked, as a socket may."""

    def __init__(self, data, most):
        self._stream = io.BytesIO(data)
        self._most = most

    def read(self, size):
        return self._stream.read(min(size, self._most))


def pattern(size):
    return (b"0123456789abcdef!" * (size // 17 + 1))[:size]


def sealed_stream(plaintext, key=KEY, context=b"list"):
    out = io.BytesIO()
    seal_stream(key, io.BytesIO(plaintext), out, context)
    return out.getvalue()


def opened_stream(data, key=KEY, context=b"list"):
    return b"".join(open_stream(key, io.BytesIO(data), context))


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_small_pieces(plaintext, aad):
    sealed = seal(KEY, plaintext, aad)
    assert open_sealed(KEY, sealed, aad) == plaintext
    assert seal(KEY, plaintext, aad) != sealed
    assert len(plaintext) < 4 or plaintext not in sealed


def test_small_pieces_changed_cut_or_misused_do_not_open():
    sealed = seal(KEY, b"secret", b"for")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealError):
            open_sealed(KEY, bytes(changed), b"for")
        with pytest.raises(SealError):
            open_sealed(KEY, sealed[:place], b"for")
    with pytest.raises(SealError):
        open_sealed(new_key(), sealed, b"for")
    with pytest.raises(SealError):
        open_sealed(KEY, sealed, b"other")
    with pytest.raises(SealError, match="32 bytes"):
        seal(b"short", b"", b"")


@pytest.mark.parametrize("size", SIZES)
def test_streams_of_all_sizes(size):
    plaintext = pattern(size)
    sealed = sealed_stream(plaintext)
    assert len(sealed) == sealed_bytes(size)
    assert opened_stream(sealed) == plaintext
    assert b"".join(open_stream(KEY, Dribble(sealed, 1000), b"list")) == plaintext


@given(st.lists(st.binary(max_size=40_000), max_size=6))
def test_the_pieces_written_do_not_matter(pieces):
    out = io.BytesIO()
    writer = SealingWriter(KEY, out, b"list")
    for piece in pieces:
        assert writer.write(piece) == len(piece)
    writer.close()
    assert opened_stream(out.getvalue()) == b"".join(pieces)


def test_one_chunk_opens_without_the_others():
    plaintext = pattern(2 * CHUNK_BYTES + 9)
    sealed = sealed_stream(plaintext)
    opener = ChunkOpener(KEY, b"list", sealed[:SALT_BYTES])
    second = sealed[chunk_offset(1) : chunk_offset(2)]
    assert len(second) == SEALED_CHUNK_BYTES
    assert opener.open(1, second, last=False) == plaintext[CHUNK_BYTES : 2 * CHUNK_BYTES]
    assert opener.open(2, sealed[chunk_offset(2) :], last=True) == plaintext[2 * CHUNK_BYTES :]
    for index, last in ((0, False), (2, False), (1, True)):
        with pytest.raises(SealError):
            opener.open(index, second, last=last)


def test_streams_cut_moved_grown_or_changed_do_not_open():
    sealed = sealed_stream(pattern(2 * CHUNK_BYTES + 9))
    salt, first, second, third = (
        sealed[:SALT_BYTES],
        sealed[chunk_offset(0) : chunk_offset(1)],
        sealed[chunk_offset(1) : chunk_offset(2)],
        sealed[chunk_offset(2) :],
    )
    damaged = [
        b"",
        salt[:-1],
        salt,
        salt + first,
        salt + first + second,
        salt + second + first + third,
        salt + first + third,
        salt + first + second + second + third,
        sealed[:-1],
        sealed + b"\x00",
        sealed + third,
        b"\x00" + sealed,
        sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
    ]
    for data in damaged:
        with pytest.raises(SealError):
            opened_stream(data)
    with pytest.raises(SealError):
        opened_stream(sealed, key=new_key())
    with pytest.raises(SealError):
        opened_stream(sealed, context=b"other")


def test_a_stream_of_one_chunk_cannot_lose_all():
    sealed = sealed_stream(b"")
    assert opened_stream(sealed) == b""
    with pytest.raises(SealError):
        opened_stream(sealed[:SALT_BYTES])


def test_each_stream_has_its_own_salt_and_key():
    one, two = ChunkSealer(KEY, b"list"), ChunkSealer(KEY, b"list")
    assert one.salt != two.salt
    assert one.seal(0, b"same", last=True) != two.seal(0, b"same", last=True)


def test_chunk_numbers_are_bounded():
    sealer = ChunkSealer(KEY, b"list")
    for index in (-1, MAX_CHUNKS):
        with pytest.raises(SealError, match="too many"):
            sealer.seal(index, b"", last=False)
    assert sealer.seal(MAX_CHUNKS - 1, b"", last=False)


def test_memory_does_not_grow_with_the_stream():
    class Endless:
        read_so_far = 0

        def read(self, size):
            self.read_so_far += size
            return bytes(size)

    class Sink:
        def write(self, data):
            self.largest = max(getattr(self, "largest", 0), len(data))
            return len(data)

    source, sink = Endless(), Sink()
    writer = SealingWriter(KEY, sink, b"")
    for _ in range(100):
        writer.write(source.read(CHUNK_BYTES))
    assert sink.largest == SEALED_CHUNK_BYTES


def test_a_key_for_one_receiver():
    booth, other, key = X25519PrivateKey.generate(), X25519PrivateKey.generate(), new_key()
    wrapped = wrap_key(booth.public_key(), key, b"ecu")
    assert unwrap_key(booth, wrapped, b"ecu") == key
    assert wrap_key(booth.public_key(), key, b"ecu") != wrapped
    assert key not in wrapped
    with pytest.raises(SealError):
        unwrap_key(other, wrapped, b"ecu")
    with pytest.raises(SealError):
        unwrap_key(booth, wrapped, b"chl")
    for place in range(len(wrapped)):
        for bit in (1, 0x80):
            changed = bytearray(wrapped)
            changed[place] ^= bit
            with pytest.raises(SealError):
                unwrap_key(booth, bytes(changed), b"ecu")
        with pytest.raises(SealError):
            unwrap_key(booth, wrapped[:place], b"ecu")


def test_a_point_without_a_secret_is_refused():
    with pytest.raises(SealError, match="no usable public key"):
        unwrap_key(X25519PrivateKey.generate(), bytes(100), b"ecu")
