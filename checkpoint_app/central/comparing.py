"""Comparing two versions of a list, record by record, in 16 bytes a record (36 of persons), however large it is."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from checkpoint_app.screening.plain import canonical
from checkpoint_app.wire.exact import part_of
from checkpoint_app.wire.header import ListKind

_ISSUE = frozenset({"version", "issued_at"})  # what differs between any two issues of a policy
_BYTES = 8
KINDS: Mapping[str, tuple[str, ...]] = {
    "names": ("names",),
    "dates": ("birth_dates",),
    "documents": ("documents",),
    "nationality": ("nationalities",),
    "other": ("schema", "sex", "birth_place", "handling", "remarks"),
}
"""Kinds of changes of a person's entry, each by the parts of its plain form."""


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
        self._ids, self._contents, self._parts = array("Q"), array("Q"), array("I")

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
            if self._kind is ListKind.PERSONS:
                self._parts.extend(self._part(record, keys) for keys in KINDS.values())
            yield record

    def against(self, before: Fingerprints) -> tuple[int, int, int]:
        """Return how many were added, removed and changed since ``before``. Raises DoubledError."""
        both = self._both(before)
        return len(self) - len(both[0]), len(before) - len(both[0]), int(np.count_nonzero(self._changed(before, both)))

    def kinds_against(self, before: Fingerprints) -> dict[str, int]:
        """Return how many of the changed persons have other names, dates and so on than before; only kinds that do."""
        both = self._both(before)
        changed = self._changed(before, both)
        mine, theirs = (
            np.frombuffer(one._parts, np.uint32).reshape(-1, len(KINDS))[places[changed]]
            for one, places in zip((self, before), both, strict=True)
        )
        counts = dict(zip(KINDS, (int(count) for count in np.count_nonzero(mine != theirs, axis=0)), strict=True))
        return {kind: count for kind, count in counts.items() if count}

    def unlike(self, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[bool, str]]:
        """Yield (whether its id is here, id) of each of another version's persons who is not here just as he is there.

        Raises DoubledError.
        """
        ids = self._unique()
        order = np.argsort(ids)
        for record in records:
            own = np.uint64(self._digest(identity(self._kind, record)))
            place = int(np.searchsorted(ids, own, sorter=order))
            known = place < len(ids) and ids[order[place]] == own
            if not known or self._contents[order[place]] != self._digest(content(self._kind, record)):
                yield bool(known), str(record["id"])

    def _both(self, before: Fingerprints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places, here and there, of the records that both have."""
        ids, old_ids = self._unique(), before._unique()
        _ids, here, there = np.intersect1d(ids, old_ids, assume_unique=True, return_indices=True)
        return here, there

    def _changed(self, before: Fingerprints, both: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.bool_]:
        here, there = both
        mine, theirs = (np.frombuffer(one._contents, np.uint64) for one in (self, before))
        unequal: NDArray[np.bool_] = mine[here] != theirs[there]
        return unequal

    def _unique(self) -> NDArray[np.uint64]:
        ids = np.frombuffer(self._ids, np.uint64)
        if len(np.unique(ids)) != len(ids):
            raise DoubledError("an id is given twice in the source; ask its originator")
        return ids

    def _part(self, record: Mapping[str, Any], keys: tuple[str, ...]) -> int:
        data: bytes = msgpack.packb([record.get(key) for key in keys])
        return int.from_bytes(hashlib.blake2b(data, digest_size=4, key=self._key).digest(), "big")

    def _digest(self, data: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(data, digest_size=_BYTES, key=self._key).digest(), "big")


def identity(kind: ListKind, record: Mapping[str, Any]) -> bytes:
    """Return what makes a record the same in two versions: a person's id, the place of a part of a file."""
    if kind is ListKind.PERSONS:
        return str(record["id"]).encode()
    if kind in (ListKind.RULES, ListKind.CODES):
        return str(part_of(record)).encode()
    return b""


def content(kind: ListKind, record: Mapping[str, Any]) -> bytes:
    """Return canonical bytes of what a record says; a policy's own number and time are not part of it."""
    if kind is ListKind.POLICY:
        record = {key: value for key, value in record.items() if key not in _ISSUE}
    return canonical(record)
