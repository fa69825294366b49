"""EDIFACT interchanges as segments: tolerant of what senders do, bounded in what it takes (ISO 9735-1).

A segment that cannot be read is named in a fault and left out, one with too many elements is cut and named: the rest
is kept. Line breaks are never separators: they are deleted, for senders break lines inside values. The release sign
is honoured once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from checkpoint_app.cargo.charsets import decode
from checkpoint_app.cargo.released import CHUNK, MOST_SEGMENT_BYTES, iter_pieces, split_released, without_release
from checkpoint_app.cargo.separators import Separators, find_separators
from checkpoint_app.cargo.values import MessageError, MessageFault

_AROUND = " \t\r\n\x00\x01\x02\x03\x04\x0b\x0c\x1a\ufeff"
_TAG = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most: bytes and segments of an interchange (over them: MessageError), elements of a segment."""

    bytes: int
    segments: int
    elements: int = 200


INTERACTIVE = Limits(bytes=16 << 20, segments=200_000)
STREAMED = Limits(bytes=1 << 30, segments=5_000_000)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its tag, its elements as components as sent, and which segment of the interchange it is, from 1.

    ``raw`` are the segment's bytes where some of them could not be read in the interchange's character set.
    """

    tag: str
    elements: tuple[tuple[str, ...], ...]
    number: int = 0
    raw: bytes | None = None

    def get(self, element: int, component: int = 0) -> str | None:
        """Return a value with its blanks collapsed; None where it is absent or empty.

        Both places count from 0, and the tag is none of them: ``TDT+20+UA0989`` has UA0989 at ``get(1)``.
        """
        try:
            text = self.elements[element][component]
        except IndexError:
            return None
        return " ".join(text.split()) or None

    @property
    def unreadable(self) -> bool:
        """Whether a byte could not be read, so that its texts may be wrong."""
        return self.raw is not None


@dataclass(frozen=True, slots=True)
class EdiMessage:
    """One message, UNH to UNT. ``kind`` (PAXLST) and ``version`` (``D:02B``) are what UNH says; service segments
    are not among ``segments``. ``declared`` is how many segments UNT counts, ``counted`` how many there are.
    """

    kind: str
    version: str | None
    segments: tuple[Segment, ...]
    header: Segment | None = None
    declared: int | None = None

    @property
    def counted(self) -> int:
        """The segments, with UNH and UNT as the standard counts them."""
        return len(self.segments) + 2


@dataclass(frozen=True, slots=True)
class Interchange:
    """All segments of an interchange, service segments too, and what was wrong with them."""

    segments: tuple[Segment, ...]
    faults: tuple[MessageFault, ...] = ()
    header: Segment | None = field(default=None)

    def messages(self) -> Iterator[EdiMessage]:
        """Iterate the messages in their order; see `iter_messages`."""
        return iter_messages(self.segments)


def split(data: bytes, limits: Limits = INTERACTIVE) -> Interchange:
    """Split an interchange. Raises MessageError where it is none, or beyond ``limits``."""
    faults: list[MessageFault] = []
    segments = tuple(iter_segments(BytesIO(data), limits, faults.append))
    header = next((one for one in segments[:3] if one.tag == "UNB"), None)
    return Interchange(segments, tuple(faults), header)


def iter_segments(
    stream: BinaryIO, limits: Limits = STREAMED, on_fault: Callable[[MessageFault], None] = lambda _fault: None
) -> Iterator[Segment]:
    """Iterate the segments of ``stream`` in bounded memory; faults go to ``on_fault`` as they are met.

    Raises MessageError where it is no EDIFACT (``not_edifact``) or beyond ``limits`` (``too_large``,
    ``too_many_segments``).
    """
    head = stream.read(CHUNK)
    found = find_separators(head)
    if found is None:
        raise MessageError("not_edifact", "no EDIFACT message: it has no UNB and no UNH", byte=0)
    signs, start = found
    splitter = _Splitter(signs, limits, on_fault)
    for raw, ended in iter_pieces(stream, head, start, signs, limits.bytes):
        segment = splitter.read(raw, ended)
        if segment is not None:
            yield segment


def iter_messages(segments: Iterable[Segment]) -> Iterator[EdiMessage]:
    """Iterate the messages of an interchange. A UNT that is missing is made up for by the next UNH or the end.

    Without any UNH, what there is between the envelopes is one message, of the kind that UNG or UNB names.
    """
    header: Segment | None = None
    named = ""
    body: list[Segment] = []
    for one in segments:
        if one.tag in {"UNB", "UNG"}:
            named = kind_of_envelope(one) or named
        elif one.tag == "UNH":
            if header is not None or body:
                yield _message(header, body, named)
            header, body = one, []
        elif one.tag in {"UNT", "UNE", "UNZ"}:
            if header is not None or body:
                yield _message(header, body, named, one if one.tag == "UNT" else None)
            header, body = None, []
        else:
            body.append(one)
    if header is not None or body:
        yield _message(header, body, named)


def version_of(header: Segment) -> str | None:
    """Return the version that UNH gives (S009: version and release), as ``D:02B``; None without one."""
    return ":".join(part for part in (header.get(1, 1), header.get(1, 2)) if part) or None


def kind_of_envelope(envelope: Segment) -> str | None:
    """Return the kind that UNG names first and UNB as its application (ISO 9735-1: 0038, 0026); None without one."""
    name = envelope.get(0) if envelope.tag == "UNG" else envelope.get(6)
    return name if name and name.isalpha() and len(name) == 6 else None


def whole_number(text: str | None) -> int | None:
    """Return a count as a number; None for what is none (counts of more than twelve digits among it)."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else None


