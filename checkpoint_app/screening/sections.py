"""The sections of a segment: named bytes in memory, or a source that gives ranges of them, read with every bound held.

A segment was written by a process that unpacks what strangers send, so nothing that stands in it is taken on trust:
whatever is not as it must be is a SegmentError, before it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

MAX_META_BYTES = 4 << 20
_T = TypeVar("_T", bound=np.generic)


class SegmentError(ValueError):
    """A segment can't be built or loaded: unknown kind, parts missing or damaged, or made for another engine."""


class RangeSource(Protocol):
    """A section that stays where it is (sealed, on disk) and of which ranges are read."""

    def __len__(self) -> int:
        """Return its size in bytes."""
        ...

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``, which lie within it."""
        ...


Section = bytes | bytearray | memoryview | RangeSource


def require(condition: bool, name: str) -> None:
    """Raise SegmentError naming the section unless it is as it must be."""
    if not condition:
        raise SegmentError(f"segment: its part {name} is damaged: build it again")


def bytes_of(sections: Mapping[str, Section], name: str, most: int) -> bytes:
    """Return a small section whole: at most ``most`` bytes. Raises SegmentError."""
    section = section_of(sections, name)
    require(len(section) <= most, name)
    return bytes(range_of(section, 0, len(section)))


def array_of(sections: Mapping[str, Section], name: str, kind: type[_T]) -> npt.NDArray[_T]:
    """Return a section as an array, in place where it lies in memory. Raises SegmentError."""
    section = section_of(sections, name)
    data = range_of(section, 0, len(section))
    require(len(data) % np.dtype(kind).itemsize == 0, name)
    return np.frombuffer(data, kind)


def in_memory(sections: Mapping[str, Section]) -> dict[str, bytes | memoryview]:
    """Return the sections that lie in memory."""
    return {
        name: memoryview(data) for name, data in sections.items() if isinstance(data, bytes | bytearray | memoryview)
    }


def read_meta(sections: Mapping[str, Section]) -> dict[str, Any]:
    """Return the section ``meta``, a JSON object. Raises SegmentError."""
    try:
        meta = json.loads(bytes_of(sections, "meta", MAX_META_BYTES))
    except (ValueError, RecursionError) as error:
        raise SegmentError("segment: its part meta is damaged: build it again") from error
    require(isinstance(meta, dict), "meta")
    return dict(meta)


def check_offsets(offsets: npt.NDArray[Any], rows: int, values: int, name: str) -> None:
    """Raise SegmentError unless ``offsets`` lead from so many rows to so many values, in order and to all of them."""
    require(len(offsets) == rows + 1, name)
    require(int(offsets[0]) == 0 and int(offsets[-1]) == values, name)
    require(bool((offsets[1:] >= offsets[:-1]).all()), name)


def check_below(numbers: npt.NDArray[_T], most: int, name: str) -> None:
    """Raise SegmentError unless all ``numbers`` (which are never negative) are less than ``most``."""
    require(not len(numbers) or int(numbers.max()) < most, name)


def range_of(section: Section, start: int, size: int) -> bytes | bytearray | memoryview:
    """Return ``size`` bytes from ``start`` of a section, wherever it lies."""
    if isinstance(section, bytes | bytearray | memoryview):
        return section[start : start + size]
    return section.read(start, size)


def section_of(sections: Mapping[str, Section], name: str) -> Section:
    """Return a section; raises SegmentError where there is none of that name."""
    if name not in sections:
        raise SegmentError(f"segment without its part {name!r}: build it again")
    return sections[name]
