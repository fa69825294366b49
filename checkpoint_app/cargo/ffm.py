"""FFM, the manifest of a flight (IATA Cargo-IMP, versions 5 to 8): one consignment for each line of a waybill.

Extras of the message: ``from``, ``to`` (the first place where something is unloaded), ``flight_date`` (``14MAR``, as
sent), ``unloading`` (list of all places of unloading), ``complete`` (False when the last word is CONT, None without).
Extras of a consignment: ``unloading`` (where this part leaves the flight), ``onward`` (list of texts), ``remarks``
(list of OSI texts), ``customs_origin`` (COR).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from checkpoint_app.cargo.cargo_imp import (
    BY_AIR,
    Quota,
    Row,
    Waybill,
    bad_value,
    codes_of,
    collapse,
    goods_of,
    hs_code,
    not_read,
    quota,
    rows_of,
    waybill,
)
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageError, MessageFault, Transport

KIND = "FFM"
_FLIGHT = re.compile(
    r"(?:[0-9]{1,3}/)?(?P<flight>[A-Z0-9]{2}[A-Z]?[0-9]{1,4}[A-Z]?)/(?P<date>[0-9]{2}[A-Z]{3})(?:[0-9]{2})?(?:[0-9]{4})?"
    r"/(?P<origin>[A-Z]{3})(?:/(?P<aircraft>[^/]*))?(?:/.*)?",
    re.ASCII,
)
_OF_PLACE = re.compile(r"NIL|[0-9]{2}[A-Z]{3}(?:[0-9]{2})?(?:[0-9]{4})?|[0-9]{4}|", re.ASCII)
_ULD = re.compile(r"[A-Z0-9]{3}[0-9]{3,5}[A-Z0-9]{2,3}", re.ASCII)
_LOOSE = frozenset(("BKO", "BLK", "BUL"))
_OF_CONSIGNMENT = frozenset(("DIM", "OSI", "OCI", "COR", "SCI", "SPH", "HTS", "RTG"))
_ENDS = {"LAST": True, "CONT": False}


@dataclass(slots=True)
class _Draft:
    bill: Waybill
    much: Quota
    uld: str | None
    texts: list[str] = field(default_factory=list)
    handling: list[str] = field(default_factory=list)
    hs: list[str] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

    def done(self) -> Consignment:
        return Consignment(
            number=self.bill.number,
            load=self.bill.origin,
            discharge=self.bill.destination,
            packages=self.much.pieces,
            weight_kg=self.much.weight_kg,
            goods=goods_of(" ".join(self.texts), self.hs),
            equipment=(self.uld,) if self.uld else (),
            handling=tuple(self.handling),
            uld=self.uld,
            part=self.much.part,
            total_packages=self.much.total,
            extras=self.extras,
        )


@dataclass(slots=True)
class _Reading:
    version: str | None = None
    flights: list[str] = field(default_factory=list)
    aircraft: str | None = None
    origin: str | None = None
    date: str | None = None
    places: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    drafts: list[_Draft] = field(default_factory=list)
    equipment: list[Equipment] = field(default_factory=list)
    faults: list[MessageFault] = field(default_factory=list)
    draft: _Draft | None = None
    uld: str | None = None
    complete: bool | None = None
    last: str = ""


def read(data: bytes, limits: Limits) -> CargoMessage:
    """Read an FFM message, or the parts of one. Raises MessageError when it has no flight, waybill or ULD."""
    reading = _Reading()
    for row in rows_of(data, KIND, limits):
        _read_row(row, reading)
    if not (reading.flights or reading.drafts or reading.equipment):
        raise MessageError("nothing_read", "the FFM message has no flight, no waybill and no ULD", line=1)
    flights = tuple(dict.fromkeys(reading.flights))
    rotation = (reading.origin, *dict.fromkeys(reading.places)) if reading.origin else tuple(reading.places)
    return CargoMessage(
        KIND,
        version=reading.version,
        transport=Transport(flights[0] if flights else None, reading.aircraft, mode=BY_AIR, rotation=rotation),
        consignments=tuple(one.done() for one in reading.drafts),
        equipment=tuple(reading.equipment),
        flights=flights,
        extras={
            "from": reading.origin,
            "to": next(iter((*reading.used, *reading.places)), None),
            "flight_date": reading.date,
            "unloading": list(dict.fromkeys(reading.places)),
            "complete": reading.complete,
        },
        faults=tuple(reading.faults),
    )


def _read_row(row: Row, reading: _Reading) -> None:
    if row.tag == KIND:
        reading.version = reading.version or (row.fields or (None,))[0]
    elif row.tag == "ULD":
        _read_uld(row, reading)
    elif row.tag == "AWB" or (not row.tag and row.text[:1].isdigit() and "-" in row.text[:5]):
        _read_waybill(row, reading)
    elif row.tag in _OF_CONSIGNMENT:
        _read_detail(row, reading)
    elif row.text.upper() in _ENDS:
        reading.complete = _ENDS[row.text.upper()]
    elif row.tag:
        _read_place(row, reading)
    elif row.text.startswith("/"):
        _read_continued(row, reading)
    else:
        _read_flight(row, reading)


def _read_flight(row: Row, reading: _Reading) -> None:
    found = _FLIGHT.fullmatch(row.text)
    if found is None:
        reading.faults.append(not_read(row))
        return
    reading.flights.append(found["flight"])
    reading.date = reading.date or found["date"]
    reading.origin = reading.origin or found["origin"]
    reading.aircraft = reading.aircraft or collapse(found["aircraft"] or "")


def _read_place(row: Row, reading: _Reading) -> None:
    """A line with three letters alone, or with a date behind them, is a place of unloading; or bulk begins."""
    if row.tag not in _LOOSE and not all(_OF_PLACE.fullmatch(one.strip()) for one in row.fields):
        reading.faults.append(not_read(row))
        return
    reading.uld, reading.draft = None, None
    if row.tag in _LOOSE:
        return
    reading.places.append(row.tag)
    if row.fields[:1] != ("NIL",):
        reading.used.append(row.tag)


def _read_uld(row: Row, reading: _Reading) -> None:
    number = row.fields[0].replace(" ", "").partition("-")[0] if row.fields else ""
    reading.draft, reading.uld = None, number or None
    if not number:
        reading.faults.append(not_read(row))
        return
    if not _ULD.fullmatch(number):
        reading.faults.append(bad_value(row))
    reading.equipment.append(Equipment(number, "ULD"))


def _read_waybill(row: Row, reading: _Reading) -> None:
    found = waybill(row.text)
    reading.draft, reading.last = None, ""
    if found is None:
        reading.faults.append(not_read(row))
        return
    bill, rest = found
    much, *texts = rest.split("/")
    read_much = quota(much)
    if read_much is None or bill.origin is None:
        reading.faults.append(bad_value(row))
    draft = _Draft(bill, read_much or Quota(), reading.uld)
    text = collapse(texts[0]) if texts else None
    if text:
        draft.texts.append(text)
    codes, clean = codes_of(tuple(texts[1:]))
    draft.handling.extend(codes)
    if not clean:
        reading.faults.append(bad_value(row))
    if reading.places:
        draft.extras["unloading"] = reading.places[-1]
    reading.drafts.append(draft)
    reading.draft = draft


def _read_continued(row: Row, reading: _Reading) -> None:
    draft = reading.draft
    if draft is None:
        reading.faults.append(not_read(row))
        return
    codes, clean = codes_of(row.fields)
    if reading.last:
        _keep(reading.last, row, reading, draft)
    elif clean:
        draft.handling.extend(codes)
    elif not draft.texts and len(row.fields) == 1:
        draft.texts.append(" ".join(row.fields[0].split()))
    else:
        draft.extras.setdefault("onward", []).append(collapse("/".join(row.fields)))


def _read_detail(row: Row, reading: _Reading) -> None:
    reading.last = row.tag
    if reading.draft is None:
        reading.faults.append(not_read(row))
        return
    _keep(row.tag, row, reading, reading.draft)


def _keep(tag: str, row: Row, reading: _Reading, draft: _Draft) -> None:
    text = collapse("/".join(row.fields))
    if tag == "OSI" and text:
        draft.extras.setdefault("remarks", []).append(text)
    elif tag == "COR":
        draft.extras["customs_origin"] = text
    elif tag == "SPH":
        draft.handling.extend(codes_of(row.fields)[0])
    elif tag == "HTS":
        codes = [hs_code(one) for one in row.fields]
        draft.hs.extend(one for one in codes if one)
        if None in codes:
            reading.faults.append(bad_value(row))
