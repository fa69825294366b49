"""Batches of events in their smallest form: what can be derived is left out, what is random goes as it is.

A header names the hash of the event before it and the digest of its body. Where that event, or that body, is in the
batch, the receiver derives both, writes the one canonical header, and the signature over it proves that all of it is
what was signed. So an event costs its signature, id and salt (112 bytes that nothing compresses), and little more.

=========================  ============================================================================================
part                       bytes
=========================  ============================================================================================
magic                      ``CKPEVT1`` and a line feed; the number is the form's version
length of the packed part  4, big-endian
packed part                Zstandard (RFC 8878) of lines: the head (canonical JSON of ``_Head``), then the body of each
                           event: its canonical JSON, which has no line feed, or nothing where it does not travel here
raw part                   of each event in order: signatures (64 each), ids (16), salts of bodies that are here (32),
                           digests of those that are not (32), hashes of the event before where it is not here (32)
=========================  ============================================================================================

There is one form: whoever reads one writes what he read anew and compares, before it is compressed.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from checkpoint_app.wire import packing
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import MAX_BATCH_BYTES, MOST_EVENTS, Batch, Parcel
from checkpoint_app.wire.event import GENESIS, MAX_HEADER_BYTES, SALT_BYTES, EventHeader, hash_of_header
from checkpoint_app.wire.plain import from_plain, to_plain

BATCH_TYPE = "application/vnd.checkpoint.batch"
"""The media type of a batch."""
MAX_TEXT_BYTES = 2 << 20
"""What the packed part may unpack to: one event of the largest body with its head, or many small ones."""
_MAGIC = b"CKPEVT1\n"
_LENGTH_BYTES = 4
_SIGNATURE_BYTES, _ID_BYTES, _DIGEST_BYTES = 64, 16, 32
_LINE = b"\n"
_BETWEEN, _NONE = ",", "-"  # between numbers, and in the place of one that is not there
_MOST_DIGITS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIELDS = frozenset(field.name for field in fields(EventHeader))


class BatchError(Exception):
    """The bytes are no batch, or the events can't be written as one; the message repeats nothing of them."""


class NewerFormError(BatchError):
    """The batch is of a form that a newer program writes."""


@dataclass(frozen=True, slots=True)
class _Head:
    """Columns of numbers are differences to the event before, with commas between; of times in microseconds.

    ``monotonic`` is what the counter has beyond the milliseconds of the wall time: it mostly stays the same.
    """

    booth: str
    seq: str
    kind: tuple[str, ...]
    wall: str
    monotonic: str
    trusted: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """A batch before it is compressed."""

    text: bytes
    raw: bytes


def write_batch(batch: Batch) -> bytes:
    """Return the bytes of ``batch``: 1 to ``MOST_EVENTS`` events of its booth in ascending order.

    Raises BatchError where they are none, too many, or of no canonical form; then nothing else could read them either.
    """
    parts = _to_parts(batch)
    if _from_parts(parts) != batch:
        raise BatchError("batch: its events have no canonical form")
    packed = packing.pack(parts.text)
    return _MAGIC + len(packed).to_bytes(_LENGTH_BYTES, "big") + packed + parts.raw


