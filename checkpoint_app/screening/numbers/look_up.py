"""A loaded list of document numbers: its pages, what has changed since, its ranges; asked by number and issuer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.numbers.blocks import from_records, ranges_from_plain, ranges_to_plain
from checkpoint_app.screening.numbers.delta import NumberDelta, merged
from checkpoint_app.screening.numbers.form import (
    CATEGORIES,
    CATEGORY_BITS,
    CATEGORY_MASK,
    Chunk,
    Head,
    check_issuers,
    number_hash,
)
from checkpoint_app.screening.numbers.pages import PageMaker, Pages
from checkpoint_app.screening.numbers.ranges import RangeTable
from checkpoint_app.screening.plain import RecordError
from checkpoint_app.screening.sections import Section, SegmentError, bytes_of, section_of

PAGES = "number.pages"
"""The section that rests in clear and is read page by page; all others are sealed and read whole."""
_FENCES, _DIGESTS, _META = "number.fences", "number.digests", "meta"
_MAX_META = 4 << 20
_MAX_BESIDE = 1 << 28
_MOST_SWAPS = 6
"""So many O, 0, I and 1 are exchanged in every way; where there are more, one at a time."""
_SWAPS = {"O": "0", "0": "O", "I": "1", "1": "I"}


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """A listed number found. Not ``exact``: only with O for 0 or I for 1. ``issuer_matched``: both sides name it."""

    category: DocumentCategory
    exact: bool
    issuer_matched: bool


class DocumentList:
    """A loaded list of document numbers. Any thread may ask."""

    def __init__(self, head: Head, pages: Pages, deltas: tuple[NumberDelta, ...] = ()) -> None:
        self._snapshot = head
        self._pages = pages
        self._deltas = deltas
        newest = deltas[-1] if deltas else None
        self.head = Head(
            head.key,
            newest.issuers if newest else head.issuers,
            head.count + sum(len(one.added) - len(one.removed) for one in deltas),
            newest.ranges if newest else head.ranges,
        )
        self._ranges = RangeTable(self.head.ranges)

    def __len__(self) -> int:
        """How many numbers are listed one by one; ranges are not among them."""
        return self.head.count

    @property
    def base(self) -> DocumentList:
        """The list without what has changed since its pages were made."""
        return DocumentList(self._snapshot, self._pages)

    def look_up(self, number: str, issuer: str) -> tuple[ListedMatch, ...]:
        """Return what is listed of ``number`` and ``issuer`` (ICAO code, may be empty), exact matches first.

        A listed number of another issuer is another document and is not returned. Raises SegmentError for a page that
        is damaged, and what a failing disk gives.
        """
        folded, state = fold_number(number), fold_state(issuer)
        if not folded:
            return ()
        matches: dict[ListedMatch, None] = {}
        for text in itertools.chain((folded,), _swapped(folded)):
            for listed, category in self._listed(text):
                if not state or not listed or state == listed:
                    matches[ListedMatch(category, text == folded, bool(state and listed))] = None
        return tuple(sorted(matches, key=lambda m: (not m.exact, not m.issuer_matched, CATEGORIES.index(m.category))))

    def with_delta(self, delta: NumberDelta) -> DocumentList:
        """Return the list as ``delta`` makes it; the same pages serve. Raises SegmentError for another list's delta."""
        delta.check_follows(self.head)
        return DocumentList(self._snapshot, self._pages, (*self._deltas, delta))

    def chunks(self) -> Iterator[Chunk]:
        """Yield all numbers in order, the deltas taken in: what a newer snapshot of the list is made of."""
        return merged(self._pages.chunks(), self._deltas)

    def sections(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        """Yield the sections of a new segment with the deltas taken in, in bounded memory."""
        return sections_of(self.head, self.chunks())

    def tags_of(self, wanted: int) -> list[int]:
        """Return the tags of a hash, as the newest delta leaves them."""
        tags = self._pages.tags_of(wanted)
        for delta in self._deltas:
            tags = delta.applied(wanted, tags)
        return tags

    def _listed(self, text: str) -> Iterator[tuple[str, DocumentCategory]]:
        """Yield the issuer and category under which a folded number is listed, by itself or within a range."""
        wanted = int.from_bytes(number_hash(self._snapshot.key, text.encode("ascii")), "little")
        for tag in self.tags_of(wanted):
            yield fold_state(self.head.issuers[tag >> CATEGORY_BITS]), CATEGORIES[tag & CATEGORY_MASK]
        for one in self._ranges.find(text):
            yield fold_state(one.issuer), one.category


def sections_of(head: Head, chunks: Iterable[Chunk]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Yield the sections of a list; the first, ``PAGES``, is a stream that has to be read before the next is asked for.

    Raises what ``chunks`` raises.
    """
    maker, kept = PageMaker(head.key), 0

    def counted() -> Iterator[Chunk]:
        nonlocal kept
        for chunk in chunks:
            kept += len(chunk)
            yield chunk

    yield PAGES, maker.pages(counted())
    fences, digests = maker.beside()
    yield _FENCES, fences
    yield _DIGESTS, digests
    meta = {"engine": ENGINE, "kind": "documents", "key": head.key.hex(), "count": kept}
    meta |= {"issuers": list(head.issuers), "ranges": ranges_to_plain(head.ranges)}
    yield _META, json.dumps(meta).encode()


def build_documents(records: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Yield the sections of the list that travelled in ``records``, as ``sections_of``. Raises RecordError."""
    head, chunks = from_records(records)
    yield from sections_of(head, chunks)


def load_documents(sections: Mapping[str, Section]) -> DocumentList:
    """Load a list of document numbers; its section ``PAGES`` may stay where it is. Raises SegmentError."""
    try:
        meta = json.loads(bytes_of(sections, _META, _MAX_META))
        key = bytes.fromhex(meta["key"])
        head = Head(key, check_issuers(meta["issuers"]), int(meta["count"]), ranges_from_plain(meta["ranges"]))
    except (KeyError, RecordError, TypeError, AttributeError, ValueError) as error:
        raise SegmentError("document numbers: what is said of the list is damaged: build it again") from error
    beside = bytes_of(sections, _FENCES, _MAX_BESIDE), bytes_of(sections, _DIGESTS, _MAX_BESIDE)
    pages = section_of(sections, PAGES)
    return DocumentList(head, Pages(key, head.count, beside, pages))


def _swapped(number: str) -> Iterator[str]:
    """Yield the readings of ``number`` with O and 0, I and 1 exchanged."""
    places = [place for place, char in enumerate(number) if char in _SWAPS]
    counts = range(1, len(places) + 1) if len(places) <= _MOST_SWAPS else (1,)
    for count in counts:
        for chosen in itertools.combinations(places, count):
            yield "".join(_SWAPS[char] if place in chosen else char for place, char in enumerate(number))
