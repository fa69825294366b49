"""List packages: the one file by which lists, policies and officer lists travel.

The payload is a stream of MessagePack maps, compressed by Zstandard (RFC 8878) and, under a content key, sealed in
chunks. Header and refusals: `header`. Both ends work record by record; nothing is held whole but the sealed bytes that
the publisher has to digest before the header can be signed.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import msgpack
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.header import (
    MAX_RECORD_BYTES,
    BadRecordError,
    CutShortError,
    ListKind,
    PackageError,
    PackageHeader,
    Step,
    TamperedError,
    TooLargeError,
    Trust,
    WrongKeyError,
    check_name,
    publisher_id,
    read_header,
    read_untrusted_header,
    write_header,
)
from checkpoint_app.wire.sealing import CHUNK_BYTES, Reads, SealError, SealingWriter, Writes, open_stream

__all__ = [
    "BadRecordError",
    "CutShortError",
    "ListKind",
    "PackageError",
    "PackageHeader",
    "TamperedError",
    "TooLargeError",
    "Trust",
    "WrongKeyError",
    "content_key_id",
    "iter_records",
    "publisher_id",
    "read_header",
    "read_untrusted_header",
    "verify_payload",
    "write_package",
]

LEVEL = 12  # of Zstandard; on 10,000 persons 19 was 10 % smaller and took six times as long
MAX_WINDOW_BYTES = 1 << 23  # what a reader may be asked to hold for decompression

_KEY_ID_DOMAIN = b"checkpoint content key 1\x00"


def content_key_id(key: bytes) -> str:
    """Return the name of a content key: half of a digest of it, in hex. The key is random, so it tells nothing."""
    return hashlib.sha256(_KEY_ID_DOMAIN + key).hexdigest()[:32]


# -- writing ----------------------------------------------------------------------------------------------------------


def write_package(
    stream: Writes,
    records: Iterable[Mapping[str, Any]],
    signer: Ed25519PrivateKey,
    *,
    name: str,
    kind: ListKind,
    version: int,
    originator: str,
    issued_at: datetime,
    agreement: Agreement | None = None,
    handling: tuple[str, ...] = (),
    calibration: Mapping[str, int | str] | None = None,
    content_key: bytes | None = None,
    scratch: BinaryIO | None = None,
    step: Step | None = None,
    withdrawn: bool = False,
) -> PackageHeader:
    """Write a whole package, or with ``step`` a delta, to ``stream`` and return its header.

    Without ``content_key`` the payload is not sealed.
    ``scratch`` (seekable, empty) takes the payload until the header is known, in memory if not given; what it gets is
    sealed exactly when the package is. Raises BadRecordError for a record that MessagePack cannot hold or that is
    larger than 1 MiB, ValueError for header values that are none.
    """
    check_name(name)
    scratch = scratch or io.BytesIO()
    payload = _Measured(scratch)
    context = _context(name, version, step)
    sealing = SealingWriter(content_key, payload, context) if content_key is not None else None
    sink: Any = sealing or payload
    with zstandard.ZstdCompressor(level=LEVEL).stream_writer(sink, closefd=False) as compressor:
        plain = _Measured(compressor)
        record_count = _write_records(records, plain, name)
    if sealing:
        sealing.close()
    header = PackageHeader(
        name=name,
        kind=kind,
        version=version,
        originator=originator,
        issued_at=issued_at,
        publisher=publisher_id(signer.public_key()),
        record_count=record_count,
        plain_bytes=plain.bytes,
        payload_bytes=payload.bytes,
        payload_digest=payload.digest.hexdigest(),
        key_id=content_key_id(content_key) if content_key is not None else "",
        agreement=agreement,
        handling=handling,
        calibration=dict(calibration or {}),
        step=step,
        withdrawn=withdrawn,
    )
    stream.write(write_header(header, signer))
    scratch.seek(0)
    while data := scratch.read(CHUNK_BYTES):
        stream.write(data)
    return header


class _Measured:
    """A sink that counts and digests what passes through it."""

    def __init__(self, writer: Writes) -> None:
        self._writer = writer
        self.bytes = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        self.digest.update(data)
        self._writer.write(data)
        return len(data)


def _write_records(records: Iterable[Mapping[str, Any]], plain: _Measured, name: str) -> int:
    packer = msgpack.Packer()
    count = 0
    for record in records:
        try:
            data: bytes = packer.pack(record)
        except (TypeError, ValueError, OverflowError) as error:
            raise BadRecordError(f"list {name}: record {count + 1} holds what a package cannot") from error
        if len(data) > MAX_RECORD_BYTES:
            raise BadRecordError(f"list {name}: record {count + 1} is larger than {MAX_RECORD_BYTES} bytes")
        plain.write(data)
        count += 1
    return count


# -- reading ----------------------------------------------------------------------------------------------------------


def verify_payload(stream: Reads, header: PackageHeader) -> None:
    """Read the payload at ``stream`` to its end; raise CutShortError or TamperedError unless it is the signed one."""
    _Payload(stream, header).finish()


def iter_records(stream: Reads, header: PackageHeader, content_key: bytes | None = None) -> Iterator[dict[str, Any]]:
    """Yield the records of the payload at ``stream``, one at a time, within the bounds that the header states.

    Only the end of the iteration proves that all were read and are the signed ones: until then put none in force.
    Raises a PackageError: wrong_key, cut_short, tampered, too_large, bad_record.
    """
    if header.sealed and (content_key is None or content_key_id(content_key) != header.key_id):
        raise WrongKeyError(f"list {header.name}: it is sealed under a key that this booth has not been given")
    payload = _Payload(stream, header)
    source: _Payload | _Opened = payload
    if header.sealed and content_key is not None:
        source = _Opened(open_stream(content_key, payload, _context(header.name, header.version, header.step)))
    try:
        yield from _records(source, header)
    except (SealError, zstandard.ZstdError) as error:
        raise TamperedError(f"list {header.name}: its payload does not open: {error}") from error
    payload.finish()


class _Payload:
    """The part of a stream that is the payload; ``finish`` compares it with the header."""

    def __init__(self, stream: Reads, header: PackageHeader) -> None:
        self._stream = stream
        self._header = header
        self._left = header.payload_bytes
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        if not self._left:
            return b""
        data = self._stream.read(min(size, self._left))
        if not data:
            raise CutShortError(f"list {self._header.name}: {self._left} bytes are missing at its end; copy it again")
        self._left -= len(data)
        self._digest.update(data)
        return data

    def finish(self) -> None:
        while self.read(CHUNK_BYTES):
            pass
        if self._digest.hexdigest() != self._header.payload_digest or self._stream.read(1):
            raise TamperedError(f"list {self._header.name}: its payload is not what its publisher signed")


class _Opened:
    """The opened chunks as a source to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _records(source: Any, header: PackageHeader) -> Iterator[dict[str, Any]]:
    """Decompress at most the signed number of bytes, a bounded piece at a time, and take the records out of them."""
    unpacker = msgpack.Unpacker(max_buffer_size=MAX_RECORD_BYTES + CHUNK_BYTES, ext_hook=_refuse_extension)
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    plain = decompressor.stream_reader(source, read_size=CHUNK_BYTES, closefd=False)
    count = total = complete = 0
    while data := plain.read(CHUNK_BYTES):
        total += len(data)
        if total > header.plain_bytes:
            raise TooLargeError(
                f"list {header.name}: its payload holds more than the {header.plain_bytes} bytes signed"
            )
        for record in _unpacked(unpacker, data, header):
            count, complete = count + 1, unpacker.tell()
            yield record
    if (total, complete, count) != (header.plain_bytes, header.plain_bytes, header.record_count):
        raise BadRecordError(f"list {header.name}: {count} of the {header.record_count} records signed are in it")


def _unpacked(unpacker: msgpack.Unpacker, data: bytes, header: PackageHeader) -> Iterator[dict[str, Any]]:
    try:
        unpacker.feed(data)
        for record in unpacker:
            if not isinstance(record, dict):
                raise BadRecordError(f"list {header.name}: it holds a record that is no map")
            yield record
    except msgpack.BufferFull as error:
        raise BadRecordError(f"list {header.name}: a record is larger than {MAX_RECORD_BYTES} bytes") from error
    except (msgpack.UnpackException, ValueError) as error:
        raise BadRecordError(f"list {header.name}: a record is no MessagePack") from error


def _refuse_extension(_code: int, _data: bytes) -> Any:
    raise ValueError("extension types are not used in packages")


def _context(name: str, version: int, step: Step | None) -> bytes:
    """Return what the sealed payload is bound to, so that no version's payload passes for another's."""
    if step is not None:
        return b"checkpoint list delta 1\x00" + canonical_bytes([name, step.base_version, version])
    return b"checkpoint list payload 1\x00" + canonical_bytes([name, version])
