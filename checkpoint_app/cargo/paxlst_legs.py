"""The way of a conveyance in PAXLST: TDT, then its places and times in their order (guidelines, groups 2 and 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from checkpoint_app.cargo.dates import moment_of
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import Leg

# UN/EDIFACT 3227: 125 last departure abroad, 92 on the way, 87 first arrival, 130 last arrival; 5, 7, 8, 9, 11 and 60
# are those of older messages.
_FROM, _BETWEEN, _TO = frozenset({"125", "5", "9"}), frozenset({"92"}), frozenset({"87", "130", "8", "7", "60", "11"})
_DEPARTS, _ARRIVES = frozenset({"189", "133", "136"}), frozenset({"232", "132", "178"})
MOST_LEGS = 1000


@dataclass(slots=True)
class _Stop:
    place: str | None
    departs: str | None = None
    arrives: str | None = None


@dataclass(slots=True)
class _Way:
    flight: str | None
    stops: list[_Stop] = field(default_factory=list)

    def legs(self) -> list[Leg]:
        """Return the legs between the stops; a place that is named twice in a row is one stop."""
        stops: list[_Stop] = []
        for one in self.stops:
            if stops and stops[-1].place == one.place and len(self.stops) > 2:
                stops[-1].departs = stops[-1].departs or one.departs
                stops[-1].arrives = stops[-1].arrives or one.arrives
            else:
                stops.append(one)
        if len(stops) < 2:
            return [self._lone(stops)]
        return [Leg(self.flight, one.place, other.place, one.departs, other.arrives) for one, other in pairwise(stops)]

    def _lone(self, stops: list[_Stop]) -> Leg:
        if not stops:
            return Leg(self.flight)
        only = stops[0]
        if only.arrives and not only.departs:
            return Leg(self.flight, destination=only.place, arrives=only.arrives)
        return Leg(self.flight, origin=only.place, departs=only.departs, arrives=only.arrives)


class Legs:
    """Gathers the legs of all messages; one that several messages repeat is there once."""

    def __init__(self) -> None:
        self._ways: list[_Way] = []
        self._done: dict[Leg, None] = {}
        self._current = _Stop(None)
        self._only_arrival = False
        self.started = False

    def next_message(self) -> None:
        """Start the next message: its places are of its own TDT."""
        self._finish()
        self.started = False

    def feed(self, segment: Segment) -> None:
        """Take a segment of the message's beginning."""
        if segment.tag == "TDT":
            self.started = True
            if len(self._ways) < MOST_LEGS:
                self._ways.append(_Way(_flight(segment)))
        elif segment.tag == "LOC" and self._ways:
            self._stop(segment)
        elif segment.tag == "DTM" and self._ways and self._ways[-1].stops:
            self._time(segment)

    def all(self) -> tuple[Leg, ...]:
        """Return the legs in their order."""
        self._finish()
        return tuple(self._done)

    def _finish(self) -> None:
        for way in self._ways:
            if len(self._done) < MOST_LEGS:
                self._done.update(dict.fromkeys(way.legs()))
        self._ways = []

    def _stop(self, segment: Segment) -> None:
        stops, kind = self._ways[-1].stops, (segment.get(0) or "").lstrip("0")
        if kind not in _FROM | _BETWEEN | _TO or len(stops) >= MOST_LEGS:
            return
        self._current = _Stop(segment.get(1))
        # some name the arrival before the departure
        before = kind in _FROM and len(stops) == 1 and self._only_arrival
        stops.insert(0 if before else len(stops), self._current)
        self._only_arrival = kind in _TO and len(stops) == 1

    def _time(self, segment: Segment) -> None:
        kind, moment = segment.get(0), moment_of(segment.get(0, 1))
        if kind in _DEPARTS:
            self._current.departs = self._current.departs or moment
        elif kind in _ARRIVES:
            self._current.arrives = self._current.arrives or moment


def _flight(segment: Segment) -> str | None:
    """Return the flight as sent; a number alone gets its carrier before it."""
    flight, carrier = segment.get(1), segment.get(4)
    if flight and carrier and re.fullmatch(r"[0-9]{1,4}[A-Z]?", flight) and re.fullmatch(r"\w{2,3}", carrier):
        return carrier + flight
    return flight
