"""FHL, the house waybills of one air waybill (IATA Cargo-IMP, versions 2 to 5): one consignment for each HBS line.

Extras of the message: ``master`` ({number, origin, destination, pieces, weight_kg} of MBI). Extras of a consignment:
``slac`` (pieces as the shipper counted), ``manifest_text`` (the short text of HBS where TXT gives a longer one).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checkpoint_app.cargo.cargo_imp import (
    BY_AIR,
    Block,
    Row,
    bad_value,
    blocks_of,
    collapse,
    kilograms,
    not_read,
    quota,
    rows_of,
    waybill,
    whole,
)
from checkpoint_app.cargo.imp_parties import INNER, ROLES, party_of
from checkpoint_app.cargo.imp_waybill import Draft, add_codes, add_hs, read_customs, read_value
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import CargoMessage, Consignment, MessageError, MessageFault, Transport

KIND = "FHL"
_UNUSED = frozenset(["ACC", "OTH", "PPD", "COL", "CER", "ISU", "OSI", "REF", "COR", "SSR"])


@dataclass(slots=True)
class _Reading:
    masters: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    faults: list[MessageFault] = field(default_factory=list)
    version: str | None = None
    draft: Draft = field(default_factory=Draft)


def read(data: bytes, limits: Limits) -> CargoMessage:
    """Read an FHL message. Raises MessageError when it has neither a master nor a house waybill."""
    reading = _Reading()
    for block in blocks_of(rows_of(data, KIND, limits), INNER):
        _read_block(block, reading)
    if not reading.masters and not reading.drafts:
        raise MessageError("nothing_read", "the FHL message has no master and no house waybill", line=1)
    return CargoMessage(
        KIND,
        version=reading.version,
        transport=Transport(mode=BY_AIR),
        consignments=tuple(_done(one) for one in reading.drafts),
        extras={"master": reading.masters[0]} if reading.masters else {},
        faults=tuple(reading.faults),
    )


def _done(draft: Draft) -> Consignment:
    if not draft.texts and (text := draft.extras.pop("manifest_text", None)):
        draft.texts.append(text)
    return draft.done()


def _read_block(block: Block, reading: _Reading) -> None:
    if block.tag == KIND:
        reading.version = reading.version or (block.head.fields or (None,))[0]
        reading.faults.extend(not_read(row) for row in block.rows)
    elif block.tag not in ("MBI", "HBS") and not reading.drafts:
        reading.faults.extend(not_read(row) for row in (block.head, *block.rows))
    elif block.tag in ROLES:
        reading.draft.parties.append(party_of(block))
    elif block.tag in _READERS:
        _READERS[block.tag](block, reading)
    elif block.tag not in _UNUSED:
        reading.faults.extend(not_read(row) for row in (block.head, *block.rows))


def _read_master(block: Block, reading: _Reading) -> None:
    found = waybill("/".join(block.head.fields))
    if found is None:
        reading.faults.append(not_read(block.head))
        return
    bill, rest = found
    much = quota(rest.split("/")[0])
    if (much is None and rest.strip()) or bill.origin is None:
        reading.faults.append(bad_value(block.head))
    reading.masters.append(
        {
            "number": bill.number,
            "origin": bill.origin,
            "destination": bill.destination,
            "pieces": much.pieces if much else None,
            "weight_kg": much.weight_kg if much else None,
        }
    )


def _read_house(block: Block, reading: _Reading) -> None:
    head = block.head
    number, places, pieces, weight, *rest = (*head.fields, "", "", "", "")
    rest = list(head.fields[4:])
    draft = Draft(number=collapse(number), packages=whole(pieces), weight_kg=kilograms(weight))
    draft.master = reading.masters[-1]["number"] if reading.masters else None
    if re.fullmatch(r"[A-Z]{6}", places.strip(), re.ASCII):
        draft.load, draft.discharge = places.strip()[:3], places.strip()[3:]
    if None in (draft.number, draft.load, draft.packages, draft.weight_kg):
        reading.faults.append(bad_value(head))
    if rest and (not rest[0].strip() or whole(rest[0]) is not None):
        draft.extras["slac"] = whole(rest.pop(0))
    draft.extras["manifest_text"] = collapse("/".join(rest))
    reading.faults.extend(add_codes(block.rows, draft.handling))
    reading.drafts.append(draft)
    reading.draft = draft


def _read_text(block: Block, reading: _Reading) -> None:
    texts = (collapse("/".join(row.fields)) for row in (block.head, *block.rows))
    reading.draft.texts.extend(filter(None, texts))


def _rows(block: Block) -> list[Row]:
    return [block.head, *block.rows]


def _read_hs(block: Block, reading: _Reading) -> None:
    reading.faults.extend(add_hs(_rows(block), reading.draft.hs))


def _read_handling(block: Block, reading: _Reading) -> None:
    reading.faults.extend(add_codes(_rows(block), reading.draft.handling))


def _read_value(block: Block, reading: _Reading) -> None:
    if not read_value(block, reading.draft):
        reading.faults.append(bad_value(block.head))


def _read_customs(block: Block, reading: _Reading) -> None:
    read_customs(block, reading.draft)


_READERS: dict[str, Callable[[Block, _Reading], None]] = {
    "MBI": _read_master,
    "HBS": _read_house,
    "TXT": _read_text,
    "HTS": _read_hs,
    "SPH": _read_handling,
    "CVD": _read_value,
    "OCI": _read_customs,
}
