"""Huge cargo messages in bounded memory: consignments and containers one by one, and at the end the message itself.

A manifest in XML is read bill by bill. An EDIFACT message is cut before each of its groups into short messages with the
same beginning, which the reader of its kind reads. Other kinds are short and are read whole.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

from checkpoint_app.cargo import awmds
from checkpoint_app.cargo.awmds import Part
from checkpoint_app.cargo.read import read_interchange, read_message
from checkpoint_app.cargo.segments import (
    INTERACTIVE,
    STREAMED,
    Interchange,
    Limits,
    Segment,
    iter_segments,
    whole_number,
)
from checkpoint_app.cargo.separators import find_separators
from checkpoint_app.cargo.values import CargoMessage, MessageError, MessageFault, PassengerList
from checkpoint_app.cargo.xml_tree import stream_tree

_HEAD = 64 * 1024
_BATCH = 20_000
"""Segments that are read together."""
MOST_GROUP = 100_000
"""Segments of one group, and of what stands before the first: what is over it is named and left out."""
_ENDS = ("UNT", "UNE", "UNZ")
_COUNTS = ("count_mismatch", "segment_count")
"""Faults that compare counts of a whole message; of a part of it they say nothing."""
_BLANK = b"\xef\xbb\xbf \t\r\n\x00"


@dataclass(frozen=True, slots=True)
class Streamed:
    """A message on its way: its kind (empty where it shows only later), and its parts, the message itself last."""

    kind: str
    parts: Iterator[Part]


def stream_message(source: BinaryIO, limits: Limits = STREAMED) -> Streamed:
    """Begin to read a cargo message. ``source`` can be wound back.

    Both the call and the parts raise MessageError as `read.read_message` does, and ``not_cargo`` for a list of
    passengers; parts that were yielded before stay good.
    """
    head = source.read(_HEAD)
    source.seek(0)
    if _root_of(head) == "awmds":
        return Streamed(awmds.KIND, awmds.stream(source, limits))
    if not head.lstrip(_BLANK).startswith(b"<") and find_separators(head) is not None:
        first = next((one for one in iter_segments(BytesIO(head), limits) if one.tag == "UNH"), None)
        return Streamed((first.get(1) if first else None) or "", _Groups(source, limits).parts())
    message = read_message(source.read(INTERACTIVE.bytes + 1))
    if isinstance(message, PassengerList):
        raise _not_cargo(message.kind)
    return Streamed(message.kind, _parts_of(message))


def _root_of(head: bytes) -> str | None:
    """Return the name of the root element; None where it is no XML."""
    try:
        return next(stream_tree(BytesIO(head), len(head))).name
    except (MessageError, StopIteration):
        return None


def _parts_of(message: CargoMessage) -> Iterator[Part]:
    yield from message.consignments
    yield from message.equipment
    yield from message.faults
    yield _without_parts(message)


def _without_parts(message: CargoMessage) -> CargoMessage:
    return replace(message, consignments=(), equipment=(), faults=())


def _not_cargo(kind: str) -> MessageError:
    return MessageError("not_cargo", f"a list of passengers ({kind[:12]}): read it with `checkpoint passengers read`")


class _Groups:
    """Cuts an interchange into short messages with the same beginning, and reads them one after the other."""

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._faults: list[MessageFault] = []
        self._segments = iter_segments(source, limits, self._faults.append)
        self._envelope: Segment | None = None
        self._opened: list[Segment] = []  # UNH and what stands before the first group
        self._batch: list[Segment] = []
        self._start = ""  # the tag that begins a group; empty until the first is met
        self._group = 0  # segments of the group that is open
        self._counted = 0  # segments of the message
        self._read_before = False  # a part of this message: what its beginning says has been told
        self._found = [0, 0]  # consignments and equipment of this message
        self._message: CargoMessage | None = None

    def parts(self) -> Iterator[Part]:
        """Yield what the interchange holds, and last the message of it."""
        for segment in self._segments:
            yield from self._take(segment)
            yield from self._named()
        yield from self._close(None)
        yield from self._named()
        if self._message is None:
            raise MessageError("unknown_kind", "no kind of EDIFACT message that is read here")
        yield self._message

    def _named(self) -> list[MessageFault]:
        faults, self._faults[:] = list(self._faults), []
        return faults

    def _take(self, segment: Segment) -> Iterator[Part]:
        if segment.tag == "UNB":
            self._envelope = segment
            return
        if segment.tag in ("UNH", *_ENDS):
            yield from self._close(segment if segment.tag == "UNT" else None)
            if segment.tag == "UNH":
                self._opened, self._counted = [segment], 1
            return
        self._counted += 1
        if self._begins(segment):
            if len(self._batch) >= _BATCH:
                yield from self._read()
            self._group = 0
        self._group += 1
        if self._group > MOST_GROUP:
            self._faults.append(MessageFault("group_too_long", segment.number, segment.tag))
        else:
            (self._batch if self._start else self._opened).append(segment)

    def _begins(self, segment: Segment) -> bool:
        """Tell whether a segment begins a group: CNI; before any CNI, EQD, or a place on board that comes before it."""
        place = segment.tag == "LOC" and segment.get(0) == "147"
        if segment.tag == "CNI":
            self._start = "CNI"
        elif not self._start and (place or segment.tag == "EQD"):
            self._start = segment.tag
        return segment.tag == self._start and (place or segment.tag != "LOC")

    def _close(self, end: Segment | None) -> Iterator[Part]:
        """Read what is left of a message, and compare its counts with all that was found in it."""
        if self._opened or self._batch:
            message = yield from self._read()
            declared = message.declared
            whole = replace(message, count_matches=None if declared is None else declared in self._found)
            self._message = whole if self._message is None else _together(self._message, whole)
            told = whole_number(end.get(0)) if end else None
            if end is not None and told is not None and told != self._counted + 1:
                self._faults.append(MessageFault("segment_count", end.number, "UNT"))
        self._opened, self._batch, self._start, self._found = [], [], "", [0, 0]
        self._group = self._counted = 0
        self._read_before = False

    def _read(self) -> Generator[Part, None, CargoMessage]:
        """Read the groups at hand; return the message that they make with their beginning, without its parts."""
        envelope = (self._envelope,) if self._envelope else ()
        message = read_interchange(Interchange((*envelope, *self._opened, *self._batch), (), self._envelope))
        if isinstance(message, PassengerList):
            raise _not_cargo(message.kind)
        last = self._opened[-1].number if self._opened and self._read_before else 0
        self._found[0] += len(message.consignments)
        self._found[1] += len(message.equipment)
        yield from message.consignments
        yield from message.equipment
        yield from (fault for fault in message.faults if fault.where > last and fault.code not in _COUNTS)
        self._batch, self._read_before = [], True
        return _without_parts(message)


def _together(first: CargoMessage, other: CargoMessage) -> CargoMessage:
    """Return two messages of one interchange as one: what they declare is added, and both have to be right."""
    declared = [one.declared for one in (first, other) if one.declared is not None]
    matches = [one.count_matches for one in (first, other) if one.count_matches is not None]
    return replace(first, declared=sum(declared) if declared else None, count_matches=all(matches) if matches else None)
