"""Comparing two versions of a list, record by record, in sixteen bytes a record, however large the records are."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkpoint_app.screening.plain import canonical
from checkpoint_app.wire.header import ListKind

_ISSUE = frozenset({"version", "issued_at"})  # what differs between any two issues of a policy
_BYTES = 8


class DoubledError(ValueError):
    """An id is given twice, so that a record could not be told from another."""


class Fingerprints:
    """Two keyed digests of each record of a list: of what it is (its id), and of all it says.

    The key is made for one comparison, so nobody can choose records whose digests meet; by chance, two of two million
    do with a likelihood of 1 in 10 million, and then a count is one too small.
    """

    def __init__(self, kind: ListKind, key: bytes) -> None:
        self._kind = kind
        self._key = key
        self._ids, self._contents = array("Q"), array("Q")

    @staticmethod
    def new_key() -> bytes:
        """Return the key of one comparison."""
        return os.urandom(32)

    def __len__(self) -> int:
        return len(self._ids)

    def noting(self, records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Pass the records on, each noted."""
        for record in records:
            self._ids.append(self._digest(identity(self._kind, record)))
            self._contents.append(self._digest(content(self._kind, record)))
            yield record

    def against(self, before: Fingerprints) -> tuple[int, int, int]:
        """Return how many were added, removed and changed since ``before``. Raises DoubledError."""
        ids, contents = self._sorted()
        old_ids, old_contents = before._sorted()
        _both, here, there = np.intersect1d(ids, old_ids, assume_unique=True, return_indices=True)
        changed = int(np.count_nonzero(contents[here] != old_contents[there]))
        return len(ids) - len(here), len(old_ids) - len(there), changed

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        ids, contents = (np.frombuffer(each, dtype=np.uint64) for each in (self._ids, self._contents))
        order = np.argsort(ids)
        if len(np.unique(ids)) != len(ids):
            raise DoubledError("an id is given twice in the source; ask its originator")
        return ids[order], contents[order]

    def _digest(self, data: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(data, digest_size=_BYTES, key=self._key).digest(), "big")


def identity(kind: ListKind, record: Mapping[str, Any]) -> bytes:
    """Return what makes a record the same in two versions: a person's id."""
    if kind is ListKind.PERSONS:
        return str(record["id"]).encode()
    return b""


def content(kind: ListKind, record: Mapping[str, Any]) -> bytes:
    """Return canonical bytes of what a record says; a policy's own number and time are not part of it."""
    if kind is ListKind.POLICY:
        record = {key: value for key, value in record.items() if key not in _ISSUE}
    return canonical(record)
