"""Data quality of passenger lists: what is missing or odd, as faults that name a place and no value."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checkpoint_app.cargo.comparing import is_known_state, plain_number
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import ListedDocument, MessageFault, Passenger

MOST_NUMBERS = 200_000
"""Numbers that are remembered, to find one that several people state: memory is bounded, then it is said so."""


class Quality:
    """Looks at each person of a list."""

    def __init__(self, on_fault: Callable[[MessageFault], None]) -> None:
        self._on_fault = on_fault
        self._numbers: set[int] = set()
        self._full = False

    def fault(self, code: str, segment: Segment) -> None:
        """Name something at a segment."""
        self._on_fault(MessageFault(code, segment.number, segment.tag))

    def look_at(self, person: Passenger, segment: Segment) -> None:
        """Name what is wrong with a person whose group starts at ``segment``."""
        if person.family is None:
            self.fault("no_name", segment)
        if person.unreadable:
            self.fault("name_unreadable", segment)
        if not person.documents:
            self.fault("no_document", segment)
        states = [person.nationality, *(one.issuer for one in person.documents)]
        if any(state and not is_known_state(state) for state in states):
            self.fault("unknown_country", segment)
        for number in {plain_number(one.number) for one in person.documents}:
            self._shared(number, segment)
        for one in person.documents:
            self._look_at_document(one, segment)

    def look_at_documents(self, documents: Iterable[ListedDocument], segment: Segment) -> None:
        """Name what is wrong with the documents of a booking that starts at ``segment``."""
        for one in documents:
            self._shared(plain_number(one.number), segment)
            if any(state and not is_known_state(state) for state in (one.nationality, one.issuer)):
                self.fault("unknown_country", segment)

    def _look_at_document(self, document: ListedDocument, segment: Segment) -> None:
        for missing, code in (
            (document.number, "no_document_number"),
            (document.type, "no_document_type"),
            (document.issuer, "no_document_issuer"),
        ):
            if missing is None:
                self.fault(code, segment)

    def _shared(self, number: str, segment: Segment) -> None:
        if not number:
            return
        key = hash(number)
        if key in self._numbers:
            self.fault("doc_number_shared", segment)
        elif len(self._numbers) < MOST_NUMBERS:
            self._numbers.add(key)
        elif not self._full:
            self._full = True
            self.fault("sharing_not_looked_for", segment)
