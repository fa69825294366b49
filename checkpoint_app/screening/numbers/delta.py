"""What a list of document numbers gains and loses from one version to the next, under the key of its snapshot.

It is searched beside the snapshot, and merged into a new one when there are many. Removed is a hash with its tag: that
one state's number is found again says nothing of another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checkpoint_app.screening.numbers.blocks import (
    block_of,
    checked,
    ranges_from_plain,
    ranges_to_plain,
    read_block,
    regrouped,
)
from checkpoint_app.screening.numbers.compare import differences, side_by_side, with_issuers
from checkpoint_app.screening.numbers.form import Chunk, Head, check_issuers, joined, key_id
from checkpoint_app.screening.numbers.ranges import ListedRange
from checkpoint_app.screening.plain import RecordError
from checkpoint_app.screening.sections import SegmentError

MOST_CHANGES = 1 << 22
"""Most numbers that a delta adds, and most that it removes: 40 MiB each in memory. Beyond, send a snapshot."""


@dataclass(frozen=True, slots=True)
class NumberDelta:
    """One step from a version to the next. ``key`` names the key of the snapshot, ``issuers`` and ``ranges`` are the
    newer version's whole tables; a table of issuers only grows.
    """

    key: str
    issuers: tuple[str, ...]
    ranges: tuple[ListedRange, ...]
    added: Chunk
    removed: Chunk

    def applied(self, wanted: int, tags: list[int]) -> list[int]:
        """Return the tags of a hash as this step leaves them."""
        gone, come = _tags_of(self.removed, wanted), _tags_of(self.added, wanted)
        return tags if not gone and not come else sorted((set(tags) - set(gone)) | set(come))

    def check_follows(self, head: Head) -> None:
        """Raise SegmentError unless this is a step from the list of ``head``."""
        if self.key != key_id(head.key) or self.issuers[: len(head.issuers)] != head.issuers:
            raise SegmentError("document numbers: the change is of another list or snapshot; take the whole list")

    def to_records(self) -> Iterator[dict[str, Any]]:
        """Yield the records by which the step travels: a head, then blocks of what is added, and of what goes."""
        yield {
            "delta": self.key,
            "issuers": list(self.issuers),
            "ranges": ranges_to_plain(self.ranges),
            "added": len(self.added),
            "removed": len(self.removed),
        }
        for chunk in (self.added, self.removed):
            yield from map(block_of, regrouped([chunk]))

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]]) -> NumberDelta:
        """Return the step that travelled in ``records``. Raises RecordError."""
        every = iter(records)
        head = next(every, {})
        key, counts = head.get("delta"), [head.get("added"), head.get("removed")]
        if not isinstance(key, str) or not all(type(one) is int and 0 <= one <= MOST_CHANGES for one in counts):
            raise RecordError(f"change of a list of document numbers: expected up to {MOST_CHANGES} numbers")
        issuers, ranges = check_issuers(head.get("issuers")), ranges_from_plain(head.get("ranges"))
        blocks = map(read_block, every)
        parts = [joined(checked(_taken(blocks, n), Head(b"", issuers, n))) for n in (int(one or 0) for one in counts)]
        if next(blocks, None) is not None:
            raise RecordError("change of a list of document numbers: more is in it than it says")
        return cls(key, issuers, ranges, *parts)


def make_delta(old: Head, old_chunks: Iterable[Chunk], new: Head, new_chunks: Iterable[Chunk]) -> NumberDelta:
    """Return the step from ``old`` to ``new``, both under one key, in memory bounded by what has changed.

    Raises SegmentError for another key, or for more changes than a delta holds.
    """
    if old.key != new.key:
        raise SegmentError("document numbers: the two lists are under different keys, so they can't be compared")
    issuers = tuple(dict.fromkeys((*old.issuers, *new.issuers)))
    gone: list[Chunk] = []
    come: list[Chunk] = []
    for before, after in differences(old_chunks, with_issuers(new_chunks, new.issuers, issuers)):
        gone.append(before)
        come.append(after)
        if max(sum(map(len, gone)), sum(map(len, come))) > MOST_CHANGES:
            raise SegmentError("document numbers: so much has changed that the whole list has to be sent")
    return NumberDelta(key_id(old.key), issuers, new.ranges, joined(come), joined(gone))


def merged(chunks: Iterable[Chunk], deltas: Sequence[NumberDelta]) -> Iterator[Chunk]:
    """Yield the numbers of a snapshot with the steps taken in, oldest first, in bounded memory."""
    for delta in deltas:
        chunks = _stepped(_stepped(chunks, delta.removed, add=False), delta.added, add=True)
    yield from chunks


def _stepped(chunks: Iterable[Chunk], step: Chunk, *, add: bool) -> Iterator[Chunk]:
    for before, change in side_by_side(chunks, [step]):
        if not len(change):
            yield before
            continue
        both = joined((before, change))
        order = np.lexsort((both.tags, both.hashes))
        hashes, tags = both.hashes[order], both.tags[order]
        again = np.concatenate(([False], (hashes[1:] == hashes[:-1]) & (tags[1:] == tags[:-1])))
        kept = ~again if add else ~(again | np.concatenate((again[1:], [False])) | (order >= len(before)))
        yield Chunk(hashes[kept], tags[kept])


def _tags_of(chunk: Chunk, wanted: int) -> list[int]:
    value = np.array([wanted], np.uint64)
    low, high = (int(np.searchsorted(chunk.hashes, value, side)[0]) for side in ("left", "right"))
    tags: list[int] = chunk.tags[low:high].tolist()
    return tags


def _taken(blocks: Iterator[Chunk], count: int) -> Iterator[Chunk]:
    """Yield blocks until they hold ``count`` numbers."""
    while count > 0:
        block = next(blocks, None)
        if block is None:
            return
        count -= len(block)
        yield block


def together(deltas: Sequence[NumberDelta]) -> NumberDelta:
    """Return the one step that does what ``deltas``, in order, do: of each hash and tag the last word counts.

    Raises SegmentError where they are not of one snapshot, or change more than a delta holds.
    """
    newest = deltas[-1]
    if any(one.key != newest.key or newest.issuers[: len(one.issuers)] != one.issuers for one in deltas):
        raise SegmentError("document numbers: changes of different snapshots can't be joined")
    parts = [(chunk, come) for one in deltas for chunk, come in ((one.removed, False), (one.added, True))]
    every = joined(chunk for chunk, _come in parts)
    come = np.concatenate([np.full(len(chunk), word, bool) for chunk, word in parts])
    order = np.lexsort((every.tags, every.hashes))  # stable: of the same number the last stays last
    hashes, tags, come = every.hashes[order], every.tags[order], come[order]
    last = np.ones(len(hashes), bool)
    last[:-1] = (hashes[1:] != hashes[:-1]) | (tags[1:] != tags[:-1])
    added, removed = (Chunk(hashes[kept], tags[kept]) for kept in (last & come, last & ~come))
    if max(len(added), len(removed)) > MOST_CHANGES:
        raise SegmentError("document numbers: so much has changed that the whole list has to be sent")
    return NumberDelta(newest.key, newest.issuers, newest.ranges, added, removed)
