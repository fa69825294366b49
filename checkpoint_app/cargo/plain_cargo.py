"""Cargo messages as the plain mappings that `checkpoint cargo read --json` prints: one contract, a form for each kind.

Absent values are None. Weights are kilograms. ``faults`` name what could not be read: [{code, where, tag}].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checkpoint_app.cargo.values import CargoMessage, Consignment, Dangerous, Equipment, MessageFault

Plain = dict[str, Any]


def plain_message(message: CargoMessage) -> Plain:
    """Return a whole message in the form of its kind."""
    plain = plain_head(message)
    if message.kind not in _ONE_OF_A_KIND:
        plain["consignments"] = [plain_consignment(message.kind, one) for one in message.consignments]
        plain["equipment"] = [plain_equipment(message.kind, one) for one in message.equipment]
    plain["faults"] = [plain_fault(fault) for fault in message.faults]
    return plain


def plain_head(message: CargoMessage) -> Plain:
    """Return what a message says as a whole, without its consignments, equipment and faults."""
    return _HEADS.get(message.kind, _edifact)(message)


def plain_consignment(kind: str, consignment: Consignment) -> Plain:
    """Return one consignment in the form that messages of this kind have."""
    return _CONSIGNMENTS.get(kind, _by_sea)(consignment)


def plain_equipment(kind: str, equipment: Equipment) -> Plain:
    """Return one container, trailer or ULD in the form that messages of this kind have."""
    if equipment.kind == "ULD":
        return {"kind": "ULD", "number": equipment.number}
    if kind in _ONE_OF_A_KIND:
        return _declared_equipment(equipment)
    return {
        "kind": equipment.kind,
        "number": equipment.number,
        "type": equipment.type,
        "full": equipment.full,
        "check_digit_ok": equipment.check_digit_ok,
        "weight_kg": equipment.weight_kg,
        "load": equipment.load,
        "discharge": equipment.discharge,
        "slot": equipment.slot,
        "seals": list(equipment.seals),
        "dangerous": [_dangerous(one) for one in equipment.dangerous],
    }


def plain_fault(fault: MessageFault) -> Plain:
    """Return one fault."""
    return {"code": fault.code, "where": fault.where, "tag": fault.tag}


# -- messages ---------------------------------------------------------------------------------------------------------


def _edifact(message: CargoMessage) -> Plain:
    carried = message.transport
    return {
        "kind": message.kind,
        "version": message.version,
        "transport": {"voyage": carried.voyage, "id": carried.id, "name": carried.name},
        "declared_count": message.declared,
        "count_matches": message.count_matches,
    }


def _air(message: CargoMessage) -> Plain:
    extras = message.extras
    return {
        "kind": message.kind,
        "version": message.version,
        "flights": list(message.flights),
        **{name: extras[name] for name in ("from", "to", "flight_date", "master") if name in extras},
    }


def _wco(message: CargoMessage) -> Plain:
    extras = message.extras
    return {
        "kind": message.kind,
        "declaration_type": extras.get("declaration_type"),
        "reference": extras.get("reference"),
        "items": extras.get("items"),
        "packages": extras.get("packages"),
        "transport": {"id": message.transport.id, "mode": message.transport.mode},
        "consignee": _name(message, "consignee"),
        "destination": extras.get("destination"),
        "export_country": extras.get("export_country"),
        **_declared(message),
    }


def _sad(message: CargoMessage) -> Plain:
    extras, consignment = message.extras, _first(message)
    return {
        "kind": message.kind,
        "declaration_type": extras.get("declaration_type"),
        "office": extras.get("office"),
        "registration": extras.get("registration"),
        "registered": extras.get("registered"),
        "exporter": _name(message, "shipper"),
        "consignee": _name(message, "consignee"),
        "declarant": _name(message, "declarant"),
        "export_country": extras.get("export_country"),
        "destination": extras.get("destination"),
        "packages": extras.get("packages"),
        "items": extras.get("items"),
        "weight_kg": consignment.weight_kg,
        "load": consignment.load,
        "manifest": extras.get("manifest"),
        **_declared(message),
    }


def _manifest(message: CargoMessage) -> Plain:
    extras, carried = message.extras, message.transport
    return {
        "kind": message.kind,
        "office": extras.get("office"),
        "transport": {
            "voyage": carried.voyage,
            "id": carried.id,
            "name": carried.name,
            "mode": carried.mode,
            "carrier": carried.carrier,
        },
        "departs": extras.get("departs"),
        "arrives": extras.get("arrives"),
        "totals": extras.get("totals"),
        "totals_match": extras.get("totals_match"),
    }


def _declared(message: CargoMessage) -> Plain:
    """Return the goods and containers of a message that is one declaration."""
    goods = _first(message).goods
    return {
        "goods": [line.text for line in goods if line.text],
        "hs": [code for line in goods for code in line.hs],
        "equipment": [plain_equipment(message.kind, one) for one in message.equipment],
    }


def _first(message: CargoMessage) -> Consignment:
    return message.consignments[0] if message.consignments else Consignment()


def _name(message: CargoMessage, role: str) -> str | None:
    party = _first(message).party(role)
    return party.name if party else None


# -- consignments -----------------------------------------------------------------------------------------------------


def _by_sea(one: Consignment) -> Plain:
    return {
        "number": one.number,
        "load": one.load,
        "discharge": one.discharge,
        "packages": one.packages,
        "weight_kg": one.weight_kg,
        "goods": _text(one),
        "shipper": _party(one, "shipper")[0],
        "consignee": _party(one, "consignee")[0],
        "hs": _codes(one),
        "equipment": list(one.equipment),
        "dangerous": [_dangerous(danger) for danger in one.dangerous],
    }


def _by_air(one: Consignment) -> Plain:
    shipper, shipper_country = _party(one, "shipper")
    consignee, consignee_country = _party(one, "consignee")
    return {
        "number": one.number,
        "master": one.master,
        "origin": one.load,
        "destination": one.discharge,
        "part": one.part,
        "pieces": one.packages,
        "total_pieces": one.total_packages,
        "weight_kg": one.weight_kg,
        "shipper": shipper,
        "shipper_country": shipper_country,
        "consignee": consignee,
        "consignee_country": consignee_country,
        "goods": _text(one),
        **{name: list(one.extras[name]) for name in ("goods_lines",) if name in one.extras},
        "handling": list(one.handling),
        "hs": _codes(one),
        "uld": one.uld,
    }


def _on_manifest(one: Consignment) -> Plain:
    return {**_by_sea(one), "nature": one.extras.get("nature"), "master": one.master}


def _declared_equipment(one: Equipment) -> Plain:
    return {"number": one.number, "check_digit_ok": one.check_digit_ok, "seals": list(one.seals)}


def _text(one: Consignment) -> str | None:
    """Return the text of the goods: what the message gives as a whole, else its lines together."""
    return one.extras.get("goods") or " ".join(line.text for line in one.goods if line.text) or None


def _codes(one: Consignment) -> list[str]:
    return [code for line in one.goods for code in line.hs]


def _party(one: Consignment, role: str) -> tuple[str | None, str | None]:
    party = one.party(role)
    return (party.name, party.country) if party else (None, None)


def _dangerous(danger: Dangerous) -> Plain:
    return {"class": danger.cls, "un": danger.un}


_ONE_OF_A_KIND = ("WCO-DEC", "ASYCUDA-SAD")
_BY_AIR = ("XFWB", "XFZB", "FWB", "FHL", "FFM")
_HEADS: dict[str, Callable[[CargoMessage], Plain]] = {
    "WCO-DEC": _wco,
    "ASYCUDA-SAD": _sad,
    "AWMDS": _manifest,
    **dict.fromkeys(_BY_AIR, _air),
}
_CONSIGNMENTS: dict[str, Callable[[Consignment], Plain]] = {"AWMDS": _on_manifest, **dict.fromkeys(_BY_AIR, _by_air)}
