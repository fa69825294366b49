"""A list's sections in memory that processes share: anonymous, filled once, sealed, and mapped by each that needs it.

Nothing of it has a name in a file system, and nothing is written to one (memfd_create(2)); the last process that maps
it gives it back.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref
from collections.abc import Iterable, Mapping

_ALIGNED = 64
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
Places = tuple[tuple[str, int, int], ...]
"""The sections of a memory: name, where it begins, its length in bytes."""


class Shared:
    """Sealed memory with sections: ``descriptor`` may be handed to another process, which opens it with ``places``."""

    def __init__(self, descriptor: int, places: Places) -> None:
        """Take over ``descriptor``, and map it for reading. Raises OSError."""
        self.descriptor = descriptor
        self.places = places
        self._end = weakref.finalize(self, os.close, descriptor)
        size = os.fstat(descriptor).st_size
        if any(begin < 0 or length < 0 or begin + length > size for _name, begin, length in places):
            raise OSError("shared memory: a section lies outside")
        self._view = memoryview(mmap.mmap(descriptor, size, prot=mmap.PROT_READ))

    @property
    def sections(self) -> Mapping[str, memoryview]:
        """The sections, read-only and in place. They stay valid as long as anybody holds one."""
        return {name: self._view[begin : begin + length] for name, begin, length in self.places}


class SharedWriter:
    """Fills a memory, a section after the other; a section may come in pieces."""

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("list", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self._end = weakref.finalize(self, os.close, self._descriptor)
        self._places: dict[str, tuple[int, int]] = {}
        self._last = ""
        self._size = 0

    def add(self, name: str, piece: bytes | memoryview) -> None:
        """Append a piece to the section ``name``. Raises OSError, ValueError where another section came between."""
        if name not in self._places:
            self._write(bytes(-self._size % _ALIGNED))
            self._places[name] = self._size, 0
            self._last = name
        elif name != self._last:
            raise ValueError("shared memory: a section came in parts")
        begin, length = self._places[name]
        self._write(piece)
        self._places[name] = begin, length + len(piece)

    def finish(self) -> Shared:
        """Seal the memory and return it: from now on nobody can change it. Raises OSError."""
        self._write(bytes(-self._size % _ALIGNED or _ALIGNED))  # never empty, which could not be mapped
        fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, _SEALS)
        self._end.detach()
        return Shared(self._descriptor, tuple((name, *place) for name, place in self._places.items()))

    def _write(self, piece: bytes | memoryview) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._size += len(piece)


def shared_of(sections: Iterable[tuple[str, bytes]]) -> Shared:
    """Return ``sections`` in a memory of their own. Raises OSError."""
    writer = SharedWriter()
    for name, data in sections:
        writer.add(name, data)
    return writer.finish()
