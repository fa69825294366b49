"""A booking's journey: its flights (TVL) and the bags that were checked in (TBD)."""

from __future__ import annotations

import re

from checkpoint_app.cargo.dates import day_of, joined
from checkpoint_app.cargo.segments import Segment, whole_number
from checkpoint_app.cargo.values import POUND_KG, Leg

MOST_LEGS = 1000
_KILOGRAMS = {
    "700": 1.0,
    "KGM": 1.0,
    "KG": 1.0,
    "K": 1.0,
    "701": POUND_KG,
    "LBR": POUND_KG,
    "LB": POUND_KG,
    "L": POUND_KG,
}
_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,4})?", re.ASCII)


class Journey:
    """Gathers flights and bags. What follows ABI is the booking's history: its flights are not the journey's."""

    def __init__(self) -> None:
        self._legs: dict[Leg, None] = {}
        self._bags: dict[int, list[tuple[int, float | None]]] = {}
        self._flight = 0
        self._past = False

    def travel(self, segment: Segment) -> None:
        """Take a TVL: flights alone, neither hotels nor cars, nor the codes of another carrier for the same flight."""
        self._flight += 1
        leg = leg_of(segment)
        if leg is None or self._past or None in {leg.origin, leg.destination, leg.departs}:
            return
        if len(self._legs) < MOST_LEGS:
            self._legs[leg] = None

    def history(self, _segment: Segment) -> None:
        """Take an ABI."""
        self._past = True

    def bags(self, segment: Segment) -> None:
        """Take a TBD: number, weight and unit; a member of a pool (MP) shares the bags of its head."""
        shared = any("MP" in element for element in segment.elements[2:])
        for element in range(1, min(len(segment.elements), 3)):
            count = whole_number(segment.get(element))
            if count is not None and count < 10_000 and not shared:
                weight = kilograms(segment.get(element, 1), segment.get(element, 2))
                self._bags.setdefault(self._flight, []).append((count, weight))
                break

    def legs(self) -> tuple[Leg, ...]:
        """Return the flights in their order."""
        return tuple(self._legs)

    def baggage(self) -> tuple[int | None, float | None]:
        """Return bags and kilograms: those of the flight that carries most, for each states the same bags again."""
        if not self._bags:
            return None, None
        most = max(self._bags.values(), key=lambda flight: sum(count for count, _ in flight))
        weights = [weight for _, weight in most if weight is not None]
        return sum(count for count, _ in most), round(sum(weights), 3) if weights else None


def kilograms(text: str | None, unit: str | None) -> float | None:
    """Return a weight (decimal sign: point or comma); None where it or its unit (PADIS or UN/ECE 6411) is not known."""
    factor = _KILOGRAMS.get((unit or "").upper())
    if factor is None or text is None or not _NUMBER.fullmatch(text):
        return None
    return round(float(text.replace(",", ".")) * factor, 3)


def leg_of(segment: Segment) -> Leg | None:
    """Return the leg of a TVL: carrier and number joined, times as sent; None for one without places and dates."""
    origin, destination = segment.get(1), segment.get(2)
    if origin is None and destination is None and segment.get(0) is None:
        return None
    day = day_of(segment.get(0), day_first=True)
    third, fourth = segment.get(0, 2), segment.get(0, 3)
    arrival = day_of(third, day_first=True)
    arrives = joined(arrival, fourth) if arrival else joined(day, fourth or third) if fourth or third else None
    number, carrier = segment.get(4), segment.get(3) or ""
    return Leg(
        flight=carrier + number if number else None,
        origin=origin,
        destination=destination,
        departs=joined(day, segment.get(0, 1)),
        arrives=arrives,
    )
