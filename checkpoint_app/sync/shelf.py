"""The inbox folder of lists: what lies there for the desk, what the desk refused, and what nobody needs any more.

The desk applies what lies there and removes nothing. Beside a delta that it refused it puts the empty file
``NAME-BASE-VERSION.delta.refused`` (`wire.repository.REFUSED_ENDING`); `fetch` puts one there too where a delta did not
come as it was signed for. Either way that delta is not chosen again, and the whole package comes instead.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from checkpoint_app.store.files import open_regular
from checkpoint_app.sync.download import disk_faults
from checkpoint_app.sync.offers import Package
from checkpoint_app.wire.header import PackageError, read_untrusted_header
from checkpoint_app.wire.repository import GRANT_ENDING, PACKAGE_ENDING, REFUSED_ENDING, read_delta_file

_REMEMBERED = 1024


class Shelf:
    """The inbox folder. Methods raise FetchError ``disk``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folder, and those above it."""
        with disk_faults("inbox"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def place(self, package: Package) -> Path:
        """Return where ``package`` lies, or will."""
        return self.folder / package.file

    def has(self, package: Package) -> bool:
        """Return whether exactly this package lies here."""
        path = self.place(package)
        try:
            stat = path.stat()
            if stat.st_size != package.length:
                return False
            return _sha256(path, stat.st_ino, stat.st_size, stat.st_mtime_ns) == package.sha256
        except OSError:  # whatever lies there, it cannot be read
            return False

    def is_refused(self, package: Package) -> bool:
        """Return whether the booth refused this delta, or any that went from and to the same versions."""
        with disk_faults(f"list {package.name}"):
            return self._mark(package).exists()

    def refuse(self, package: Package) -> None:
        """Note that this delta cannot be had as it was signed for."""
        with disk_faults(f"list {package.name}"):
            self._mark(package).touch(mode=0o600)

    def show_again(self, package: Package) -> None:
        """Let the desk, which refused the package without a key, look at it again."""
        with disk_faults(f"list {package.name}"):
            os.utime(self.place(package))

    def tidy(self, versions: Mapping[str, int], offered: Collection[str], named: Collection[str]) -> None:
        """Remove deltas, and marks of refused ones, that lead to no newer version than the one in force.

        Those that are still offered (``named``, by file) stay: another booth of the post may get them by hand. What
        lies here of lists that no role offers any more goes too.
        """
        with disk_faults("inbox"):
            for path in self.folder.iterdir() if self.folder.is_dir() else ():
                name, version = _list_of(path.name)
                over = version <= versions.get(name, 0) and path.name not in named
                if name and (name not in offered or over):
                    path.unlink(missing_ok=True)

    def clear_overtaken(self, name: str, in_force: int, newest: int) -> None:
        """Remove the whole package of a version that deltas have led on from: nobody is offered it any more."""
        path = self.folder / f"{name}{PACKAGE_ENDING}"
        try:
            with open_regular(path) as stream:
                version = read_untrusted_header(stream).version
        except (OSError, PackageError):  # the desk says what else lies there; of a disk that fails the next round does
            return
        if version <= in_force and version < newest:
            with disk_faults(f"list {name}"):
                path.unlink(missing_ok=True)

    def _mark(self, package: Package) -> Path:
        return self.folder / f"{package.file}{REFUSED_ENDING}"


def _list_of(file: str) -> tuple[str, float]:
    """Return the list that a file here is of, "" for what is none of ours, and to which version it leads.

    Whole packages and grants count as newer than any: the one that is in force stays.
    """
    delta = read_delta_file(file.removesuffix(REFUSED_ENDING))
    if delta is not None:
        return delta[0], delta[2]
    for ending in (PACKAGE_ENDING, GRANT_ENDING):
        if file.endswith(ending):
            return file.removesuffix(ending), float("inf")
    return "", float("inf")


@functools.lru_cache(maxsize=_REMEMBERED)
def _sha256(path: Path, _inode: int, _size: int, _mtime_ns: int) -> str:
    """Return the digest of one state of a file, in hex: a package is read once, not in every round. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
