"""The provable lot, ``checkpoint-draw/1``: who is drawn can neither be foretold nor drawn again, and can be checked.

A seed is committed to before its day begins and revealed after it ended. The passage number comes from the journal,
opened by the reading itself; whether a number was drawn follows from seed, post, lane, day and number alone (HMAC,
RFC 2104, with SHA-256), so that anyone who has the revealed seed can draw every number again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from checkpoint_app.verdict.lane import PER_MILLION

SEED_BYTES = 32
_COMMIT_DOMAIN = b"checkpoint-draw-commit/1\n"
_DRAW_DOMAIN = b"checkpoint-draw/1\n"
_VALUE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Lot:
    """Where and when a lot is drawn: the post's id, the lane's name and the local day."""

    post: str
    lane: str
    day: date


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the journal says of one passage: its number from 1, the rate in millionths, and whether it was drawn.

    ``commit`` is the commitment it was drawn under; ``decided``: the passage has a disposition, or a reason for none.
    """

    number: int
    commit: str
    rate: int
    selected: bool
    decided: bool = True


@dataclass(frozen=True, slots=True)
class DrawFault:
    """What does not hold in a day's lot: a word, and the passage's number (0: the whole day).

    The words: ``commit`` (a revealed seed is not the one committed to), ``unrevealed`` (the seed is not known),
    ``gap`` (a number is missing), ``twice`` (one stands twice), ``wrong`` (drawn otherwise than the seed says),
    ``undecided`` (read, and nothing came of it).
    """

    code: str
    number: int = 0


def new_seed() -> bytes:
    """Return a fresh seed."""
    return secrets.token_bytes(SEED_BYTES)


def commit_of(seed: bytes) -> str:
    """Return the commitment to ``seed``, in hex: it tells nothing of it."""
    return hashlib.sha256(_COMMIT_DOMAIN + seed).hexdigest()


def value_of(seed: bytes, lot: Lot, number: int) -> int:
    """Return the value of passage ``number``: 64 bits that look like chance to whoever has not the seed."""
    message = _DRAW_DOMAIN + f"{lot.post}\n{lot.lane}\n{lot.day.isoformat()}\n{number}".encode()
    return int.from_bytes(hmac.digest(seed, message, "sha256")[:_VALUE_BYTES], "big")


def is_selected(value: int, rate: int) -> bool:
    """Tell whether a value is drawn at ``rate`` millionths. In whole numbers: the same everywhere."""
    return value * PER_MILLION < rate << (8 * _VALUE_BYTES)


def draw(seed: bytes, lot: Lot, number: int, rate: int) -> bool:
    """Tell whether passage ``number`` is drawn."""
    return is_selected(value_of(seed, lot, number), rate)


def audit(seeds: Mapping[str, bytes], lot: Lot, drawn: Iterable[Drawn]) -> tuple[DrawFault, ...]:
    """Draw every passage of a day again; returns what does not hold, nothing where all does.

    ``seeds`` are those revealed, by their commitments. A day has one; another takes its place where it was revealed
    before the day was over.
    """
    if any(not hmac.compare_digest(commit_of(seed), commit) for commit, seed in seeds.items()):
        return (DrawFault("commit"),)
    return tuple(_faults(seeds, lot, drawn))


def _faults(seeds: Mapping[str, bytes], lot: Lot, drawn: Iterable[Drawn]) -> Iterator[DrawFault]:
    seen: set[int] = set()
    for one in drawn:
        if one.number in seen:
            yield DrawFault("twice", one.number)
        seen.add(one.number)
        seed = seeds.get(one.commit)
        if seed is None:
            yield DrawFault("unrevealed", one.number)
        elif one.selected is not draw(seed, lot, one.number, one.rate):
            yield DrawFault("wrong", one.number)
        if not one.decided:
            yield DrawFault("undecided", one.number)
    yield from (DrawFault("gap", number) for number in range(1, max(seen, default=0) + 1) if number not in seen)
