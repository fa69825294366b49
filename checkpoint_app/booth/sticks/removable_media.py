"""Removable media: where sticks are mounted, and which bundles lie on them. Nothing is opened but what ends as one.

A stick may hold anything, and be made to harm: only plain files directly in its top folder are looked at, never a link,
a bounded number of them, and of each only a bundle's header is read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from checkpoint_app.wire.bundle import BUNDLE_ENDING, BundleHeader, read_bundle_header
from checkpoint_app.wire.bundle_parts import BundleError

STICKS = "CHECKPOINT_STICKS"
"""More folders to look into, as in PATH."""
MOUNTS = Path("/proc/self/mountinfo")
MOST_MOUNTS_BYTES = 1 << 20
MOST_FOLDERS = 16
MOST_ENTRIES = 1000
MOST_BUNDLES = 256
"""One stick goes to all posts of a region: a bundle for each of their booths, and those that come back."""
_BELOW = ("/media/", "/run/media/", "/mnt/")
_ALSO = "/mnt"
# What sticks and cards are formatted as; a network's file system could keep us waiting for ever.
_KINDS = frozenset(
    {"vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "ext2", "ext3", "ext4", "btrfs", "xfs", "f2fs", "udf", "iso9660"}
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Medium:
    """A mounted medium, or a folder that stands for one."""

    folder: Path
    writable: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A bundle that lies on a medium: what its header says, which its sender signed."""

    path: Path
    size: int
    header: BundleHeader


def media(mounts: Path = MOUNTS, named: str | None = None) -> list[Medium]:
    """Return the media that are there now; ``named`` are further folders, else those of CHECKPOINT_STICKS."""
    folders = os.environ.get(STICKS, "") if named is None else named
    named_ones = [Path(each) for each in folders.split(os.pathsep) if each]
    found = [Medium(folder, os.access(folder, os.W_OK)) for folder in named_ones if folder.is_dir()]
    try:
        with mounts.open("rb") as file:
            lines = file.read(MOST_MOUNTS_BYTES).decode("utf-8", "surrogateescape").splitlines()
    except OSError:  # no such table here: the named folders remain
        lines = []
    for line in lines:
        if (medium := _medium(line)) is not None and medium.folder not in {one.folder for one in found}:
            found.append(medium)
    return found[:MOST_FOLDERS]


def _medium(line: str) -> Medium | None:
    """Return the medium of a line of mountinfo (proc_pid_mountinfo(5)), None where it is no stick's."""
    before, dash, after = line.partition(" - ")
    fields, kind = before.split(" "), after.split(" ")[0]
    if not dash or len(fields) < 6 or kind not in _KINDS:
        return None
    place = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4])
    if not (place.startswith(_BELOW) or place == _ALSO):
        return None
    return Medium(Path(place), "rw" in fields[5].split(","))


def bundles_on(folder: Path) -> list[Found]:
    """Return the bundles in ``folder``, the newest first; what cannot be read is none."""
    found = []
    for path in _candidates(folder):
        try:
            with opened(path) as file:
                found.append(Found(path, os.fstat(file.fileno()).st_size, read_bundle_header(file)))
        except (OSError, BundleError):
            continue
    return sorted(found, key=lambda one: one.header.created_at, reverse=True)


def _candidates(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            named = [
                Path(entry.path)
                for entry in islice(entries, MOST_ENTRIES)
                if entry.name.endswith(BUNDLE_ENDING) and entry.is_file(follow_symlinks=False)
            ]
    except OSError:  # it was pulled
        return []
    return sorted(named)[:MOST_BUNDLES]


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Return a block with the file open: a plain file, whatever took its place meanwhile. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name}: no plain file")
        yield file
