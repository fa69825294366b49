"""One person of a PAXLST: NAD and what follows it, to the next (guidelines, groups 4 and 5)."""

from __future__ import annotations

from datetime import date

from checkpoint_app.cargo.dates import birth_of, day_of
from checkpoint_app.cargo.pnr_journey import kilograms
from checkpoint_app.cargo.quality import Quality
from checkpoint_app.cargo.segments import Segment, whole_number
from checkpoint_app.cargo.values import ListedDocument, Passenger, Role

_SEXES = {"M": "M", "F": "F", "MI": "M", "FI": "F", "1": "M", "2": "F"}


class PersonGroup:
    """One person's group of segments: NAD, what is said of them, and their documents."""

    def __init__(self, segment: Segment, role: Role, latest: date, quality: Quality) -> None:
        self.role = role
        self._start = segment
        self._latest = latest
        self._quality = quality
        place = 3 if segment.get(3) or segment.get(3, 1) or not segment.get(2) else 2
        self.fields: dict[str, object] = {
            "family": segment.get(place),
            "given": segment.get(place, 1),
            "further": " ".join(filter(None, (segment.get(place, 2), segment.get(place, 3)))) or None,
            "role": role,
            "unreadable": segment.unreadable,
        }
        self._documents: list[dict[str, str | None]] = []

    def feed(self, segment: Segment) -> None:
        """Take a segment of the group."""
        reader = {
            "ATT": self._sex,
            "DTM": self._dates,
            "LOC": self._place,
            "NAT": self._nationality,
            "RFF": self._reference,
            "MEA": self._measured,
            "DOC": self._document,
        }.get(segment.tag)
        if reader is not None:
            reader(segment)

    def finish(self) -> Passenger:
        """Return the person; what is missing is named."""
        documents = tuple(ListedDocument(**one) for one in self._documents)
        person = Passenger(documents=documents, **self.fields)  # type: ignore[arg-type]
        self._quality.look_at(person, self._start)
        return person

    def _set(self, name: str, value: str | None) -> None:
        """Keep the first value that is stated."""
        if value is not None and self.fields.get(name) is None:
            self.fields[name] = value

    def _sex(self, segment: Segment) -> None:
        if segment.get(0) == "2":
            self._set("sex", _SEXES.get((segment.get(2) or segment.get(1) or "").upper()))

    def _dates(self, segment: Segment) -> None:
        kind, text = segment.get(0), segment.get(0, 1)
        if kind == "329":
            self._set("birth", self._dated(segment, birth_of(text, self._latest)))
        elif kind == "36" and self._documents:
            last = self._documents[-1]
            last["expires"] = last["expires"] or self._dated(segment, day_of(text))

    def _dated(self, segment: Segment, day: str | None) -> str | None:
        if day is None:
            self._quality.fault("bad_date", segment)
        return day

    def _place(self, segment: Segment) -> None:
        kind, place = segment.get(0), segment.get(1)
        if kind == "178":
            self._set("embark", place)
        elif kind == "179":
            self._set("debark", place)
        elif kind == "91" and self._documents:
            self._documents[-1]["issuer"] = self._documents[-1]["issuer"] or place

    def _nationality(self, segment: Segment) -> None:
        self._set("nationality", segment.get(1))

    def _measured(self, segment: Segment) -> None:
        """Take the bags that were checked in: their number, and their weight where its unit is stated."""
        if segment.get(0) == "CT" and self.fields.get("bags") is None:
            self.fields["bags"] = whole_number(segment.get(2, 1) or segment.get(2))
        elif segment.get(0) == "WT" and self.fields.get("bags_kg") is None:
            self.fields["bags_kg"] = kilograms(segment.get(2, 1), segment.get(2))

    def _reference(self, segment: Segment) -> None:
        if segment.get(0) == "AVF":
            self._set("locator", segment.get(0, 1))

    def _document(self, segment: Segment) -> None:
        self._documents.append({"type": segment.get(0), "number": segment.get(1), "issuer": None, "expires": None})
