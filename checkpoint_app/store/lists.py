"""List copies: each a row here, and segment files: a base, and deltas over it. A version is in force wholly or not at
all (invariants 4, 5).

A copy is first *staged*: its files are complete and synced, and its rows say so. One transaction then puts it in force,
takes the older one out and writes the event. What a kill left behind is removed at the next start. Segments' keys rest
wrapped under the list's content key (`leases`).
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import (
    CorruptError,
    LeaseEndedError,
    OlderVersionError,
    OutOfOrderError,
    StoreError,
    StoreMisuseError,
)
from checkpoint_app.store.files import disk_errors, sync_folder
from checkpoint_app.store.journal import Journal
from checkpoint_app.store.leases import Leases
from checkpoint_app.store.segments import SegmentReader
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.event import EventKind, SignedEvent
from checkpoint_app.wire.header import MAX_HEADER_BYTES, PackageHeader
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import new_key

SEGMENT_FOLDER = "segments"
AGREEMENT_ENDED, WITHDRAWN, DAMAGED = "agreement_ended", "withdrawn", "damaged"
"""Why a list's data was purged."""
_ENDING = ".segment"
_MISSING = "missing list "


@dataclass(frozen=True, slots=True)
class Layer:
    """One segment of a copy: where it is, what opens it (empty: the lease has ended), and how many records it has."""

    path: Path
    key: bytes = field(repr=False)
    records: int = 0

    def open(self) -> SegmentReader:
        """Open the segment. Raises SegmentError, DiskFailedError, LeaseEndedError. May be used on any thread."""
        if not self.key:
            raise LeaseEndedError("the lease of a list has ended; a line, or a bundle, renews it")
        return SegmentReader(self.path, self.key)


@dataclass(frozen=True, slots=True)
class ListCopy:
    """A list's copy at this booth: the header of its version, its layers, the base first, and when its lease ends.

    Without layers its data was purged, or the list is withdrawn; ``missing`` tells that it is to be brought again.
    ``lease_ends_at`` is None where it is not sealed.
    """

    header: PackageHeader
    layers: tuple[Layer, ...]
    lease_ends_at: datetime | None = None
    missing: bool = False

    @property
    def lease_ended(self) -> bool:
        """Whether its keys are gone."""
        return any(not layer.key for layer in self.layers)


