"""In the confined child: from a verified list package or delta, or from layers of a list, to a sealed segment.

Of a rule set no segment is made: it is loaded, with its vectors run, and so judged; a table of codes likewise.

Lists are unpacked here and nowhere else. The request is canonical JSON (``request_of``, ``layers_request_of``); keys
travel over the pipe, never on a command line. Only the sealed segment is written. While it works it tells how far it is
(`wire.progress`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import msgpack

from checkpoint_app.confined import RefusalError, emit
from checkpoint_app.screening import ENGINE, Calibration, CalibrationError, RecordError, SegmentError, build_segment
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.layers import build_delta, compact_sections, merge_sections
from checkpoint_app.screening.numbers.delta import NumberDelta, together
from checkpoint_app.screening.numbers.look_up import PAGES, build_documents, load_documents
from checkpoint_app.screening.segment import PERSONS
from checkpoint_app.store.errors import DiskFullError, StoreError
from checkpoint_app.store.files import open_regular
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.codes import read_codes
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import PlainError, to_plain
from checkpoint_app.wire.progress import telling
from checkpoint_app.wire.rules import list_name_of, read_rules

MAX_REQUEST_BYTES = 64 * 1024
MAX_DELTAS = 100
MOST_IDS = 1_000
"""Most ids that one record of a delta removes."""
NUMBERS = "number.step"
"""The section that holds the records of a step of document numbers."""
BAD_RULES, BAD_CODES = "bad_rules", "bad_codes"
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
    """Build one segment: of a package, whose signature was verified by the parent, or of layers of a list.

    A package's digests are verified while reading. A list of document numbers rests in pages of keyed hashes, in clear.
    Raises RefusalError with the package's code.
    """
    asked = read_canonical(request, MAX_REQUEST_BYTES)
    with _refusing():
        count = _of_layers(asked) if "layers" in asked else _of_package(asked)
    return canonical_bytes({"records": count})


def _of_package(asked: Mapping[str, Any]) -> int:
    with open_regular(Path(asked["package"])) as stream:
        header = read_untrusted_header(stream, delta=asked["delta"])
        if _digest_of(header) != asked["header"]:  # the file is another by now, and who signed that one is not known
            raise RefusalError("tampered")
        records = iter_records(stream, header, base64.b64decode(asked["content_key"]) or None)
        if header.kind is ListKind.RULES:
            return _judged_rules(records, header)
        if header.kind is ListKind.CODES:
            return _judged_codes(records, header)
        _write(asked, _sections(header, telling(records, header.record_count, emit)))
    return header.record_count


def _judged_rules(records: Iterable[Mapping[str, Any]], header: PackageHeader) -> int:
    """Load a rule set, which is of this name; tells how many rules it has. Raises RefusalError."""
    from checkpoint_app.risk.faults import RuleSetError  # a booth without rules needs no engine here
    from checkpoint_app.risk.loading import load_rules

    try:
        rules = load_rules(read_rules(records))
        if list_name_of(rules.set) != header.name:
            raise RefusalError(BAD_RULES)
    except (RuleSetError, PlainError, ValueError) as error:
        raise RefusalError(BAD_RULES) from error
    return len(rules.rules)


def _judged_codes(records: Iterable[Mapping[str, Any]], header: PackageHeader) -> int:
    """Read a table of codes, which is what its list's name says; tells how many it has. Raises RefusalError."""
    from checkpoint_app.cargo.code_lists import count_of, load_codes  # a booth without goods needs none of it here
    from checkpoint_app.cargo.code_table import CodeTableError

    try:
        return count_of(load_codes(header.name, read_codes(records)))
    except (CodeTableError, PlainError) as error:
        raise RefusalError(BAD_CODES) from error


