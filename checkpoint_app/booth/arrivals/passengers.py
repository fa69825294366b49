"""Who a passenger list names: each person with what is stated of them, what they are found by, and how they are told to
screening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from checkpoint_app.booth.record.cargo_values import value_of
from checkpoint_app.cargo.comparing import plain_number, plain_state, same_document
from checkpoint_app.cargo.values import Leg, ListedDocument, Passenger, PassengerList, Pnr
from checkpoint_app.risk.names import listed_tokens
from checkpoint_app.screening.subjects import SubjectError, zone_of
from checkpoint_app.store.arrivals import Arrival, Line
from checkpoint_app.store.manifests import Manifest
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.screening import ScreeningSubject

OPEN_FOR = timedelta(days=1)
"""How long after its time an arrival stays open where nobody closes it."""
MOST_DOCUMENTS = 8
_MOST_NAME, _MOST_KEYS = 200, 40
_NOT_HELD = "V"
"""First letter of a visa's type: nobody stands at the desk with that alone (Doc 9303-7)."""
_PERSON, _BOOKING = "passenger", "pnr"
_STATED = ("birth_date", "sex", "nationality", "issuer", "document_number", "given_names", "family_name")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list: as stated, in which booking; ``shared`` are its documents that it gives to nobody by name."""

    passenger: Passenger
    pnr: Pnr | None = None
    shared: tuple[ListedDocument, ...] = ()

    @property
    def held(self) -> tuple[ListedDocument, ...]:
        """The documents that they may lay down: with a number, and no visas."""
        return tuple(one for one in self.passenger.documents if is_held(one))

    @property
    def name(self) -> str:
        """Their name as a page shows it; empty where none is stated."""
        one = self.passenger
        given = " ".join(part for part in (one.given, one.further) if part)
        return ", ".join(part for part in (one.family, given) if part)[:_MOST_NAME]

    @property
    def document(self) -> str:
        """Their first document as a page shows it: number and issuer, as sent."""
        first = next(iter((*self.held, *self.passenger.documents, *self.shared)), None)
        return " ".join(part for part in (first.number, first.issuer) if part)[:_MOST_NAME] if first else ""


@dataclass(frozen=True, slots=True)
class Subjects:
    """How one person is told to screening: the first as stated, then by further documents, or with other letters.

    ``refused`` is the first field that can't be told; where nothing is left there are no subjects.
    """

    parts: tuple[ScreeningSubject, ...]
    refused: str = ""


def is_held(document: ListedDocument) -> bool:
    """Tell whether somebody may lay this down at a desk."""
    return bool(plain_number(document.number)) and (document.type or "P")[:1].upper() != _NOT_HELD


def people_in(data: Any) -> tuple[Person, ...]:
    """Return the people of one line of a passenger list, as `cargo_keeping` wrote it. Raises PlainError."""
    if _BOOKING not in data:
        return (Person(value_of(Passenger, data[_PERSON])),)
    pnr = value_of(Pnr, data[_BOOKING])
    owned = [document for one in pnr.passengers for document in one.documents]
    shared = tuple(one for one in pnr.documents if not any(same_document(one, other) for other in owned))
    return tuple(Person(one, pnr, shared[:MOST_DOCUMENTS]) for one in pnr.passengers)


def lines_in(item: int, data: Any, place: int) -> Iterator[Line]:
    """Yield those of one line of a list, the first at ``place``. Raises PlainError."""
    is_booking = _BOOKING in data
    for within, one in enumerate(people_in(data)):
        yield Line(place + within, item, within if is_booking else -1, one.name, one.document, keys_of(one))


class PeopleOf:
    """Reads the lines of one list, each line of the manifest once: a booking may hold a thousand people."""

    def __init__(self, load: Callable[[int], Any]) -> None:
        self._load = load
        self._read: dict[int, tuple[Person, ...] | None] = {}

    def get(self, line: Line) -> Person | None:
        """Return the person of a line; None where it can't be read: another program wrote it."""
        if line.item not in self._read:
            self._read[line.item] = _people_or_none(self._load(line.item))
        people, within = self._read[line.item], max(0, line.within)
        return people[within] if people is not None and within < len(people) else None


def _people_or_none(data: Any) -> tuple[Person, ...] | None:
    try:
        return people_in(data)
    except (PlainError, LookupError, TypeError):
        return None


# -- found by ----------------------------------------------------------------------------------------------------------


def number_key(number: str | None) -> str | None:
    """Return what a line is found by for a document's number; None where there is none."""
    plain = plain_number(number)
    return f"n:{plain}" if plain else None


def birth_key(birth: str | None) -> str | None:
    """Return what a line is found by for a whole birth date (YYYY-MM-DD)."""
    return f"b:{birth}" if birth and len(birth) == len("YYYY-MM-DD") else None


def name_keys(tokens: Iterable[str]) -> tuple[str, ...]:
    """Return what those are found by of whom a list states no whole birth date: each part of the name that is known."""
    return ("a:?", *(f"a:{token}" for token in tokens))


def keys_of(one: Person) -> frozenset[str]:
    """Return what a person is found by: the numbers of their documents, and their birth date, else their name."""
    keys = [number_key(each.number) for each in (*one.held, *one.shared) if is_held(each)]
    birth = birth_key(one.passenger.birth)
    keys += [birth] if birth else _name_keys(one)
    return frozenset([key for key in keys if key][:_MOST_KEYS])


