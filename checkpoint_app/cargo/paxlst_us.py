"""PDT: somebody with a document in one segment, as the older lists of US-EDIFACT have them.

``PDT+P/AB123456:301231:COL+EJEMPLO:JUAN:M:800412:M+PAX+COBOG:ECUIO``: document, expiry, issuer; names, birth, sex; PAX,
CRW or ITI (in transit); where they board and leave, as state and airport.
"""

from __future__ import annotations

from datetime import date

from checkpoint_app.cargo.dates import birth_of, day_of
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import ListedDocument, Passenger, Role

_PLACE = 5
_SEXES = frozenset({"M", "F"})


def read_pdt(segment: Segment, latest: date) -> Passenger:
    """Return the person of a PDT; ``latest`` bounds the birth."""
    kind, _, number = (segment.get(0) or "").partition("/")
    document = ListedDocument(kind or None, number or None, segment.get(0, 2), day_of(segment.get(0, 1)))
    sex = (segment.get(1, 4) or "").upper()
    return Passenger(
        family=segment.get(1),
        given=segment.get(1, 1),
        role=Role.CREW if segment.get(2) == "CRW" else Role.PASSENGER,
        sex=sex if sex in _SEXES else None,
        birth=birth_of(segment.get(1, 3), latest),
        embark=_airport(segment.get(3)),
        debark=_airport(segment.get(3, 1)),
        documents=(document,) if number else (),
        unreadable=segment.unreadable,
        further=segment.get(1, 2),
    )


def _airport(place: str | None) -> str | None:
    return place[2:] if place and len(place) == _PLACE else place
