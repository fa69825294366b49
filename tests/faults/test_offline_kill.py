"""Without a line: a booth killed while it applies deltas, takes a bundle with its leases, or writes one; bad disks.

Invariants 2 and 4. Each row of build/faults/offline.tsv comes from the killed process's own trace.
"""

from __future__ import annotations

import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.line_centre import Position
from tests.faults.line_report import say
from tests.faults.line_trace import Struck, struck
from tests.faults.offline import Offline, examine, finish, make_offline
from tests.faults.offline_booth import DELTAS, ENDED, STOPPED, TAKE, WRITE
from tests.faults.tracing import ROOT, traced
from tests.store.helpers import ram_folder

ACTS = (DELTAS, TAKE, WRITE)
KILLS = {False: 2, True: 100}
"""Kills of an act, in the short campaign and in the long one."""
CALLS = {
    DELTAS: (("pwrite64", 1, 70), ("fsync", 1, 14), ("unlink", 1, 6), ("fcntl", 1, 150), ("pread64", 5, 80)),
    TAKE: (("pwrite64", 1, 90), ("fsync", 1, 30), ("rename", 1, 10), ("write", 1, 14), ("fcntl", 1, 200)),
    WRITE: (("pwrite64", 1, 20), ("fsync", 1, 6), ("write", 1, 5), ("rename", 1, 2), ("fcntl", 1, 60)),
}
FAILURES = (
    ("pwrite64", "ENOSPC"), ("fsync", "EIO"), ("pwrite64", "EROFS"), ("rename", "EROFS"), ("write", "ENOSPC"),
)  # fmt: skip


@dataclass
class Campaign:
    """The log of all kills, and of all disks that failed."""

    rows: list[tuple[object, ...]] = field(default_factory=list)

    def add(self, act: str, position: Position, fault: str, where: Struck | None, came: str) -> None:
        under_way, file = (where.under_way, where.file) if where else ("-", "-")
        self.rows.append((act, fault, position.name, position.number, under_way, file, came))

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = ("act", "fault", "syscall", "number", "under way", "file", "outcome")
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in (head, *self.rows)))


@pytest.fixture(scope="module")
def campaign(pytestconfig: pytest.Config) -> Iterator[Campaign]:
    """Collect the log, write it, say its sum."""
    made = Campaign()
    yield made
    made.save(ROOT / "build" / "faults" / "offline.tsv")
    counts = Counter((row[1], row[0]) for row in made.rows)
    told = ", ".join(f"{count} {act}: {fault}" for (fault, act), count in sorted(counts.items()))
    say(pytestconfig, f"without a line: {len(made.rows)} faults, 0 half versions, 0 lost, 0 doubled; {told}")


@pytest.fixture(scope="module")
def offline() -> Iterator[Offline]:
    """The centre and its booths, in memory."""
    folder = ram_folder()
    made = make_offline(folder / "ready")
    yield made
    made.template.centre.loop.close()
    shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory for one life."""
    folder = ram_folder()
    yield folder
    shutil.rmtree(folder)


def run(strace: str, offline: Offline, act: str, place: Path, inject: str) -> tuple[int, bytes, Path]:
    """Play an act on a fresh copy with a fault set; returns how the process ended, what it said, and its folder."""
    folder = offline.lay(act, place / f"booth-{len(list(place.iterdir()))}")
    words = ["tests.faults.offline_booth", str(folder), act, offline.moment.isoformat()]
    done = traced(strace, place / "trace", words, inject)
    assert done.returncode in (0, STOPPED, -signal.SIGKILL), done.stderr.decode()[-2000:]
    return done.returncode, done.stdout, folder


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("act", ACTS)
def test_killed_at_any_call_a_version_is_whole_and_nothing_is_lost(
    act: str, offline: Offline, campaign: Campaign, long_campaign: bool, strace: str, place: Path
) -> None:
    chance, killed, turn = random.Random(f"offline {act}"), 0, 0
    while killed < KILLS[long_campaign]:
        assert turn < 4 * KILLS[long_campaign] + 6, "the kills do not strike"
        name, first, last = CALLS[act][turn % len(CALLS[act])]
        position, turn = Position(name, chance.randint(first, last)), turn + 1
        ended, said, folder = run(strace, offline, act, place, position.inject)
        try:
            if ended == -signal.SIGKILL:
                version = examine(offline, folder, 1)
                finish(offline, act, folder)
                campaign.add(act, position, "kill", struck(place / "trace", position), f"version {version}")
                killed += 1
            else:  # no such call, or the child's: then the booth goes on
                assert said == ENDED
                examine(offline, folder, 1)
        except BaseException as error:
            error.add_note(f"{act}, killed at {position}")
            raise
        shutil.rmtree(folder)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("act", ACTS)
def test_a_disk_that_fails_costs_nothing_that_was_there(
    act: str, offline: Offline, campaign: Campaign, long_campaign: bool, strace: str, place: Path
) -> None:
    chance = random.Random(f"disk {act}")
    failures = FAILURES if long_campaign else FAILURES[ACTS.index(act) :][:1]
    for name, error in failures * (10 if long_campaign else 1):
        position = Position(name, chance.randint(1, 12))
        inject = f"{name}:error={error}:when={position.number}+"
        ended, said, folder = run(strace, offline, act, place, inject)
        try:
            version = examine(offline, folder, 1)
            campaign.add(act, position, error, None, f"{said.decode().strip()}, version {version}")
            if ended == STOPPED:
                finish(offline, act, folder)
        except BaseException as broken:
            broken.add_note(f"{act}, {inject}")
            raise
        shutil.rmtree(folder)
