"""Air waybills in XML: XFWB and XFZB of IATA Cargo-XML (Cargo-XML Manual and Toolkit; waybill and house waybill 3.00).

``CargoMessage.extras`` of an XFZB: ``master`` = {number, origin, destination, pieces, weight_kg}.
``Consignment.extras``: ``goods`` (the summary that the message gives, else the text of all its lines), ``osi`` (texts).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkpoint_app.cargo.segments import INTERACTIVE, Limits
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, Goods, MessageError, Party, Transport
from checkpoint_app.cargo.xml_fields import Reader, total_of, within_limits
from checkpoint_app.cargo.xml_tree import Element, read_tree

_AIR = "4"
_KINDS = {"waybill": "XFWB", "housewaybill": "XFZB"}
_ROLES = {
    "consignorparty": "shipper",
    "consigneeparty": "consignee",
    "freightforwarderparty": "agent",
    "associatedparty": "notify",
}
_ADDRESSES = ("postalstructuredaddress", "freightforwarderaddress")
_ITEMS = ("includedmasterconsignmentitem", "includedhouseconsignmentitem")
_UNIT_LOADS = ("associatedunitloadtransportequipment", "utilizedunitloadtransportequipment")
_AMOUNTS = ("declaredvalueforcustomsamount", "declaredvalueforcarriageamount")


def read(data: bytes, limits: Limits = INTERACTIVE) -> CargoMessage:
    """Read an XFWB or XFZB. Raises MessageError; a value that can't be read becomes a fault."""
    root = read_tree(within_limits(data, limits))
    kind = _KINDS.get(root.name)
    master = root.first("masterconsignment")
    if kind is None or master is None:
        raise MessageError("no_waybill", f"line {root.line}: no air waybill is in it", line=root.line)
    reader = Reader()
    header = root.words("businessheaderdocument", "id")
    if kind == "XFWB":
        consignments = [_consignment(reader, master, header, None)]
        extras: dict[str, Any] = {}
    else:
        number = master.words("transportcontractdocument", "id")
        houses = master.all("includedhouseconsignment")
        consignments = [
            _consignment(reader, house, house.words("id") or (header if len(houses) == 1 else None), number)
            for house in houses
        ]
        extras = {"master": _master(reader, master, number)}
    movements = [one for one in root.within("specifiedlogisticstransportmovement") if one.words("id")]
    flights = tuple(dict.fromkeys(one.words("id") or "" for one in movements))
    return CargoMessage(
        kind=kind,
        version=root.words("messageheaderdocument", "versionid"),
        transport=Transport(
            voyage=flights[0] if flights else None,
            mode=next((mode for one in movements if (mode := one.words("modecode"))), _AIR),
            carrier=next(
                (name for one in movements if (name := one.words("usedlogisticstransportmeans", "name"))), None
            ),
            arrives=_time(movements[-1], "arrivalevent") if movements else None,
        ),
        consignments=tuple(consignments),
        equipment=tuple(_unit_loads(root)),
        flights=flights,
        extras=extras,
        faults=tuple(reader.faults),
    )


def _master(reader: Reader, master: Element, number: str | None) -> dict[str, Any]:
    return {
        "number": number,
        "origin": master.words("originlocation", "id"),
        "destination": master.words("finaldestinationlocation", "id"),
        "pieces": reader.count(master, "totalpiecequantity"),
        "weight_kg": reader.weight(master, "includedtaregrossweightmeasure"),
    }