class Lists:
    """The list copies of one data folder."""

    def __init__(self, folder: Path, db: Database, journal: Journal, time: TrustedTime, leases: Leases) -> None:
        self._folder = folder / SEGMENT_FOLDER
        self._db = db
        self._journal = journal
        self._time = time
        self._leases = leases

    def new_segment(self) -> tuple[Path, bytes]:
        """Return where a new segment is to be written, and a fresh key for it. The name tells nothing."""
        with disk_errors(SEGMENT_FOLDER):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}{_ENDING}", new_key()

    def check_newer(self, name: str, version: int) -> None:
        """Raise OlderVersionError unless ``version`` is newer than the one in force, or that one, which is missing."""
        here = self._version(name)
        if here is not None and version <= here and not (version == here and name in self.missing()):
            raise OlderVersionError(f"list {name}: version {version} is not newer than version {here} in force")

    def stage(self, header: PackageHeader, segment_path: Path, segment_key: bytes) -> None:
        """Take note of a complete segment of a verified package, whole or a delta; it is not in force yet.

        Raises OlderVersionError; OutOfOrderError for a delta that is no step from the version in force;
        LeaseEndedError where the content key is not kept; StoreMisuseError for a file that is none of this store's.
        """
        self._check_own(header.name, segment_path)
        whole = header.whole
        with self._db.transaction():
            self.check_newer(header.name, header.version)
            self._check_same(whole)
            replaced = self._files("name = ? AND version = ?", header.name, header.version)
            self._drop("name = ? AND version = ? AND in_force = 0", header.name, header.version)
            place = self._lay_under(header)
            self._db.execute(
                "INSERT OR IGNORE INTO list_copies VALUES (?, ?, ?, ?, 0)",
                (whole.name, whole.version, canonical_bytes(to_plain(whole)), to_plain(whole.issued_at)),
            )
            self._lay(header, place, segment_path, segment_key)
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
            self._drop("name = ? AND version < ?", name, version)
            self._db.execute("UPDATE list_copies SET in_force = 1 WHERE name = ? AND version = ?", (name, version))
            event = self._journal.append(EventKind.LIST_APPLIED, _applied(header))
            self._db.execute("DELETE FROM meta WHERE name = ?", (_MISSING + name,))
            self._leases.drop_unused()
            self._time.see(header.issued_at)
            self._db.after_commit(lambda: self._remove_replaced(replaced))
        return event

    def withdraw(self, header: PackageHeader) -> SignedEvent:
        """Put a version in force by which the list is no more: its data goes. Raises OlderVersionError."""
        with self._db.transaction():
            self.check_newer(header.name, header.version)
            self._db.execute(
                "INSERT OR REPLACE INTO list_copies VALUES (?, ?, ?, ?, 0)",
                (header.name, header.version, canonical_bytes(to_plain(header)), to_plain(header.issued_at)),
            )
            event = self.put_in_force(header.name, header.version)
            self._journal.append(EventKind.LIST_PURGED, _purged(header, WITHDRAWN))
        self._db.checkpoint()  # else its keys would lie on in the log
        return event

    def give_up(self, copy: ListCopy) -> bool:
        """Remove the data of a list whose ``copy`` is damaged, with the event `list_purged`; tells whether any was.

        The same version may then be brought again. Where other layers are in force by now nothing is removed: a copy
        that was overtaken can't be read either.
        """
        now = next((one for one in self.in_force() if one.header.name == copy.header.name), None)
        if now is None or [layer.path for layer in now.layers] != [layer.path for layer in copy.layers]:
            return False
        return self._empty(copy.header.name, DAMAGED)

    def missing(self) -> frozenset[str]:
        """Return the lists whose version in force may be brought again: what was here of them is not, and should be.

        It was damaged; or it was purged by a clock that stood beyond the agreement's end and was put right since.
        """
        rows = self._db.rows("SELECT name FROM meta WHERE name LIKE ? || '%'", (_MISSING,))
        names, now = [str(row["name"]).removeprefix(_MISSING) for row in rows], self._time.now()
        known = [(name, version) for name in names if (version := self._version(name)) is not None]
        terms = {name: self._header(name, version).agreement for name, version in known}
        return frozenset(name for name, term in terms.items() if term is None or now < term.ends_at)

    def purge(self, name: str) -> bool:
        """Remove the data of a list whose agreement has ended, with the event `list_purged`; tells whether any was.

        The version stays known: no older one comes again, and answers still name it.
        """
        return self._empty(name, AGREEMENT_ENDED)

    def replace_layers(
        self, copy: ListCopy, keep: int, segment_path: Path, segment_key: bytes, records: int
    ) -> ListCopy | None:
        """Let one new segment of ``records`` stand for the layers of ``copy`` after the first ``keep``: the same list.

        Returns the copy as it is now; None where another version, or another layer, came meanwhile: then the file goes.
        Raises LeaseEndedError, and the disk's errors.
        """
        name, version = copy.header.name, copy.header.version
        self._check_own(name, segment_path)
        with self._db.transaction():
            now = next((one for one in self.in_force() if one.header.name == name), None)
            if now is None or now.header != copy.header or len(now.layers) != len(copy.layers):
                self._db.after_commit(lambda: self._remove_replaced({segment_path.name}))
                return None
            replaced = {layer.path.name for layer in copy.layers[keep:]}
            self._db.execute(
                "DELETE FROM list_layers WHERE name = ? AND version = ? AND place >= ?", (name, version, keep)
            )
            self._lay(copy.header, keep, segment_path, segment_key, records)
            self._db.after_commit(lambda: self._remove_replaced(replaced))
        return next(one for one in self.in_force() if one.header.name == name)

    def in_force(self) -> list[ListCopy]:
        """Return the copies in force, by name."""
        ends, missing = self._leases.ends(), self.missing()
        rows = self._db.rows("SELECT name, version, header FROM list_copies WHERE in_force = 1 ORDER BY name")
        return [self._copy(row, ends, missing=row["name"] in missing) for row in rows]

    def remove_unreferenced(self) -> None:
        """Remove staged copies and files that no copy in force refers to. Only at start, when nobody is writing one."""
        with self._db.transaction():
            self._drop("in_force = 0")
        kept = self._files("1 = 1")
        with disk_errors(SEGMENT_FOLDER):
            if self._folder.is_dir():
                self._remove({path.name for path in self._folder.iterdir()} - kept)

    def _empty(self, name: str, why: str) -> bool:
        version = self._version(name)
        if version is None or not (files := self._files("name = ?", name)):
            return False
        with self._db.transaction():
            header = self._header(name, version)
            self._db.execute("DELETE FROM list_layers WHERE name = ?", (name,))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, '')", (_MISSING + name,))
            if why == AGREEMENT_ENDED:
                self._db.execute("DELETE FROM leases WHERE list = ?", (name,))
            self._journal.append(EventKind.LIST_PURGED, _purged(header, why))
            self._db.after_commit(lambda: self._remove_replaced(files))
        self._db.checkpoint()
        return True

    def _copy(self, row: dict[str, Any], ends: dict[str, datetime], *, missing: bool) -> ListCopy:
        found = self._db.rows(
            "SELECT segment, key_id, segment_key, records FROM list_layers WHERE name = ? AND version = ?"
            " ORDER BY place",
            (row["name"], row["version"]),
        )
        layers = tuple(
            Layer(
                self._folder / one["segment"],
                self._leases.unwrap(one["key_id"], one["segment"], one["segment_key"]),
                one["records"],
            )
            for one in found
        )
        ids = {one["key_id"] for one in found} - {""}
        known = [ends[key_id] for key_id in ids if key_id in ends]
        return ListCopy(_header(row["header"]), layers, min(known) if known else None, missing)

    def _lay_under(self, header: PackageHeader) -> int:
        """Lay the layers in force under a delta; returns the place of its own, 0 for a whole package."""
        if header.step is None:
            return 0
        step = header.step
        here = self._version(header.name)
        if here != step.base_version or self._header(header.name, here).payload_digest != step.base_digest:
            raise OutOfOrderError(f"list {header.name}: the delta is no step from the version in force")
        count = self._db.value("SELECT count(*) FROM list_layers WHERE name = ? AND version = ?", (header.name, here))
        if not count:
            raise OutOfOrderError(f"list {header.name}: the data that the delta is a step from is not here any more")
        self._db.execute(
            "INSERT INTO list_layers SELECT name, ?, place, segment, key_id, segment_key, records FROM list_layers"
            " WHERE name = ? AND version = ?",
            (header.version, header.name, here),
        )
        return int(count)

    def _lay(self, header: PackageHeader, place: int, path: Path, key: bytes, records: int | None = None) -> None:
        wrapped = self._leases.wrap(header.key_id, path.name, key)
        count = header.record_count if records is None else records
        row = (header.name, header.version, place, path.name, header.key_id, wrapped, count)
        self._db.execute("INSERT INTO list_layers VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _check_same(self, whole: PackageHeader) -> None:
        """Refuse another content for the version in force, which is missing and is brought again."""
        name, version = whole.name, whole.version
        if self._version(name) == version and self._header(name, version).payload_digest != whole.payload_digest:
            raise OlderVersionError(f"list {name}: version {version} was in force with other content")

    def _check_own(self, name: str, segment_path: Path) -> None:
        if segment_path.parent != self._folder or not segment_path.is_file():
            raise StoreMisuseError(f"list {name}: its segment is not in this store's folder")

    def _version(self, name: str) -> int | None:
        version = self._db.value("SELECT version FROM list_copies WHERE name = ? AND in_force = 1", (name,))
        return None if version is None else int(version)

    def _header(self, name: str, version: int) -> PackageHeader:
        data = self._db.value("SELECT header FROM list_copies WHERE name = ? AND version = ?", (name, version))
        if data is None:
            raise StoreMisuseError(f"list {name}: version {version} was not staged")
        return _header(data)

    def _drop(self, condition: str, *params: Any) -> None:
        """Forget copies and their layers; ``condition`` is on the rows of copies."""
        chosen = f"SELECT name, version FROM list_copies WHERE {condition}"  # noqa: S608  constants
        self._db.execute(f"DELETE FROM list_layers WHERE (name, version) IN ({chosen})", params)  # noqa: S608
        self._db.execute(f"DELETE FROM list_copies WHERE {condition}", params)  # noqa: S608  constants

    def _files(self, condition: str, *params: Any) -> set[str]:
        rows = self._db.rows(f"SELECT DISTINCT segment FROM list_layers WHERE {condition}", params)  # noqa: S608
        return {row["segment"] for row in rows}

    def _remove_replaced(self, names: set[str]) -> None:
        """Remove what a commit made needless, if no copy refers to it.

        The act is done: what a failing disk keeps goes at the next start.
        """
        with contextlib.suppress(StoreError):
            self._remove(names - self._files("1 = 1"))

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


def _purged(header: PackageHeader, why: str) -> dict[str, Any]:
    return {"name": header.name, "version": header.version, "why": why}
