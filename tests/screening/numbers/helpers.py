"""Lists of invented document numbers, and the plain oracle that says what a look-up has to give."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from checkpoint_app.screening import DocumentList, ListedMatch, build_segment, load
from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.numbers.build import NumberBuilder, blocks_of

Plain = dict[str, str]
KEY = b"\x05" * 32
NUMBERS = st.from_regex(r"[AO01I]{0,3}[01279]{1,4}", fullmatch=True)
ISSUERS = st.sampled_from(["", "D", "ECU", "PER"])
CATEGORIES = st.sampled_from([category.value for category in DocumentCategory])
RECORDS = st.fixed_dictionaries({"number": NUMBERS, "issuer": ISSUERS, "category": CATEGORIES})


@st.composite
def ranges(draw: st.DrawFn) -> Plain:
    """Return a range that is in order."""
    prefix, digits = draw(st.sampled_from(["", "A", "AO", "A1I"])), draw(st.integers(1, 4))
    first, last = sorted(draw(st.integers(0, 10**digits - 1)) for _ in range(2))
    numbers = {"first": f"{prefix}{first:0{digits}}", "last": f"{prefix}{last:0{digits}}"}
    return {**numbers, "issuer": draw(ISSUERS), "category": draw(CATEGORIES)}


def sections(records: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return the sections of a list of plain numbers and ranges, as it comes out of a package."""
    return dict(build_segment("documents", blocks_of(records, KEY)))


def listing(records: Iterable[Mapping[str, Any]]) -> DocumentList:
    """Return a list of plain numbers and ranges, loaded."""
    documents = load("documents", sections(records))
    assert isinstance(documents, DocumentList)
    return documents


def built(records: Iterable[Mapping[str, Any]], issuers: Iterable[str] = ()) -> NumberBuilder:
    """Return the finished builder of a version under the one key."""
    builder = NumberBuilder(key=KEY, issuers=issuers)
    builder.add_plain(records)
    builder.finish()
    return builder


def expected(records: Iterable[Plain], number: str, issuer: str) -> set[ListedMatch]:
    """Return what a look-up has to find, by trying every record."""
    found = set()
    for text, exact in _readings(number):
        for one in records:
            stated = one["issuer"]
            if _is(one, text) and (not issuer or not stated or issuer == stated):
                found.add(ListedMatch(DocumentCategory(one["category"]), exact, bool(issuer and stated)))
    return found


def _is(one: Plain, text: str) -> bool:
    if "number" in one:
        return one["number"] == text
    first, last = one["first"], one["last"]
    letters = first.rstrip("0123456789")
    own = text.rstrip("0123456789")
    return own == letters and len(text) == len(first) and first <= text <= last


def _readings(number: str) -> Iterator[tuple[str, bool]]:
    swaps = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
    for letters in itertools.product(*(swaps.get(char, char) for char in number)):
        text = "".join(letters)
        yield text, text == number
