"""Huge passenger lists in bounded memory: passengers or bookings one by one, faults as they are met, then the list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from checkpoint_app.cargo.envelope import of_kind
from checkpoint_app.cargo.paxlst import PaxlstReader
from checkpoint_app.cargo.pnrgov import PnrgovReader
from checkpoint_app.cargo.segments import STREAMED, Limits, Segment, iter_segments, kind_of_envelope
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
    """Return the segments up to the beginning of a list, and its kind: by UNH, without one by UNG or UNB."""
    before: list[Segment] = []
    named, in_message = "", False
    for segment in segments:
        before.append(segment)
        tag, kind = segment.tag, ""
        if tag in {"UNB", "UNG"}:
            named = kind_of_envelope(segment) or named
        elif tag == "UNH":
            in_message, kind = True, segment.get(1) or named
        elif tag in {"UNT", "UNE", "UNZ"}:
            in_message = False
        elif not in_message:
            kind = named
        if kind.upper() in _KINDS:
            return before, kind.upper()
        if len(before) >= _MOST_BEFORE:
            break
    raise MessageError("not_a_list", "no list of passengers: no message in it is PAXLST or PNRGOV")
