"""A booth and its embedded centre set up for the demonstration: enrolled, with its lists in the inbox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.booth.desk.places import Places
from checkpoint_app.booth.record.records import direction_word
from checkpoint_app.commands.home import DATA, INBOX
from checkpoint_app.demo.centre import DemoCentre, DemoCentreError
from checkpoint_app.demo.policy import BOOTH, LANE
from checkpoint_app.store import Store, key_kind, open_passphrase_key
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import EventKind

PASSPHRASE = "open for the demonstration"  # noqa: S105 - nothing secret
"""Told openly: it protects nothing but invented people."""
_SYNC_S = 120.0


@dataclass(frozen=True, slots=True)
class DemoBooth:
    """The demo's folders, and its centre, which serves. ``tray`` is the folder that the booth watches for pictures."""

    places: Places
    tray: Path
    centre: DemoCentre


def prepare(home: Path, *, now: datetime | None = None) -> DemoBooth:
    """Set centre and booth up in ``home``, or find them set up; the centre serves when this returns.

    Raises StoreError where another process holds the booth, DemoCentreError.
    """
    now = now or datetime.now(UTC)
    data, inbox, tray = home / DATA, home / INBOX, home / "tray"
    if key_kind(data) is not None and Store.exists(data):
        open_booth(data).close()  # whoever else holds it is told of at once
    centre = DemoCentre(home / "centre")
    if centre.provide(now):
        for folder in (data, inbox):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in (data, inbox, tray):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    centre.start()
    try:
        _enrol(home, data, centre)
        sync(home)  # so that the window finds the lists when it opens
    except BaseException:
        centre.stop()
        raise
    return DemoBooth(Places(data, inbox, tray), tray, centre)


def _enrol(home: Path, data: Path, centre: DemoCentre) -> None:
    if key_kind(data) is not None and Store.exists(data):
        with open_booth(data) as store:
            enrolled = enrolled_of(store)
            if enrolled is not None and enrolled.state is BoothState.CONFIRMED:
                return
    passphrase = _passphrase_file(home)
    centre.enrol(home, BOOTH, passphrase)
    with open_booth(data) as store:
        lane = {"direction": direction_word(True), "lane": LANE, "officer": ""}
        store.journal.append(EventKind.CROSSING_CHANGED, lane)


def sync(home: Path) -> None:
    """Run one round of the line without the window. Raises DemoCentreError."""
    done = subprocess.run(
        [sys.executable, "-m", "checkpoint_app", "sync", f"--passphrase-file={_passphrase_file(home)}"],
        env={**os.environ, "CHECKPOINT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=_SYNC_S,
        check=False,
    )
    if done.returncode != 0:
        raise DemoCentreError(f"the round failed: {done.stderr.strip() or done.stdout.strip()}")


def _passphrase_file(home: Path) -> Path:
    path = home / "passphrase"
    path.touch(mode=0o600)
    path.write_text(PASSPHRASE, encoding="utf-8")
    return path


def open_booth(data: Path) -> Store:
    """Open the demo booth's store. Raises StoreError."""
    return Store.open(data, open_passphrase_key(data, PASSPHRASE), accept_rollback=True)