def _consignment(reader: Reader, element: Element, number: str | None, master: str | None) -> Consignment:
    goods = tuple(_goods(reader, item) for item in _items(element))
    texts = list(dict.fromkeys(line.text for line in goods if line.text))
    destination = element.words("finaldestinationlocation", "id")
    loads = tuple(_unit_load(one) for one in _within(element, _UNIT_LOADS))
    value, currency = _declared(reader, element)
    packages = reader.count(element, "totalpiecequantity")
    weight = reader.weight(element, "includedtaregrossweightmeasure")
    return Consignment(
        number=number,
        master=master,
        load=element.words("originlocation", "id"),
        discharge=destination,
        transshipments=_stops(element, destination),
        packages=total_of([line.packages for line in goods]) if packages is None else packages,
        weight_kg=total_of([line.weight_kg for line in goods]) if weight is None else weight,
        goods=goods,
        parties=tuple(_parties(element)),
        equipment=tuple(load for load in loads if load),
        handling=element.texts("handlingsphinstructions", "descriptioncode"),
        uld=loads[0] if len(loads) == 1 else None,
        value=value,
        currency=currency,
        extras={
            "goods": element.words("summarydescription") or " ".join(texts) or None,
            "osi": element.texts("handlingosiinstructions", "description"),
        },
    )


def _items(element: Element) -> list[Element]:
    return list(_within(element, _ITEMS))


def _within(element: Element, names: tuple[str, ...]) -> Iterator[Element]:
    for name in names:
        yield from element.within(name)


def _goods(reader: Reader, item: Element) -> Goods:
    texts = item.texts("natureidentificationtransportcargo", "identification")
    return Goods(
        text=" ".join(texts) or None,
        hs=tuple(code.replace(".", "") for code in item.texts("typecode")),
        packages=reader.count(item, "piecequantity"),
        weight_kg=reader.weight(item, "grossweightmeasure"),
        origin_country=item.words("origincountry", "id"),
    )


def _declared(reader: Reader, element: Element) -> tuple[float | None, str | None]:
    for name in _AMOUNTS:
        value = reader.number(element, name)
        if value is not None:
            found = element.first(name)
            return value, found.attributes.get("currencyid") if found else None
    return None, None


def _parties(element: Element) -> Iterator[Party]:
    for child in element.children:
        role = _ROLES.get(child.name)
        if role is None:
            continue
        address = next((one for name in _ADDRESSES if (one := child.first(name))), Element("", 0))
        name = child.words("name")
        identity = child.words("accountid") or child.words("primaryid") or child.words("cargoagentid")
        if name or identity:
            yield Party(
                role=role,
                name=name,
                country=address.words("countryid"),
                city=address.words("cityname"),
                phone=child.words("definedtradecontact", "directtelephonecommunication", "completenumber"),
                id=identity,
            )


def _stops(element: Element, destination: str | None) -> tuple[str, ...]:
    """Return where the goods change or stand over: arrivals that are not their destination."""
    path = ("specifiedlogisticstransportmovement", "arrivalevent", "occurrencearrivallocation", "id")
    return tuple(dict.fromkeys(stop for stop in element.texts(*path) if stop != destination))


def _time(movement: Element, event: str) -> str | None:
    """Return when an event is planned, as local time to the minute."""
    text = movement.words(event, "scheduledoccurrencedatetime") or movement.words(event, "arrivaldatetime")
    return text[:16] if text and len(text) >= 16 else text


def _unit_loads(root: Element) -> Iterator[Equipment]:
    for one in _within(root, _UNIT_LOADS):
        seals = one.texts("affixedlogisticsseal", "id")
        yield Equipment(
            number=_unit_load(one),
            kind="ULD",
            type=one.words("characteristiccode"),
            seals=seals,
            seals_sent=bool(seals),
        )


def _unit_load(element: Element) -> str | None:
    """Return a ULD's number: type, serial number, owner (IATA ULD Regulations: ``PMC1337XX``), as sent."""
    serial = element.words("id") or ""
    kind = element.words("characteristiccode") or ""
    owner = element.words("operatingparty", "primaryid") or ""
    if serial.startswith(kind) and len(serial) > len(kind) + 3:
        kind = ""
    if serial.endswith(owner) and kind == "":
        owner = ""
    return kind + serial + owner or None