def _name_keys(one: Person) -> Sequence[str]:
    tokens = listed_tokens(one.passenger)
    everyone, *named = name_keys(tokens or ())
    return named or [everyone]


# -- the arrival -------------------------------------------------------------------------------------------------------


def arrival_of(manifest: Manifest, head: PassengerList | None) -> Arrival:
    """Return the arrival that a message tells of; ``head`` is what a passenger list says of the whole.

    It is due when its last leg arrives, else departs; else when the message was made, or came. Times are local.
    """
    legs = head.legs if head is not None else ()
    due = _due(legs, manifest.received_at, head.prepared if head is not None else None)
    label = next((leg.flight for leg in legs if leg.flight), None) or manifest.kind
    places = [leg.origin for leg in legs[:1]] + [leg.destination for leg in legs[-1:]]
    route = "–".join(place for place in places if place)
    return Arrival(
        manifest.manifest,
        manifest.holds,
        manifest.kind,
        " ".join(label.split())[:40],
        route[:40],
        manifest.received_at,
        due,
        max(due, manifest.received_at) + OPEN_FOR,
    )


def _due(legs: Sequence[Leg], received: datetime, prepared: str | None) -> datetime:
    """Return when the last leg ends; a moment that lies years from the reception is a slip of whoever sent it."""
    stated = [moment for leg in legs if (moment := _moment(leg.arrives) or _moment(leg.departs)) is not None]
    near = [moment for moment in stated if abs(moment - received) < timedelta(days=365)]
    if near:
        return max(near)
    made = _moment(prepared)
    return max(received, made) if made is not None and made - received < timedelta(days=365) else received


def _moment(text: str | None) -> datetime | None:
    """Return a local time as sent; a day alone is its end."""
    try:
        at = datetime.fromisoformat(text or "")
        if len(text or "") <= len("YYYY-MM-DD"):
            at += timedelta(hours=23, minutes=59)
        return at.replace(tzinfo=None).astimezone()
    except (ValueError, OverflowError):
        return None


# -- to screening ------------------------------------------------------------------------------------------------------


def subjects_of(one: Person, place: int, today: date) -> Subjects:
    """Return how ``one`` is told to screening. ``today`` is the day that births are judged by.

    A field that screening refuses is left out and named: what is found without it still counts, "nothing" does not.
    """
    first, refused = _mended(_stated(one, f"{place}", _first_document(one)), today)
    if first is None:
        return Subjects((), refused)
    parts = [first]
    parts += [
        replace(first, ref=f"{place}.{number}", document_number=(each.number or "")[:40], issuer=_state(each.issuer))
        for number, each in enumerate(_further_documents(one), 1)
    ]
    if one.passenger.unreadable and (loose := _without_signs(first, f"{place}.x")) is not None:
        parts.append(loose)
    sound = [part for part in parts if part is first or _fault(part, today) is None]
    return Subjects(tuple(sound), refused or ("document_number" if len(sound) < len(parts) else ""))


def _stated(one: Person, ref: str, document: ListedDocument | None) -> ScreeningSubject:
    passenger = one.passenger
    given = " ".join(part for part in (passenger.given, passenger.further) if part)
    sex = (passenger.sex or "").upper()
    return ScreeningSubject(
        ref,
        family_name=passenger.family or "",
        given_names=given,
        birth_date=passenger.birth or "",
        sex=sex if sex in ("M", "F", "X") else "",
        nationality=_state(passenger.nationality or (document.nationality if document else None)),
        document_number=(document.number or "") if document else "",
        issuer=_state(document.issuer) if document else "",
    )


def _state(code: str | None) -> str:
    return plain_state(code) or ""


def _first_document(one: Person) -> ListedDocument | None:
    return next(iter((*one.held, *(each for each in one.shared if is_held(each)))), None)


def _further_documents(one: Person) -> list[ListedDocument]:
    """Return their other documents with a number, visas among them: each may be lost or stolen."""
    first = _first_document(one)
    numbered = [each for each in (*one.passenger.documents, *one.shared) if plain_number(each.number)]
    return [each for each in numbered if each is not first][:MOST_DOCUMENTS]


def _mended(subject: ScreeningSubject, today: date) -> tuple[ScreeningSubject | None, str]:
    """Return the subject without the fields that are refused, None where nothing is left; and the first of them."""
    refused = ""
    for _ in _STATED:
        field = _fault(subject, today)
        if field is None:
            return subject, refused
        refused = refused or field
        if not getattr(subject, field):
            return None, refused
        subject = replace(subject, **{field: ""})  # type: ignore[arg-type]
    return None, refused


def _fault(subject: ScreeningSubject, today: date) -> str | None:
    try:
        zone_of(subject, today)
    except SubjectError as error:
        return error.field
    return None


def _without_signs(subject: ScreeningSubject, ref: str) -> ScreeningSubject | None:
    """Return the subject with its names as their letters alone, where that is another: signs may be letters misread."""
    family, given = ("".join(sign for sign in name if sign.isalpha() or sign in " -'") for name in _names(subject))
    if (family, given) == _names(subject) or not (family or given):
        return None
    return replace(subject, ref=ref, family_name=family, given_names=given)


def _names(subject: ScreeningSubject) -> tuple[str, str]:
    return subject.family_name, subject.given_names
