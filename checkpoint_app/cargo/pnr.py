"""One booking of PNRGOV: from SRC to the next, its people (TIF), documents (SSR DOCS) and what else it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from checkpoint_app.cargo.comparing import plain_name, plain_number
from checkpoint_app.cargo.dates import day_of, joined
from checkpoint_app.cargo.pnr_contacts import phones_of
from checkpoint_app.cargo.pnr_documents import Docs, read_docs
from checkpoint_app.cargo.pnr_journey import Journey
from checkpoint_app.cargo.quality import Quality
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import ListedDocument, Passenger, Pnr

MOST_PEOPLE = 1_000
"""People, documents and phones of one booking: what is beyond is named and left out, for memory is bounded."""

_Name = tuple[str | None, str | None]


class PnrGroup:
    """Gathers the segments of a booking."""

    def __init__(self, start: Segment, latest: date, quality: Quality) -> None:
        self._start = start
        self._latest = latest
        self._quality = quality
        self.locator: str | None = None
        self._booked: str | None = None
        self._agency: str | None = None
        self._people: dict[_Name, Passenger] = {}
        self._current: _Name | None = None
        self._stated: list[tuple[Docs, _Name | None, Segment]] = []
        self._documents: dict[str, ListedDocument] = {}
        self._phones: dict[str, None] = {}
        self._cash: bool | None = None
        self._journey = Journey()
        self._readers: dict[str, Callable[[Segment], None]] = {
            "RCI": self._control,
            "ORG": self._origin,
            "TIF": self._traveller,
            "SSR": self._service,
            "FOP": self._payment,
            "TVL": self._travel,
            "TBD": self._journey.bags,
            "ABI": self._journey.history,
            "IFT": self._contact,
            "ADD": self._contact,
        }

    def feed(self, segment: Segment) -> None:
        """Take a segment of the booking."""
        reader = self._readers.get(segment.tag)
        if reader is not None:
            reader(segment)

    def finish(self) -> Pnr:
        """Return the booking; what is missing is named."""
        if self.locator is None:
            self._quality.fault("no_locator", self._start)
        if not self._people:
            self._quality.fault("no_passenger", self._start)
        self._hand_out()
        documents = tuple(self._documents.values())
        self._quality.look_at_documents(documents, self._start)
        bags, weight = self._journey.baggage()
        return Pnr(
            locator=self.locator,
            passengers=tuple(replace(one, locator=self.locator) for one in self._people.values()),
            documents=documents,
            booked=self._booked,
            itinerary=self._journey.legs(),
            paid_cash=self._cash,
            bags=bags,
            bags_kg=weight,
            agency=self._agency,
            phones=tuple(self._phones),
        )

    def _control(self, segment: Segment) -> None:
        """Take the first record locator, and when the booking was made where it says so (some shift the date)."""
        if self.locator is None:
            self.locator = segment.get(0, 1)
        if self._booked is None:
            rest = [segment.get(0, place) for place in range(2, 6)]
            for text, time in zip(rest, [*rest[1:], None], strict=True):
                if day := day_of(text, day_first=True):
                    self._booked = joined(day, time)
                    break

    def _origin(self, segment: Segment) -> None:
        """Take the first agent: the IATA number of an agency, else its own code."""
        if self._agency is None:
            self._agency = segment.get(1) or segment.get(1, 1)

    def _travel(self, segment: Segment) -> None:
        self._current = None  # what follows belongs to the flight, not to the last traveller
        self._journey.travel(segment)

    def _traveller(self, segment: Segment) -> None:
        family = segment.get(0)
        for place in range(1, max(2, len(segment.elements))):
            given = segment.get(place)
            key = family, given
            if key == (None, None) or (given is None and place > 1):
                continue
            if key in self._people:
                self._current = key
                continue
            if len(self._people) >= MOST_PEOPLE:
                self._quality.fault("too_many_people", segment)
                continue
            if segment.unreadable:
                self._quality.fault("name_unreadable", segment)
            self._people[key] = Passenger(family, given, unreadable=segment.unreadable)
            self._current = key
        if segment.get(0) is None and segment.get(1) is None:
            self._quality.fault("no_name", segment)

    def _service(self, segment: Segment) -> None:
        kind = segment.get(0)
        if kind == "DOCS":
            docs = read_docs(segment, self._latest)
            if docs is None:
                self._quality.fault("document_not_read", segment)
            else:
                self._keep(docs, segment)
        elif kind in {"CTCM", "CTCT", "CTCB", "CTCH", "CTCP", "CTCR"}:
            self._contact(segment)

    def _keep(self, docs: Docs, segment: Segment) -> None:
        for _ in range(docs.bad_dates):
            self._quality.fault("bad_date", segment)
        key = plain_number(docs.document.number)
        if len(self._stated) >= MOST_PEOPLE:
            self._quality.fault("too_many_documents", segment)
            return
        self._stated.append((docs, self._current, segment))
        if key:
            self._documents[key] = merged(self._documents.get(key), docs.document)

    def _hand_out(self) -> None:
        """Give each document to its holder, once everybody is known: an infant may be named after its document."""
        names = [(key, _letters(key[0]), _letters(key[1])) for key in self._people]
        for docs, current, segment in self._stated:
            holder = _holder_of(docs, names) or (None if docs.infant else current)
            if holder is None:
                self._quality.fault("document_of_nobody", segment)
            else:
                self._people[holder] = with_document(self._people[holder], docs.document)

    def _payment(self, segment: Segment) -> None:
        """CA is cash; a booking that was paid in several ways was paid in cash, too."""
        forms = [segment.get(place) for place in range(len(segment.elements))]
        if any(forms):
            self._cash = bool(self._cash) or "CA" in forms

    def _contact(self, segment: Segment) -> None:
        for phone in phones_of(segment):
            if len(self._phones) < MOST_PEOPLE:
                self._phones[phone] = None


def merged(known: ListedDocument | None, found: ListedDocument) -> ListedDocument:
    """Return a document as first stated, its gaps filled by what is stated later."""
    if known is None:
        return found
    names = ("type", "issuer", "expires", "nationality", "birth", "sex")
    gaps = {name: getattr(found, name) for name in names if getattr(known, name) is None}
    return replace(known, **gaps)


def with_document(one: Passenger, document: ListedDocument) -> Passenger:
    """Return somebody with what a document says of its holder, and the document where it has a number."""
    documents = one.documents
    numbers = [plain_number(other.number) for other in documents]
    if (number := plain_number(document.number)) and number not in numbers and len(documents) < MOST_PEOPLE:
        documents = (*documents, document)
    return replace(
        one,
        documents=documents,
        birth=one.birth or document.birth,
        sex=one.sex or document.sex,
        nationality=one.nationality or document.nationality,
    )


def _holder_of(docs: Docs, names: list[tuple[_Name, str, str]]) -> _Name | None:
    """Return whose name a document states: the same, or given names of which one starts with the other."""
    stated_family, stated = _letters(docs.family), _letters(docs.given)
    if not stated_family:
        return None
    family = [(key, given) for key, name, given in names if name == stated_family]
    for key, given in family:
        if given == stated:
            return key
    for key, given in family:
        if given and stated and (given.startswith(stated) or stated.startswith(given)):
            return key
    return None


def _letters(text: str | None) -> str:
    """Return a name for comparing without blanks, for senders break long texts anywhere."""
    return plain_name(text).replace(" ", "")
