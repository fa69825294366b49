"""A worker: ``python -m checkpoint_app.central.screener DESCRIPTOR PARENT LIMITS``. It answers by lists it shares.

It has no database, no key and no line: lists come as sealed memories, work comes over one socket, and it ends with the
service. A failure that is not a refusal ends it, since nothing is known about its state then; another takes its place.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import NoReturn

from checkpoint_app.central import frames
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.frames import Kind, Listed, Lists, Refusal
from checkpoint_app.central.held import Held, InForce, held_of
from checkpoint_app.central.jobs import answered, from_request
from checkpoint_app.central.shared import Shared
from checkpoint_app.confined.limits import Limits, confine
from checkpoint_app.screening import CalibrationError, SegmentError
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.plain import from_plain, to_plain


@dataclass
class Screener:
    """The lists of the generations that may still be asked for, by their numbers."""

    memories: dict[int, Held] = field(default_factory=dict)
    generations: dict[int, InForce] = field(default_factory=dict)

    def take(self, told: Lists, descriptors: list[int]) -> None:
        """Put a generation beside those before; what nobody can ask for any more is forgotten."""
        places = {one.number: one.places for one in told.memories}
        shared = {n: Shared(d, p) for (n, p), d in zip(places.items(), descriptors, strict=True)}
        by_number = {one.memory: one for one in told.lists if one.memory}
        for number, memory in shared.items():
            self.memories[number] = _held(by_number[number], memory)
        held = {one.source.name: self._named(one) for one in told.lists}
        self.generations[told.generation] = InForce(told.policy, held)
        self.generations = {n: one for n, one in self.generations.items() if n >= told.oldest}
        self.memories = {n: one for n, one in self.memories.items() if n in by_number}

    def answer(self, request: bytes) -> tuple[Kind, bytes]:
        """Return what a request is answered with."""
        asked, generation = from_request(request)
        try:
            return Kind.ANSWER, answered(asked, self.generations[generation]).to_bytes()
        except CentreError as error:
            return Kind.REFUSED, canonical_bytes(to_plain(Refusal(error.code, str(error), error.status)))

    def _named(self, one: Listed) -> Held:
        """Return the list under its present term, which may change while its memory stays."""
        held = self.memories.get(one.memory)
        bar = one.bar if held is None else one.bar or held.loaded.bar
        if held is None:
            return Held(LoadedList(one.kind, one.source, one.agreement, bar=bar), one.silent)
        loaded = LoadedList(one.kind, one.source, one.agreement, held.loaded.persons, held.loaded.numbers, bar)
        return Held(loaded, one.silent, held.ids)


def _held(one: Listed, memory: Shared) -> Held:
    """Return the list of a memory; one that can't be read answers that it was not consulted, never that it is clear."""
    try:
        return held_of(one.kind, one.source, one.agreement, one.silent, memory)
    except (SegmentError, CalibrationError, ValueError, KeyError):
        return Held(LoadedList(one.kind, one.source, one.agreement, bar=NotDone.LIST_UNREADABLE), one.silent)


def serve(line: socket.socket) -> NoReturn:
    """Answer what comes over ``line`` until it ends."""
    screener = Screener()
    while True:
        kind, body, descriptors = _receive(line)
        if kind is Kind.LISTS:
            screener.take(from_plain(Lists, read_canonical(body, frames.MOST_BYTES)), descriptors)
            line.sendall(frames.pack(Kind.READY, 0))
        else:
            answer, data = screener.answer(body)
            line.sendall(frames.pack(answer, len(data)) + data)


def _receive(line: socket.socket) -> tuple[Kind, bytes, list[int]]:
    head, descriptors, _flags, _address = socket.recv_fds(line, frames.HEADER.size, frames.MOST_DESCRIPTORS)
    head += _exactly(line, frames.HEADER.size - len(head)) if head else b""
    if not head:
        sys.exit(0)
    kind, length = frames.unpack(head)
    return kind, _exactly(line, length), descriptors


def _exactly(line: socket.socket, length: int) -> bytes:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        count = line.recv_into(view)
        if not count:
            sys.exit(0)
        view = view[count:]
    return bytes(data)


def main(arguments: list[str]) -> NoReturn:
    """Confine this process and serve."""
    descriptor, parent, limits = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends it, after the requests under way
    confine(Limits.from_text(limits), int(parent))
    os.set_inheritable(int(descriptor), False)
    serve(socket.socket(fileno=int(descriptor)))


if __name__ == "__main__":
    main(sys.argv[1:])
