"""What the messages of carriers and customs say, as values. What was not sent is None (or an empty tuple).

Texts are as sent, with blanks collapsed and line breaks removed; times are local, as sent: ``YYYY-MM-DDTHH:MM``; dates
``YYYY-MM-DD``; weights kilograms. Codes of states stay as sent: whoever compares brings them to one form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from checkpoint_app.cargo.iso6346 import check_digit_ok

POUND_KG = 0.45359237
"""The international pound, in kilograms: the exact definition of 1959."""


@dataclass(frozen=True, slots=True)
class MessageFault:
    """Something of a message that could not be read as it should be: a word for it, and where; never its text.

    ``where`` counts segments, lines or elements of the message from 1; ``tag`` is the segment's or element's name.
    """

    code: str
    where: int = 0
    tag: str = ""


class MessageError(Exception):
    """A message can't be read at all. ``code`` is a stable word, ``where`` tells the place (line, segment, byte)."""

    def __init__(self, code: str, text: str, **where: int | str) -> None:
        super().__init__(text)
        self.code = code
        self.where = where


class Role(StrEnum):
    """What somebody aboard is."""

    PASSENGER = "passenger"
    CREW = "crew"


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of a conveyance, from place to place (IATA or UN/LOCODE, as sent)."""

    flight: str | None = None
    origin: str | None = None
    destination: str | None = None
    departs: str | None = None
    arrives: str | None = None


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A travel document as a carrier states it."""

    type: str | None = None
    number: str | None = None
    issuer: str | None = None
    expires: str | None = None
    nationality: str | None = None
    birth: str | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Passenger:
    """Somebody on a list. ``unreadable``: a byte of the name could not be read: searches are loose on it.

    ``further`` are given names that the sender states apart from the first.
    """

    family: str | None = None
    given: str | None = None
    role: Role = Role.PASSENGER
    sex: str | None = None
    birth: str | None = None
    nationality: str | None = None
    embark: str | None = None
    debark: str | None = None
    locator: str | None = None
    documents: tuple[ListedDocument, ...] = ()
    unreadable: bool = False
    further: str | None = None
    bags: int | None = None
    bags_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Pnr:
    """A booking (PNRGOV). ``paid_cash``, ``bags`` and the others are None where the booking does not say.

    ``booked`` is when it was made; ``itinerary`` are all its legs; ``phones`` and ``agency`` as sent.
    """

    locator: str | None = None
    passengers: tuple[Passenger, ...] = ()
    documents: tuple[ListedDocument, ...] = ()
    booked: str | None = None
    itinerary: tuple[Leg, ...] = ()
    paid_cash: bool | None = None
    bags: int | None = None
    bags_kg: float | None = None
    agency: str | None = None
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassengerList:
    """A PAXLST or PNRGOV message. ``declared`` is the count that the sender gives, ``prepared`` when it was made."""

    kind: str
    version: str | None = None
    legs: tuple[Leg, ...] = ()
    passengers: tuple[Passenger, ...] = ()
    pnrs: tuple[Pnr, ...] = ()
    declared: int | None = None
    prepared: str | None = None
    sender: str | None = None
    faults: tuple[MessageFault, ...] = ()

    @property
    def count_matches(self) -> bool | None:
        """Whether as many were found as the sender counted; None where the sender did not count."""
        return None if self.declared is None else self.declared == len(self.passengers)


