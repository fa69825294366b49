"""SSR DOCS: a travel document in the free text of a booking (IATA Reservations Interline, AIRIMP 3.14).

``/P/GBR/123456789/GBR/12JUL64/M/23AUG19/SMITH/JOHN/ROBERT``: type, issuer, number, nationality, birth, sex (FI and MI
are infants), expiry, names. Any of them may be blank; some senders leave out the first slash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from checkpoint_app.cargo.dates import birth_of, day_of
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import ListedDocument

_LEAST_SLASHES = 4
_SEXES = {"M": "M", "F": "F", "MI": "M", "FI": "F"}


@dataclass(frozen=True, slots=True)
class Docs:
    """What an SSR DOCS says. ``bad_dates`` counts those of its dates that exist in no calendar."""

    document: ListedDocument
    family: str | None
    given: str | None
    infant: bool
    bad_dates: int = 0


def read_docs(segment: Segment, latest: date) -> Docs | None:
    """Return the document; None where the segment holds no text of the form. ``latest`` bounds births."""
    parts = _parts_of(segment)
    if parts is None:
        return None
    kind, issuer, number, nationality, birth, sex, expires, family, given, further = parts
    document = ListedDocument(
        type=kind,
        number=number,
        issuer=issuer,
        expires=day_of(expires),
        nationality=nationality,
        birth=birth_of(birth, latest),
        sex=_SEXES.get((sex or "").upper()),
    )
    bad = sum(1 for sent, read in ((birth, document.birth), (expires, document.expires)) if sent and read is None)
    names = " ".join(part for part in (given, further) if part) or None
    return Docs(document, family, names, infant=(sex or "").upper() in {"FI", "MI"}, bad_dates=bad)


def _parts_of(segment: Segment) -> list[str | None] | None:
    """Return ten fields. The text is the first component with slashes enough, from where the standard puts it."""
    for element in segment.elements[:3]:
        for place, text in enumerate(element):
            if text.count("/") < _LEAST_SLASHES:
                continue
            whole = ":".join(element[place:]) if ":" not in text else text
            fields = [" ".join(part.split()) or None for part in whole.split("/", 60)]
            if fields[0] is None or len(fields[0]) > 2:
                del fields[0]
            return [*fields, *[None] * 10][:10]
    return None
