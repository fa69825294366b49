"""A list of codes on its way: the exact bytes of the table that an administrator supplied, UN numbers or HS codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checkpoint_app.wire.exact import read_exact, write_exact

CODE_LISTS = ("un-numbers", "hs")
"""The lists of this kind, by name: each is what its name says, and there are no others."""
MOST_CODES_BYTES = 4 << 20
"""Most bytes of a table."""
_CODES = "codes"


def write_codes(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the records that carry a table. Raises ValueError for more than ``MOST_CODES_BYTES``."""
    return write_exact(data, _CODES, MOST_CODES_BYTES)


def read_codes(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the table that the records carry. Raises PlainError for what is none, or larger than any."""
    return read_exact(records, _CODES, MOST_CODES_BYTES)
