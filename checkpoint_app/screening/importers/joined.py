"""Rows of a file found again by a key, wherever they stand: 20 bytes of memory a row, whatever a row holds."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.importers.source import MAX_LINE_BYTES


class Joined:
    """Keys (63 bits) of lines of a file; add all of them, then ask. What nobody asked for is known at the end."""

    def __init__(self, path: Path, decode: Callable[[bytes], str | None]) -> None:
        self._path = path
        self._decode = decode
        self._keys, self._offsets, self._lines = array("q"), array("q"), array("I")
        self._file: BinaryIO | None = None

    def add(self, key: int, offset: int, line: int) -> None:
        """Note that the line numbered ``line``, which begins at ``offset``, has this key."""
        self._keys.append(key)
        self._offsets.append(offset)
        self._lines.append(line)

    def of(self, key: int) -> Iterator[tuple[int, str]]:
        """Yield (line, text) of the lines with this key, in the file's order."""
        keys = self._sorted
        first, last = np.searchsorted(keys, np.array([key, key + 1], keys.dtype))
        for place in self._order[first:last]:
            self._asked[place] = True
            yield self._lines[place], self._read(self._offsets[place])

    def unasked(self) -> Iterator[int]:
        """Yield the numbers of the lines that ``of`` has not given."""
        yield from (self._lines[place] for place in np.flatnonzero(~self._asked))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _read(self, offset: int) -> str:
        if self._file is None:
            self._file = self._path.open("rb")
        self._file.seek(offset)
        return self._decode(self._file.readline(MAX_LINE_BYTES)) or ""

    @cached_property
    def _order(self) -> npt.NDArray[np.int64]:
        return np.argsort(np.frombuffer(self._keys, np.int64), kind="stable")

    @cached_property
    def _sorted(self) -> npt.NDArray[np.int64]:
        return np.frombuffer(self._keys, np.int64)[self._order]

    @cached_property
    def _asked(self) -> npt.NDArray[np.bool_]:
        return np.zeros(len(self._keys), np.bool_)
