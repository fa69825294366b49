"""What a cargo message of UN/EDIFACT says of the whole: its number, its transport, its control totals."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from checkpoint_app.cargo.edifact_cargo import moment_of, transport_of
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import Transport

_ARRIVAL = ("132", "178")  # 2005: arrival, estimated and actual


@dataclass(slots=True)
class Header:
    """Filled while the segments pass. ``counts`` are the control totals by qualifier (6069), summed over messages.

    ``main_only``: only TDT+20 is the transport; else any other TDT of the header is, where there is no TDT+20.
    """

    main_only: bool = False
    version: str | None = None
    transport: Transport | None = None
    main: bool = False
    carrier: str | None = None
    arrives: str | None = None
    rotation: list[str] = field(default_factory=list)
    reference: str | None = None
    function: str | None = None
    counts: dict[str, float] = field(default_factory=dict)
    consignments: int = 0
    equipment: int = 0

    def take_beginning(self, segment: Segment) -> None:
        """Take number and function of BGM; those of the first message count."""
        self.reference = self.reference or segment.get(1)
        self.function = self.function or segment.get(2)

    def take_transport(self, segment: Segment, in_header: bool) -> None:
        """Take TDT: main carriage (8051 20) before any other, and none but it outside the header."""
        if segment.get(0) == "20":
            if not self.main and (in_header or self.transport is None):
                self.transport, self.main = transport_of(segment), True
        elif self.transport is None and in_header and not self.main_only:
            self.transport = transport_of(segment)

    def take_time(self, segment: Segment) -> None:
        """Take DTM when it tells the arrival."""
        if self.arrives is None and segment.get(0) in _ARRIVAL:
            self.arrives = moment_of(segment)

    def take_count(self, qualifier: str, value: float) -> None:
        """Add a control total."""
        self.counts[qualifier] = self.counts.get(qualifier, 0.0) + value

    def whole_transport(self) -> Transport:
        """Return the transport with the places and times that came after its TDT."""
        one = self.transport or Transport()
        rotation = tuple(dict.fromkeys(self.rotation))
        return replace(one, carrier=one.carrier or self.carrier, arrives=self.arrives, rotation=rotation)
