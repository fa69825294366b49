"""A watched folder: scanners and cameras of other makers put their pictures there.

Only files that are complete are read: their size and time stayed the same from one look to the next. What lay there
at the start is left alone unless asked for. File names can hold a person's name: they are never logged nor passed on.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.readers.protocol import Health, RawInput, Source

MOST_BYTES = 32 << 20
_MOST_FILES = 10_000
_MOST_AT_ONCE = 2 * MOST_BYTES
_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".jp2", ".ppm", ".pdf", ".heic"}
    | {".edi", ".xml", ".txt", ".imp"}  # messages of carriers and customs
)


@dataclass(frozen=True, slots=True)
class _State:
    """What tells one content of a file from another without reading it."""

    size: int
    changed_ns: int
    number: int


class FolderReader:
    """Reads pictures from ``folder`` as they arrive; a `Reader`, so ``poll`` it about twice a second from one thread.

    ``remove`` deletes each file once its bytes are here: nothing personal then stays on disk in clear (invariant 8).
    ``existing`` also reads what lies there at the start. A file over MOST_BYTES comes as an input refused
    ``too_large``, so that the officer is told.
    """

    def __init__(self, folder: Path, remove: bool = False, existing: bool = False) -> None:
        self._arrivals = Arrivals(folder, remove, existing)
        self._health = Health.STARTING if self._arrivals.present else Health.ABSENT

    @property
    def health(self) -> Health:
        """READY, or ABSENT while the folder is not there or cannot be read."""
        return self._health

    def close(self) -> None:
        """Stop reading."""
        self._health = Health.CLOSED

    def poll(self) -> list[RawInput]:
        """Return the pictures that are complete since the last look, oldest first."""
        if self._health is Health.CLOSED:
            return []
        try:
            arrived = self._arrivals.take()
        except OSError:
            self._health = Health.ABSENT
            return []
        self._health = Health.READY
        return [RawInput(Source.FOLDER, image=image, refused=refused) for _, image, refused, _ in arrived]


class Arrivals:
    """The files that arrive in ``folder``, each once: name, bytes, why it was refused, when it came (seconds).

    Arguments as above.
    """

    def __init__(self, folder: Path, remove: bool = False, existing: bool = False) -> None:
        self._folder = folder
        self._remove = remove
        self._seen: dict[str, _State] = {}
        self._done: dict[str, _State] = {}
        try:
            self._done = {} if existing else self._look()
            self.present = True
        except OSError:
            self.present = False

    def take(self) -> list[tuple[str, bytes, str, float]]:
        """Return what is complete since the last call, oldest first, as much as may be in memory at once.

        Raises OSError where the folder is not there.
        """
        try:
            now = self._look()
        except OSError:
            self._seen, self._done = {}, {}
            raise
        self._done = {name: state for name, state in self._done.items() if name in now}
        ready = [name for name, state in now.items() if self._seen.get(name) == state != self._done.get(name)]
        self._seen = now
        arrived: list[tuple[str, bytes, str, float]] = []
        size = 0
        for name in sorted(ready, key=lambda name: now[name].changed_ns):
            size += min(now[name].size, MOST_BYTES)
            if arrived and size > _MOST_AT_ONCE:
                break  # the next call takes the rest: a full card of a camera is no reason to run out of memory
            taken = self._take(name, now[name])
            if taken is not None:
                arrived.append((name, *taken))
                self._done[name] = now[name]
        return arrived

    def _look(self) -> dict[str, _State]:
        found: dict[str, _State] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if Path(entry.name).suffix.lower() not in _EXTENSIONS or entry.name.startswith("."):
                    continue
                state = _state(entry)
                if state is not None and len(found) < _MOST_FILES:
                    found[entry.name] = state
        return found

    def _take(self, name: str, state: _State) -> tuple[bytes, str, float] | None:
        """Read a whole file, or tell why it is refused; None where it vanished, changed, or is no plain file now."""
        path = self._folder / name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or (status.st_ino, status.st_size) != (state.number, state.size):
                return None
            if status.st_size > MOST_BYTES:
                return b"", "too_large", status.st_ctime
            image = file.read(MOST_BYTES)
        if len(image) != state.size:
            return None
        if self._remove:
            path.unlink(missing_ok=True)
        return image, "", status.st_ctime  # which, unlike st_mtime, tells of a file moved here


def _state(entry: os.DirEntry[str]) -> _State | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return _State(status.st_size, status.st_mtime_ns, status.st_ino)
