"""Sealing: authenticated encryption of small pieces, of streams in chunks, and of keys for one receiver.

Streams follow the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015; as in age-encryption.org/v1): each
chunk is sealed with a nonce that holds its number and whether it is the last, so that chunks can be read in any order
yet none can be moved, dropped or cut off unnoticed. All ciphers are AES-256-GCM (NIST SP 800-38D).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 32
CHUNK_BYTES = 64 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
MAX_CHUNKS = 1 << 32

_STREAM_INFO = b"checkpoint stream 1"
_WRAP_INFO = b"checkpoint wrap 1"
_PUBLIC_BYTES = 32


class SealError(Exception):
    """What was sealed does not open: changed, cut, moved, or sealed under another key or for another purpose."""


class Reads(Protocol):
    """A binary source."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102


class Writes(Protocol):
    """A binary sink."""

    def write(self, data: bytes, /) -> int: ...  # noqa: D102


def new_key() -> bytes:
    """Return a new random key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce ‖ ciphertext ‖ tag of ``plaintext``; the random nonce allows 2^32 pieces under one key.

    ``aad`` says what the piece is for; it is not stored, and must be the same when the piece is opened.
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of ``seal``. Raises SealError."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealError("sealed piece: too short to be one")
    return _decrypt(_cipher(key), sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad, "sealed piece")


class _Chunks:
    """The cipher of one stream: its key is derived from the given one and the stream's random salt."""

    def __init__(self, key: bytes, context: bytes, salt: bytes) -> None:
        if len(salt) != SALT_BYTES:
            raise SealError(f"sealed stream: its salt has not {SALT_BYTES} bytes")
        self.salt = salt
        self._context = context
        self._cipher = _cipher(_derive(_checked(key), salt, _STREAM_INFO))

    @staticmethod
    def _nonce(index: int, last: bool) -> bytes:
        if not 0 <= index < MAX_CHUNKS:
            raise SealError("sealed stream: too many chunks")
        return index.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


class ChunkSealer(_Chunks):
    """Seals chunks of one stream under a fresh salt (``salt``), which is kept with them. Seal each number once only."""

    def __init__(self, key: bytes, context: bytes) -> None:
        super().__init__(key, context, os.urandom(SALT_BYTES))

    def seal(self, index: int, plaintext: bytes, last: bool) -> bytes:
        """Return chunk ``index`` sealed: 16 bytes longer. ``last`` marks the one chunk that ends the stream."""
        return self._cipher.encrypt(self._nonce(index, last), plaintext, self._context)


class ChunkOpener(_Chunks):
    """Opens chunks of one stream, in any order."""

    def open(self, index: int, sealed: bytes, last: bool) -> bytes:
        """Return the plaintext of chunk ``index``; ``last`` tells whether it must end the stream. Raises SealError."""
        return _decrypt(self._cipher, self._nonce(index, last), sealed, self._context, f"sealed stream, chunk {index}")


def sealed_bytes(plain_bytes: int) -> int:
    """Return the length of a sealed stream: salt, and the chunks with a tag each; an empty one has one chunk."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return SALT_BYTES + plain_bytes + chunks * TAG_BYTES


def chunk_offset(index: int) -> int:
    """Return where chunk ``index`` begins in a sealed stream, so that one can be read without the others."""
    return SALT_BYTES + index * SEALED_CHUNK_BYTES


class SealingWriter:
    """A sink that seals what is written to it into ``writer``; only ``close`` completes the stream."""

    def __init__(self, key: bytes, writer: Writes, context: bytes) -> None:
        self._sealer = ChunkSealer(key, context)
        self._writer = writer
        self._pending = bytearray()
        self._index = 0
        writer.write(self._sealer.salt)

    def write(self, data: bytes) -> int:
        """Take ``data``; full chunks go on at once, except one that may yet be the last."""
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:
            self._seal(CHUNK_BYTES, last=False)
        return len(data)

    def close(self) -> None:
        """Seal the rest as the last chunk. Does not close the sink below."""
        self._seal(len(self._pending), last=True)

    def _seal(self, size: int, last: bool) -> None:
        self._writer.write(self._sealer.seal(self._index, bytes(self._pending[:size]), last))
        del self._pending[:size]
        self._index += 1


def seal_stream(key: bytes, reader: Reads, writer: Writes, context: bytes) -> None:
    """Seal all of ``reader`` into ``writer`` in chunks, bound to ``context``."""
    sealing = SealingWriter(key, writer, context)
    while data := reader.read(CHUNK_BYTES):
        sealing.write(data)
    sealing.close()


def open_stream(key: bytes, reader: Reads, context: bytes) -> Iterator[bytes]:
    """Yield the plaintext of a sealed stream, at most 64 KiB at a time; ``reader`` must end where the stream ends.

    Each piece is authentic when it comes, but only the end proves that none is missing: raises SealError at the first
    chunk that does not open, so use nothing before the iteration is over unless a part is worth as much as the whole.
    """
    opener = ChunkOpener(key, context, read_full(reader, SALT_BYTES))
    index = 0
    chunk = read_full(reader, SEALED_CHUNK_BYTES)
    while following := read_full(reader, SEALED_CHUNK_BYTES):
        yield opener.open(index, chunk, last=False)
        chunk = following
        index += 1
    yield opener.open(index, chunk, last=True)


def wrap_key(recipient: X25519PublicKey, key: bytes, context: bytes) -> bytes:
    """Wrap ``key`` so that only the holder of ``recipient``'s private key opens it: ephemeral public key ‖ sealed key.

    X25519 (RFC 7748) with an ephemeral key, HKDF-SHA256 (RFC 5869) over both public keys, AES-256-GCM.
    """
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    kek = _derive(ephemeral.exchange(recipient), public + recipient.public_bytes_raw(), _WRAP_INFO)
    return public + seal(kek, _checked(key), context)


def unwrap_key(recipient: X25519PrivateKey, wrapped: bytes, context: bytes) -> bytes:
    """Return the key of ``wrap_key``. Raises SealError when it was wrapped for another, changed, or for another use."""
    public = wrapped[:_PUBLIC_BYTES]
    try:
        shared = recipient.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:  # too short, or a point that gives an all-zero secret (RFC 7748 §6.1)
        raise SealError("wrapped key: it holds no usable public key") from error
    kek = _derive(shared, public + recipient.public_key().public_bytes_raw(), _WRAP_INFO)
    return _checked(open_sealed(kek, wrapped[_PUBLIC_BYTES:], context))


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_checked(key))


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise SealError(f"sealing: a key has {KEY_BYTES} bytes")
    return key


def _decrypt(cipher: AESGCM, nonce: bytes, sealed: bytes, aad: bytes, name: str) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, aad)
    except InvalidTag as error:
        raise SealError(f"{name}: it was changed, cut, or sealed under another key or for another purpose") from error


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt, info).derive(secret)


def read_full(reader: Reads, size: int) -> bytes:
    """Return ``size`` bytes, or fewer only at the end: a raw source may give them in parts."""
    parts = bytearray()
    while len(parts) < size and (data := reader.read(size - len(parts))):
        parts += data
    return bytes(parts)