def _message(header: Segment | None, body: list[Segment], named: str, end: Segment | None = None) -> EdiMessage:
    kind = (header.get(1, 0) if header else None) or named
    version = version_of(header) if header else None
    return EdiMessage(kind.upper(), version, tuple(body), header, whole_number(end.get(0)) if end else None)


class _Splitter:
    """Turns pieces into segments and counts them."""

    def __init__(self, signs: Separators, limits: Limits, on_fault: Callable[[MessageFault], None]) -> None:
        self._element, self._component = _sign(signs.element), _sign(signs.component)
        self._release = _sign(signs.release) if signs.release else None
        self._limits = limits
        self._on_fault = on_fault
        self._number = 0
        self._syntax = ""

    def read(self, raw: bytes, ended: bool) -> Segment | None:
        """Return the segment; None for a blank piece, and for one that is no segment (a fault)."""
        text, readable = decode(raw[:MOST_SEGMENT_BYTES], self._syntax)
        text = text.strip(_AROUND)
        if not text:
            return None
        self._number += 1
        if self._number > self._limits.segments:
            most = self._limits.segments
            raise MessageError("too_many_segments", f"more than {most} segments", segment=most)
        tag, *rest = self._parts(text)
        name = tag[0].strip().upper()
        if not _TAG.fullmatch(name):
            self._fault("not_a_segment")
            return None
        if len(raw) > MOST_SEGMENT_BYTES:
            self._fault("segment_too_long", name)
        if len(rest) > self._limits.elements:
            self._fault("too_many_elements", name)
            del rest[self._limits.elements :]
        if not ended and name != "UNZ":
            self._fault("not_terminated", name)
        if name == "UNB" and rest:
            self._syntax = rest[0][0].strip().upper()
        return Segment(name, tuple(rest), self._number, None if readable else raw[:MOST_SEGMENT_BYTES])

    def _fault(self, code: str, tag: str = "") -> None:
        self._on_fault(MessageFault(code, self._number, tag))

    def _parts(self, text: str) -> list[tuple[str, ...]]:
        """Return the elements as components; the release sign is taken out, once."""
        release, component = self._release, self._component
        most = self._limits.elements + 2
        if release is None or release not in text:
            return [tuple(part.split(component, most)) for part in text.split(self._element, most)]
        elements = split_released(text, self._element, release)
        return [
            tuple(without_release(one, release) for one in split_released(part, component, release))
            for part in elements
        ]


def _sign(raw: bytes) -> str:
    return raw.decode("latin-1")
