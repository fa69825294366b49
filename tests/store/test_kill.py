"""Killed at seeded instants, amid commits and list swaps: whatever was confirmed is there, and nothing is half."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.store import BodyErasedError
from tests.store.helpers import FAMILY_NAME, NUMBER, create, nothing_in_clear, ram_folder, reopen

KILLS = int(os.environ.get("CHECKPOINT_KILLS", "24"))


@pytest.fixture
def ram() -> Iterator[Path]:
    folder = ram_folder()
    yield folder
    shutil.rmtree(folder)


def test_killed_at_any_instant_nothing_confirmed_is_lost(ram: Path) -> None:
    folder = ram / "data"
    create(folder).close()
    chance = random.Random(20260302)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.kill_child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        acts = 0
        for _ in range(KILLS):
            parent.stdin.write(f"{folder}\n")
            parent.stdin.flush()
            confirmed: list[str] = []
            child, enough = 0, chance.randrange(16)  # 0: while the store is being opened
            while (line := parent.stdout.readline().strip()) != "done":
                kind, number = line.split()
                if kind == "P":
                    child = int(number)
                else:
                    confirmed.append(line)
                if child and len(confirmed) >= enough:
                    time.sleep(chance.random() * (0.004 if enough else 0.03))
                    os.kill(child, signal.SIGKILL)
                    enough = 1 << 30
            check(folder, confirmed)
            acts += len(confirmed)
        parent.stdin.close()
        assert parent.wait() == 0
    assert acts > 5 * KILLS
    nothing_in_clear(folder, FAMILY_NAME, NUMBER)


def check(folder: Path, confirmed: list[str]) -> None:
    with reopen(folder) as store:  # raises where the witness were ahead of the journal
        checked = store.journal.verify()
        numbers = {kind: [int(line[2:]) for line in confirmed if line[0] == kind] for kind in "ELXA"}
        assert checked.head.seq >= max(numbers["E"], default=0)
        acknowledged = store.delivery.acknowledged()
        assert acknowledged.seq >= max(numbers["A"], default=0)
        assert acknowledged.hash == store.journal.hash_at(acknowledged.seq)
        assert store.delivery.wanted() == ([acknowledged.seq - 1] if acknowledged.seq else [])
        for seq in numbers["X"]:
            with pytest.raises(BodyErasedError):
                store.journal.body(seq)
        copies = store.lists.in_force()
        assert [copy.header.version for copy in copies if copy.header.version >= max(numbers["L"], default=0)] == [
            copy.header.version for copy in copies
        ]
        assert bool(copies) >= bool(numbers["L"])
        for copy in copies:
            with copy.layers[0].open() as reader:
                assert reader.read("version") == str(copy.header.version).encode() * 20_000
        assert {path.name for path in (folder / "segments").glob("*")} == {copy.layers[0].path.name for copy in copies}
        waiting = store.projections.open_encounter()
        last = store.journal.head().seq
        assert waiting is None or waiting.last_seq <= last
