"""What a trace of a process killed on the line tells: the call that it died at, and what was under way.

A transaction of SQLite in WAL mode begins with a lock of byte 120 of the `-shm` file (WAL_WRITE_LOCK) and ends with its
release; it is committed when the log is synced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.line_centre import Position

_ENTRY = re.compile(r"^(\d+)\s+(\w+)\((.*)$")
_PATH = re.compile(r'[<"](/[^>"]*)[>"]')
_LENGTH = re.compile(r'"\.\.\., (\d+),')
_LOCK = re.compile(r"-shm>, F_SETLKW?, \{l_type=F_(WRLCK|UNLCK), l_whence=SEEK_SET, l_start=120, l_len=1\}")
TRANSACTION, COMMIT, COMMITTED, ELSEWHERE = "transaction", "commit", "committed, nothing said yet", "elsewhere"


@dataclass(frozen=True, slots=True)
class Struck:
    """Where a kill struck: the call's file, and what was under way in the process just then."""

    under_way: str
    file: str

    @property
    def inside(self) -> bool:
        """Whether a transaction was open in the thread that was struck."""
        return self.under_way in (TRANSACTION, COMMIT)


@dataclass(slots=True)
class _Thread:
    locked: bool = False
    written: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def word(self) -> str:
        return (COMMIT if self.written else TRANSACTION) if self.locked else ""


def struck(log: Path, position: Position) -> Struck | None:
    """Return where the kill set at ``position`` struck first, None where no thread came so far."""
    return next((where for at, where in _calls(log) if at == position), None)


def unheard_positions(log: Path, count: int) -> list[Position]:
    """Return the first positions after a commit that nobody had been told of yet, where a kill would strike them."""
    first: dict[Position, Struck] = {}
    for position, where in _calls(log):
        first.setdefault(position, where)
    return [position for position, where in first.items() if where.under_way == COMMITTED][:count]


def _calls(log: Path) -> Iterator[tuple[Position, Struck]]:
    """Yield each call, by its number among those of its name in its thread, and what was under way."""
    threads: dict[str, _Thread] = {}
    committed = False
    for entry in map(_ENTRY.match, log.read_text(errors="replace").splitlines()):
        if entry is None:
            continue
        number, name, rest = entry.groups()
        thread = threads.setdefault(number, _Thread())
        thread.counts[name] = thread.counts.get(name, 0) + 1
        path = _PATH.search(rest)
        file = Path(path[1]).name if path else ("socket" if "<socket:" in rest or "<TCP" in rest else "-")
        word = thread.word or (COMMITTED if committed else ELSEWHERE)
        yield Position(name, thread.counts[name]), Struck(word, file)
        committed = _pass(thread, name, file, rest) or (committed and not _is_reply(name, rest))


def _pass(thread: _Thread, name: str, file: str, rest: str) -> bool:
    """Take note of a call that was made; returns whether it committed something."""
    lock = _LOCK.search(rest) if name == "fcntl" else None
    if lock:
        thread.locked, thread.written = lock[1] == "WRLCK", False
    if file.endswith("-wal"):
        thread.written |= name == "pwrite64"
        if name == "fsync" and thread.locked:
            thread.locked = thread.written = False  # what comes until the release is after the commit
            return True
    return False


def _is_reply(name: str, rest: str) -> bool:
    """Tell whether something is said to a booth; a thread wakes the server's loop by one byte."""
    length = _LENGTH.search(rest)
    return name == "sendto" and length is not None and int(length[1]) > 1
