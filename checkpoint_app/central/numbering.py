"""A version of a list of document numbers in the making: hashed here, or by its partner; compared with that in force.

Both are read as sorted hashes, in memory that does not grow with them. Scratch files have no name, and hold keyed
hashes alone.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from checkpoint_app.central import lists
from checkpoint_app.central.keeping import Record
from checkpoint_app.screening.numbers.blocks import from_records, is_head, read_head, to_records
from checkpoint_app.screening.numbers.build import NumberBuilder
from checkpoint_app.screening.numbers.compare import changes, range_changes, with_issuers
from checkpoint_app.screening.numbers.form import MOST_ISSUERS, Chunk, Head
from checkpoint_app.screening.numbers.ranges import listed_from_plain
from checkpoint_app.screening.plain import RecordError


@dataclass(frozen=True, slots=True)
class Numbers:
    """``records`` are those of the package. ``against`` tells what was added, removed and changed since the version in
    force; it reads both once more. ``twice`` counts numbers that the source gave again. ``goes_on``: they are hashed as
    those of the version in force, with tags that count in its table of issuers or a longer one.
    """

    head: Head
    records: Iterable[Record]
    against: Callable[[], tuple[int, int, int]]
    twice: int = 0
    goes_on: bool = False

    @property
    def counts(self) -> Mapping[str, int | str]:
        """What the package's header says of it."""
        return {"numbers": self.head.count, "ranges": len(self.head.ranges)}


@contextmanager
def numbers_of(
    folder: Path, read: Callable[[], Iterable[Record]], before: lists.Published | None, *, go_on: bool = False
) -> Iterator[Numbers]:
    """Give the numbers of the source that each ``read`` reads from its start. Raises RecordError, OSError, and what
    ``read`` raises.

    A source in clear is hashed once where its series is to ``go_on``. Where another begins it gets a new key, and is
    hashed a second time under that of the version in force, to be compared. One that is hashed can be compared, and its
    series go on, only if its partner kept the key; else all counts as new.
    """
    every = iter(read())
    first = next(every, None)
    if first is not None and is_head(first):
        yield _as_hashed(read_head(first), read, before, go_on)
        return
    records = every if first is None else itertools.chain((first,), every)
    old = _head_of(before)
    with tempfile.TemporaryFile(dir=folder) as scratch, tempfile.TemporaryFile(dir=folder) as other:
        under_old = NumberBuilder(other, old.key, old.issuers) if old else None
        made = under_old if under_old is not None and go_on else NumberBuilder(scratch)
        for place, record in enumerate(records, start=1):
            try:
                listed = listed_from_plain(record)
                made.add(listed)
                if under_old is not None and under_old is not made:
                    under_old.add(listed)
            except RecordError as error:
                raise RecordError(f"record {place}: {error}") from None
        head = made.finish()
        if under_old is None:
            yield Numbers(head, made.records(), lambda: _all_new(head, before), made.duplicates)
            return
        there = under_old.finish()
        against = partial(_changes, before, there)
        yield Numbers(
            head, made.records(), lambda: against(under_old.chunks()), made.duplicates, goes_on=made is under_old
        )


def _as_hashed(
    head: Head, read: Callable[[], Iterable[Record]], before: lists.Published | None, go_on: bool
) -> Numbers:
    """Return what a partner hashed, as it is, or counted in the table of the series that it goes on with."""
    old = _head_of(before)
    if old is None or old.key != head.key:
        return Numbers(head, _recounted(head, read, head.issuers), lambda: _all_new(head, before))
    issuers = tuple(dict.fromkeys((*old.issuers, *head.issuers)))
    goes_on = go_on and len(issuers) <= MOST_ISSUERS
    kept = replace(head, issuers=issuers) if goes_on else head

    def against() -> tuple[int, int, int]:
        return _changes(before, head, with_issuers(from_records(read())[1], head.issuers, issuers))

    return Numbers(kept, _recounted(kept, read, kept.issuers), against, goes_on=goes_on)


def _recounted(head: Head, read: Callable[[], Iterable[Record]], issuers: Sequence[str]) -> Iterator[Record]:
    """Yield the records of what ``read`` reads, its tags counted in the table ``issuers``."""
    own, chunks = from_records(read())
    yield from to_records(head, with_issuers(chunks, own.issuers, issuers))


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
