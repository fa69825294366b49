"""PAXLST: who is aboard, passengers and crew (UN/EDIFACT D.95B to D.12B, WCO/IATA/ICAO API guidelines appendix IIA).

Everybody who is listed is kept, however little is said of them; what is wrong is named in faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from checkpoint_app.cargo.dates import moment_of
from checkpoint_app.cargo.envelope import SegmentCount, of_kind, prepared_of, sender_of
from checkpoint_app.cargo.paxlst_legs import Legs
from checkpoint_app.cargo.paxlst_mending import KNOWN, is_of_person, is_person, parted, starts_another
from checkpoint_app.cargo.paxlst_person import PersonGroup
from checkpoint_app.cargo.paxlst_us import read_pdt
from checkpoint_app.cargo.quality import Quality
from checkpoint_app.cargo.segments import Interchange, Segment, version_of, whole_number
from checkpoint_app.cargo.values import MessageFault, Passenger, PassengerList, Role

# UN/EDIFACT 3035 as the guidelines use it: FL passenger, FM crew, DDU and DDT the same in transit; VW is a driver.
_ROLES = {
    "FL": Role.PASSENGER,
    "DDU": Role.PASSENGER,
    "FM": Role.CREW,
    "DDT": Role.CREW,
    "VW": Role.CREW,
}
_PARTIES = frozenset({"MS", "MR", "CA", "AG", "AM", "CM", "DT", "HJ", "RP", "TR"})
_COUNTED = frozenset({"41", "42", "3", "36"})


def read(interchange: Interchange, today: date | None = None) -> PassengerList:
    """Return the lists of an interchange as one. ``today`` stands for a message's date that is not stated."""
    faults: list[MessageFault] = list(interchange.faults)
    reader = PaxlstReader(faults.append, today)
    passengers = [
        one for segment in of_kind("PAXLST", interchange.segments, faults.append) for one in reader.feed(segment)
    ]
    passengers += reader.end()
    return replace(reader.summary(), passengers=tuple(passengers), faults=tuple(faults))


class PaxlstReader:
    """Reads segment by segment, and gives each passenger when what follows shows that it is whole."""

    def __init__(self, on_fault: Callable[[MessageFault], None], today: date | None = None) -> None:
        self._latest = today or datetime.now(UTC).date()
        self._dated = False
        self._quality = Quality(on_fault)
        self._legs = Legs()
        self._person: PersonGroup | None = None
        self._found = 0
        self._before = 0
        self._declared: int | None = None
        self._header: Segment | None = None
        self._version: str | None = None
        self._on_fault = on_fault
        self._counts = SegmentCount(on_fault)

    def feed(self, segment: Segment) -> Iterator[Passenger]:
        """Take the next segment."""
        for number, part in enumerate(parted(segment)):
            if number:
                self._on_fault(MessageFault("terminator_missing", part.number, "NAD"))
            yield from self._take(part)
        if segment.tag in KNOWN:
            self._before = segment.number

    def _take(self, segment: Segment) -> Iterator[Passenger]:
        tag = segment.tag
        if tag not in KNOWN:
            self._on_fault(MessageFault("unknown_segment", segment.number, tag))
        if tag == "NAD" or is_person(segment):
            yield from self._close()
            self._open(segment)
        elif tag == "PDT":
            yield from self._close()
            yield self._whole(segment)
        elif tag in {"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "CNT", "TDT", "BGM"}:
            yield from self._close()
            self._frame(segment)
        elif self._person is None and not is_of_person(segment):
            self._legs.feed(segment)
            if tag == "DTM" and segment.get(0) == "137":
                self._date((moment_of(segment.get(0, 1)) or "")[:10])
        else:
            yield from self._continue(segment)

    def _continue(self, segment: Segment) -> Iterator[Passenger]:
        """Take a segment of a person, who may be one whose NAD could not be read."""
        person = self._person
        if person is None or starts_another(segment, self._before, person.fields):
            yield from self._close()
            role = person.role if person else Role.PASSENGER
            person = self._person = PersonGroup(Segment("NAD", (), segment.number), role, self._latest, self._quality)
        person.feed(segment)

    def _whole(self, segment: Segment) -> Passenger:
        """Return the person of a PDT."""
        person = read_pdt(segment, self._latest)
        self._found += 1
        self._quality.look_at(person, segment)
        return person

    def end(self) -> list[Passenger]:
        """Return who is still open at the end."""
        rest = list(self._close())
        self._counts.end()
        if self._declared is not None and self._declared != self._found:
            self._on_fault(MessageFault("count_mismatch", tag="CNT"))
        return rest

    def summary(self) -> PassengerList:
        """Return the list without its passengers and faults."""
        return PassengerList(
            kind="PAXLST",
            version=self._version,
            legs=self._legs.all(),
            declared=self._declared,
            prepared=prepared_of(self._header),
            sender=sender_of(self._header),
        )

    def _frame(self, segment: Segment) -> None:
        self._counts.feed(segment)
        if segment.tag == "UNB":
            self._header = segment
            self._date((prepared_of(segment) or "")[:10])
        elif segment.tag == "UNH":
            self._version = self._version or version_of(segment)
            self._legs.next_message()
        elif segment.tag == "CNT":
            self._count(segment)
        else:
            self._legs.feed(segment)

    def _date(self, day: str | None) -> None:
        """Births are not after the message: take its own date for the day where it states one."""
        if day and not self._dated:
            self._latest, self._dated = date.fromisoformat(day), True

    def _count(self, segment: Segment) -> None:
        """Add a control total; some senders part its value from its kind by the wrong sign."""
        value = whole_number(segment.get(0, 1) or segment.get(1))
        if value is None or segment.get(0) not in _COUNTED:
            self._on_fault(MessageFault("count_not_read", segment.number, "CNT"))
        else:
            self._declared = (self._declared or 0) + value

    def _open(self, segment: Segment) -> None:
        qualifier = (segment.get(0) or "").upper()
        role = _ROLES.get(qualifier)
        if qualifier in _PARTIES:
            return
        if role is None:
            self._on_fault(MessageFault("unknown_role", segment.number, "NAD"))
            if not self._legs.started:  # a party of the message's beginning, not somebody aboard
                return
        self._person = PersonGroup(segment, role or Role.PASSENGER, self._latest, self._quality)

    def _close(self) -> Iterator[Passenger]:
        if self._person is not None:
            self._found += 1
            yield self._person.finish()
            self._person = None
