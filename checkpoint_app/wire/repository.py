"""How lists lie in The Update Framework's repository: one delegated role and one target path a list, and what is told.

The role is named as the list, signs with the key of the list's publisher, and ends with the agreement. Its one target
is the package of the newest version, whose custom data says which it is before anything is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from checkpoint_app.wire.header import ListKind

BY_HAND = timedelta(days=14)
"""Expiry of timestamp and snapshot: the longest way that lists go by hand. Freshness is judged by the age steps."""
PACKAGE_ENDING = ".list"
GRANT_ENDING = ".grant"


@dataclass(frozen=True, slots=True)
class ListTarget:
    """A target's custom data, in plain form under the key ``checkpoint``."""

    name: str
    kind: ListKind
    version: int
    issued_at: datetime
    key_id: str
    digest: str


CUSTOM = "checkpoint"


def target_path(name: str) -> str:
    """Return where the package of list ``name`` lies among the targets."""
    return f"{name}/{name}{PACKAGE_ENDING}"


def path_pattern(name: str) -> str:
    """Return the paths that the role of list ``name`` may sign."""
    return f"{name}/*"
