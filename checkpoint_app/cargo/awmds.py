"""Manifests of ASYCUDA World: AWMDS, the ASYCUDA World Manifest Data Stream (UNCTAD; root ``Awmds``).

One General_segment, then one Bol_segment a bill of lading, each with its containers and goods.
``CargoMessage.extras``: ``office``, ``arrives`` and ``departs`` (dates), ``from``, ``to``, ``totals`` as declared:
{consignments, packages, equipment, weight_kg}, ``totals_match``. ``Consignment.extras``: ``nature`` of the bill (22
export, 23 import, 24 transit, 28 transshipment), ``line``, ``type``, ``goods`` (the text of all goods).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, BinaryIO

from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.segments import INTERACTIVE, Limits
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Dangerous,
    Equipment,
    Goods,
    MessageError,
    MessageFault,
    Party,
    Transport,
)
from checkpoint_app.cargo.xml_fields import Reader, full_of, total_of, un_number, within_limits
from checkpoint_app.cargo.xml_tree import Element, stream_tree

KIND = "AWMDS"
TRANSIT, TRANSSHIPMENT = "24", "28"
_NOWHERE = Element("", 0)
_GRAMS = 1000
_MOST_NUMBERS = 200_000
"""Containers that are told apart; of more, each mention counts."""
_ROLES = (
    ("shipper", "exporter"),
    ("consignee", "consignee"),
    ("notify", "notify"),
    ("carrier", "carrier"),
    ("agent", "shipping_agent"),
)
_SEALS = ("marks1", "marks2", "marks3", "seal_number", "sealing_party")
_SEAL_NUMBERS = _SEALS[:-1]

Part = Consignment | Equipment | MessageFault | CargoMessage
"""What a stream yields: as it goes bills, containers and faults, and at the end the message without them."""


def read(data: bytes, limits: Limits = INTERACTIVE) -> CargoMessage:
    """Read a manifest whole. Raises MessageError; a value that can't be read becomes a fault."""
    consignments: list[Consignment] = []
    equipment: list[Equipment] = []
    faults: list[MessageFault] = []
    message = CargoMessage(KIND)
    for part in stream(BytesIO(within_limits(data, limits)), limits):
        match part:
            case Consignment():
                consignments.append(part)
            case Equipment():
                equipment.append(part)
            case MessageFault():
                faults.append(part)
            case CargoMessage():
                message = part
    speaks = any(one.seals_sent for one in equipment)
    return replace(
        message,
        consignments=tuple(consignments),
        equipment=tuple(replace(one, seals_sent=speaks) for one in equipment),
        faults=tuple(faults),
    )


def stream(source: BinaryIO, limits: Limits) -> Iterator[Part]:
    """Yield what a manifest holds, bill by bill, and last the message itself. Raises MessageError."""
    tree = stream_tree(source, limits.bytes)
    root = next(tree, _NOWHERE)
    if root.name != "awmds":
        raise MessageError("no_manifest", f"line {root.line}: no AWMDS manifest is in it", line=root.line)
    general, counted, reader = _NOWHERE, _Counted(), Reader()
    for segment in tree:
        if segment.name == "general_segment":
            general = segment
        elif segment.name == "bol_segment":
            yield from _bill(reader, segment, general, counted)
        else:
            reader.fault("not_read", segment)
        yield from reader.taken()
    message = _message(reader, general, counted)
    yield from reader.taken()
    yield message


@dataclass(slots=True)
class _Counted:
    """What was found so far. Grams, since a million weights as fractions do not add up to what was declared."""

    consignments: int = 0
    packages: int = 0
    equipment: int = 0
    grams: int = 0
    numbers: set[str] = field(default_factory=set)


def _bill(reader: Reader, segment: Element, general: Element, counted: _Counted) -> Iterator[Part]:
    units = [_equipment(reader, unit) for unit in segment.all("ctn_segment")]
    bill = _consignment(reader, segment, general, units)
    counted.consignments += 1
    counted.packages += bill.packages or 0
    counted.equipment += len(units)
    counted.grams += round((bill.weight_kg or 0) * _GRAMS)
    if len(counted.numbers) < _MOST_NUMBERS:
        counted.numbers.update(one.number for one in units if one.number)
    yield from units
    yield bill


