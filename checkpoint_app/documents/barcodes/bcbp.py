"""Boarding passes: the bar coded boarding pass of IATA Resolution 792, attachment A.

A pass is one text: mandatory items once, mandatory items of each flight, and after each flight's a conditional part
whose size is told in hexadecimal. Only the sizes tell where the next flight begins, so one that leads out of the text
ends the reading there, and the flights before it stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from checkpoint_app.documents.barcodes.dates import day_of_decade, nearest_day
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.values import Fault

BCBP_FAULT_CODES = ("characters", "date", "length", "missing", "trailing", "version")
MOST_LEGS = 4
_NAME_WIDTH = 20
_LEG_WIDTH = 37
_CLAIM = re.compile(rb"M[1-9][A-Za-z/ .'-]{20}[EL ]")
_TITLES = frozenset(("MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "CHD", "INF"))
_AIRPORT = re.compile(r"[A-Z]{3}")
_CARRIER = re.compile(r"[A-Z0-9]{2,3}")
_FLIGHT = re.compile(r"\d{1,4}[A-Z]?")
_DAY = re.compile(r"\d{3}")
_ISSUE_DAY = re.compile(r"\d{4}")
_SIZE = re.compile(r"[0-9A-F]{2}")
_WORD = re.compile(r"[A-Z0-9]+")

# Conditional items in their order, with their widths: those of the pass, then those of each flight.
_PASS_ITEMS = (
    ("passenger_description", 1),
    ("check_in_source", 1),
    ("issuance_source", 1),
    ("issue_date", 4),
    ("document_type", 1),
    ("issuer", 3),
    ("baggage_tag", 13),
    ("baggage_tag_2", 13),
    ("baggage_tag_3", 13),
)
_LEG_ITEMS = (
    ("airline_code", 3),
    ("document_serial", 10),
    ("selectee", 1),
    ("document_verification", 1),
    ("marketing_carrier", 3),
    ("frequent_flyer_airline", 3),
    ("frequent_flyer_number", 16),
    ("id_ad_indicator", 1),
    ("baggage_allowance", 3),
    ("fast_track", 1),
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One flight of a boarding pass. Items that are blank are the empty text, dates that are not stated None.

    ``flight`` is without leading zeros; ``flight_date`` the nearest to today that is ``day_of_year``, since a pass
    states no year. ``status`` is the passenger's (0 not checked in, 1 checked in, 3 with documents to verify, …).
    """

    pnr: str
    origin: str
    destination: str
    carrier: str
    flight: str
    day_of_year: int | None
    flight_date: date | None
    cabin: str
    seat: str
    sequence: str
    status: str
    airline_code: str = ""
    document_serial: str = ""
    selectee: str = ""
    document_verification: str = ""
    marketing_carrier: str = ""
    frequent_flyer_airline: str = ""
    frequent_flyer_number: str = ""
    id_ad_indicator: str = ""
    baggage_allowance: str = ""
    fast_track: str = ""
    airline_use: str = ""


@dataclass(frozen=True, slots=True)
class BoardingPass:
    """A boarding pass. ``name_truncated`` tells that the name fills its 20 places, so compare by prefix only.

    ``title`` is the last word of the given names where it is one (MR, MRS …). ``security`` is the airline's own
    signature, kept as read: its keys are no state's, and it is not verified here.
    """

    family_name: str
    given_names: str
    title: str
    name_truncated: bool
    electronic_ticket: bool
    legs: tuple[Leg, ...]
    version: int | None = None
    passenger_description: str = ""
    check_in_source: str = ""
    issuance_source: str = ""
    issue_date: date | None = None
    document_type: str = ""
    issuer: str = ""
    baggage_tags: tuple[str, ...] = ()
    security_type: str = ""
    security: str = ""
    faults: tuple[Fault, ...] = ()


def is_bcbp(data: bytes) -> bool:
    """Tell whether ``data`` claims to be a boarding pass: its format letter, a digit, a name and the ticket letter."""
    return _CLAIM.match(data) is not None


def parse_bcbp(data: bytes, today: date) -> BoardingPass:
    """Read a pass. Raises BarcodeError (``header``, ``legs``, ``cut_short``) where its first flight cannot be read.

    Faults name the item, with the flight's number from 1 (``legs.2.flight_date``), and one of ``BCBP_FAULT_CODES``.
    """
    if not is_bcbp(data):
        raise BarcodeError("header", "boarding pass")
    return _Parser(data.decode("latin-1"), today).parse()


