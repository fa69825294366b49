"""Delivery: events from a booth to the centre, and the acknowledgement that they are stored.

Sequence numbers are dense in a booth and every event has a UUID and a place in the chain, so a batch may be sent twice,
or its reply lost: the centre stores each event once and says how far it has come. A large body (a picture) may follow
its event later, at lower priority; the acknowledgement names those that the centre still wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.wire.event import EventKind

BATCH_BYTES = 64 * 1024
"""What a batch should not exceed on the wire, so that a cut costs less than that; one larger event travels alone."""
BATCH_TEXT_BYTES = 1 << 20
"""What the headers and bodies of a batch should not exceed; one larger event travels alone."""
MAX_BATCH_BYTES = 2 << 20
"""What the centre reads at most of a batch: one event of the largest body, and room."""
MAX_LATE_BODY_BYTES = 4 << 20
"""What the centre reads at most of a late body: the largest, with its JSON escapes."""
MOST_EVENTS = 500
MOST_EARLY = 500
"""How many events of a booth the centre keeps ahead of its chain."""
MOST_AHEAD = 1_000_000
"""How far ahead they may be."""
MOST_WANTED = 100


URGENT_KINDS = frozenset(
    {
        EventKind.DISPOSITION,
        EventKind.ENCOUNTER_ANSWERED,
        EventKind.CASE_OPENED,
        EventKind.CASE_TAKEN,
        EventKind.CASE_CLOSED,
    }
)
"""What may go before its turn: of Encounters with a hit or under protection, and what became of cases."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way: canonical ``header`` text, signature, and its body with the salt; no body: it follows."""

    header: str
    signature: bytes
    salt: bytes = b""
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one booth in ascending order: consecutive ones of its chain, or urgent ones before their turn."""

    booth: str
    events: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Early:
    """The sequences of ``booth`` that the centre has ahead of its chain, with their bodies, in ascending order."""

    booth: str
    seqs: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LateBody:
    """A body that follows its event. ``erased``: its time was over before it could be sent; nothing follows."""

    booth: str
    seq: int
    salt: bytes = b""
    body: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Cumulative: the centre has all events of ``booth`` up to ``seq``, whose chain hash is ``head``.

    ``wanted`` are sequences up to ``seq`` whose bodies it has not, the first hundred. ``chain`` counts the booth's
    chains: it grows when a supervisor opens a new one after a fork.
    """

    booth: str
    chain: int
    seq: int
    head: str
    wanted: tuple[int, ...]
    at: datetime
