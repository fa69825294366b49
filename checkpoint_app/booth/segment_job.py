"""In the confined child: from a verified list package to a sealed segment. Lists are unpacked here and nowhere else.

The request is canonical JSON (``request_of``); keys travel over the pipe, never on a command line. Only the sealed
segment is written.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from checkpoint_app.confined import RefusalError, emit
from checkpoint_app.screening import Calibration, CalibrationError, RecordError, SegmentError, build_segment
from checkpoint_app.screening.numbers.look_up import PAGES, build_documents
from checkpoint_app.store.errors import DiskFullError, StoreError
from checkpoint_app.store.segments import SegmentWriter
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records

MAX_REQUEST_BYTES = 16 * 1024
NO_SPACE, DISK_FAILED = "no_space", "disk_failed"
"""Refusals that are the disk's fault, not the package's."""
_NICENESS = 10


def start() -> Callable[[bytes], bytes]:
    """Return the handler. The child steps back behind the window and the database."""
    os.nice(_NICENESS)
    return build


def build(request: bytes) -> bytes:
    """Build one segment; the signature was verified by the parent, digests are verified while reading.

    A list of document numbers rests in pages of keyed hashes, in clear. Raises RefusalError with the package's code.
    """
    asked = read_canonical(request, MAX_REQUEST_BYTES)
    content_key = base64.b64decode(asked["content_key"]) or None
    try:
        with Path(asked["package"]).open("rb") as stream:
            header = read_untrusted_header(stream)
            if header.payload_digest != asked["payload_digest"]:
                raise RefusalError("tampered")
            records = iter_records(stream, header, content_key)
            with SegmentWriter(Path(asked["segment"]), base64.b64decode(asked["segment_key"])) as writer:
                for name, data in _sections(header, records):
                    add = writer.add_clear if name == PAGES else writer.add
                    add(name, data)
                    emit(name.encode())
                writer.finish()
    except PackageError as error:
        raise RefusalError(error.code) from error
    except (RecordError, CalibrationError, SegmentError) as error:
        raise RefusalError("bad_record") from error
    except DiskFullError as error:
        raise RefusalError(NO_SPACE) from error
    except StoreError as error:
        raise RefusalError(DISK_FAILED) from error
    return canonical_bytes({"records": header.record_count})


def _sections(header: PackageHeader, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    if header.kind is ListKind.DOCUMENTS:
        return build_documents(records)
    calibration = Calibration.from_plain(header.calibration) if header.calibration else None
    return build_segment(header.kind.value, records, calibration)


def request_of(package: Path, payload_digest: str, content_key: bytes, segment: Path, segment_key: bytes) -> bytes:
    """Return the request for ``build``; an empty ``content_key`` stands for a package that is not sealed."""
    return canonical_bytes(
        {
            "package": str(package),
            "payload_digest": payload_digest,
            "content_key": base64.b64encode(content_key).decode(),
            "segment": str(segment),
            "segment_key": base64.b64encode(segment_key).decode(),
        }
    )
