"""Seeds of the lot on their way to a booth: one a day, each wrapped to the booth's key, its commitment beside it.

What a seed decides is `risk.draw`'s. The centre has written its commitment down before it sends the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.sealing import unwrap_key, wrap_key

MOST_SEEDS = 32
MAX_SEEDS_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class DaySeed:
    """The seed of one local day. ``commit`` is its commitment in hex."""

    day: date
    commit: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds of ``booth`` for the days to come."""

    booth: str
    seeds: tuple[DaySeed, ...]


def wrap_seed(seed: bytes, booth: str, day: date, commit: str, receiver: X25519PublicKey) -> DaySeed:
    """Return the 32-byte ``seed`` of a day, wrapped to the booth."""
    return DaySeed(day, commit, wrap_key(receiver, seed, _context(booth, day, commit)))


def unwrap_seed(sent: DaySeed, booth: str, key: X25519PrivateKey) -> bytes:
    """Return the seed. Raises SealError where it is another booth's, or of another day."""
    return unwrap_key(key, sent.wrapped, _context(booth, sent.day, sent.commit))


def _context(booth: str, day: date, commit: str) -> bytes:
    return b"checkpoint draw seed 1\x00" + canonical_bytes([booth, day.isoformat(), commit])
