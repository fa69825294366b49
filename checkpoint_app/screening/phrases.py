"""Tokens that come together: SAINT FLEUR, JEAN BAPTISTE, DE LA ROSA are one name, not two that happen to agree.

Where a token mostly follows another, its agreement beside that one's says little more. The table holds, for such pairs
of neighbours within one field, the share of the bearers of the rarer token who bear the other one beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from checkpoint_app.screening.index import PersonIndex

LEAST_BEARERS = 4
"""Pairs that fewer names hold tell nothing of a habit."""
LEAST_LIFT = math.e
"""Pairs are kept that come together so many times as often as chance would have it."""

Pairs = npt.NDArray[np.uint64]
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def phrases_of(
    name_tokens: npt.NDArray[np.uint32],
    name_families: npt.NDArray[np.uint8],
    token_numbers: npt.NDArray[np.uint32],
    bearers: npt.NDArray[np.int64],
    persons: int,
) -> tuple[Pairs, npt.NDArray[np.float32]]:
    """Return pairs of token numbers (first in the upper half), ascending, and the share of each as described above.

    ``name_tokens`` are the offsets of each name's tokens, ``bearers`` the persons that bear each token.
    """
    pairs, counts = np.unique(neighbours(name_tokens, name_families, token_numbers), return_counts=True)
    often = counts >= LEAST_BEARERS
    pairs, counts = pairs[often], counts[often]
    first, second = bearers[(pairs >> _HALF).astype(np.int64)], bearers[(pairs & _LOW).astype(np.int64)]
    shares = np.minimum(1.0, counts / np.minimum(first, second))
    lifted = shares * persons >= LEAST_LIFT * np.maximum(first, second)
    return pairs[lifted], shares[lifted].astype(np.float32)


def neighbours(
    name_tokens: npt.NDArray[np.uint32],
    name_families: npt.NDArray[np.uint8],
    token_numbers: npt.NDArray[np.uint32],
) -> Pairs:
    """Return every pair of tokens that stand beside each other in one field of a name."""
    beside = np.ones(max(0, len(token_numbers) - 1), np.bool_)
    starts = name_tokens[:-1].astype(np.int64)
    for ends in (starts - 1, starts + name_families - 1):
        beside[ends[(ends >= 0) & (ends < len(beside))]] = False
    at = np.flatnonzero(beside)
    return token_numbers[at].astype(np.uint64) << _HALF | token_numbers[at + 1]


def known_phrases(index: PersonIndex, reference: PersonIndex | None = None) -> Mapping[int, float]:
    """Return the shares by pair, in token numbers of ``index``; those of ``reference`` where it is a delta of that."""
    arrays = (reference or index).arrays
    table = dict(zip(arrays.phrase_pairs.tolist(), arrays.phrase_shares.tolist(), strict=True))
    if reference is None:
        return table
    a, own, theirs = index.arrays, index.vocabulary, reference.vocabulary
    translated = {}
    for pair in np.unique(neighbours(a.name_tokens, a.name_families, a.token_numbers)).tolist():
        first, second = (theirs.number(own.tokens[number]) for number in (pair >> 32, pair & 0xFFFFFFFF))
        if first >= 0 and second >= 0 and (share := table.get(first << 32 | second)) is not None:
            translated[pair] = share
    return translated
