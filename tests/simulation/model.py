"""What is true in a simulated world, kept beside it: who wrote what, what each list holds, who was told what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.simulation.people import Contents


class Broken(AssertionError):  # noqa: N818 - what pytest shows first
    """Something that must always hold does not."""


def must(holds: object, words: str) -> None:
    """Raise Broken with ``words`` unless it ``holds``."""
    if not holds:
        raise Broken(words)


class Row(NamedTuple):
    """An event by its place, its id and its hash."""

    seq: int
    event_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of a list holds."""

    digest: str
    contents: Contents | None
    issued_at: datetime
    ends_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """An Encounter as it was decided, or left open."""

    who: int
    booth: str
    hit: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClearedPair:
    """A decision "not the same person" that a booth's officer made."""

    booth: str
    who: int
    list_name: str
    revision: int
    until: datetime
    row: Row


@dataclass
class Ledger:
    """One machine: the events that its disk must hold, the versions that it worked with, what it was told."""

    rows: list[Row] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    learned: datetime | None = None
    contact: datetime | None = None
    """When the centre, or a bundle, last can have granted it anything."""

    def copy(self) -> Ledger:
        """Return it as a copy of the disk would tell it."""
        return Ledger(list(self.rows), dict(self.versions), dict(self.ended), self.learned, self.contact)


@dataclass
class Model:
    """The whole world. ``written`` and ``stored`` are all hashes ever, by booth: on any disk, at the centre."""

    versions: dict[tuple[str, int], Version] = field(default_factory=dict)
    newest: dict[str, Contents] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    written: dict[str, dict[str, Row]] = field(default_factory=dict)
    stored: dict[str, set[str]] = field(default_factory=dict)
    at_centre: dict[str, set[tuple[int, Row]]] = field(default_factory=dict)
    allowed: dict[str, int] = field(default_factory=dict)
    cleared: list[ClearedPair] = field(default_factory=list)
    met: dict[str, Met] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    """Booths whose disk was put back or cloned, or that were revoked: their decisions may have ended."""
    ends_at: datetime | None = None
