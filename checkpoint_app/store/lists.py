"""List copies: each a segment file and a row here. A version is in force wholly or not at all (invariants 4, 5).

A copy is first *staged*: its file is complete and synced, and its row says so. One transaction then puts it in force,
takes the older one out and writes the event. What a kill left behind is removed at the next start.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import CorruptError, OlderVersionError, StoreError, StoreMisuseError
from checkpoint_app.store.files import disk_errors, sync_folder
from checkpoint_app.store.journal import Journal
from checkpoint_app.store.segments import SegmentReader
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.event import EventKind, SignedEvent
from checkpoint_app.wire.header import MAX_HEADER_BYTES, PackageHeader
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import new_key

SEGMENT_FOLDER = "segments"
_ENDING = ".segment"


@dataclass(frozen=True, slots=True)
class ListCopy:
    """A list's copy at this booth: the publisher's header, and where its segment is and what opens it."""

    header: PackageHeader
    path: Path
    key: bytes = field(repr=False)

    def open(self) -> SegmentReader:
        """Open the segment. Raises SegmentError, DiskFailedError. May be used on any thread."""
        return SegmentReader(self.path, self.key)


class Lists:
    """The list copies of one data folder."""

    def __init__(self, folder: Path, db: Database, journal: Journal, time: TrustedTime) -> None:
        self._folder = folder / SEGMENT_FOLDER
        self._db = db
        self._journal = journal
        self._time = time

    def new_segment(self) -> tuple[Path, bytes]:
        """Return where a new segment is to be written, and a fresh key for it. The name tells nothing."""
        with disk_errors(SEGMENT_FOLDER):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}{_ENDING}", new_key()

    def check_newer(self, name: str, version: int) -> None:
        """Raise OlderVersionError unless ``version`` is newer than the one in force."""
        here = self._db.value("SELECT version FROM list_copies WHERE name = ? AND in_force = 1", (name,))
        if here is not None and version <= here:
            raise OlderVersionError(f"list {name}: version {version} is not newer than version {here} in force")

    def stage(self, header: PackageHeader, segment_path: Path, segment_key: bytes) -> None:
        """Take note of a complete segment of a verified package; it is not in force yet.

        Raises OlderVersionError, StoreMisuseError for a file that is not one of this store's segments.
        """
        if segment_path.parent != self._folder or not segment_path.is_file():
            raise StoreMisuseError(f"list {header.name}: its segment is not in this store's folder")
        with self._db.transaction():
            self.check_newer(header.name, header.version)
            replaced = self._files("name = ? AND version = ? AND in_force = 0", header.name, header.version)
            self._db.execute(
                "INSERT OR REPLACE INTO list_copies VALUES (?, ?, ?, ?, ?, ?, 0)",
                (
                    header.name,
                    header.version,
                    canonical_bytes(to_plain(header)),
                    segment_path.name,
                    segment_key,
                    to_plain(header.issued_at),
                ),
            )
            self._db.after_commit(lambda: self._remove_replaced(replaced - {segment_path.name}))

    def put_in_force(self, name: str, version: int) -> SignedEvent:
        """Put a staged version in force, with its event `list_applied`, in one transaction; the older one goes.

        Raises OlderVersionError, StoreMisuseError where it was not staged, and the disk's errors: then the list in
        force stays.
        """
        with self._db.transaction():
            self.check_newer(name, version)
            header = self._header(name, version)
            replaced = self._files("name = ? AND version < ?", name, version)
            self._db.execute("DELETE FROM list_copies WHERE name = ? AND version < ?", (name, version))
            self._db.execute("UPDATE list_copies SET in_force = 1 WHERE name = ? AND version = ?", (name, version))
            event = self._journal.append(EventKind.LIST_APPLIED, _applied(header))
            self._time.see(header.issued_at)
            self._db.after_commit(lambda: self._remove_replaced(replaced))
        return event

    def in_force(self) -> list[ListCopy]:
        """Return the copies in force, by name."""
        rows = self._db.rows("SELECT header, segment, segment_key FROM list_copies WHERE in_force = 1 ORDER BY name")
        return [ListCopy(_header(row["header"]), self._folder / row["segment"], row["segment_key"]) for row in rows]

    def remove_unreferenced(self) -> None:
        """Remove staged copies and files that no copy in force refers to. Only at start, when nobody is writing one."""
        self._db.execute("DELETE FROM list_copies WHERE in_force = 0")
        kept = self._files("in_force = 1")
        with disk_errors(SEGMENT_FOLDER):
            if self._folder.is_dir():
                self._remove({path.name for path in self._folder.iterdir()} - kept)

    def _header(self, name: str, version: int) -> PackageHeader:
        data = self._db.value("SELECT header FROM list_copies WHERE name = ? AND version = ?", (name, version))
        if data is None:
            raise StoreMisuseError(f"list {name}: version {version} was not staged")
        return _header(data)

    def _files(self, condition: str, *params: Any) -> set[str]:
        rows = self._db.rows(f"SELECT segment FROM list_copies WHERE {condition}", params)  # noqa: S608  constants
        return {row["segment"] for row in rows}

    def _remove_replaced(self, names: set[str]) -> None:
        """Remove what a commit made needless. The act is done: what a failing disk keeps goes at the next start."""
        with contextlib.suppress(StoreError):
            self._remove(names)

    def _remove(self, names: set[str]) -> None:
        with disk_errors(SEGMENT_FOLDER):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)
            if names:
                sync_folder(self._folder)


def _header(data: bytes) -> PackageHeader:
    try:
        return from_plain(PackageHeader, read_canonical(data, MAX_HEADER_BYTES))
    except (CanonicalError, PlainError) as error:
        raise CorruptError("the database holds a damaged list header; the list must be brought again") from error


def _applied(header: PackageHeader) -> dict[str, Any]:
    return {
        "name": header.name,
        "kind": str(header.kind),
        "version": header.version,
        "digest": header.payload_digest,
        "issued_at": to_plain(header.issued_at),
    }
