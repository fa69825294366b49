"""Deltas: what a list gains and loses from the version that booths are served to the next, as a package of its own.

Persons are told apart by the hash of their id, which is what a booth tells them apart by: two versions in which it is
not clear who is who have no delta. Both are read record by record; what is held is 16 bytes of each.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.central import lists
from checkpoint_app.central.lists import Published
from checkpoint_app.screening.identity import id_digest
from checkpoint_app.screening.numbers.blocks import from_records
from checkpoint_app.screening.numbers.delta import make_delta
from checkpoint_app.screening.plain import RecordError, canonical
from checkpoint_app.screening.sections import SegmentError
from checkpoint_app.wire.header import ListKind, PackageHeader, Step
from checkpoint_app.wire.package import write_package

Record = Mapping[str, Any]
Read = Callable[[], Iterable[Record]]

MOST_REMOVED = 1000
"""Most ids of a record of removed entries."""
MOST_REMOVED_BYTES = 1 << 17
"""Most bytes of them: a record has at most a megabyte, and an id up to 4,000 characters."""
_DIGEST_BYTES = 8


class NoDeltaError(ValueError):
    """There is no delta between two versions: only the whole list leads to the later one."""


def write_delta(file: BinaryIO, base: Published, newer: Published, signer: Ed25519PrivateKey) -> PackageHeader:
    """Write the delta from ``base`` to ``newer``, versions of one series, to ``file``, and return its header.

    Raises NoDeltaError, CentreError where a package is damaged, OSError.
    """
    old, new = lists.header_of(base), lists.header_of(newer)
    step = Step(old.version, old.payload_digest, new.payload_digest, new.record_count)
    made = _number_changes if new.kind is ListKind.DOCUMENTS else person_changes
    with tempfile.TemporaryFile(dir=base.path.parent) as scratch:
        return write_package(
            file, made(lambda: lists.records_of(base), lambda: lists.records_of(newer)), signer, name=new.name,
            kind=new.kind, version=new.version, originator=new.originator, issued_at=new.issued_at,
            agreement=new.agreement, handling=new.handling, calibration=new.calibration,
            content_key=newer.content_key, scratch=scratch, step=step,
        )  # fmt: skip


def person_changes(old: Read, new: Read) -> Iterator[Record]:
    """Yield the records of a delta of persons: the ids that only ``old`` has, then whom only ``new`` has just so.

    Each read is one pass from the start. Raises NoDeltaError.
    """
    key = os.urandom(32)  # so that nobody can choose two forms of an entry that pass for the same
    before, after = _Noted(old(), key), _Noted(new(), key)
    _hashes, there, here = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
    gone, come = np.ones(len(before.ids), np.bool_), np.ones(len(after.ids), np.bool_)
    gone[there] = False
    come[here] = before.contents[there] != after.contents[here]
    if gone.any():
        for ids in _grouped(str(record["id"]) for record in _picked(old(), gone)):
            yield {"removed": ids}
    yield from _picked(new(), come)


class _Noted:
    """Of each record of a list of persons, in order: the hash of its id, and a keyed digest of all it says."""

    def __init__(self, records: Iterable[Record], key: bytes) -> None:
        ids, contents = bytearray(), bytearray()
        for record in records:
            ids += id_digest(str(record["id"]))
            contents += hashlib.blake2b(canonical(record), digest_size=_DIGEST_BYTES, key=key).digest()
        self.ids = np.frombuffer(ids, "<u8")
        self.contents = np.frombuffer(contents, "<u8")
        if len(np.unique(self.ids)) != len(self.ids):
            raise NoDeltaError("two entries of a version share the hash of their ids")


def _picked(records: Iterable[Record], wanted: npt.NDArray[np.bool_]) -> Iterator[Record]:
    return (record for record, is_wanted in zip(records, wanted.tolist(), strict=True) if is_wanted)


def _grouped(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids, some at a time."""
    group: list[str] = []
    size = 0
    for entry_id in ids:
        length = len(entry_id.encode())
        if group and (len(group) == MOST_REMOVED or size + length > MOST_REMOVED_BYTES):
            yield group
            group, size = [], 0
        group.append(entry_id)
        size += length
    if group:
        yield group


def _number_changes(old: Read, new: Read) -> Iterator[Record]:
    """Yield the records of a delta of document numbers. Raises NoDeltaError."""
    try:
        yield from make_delta(*from_records(old()), *from_records(new())).to_records()
    except (SegmentError, RecordError) as error:
        raise NoDeltaError(str(error)) from error
