"""Huge passenger lists in bounded memory: passengers or bookings one by one, faults as they are met, then the list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from checkpoint_app.cargo.envelope import of_kind
from checkpoint_app.cargo.paxlst import PaxlstReader
from checkpoint_app.cargo.pnrgov import PnrgovReader
from checkpoint_app.cargo.segments import STREAMED, Limits, Segment, iter_segments
from checkpoint_app.cargo.values import MessageError, MessageFault, Passenger, PassengerList, Pnr

_KINDS = frozenset({"PAXLST", "PNRGOV"})
_MOST_BEFORE = 1_000
"""Segments in which the first message of a kind that is read here has to start."""

Part = Passenger | Pnr | MessageFault | PassengerList


def stream_list(stream: BinaryIO, limits: Limits = STREAMED) -> Iterator[Part]:
    """Yield each passenger (PAXLST) or booking (PNRGOV), the faults in between, and last the list without them.

    Raises MessageError as `read.read_message` does, and ``not_a_list`` where no PAXLST or PNRGOV is in it. A list
    that is cut short yields what there is of it.
    """
    faults: list[MessageFault] = []
    segments = iter_segments(stream, limits, faults.append)
    before, kind = _kind_of(segments)
    reader = PaxlstReader(faults.append) if kind == "PAXLST" else PnrgovReader(faults.append)
    for segment in of_kind(kind, chain(before, segments), faults.append):
        yield from reader.feed(segment)
        if faults:
            yield from faults
            faults.clear()
    yield from reader.end()
    yield from faults
    yield reader.summary()


def _kind_of(segments: Iterator[Segment]) -> tuple[list[Segment], str]:
    """Return the segments up to the first UNH of a list, and its kind."""
    before: list[Segment] = []
    for segment in segments:
        before.append(segment)
        kind = (segment.get(1) or "").upper() if segment.tag == "UNH" else ""
        if kind in _KINDS:
            return before, kind
        if len(before) >= _MOST_BEFORE:
            break
    raise MessageError("not_a_list", "no list of passengers: no message in it is PAXLST or PNRGOV")
