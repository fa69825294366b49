"""FWB, the air waybill's data (IATA Cargo-IMP, versions 9 to 17): one consignment for each waybill of the file.

Extras of a consignment: ``goods_lines`` (list of texts, NG and NC lines of RTD as sent), ``slac`` (pieces as the
shipper counted, NS), ``customs_origin`` (COR), ``services`` (list of SSR texts). Its goods are one line: the texts,
joined, and the codes of NH. Extras of the message: none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from checkpoint_app.cargo.cargo_imp import (
    BY_AIR,
    Block,
    Row,
    bad_value,
    blocks_of,
    collapse,
    not_read,
    quota,
    rows_of,
    waybill,
    whole,
)
from checkpoint_app.cargo.imp_parties import INNER, ROLES, party_of
from checkpoint_app.cargo.imp_waybill import Draft, add_codes, add_hs, read_customs, read_value
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageError, MessageFault, Transport

KIND = "FWB"
_DETAIL = re.compile(r"N[GCHDVSUO]", re.ASCII)
_LINE = re.compile(r"[0-9]{1,2}", re.ASCII)
_RATE = re.compile(r"/(?:[0-9]{1,2}/)?(?:P[0-9]+|[KL][0-9.]+|C[A-Z]|[WRT][0-9.]+|[SU][0-9]+)(?:/|$)", re.ASCII)
_FLIGHT = re.compile(r"[A-Z0-9]{2}[A-Z]?[0-9]{1,4}[A-Z]?", re.ASCII)
_UNUSED = frozenset(
    (
        "ACC",
        "OTH",
        "PPD",
        "COL",
        "CER",
        "ISU",
        "OSI",
        "CDC",
        "REF",
        "COI",
        "SII",
        "ARD",
        "NOM",
        "SRI",
        "OPI",
        "SSR",
        "TXT",
    )
)


@dataclass(slots=True)
class _Reading:
    faults: list[MessageFault] = field(default_factory=list)
    flights: list[str] = field(default_factory=list)
    rotation: list[str] = field(default_factory=list)
    carrier: str | None = None
    draft: Draft = field(default_factory=lambda: Draft(extras={"goods_lines": []}))


def read(data: bytes, limits: Limits) -> CargoMessage:
    """Read a file of one or more FWB messages. Raises MessageError when nothing of a waybill is in it."""
    consignments: list[Consignment] = []
    readings: list[_Reading] = []
    version: str | None = None
    for message in _messages(blocks_of(rows_of(data, KIND, limits), INNER)):
        version = version or (message[0].head.fields or (None,))[0]
        reading = _Reading()
        for block in message[1:]:
            _read_block(block, reading)
        readings.append(reading)
        if len(message) > 1:
            consignments.append(reading.draft.done())
    if not consignments:
        raise MessageError("nothing_read", "the FWB message has no waybill", line=1)
    return CargoMessage(
        KIND,
        version=version,
        transport=_transport(readings[0]),
        consignments=tuple(consignments),
        equipment=tuple(Equipment(number, "ULD") for one in consignments for number in one.equipment),
        flights=tuple(flight for one in readings for flight in one.flights),
        faults=tuple(fault for one in readings for fault in one.faults),
    )


def _messages(blocks: list[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    for block in blocks:
        if block.tag == KIND and part:
            yield part
            part = []
        part.append(block)
    yield part


def _transport(reading: _Reading) -> Transport:
    voyage = reading.flights[0] if reading.flights else None
    return Transport(voyage=voyage, mode=BY_AIR, carrier=reading.carrier, rotation=tuple(reading.rotation))


def _read_block(block: Block, reading: _Reading) -> None:
    draft = reading.draft
    if block.tag in ROLES:
        draft.parties.append(party_of(block))
    elif block.tag in _READERS:
        _READERS[block.tag](block, reading)
    elif block.tag not in _UNUSED:
        reading.faults.extend(not_read(row) for row in (block.head, *block.rows))
    elif block.tag == "SSR":
        texts = (collapse("/".join(row.fields)) for row in (block.head, *block.rows))
        draft.extras.setdefault("services", []).extend(filter(None, texts))


def _read_awb(block: Block, reading: _Reading) -> None:
    found = waybill(block.head.text.removeprefix("AWB/"))
    if found is None:
        reading.faults.append(not_read(block.head))
        return
    bill, rest = found
    draft = reading.draft
    draft.number, draft.load, draft.discharge = bill.number, bill.origin, bill.destination
    if not _take_quota(rest, draft) or bill.origin is None:
        reading.faults.append(bad_value(block.head))


def _take_quota(rest: str, draft: Draft) -> bool:
    much = quota(rest.split("/", maxsplit=1)[0])
    if much is None:
        return False
    draft.part, draft.packages, draft.weight_kg, draft.total = much.part, much.pieces, much.weight_kg, much.total
    return True


def _read_flights(block: Block, reading: _Reading) -> None:
    for row in (block.head, *block.rows):
        found = [one.strip() for one in row.fields if _FLIGHT.fullmatch(one.strip()) and not one.strip().isdigit()]
        reading.flights.extend(found)
        if not found:
            reading.faults.append(bad_value(row))


def _read_routing(block: Block, reading: _Reading) -> None:
    legs = [one.strip() for row in (block.head, *block.rows) for one in row.fields if one.strip()]
    for leg in legs:
        if not re.fullmatch(r"[A-Z]{3}([A-Z0-9]{2,3})?", leg, re.ASCII):
            reading.faults.append(bad_value(block.head))
            continue
        reading.rotation.append(leg[:3])
        reading.carrier = reading.carrier or leg[3:] or None


def _read_value(block: Block, reading: _Reading) -> None:
    if not read_value(block, reading.draft):
        reading.faults.append(bad_value(block.head))


def _read_rates(block: Block, reading: _Reading) -> None:
    last = ""
    for row in (block.head, *block.rows):
        fields = row.fields
        at = next((at for at, one in enumerate(fields) if _DETAIL.fullmatch(one.strip())), None)
        if at is not None:
            last = fields[at].strip()
            _read_detail(last, fields[at + 1 :], row, reading)
        elif row is block.head or _RATE.match(row.text):
            last = "NG"  # the oldest forms have the goods under their rate without saying so
        else:
            numbered = len(fields) > 1 and _LINE.fullmatch(fields[0]) and last in ("NG", "NC")
            _read_detail(last, fields[1:] if numbered else fields, row, reading)


def _read_detail(what: str, fields: tuple[str, ...], row: Row, reading: _Reading) -> None:
    draft = reading.draft
    text = collapse("/".join(fields))
    if text is None:
        return
    if what in ("NG", "NC"):
        draft.texts.append(text)
        draft.extras["goods_lines"].append(text)
    elif what == "NH":
        reading.faults.extend(add_hs([replace(row, fields=fields)], draft.hs))
    elif what == "NU":
        draft.equipment.append(fields[0].replace(" ", "").partition("-")[0])
    elif what == "NO":
        draft.origin_country = fields[0].strip()[:3]
    elif what == "NS":
        draft.extras["slac"] = whole(fields[0])


def _read_handling(block: Block, reading: _Reading) -> None:
    reading.faults.extend(add_codes([block.head, *block.rows], reading.draft.handling))


def _read_hs(block: Block, reading: _Reading) -> None:
    reading.faults.extend(add_hs([block.head, *block.rows], reading.draft.hs))


def _read_uld(block: Block, reading: _Reading) -> None:
    for row in (block.head, *block.rows):
        number = row.fields[0].replace(" ", "").partition("-")[0] if row.fields else ""
        if number:
            reading.draft.equipment.append(number)
        else:
            reading.faults.append(not_read(row))


def _read_customs(block: Block, reading: _Reading) -> None:
    read_customs(block, reading.draft)


def _read_customs_origin(block: Block, reading: _Reading) -> None:
    reading.draft.extras["customs_origin"] = collapse("/".join(block.head.fields))


_READERS: dict[str, Callable[[Block, _Reading], None]] = {
    "AWB": _read_awb,
    "FLT": _read_flights,
    "RTG": _read_routing,
    "CVD": _read_value,
    "RTD": _read_rates,
    "SPH": _read_handling,
    "HTS": _read_hs,
    "ULD": _read_uld,
    "OCI": _read_customs,
    "COR": _read_customs_origin,
}
