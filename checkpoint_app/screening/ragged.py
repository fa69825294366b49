"""Rows of unequal length in two arrays: all values one after the other, and the offsets where each row begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

_T = TypeVar("_T", bound=np.generic)


def offsets_of(lengths: npt.NDArray[np.int64] | Sequence[int]) -> npt.NDArray[np.uint32]:
    """Return the offsets of rows with ``lengths``: one more than there are rows."""
    offsets = np.zeros(len(lengths) + 1, np.uint32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def places(offsets: npt.NDArray[np.uint32], order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the places of the values of the rows ``order``, row after row."""
    starts = offsets[:-1].astype(np.int64)[order]
    lengths = offsets[1:].astype(np.int64)[order] - starts
    total = int(lengths.sum())
    begins = np.cumsum(lengths) - lengths
    return np.repeat(starts - begins, lengths) + np.arange(total, dtype=np.int64)


def take(
    offsets: npt.NDArray[np.uint32], values: npt.NDArray[_T], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[_T]]:
    """Return offsets and values with the rows in the given ``order``."""
    ends = offsets.astype(np.int64)
    return offsets_of((ends[1:] - ends[:-1])[order]), values[places(offsets, order)]
