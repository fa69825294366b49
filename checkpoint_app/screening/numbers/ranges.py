"""Ranges of blank documents: from the first number to the last, of one issuer and one length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.entry import DocumentCategory, ListedNumber
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.plain import RecordError, number_from_plain, number_to_plain

MOST_RANGES = 10_000
MAX_DIGITS = 18
MAX_PREFIX = 40
_Group = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list["ListedRange"]]


@dataclass(frozen=True, slots=True)
class ListedRange:
    """Numbers that are ``prefix`` and then ``digits`` digits, from ``first`` to ``last``. The prefix ends in a letter
    or is empty, so a number divides in one way only; leading zeros are digits like others.
    """

    issuer: str
    prefix: str
    first: int
    last: int
    digits: int
    category: DocumentCategory = DocumentCategory.BLANK

    def to_plain(self) -> dict[str, object]:
        """Return the range as a plain dict: its first and last number in full."""
        first, last = (f"{self.prefix}{number:0{self.digits}}" for number in (self.first, self.last))
        return {"first": first, "last": last, "issuer": self.issuer, "category": self.category.value}


def listed_range(first: str, last: str, issuer: str, category: DocumentCategory) -> ListedRange:
    """Return the range between two numbers, both within it. Raises RecordError, which names no number."""
    begin, end = divided(fold_number(first)), divided(fold_number(last))
    if begin is None or end is None or len(begin[0]) > MAX_PREFIX:
        raise RecordError(f"range: its numbers have to end in 1 to {MAX_DIGITS} digits")
    if (begin[0], len(begin[1])) != (end[0], len(end[1])):
        raise RecordError("range: first and last differ in length, or before their last digits")
    if int(begin[1]) > int(end[1]):
        raise RecordError("range: it ends before it begins")
    return ListedRange(fold_state(issuer), begin[0], int(begin[1]), int(end[1]), len(begin[1]), category)


def range_from_plain(record: Mapping[str, object]) -> ListedRange:
    """Return the range of a plain dict {first, last, issuer, category}. Raises RecordError."""
    first, last, issuer, category = (record.get(key, "") for key in ("first", "last", "issuer", "category"))
    if not all(isinstance(text, str) for text in (first, last, issuer, category)):
        raise RecordError("range: expected the texts first, last, issuer and category")
    try:
        listed_for = DocumentCategory(str(category) or DocumentCategory.BLANK)
    except ValueError:
        raise RecordError(f"category: expected one of {', '.join(DocumentCategory)}") from None
    return listed_range(str(first), str(last), str(issuer), listed_for)


Listed = ListedNumber | ListedRange
"""What a list of document numbers holds."""


def listed_to_plain(listed: Listed) -> dict[str, object]:
    """Return a number or a range as a plain dict."""
    return listed.to_plain() if isinstance(listed, ListedRange) else number_to_plain(listed)


def listed_from_plain(record: Mapping[str, object]) -> Listed:
    """Return the number or the range of a plain dict. Raises RecordError."""
    return range_from_plain(record) if "first" in record else number_from_plain(record)


def divided(folded: str) -> tuple[str, str] | None:
    """Return what stands before the last digits of a folded number, and those digits; None where there are none."""
    prefix = folded.rstrip("0123456789")
    digits = folded[len(prefix) :]
    return (prefix, digits) if 0 < len(digits) <= MAX_DIGITS else None


class RangeTable:
    """Ranges, found by a number within them."""

    def __init__(self, ranges: Iterable[ListedRange]) -> None:
        groups: dict[tuple[str, int], list[ListedRange]] = {}
        for one in ranges:
            groups.setdefault((one.prefix, one.digits), []).append(one)
        self._groups: dict[tuple[str, int], _Group] = {
            key: (np.array([one.first for one in of]), np.array([one.last for one in of]), of)
            for key, of in groups.items()
        }

    def find(self, folded: str) -> list[ListedRange]:
        """Return the ranges that hold a folded number."""
        parts = divided(folded) if self._groups else None
        group = self._groups.get((parts[0], len(parts[1]))) if parts else None
        if parts is None or group is None:
            return []
        firsts, lasts, ranges = group
        number = int(parts[1])
        return [ranges[place] for place in np.flatnonzero((firsts <= number) & (number <= lasts))]
