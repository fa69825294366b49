"""From listed numbers to sorted hashes, in bounded memory: runs of a million go to a scratch file, parted by their
first bits, and come back part by part. What the file holds is keyed hashes.
"""

from __future__ import annotations

import io
import itertools
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.numbers.blocks import to_records
from checkpoint_app.screening.numbers.form import (
    HASH_BYTES,
    MAX_ISSUER,
    MOST_ISSUERS,
    Chunk,
    Head,
    new_key,
    number_hash,
    ordered,
    tag_of,
)
from checkpoint_app.screening.numbers.ranges import MOST_RANGES, Listed, ListedRange, listed_from_plain
from checkpoint_app.screening.plain import RecordError

RUN = 1 << 20
"""Numbers that are held in memory before they go to the scratch file."""
_PART_BITS = 10
_PARTS = 1 << _PART_BITS
_SHIFT = np.uint64(64 - _PART_BITS)
_AT_ONCE = 8192


class NumberBuilder:
    """Takes the numbers and ranges of a list in any order, and gives them sorted, each once."""

    def __init__(self, scratch: BinaryIO | None = None, key: bytes | None = None, issuers: Iterable[str] = ()) -> None:
        """``scratch`` is an empty file for reading and writing, in memory if not given.

        ``issuers``: a table to begin with, so that tags are those of another version under the same ``key``.
        """
        self._scratch = scratch or io.BytesIO()
        self._key = key or new_key()
        self._issuers: dict[str, int] = {}
        for issuer in ("", *issuers):
            self._issuers.setdefault(issuer, len(self._issuers))
        self._hashes, self._tags = bytearray(), array("H")
        self._runs: list[tuple[int, npt.NDArray[np.int64]]] = []
        self._ranges: dict[ListedRange, None] = {}
        self._added = 0
        self._head: Head | None = None

    def add(self, listed: Listed) -> None:
        """Take a number or a range. Raises RecordError for an issuer or a range too many, OSError by the scratch."""
        if isinstance(listed, ListedRange):
            self._issuer(listed.issuer)
            self._ranges[listed] = None
            if len(self._ranges) > MOST_RANGES:
                raise RecordError(f"ranges: more than {MOST_RANGES}")
        else:
            self.extend((fold_number(listed.number).encode(),), listed.issuer, listed.category)

    def extend(self, folded: Iterable[bytes], issuer: str, category: DocumentCategory) -> None:
        """Take numbers of one issuer and category, as `fold_number` writes them. Raises as ``add``."""
        tag = tag_of(self._issuer(fold_state(issuer)), category)
        key, texts = self._key, iter(folded)
        while some := [number_hash(key, text) for text in itertools.islice(texts, _AT_ONCE)]:
            self._hashes += b"".join(some)
            self._tags.extend(itertools.repeat(tag, len(some)))
            self._added += len(some)
            if len(self._tags) >= RUN:
                self._spill()

    def add_plain(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Take plain records of numbers and ranges. Raises RecordError naming the record by its place."""
        for place, record in enumerate(records, start=1):
            try:
                self.add(listed_from_plain(record))
            except RecordError as error:
                raise RecordError(f"record {place}: {error}") from None

    def finish(self) -> Head:
        """Return the list's head, with how many different numbers there are. Nothing more is added then."""
        if self._runs and self._tags:
            self._spill()
        count = sum(map(len, self.chunks()))
        self._head = Head(self._key, tuple(self._issuers), count, tuple(self._ranges))
        return self._head

    @property
    def head(self) -> Head:
        """The list's head, which ``finish`` found."""
        return self._head or self.finish()

    @property
    def counts(self) -> dict[str, int | str]:
        """What a package's header says of the list."""
        return {"numbers": self.head.count, "ranges": len(self.head.ranges)}

    @property
    def duplicates(self) -> int:
        """How many numbers were given again with the same issuer and category, once ``finish`` was called."""
        return self._added - self.head.count

    def chunks(self) -> Iterator[Chunk]:
        """Yield the numbers sorted; may be asked for again."""
        if not self._runs:
            if self._tags:
                yield ordered(np.frombuffer(self._hashes, "<u8"), np.array(self._tags, np.uint16))
            return
        for part in range(_PARTS):
            hashes, tags = self._part(part)
            if len(hashes):
                yield ordered(hashes, tags)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records by which the list travels."""
        return to_records(self.head, self.chunks())

    def _issuer(self, code: str) -> int:
        number = self._issuers.get(code)
        if number is None:
            if len(self._issuers) >= MOST_ISSUERS:
                raise RecordError(f"issuer: more than {MOST_ISSUERS} different codes")
            if len(code) > MAX_ISSUER:
                raise RecordError(f"issuer: longer than {MAX_ISSUER} characters")
            number = self._issuers[code] = len(self._issuers)
        return number

    def _spill(self) -> None:
        """Write what is held as a run: parted by the first bits, which is all the order that is needed yet."""
        hashes, tags = np.frombuffer(self._hashes, "<u8"), np.array(self._tags, np.uint16)
        parts = (hashes >> _SHIFT).astype(np.uint16)
        order = np.argsort(parts, kind="stable")
        ends = np.concatenate(([0], np.cumsum(np.bincount(parts, minlength=_PARTS))))
        begin = self._scratch.seek(0, io.SEEK_END)
        self._scratch.write(hashes[order].tobytes())
        self._scratch.write(tags[order].tobytes())
        self._runs.append((begin, ends))
        self._hashes, self._tags = bytearray(), array("H")

    def _part(self, part: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
        hashes, tags = [], []
        for begin, ends in self._runs:
            first, count, total = int(ends[part]), int(ends[part + 1] - ends[part]), int(ends[-1])
            hashes.append(self._exactly(begin + first * HASH_BYTES, count * HASH_BYTES))
            tags.append(self._exactly(begin + total * HASH_BYTES + first * 2, count * 2))
        return np.frombuffer(b"".join(hashes), "<u8"), np.frombuffer(b"".join(tags), np.uint16)

    def _exactly(self, offset: int, size: int) -> bytes:
        self._scratch.seek(offset)
        return self._scratch.read(size)


def builder_of(records: Iterable[Mapping[str, Any]], key: bytes | None = None) -> NumberBuilder:
    """Return the finished builder of plain records, in memory. Raises RecordError naming the record by its place."""
    builder = NumberBuilder(key=key)
    builder.add_plain(records)
    builder.finish()
    return builder


def blocks_of(records: Iterable[Mapping[str, Any]], key: bytes | None = None) -> Iterator[dict[str, Any]]:
    """Yield the records by which plain records of numbers and ranges travel. Raises as ``builder_of``."""
    return builder_of(records, key).records()
