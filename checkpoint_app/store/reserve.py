"""The reserve: a file that holds room on the disk, given up when it is full so that an open Encounter can be finished.

While it is given up nothing new may begin: each other act first makes the reserve again, or is refused (invariant 12).
"""

from __future__ import annotations

import os
from pathlib import Path

from checkpoint_app.store.files import disk_errors
from checkpoint_app.wire.event import EventKind

RESERVE_BYTES = 8 * 1024 * 1024
FINISHING = frozenset(
    {
        EventKind.STARTED,
        EventKind.SIGNED_IN,
        EventKind.ENCOUNTER_REOPENED,
        EventKind.ENCOUNTER_CORRECTED,
        EventKind.ENCOUNTER_ANSWERED,
        EventKind.SLIP_CHECKED,
        EventKind.SAME_PERSON,
        EventKind.NOT_SAME_PERSON,
        EventKind.DISPOSITION,
        EventKind.SIGNED_OUT,
    }
)


class Reserve:
    """The reserve file of one data folder."""

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._path = folder / "reserve"
        self._size = size

    @property
    def is_held(self) -> bool:
        """Whether the room is held now."""
        try:
            return self._path.stat().st_size >= self._size
        except OSError:
            return False

    def hold(self) -> None:
        """Hold the room. Raises DiskFullError, ReadOnlyError, DiskFailedError; then nothing is held."""
        if self.is_held:
            return
        with disk_errors("reserve"):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            except OSError:
                self._path.unlink(missing_ok=True)
                raise
            finally:
                os.close(descriptor)

    def release(self) -> None:
        """Give the room up."""
        with disk_errors("reserve"):
            self._path.unlink(missing_ok=True)
