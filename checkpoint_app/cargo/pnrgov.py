"""PNRGOV: bookings pushed to a state by an airline (IATA/WCO/ICAO PNRGOV guide, versions 10.1 to 18.1).

The flight of the message is the TVL before the first SRC; each SRC starts a booking. Everybody who is named anywhere
in a booking is kept, once by family and given name as sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from checkpoint_app.cargo.envelope import SegmentCount, of_kind, prepared_of, sender_of
from checkpoint_app.cargo.pnr import PnrGroup
from checkpoint_app.cargo.pnr_journey import leg_of
from checkpoint_app.cargo.quality import Quality
from checkpoint_app.cargo.segments import Interchange, Segment, version_of, whole_number
from checkpoint_app.cargo.values import Leg, MessageFault, PassengerList, Pnr

MOST_LEGS = 1000
_GROWN = re.compile(r"[^A-Za-z\s](TIF|SRC)\s*$")
# fmt: off
_KNOWN = frozenset({
    "UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "MSG", "ORG", "TVL", "EQN", "SRC", "RCI", "SSR", "DAT", "IFT",
    "ADD", "EBD", "TIF", "FTI", "REF", "FAR", "TKT", "MON", "PTK", "TXD", "FOP", "RPI", "APD", "TRI", "SSD", "TBD",
    "ABI", "SAC", "LTS", "ERC", "PDI", "CON", "NME", "DOC", "CPN", "TRA",
})
# fmt: on


def read(interchange: Interchange, today: date | None = None) -> PassengerList:
    """Return the bookings of an interchange as one list. ``today`` stands for a message's date that is not stated."""
    faults: list[MessageFault] = list(interchange.faults)
    reader = PnrgovReader(faults.append, today)
    pnrs = [one for segment in of_kind("PNRGOV", interchange.segments, faults.append) for one in reader.feed(segment)]
    pnrs += reader.end()
    return replace(reader.summary(), pnrs=tuple(pnrs), faults=tuple(faults))


class PnrgovReader:
    """Reads segment by segment, and gives each booking when what follows shows that it is whole."""

    def __init__(self, on_fault: Callable[[MessageFault], None], today: date | None = None) -> None:
        self._latest = today or datetime.now(UTC).date()
        self._on_fault = on_fault
        self._counts = SegmentCount(on_fault)
        self._quality = Quality(on_fault)
        self._legs: dict[Leg, None] = {}
        self._pnr: PnrGroup | None = None
        self._header: Segment | None = None
        self._version: str | None = None
        self._units: int | None = None
        self._in_message = 0
        self._before = 0
        self._whole = True

    def feed(self, segment: Segment) -> Iterator[Pnr]:
        """Take the next segment."""
        for number, part in enumerate(_parted(segment)):
            if number:
                self._on_fault(MessageFault("terminator_missing", part.number, part.tag))
            yield from self._take(part)

    def _take(self, segment: Segment) -> Iterator[Pnr]:
        tag = segment.tag
        if tag not in _KNOWN:
            self._on_fault(MessageFault("unknown_segment", segment.number, tag))
            return
        if tag in {"SRC", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"}:
            yield from self._close()
            self._frame(segment)
        elif self._pnr is not None:
            if self._is_another(segment):
                self._on_fault(MessageFault("start_missing", segment.number, "SRC"))
                yield from self._close()
                self._start(segment)
            else:
                self._pnr.feed(segment)
        elif tag == "TVL":
            leg = leg_of(segment)
            if leg is not None and len(self._legs) < MOST_LEGS:
                self._legs[leg] = None
        elif tag == "EQN":
            self._units = whole_number(segment.get(0))
        elif tag in {"RCI", "TIF"}:  # a booking whose SRC is missing
            self._on_fault(MessageFault("start_missing", segment.number, "SRC"))
            self._start(segment)
        self._before = segment.number

    def _is_another(self, segment: Segment) -> bool:
        """Tell whether a booking starts whose SRC could not be read: after a gap, another locator."""
        if segment.tag != "RCI" or segment.number <= self._before + 1 or self._pnr is None:
            return False
        return self._pnr.locator not in {None, segment.get(0, 1)}

    def end(self) -> list[Pnr]:
        """Return the booking that is still open at the end."""
        rest = list(self._close())
        self._counts.end()
        self._compare()
        return rest

    def summary(self) -> PassengerList:
        """Return the list without its bookings and faults."""
        return PassengerList(
            kind="PNRGOV",
            version=self._version,
            legs=tuple(self._legs),
            prepared=prepared_of(self._header),
            sender=sender_of(self._header),
        )

    def _frame(self, segment: Segment) -> None:
        self._counts.feed(segment)
        if segment.tag == "SRC":
            self._start(segment)
        elif segment.tag == "UNB":
            self._header = segment
            if day := (prepared_of(segment) or "")[:10]:
                self._latest = date.fromisoformat(day)
        elif segment.tag == "UNH":
            self._compare()
            self._version = self._version or version_of(segment)
            # S010: parts of one transfer (01:C, 02, 03:F) share the count of the whole
            self._whole = segment.get(3) is None or (segment.get(3), segment.get(3, 1)) == ("01", "F")

    def _start(self, segment: Segment) -> None:
        self._pnr = PnrGroup(segment, self._latest, self._quality)
        if segment.tag != "SRC":
            self._pnr.feed(segment)

    def _close(self) -> Iterator[Pnr]:
        if self._pnr is not None:
            self._in_message += 1
            yield self._pnr.finish()
            self._pnr = None

    def _compare(self) -> None:
        """Name it where EQN counts other bookings than the message has."""
        if self._whole and self._units is not None and self._units != self._in_message:
            self._on_fault(MessageFault("count_mismatch", tag="EQN"))
        self._units, self._in_message = None, 0


def _parted(segment: Segment) -> Iterator[Segment]:
    """Iterate a segment, and the TIF or SRC that has grown together with its end: ``DAT+710:061210$TIF+…``.

    A letter or a blank before is none of a damaged terminator, but of a text: there are people named LATIF.
    """
    for place, element in enumerate(segment.elements):
        grown = _GROWN.search(element[-1])
        if grown and (grown[1] == "SRC") == (place == len(segment.elements) - 1):
            kept = (*segment.elements[:place], (*element[:-1], element[-1][: grown.start()]))
            yield Segment(segment.tag, kept, segment.number, segment.raw)
            yield Segment(grown[1], segment.elements[place + 1 :], segment.number, segment.raw)
            return
    yield segment
