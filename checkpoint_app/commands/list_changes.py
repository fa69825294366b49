"""What a new version of a list changes in the one before: counted and told in words, and by ids where asked for."""

from __future__ import annotations

import argparse
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkpoint_app.central.comparing import DoubledError, Fingerprints
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.list_sources import Sources
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.wire.header import ListKind, NotAPackageError, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records

MUCH_REMOVED_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """How many entries a version adds, changes and removes; ``kinds`` tells in what the changed ones differ."""

    before: int
    added: int
    changed: int
    removed: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> str:
        """The counts in words, as in "3 added, 2 changed (names 1, dates 2), 0 removed"."""
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.kinds.items())
        return f"{self.added:,} added, {self.changed:,} changed{f' ({kinds})' * bool(kinds)}, {self.removed:,} removed"

    @property
    def warning(self) -> str:
        """The share that is removed, where it is more than a tenth; else empty."""
        if 100 * self.removed <= MUCH_REMOVED_PERCENT * self.before:
            return ""
        share = 100 * self.removed // self.before
        return f"removes {self.removed:,} of {self.before:,} entries ({share} %)"

    def to_plain(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "records_before": self.before,
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "kinds": dict(self.kinds),
        }


class Comparison:
    """The entries of sources beside those of a package of persons that is not sealed. Each look reads both through."""

    def __init__(self, sources: Sources, path: Path) -> None:
        if sources.kind is not ListKind.PERSONS:
            raise CommandError("--compare: for lists of persons; document numbers are compared at the centre")
        self._sources = sources
        self._path = path
        key = Fingerprints.new_key()
        self._old, self._new = (Fingerprints(ListKind.PERSONS, key) for _ in range(2))

    def changes(self) -> Changes:
        """Return the counts. Raises SourceError, and CommandError (3: the package is not what was signed)."""
        deque(self._old.noting(self._before()), maxlen=0)
        deque(self._new.noting(self._after()), maxlen=0)
        try:
            added, removed, changed = self._new.against(self._old)
            return Changes(len(self._old), added, changed, removed, self._new.kinds_against(self._old))
        except DoubledError as error:
            raise CommandError(f"{self._path}: {error}", exit_code=3) from error

    def ids(self) -> Iterator[tuple[str, str]]:
        """Yield ("added", "changed" or "removed", id) of each entry that differs, once ``changes`` has looked."""
        for known, one in self._old.unlike(self._after()):
            yield "changed" if known else "added", one
        for known, one in self._new.unlike(self._before()):
            if not known:
                yield "removed", one

    def _after(self) -> Iterator[Mapping[str, Any]]:
        yield from map(entry_to_plain, self._sources.entries())

    def _before(self) -> Iterator[Mapping[str, Any]]:
        try:
            with self._path.open("rb") as stream:
                yield from iter_records(stream, self._header(stream))
        except PackageError as error:
            code = 2 if isinstance(error, NotAPackageError) else 3
            raise CommandError(f"{self._path}: {error}", exit_code=code) from error
        except OSError as error:
            raise CommandError(f"{self._path}: cannot be read: {error.strerror}") from error

    def _header(self, stream: Any) -> PackageHeader:
        header = read_untrusted_header(stream)
        if header.kind is not ListKind.PERSONS:
            raise CommandError(f"{self._path}: a list of {header.kind}, not of persons")
        if header.sealed:
            raise CommandError(
                f"{self._path}: it is sealed for booths, and only they can read it; compare at the centre"
            )
        return header


def compared(args: argparse.Namespace, sources: Sources) -> dict[str, Any]:
    """Compare ``sources`` with the package ``args.compare``, if it is given; print the counts, or return them as JSON.

    Entries are told by their ids only, and where ``args.ids`` asks for it. Raises SourceError, CommandError.
    """
    if args.compare is None:
        return {}
    comparison = Comparison(sources, args.compare)
    changes = comparison.changes()
    ids = list(comparison.ids()) if args.ids else []
    if args.json:
        marks = ("added", "changed", "removed")
        told = {mark: [one for own, one in ids if own == mark] for mark in marks} if args.ids else None
        return {"change": changes.to_plain() | ({"ids": told} if told is not None else {})}
    print("\n".join([f"since {args.compare.name}: {changes.counts}", *filter(None, [changes.warning])]))
    for mark, one in ids:
        print(f"{mark} {_quoted(one)}")
    return {}


def _quoted(text: str) -> str:
    """Return an id as JSON writes it, and no sign that would move a terminal's cursor or turn its line around."""
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in json.dumps(text, ensure_ascii=False))
