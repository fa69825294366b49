"""What the envelopes of an interchange and of its messages say: sender, date, counts of segments (ISO 9735-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checkpoint_app.cargo.dates import day_of, joined
from checkpoint_app.cargo.segments import Segment, whole_number
from checkpoint_app.cargo.values import MessageFault


def prepared_of(header: Segment | None) -> str | None:
    """Return when the interchange was made (S004); None where it does not say."""
    return joined(day_of(header.get(3)), header.get(3, 1)) if header else None


def sender_of(header: Segment | None) -> str | None:
    """Return who sent the interchange (S002)."""
    return header.get(1) if header else None


def of_kind(kind: str, segments: Iterable[Segment], on_fault: Callable[[MessageFault], None]) -> Iterator[Segment]:
    """Leave out the messages of other kinds, each named in a fault. Segments outside of messages stay."""
    left_out = False
    for segment in segments:
        if segment.tag == "UNH":
            stated = segment.get(1)
            left_out = stated is not None and stated.upper() != kind
            if left_out:
                on_fault(MessageFault("other_kind", segment.number, "UNH"))
        elif segment.tag in {"UNE", "UNZ", "UNB", "UNG"}:
            left_out = False
        if not left_out:
            yield segment


class SegmentCount:
    """Holds the count of UNT against the segments from UNH; those that could not be read count, too."""

    def __init__(self, on_fault: Callable[[MessageFault], None]) -> None:
        self._on_fault = on_fault
        self._start: int | None = None

    def feed(self, segment: Segment) -> None:
        """Take a service segment."""
        if segment.tag == "UNH":
            self._end("message_not_ended", segment)
            self._start = segment.number
        elif segment.tag == "UNT":
            stated = whole_number(segment.get(0))
            if self._start is None or stated != segment.number - self._start + 1:
                self._on_fault(MessageFault("segment_count", segment.number, "UNT"))
            self._start = None
        elif segment.tag in {"UNE", "UNZ"}:
            self._end("message_not_ended", segment)

    def end(self) -> None:
        """Take the end of the interchange."""
        if self._start is not None:
            self._on_fault(MessageFault("message_not_ended", self._start, "UNH"))
            self._start = None

    def _end(self, code: str, segment: Segment) -> None:
        if self._start is not None:
            self._on_fault(MessageFault(code, segment.number, segment.tag))
            self._start = None
