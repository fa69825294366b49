"""Rows of unequal length in two arrays: all values one after the other, and the offsets where each row begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

_T = TypeVar("_T", bound=np.generic)
_ROWS_AT_ONCE = 1 << 18


def offsets_of(lengths: npt.NDArray[Any] | Sequence[int]) -> npt.NDArray[np.uint32]:
    """Return the offsets of rows with ``lengths``: one more than there are rows."""
    offsets = np.zeros(len(lengths) + 1, np.uint32)
    np.cumsum(lengths, dtype=np.uint32, out=offsets[1:])
    return offsets


def places(offsets: npt.NDArray[np.uint32], order: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the places of the values of the rows ``order``, row after row."""
    starts = offsets[order].astype(np.int64)
    return run(starts, offsets[order + 1].astype(np.int64) - starts)


def run(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return ``lengths[0]`` numbers from ``starts[0]`` on, then ``lengths[1]`` from ``starts[1]`` on, and so forth."""
    begins = np.cumsum(lengths) - lengths
    return np.repeat(starts - begins, lengths) + np.arange(int(lengths.sum()), dtype=np.int64)


def take(
    offsets: npt.NDArray[np.uint32], values: npt.NDArray[_T], order: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[_T]]:
    """Return offsets and values with the rows in the given ``order``: some at a time, for places are large."""
    new_offsets = offsets_of(np.diff(offsets)[order])
    taken = np.empty(int(new_offsets[-1]), values.dtype)
    for begin in range(0, len(order), _ROWS_AT_ONCE):
        end = min(begin + _ROWS_AT_ONCE, len(order))
        taken[new_offsets[begin] : new_offsets[end]] = values[places(offsets, order[begin:end])]
    return new_offsets, taken