def _consignment(reader: Reader, segment: Element, general: Element, units: list[Equipment]) -> Consignment:
    goods = tuple(_goods(reader, one) for one in segment.all("goods_segment"))
    places = segment.first("load_unload_place") or _NOWHERE
    nature = segment.words("bol_id", "bol_nature") or segment.words("bol_id", "nature")
    discharge = places.words("place_of_unloading_code") or places.words("port_of_destination_code")
    port = general.words("load_unload_place", "place_of_destination_code")
    value, currency = _value(reader, segment)
    return Consignment(
        number=segment.words("bol_id", "bol_reference"),
        master=segment.words("bol_id", "master_bol_ref_number") or segment.words("master_bol_ref_number"),
        load=places.words("place_of_loading_code") or places.words("port_of_origin_code"),
        discharge=discharge,
        transshipments=(port,) if port and nature in (TRANSIT, TRANSSHIPMENT) and port != discharge else (),
        packages=total_of([line.packages for line in goods]),
        weight_kg=total_of([line.weight_kg for line in goods]),
        goods=goods,
        parties=tuple(_parties(segment.first("traders_segment") or _NOWHERE)),
        equipment=tuple(one.number for one in units if one.number),
        dangerous=tuple(one for unit in units for one in unit.dangerous),
        value=value,
        currency=currency,
        extras={
            "nature": nature,
            "line": segment.words("bol_id", "line_number"),
            "type": segment.words("bol_id", "bol_type_code"),
            "goods": " ".join(line.text for line in goods if line.text) or None,
        },
    )


def _goods(reader: Reader, segment: Element) -> Goods:
    codes = [one.words("commodity_code") for one in (segment, *segment.within("commodity_segment"))]
    return Goods(
        text=segment.words("goods_description"),
        hs=tuple(code.replace(".", "") for code in codes if code),
        packages=reader.count(segment, "number_of_packages"),
        weight_kg=reader.weight(segment, "gross_mass"),
    )


def _value(reader: Reader, segment: Element) -> tuple[float | None, str | None]:
    values = segment.first("value_segment") or segment.first("goods_segment", "value_segment") or _NOWHERE
    customs = values.first("customs_segment") or values
    return reader.number(customs, "customs_value"), customs.words("customs_currency")


def _parties(traders: Element) -> Iterator[Party]:
    for role, key in _ROLES:
        for one in traders.all(key):
            name, code = one.words(f"{key}_name"), one.words(f"{key}_code")
            if name or code:
                yield Party(role, name=name, id=code, country=one.words(f"{key}_country_code"))


def _equipment(reader: Reader, segment: Element) -> Equipment:
    number = segment.words("ctn_reference")
    cls, un = segment.words("imco"), un_number(segment.words("un"))
    hazard = cls not in (None, "0") or un is not None
    return Equipment(
        number=plain_number(number) if number else None,
        type=segment.words("type_of_container"),
        full=full_of(segment.words("empty_full") or segment.words("status")),
        weight_kg=reader.weight(segment, "gross_weight"),
        slot=segment.words("ctn_location"),
        seals=tuple(seal for name in _SEAL_NUMBERS for seal in segment.texts(name)),
        seals_sent=any(segment.all(name) for name in _SEALS),
        dangerous=(Dangerous(cls if cls != "0" else None, un),) if hazard else (),
    )


def _message(reader: Reader, general: Element, counted: _Counted) -> CargoMessage:
    head = general.first("general_segment_id") or _NOWHERE
    means = general.first("transport_information") or _NOWHERE
    arrives = reader.day(head, "date_of_arrival")
    totals = _totals(reader, general.first("totals_segment") or _NOWHERE)
    matches = _match(totals, counted)
    return CargoMessage(
        kind=KIND,
        transport=Transport(
            voyage=head.words("voyage_number"),
            id=means.words("registration_number_of_transport_code"),
            name=means.words("identity_of_transporter"),
            mode=means.words("mode_of_transport_code"),
            carrier=means.words("carrier", "carrier_name") or means.words("carrier", "carrier_code"),
            arrives=arrives,
            rotation=general.texts("load_unload_place", "place_of_departure_code")
            + general.texts("load_unload_place", "place_of_destination_code"),
        ),
        declared=totals["consignments"],
        count_matches=matches,
        extras={
            "office": head.words("customs_office_code"),
            "departs": reader.day(head, "date_of_departure"),
            "arrives": arrives,
            "from": general.words("load_unload_place", "place_of_departure_code"),
            "to": general.words("load_unload_place", "place_of_destination_code"),
            "totals": totals,
            "totals_match": matches,
        },
    )


def _totals(reader: Reader, segment: Element) -> dict[str, Any]:
    return {
        "consignments": reader.count(segment, "total_number_of_bols"),
        "packages": reader.count(segment, "total_number_of_packages"),
        "equipment": reader.count(segment, "total_number_of_containers"),
        "weight_kg": reader.weight(segment, "total_gross_mass"),
    }


def _match(totals: dict[str, Any], counted: _Counted) -> bool | None:
    """Compare what was declared with what was found; None where nothing was declared.

    A container on several bills may have been counted once or with each. A weight may differ by a gram a bill, for
    each was rounded.
    """
    found: dict[str, set[int]] = {
        "consignments": {counted.consignments},
        "packages": {counted.packages},
        "equipment": {counted.equipment, len(counted.numbers) if len(counted.numbers) < _MOST_NUMBERS else -1},
    }
    declared = {name: value for name, value in totals.items() if value is not None}
    if not declared:
        return None
    off = abs(round(declared.pop("weight_kg", counted.grams / _GRAMS) * _GRAMS) - counted.grams)
    return off <= max(1, counted.consignments) and all(value in found[name] for name, value in declared.items())