def write_fitting(batch: Batch, most_bytes: int) -> tuple[bytes, int]:
    """Return as many of the batch's first events as fit into ``most_bytes``, one at least, and how many they are.

    Raises BatchError as ``write_batch``.
    """
    count = min(len(batch.events), MOST_EVENTS)
    data = write_batch(Batch(batch.booth, batch.events[:count]))
    while len(data) > most_bytes and count > 1:
        count = max(1, min(count - 1, count * most_bytes // len(data)))
        data = write_batch(Batch(batch.booth, batch.events[:count]))
    return data, count


def read_batch(data: bytes) -> Batch:
    """Return the batch that ``data`` is; its headers and bodies are texts, not verified. Raises BatchError.

    Never more than ``MAX_TEXT_BYTES`` is unpacked.
    """
    begin = len(_MAGIC) + _LENGTH_BYTES
    if data[: len(_MAGIC) - 2] == _MAGIC[:-2] and not data.startswith(_MAGIC):
        raise NewerFormError("batch: it is of another version's form; update this program")
    if not begin <= len(data) <= MAX_BATCH_BYTES or not data.startswith(_MAGIC):
        raise BatchError("batch: these bytes are none")
    end = begin + int.from_bytes(data[len(_MAGIC) : begin], "big")
    try:
        parts = _Parts(packing.unpack(data[begin:end], MAX_TEXT_BYTES), data[end:])
    except packing.PackingError as error:
        raise BatchError(f"batch: {error}") from error
    batch = _from_parts(parts)
    if _to_parts(batch) != parts:
        raise BatchError("batch: it is not in its canonical form")
    return batch


# -- writing ----------------------------------------------------------------------------------------------------------


def _to_parts(batch: Batch) -> _Parts:
    if not 1 <= len(batch.events) <= MOST_EVENTS:
        raise BatchError(f"batch: it has 1 to {MOST_EVENTS} events")
    try:
        headers = [_plain_header(parcel) for parcel in batch.events]
        head = _head(batch.booth, headers)
        bodies = ["" if parcel.body is None else parcel.body for parcel in batch.events]
        text = _LINE.join([canonical_bytes(to_plain(head)), *(body.encode() for body in bodies)])
        raw = b"".join(_raw_columns(batch.events, headers))
    except (ValueError, TypeError, AttributeError) as error:
        raise BatchError("batch: its events have no canonical form") from error
    return _Parts(text, raw)


def _plain_header(parcel: Parcel) -> Mapping[str, Any]:
    plain = read_canonical(parcel.header.encode(), MAX_HEADER_BYTES)
    if not isinstance(plain, dict) or plain.keys() != _FIELDS:
        raise BatchError("batch: an event's header has other fields")
    return plain


def _head(booth: str, headers: list[Mapping[str, Any]]) -> _Head:
    walls = [_microseconds(plain["wall_time"]) for plain in headers]
    trusted = [plain["trusted_time"] for plain in headers]
    counters = [plain["monotonic_ms"] - wall // 1000 for plain, wall in zip(headers, walls, strict=True)]
    return _Head(
        booth=booth,
        seq=_differences(plain["seq"] for plain in headers),
        kind=tuple(plain["kind"] for plain in headers),
        wall=_differences(walls),
        monotonic=_differences(counters),
        trusted=_differences(None if text is None else _microseconds(text) for text in trusted),
    )


def _raw_columns(parcels: tuple[Parcel, ...], headers: list[Mapping[str, Any]]) -> Iterator[bytes]:
    for parcel in parcels:
        if len(parcel.signature) != _SIGNATURE_BYTES or len(parcel.salt) != (parcel.body is not None) * SALT_BYTES:
            raise BatchError("batch: a signature or a salt is of another length")
        yield parcel.signature
    yield from (uuid.UUID(plain["event_id"]).bytes for plain in headers)
    yield from (parcel.salt for parcel in parcels)
    bare = [parcel.body is None for parcel in parcels]
    yield from (bytes.fromhex(plain["body_digest"]) for plain, alone in zip(headers, bare, strict=True) if alone)
    yield from (
        bytes.fromhex(plain["previous"])
        for place, plain in enumerate(headers)
        if not place or plain["seq"] != headers[place - 1]["seq"] + 1
    )


def _differences(values: Iterable[int | None]) -> str:
    """Return each number less the last one before it that was there; the first less 0."""
    written, last = [], 0
    for value in values:
        written.append(_NONE if value is None else str(value - last))
        last = last if value is None else value
    return _BETWEEN.join(written)


def _microseconds(text: str) -> int:
    return (from_plain(datetime, text) - _EPOCH) // _MICROSECOND


# -- reading ----------------------------------------------------------------------------------------------------------


def _from_parts(parts: _Parts) -> Batch:
    """Return the batch of what was unpacked; that it was its one form is still to be proven. Raises BatchError."""
    if parts.text.count(_LINE) > MOST_EVENTS:
        raise BatchError(f"batch: it has 1 to {MOST_EVENTS} events")
    first, *lines = parts.text.split(_LINE)
    try:
        head = from_plain(_Head, read_canonical(first, MAX_TEXT_BYTES))
        if len(head.kind) != len(lines):
            raise BatchError("batch: its columns have different lengths")
        return Batch(head.booth, tuple(_parcels(head, [line.decode() for line in lines], _Raw(parts.raw))))
    except (ValueError, OverflowError) as error:
        raise BatchError("batch: its columns do not fit together") from error


class _Raw:
    """Reads columns of the raw part."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int, size: int) -> list[bytes]:
        """Return the next ``count`` pieces of ``size`` bytes. Raises BatchError where they are not there."""
        at, self._at = self._at, self._at + count * size
        if self._at > len(self._data):
            raise BatchError("batch: it ends too early")
        return [self._data[begin : begin + size] for begin in range(at, self._at, size)]


def _parcels(head: _Head, bodies: list[str], raw: _Raw) -> Iterator[Parcel]:
    count, here = len(bodies), sum(map(bool, bodies))
    seqs, walls, counters = (_sums(column, count) for column in (head.seq, head.wall, head.monotonic))
    trusted = _optional_sums(head.trusted, count)
    follows = [place > 0 and seq == seqs[place - 1] + 1 for place, seq in enumerate(seqs)]
    if any(later <= earlier for earlier, later in itertools.pairwise(seqs)):
        raise BatchError("batch: its events are not in ascending order")
    signatures, ids = raw.take(count, _SIGNATURE_BYTES), raw.take(count, _ID_BYTES)
    salts, digests = iter(raw.take(here, SALT_BYTES)), iter(raw.take(count - here, _DIGEST_BYTES))
    before = iter(raw.take(count - sum(follows), _DIGEST_BYTES))
    last = GENESIS
    for place, body in enumerate(bodies):
        salt = next(salts) if body else b""
        digest = hashlib.sha256(salt + body.encode()).digest() if body else next(digests)
        plain = {
            "booth": head.booth,
            "seq": seqs[place],
            "event_id": str(uuid.UUID(bytes=ids[place])),
            "kind": head.kind[place],
            "wall_time": _moment(walls[place]),
            "monotonic_ms": counters[place] + walls[place] // 1000,
            "trusted_time": _moment(trusted[place]),
            "body_digest": digest.hex(),
            "previous": last if follows[place] else next(before).hex(),
        }
        header = canonical_bytes(plain)
        last = hash_of_header(header, signatures[place])
        yield Parcel(header.decode(), signatures[place], salt, body or None)


def _optional_sums(text: str, count: int) -> list[int | None]:
    """Return the numbers that ``_differences`` wrote. Raises ValueError."""
    written, last = text.split(_BETWEEN, MOST_EVENTS), 0
    if len(written) != count:
        raise BatchError("batch: its columns have different lengths")
    found: list[int | None] = []
    for one in written:
        if len(one) > _MOST_DIGITS:
            raise BatchError("batch: a number is beyond all bounds")
        found.append(None if one == _NONE else last + int(one))
        last = last if found[-1] is None else found[-1]
    return found


def _sums(text: str, count: int) -> list[int]:
    found = _optional_sums(text, count)
    if None in found:
        raise BatchError("batch: a number is missing")
    return [one for one in found if one is not None]


def _moment(microseconds: int | None) -> Any:
    return None if microseconds is None else to_plain(_EPOCH + microseconds * _MICROSECOND)
