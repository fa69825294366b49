"""The signed metadata of the lists (The Update Framework, https://theupdateframework.github.io/specification/latest/).

`tuf` brings and judges it; this module gives it our line, our clock and our disk, and turns its errors into our words.
Verified metadata stays in a folder (it is public), so that a rollback is noticed after a restart too. A package never
passes through `tuf`, whose downloader leaves a copy in the folder of temporary files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from checkpoint_app.store.errors import StoreError
from checkpoint_app.store.files import disk_errors, write_whole
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.wire.api import METADATA

METADATA_S = 180.0
"""The longest that the metadata of one round may take."""
BOUNDS = UpdaterConfig(
    max_root_rotations=64,
    root_max_length=64 * 1024,
    timestamp_max_length=8 * 1024,
    snapshot_max_length=128 * 1024,
    targets_max_length=512 * 1024,
)


class Repository:
    """The centre's repository, as far as this booth may believe it. Every method raises FetchError and LineError."""

    def __init__(self, line: Line, root: bytes, folder: Path, now: datetime) -> None:
        """Begin from the ``root`` of enrolment; ``now`` is the booth's trusted time."""
        self._fetcher = _Fetcher(line)
        with self._judging():
            with disk_errors("metadata"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._updater = _Updater(folder, self._fetcher, root)
            self._updater.judge_at(now)

    def refresh(self) -> Targets:
        """Bring root, timestamp, snapshot and targets, and return the verified targets, which delegate to the lists."""
        with self._judging(), disk_errors("metadata"):
            self._updater.refresh()
        return self._updater.top

    @property
    def version(self) -> int:
        """What only grows: the version of the root, then of the targets.

        After a key was stolen a new root may take the targets' numbers back; then this still grows.
        """
        root, targets = self._updater.root.version, self._updater.top.version
        if root >= 1 << 20 or targets >= 1 << 32:
            raise FetchError(Fault.MALFORMED, "targets")
        return (root << 32) | targets

    @property
    def hashed_paths(self) -> bool:
        """Whether a target's file is named after its hash too (the specification's consistent snapshots)."""
        return bool(self._updater.root.consistent_snapshot)

    def role(self, name: str) -> Targets:
        """Bring the metadata of the list ``name``, signed by the key that the targets delegate it to."""
        with self._judging(ended=Fault.ROLE_ENDED), disk_errors("metadata"):
            return self._updater.role(name)

    @contextmanager
    def _judging(self, ended: Fault = Fault.METADATA_EXPIRED) -> Iterator[None]:
        """Turn what `tuf` says into our words; its own texts go no further."""
        try:
            yield
        except StoreError as error:
            raise FetchError(Fault.DISK, "metadata") from error
        except tuf_errors.ExpiredMetadataError as error:
            raise FetchError(ended, self._fetcher.piece) from error
        except (tuf_errors.RepositoryError, tuf_errors.DownloadError) as error:
            raise FetchError(self._fault(error), self._fetcher.piece) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:  # values that tuf takes without a look
            raise FetchError(Fault.MALFORMED, self._fetcher.piece) from error

    def _fault(self, error: Exception) -> Fault:
        for kind, fault in _FAULTS:
            if isinstance(error, kind):
                return fault
        # Left are versions and what a snapshot names. It is always the piece that was fetched last.
        if self._fetcher.piece == Timestamp.type:
            return Fault.ROLLED_BACK
        if self._fetcher.piece == Snapshot.type and self._is_the_named_snapshot():
            return Fault.ROLLED_BACK
        return Fault.MIXED

    def _is_the_named_snapshot(self) -> bool:
        """Return whether the snapshot is the one that the timestamp names, so that the fault lies in what it names."""
        signed = Metadata[Snapshot].from_bytes(self._fetcher.data).signed
        return signed.type == Snapshot.type and signed.version == self._updater.snapshot_version


_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (tuf_errors.UnsignedMetadataError, Fault.SIGNED_BY_ANOTHER),
    (tuf_errors.LengthOrHashMismatchError, Fault.MIXED),
    (tuf_errors.DownloadLengthMismatchError, Fault.TOO_LARGE),
    (tuf_errors.SlowRetrievalError, Fault.TOO_SLOW),
    (tuf_errors.DownloadHTTPError, Fault.MISSING),
    (DeserializationError, Fault.MALFORMED),
)


class _Updater(Updater):
    """The one place that touches what `tuf` keeps to itself; a test of its own notices when that changes."""

    def __init__(self, folder: Path, fetcher: _Fetcher, root: bytes) -> None:
        super().__init__(str(folder), METADATA, fetcher=fetcher, config=BOUNDS, bootstrap=root)
        self._brought = fetcher

    def judge_at(self, now: datetime) -> None:
        """Judge expiry at the booth's trusted time, not at the machine's."""
        self._trusted_set.reference_time = now

    @property
    def root(self) -> Root:
        """The verified root."""
        return self._trusted_set.root

    @property
    def top(self) -> Targets:
        """The verified top-level targets."""
        return self._trusted_set.targets

    @property
    def snapshot_version(self) -> int:
        """The version of the snapshot that the verified timestamp names."""
        return self._trusted_set.timestamp.snapshot_meta.version

    def role(self, name: str) -> Targets:
        """Return the verified metadata of a role that the targets delegate to, never of one below or beside it.

        One that has ended is kept too: fetching it again in every round would not make it younger.
        """
        try:
            return self._trusted_set.update_delegated_targets(self._load_local_metadata(name), name, Targets.type)
        except tuf_errors.ExpiredMetadataError:  # raised only for the very one that the snapshot names
            raise
        except (OSError, tuf_errors.RepositoryError):  # none is kept, or another
            pass
        try:
            return self._load_targets(name, Targets.type)
        except tuf_errors.ExpiredMetadataError:
            self._persist_metadata(name, self._brought.data)
            raise

    def _persist_file(self, filename: str, data: bytes) -> None:
        """Write durably, and only what is new: an empty file after a power cut would forget what was seen."""
        path = Path(filename)
        if not (path.is_file() and path.read_bytes() == data):
            write_whole(path, data)


class _Fetcher(FetcherInterface):
    """Line metadata over our line, in memory, within bounds of length and time."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._until = monotonic() + METADATA_S
        self.piece = "root"
        self.data = b""

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Return the bytes at ``url``; unlike tuf's own, it lets errors of the line pass as they are."""
        most = min(max_length, BOUNDS.targets_max_length)  # a stated length is no reason to fetch for ever
        self.piece = _piece(url)
        data = bytearray()
        try:
            for chunk in self._line.get_bytes(url, most):
                data += chunk
                if len(data) > most:
                    raise tuf_errors.DownloadLengthMismatchError(self.piece)
                if monotonic() > self._until:
                    raise tuf_errors.SlowRetrievalError(self.piece)
        except LineError as error:
            if error.code is LineCode.NOT_FOUND:
                raise tuf_errors.DownloadHTTPError(self.piece, 404) from error
            if error.code is LineCode.TOO_LARGE:
                raise tuf_errors.DownloadLengthMismatchError(self.piece) from error
            raise
        self.data = bytes(data)
        return self.data

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._line.get_bytes(url, BOUNDS.targets_max_length)


def _piece(url: str) -> str:
    """Return which piece of metadata lies at ``url``: ``…/3.snapshot.json`` is the snapshot."""
    name = url.removeprefix(METADATA).removesuffix(".json")
    version, dot, rest = name.partition(".")
    return rest if dot and version.isdecimal() else name