def _of_layers(asked: Mapping[str, Any]) -> int:
    """Build what layers make together: with their base the list, else one delta. Only ids and offsets are in memory."""
    if asked["kind"] == ListKind.DOCUMENTS:
        return _of_number_layers(asked)
    total, count = int(asked["total"]), 0

    def counted(records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    with ExitStack() as open_files:
        layers = []
        for reader in _readers(asked, open_files):
            names = reader.sections()
            layers.append({name: reader.section(name, at_rest=name == BLOCKS) for name in names if _to_merge(name)})
        calibration = Calibration.from_plain(asked["calibration"])
        if asked["deltas"]:
            _write(asked, compact_sections(layers, calibration))
            return total
        records = counted(telling(merge_sections(layers[0], layers[1:]), total, emit))
        _write(asked, build_segment(PERSONS, records, calibration))
    return count


def _of_number_layers(asked: Mapping[str, Any]) -> int:
    """Build the one step that several make together, or with their base, in bounded memory, the list."""
    with ExitStack() as open_files:
        readers = list(_readers(asked, open_files))
        if not asked["deltas"]:
            base = readers.pop(0)
            numbers = load_documents({name: base.section(name) for name in base.sections()})
            for reader in readers:
                numbers = numbers.with_delta(number_delta({NUMBERS: reader.section(NUMBERS)}))
            _write(asked, numbers.sections())
            return len(numbers)
        steps = [number_delta({NUMBERS: reader.section(NUMBERS)}) for reader in readers]
    joined = together(steps)
    _write(asked, _number_sections(joined))
    return len(joined.added) + len(joined.removed)


def _readers(asked: Mapping[str, Any], open_files: ExitStack) -> Iterator[SegmentReader]:
    for path, key in asked["layers"]:
        yield open_files.enter_context(SegmentReader(Path(path), base64.b64decode(key)))


def _to_merge(name: str) -> bool:
    return name.startswith("entry.") or name in {"id.hash", "removed"}


def _sections(header: PackageHeader, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    if header.kind is ListKind.DOCUMENTS:
        if header.step is not None:
            return _number_sections(NumberDelta.from_records(records))
        return build_documents(records)
    calibration = Calibration.from_plain(header.calibration) if header.calibration else None
    if header.step is not None:
        if calibration is None:
            raise CalibrationError("a delta of a list of persons has its calibration")
        return _delta_sections(iter(records), calibration)
    return build_segment(header.kind.value, records, calibration)


def _delta_sections(records: Iterator[Mapping[str, Any]], calibration: Calibration) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of a delta of persons, whose records begin with the ids that are removed: those come first."""
    first: list[Mapping[str, Any]] = []

    def removed() -> Iterator[str]:  # one by one: a million ids may be gigabytes
        for record in records:
            if set(record) != {"removed"}:
                first.append(record)
                return
            yield from _ids(record["removed"])

    yield from build_delta(chain(first, records), removed(), calibration)


def _ids(given: object) -> list[str]:
    if not isinstance(given, list) or len(given) > MOST_IDS or not all(isinstance(one, str) for one in given):
        raise RecordError("delta: what is removed is not told as ids")
    return given


def _number_sections(step: NumberDelta) -> Iterator[tuple[str, bytes]]:
    packer = msgpack.Packer()
    yield NUMBERS, b"".join(packer.pack(record) for record in step.to_records())
    yield "meta", json.dumps({"engine": ENGINE, "kind": "step of documents"}).encode()


def number_delta(sections: Mapping[str, Any]) -> NumberDelta:
    """Return the step that rests in a segment's sections. Raises SegmentError."""
    data = sections[NUMBERS]
    unpacker = msgpack.Unpacker(max_buffer_size=max(1, len(data)))
    unpacker.feed(data)
    try:
        return NumberDelta.from_records(unpacker)
    except (RecordError, ValueError, TypeError, AttributeError, msgpack.UnpackException) as error:
        raise SegmentError("document numbers: a step is damaged: the list must be brought again") from error


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


def _digest_of(header: PackageHeader) -> str:
    """Return a digest of all that a header says: of kind and calibration no less than of the payload."""
    return hashlib.sha256(canonical_bytes(to_plain(header))).hexdigest()


def request_of(package: Path, header: PackageHeader, content_key: bytes, segment: Path, segment_key: bytes) -> bytes:
    """Return the request for ``build`` of the package, whole or a delta, whose verified header is ``header``."""
    return canonical_bytes(
        {
            "package": str(package),
            "delta": header.step is not None,
            "header": _digest_of(header),
            "content_key": base64.b64encode(content_key).decode(),
            "segment": str(segment),
            "segment_key": base64.b64encode(segment_key).decode(),
        }
    )


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers of a list to be made one: ``deltas`` tells that the base is not among them.

    ``total`` is the number of entries that they have together, ``calibration`` the newest one's (persons).
    """

    kind: ListKind
    places: Sequence[Place] = field(repr=False)
    deltas: bool
    total: int
    calibration: Mapping[str, int | str] = field(default_factory=dict)


def layers_request_of(layers: Layers, segment: Path, segment_key: bytes) -> bytes:
    """Return the request for ``build`` of the one segment that ``layers`` make."""
    if not 1 <= len(layers.places) <= 1 + MAX_DELTAS:
        raise ValueError(f"layers: a base and at most {MAX_DELTAS} deltas")
    return canonical_bytes(
        {
            "layers": [[str(path), base64.b64encode(key).decode()] for path, key in layers.places],
            "kind": layers.kind.value,
            "deltas": layers.deltas,
            "total": layers.total,
            "calibration": dict(layers.calibration),
            "segment": str(segment),
            "segment_key": base64.b64encode(segment_key).decode(),
        }
    )
