"""Huge cargo messages in bounded memory: consignments and containers one by one, and at the end the message itself.

A manifest in XML is read bill by bill, EDIFACT segment by segment. Other kinds are short and are read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

from checkpoint_app.cargo import awmds
from checkpoint_app.cargo.awmds import Part
from checkpoint_app.cargo.edifact_message import message_of
from checkpoint_app.cargo.edifact_walk import Walk
from checkpoint_app.cargo.read import EDIFACT, is_edifact, read_message
from checkpoint_app.cargo.segments import INTERACTIVE, STREAMED, Limits, iter_messages, iter_segments
from checkpoint_app.cargo.values import CargoMessage, MessageError, MessageFault, PassengerList
from checkpoint_app.cargo.xml_tree import stream_tree

_HEAD = 64 * 1024
_PASSENGERS = ("PAXLST", "PNRGOV")
_MAIN_ONLY = ("IFTSTA",)


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
    if is_edifact(head):
        messages = iter_messages(iter_segments(BytesIO(head), limits))
        kind = next((one.kind for one in messages if one.kind in EDIFACT), "")
        return Streamed(kind, _edifact(kind, source, limits))
    message = read_message(source.read(INTERACTIVE.bytes + 1))
    if isinstance(message, PassengerList):
        raise _not_cargo(message.kind)
    return Streamed(message.kind, _parts_of(message))


def _edifact(kind: str, source: BinaryIO, limits: Limits) -> Iterator[Part]:
    if kind in _PASSENGERS:
        raise _not_cargo(kind)
    if not kind:
        raise MessageError("unknown_kind", "no kind of EDIFACT message that is read here", byte=0)
    faults: list[MessageFault] = []
    walk = Walk(kind, faults.append, main_only=kind in _MAIN_ONLY)
    for part in walk.stream(iter_segments(source, limits, faults.append)):
        yield part
        yield from faults
        faults.clear()
    yield from faults
    yield message_of(kind, walk.header)


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
