"""The fields of a traveller (``traveller/1``, ``/2``): of the document, the crossing, and what a carrier sent.

A field that was not received, or is in doubt, is absent: a rule that reads it "could not be evaluated". It is never
guessed, and never taken for "no". Nobody's device reads a chip yet, so ``doc.chip_verified`` is always absent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from checkpoint_app.cargo.comparing import plain_state
from checkpoint_app.cargo.values import Leg, ListedDocument, Passenger, Pnr
from checkpoint_app.documents import PartialDate, TravelDocument
from checkpoint_app.risk.known import all_or_none, only_known, text_of
from checkpoint_app.risk.names import listed_tokens, names_differ, tokens_of
from checkpoint_app.verdict import Mode

BOOKINGS = "PNRGOV"
"""The kind of list that carries bookings: of another kind nobody can tell that somebody has none."""
_FLIGHT = re.compile(r"([A-Z]{3}|[A-Z][A-Z0-9]|[0-9][A-Z])0*[0-9]{1,4}[A-Z]?")
"""An airline's designator of two or three characters before the number (IATA Resolution 762)."""
_STOPOVER = timedelta(hours=24)
"""As long as this a stop is a stay, and not a change of flights (IATA: stopover)."""
_TRAVEL_DOCUMENT = "PIAC"
"""First letters of codes that stand for passports and cards; a visa's is V (Doc 9303-4 to 9303-7)."""


@dataclass(frozen=True, slots=True)
class CrossingFacts:
    """Where a traveller stands: direction (in, out), the lane's name, and how people come there."""

    direction: str
    lane: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of this very crossing says; without ``passenger`` and ``pnr``: it came, and they are not on it.

    ``kind`` is the message's (PAXLST, PNRGOV), ``leg`` the leg by which they came. ``documents_shared`` is how many
    others on it bear a document with a number of theirs; None where nobody counted.
    """

    kind: str
    passenger: Passenger | None = None
    leg: Leg | None = None
    pnr: Pnr | None = None
    documents_shared: int | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is known of the vehicle: its plate with its state, and whether its owner is in it."""

    plate: str | None = None
    plate_country: str | None = None
    owner_present: bool | None = None


NO_VEHICLE = Vehicle()
NOTHING: Mapping[str, object] = {}


def traveller_fields(
    document: TravelDocument,
    today: date,
    crossing: CrossingFacts,
    listed: Listed | None = None,
    history: Mapping[str, object] = NOTHING,
    vehicle: Vehicle = NO_VEHICLE,
    in_doubt: Collection[str] = (),
) -> dict[str, object]:
    """Return the fields that are known of a traveller.

    ``today`` is the local day. ``listed`` is None where no list of this crossing is known. ``history`` are further
    fields, of whoever keeps a journal (``hist.*``, ``doc.crossings_90d``, ``vehicle.crossings_90d`` …); what is made
    here goes before. ``in_doubt`` names fields of the document (``TravelDocument``'s own names,
    or ``names``) that nobody vouches for.
    """
    sure = _Sure(document, in_doubt)
    made = only_known(
        {
            **_document(sure, today),
            "trip.mode": crossing.mode.value,
            "trip.direction": text_of(crossing.direction),
            "trip.lane": text_of(crossing.lane),
            **(_trip(listed) if listed is not None else {}),
            **(_booking(listed) if listed is not None else {}),
            **(_compared(sure, listed.passenger) if listed is not None and listed.passenger is not None else {}),
            "vehicle.plate": text_of(vehicle.plate),
            "vehicle.plate_country": plain_state(vehicle.plate_country),
            "vehicle.owner_present": vehicle.owner_present,
        }
    )
    return {**only_known(history), **made}


class _Sure:
    """A document of which every field in doubt is None."""

    def __init__(self, document: TravelDocument, in_doubt: Collection[str]) -> None:
        def unless(name: str, *also: str) -> bool:
            return not {name, *also} & set(in_doubt)

        named = unless("family_name", "names") and unless("given_names") and not document.name_truncated
        self.code = document.document_code if unless("document_code") else None
        self.issuer = document.issuer if unless("issuer") else None
        self.nationality = document.nationality if unless("nationality") else None
        self.number = document.document_number if unless("document_number") else None
        self.birth = document.birth_date if unless("birth_date") else None
        self.expiry = document.expiry_date if unless("expiry_date") else None
        self.names = (document.family_name, document.given_names) if named else (None, None)


def _document(sure: _Sure, today: date) -> dict[str, object | None]:
    expiry = sure.expiry.as_date() if sure.expiry else None
    return {
        "doc.type": (sure.code or "").replace("<", "")[:1].upper() or None,
        "doc.issuer": plain_state(sure.issuer),
        "doc.days_left": (expiry - today).days if expiry else None,
        "person.nationality": plain_state(sure.nationality),
        "person.age": age_on(sure.birth, today),
        "name.tokens": tokens_of(*sure.names),
    }


