"""A version of a list of document numbers in the making: hashed here, or by its partner; compared with that in force.

Both are read as sorted hashes, in memory that does not grow with them. Scratch files have no name, and hold keyed
hashes alone.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.central import lists
from checkpoint_app.central.keeping import Record
from checkpoint_app.screening.numbers.blocks import from_records, is_head, read_head, to_records
from checkpoint_app.screening.numbers.build import NumberBuilder
from checkpoint_app.screening.numbers.compare import changes, range_changes, with_issuers
from checkpoint_app.screening.numbers.form import Chunk, Head
from checkpoint_app.screening.numbers.ranges import listed_from_plain
from checkpoint_app.screening.plain import RecordError


@dataclass(frozen=True, slots=True)
class Numbers:
    """``records`` are those of the package. ``against`` tells what was added, removed and changed since the version in
    force; it reads both once more. ``twice`` counts numbers that the source gave again.
    """

    head: Head
    records: Iterable[Record]
    against: Callable[[], tuple[int, int, int]]
    twice: int = 0

    @property
    def counts(self) -> Mapping[str, int | str]:
        """What the package's header says of it."""
        return {"numbers": self.head.count, "ranges": len(self.head.ranges)}


@contextmanager
def numbers_of(folder: Path, read: Callable[[], Iterable[Record]], before: lists.Published | None) -> Iterator[Numbers]:
    """Give the numbers of the source that each ``read`` reads from its start. Raises RecordError, OSError, and what
    ``read`` raises.

    A source in clear gets a new key, and is hashed a second time under that of the version in force. One that is hashed
    can be compared only if its partner kept the key; else all counts as new.
    """
    every = iter(read())
    first = next(every, None)
    if first is not None and is_head(first):
        yield _as_hashed(read_head(first), read, before)
        return
    records = every if first is None else itertools.chain((first,), every)
    with tempfile.TemporaryFile(dir=folder) as scratch, tempfile.TemporaryFile(dir=folder) as other:
        old = _head_of(before)
        made = NumberBuilder(scratch)
        twin = NumberBuilder(other, old.key, old.issuers) if old else None
        for place, record in enumerate(records, start=1):
            try:
                listed = listed_from_plain(record)
                made.add(listed)
                if twin is not None:
                    twin.add(listed)
            except RecordError as error:
                raise RecordError(f"record {place}: {error}") from None
        head = made.finish()
        if twin is None:
            yield Numbers(head, made.records(), lambda: _all_new(head, before), made.duplicates)
            return
        there = twin.finish()
        yield Numbers(head, made.records(), lambda: _changes(before, there, twin.chunks()), made.duplicates)


def _as_hashed(head: Head, read: Callable[[], Iterable[Record]], before: lists.Published | None) -> Numbers:
    def records() -> Iterator[Record]:
        yield from to_records(*from_records(read()))

    def against() -> tuple[int, int, int]:
        old = _head_of(before)
        if old is None or old.key != head.key:
            return _all_new(head, before)
        issuers = tuple(dict.fromkeys((*old.issuers, *head.issuers)))
        return _changes(before, head, with_issuers(from_records(read())[1], head.issuers, issuers))

    return Numbers(head, records(), against)


def _changes(before: lists.Published | None, head: Head, chunks: Iterable[Chunk]) -> tuple[int, int, int]:
    """Return what is new in ``chunks``, whose tags count in a table that begins with that of ``before``."""
    if before is None:
        return _all_new(head, before)
    with closing(lists.records_of(before)) as records:
        old, old_chunks = from_records(records)
        added, removed, changed = changes(old_chunks, chunks)
    more, fewer = range_changes(old, head)
    return added + more, removed + fewer, changed


def _all_new(head: Head, before: lists.Published | None) -> tuple[int, int, int]:
    return head.count + len(head.ranges), lists.header_of(before).entries if before is not None else 0, 0


def _head_of(before: lists.Published | None) -> Head | None:
    """Return the head of the version in force; None where there is none, or none of this making."""
    if before is None:
        return None
    with closing(lists.records_of(before)) as records:
        try:
            return read_head(next(records, {}))
        except RecordError:
            return None
