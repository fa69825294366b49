"""A listed document number as it is kept: eight bytes of a keyed hash, and two that hold its category and issuer.

The hash is BLAKE2b (RFC 7693) under the list's key: without the key a number can't be told from its hash, with it all
nine-character numbers can be tried.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.numbers.ranges import ListedRange
from checkpoint_app.screening.plain import RecordError

CATEGORIES = tuple(DocumentCategory)
CATEGORY_BITS = 3
CATEGORY_MASK = (1 << CATEGORY_BITS) - 1
MOST_ISSUERS = 1 << (16 - CATEGORY_BITS)
KEY_BYTES = 32
HASH_BYTES = 8
MOST_NUMBERS = 1 << 32
MAX_ISSUER = 16
"""Most characters of an issuer's code."""

Hashes = npt.NDArray[np.uint64]
Tags = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some numbers of a list: hashes and tags of equal length, sorted by both, no pair twice."""

    hashes: Hashes
    tags: Tags

    def __len__(self) -> int:
        return len(self.hashes)

    def part(self, first: int, last: int) -> Chunk:
        """Return the numbers from ``first`` up to ``last``."""
        return Chunk(self.hashes[first:last], self.tags[first:last])


NOTHING = Chunk(np.zeros(0, np.uint64), np.zeros(0, np.uint16))


@dataclass(frozen=True, slots=True)
class Head:
    """What a list of numbers says besides its hashes. ``issuers`` begins with the empty one; tags count in it."""

    key: bytes
    issuers: tuple[str, ...]
    count: int
    ranges: tuple[ListedRange, ...] = ()


def new_key() -> bytes:
    """Return the key of a new list."""
    return secrets.token_bytes(KEY_BYTES)


def key_of(secret: bytes, name: str) -> bytes:
    """Return the key that whoever holds ``secret`` gives all versions of the list ``name``."""
    return hashlib.blake2b(name.encode(), key=secret[:64], person=b"numbers key", digest_size=KEY_BYTES).digest()


def key_id(key: bytes) -> str:
    """Return a name of ``key`` that tells nothing of it, in hex."""
    return hashlib.blake2b(b"", key=key, person=b"numbers key id", digest_size=HASH_BYTES).hexdigest()


def number_hash(key: bytes, folded: bytes) -> bytes:
    """Return the eight bytes that stand for a number as `fold_number` writes it; read little-endian."""
    return hashlib.blake2b(folded, key=key, digest_size=HASH_BYTES).digest()


def tag_of(issuer: int, category: DocumentCategory) -> int:
    """Return the two bytes beside a hash."""
    return issuer << CATEGORY_BITS | CATEGORIES.index(category)


def joined(chunks: Iterable[Chunk]) -> Chunk:
    """Return all chunks as one."""
    every = [NOTHING, *chunks]
    return Chunk(np.concatenate([one.hashes for one in every]), np.concatenate([one.tags for one in every]))


def ordered(hashes: Hashes, tags: Tags) -> Chunk:
    """Return the numbers sorted by hash and tag, each once."""
    order = np.argsort(hashes)
    hashes, tags = hashes[order], tags[order]
    alike = hashes[1:] == hashes[:-1]
    if alike.any():
        order = np.lexsort((tags, hashes))
        hashes, tags = hashes[order], tags[order]
        fresh = np.concatenate(([True], ~((hashes[1:] == hashes[:-1]) & (tags[1:] == tags[:-1]))))
        hashes, tags = hashes[fresh], tags[fresh]
    return Chunk(hashes, tags)


def check_issuers(issuers: object) -> tuple[str, ...]:
    """Return a table of issuers that came from outside. Raises RecordError."""
    if not isinstance(issuers, list | tuple) or not 0 < len(issuers) <= MOST_ISSUERS or issuers[0] != "":
        raise RecordError(f"issuers: expected 1 to {MOST_ISSUERS} codes, the empty one first")
    if not all(isinstance(one, str) and len(one) <= MAX_ISSUER for one in issuers) or len(set(issuers)) != len(issuers):
        raise RecordError("issuers: expected different short codes")
    return tuple(issuers)