def age_on(birth: PartialDate | None, today: date) -> int | None:
    """Return the age in full years, or None where what is known of the date of birth leaves two ages open.

    The century is the zone's: the newest date that is not after the day it was read (``documents.dates``).
    """
    if birth is None or birth.year is None:
        return None
    years = today.year - birth.year
    if birth.month is None:
        return None
    day = today.month, today.day
    if birth.day is None:
        if birth.month == today.month:
            return None
        return years - (birth.month > today.month)
    return years - ((birth.month, birth.day) > day)


def _trip(listed: Listed) -> dict[str, object | None]:
    passenger, leg, pnr = listed.passenger, listed.leg, listed.pnr
    itinerary = pnr.itinerary if pnr is not None else ()
    flight = text_of(leg.flight) if leg is not None else None
    booked = _route(itinerary)
    route = booked or (_route((leg,)) if leg is not None else None)
    embarked = text_of(passenger.embark) if passenger is not None else None
    aboard = text_of(leg.origin) if leg is not None else None
    return {
        "trip.flight": flight,
        "trip.carrier": carrier_of(flight),
        "trip.origin": booked[0] if booked else embarked or aboard,
        "trip.route": route if passenger is not None or pnr is not None else None,
        "trip.one_way": _is_one_way(itinerary),
        "trip.stay_days": _stay_days(itinerary),
        "trip.party_size": len(pnr.passengers) or None if pnr is not None else None,
        "list.present": True,
        "list.listed": passenger is not None or pnr is not None,
        "list.documents_shared": listed.documents_shared,
    }


def carrier_of(flight: str | None) -> str | None:
    """Return the designator of the airline that a flight's number begins with, or None where it is no flight's."""
    found = _FLIGHT.fullmatch((flight or "").replace(" ", "").upper())
    return found.group(1) if found else None


def _route(legs: Collection[Leg]) -> list[str] | None:
    """Return the places of a way in their order, each stop once; None where one is not known."""
    places: list[str] = []
    for leg in legs:
        origin, destination = text_of(leg.origin), text_of(leg.destination)
        if origin is None or destination is None:
            return None
        if not places or places[-1] != origin:
            places.append(origin)
        places.append(destination)
    return places or None


def _is_one_way(itinerary: tuple[Leg, ...]) -> bool | None:
    """Tell whether a booking never leads back to where it begins; None where it does not say all its places."""
    places = _route(itinerary)
    return None if places is None else places[0] not in places[1:]


def _stay_days(itinerary: tuple[Leg, ...]) -> int | None:
    """Return the days of the one stay of a booking: from the arrival to the next departure, by the local calendar.

    None where times are missing, or where there is no such stay, or more than one: which is meant nobody says.
    """
    stays: list[int] = []
    for before, after in pairwise(itinerary):
        arrives, departs = _moment(before.arrives), _moment(after.departs)
        if arrives is None or departs is None:
            return None
        if departs - arrives >= _STOPOVER:
            stays.append((departs.date() - arrives.date()).days)
    return stays[0] if len(stays) == 1 else None


def _booking(listed: Listed) -> dict[str, object | None]:
    pnr = listed.pnr
    if pnr is None:
        return {"pnr.present": False if listed.kind == BOOKINGS else None}
    return {
        "pnr.present": True,
        "pnr.paid_cash": pnr.paid_cash,
        "pnr.lead_hours": _lead_hours(pnr),
        "pnr.agency": text_of(pnr.agency),
        "bag.count": pnr.bags,
        "bag.weight_kg": pnr.bags_kg,
    }


def _lead_hours(pnr: Pnr) -> int | None:
    """Return the full hours from the booking to its first departure, both as sent."""
    booked = _moment(pnr.booked)
    departs = _moment(pnr.itinerary[0].departs) if pnr.itinerary else None
    if booked is None or departs is None:
        return None
    return int((departs - booked) // timedelta(hours=1))


def _moment(text: str | None) -> datetime | None:
    """Return a moment as sent (``YYYY-MM-DDTHH:MM``); None for a day alone, and for what is none."""
    if text is None or "T" not in text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _compared(sure: _Sure, passenger: Passenger) -> dict[str, object | None]:
    return {
        "api.names_differ": names_differ(tokens_of(*sure.names), listed_tokens(passenger)),
        "api.doc_differs": _number_differs(sure, passenger.documents),
    }


def _number_differs(sure: _Sure, documents: Collection[ListedDocument]) -> bool | None:
    """Tell whether the document laid down is none of those that the carrier states; visas are none to be held."""
    held = [one for one in documents if (one.type or "P")[:1].upper() in _TRAVEL_DOCUMENT]
    stated = all_or_none(_number(one.number) for one in held)
    number = _number(sure.number)
    if stated is None or number is None:
        return None
    return number not in stated


def _number(text: str | None) -> str | None:
    return re.sub("[^A-Z0-9]", "", (text or "").upper()) or None
