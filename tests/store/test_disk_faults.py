"""Disks that are full, read-only or failing: each a clear error, nothing confirmed lost, and work goes on afterwards.

Uses small file systems in memory, which only root may mount, and strace to let a sync fail; skips where it may not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.store import (
    DiskFullError,
    ReadOnlyError,
    SegmentWriter,
    Store,
    create_passphrase_key,
    key_kind,
)
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import answered_body, create, decided_body, header, read_body, reopen

LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Take all room that is left; returns the file to remove."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def append_until_full(store: Store) -> int:
    """Begin Encounters until the disk refuses; returns how many were confirmed."""
    for number in range(10_000):
        try:
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(f"more-{number}", note="x" * 4000))
        except DiskFullError:
            return number
    raise AssertionError("the disk never filled")


def test_a_full_disk_lets_the_open_encounter_be_finished_and_work_goes_on_when_room_is_back(small_disk: Path) -> None:
    folder = small_disk / "data"
    with create(folder) as store:
        journal = store.journal
        journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        filler = fill(small_disk)
        confirmed = 1 + append_until_full(store)
        assert journal.head().seq == confirmed
        journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body("a"))
        journal.append(EventKind.DISPOSITION, decided_body("a"))
        confirmed += 2
        assert journal.verify().head.seq == confirmed
        # the room that the reserve gave is for finishing, not for beginning
        journal.append(EventKind.DISPOSITION, decided_body("a", note="x" * 200_000))
        confirmed += 1
        fill(small_disk)
        with pytest.raises(DiskFullError):
            journal.append(EventKind.ENCOUNTER_READ, read_body("refused"))
        assert not store.reserve.is_held
        filler.unlink()
        journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
        confirmed += 1
        assert store.reserve.is_held
        assert journal.verify().head.seq == confirmed
    with reopen(folder) as store:
        assert store.journal.verify().head.seq == confirmed
        waiting = store.projections.open_encounter()
        assert waiting is not None
        assert waiting.encounter_id == "b"


def test_a_full_disk_at_start_gives_the_open_encounter_back(small_disk: Path) -> None:
    folder = small_disk / "data"
    with create(folder) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
    filler = fill(small_disk)
    with reopen(folder) as store:
        waiting = store.projections.open_encounter()
        assert waiting is not None
        store.journal.append(EventKind.DISPOSITION, decided_body("a"))
        filler.unlink()
    with reopen(folder) as store:
        assert store.journal.verify().head.seq == 2
        assert store.projections.open_encounter() is None
        assert store.reserve.is_held


def test_a_full_disk_leaves_no_half_list_key_or_store(small_disk: Path) -> None:
    folder = small_disk / "data"
    with create(folder) as store:
        path, key = store.lists.new_segment()
        with SegmentWriter(path, key) as writer:
            writer.add("one", b"1")
            writer.finish()
        store.lists.stage(header(1), path, key)
        store.lists.put_in_force("wanted", 1)
        second, key = store.lists.new_segment()
        filler = fill(small_disk)
        with pytest.raises(DiskFullError), SegmentWriter(second, key) as writer:  # noqa: PT012
            writer.add("one", bytes(20 << 20))
            writer.finish()
        assert [one.name for one in (folder / "segments").iterdir()] == [path.name]
        assert [copy.header.version for copy in store.lists.in_force()] == [1]
        store.reserve.release()
        fill(small_disk)
        other = folder / "other"
        other.mkdir()
        with pytest.raises(DiskFullError):
            create_passphrase_key(other, "a synthetic passphrase", LIGHT)
        assert list(other.iterdir()) == []
        with pytest.raises(DiskFullError):
            create(other)
        assert not Store.exists(other)
        filler.unlink()
    create(other).close()
    assert key_kind(other) is None


def test_a_read_only_folder_is_told_and_a_disk_that_turns_read_only_too(small_disk: Path) -> None:
    folder = small_disk / "data"
    store = create(folder)
    store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
    store.close()

    def remount(mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{mode}", str(small_disk)], check=True)

    remount("ro")
    with pytest.raises(ReadOnlyError):
        reopen(folder)
    with pytest.raises(ReadOnlyError):
        create(small_disk / "new")
    with pytest.raises(ReadOnlyError):
        create_passphrase_key(folder, "a synthetic passphrase", LIGHT)
    remount("rw")
    with reopen(folder) as store:
        assert store.journal.verify().head.seq == 1


FAILING = """
import pathlib, sys
from tests.store.helpers import read_body, reopen
from checkpoint_app.store import StoreError
from checkpoint_app.wire.event import EventKind
store = reopen(pathlib.Path(sys.argv[1]))
confirmed = 0
for number in range(40):
    try:
        confirmed = store.journal.append(EventKind.ENCOUNTER_READ, read_body(str(number))).header.seq
        print("confirmed", confirmed, flush=True)
    except StoreError as error:
        print(error.code, flush=True)
print("whole", store.journal.verify().head.seq, confirmed, flush=True)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not on this machine")
@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("fsync,fdatasync:error=EIO:when=9..14", "store-disk-failed"),
        ("pwrite64:error=EIO:when=60..70", "store-disk-failed"),
        ("pwrite64:error=ENOSPC:when=60..70", "store-disk-full"),
    ],
)
def test_a_failing_disk_is_told_and_what_was_confirmed_stays(tmp_path: Path, what: str, code: str) -> None:
    folder = tmp_path / "data"
    create(folder).close()
    command = ["strace", "-qq", "-o", os.devnull, "-e", f"inject={what}", sys.executable, "-c", FAILING, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if "ptrace" in done.stderr.lower():
        pytest.skip("strace may not trace here")
    said = done.stdout.split("\n")
    assert code in said, done.stderr
    whole, last = next(map(int, line.split()[1:]) for line in said if line.startswith("whole"))
    confirmed = [int(line.split()[1]) for line in said if line.startswith("confirmed")]
    assert confirmed == list(range(1, len(confirmed) + 1))  # a number is never given twice, none is left out
    assert whole == last == len(confirmed)
    assert said.index(code) < said.index(f"confirmed {last}")  # work went on afterwards
    with reopen(folder) as store:
        assert store.journal.verify().head.seq == last
