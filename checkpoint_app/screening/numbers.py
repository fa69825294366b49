"""A list of lost, stolen, blank, revoked and void document numbers: sorted keyed hashes of eight bytes.

The key is new with each segment. Beside each hash stand two bytes: the category and the issuer's place in a table.
"""

from __future__ import annotations

import hmac
import itertools
import json
import secrets
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.plain import RecordError, number_from_plain

CATEGORIES = tuple(DocumentCategory)
_CATEGORY_BITS = 3
_MOST_ISSUERS = 1 << (16 - _CATEGORY_BITS)
_MOST_SWAPS = 6
"""So many O, 0, I and 1 are exchanged in every way; where there are more, one at a time."""
_SWAPS = {"O": "0", "0": "O", "I": "1", "1": "I"}
_FIRST_WINDOW = 64


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """A listed number found. Not ``exact``: only with O for 0 or I for 1. ``issuer_matched``: both sides name it."""

    category: DocumentCategory
    exact: bool
    issuer_matched: bool


class DocumentList:
    """A loaded list of document numbers."""

    def __init__(
        self, key: bytes, issuers: list[str], hashes: npt.NDArray[np.uint64], tags: npt.NDArray[np.uint16]
    ) -> None:
        self._key = key
        self._issuers = issuers
        self._hashes = hashes
        self._tags = tags

    def __len__(self) -> int:
        return len(self._hashes)

    def look_up(self, number: str, issuer: str) -> tuple[ListedMatch, ...]:
        """Return what is listed of ``number`` and ``issuer`` (ICAO code, may be empty), exact matches first.

        A listed number of another issuer is another document and is not returned.
        """
        folded, state = fold_number(number), fold_state(issuer)
        if not folded:
            return ()
        matches: dict[ListedMatch, None] = {}
        for text in itertools.chain((folded,), _swapped(folded)):
            for tag in self._tags_of(_hash(self._key, text)):
                listed = self._issuers[tag >> _CATEGORY_BITS]
                if not state or not listed or state == listed:
                    category = CATEGORIES[tag & (1 << _CATEGORY_BITS) - 1]
                    matches[ListedMatch(category, text == folded, bool(state and listed))] = None
        return tuple(sorted(matches, key=lambda m: (not m.exact, not m.issuer_matched, CATEGORIES.index(m.category))))

    def _tags_of(self, wanted: int) -> list[int]:
        """Return the tags of a hash. Hashes are uniform, so the search begins where it must lie, give or take."""
        count = len(self._hashes)
        guess = wanted * count >> 64
        reach = _FIRST_WINDOW
        low, high = max(0, guess - reach), min(count, guess + reach)
        while low > 0 and int(self._hashes[low]) >= wanted:
            reach *= 2
            low = max(0, guess - reach)
        while high < count and int(self._hashes[high - 1]) <= wanted:
            reach *= 2
            high = min(count, guess + reach)
        window = self._hashes[low:high]
        value = np.array([wanted], dtype=window.dtype)
        first, last = (int(np.searchsorted(window, value, side)[0]) for side in ("left", "right"))
        return [int(tag) for tag in self._tags[low + first : low + last]]


def build_documents(records: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, bytes]]:
    """Build the sections of a list of document numbers; raises RecordError naming the record."""
    key = secrets.token_bytes(32)
    issuers: dict[str, int] = {"": 0}
    hashes, tags = array("Q"), array("H")
    for place, record in enumerate(records, start=1):
        try:
            listed = number_from_plain(record)
        except RecordError as error:
            raise RecordError(f"record {place}: {error}") from None
        issuer = issuers.setdefault(fold_state(listed.issuer), len(issuers))
        if issuer >= _MOST_ISSUERS:
            raise RecordError(f"record {place}: issuer: more than {_MOST_ISSUERS} different codes")
        hashes.append(_hash(key, fold_number(listed.number)))
        tags.append(issuer << _CATEGORY_BITS | CATEGORIES.index(listed.category))
    all_hashes, all_tags = np.array(hashes, np.uint64), np.array(tags, np.uint16)
    order = np.lexsort((all_tags, all_hashes))
    meta = {"engine": ENGINE, "kind": "documents", "key": key.hex(), "issuers": list(issuers), "count": len(order)}
    yield "number.hash", all_hashes[order].tobytes()
    yield "number.tag", all_tags[order].tobytes()
    yield "meta", json.dumps(meta).encode()


def load_documents(sections: Mapping[str, bytes | memoryview]) -> DocumentList:
    """Load a list of document numbers from its sections, without a rebuild."""
    meta = json.loads(bytes(sections["meta"]))
    return DocumentList(
        bytes.fromhex(meta["key"]),
        meta["issuers"],
        np.frombuffer(sections["number.hash"], np.uint64),
        np.frombuffer(sections["number.tag"], np.uint16),
    )


def _hash(key: bytes, number: str) -> int:
    return int.from_bytes(hmac.digest(key, number.encode("ascii"), "sha256")[:8], "big")


def _swapped(number: str) -> Iterator[str]:
    """Yield the readings of ``number`` with O and 0, I and 1 exchanged."""
    places = [place for place, char in enumerate(number) if char in _SWAPS]
    counts = range(1, len(places) + 1) if len(places) <= _MOST_SWAPS else (1,)
    for count in counts:
        for chosen in itertools.combinations(places, count):
            yield "".join(_SWAPS[char] if place in chosen else char for place, char in enumerate(number))
