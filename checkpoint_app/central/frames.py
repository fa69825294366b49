"""Messages between the service and its workers, on a socket of their own: kind, length, body, and descriptors beside.

The lists travel as descriptors of sealed memories (`shared`), so that a worker has them at once and holds no copy.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from checkpoint_app.central.held import Held
from checkpoint_app.verdict import Agreement, NotDone, Policy, Source

HEADER = struct.Struct(">BQ")
MOST_BYTES = 64 << 20
MOST_DESCRIPTORS = 200
"""So many lists may be new at a time; the kernel takes 253 in one message (unix(7))."""


class Kind(IntEnum):
    """What a message is. LISTS and ASK go to the worker, the others come from it."""

    LISTS = 1
    ASK = 2
    READY = 3
    ANSWER = 4
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory whose descriptor comes with the message: its number, and its sections' places."""

    number: int
    places: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in force: what the checks take of it, and the number of its memory, 0 where it can't be asked."""

    memory: int
    kind: str
    source: Source
    agreement: Agreement | None
    silent: bool
    bar: NotDone | None


@dataclass(frozen=True, slots=True)
class Lists:
    """What is in force in ``generation``; ``memories`` are those that are new; ``oldest`` is still asked for."""

    generation: int
    oldest: int
    policy: Policy | None
    lists: tuple[Listed, ...]
    memories: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question refused: as `CentreError`."""

    code: str
    message: str
    status: int


def listed(held: Held, memory: int) -> Listed:
    """Return the list as it is told to a worker."""
    one = held.loaded
    return Listed(memory, one.kind, one.source, one.agreement, held.silent, one.bar)


def pack(kind: Kind, length: int) -> bytes:
    """Return the head of a message."""
    return HEADER.pack(kind, length)


def unpack(head: bytes) -> tuple[Kind, int]:
    """Return kind and length of the message that ``head`` opens. Raises ValueError when it is out of form."""
    number, length = HEADER.unpack(head)
    if length > MOST_BYTES:
        raise ValueError("message: longer than agreed")
    return Kind(number), length
