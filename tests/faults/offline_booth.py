"""A booth without a line, as a process of its own: ``python -m tests.faults.offline_booth FOLDER ACT MOMENT``.

``deltas`` applies what lies in the inbox, ``take`` takes the bundle beside it (leases, lists, acknowledgement)
and applies it, ``write`` writes the bundle for the centre. What it promised is what its journal holds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.confined.hardening import harden
from checkpoint_app.store import Store, StoreError
from checkpoint_app.sync.bundle_down import import_bundle
from checkpoint_app.sync.bundle_up import export_up
from tests.store.helpers import store_key
from tests.sync.helpers import directly

DELTAS, TAKE, WRITE = "deltas", "take", "write"
DOWN, UP = "down.bundle", "up.bundle"
ENDED, STOPPED = b"end\n", 3


@dataclass(frozen=True)
class StillClock:
    """A wall clock that stands; its seconds are real."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return monotonic()


def open_store(folder: Path, at: datetime) -> Store:
    """Open the booth's store at that moment."""
    data = folder / "data"
    return Store.open(data, store_key(data), clock=StillClock(at))


def act(folder: Path, store: Store, name: str) -> None:
    """Do one act."""
    acts: dict[str, Callable[[], object]] = {
        DELTAS: lambda: _apply(folder, store),
        TAKE: lambda: _take(folder, store),
        WRITE: lambda: export_up(directly(store), folder / UP),
    }
    acts[name]()


def _apply(folder: Path, store: Store) -> None:
    records = Records(store)
    apply_inbox(records, folder / "inbox")
    records.end_what_is_over()


def _take(folder: Path, store: Store) -> None:
    with (folder / DOWN).open("rb") as file:
        import_bundle(file, directly(store), folder / "inbox", folder / "metadata", clock=store.time._clock)
    _apply(folder, store)


def main() -> int:
    """Play one act; a disk that fails ends it in order."""
    harden()
    folder, name, moment = Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
    try:
        with open_store(folder, moment) as store:
            act(folder, store, name)
    except StoreError as error:
        os.write(1, error.code.encode() + b"\n")
        return STOPPED
    os.write(1, ENDED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
