"""The booth of the benchmark of the line: a desk without its window, asked all the time, its memory watched.

`python -m tests.bench.sync_client HOME`. Four times a second it writes a line of JSON: versions loaded, what comes,
memory of the process and of all its children in MiB, and the slowest look-up since the last line in milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from checkpoint_app.booth.desk.desk import Desk
from checkpoint_app.booth.desk.places import Places
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.screening.entry import Subject
from tests.bench.sync_lists import PASSPHRASE

ASKED = (
    Subject("ERIKSON", "ANNA MARIA", birth="740812", sex="F", nationality="UTO", document_number="L898902C3"),
    Subject("GARCIA MORALES", "JOSE LUIS", birth="810314", sex="M", nationality="PER", document_number="A1234567"),
    Subject("QUISPE MAMANI", "ROSA", birth="690101", sex="F", nationality="ECU", document_number="B7654321"),
)
PAUSE_S, TOLD_EVERY_S = 0.05, 0.25
_MIB = 1 << 20


class Asking(threading.Thread):
    """Asks the lists on the desk without a rest, as officers would who never rest; keeps the slowest answer."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._slowest = 0.0
        self._lock = threading.Lock()

    def run(self) -> None:
        """Ask."""
        turn = 0
        while True:
            subject = ASKED[turn % len(ASKED)]
            turn += 1
            began = time.perf_counter()
            for one in self._desk._core.state.lists:
                if one.persons is not None:
                    one.persons.screen(subject, hits_only=True)
                if one.numbers is not None:
                    one.numbers.look_up(subject.document_number, subject.nationality)
            took = time.perf_counter() - began
            with self._lock:
                self._slowest = max(self._slowest, took)
            time.sleep(PAUSE_S)

    def taken(self) -> float:
        """Return the slowest look-up since the last call, in seconds."""
        with self._lock:
            slowest, self._slowest = self._slowest, 0.0
        return slowest


def resident() -> tuple[float, float]:
    """Return the resident memory of this process, and with all its descendants, in MiB."""
    pages = os.sysconf("SC_PAGE_SIZE")
    parents, sizes = {}, {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                stat = (path / "stat").read_text().rpartition(")")[2].split()
                parents[int(path.name)], sizes[int(path.name)] = int(stat[1]), int(stat[21]) * pages
            except (OSError, IndexError):  # it has ended
                continue
    family, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        grown, family = bool(more), family | more
    return sizes[os.getpid()] / _MIB, sum(sizes.get(pid, 0) for pid in family) / _MIB


def main(home: Path) -> None:
    """Run until standard input ends."""
    calls: queue.Queue[Callable[[], None]] = queue.Queue()
    desk = Desk(Places(home / "data", home / "inbox"), ImageReader(), calls.put, language="en")
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    desk.opening.start()
    asking, told_at, unlocked = Asking(desk), 0.0, False
    asking.start()
    told = 0
    while not over.is_set():
        with contextlib.suppress(queue.Empty):
            calls.get(timeout=0.05)()
        form = desk.view().form if not unlocked else None
        if form is not None and form.name == "unlock" and not unlocked:
            desk.edit("passphrase", PASSPHRASE)
            desk.submit()
            unlocked = True
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            told_at = time.monotonic()
            _tell(desk, asking)
            told += 1
            if told % round(1 / TOLD_EVERY_S) == 0:
                desk.tick()
    desk.close()


def _tell(desk: Desk, asking: Asking) -> None:
    own, family = resident()
    state = desk._core.state
    line = {
        "at": time.time(),
        "versions": {one.source.name: one.source.version for one in state.lists if one.bar is None},
        "line": state.line.state if state.line else "none",
        "bringing": [state.bringing.done, state.bringing.total] if state.bringing else None,
        "rss_mib": own,
        "family_mib": family,
        "slowest_ms": 1000 * asking.taken(),
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
