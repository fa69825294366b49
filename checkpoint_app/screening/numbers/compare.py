"""Two lists under one key side by side, in bounded memory, however long they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.numbers.form import (
    CATEGORY_BITS,
    CATEGORY_MASK,
    NOTHING,
    Chunk,
    Head,
    joined,
    ordered,
)

_END = 1 << 64


def differences(old: Iterable[Chunk], new: Iterable[Chunk]) -> Iterator[tuple[Chunk, Chunk]]:
    """Yield what only ``old`` and what only ``new`` holds, some hashes at a time."""
    for before, after in side_by_side(old, new):
        if len(before) == len(after) and _same(before, after):
            continue
        both = joined((before, after))
        order = np.lexsort((both.tags, both.hashes))
        hashes, tags = both.hashes[order], both.tags[order]
        twice = np.concatenate(([False], (hashes[1:] == hashes[:-1]) & (tags[1:] == tags[:-1]), [False]))
        alone = ~(twice[1:] | twice[:-1])
        of_old = order < len(before)
        yield tuple(Chunk(hashes[mask], tags[mask]) for mask in (alone & of_old, alone & ~of_old))  # type: ignore[misc]


def changes(old: Iterable[Chunk], new: Iterable[Chunk]) -> tuple[int, int, int]:
    """Return how many numbers were added, removed, and changed in category."""
    added = removed = changed = 0
    for gone, come in differences(old, new):
        both, sides = joined((gone, come)), np.arange(len(gone) + len(come)) < len(gone)
        issuers = both.tags >> CATEGORY_BITS
        order = np.lexsort((sides, issuers, both.hashes))
        hashes, issuers, sides = both.hashes[order], issuers[order], sides[order]
        pairs = (hashes[1:] == hashes[:-1]) & (issuers[1:] == issuers[:-1]) & (sides[1:] != sides[:-1])
        other = int(np.count_nonzero(pairs))
        changed += other
        added += len(come) - other
        removed += len(gone) - other
    return added, removed, changed


def range_changes(old: Head, new: Head) -> tuple[int, int]:
    """Return how many ranges were added and removed."""
    before, after = set(old.ranges), set(new.ranges)
    return len(after - before), len(before - after)


def with_issuers(chunks: Iterable[Chunk], own: Sequence[str], wanted: Sequence[str]) -> Iterator[Chunk]:
    """Yield the numbers with tags that count in the table ``wanted``, which has all issuers of ``own``."""
    places = np.array([wanted.index(issuer) for issuer in own], np.uint16) << CATEGORY_BITS
    if tuple(own) == tuple(wanted[: len(own)]):
        yield from chunks
        return
    for chunk in whole_runs(chunks):
        yield ordered(chunk.hashes, places[chunk.tags >> CATEGORY_BITS] | (chunk.tags & np.uint16(CATEGORY_MASK)))


def whole_runs(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the same numbers, those of one hash never parted."""
    return (one for one, _ in side_by_side(chunks, ()) if len(one))


def side_by_side(old: Iterable[Chunk], new: Iterable[Chunk]) -> Iterator[tuple[Chunk, Chunk]]:
    """Yield parts of both lists over the same hashes, those of one hash never parted."""
    here, there = _Feed(old), _Feed(new)
    while here.fill() | there.fill():
        end = min(here.end, there.end)
        yield here.take(end), there.take(end)


class _Feed:
    """Chunks, of which as much is taken as lies before some hash."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._chunks = iter(chunks)
        self._held = NOTHING
        self.end = 0

    def fill(self) -> bool:
        """Hold more than one hash, or all that is left; ``end`` is the first hash that may not be complete."""
        parts, more = [self._held], True
        while more and (not len(parts[-1]) or parts[0].hashes[:1].tolist() == parts[-1].hashes[-1:].tolist()):
            found = next(self._chunks, None)
            more = found is not None
            parts = [part for part in (*parts, found) if part is not None and len(part)] or [NOTHING]
        self._held = joined(parts) if len(parts) > 1 else parts[0]
        self.end = int(self._held.hashes[-1]) if more else _END
        return bool(len(self._held))

    def take(self, end: int) -> Chunk:
        place = len(self._held) if end == _END else _place(self._held.hashes, end)
        taken, self._held = self._held.part(0, place), self._held.part(place, len(self._held))
        return taken


def _place(hashes: npt.NDArray[np.uint64], value: int) -> int:
    return int(np.searchsorted(hashes, np.array([value], np.uint64), "left")[0])


def _same(one: Chunk, other: Chunk) -> bool:
    return bool((one.hashes == other.hashes).all() and (one.tags == other.tags).all())
