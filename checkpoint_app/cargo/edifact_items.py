"""Segments of a cargo message that say something of a consignment, its goods or equipment: each goes to what is open.

A reader of `READERS` takes what is open and a segment, and returns the code of a fault (`MessageFault`) or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from checkpoint_app.cargo.edifact_cargo import (
    WHOLE,
    commodity_codes,
    count_of,
    dangerous_of,
    equipment_number,
    party_of,
    place_of,
    text_of,
    value_of,
    weight_of,
)
from checkpoint_app.cargo.edifact_drafts import ConsignmentDraft, EquipmentDraft, GoodsDraft
from checkpoint_app.cargo.segments import Segment

NOT_READ, BAD_VALUE = "not_read", "bad_value"
_PASSING = frozenset(("13", "132"))  # 3227: places of transshipment
_MASTER_BILLS = frozenset(("704", "741"))  # 1001: master bill of lading, master air waybill
_BILLS = frozenset(("703", "705", "706", "707", "714", "720", "730", "740"))  # 1001: bills, waybills, consignment notes
_INNER_LEVELS = frozenset(("1", "2"))  # 7075: packages within packages
_LONGEST = 2000


@dataclass(slots=True)
class Open:
    """What is open: segments belong to the equipment, else to the goods, else to the consignment, else to the header.

    ``in_share``: SGP was the last to open something, so that a weight is that of the goods in one container.
    """

    consignment: ConsignmentDraft | None = None
    goods: GoodsDraft | None = None
    equipment: EquipmentDraft | None = None
    in_share: bool = False

    @property
    def nothing(self) -> bool:
        """Whether segments still speak of the whole message."""
        return self.consignment is None and self.equipment is None

    @property
    def item(self) -> GoodsDraft | None:
        """The goods that a segment speaks of: the last opened, or the consignment as such."""
        if self.equipment is not None or self.consignment is None:
            return None
        return self.goods or self.consignment.own


def packages(segment: Segment, element: int) -> tuple[int | None, bool]:
    """Return a number of packages, and whether what stands there could be read."""
    text = segment.get(element)
    value = count_of(text)
    return value, text is None or value is not None


def _pac(now: Open, segment: Segment) -> str | None:
    value, readable = packages(segment, 0)
    item = now.item
    if item is not None and value is not None and segment.get(1) not in _INNER_LEVELS:
        item.inner = (item.inner or 0) + value
    return None if readable else BAD_VALUE


def _loc(now: Open, segment: Segment) -> str | None:
    what, place = segment.get(0), place_of(segment)
    if what is None or place is None:
        return None
    if now.equipment is not None:
        now.equipment.places.setdefault(what, place)
    elif now.goods is not None and what == "27":
        now.goods.origin = place
    elif now.consignment is not None and what in _PASSING:
        now.consignment.transshipments.append(place)
    elif now.consignment is not None:
        now.consignment.places.setdefault(what, place)
    return None


def _doc(now: Open, segment: Segment) -> str | None:
    """A transport document: some senders name the bill so, and not in RFF or CNI."""
    what, number = segment.get(0), segment.get(1)
    if now.consignment is None or now.equipment is not None or number is None:
        return None
    if what in _MASTER_BILLS:
        now.consignment.references.setdefault("MB", number)
    elif what in _BILLS and now.consignment.document is None:
        now.consignment.document = number
    return None


def _nad(now: Open, segment: Segment) -> str | None:
    party = party_of(segment)
    if party is not None and now.consignment is not None and now.equipment is None:
        now.consignment.parties.append(party)
    return None


def _com(now: Open, segment: Segment) -> str | None:
    """A telephone (3155 TE) belongs to the party before it."""
    if now.consignment is None or now.equipment is not None or segment.get(0, 1) != "TE":
        return None
    parties = now.consignment.parties
    if parties and parties[-1].phone is None:
        parties[-1] = replace(parties[-1], phone=segment.get(0))
    return None


def _ftx(now: Open, segment: Segment) -> str | None:
    item = now.item
    if item is None or segment.get(0) != "AAA":
        return None
    text = text_of(segment)
    if text is not None:
        item.texts.append(text[:_LONGEST])
    return None


def _mea(now: Open, segment: Segment) -> str | None:
    found = weight_of(segment)
    if found is None:
        return None
    what, kilograms = found
    item = now.item
    if kilograms is None:
        return BAD_VALUE
    if now.equipment is not None:
        now.equipment.weights.take(what, kilograms)
    elif now.consignment is not None and segment.get(0) == WHOLE:
        now.consignment.whole.take(what, kilograms)
    elif item is not None and now.in_share:
        item.parts.append(kilograms)
    elif item is not None:
        item.weights.take(what, kilograms)
    return None


def _dgs(now: Open, segment: Segment) -> str | None:
    dangerous = dangerous_of(segment)
    target = now.equipment or now.item
    if dangerous is None:
        return NOT_READ
    if target is not None:
        now.in_share = False
        target.dangerous.append(dangerous)
    return None


def _pia(now: Open, segment: Segment) -> str | None:
    item = now.item
    if item is not None:
        item.hs.extend(commodity_codes(segment))
    return None


def _moa(now: Open, segment: Segment) -> str | None:
    item, found = now.item, value_of(segment)
    if item is not None and found is not None and item.value is None:
        item.value, item.currency = found
    return None


def _sel(now: Open, segment: Segment) -> str | None:
    if now.equipment is None:
        return NOT_READ if now.consignment is None else None
    now.equipment.seals_sent = True
    number = segment.get(0)
    if number is not None:
        now.equipment.seals.append(number)
    return None


def _sts(now: Open, segment: Segment) -> str | None:
    """A status (IFTSTA): its code and its words."""
    if now.consignment is not None:
        status = {"code": segment.get(1), "text": segment.get(1, 3) or segment.get(2, 3)}
        now.consignment.extras.setdefault("statuses", []).append(status)
    return None


def share(now: Open, segment: Segment) -> str | None:
    """Read SGP: in which container goods are, and from here on how much of them."""
    number = equipment_number(segment.get(0))
    if number is None:
        return NOT_READ
    if now.consignment is not None:
        now.in_share = True
        now.consignment.split = True
        now.consignment.equipment.append(number)
    return None


READERS: dict[str, Callable[[Open, Segment], str | None]] = {
    "PAC": _pac,
    "LOC": _loc,
    "DOC": _doc,
    "NAD": _nad,
    "COM": _com,
    "FTX": _ftx,
    "MEA": _mea,
    "DGS": _dgs,
    "PIA": _pia,
    "CST": _pia,
    "MOA": _moa,
    "SEL": _sel,
    "STS": _sts,
}
