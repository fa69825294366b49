"""Disks that fail on command: small file systems in memory, and strace on this very process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(place: Path, mib: int) -> Iterator[Path]:
    """Mount a file system of its own; skips where only root may."""
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own can be mounted by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, mode: str) -> None:
    """Make the disk read-only ("ro") or writable ("rw")."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(place)], check=True)


def fill(disk: Path) -> None:
    """Take all room that is left, to the last byte."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def make_room(disk: Path) -> None:
    """Give the room back."""
    (disk / "filler").unlink()


@contextlib.contextmanager
def failing(strace: str, inject: str) -> Iterator[None]:
    """Let system calls of this process fail while the block runs; skips where strace may not attach."""
    calls = inject.partition(":")[0]
    command = [strace, "-f", "-o", os.devnull, "-e", f"trace={calls}", "-e", f"inject={inject}", "-p", str(os.getpid())]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    if "attached" not in tracer.stderr.readline():
        tracer.wait()
        pytest.skip("strace may not attach to a running process here")
    time.sleep(0.2)  # the other threads follow
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=20)
