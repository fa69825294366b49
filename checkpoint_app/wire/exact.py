"""Exact bytes on their way: a file as it was written, in the records of a package.

One record, ``{NAME: base64url}``; a file that is larger than a record may be goes on in others, in order.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checkpoint_app.wire.plain import PlainError

PART_BYTES = 512 << 10
"""Most bytes of a file in one record: in base64 less than any record may have."""
_PART = "part"


def write_exact(data: bytes, name: str, most: int) -> Iterator[dict[str, Any]]:
    """Yield the records that carry ``data``, each under ``name``. Raises ValueError for more than ``most`` bytes."""
    if len(data) > most:
        raise ValueError(f"{name}: there are at most {most} bytes")
    for part, start in enumerate(range(0, max(1, len(data)), PART_BYTES)):
        text = base64.urlsafe_b64encode(data[start : start + PART_BYTES]).decode()
        yield {name: text, _PART: part} if part else {name: text}


def part_of(record: Mapping[str, Any]) -> int:
    """Return which part of its file a record is."""
    return int(record.get(_PART, 0))


def read_exact(records: Iterable[Mapping[str, Any]], name: str, most: int) -> bytes:
    """Return the bytes that the records carry. Raises PlainError for other records, none, or more than ``most``."""
    parts: list[bytes] = []
    size = 0
    for record in records:
        text = record.get(name)
        if not isinstance(text, str) or record != ({name: text, _PART: len(parts)} if parts else {name: text}):
            raise PlainError(f"{name}: a record is of another kind, or out of order")
        try:
            parts.append(base64.b64decode(text, b"-_", validate=True))
        except (binascii.Error, ValueError) as error:
            raise PlainError(f"{name}: a record is no base64url") from error
        size += len(parts[-1])
        if size > most:
            raise PlainError(f"{name}: there are at most {most} bytes")
    if not size:
        raise PlainError(f"{name}: there is nothing in it")
    return b"".join(parts)
