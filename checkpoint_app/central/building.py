"""From a list's records to the index that answers: in this process for a small list, in a confined child for a large.

The child steps back behind the requests; its interpreter, not this one's, is busy meanwhile. What it builds comes over
the pipe in pieces, straight into the memory that all who answer share, and nothing of it is written anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from checkpoint_app.central.shared import Shared, SharedWriter
from checkpoint_app.confined import Confined, Limits, RefusalError, emit
from checkpoint_app.screening import Calibration, CalibrationError, RecordError, SegmentError, build_segment
from checkpoint_app.screening.numbers.look_up import build_documents
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.progress import read_progress, telling

log = logging.getLogger(__name__)

Sections = dict[str, bytes]

IDS = "entry ids"
"""The section of the ids: sorted hashes of eight bytes, little-endian."""
BUILD_LIMITS = Limits(memory_bytes=16 << 30, cpu_s=7200)
BUILD_TIMEOUT_S = 7200.0
_MAX_REQUEST_BYTES = 16 * 1024
_PIECE_BYTES = 16 << 20
_NICENESS = 10


def sections_of(header: PackageHeader, records: Iterable[Mapping[str, Any]]) -> Sections:
    """Return the list's sections, and ``IDS``. Raises RecordError, CalibrationError, SegmentError, PackageError."""
    persons = header.kind is ListKind.PERSONS
    calibration = Calibration.from_plain(header.calibration) if persons and header.calibration else None
    ids: list[int] = []
    sections = dict(build_segment(header.kind.value, _noting(records, ids), calibration))
    return {**sections, IDS: np.array(sorted(ids), "<u8").tobytes()}


def numbers_memory(records: Iterable[Mapping[str, Any]]) -> Shared:
    """Return the sections of a list of document numbers, straight in the memory that all share.

    Raises RecordError, PackageError, OSError.
    """
    writer = SharedWriter()
    for name, data in build_documents(records):
        for piece in (data,) if isinstance(data, bytes) else data:
            writer.add(name, piece)
    writer.add(IDS, b"")
    return writer.finish()


def id_hash(entry_id: str) -> int:
    """Return eight bytes of a hash of an entry's id."""
    return int.from_bytes(hashlib.blake2b(entry_id.encode(), digest_size=8).digest(), "big")


def in_child(child: Confined, package: Path, header: PackageHeader, content_key: bytes) -> Shared:
    """Return what ``sections_of`` does, built in ``child`` from the package. Raises ConfinedError, OSError."""
    writer = SharedWriter()
    begun, count = time.monotonic(), 0

    def take(message: bytes) -> None:
        nonlocal count
        name, _, piece = message.partition(b"\x00")
        if name:
            writer.add(name.decode(), piece)
        elif (told := read_progress(piece)) is not None:
            count, _total = told

    asked = {
        "package": str(package),
        "payload_digest": header.payload_digest,
        "content_key": base64.b64encode(content_key).decode(),
    }
    child.call(canonical_bytes(asked), BUILD_TIMEOUT_S, take)
    memory = writer.finish()
    log.info("a list of %d records was built in %.1f s", count, time.monotonic() - begun)
    return memory


def new_child() -> Confined:
    """Return the child that builds; close it."""
    return Confined("checkpoint_app.central.building:start", BUILD_LIMITS)


# -- in the child -----------------------------------------------------------------------------------------------------


def start() -> Callable[[bytes], bytes]:
    """Return the handler."""
    os.nice(_NICENESS)
    return build


def build(request: bytes) -> bytes:
    """Build one list and emit its sections, piece by piece. Raises RefusalError with the package's code."""
    asked = read_canonical(request, _MAX_REQUEST_BYTES)
    content_key = base64.b64decode(asked["content_key"]) or None
    try:
        with Path(asked["package"]).open("rb") as stream:
            header = read_untrusted_header(stream)
            if header.payload_digest != asked["payload_digest"]:
                raise RefusalError("tampered")
            records = telling(iter_records(stream, header, content_key), header.record_count, _tell)
            sections = sections_of(header, records)
    except PackageError as error:
        raise RefusalError(error.code) from error
    except (RecordError, CalibrationError, SegmentError) as error:
        raise RefusalError("bad_record") from error
    for name, data in sections.items():
        for begin in range(0, max(1, len(data)), _PIECE_BYTES):
            emit(name.encode() + b"\x00" + data[begin : begin + _PIECE_BYTES])
    return b""


def _tell(progress: bytes) -> None:
    """Emit how far it is, as a piece without a name."""
    emit(b"\x00" + progress)


def _noting(records: Iterable[Mapping[str, Any]], ids: list[int]) -> Iterator[Mapping[str, Any]]:
    """Yield the records, and note the hashes of their ids."""
    for record in records:
        if isinstance(identity := record.get("id"), str):
            ids.append(id_hash(identity))
        yield record