class _Parser:
    """One pass being read from the left; collects the faults in reading order."""

    def __init__(self, text: str, today: date) -> None:
        self.text = text
        self.today = today
        self.at = 0
        self.faults: list[Fault] = []

    def parse(self) -> BoardingPass:
        self.at = 1
        count = int(self._take(1))
        if count > MOST_LEGS:
            raise BarcodeError("legs", "legs")
        name = self._take(_NAME_WIDTH)
        ticket = self._take(1)
        if len(self.text) < self.at + _LEG_WIDTH - 2:
            raise BarcodeError("cut_short", "legs")
        once: dict[str, str] = {}
        legs = []
        for number in range(1, count + 1):
            leg = self._leg(number, once)
            if leg is None:
                break
            legs.append(leg)
        security_type, security = self._security()
        family, given, title = self._names(name)
        return BoardingPass(
            family_name=family,
            given_names=given,
            title=title,
            name_truncated=not name.endswith(" "),
            electronic_ticket=ticket == "E",
            legs=tuple(legs),
            version=int(once["version"]) if once.get("version") else None,
            passenger_description=once.get("passenger_description", ""),
            check_in_source=once.get("check_in_source", ""),
            issuance_source=once.get("issuance_source", ""),
            issue_date=self._issue_date(once.get("issue_date", "")),
            document_type=once.get("document_type", ""),
            issuer=self._known("issuer", once.get("issuer", ""), _CARRIER),
            baggage_tags=tuple(tag for name, _ in _PASS_ITEMS[-3:] if (tag := once.get(name, ""))),
            security_type=security_type,
            security=security,
            faults=tuple(self.faults),
        )

    def _fault(self, field: str, code: str) -> None:
        self.faults.append(Fault(field, code))

    def _take(self, width: int) -> str:
        taken = self.text[self.at : self.at + width]
        self.at += len(taken)
        return taken

    def _known(self, field: str, text: str, form: re.Pattern[str]) -> str:
        """Return ``text``, with a fault where it is neither blank nor of its form."""
        if text and not form.fullmatch(text):
            self._fault(field, "characters")
        return text

    def _names(self, name: str) -> tuple[str, str, str]:
        family, _, given = (part.strip() for part in name.partition("/"))
        if not family:
            self._fault("family_name", "missing")
        words = given.split()
        title = words.pop() if len(words) > 1 and words[-1].upper() in _TITLES else ""
        return " ".join(family.split()), " ".join(words), title

    def _leg(self, number: int, once: dict[str, str]) -> Leg | None:
        """Read the flight that begins here; None where there is none any more."""
        place = f"legs.{number}"
        if len(self.text) < self.at + _LEG_WIDTH - 2:
            self._fault(place, "missing")
            return None
        widths = (7, 3, 3, 3, 5, 3, 1, 4, 5, 1)
        pnr, origin, destination, carrier, flight, day, cabin, seat, sequence, status = (
            self._take(width).strip() for width in widths
        )
        day_of_year, flight_date = self._day(f"{place}.flight_date", day)
        mandatory = {
            "pnr": self._known(f"{place}.pnr", pnr, _WORD),
            "origin": self._known(f"{place}.origin", origin, _AIRPORT),
            "destination": self._known(f"{place}.destination", destination, _AIRPORT),
            "carrier": self._known(f"{place}.carrier", carrier, _CARRIER),
            "flight": self._known(f"{place}.flight", flight, _FLIGHT).lstrip("0"),
            "cabin": self._known(f"{place}.cabin", cabin, _WORD),
            "seat": self._known(f"{place}.seat", seat, _WORD).lstrip("0"),
            "sequence": self._known(f"{place}.sequence", sequence, _WORD).lstrip("0"),
            "status": self._known(f"{place}.status", status, _WORD),
        }
        items = self._conditional(place, number == 1, once)
        return Leg(day_of_year=day_of_year, flight_date=flight_date, **mandatory, **items)

    def _day(self, field: str, text: str) -> tuple[int | None, date | None]:
        if not text:
            return None, None
        found = nearest_day(int(text), self.today) if _DAY.fullmatch(text) else None
        if found is None:
            self._fault(field, "date")
            return None, None
        return int(text), found

    def _issue_date(self, text: str) -> date | None:
        if not text:
            return None
        digits = _ISSUE_DAY.fullmatch(text)
        found = day_of_decade(int(text[0]), int(text[1:]), self.today) if digits else None
        if found is None:
            self._fault("issue_date", "date")
        return found

    def _conditional(self, place: str, first: bool, once: dict[str, str]) -> dict[str, str]:
        """Read the part whose size stands next; of the first flight it holds the pass's own items too."""
        part = _Part(self._sized(place))
        items: dict[str, str] = {}
        if not part.rest:
            return items
        if first:
            self._items_of_pass(part, once)
        if part.rest:
            inner = _Part(self._inner(part, f"{place}.conditional"))
            items = inner.items(_LEG_ITEMS)
        items["airline_use"] = part.rest.rstrip()
        return items

    def _items_of_pass(self, part: _Part, once: dict[str, str]) -> None:
        if not part.rest.startswith(">"):
            self._fault("version", "missing")
            return
        part.take(1)
        version = part.take(1)
        if version.isdecimal():
            once["version"] = version
        else:
            self._fault("version", "version")
        once |= _Part(self._inner(part, "conditional")).items(_PASS_ITEMS)

    def _sized(self, place: str) -> str:
        """Return the conditional part that begins here with its size, and go past it."""
        size = self._take(2)
        if not _SIZE.fullmatch(size):
            self._fault(f"{place}.size", "length")
            return ""
        part = self._take(int(size, 16))
        if len(part) < int(size, 16):
            self._fault(f"{place}.size", "length")
        return part

    def _inner(self, part: _Part, field: str) -> str:
        """Return the items within ``part`` that their own size bounds."""
        size = part.take(2)
        if not _SIZE.fullmatch(size) or int(size, 16) > len(part.rest):
            self._fault(f"{field}.size", "length")
            return part.take(len(part.rest)) if _SIZE.fullmatch(size) else ""
        return part.take(int(size, 16))

    def _security(self) -> tuple[str, str]:
        rest = self.text[self.at :]
        if not rest.strip():
            return "", ""
        if not rest.startswith("^"):
            self._fault("security", "trailing")
            return "", ""
        size = rest[2:4]
        if not _SIZE.fullmatch(size) or int(size, 16) > len(rest) - 4:
            self._fault("security", "length")
            return rest[1:2].strip(), rest[4:]
        end = 4 + int(size, 16)
        if rest[end:].strip():
            self._fault("security", "trailing")
        return rest[1:2].strip(), rest[4:end]


class _Part:
    """A piece of the text that is read from its left."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(self, width: int) -> str:
        taken, self.rest = self.rest[:width], self.rest[width:]
        return taken

    def items(self, layout: tuple[tuple[str, int], ...]) -> dict[str, str]:
        """Return the items of ``layout`` that are here: the part may end after any, or within one."""
        return {name: self.take(width).strip() for name, width in layout}