_ORDER_OF = re.compile(r"\b(?:ORDER\s+OF|ORDEN\s+DEL?)\b[\s:.,]*(\w.*)", re.IGNORECASE)
_NOBODY = {"SHIPPER", "THE SHIPPER", "BEARER", "HOLDER", "CONSIGNEE", "PORTADOR", "EMBARCADOR"}
_TO_ORDER = [one.split() for one in ("TO ORDER", "TO THE ORDER", "A LA ORDEN")]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a part in a consignment. ``role``: shipper, consignee, notify, carrier, declarant, agent …"""

    role: str
    name: str | None = None
    country: str | None = None
    city: str | None = None
    phone: str | None = None
    id: str | None = None

    @property
    def to_order(self) -> bool:
        """Whether the goods go to whoever holds the bill, so that nobody is named."""
        words = re.sub(r"[^A-Z]+", " ", (self.name or "").upper()).split()
        return words == ["ORDER"] or any(words[: len(one)] == one for one in _TO_ORDER)

    @property
    def sought(self) -> str | None:
        """Whom a search is for: the name, or whoever the order is of (``TO THE ORDER OF X``); None where nobody is."""
        name = " ".join((self.name or "").split())
        if not self.to_order:
            return name or None
        of = _ORDER_OF.search(name)
        return of[1] if of is not None and of[1].upper() not in _NOBODY else None


@dataclass(frozen=True, slots=True)
class Dangerous:
    """Dangerous goods: class or division (``8``, ``1.4``), and the UN number as four digits."""

    cls: str | None = None
    un: str | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of goods. ``hs`` are commodity codes without dots."""

    text: str | None = None
    hs: tuple[str, ...] = ()
    packages: int | None = None
    weight_kg: float | None = None
    value: float | None = None
    currency: str | None = None
    origin_country: str | None = None
    dangerous: tuple[Dangerous, ...] = ()


@dataclass(frozen=True, slots=True)
class Equipment:
    """A container, trailer or ULD. ``kind`` is CN, BL, TE, ULD …; ``seals_sent``: the message speaks of seals at all.

    ``weight_kg`` is what was declared, ``verified_kg`` what was weighed (VGM).
    """

    number: str | None = None
    kind: str | None = "CN"
    type: str | None = None
    full: bool | None = None
    weight_kg: float | None = None
    verified_kg: float | None = None
    load: str | None = None
    discharge: str | None = None
    slot: str | None = None
    seals: tuple[str, ...] = ()
    seals_sent: bool = False
    dangerous: tuple[Dangerous, ...] = ()

    @property
    def check_digit_ok(self) -> bool | None:
        """Whether the digit of ISO 6346 is right; None for a number of another form."""
        return check_digit_ok(self.number) if self.number else None


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one bill, waybill or declaration covers. ``load`` and ``discharge`` are its first and last place.

    ``part`` is T total, P part, S split, D divided (FFM). ``extras`` hold what one kind of message alone says.
    """

    number: str | None = None
    master: str | None = None
    load: str | None = None
    discharge: str | None = None
    transshipments: tuple[str, ...] = ()
    packages: int | None = None
    weight_kg: float | None = None
    goods: tuple[Goods, ...] = ()
    parties: tuple[Party, ...] = ()
    equipment: tuple[str, ...] = ()
    dangerous: tuple[Dangerous, ...] = ()
    handling: tuple[str, ...] = ()
    uld: str | None = None
    part: str | None = None
    total_packages: int | None = None
    value: float | None = None
    currency: str | None = None
    origin_country: str | None = None
    destination_country: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    def party(self, role: str) -> Party | None:
        """Return the first party of this role."""
        return next((one for one in self.parties if one.role == role), None)


@dataclass(frozen=True, slots=True)
class Transport:
    """What carries it all: voyage, id (IMO number, call sign, plate), name, mode (UN/ECE Rec. 19), carrier."""

    voyage: str | None = None
    id: str | None = None
    name: str | None = None
    mode: str | None = None
    carrier: str | None = None
    arrives: str | None = None
    rotation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CargoMessage:
    """A manifest, waybill or declaration. ``extras`` hold what one kind alone says (office, reference, totals …)."""

    kind: str
    version: str | None = None
    transport: Transport = field(default_factory=Transport)
    consignments: tuple[Consignment, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    flights: tuple[str, ...] = ()
    declared: int | None = None
    count_matches: bool | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[MessageFault, ...] = ()


Message = PassengerList | CargoMessage
