"""A rule set on its way: its exact bytes, as they were signed by its owner, in the records of a package.

One record, ``{"rules": base64url}``; a set that is larger than a record may be goes on in others, in order.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checkpoint_app.wire.header import NAME_LENGTH, ListKind
from checkpoint_app.wire.plain import PlainError

MOST_BYTES = 32 << 20
"""Most bytes of a rule set."""
PART_BYTES = 512 << 10
"""Most bytes of it in one record: in base64 less than any record may have."""
_RULES, _PART = "rules", "part"
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{NAME_LENGTH - 1}}}")


def list_name_of(set_name: str) -> str:
    """Return the name of the list that carries the set: its own, in lower case. Raises ValueError for what is none."""
    name = set_name.lower()
    if (
        not set_name.isascii()
        or not _NAME.fullmatch(name)
        or name in {kind.value for kind in ListKind} - {ListKind.RULES.value}
    ):
        raise ValueError("a rule set is named by 1 to 64 letters, digits and dashes, and not as a kind of lists is")
    return name


def write_rules(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the records that carry the bytes of a rule set. Raises ValueError for more than ``MOST_BYTES``."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"rules: a set has at most {MOST_BYTES} bytes")
    for part, start in enumerate(range(0, max(1, len(data)), PART_BYTES)):
        text = base64.urlsafe_b64encode(data[start : start + PART_BYTES]).decode()
        yield {_RULES: text, _PART: part} if part else {_RULES: text}


def part_of(record: Mapping[str, Any]) -> int:
    """Return which part of its set a record is."""
    return int(record.get(_PART, 0))


def read_rules(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the bytes that the records carry. Raises PlainError for what is no such list, or longer than any."""
    parts: list[bytes] = []
    size = 0
    for record in records:
        text = record.get(_RULES)
        if not isinstance(text, str) or record != ({_RULES: text, _PART: len(parts)} if parts else {_RULES: text}):
            raise PlainError("rules: a record is of another kind, or out of order")
        try:
            parts.append(base64.b64decode(text, b"-_", validate=True))
        except (binascii.Error, ValueError) as error:
            raise PlainError("rules: a record is no base64url") from error
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise PlainError(f"rules: a set has at most {MOST_BYTES} bytes")
    if not size:
        raise PlainError("rules: there is nothing in it")
    return b"".join(parts)
