"""strace around a process: what it called in which order, and a kill or an error set at one of these calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALLS = (
    *("pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "write", "fcntl", "poll", "flock", "mkdir"),
    *("fallocate", "getrandom", "pread64"),
)
SYNCS = ("fsync", "fdatasync")
_ENTRY = re.compile(r"^(\d+)\s+(\w+)\((.*)$")
_PATH = re.compile(r'[<"](/[^>"]*)[>"]')
_INSIDE = ("commit", "list swap")


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: who made it, its name, its number among the same calls of the same thread, what was under way.

    ``by_desk`` is false for the confined child that builds lists.
    """

    thread: int
    name: str
    number: int
    by_desk: bool
    under_way: str
    file: str

    @property
    def inside(self) -> bool:
        """Whether the call lies inside a commit or a list swap."""
        return any(part in self.under_way for part in _INSIDE)


@dataclass(slots=True)
class _State:
    """What is under way while a trace is read."""

    told: bool = False
    unsynced: bool = False
    building: bool = False
    swapping: bool = False
    commits: int = 0
    old_is_gone: bool = False
    checkpoint: bool = False

    def word(self) -> str:
        if self.unsynced:
            return "commit of a list swap" if self.swapping else "commit"
        if self.swapping:
            return "list swap"
        if self.checkpoint:
            return "checkpoint"
        if self.building:
            return "list build"
        return "between acts" if self.told else "start"

    def pass_(self, name: str, file: str, by_desk: bool) -> None:
        """Take note of a call that was made."""
        if by_desk and file.endswith("-wal"):
            self.unsynced = name == "pwrite64" or (self.unsynced and name not in SYNCS)
        if by_desk and file.endswith("booth.db"):
            self.checkpoint = name == "pwrite64" or (self.checkpoint and name not in SYNCS)
        if file.endswith(".half") and ".segment" in file:
            self.building = name != "rename"
            if name == "rename":
                self.swapping, self.commits, self.old_is_gone = True, 0, False
        if by_desk and self.swapping:
            self._swap_goes_on(name, file)
        self.told |= by_desk and name == "write" and "pipe" in file

    def _swap_goes_on(self, name: str, file: str) -> None:
        """A swap ends when the copy was noted, then put in force, and the segment that it replaces is gone."""
        self.commits += name in SYNCS and file.endswith("-wal")
        self.old_is_gone |= name == "unlink" and file.endswith(".segment")
        self.swapping = not (self.old_is_gone and self.commits >= 2)


def read_trace(log: Path) -> Iterator[Call]:
    """Yield the calls of a trace, in order. The confined child is known by the segments that it alone writes."""
    entries = [match.groups() for match in map(_ENTRY.match, log.read_text().splitlines()) if match]
    children = {thread for thread, name, rest in entries if name == "write" and ".segment.half" in rest}
    counts: Counter[tuple[str, str]] = Counter()
    state = _State()
    for thread, name, rest in entries:
        counts[thread, name] += 1
        by_desk = thread not in children
        path = _PATH.search(rest)
        file = Path(path[1]).name if path else ("pipe" if "<pipe:" in rest else "")
        yield Call(int(thread), name, counts[thread, name], by_desk, state.word(), file)
        state.pass_(name, file, by_desk)


def unsynced_acts(calls: Sequence[Call], lines: Sequence[str]) -> list[int]:
    """Return the lines (their place) that a desk told as done with no commit synced since it told what it begins.

    ``lines`` are the words "intent", "done" and so on, one for each write of the first thread to its pipe. A kill does
    not show a sync that is missing, a power cut would.
    """
    main = calls[0].thread
    found, written, synced, told = [], False, False, 0
    for call in calls:
        if call.by_desk and call.file.endswith("-wal"):
            written |= call.name == "pwrite64"
            synced |= written and call.name in SYNCS
        elif call.thread == main and call.name == "write" and call.file == "pipe":
            if lines[told] == "done" and not synced:
                found.append(told)
            written = synced = False
            told += 1
    assert told == len(lines), "the trace and the lines are not of one run"
    return found


def commits_of_last_act(calls: Sequence[Call]) -> list[Call]:
    """Return the first write and the sync of each commit between the last two acts told: begun, and done."""
    main = calls[0].thread
    told = [place for place, call in enumerate(calls) if (call.thread, call.name, call.file) == (main, "write", "pipe")]
    begun, done = told[-3], told[-2]  # the last of all tells the end
    log = [call for call in calls[begun:done] if call.by_desk and call.file.endswith("-wal")]
    log = [call for call in log if call.name in ("pwrite64", *SYNCS)]
    return [call for before, call in zip([None, *log], log, strict=False) if _edge(before, call)]


def _edge(before: Call | None, call: Call) -> bool:
    return call.name in SYNCS or before is None or before.name in SYNCS


def unsynced_segments(calls: Sequence[Call]) -> list[str]:
    """Return segments that got their name before their bytes, or their name's folder, were synced for the commit."""
    found, synced, named = [], set(), set()
    for call in calls:
        if call.name in SYNCS:
            synced.add(call.file)
            if call.file == "segments":
                named.clear()
            elif call.by_desk and call.file.endswith("-wal"):
                found += named
        elif call.name == "write":
            synced.discard(call.file)
        elif call.name == "rename" and ".segment" in call.file:
            named.add(call.file)
            if call.file not in synced:
                found.append(call.file)
    return found


def first_to_reach(calls: Sequence[Call]) -> dict[tuple[str, int], Call]:
    """Return for each (name, number) the call where a fault set there strikes: strace counts in each thread."""
    found: dict[tuple[str, int], Call] = {}
    for call in calls:
        found.setdefault((call.name, call.number), call)
    return found


def traced(
    strace: str, log: Path, command: Sequence[str], inject: str | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    """Run a Python module under strace, with a fault where ``inject`` says so.

    Not with ``--seccomp-bpf``: strace 6.13 then drops the signal that it was to send.
    """
    words = [strace, "-f", "-qq", "-y", "-s", "0", "-o", str(log), "-e", "signal=none"]
    words += ["-e", f"trace={','.join(CALLS)}"]
    if inject is not None:
        words += ["-e", f"inject={inject}"]
    words += [sys.executable, "-m", *command]
    return subprocess.run(
        ["nice", *words],
        cwd=ROOT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=200,
        **options,
    )


def may_trace(strace: str) -> bool:
    """Tell whether strace may trace a child."""
    trial = [strace, "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync", sys.executable, "-c", ""]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0
