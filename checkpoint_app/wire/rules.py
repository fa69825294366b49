"""A rule set on its way: its exact bytes, as they were signed by its owner, in the records of a package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checkpoint_app.wire.codes import CODE_LISTS
from checkpoint_app.wire.exact import read_exact, write_exact
from checkpoint_app.wire.header import NAME_LENGTH, ListKind

MOST_BYTES = 32 << 20
"""Most bytes of a rule set."""
_RULES = "rules"
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{NAME_LENGTH - 1}}}")
_OTHERS = {*(kind.value for kind in ListKind), *CODE_LISTS} - {ListKind.RULES.value}


def list_name_of(set_name: str) -> str:
    """Return the name of the list that carries the set: its own, in lower case. Raises ValueError for what is none."""
    name = set_name.lower()
    if not set_name.isascii() or not _NAME.fullmatch(name) or name in _OTHERS:
        raise ValueError("a rule set is named by 1 to 64 letters, digits and dashes, and not as a kind of lists is")
    return name


def write_rules(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the records that carry the bytes of a rule set. Raises ValueError for more than ``MOST_BYTES``."""
    return write_exact(data, _RULES, MOST_BYTES)


def read_rules(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the bytes that the records carry. Raises PlainError for what is no such list, or longer than any."""
    return read_exact(records, _RULES, MOST_BYTES)
