"""How a list of document numbers rests: pages of 4 KiB in a file, each with 409 sorted hashes and their tags.

Beside the file, in memory and sealed at rest, stand the first hash of each page and a keyed digest of it: four bytes in
a hundred. So a look-up reads one page, the right one, and a page that was changed, moved or cut off is noticed.
All is little-endian, as are the machines that this runs on.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

import numpy as np

from checkpoint_app.screening.numbers.blocks import regrouped
from checkpoint_app.screening.numbers.form import HASH_BYTES, Chunk, Hashes
from checkpoint_app.screening.sections import Section, SegmentError, range_of

PAGE_BYTES = 4096
PER_PAGE = 409
_HASHES_END = PER_PAGE * HASH_BYTES
_TAGS_END = _HASHES_END + PER_PAGE * 2
_AT_ONCE = 256
"""Pages that are made or read together: 1 MiB."""
_DIGEST_BYTES = 8


class PageMaker:
    """Makes the pages of a list, and what stands beside them."""

    def __init__(self, key: bytes) -> None:
        self._secret = _page_secret(key)
        self._fences, self._digests = array("Q"), bytearray()

    def pages(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """Yield the file's bytes, some pages at a time."""
        for chunk in regrouped(chunks, PER_PAGE * _AT_ONCE):
            data = _filled(chunk)
            self._fences.frombytes(chunk.hashes[::PER_PAGE].tobytes())
            for begin in range(0, len(data), PAGE_BYTES):
                self._digests += _digest(self._secret, data[begin : begin + PAGE_BYTES])
            yield data

    def beside(self) -> tuple[bytes, bytes]:
        """Return the first hash of each page, little-endian, and the digests, once all pages are made."""
        return np.array(self._fences, "<u8").tobytes(), bytes(self._digests)


class Pages:
    """The pages of a loaded list."""

    def __init__(self, key: bytes, count: int, beside: tuple[bytes, bytes], section: Section) -> None:
        """``beside`` is what `PageMaker.beside` gave. Raises SegmentError where it or ``section`` does not fit."""
        fences, digests = beside
        pages = -(-count // PER_PAGE)
        sizes = (len(fences), len(digests), len(section))
        if count < 0 or sizes != (pages * HASH_BYTES, pages * _DIGEST_BYTES, pages * PAGE_BYTES):
            raise SegmentError("document numbers: the pages or what stands beside them are not whole: build it again")
        firsts: Hashes = np.frombuffer(fences, "<u8").astype(np.uint64)
        if (firsts[1:] < firsts[:-1]).any():
            raise SegmentError("document numbers: the pages are not in order: build the list again")
        self._fences = firsts.data
        self._secret = _page_secret(key)
        self._digests = digests
        self._count = count
        self._section = section

    def __len__(self) -> int:
        return self._count

    def tags_of(self, wanted: int) -> list[int]:
        """Return the tags of a hash. Reads one page, or more where one hash fills them. Raises SegmentError."""
        tags: list[int] = []
        for page in range(max(0, bisect_left(self._fences, wanted) - 1), len(self._fences)):
            if self._fences[page] > wanted:
                break
            data = memoryview(self._proven(page, 1))
            hashes = data[:_HASHES_END].cast("Q")[: self._count - page * PER_PAGE]
            low = bisect_left(hashes, wanted)
            if low < len(hashes) and hashes[low] == wanted:
                tags += data[_HASHES_END:_TAGS_END].cast("H")[low : bisect_right(hashes, wanted, low)].tolist()
        return tags

    def chunks(self) -> Iterator[Chunk]:
        """Yield all numbers in order. Raises SegmentError."""
        for page in range(0, len(self._fences), _AT_ONCE):
            yield self._chunk(page, min(_AT_ONCE, len(self._fences) - page))

    def _chunk(self, page: int, pages: int) -> Chunk:
        data = self._proven(page, pages)
        count = min(pages * PER_PAGE, self._count - page * PER_PAGE)
        rows = np.frombuffer(data, np.uint8).reshape(pages, PAGE_BYTES)
        hashes = np.ascontiguousarray(rows[:, :_HASHES_END]).view("<u8").ravel()[:count]
        tags = np.ascontiguousarray(rows[:, _HASHES_END:_TAGS_END]).view("<u2").ravel()[:count]
        return Chunk(hashes, tags)

    def _proven(self, page: int, pages: int) -> bytes:
        """Return so many pages, each as it was made. Raises SegmentError."""
        data = bytes(range_of(self._section, page * PAGE_BYTES, pages * PAGE_BYTES))
        if len(data) != pages * PAGE_BYTES:
            raise SegmentError("document numbers: the file is cut short; the list must be brought again")
        for place in range(pages):
            at = (page + place) * _DIGEST_BYTES
            one = data[place * PAGE_BYTES : (place + 1) * PAGE_BYTES]
            if _digest(self._secret, one) != self._digests[at : at + _DIGEST_BYTES]:
                raise SegmentError("document numbers: a page was changed on disk; the list must be brought again")
        return data


def _filled(chunk: Chunk) -> bytes:
    """Return whole pages; the last is filled up."""
    pages = -(-len(chunk) // PER_PAGE)
    missing = pages * PER_PAGE - len(chunk)
    rows = np.zeros((pages, PAGE_BYTES), np.uint8)
    hashes, tags = np.pad(chunk.hashes.astype("<u8"), (0, missing)), np.pad(chunk.tags.astype("<u2"), (0, missing))
    rows[:, :_HASHES_END] = hashes.view(np.uint8).reshape(pages, _HASHES_END)
    rows[:, _HASHES_END:_TAGS_END] = tags.view(np.uint8).reshape(pages, _TAGS_END - _HASHES_END)
    return rows.tobytes()


def _page_secret(key: bytes) -> bytes:
    return hashlib.blake2b(b"", key=key, person=b"numbers page", digest_size=32).digest()


def _digest(secret: bytes, page: bytes) -> bytes:
    """Return a keyed digest: pages are of one length, and only a part of SHA-256 is told, so a prefix is enough."""
    return hashlib.sha256(secret + page).digest()[:_DIGEST_BYTES]
