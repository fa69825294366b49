"""In the confined child: from a verified list package, or a base and its deltas, to a sealed segment.

Lists are unpacked here and nowhere else. The request is canonical JSON (``request_of``, ``merge_request_of``); keys
travel over the pipe, never on a command line. Only the sealed segment is written. While it works it tells how far it is
(`wire.progress`).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from checkpoint_app.confined import RefusalError, emit
from checkpoint_app.screening import Calibration, CalibrationError, RecordError, SegmentError, build_segment
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.layers import merge_sections
from checkpoint_app.screening.numbers.look_up import PAGES, build_documents
from checkpoint_app.screening.segment import PERSONS
from checkpoint_app.store.errors import DiskFullError, StoreError
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.progress import telling

MAX_REQUEST_BYTES = 64 * 1024
MAX_DELTAS = 100
NO_SPACE, DISK_FAILED = "no_space", "disk_failed"
"""Refusals that are the disk's fault, not the package's."""
_NICENESS = 10

Place = tuple[Path, bytes]
"""A segment file and its key."""


def start() -> Callable[[bytes], bytes]:
    """Return the handler. The child steps back behind the window and the database."""
    os.nice(_NICENESS)
    return build


def build(request: bytes) -> bytes:
    """Build one segment: of a package, whose signature was verified by the parent, or of a base and its deltas.

    A package's digests are verified while reading. A list of document numbers rests in pages of keyed hashes, in clear.
    Raises RefusalError with the package's code.
    """
    asked = read_canonical(request, MAX_REQUEST_BYTES)
    with _refusing():
        count = _of_layers(asked) if "layers" in asked else _of_package(asked)
    return canonical_bytes({"records": count})


def _of_package(asked: Mapping[str, Any]) -> int:
    with Path(asked["package"]).open("rb") as stream:
        header = read_untrusted_header(stream)
        if header.payload_digest != asked["payload_digest"]:
            raise RefusalError("tampered")
        records = iter_records(stream, header, base64.b64decode(asked["content_key"]) or None)
        _write(asked, _sections(header, telling(records, header.record_count, emit)))
    return header.record_count


def _of_layers(asked: Mapping[str, Any]) -> int:
    """Build the list that a base and its deltas make together. Only their ids and offsets are held in memory."""
    total, count = asked["total"], 0

    def counted(records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    with ExitStack() as open_files:
        layers = []
        for path, key in asked["layers"]:
            reader = open_files.enter_context(SegmentReader(Path(path), base64.b64decode(key)))
            names = reader.sections()
            layers.append({name: reader.section(name, at_rest=name == BLOCKS) for name in names if _to_merge(name)})
        records = counted(telling(merge_sections(layers[0], layers[1:]), total, emit))
        _write(asked, build_segment(PERSONS, records, Calibration.from_plain(asked["calibration"])))
    return count


def _to_merge(name: str) -> bool:
    return name.startswith("entry.") or name in {"id.hash", "removed"}


def _sections(header: PackageHeader, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    if header.kind is ListKind.DOCUMENTS:
        return build_documents(records)
    calibration = Calibration.from_plain(header.calibration) if header.calibration else None
    return build_segment(header.kind.value, records, calibration)


def _write(asked: Mapping[str, Any], sections: Iterator[tuple[str, Any]]) -> None:
    with SegmentWriter(Path(asked["segment"]), base64.b64decode(asked["segment_key"])) as writer:
        for name, data in sections:
            add = writer.add_clear if name == PAGES else writer.add
            add(name, data)
        writer.finish()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PackageError as error:
        raise RefusalError(error.code) from error
    except (RecordError, CalibrationError, SegmentError) as error:
        raise RefusalError("bad_record") from error
    except DiskFullError as error:
        raise RefusalError(NO_SPACE) from error
    except StoreError as error:
        raise RefusalError(DISK_FAILED) from error


def request_of(package: Path, payload_digest: str, content_key: bytes, segment: Path, segment_key: bytes) -> bytes:
    """Return the request for ``build`` of a package; an empty ``content_key`` stands for one that is not sealed."""
    return canonical_bytes(
        {
            "package": str(package),
            "payload_digest": payload_digest,
            "content_key": base64.b64encode(content_key).decode(),
            "segment": str(segment),
            "segment_key": base64.b64encode(segment_key).decode(),
        }
    )


def merge_request_of(
    layers: Sequence[Place], total: int, calibration: Calibration, segment: Path, segment_key: bytes
) -> bytes:
    """Return the request for ``build`` of a list of persons in ``layers``: its base, then its deltas in order.

    ``total`` is the number of entries that the layered list has; ``calibration`` is that of its newest layer.
    """
    if not 1 <= len(layers) <= 1 + MAX_DELTAS:
        raise ValueError(f"merge: a base and at most {MAX_DELTAS} deltas")
    return canonical_bytes(
        {
            "layers": [[str(path), base64.b64encode(key).decode()] for path, key in layers],
            "total": total,
            "calibration": calibration.to_plain(),
            "segment": str(segment),
            "segment_key": base64.b64encode(segment_key).decode(),
        }
    )
