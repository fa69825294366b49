"""How lists lie in The Update Framework's repository: one delegated role and one target path a list, and what is told.

The role is named as the list, signs with the key of the list's publisher, and ends with the agreement. One target is
the whole package of the newest version; others are deltas, steps from version to version. Custom data says which each
is before anything is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from checkpoint_app.wire.header import ListKind

BY_HAND = timedelta(days=14)
"""Expiry of timestamp and snapshot: the longest way that lists go by hand. Freshness is judged by the age steps."""
PACKAGE_ENDING = ".list"
GRANT_ENDING = ".grant"
DELTA_ENDING = ".delta"
REFUSED_ENDING = ".refused"
"""``NAME-BASE-VERSION.delta.refused``, an empty file: this booth refused that delta, and takes another way."""
MOST_DELTAS = 40
"""Most deltas of a role: its metadata grows with each. A booth that is older than the first takes the whole package."""


@dataclass(frozen=True, slots=True)
class ListTarget:
    """The custom data of a whole package's target, in plain form under the key ``checkpoint``.

    ``digest`` is that of the payload. ``withdrawn``: the list is no more.
    """

    name: str
    kind: ListKind
    version: int
    issued_at: datetime
    key_id: str
    digest: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class DeltaTarget:
    """The custom data of a delta's target: from which version it leads, and to which. Digests are of whole payloads."""

    name: str
    base_version: int
    base_digest: str
    version: int
    digest: str
    key_id: str


CUSTOM = "checkpoint"
_DELTA_FILE = re.compile(rf"(.+)-([1-9][0-9]{{0,18}})-([1-9][0-9]{{0,18}}){re.escape(DELTA_ENDING)}", re.ASCII)


def target_path(name: str) -> str:
    """Return where the package of list ``name`` lies among the targets."""
    return f"{name}/{name}{PACKAGE_ENDING}"


def delta_path(name: str, base_version: int, version: int) -> str:
    """Return where the delta of list ``name`` between two versions lies among the targets."""
    return f"{name}/{delta_file(name, base_version, version)}"


def delta_file(name: str, base_version: int, version: int) -> str:
    """Return how the file of a delta is called, among the targets and in a booth's inbox folder."""
    return f"{name}-{base_version}-{version}{DELTA_ENDING}"


def read_delta_file(file: str) -> tuple[str, int, int] | None:
    """Return name, base version and version of the delta whose file is called ``file``, None for any other file."""
    match = _DELTA_FILE.fullmatch(file)
    return (match[1], int(match[2]), int(match[3])) if match else None


def path_pattern(name: str) -> str:
    """Return the paths that the role of list ``name`` may sign."""
    return f"{name}/*"
