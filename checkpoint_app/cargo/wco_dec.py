"""Customs declarations of the WCO Data Model 3.x (DEC), as HMRC's Customs Declaration Service takes them.

``CargoMessage.extras``: ``declaration_type``, ``reference`` (of the trader, LRN), ``items``, ``packages`` as the header
declares them, ``destination`` and ``export_country`` of the header, ``routing`` (countries), ``mrn``.
The one consignment is the goods shipment; ``hs`` are the codes of type TSP, one for each goods item that has one.
"""

from __future__ import annotations

from collections.abc import Iterator

from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.segments import INTERACTIVE, Limits
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Dangerous,
    Equipment,
    Goods,
    MessageError,
    Party,
    Transport,
)
from checkpoint_app.cargo.xml_fields import Reader, total_of, un_number, within_limits
from checkpoint_app.cargo.xml_tree import Element, read_tree

KIND = "WCO-DEC"
_TARIFF = "TSP"
_NOWHERE = Element("", 0)
_ROLES = (
    ("shipper", "consignor"),
    ("consignee", "consignee"),
    ("exporter", "exporter"),
    ("importer", "importer"),
    ("declarant", "declarant"),
    ("agent", "agent"),
    ("carrier", "carrier"),
    ("seller", "seller"),
    ("buyer", "buyer"),
    ("notify", "notifyparty"),
)


def read(data: bytes, limits: Limits = INTERACTIVE) -> CargoMessage:
    """Read a declaration, with or without its metadata around it. Raises MessageError."""
    root = read_tree(within_limits(data, limits))
    declaration = root if root.name == "declaration" else next(root.within("declaration"), None)
    if declaration is None:
        raise MessageError("no_declaration", f"line {root.line}: no declaration is in it", line=root.line)
    reader = Reader()
    shipment = declaration.first("goodsshipment") or _NOWHERE
    equipment = tuple(_equipment(declaration))
    items = reader.count(declaration, "goodsitemquantity")
    consignment = _consignment(reader, declaration, shipment, equipment)
    counted = len(shipment.all("governmentagencygoodsitem"))
    border = declaration.first("bordertransportmeans") or _NOWHERE
    return CargoMessage(
        kind=KIND,
        version=root.words("wcodatamodelversioncode"),
        transport=Transport(
            id=border.words("id"),
            mode=border.words("modecode"),
            carrier=declaration.words("consignment", "carrier", "name")
            or declaration.words("consignment", "carrier", "id"),
        ),
        consignments=(consignment,),
        equipment=equipment,
        declared=items,
        count_matches=None if items is None else items == counted,
        extras={
            "declaration_type": declaration.words("typecode"),
            "reference": declaration.words("functionalreferenceid"),
            "mrn": declaration.words("id"),
            "items": items,
            "packages": consignment.packages,
            "destination": shipment.words("destination", "countrycode"),
            "export_country": shipment.words("exportcountry", "id"),
            "routing": declaration.texts("consignment", "itinerary", "routingcountrycode")
            + shipment.texts("consignment", "itinerary", "routingcountrycode"),
        },
        faults=tuple(reader.faults),
    )


def _consignment(
    reader: Reader, declaration: Element, shipment: Element, equipment: tuple[Equipment, ...]
) -> Consignment:
    items = shipment.all("governmentagencygoodsitem")
    goods = tuple(_goods(reader, item) for item in items)
    weight = reader.weight(declaration, "totalgrossmassmeasure")
    value, currency = _amount(reader, declaration, "invoiceamount")
    return Consignment(
        number=declaration.words("functionalreferenceid"),
        load=shipment.words("consignment", "loadinglocation", "id"),
        discharge=shipment.words("consignment", "unloadinglocation", "id"),
        packages=reader.count(declaration, "totalpackagequantity"),
        weight_kg=total_of([line.weight_kg for line in goods]) if weight is None else weight,
        goods=goods,
        parties=tuple(_parties(declaration, shipment)),
        equipment=tuple(one.number for one in equipment if one.number),
        dangerous=tuple(one for line in goods for one in line.dangerous),
        value=value,
        currency=currency,
        origin_country=_only([line.origin_country for line in goods]),
        destination_country=shipment.words("destination", "countrycode")
        or _only([item.words("destination", "countrycode") for item in items]),
    )


def _only(values: list[str | None]) -> str | None:
    """Return the one value that all lines have; None where they differ or do not say."""
    return values[0] if values and len(set(values)) == 1 else None


def _goods(reader: Reader, item: Element) -> Goods:
    commodity = item.first("commodity") or _NOWHERE
    value, currency = _amount(reader, commodity, "invoiceline", "itemchargeamount")
    if value is None:
        value, currency = _amount(reader, item, "statisticalvalueamount")
    return Goods(
        text=commodity.words("description"),
        hs=tuple(_codes(commodity)),
        packages=total_of([reader.count(one, "quantityquantity") for one in item.all("packaging")]),
        weight_kg=reader.weight(commodity, "goodsmeasure", "grossmassmeasure"),
        value=value,
        currency=currency,
        origin_country=_origin(item),
        dangerous=tuple(_dangerous(commodity)),
    )


def _codes(commodity: Element) -> Iterator[str]:
    for one in commodity.all("classification"):
        code = one.words("id")
        if code and (one.words("identificationtypecode") or _TARIFF).upper() == _TARIFF:
            yield code.replace(".", "").replace(" ", "")


def _origin(item: Element) -> str | None:
    """Return the country of origin: type 1 (not preferential, CDS data element 5/15) before others."""
    origins = item.all("origin")
    first = next((one for one in origins if one.words("typecode") == "1" and one.words("countrycode")), None)
    return first.words("countrycode") if first else item.words("origin", "countrycode")


def _dangerous(commodity: Element) -> Iterator[Dangerous]:
    for one in commodity.all("dangerousgoods"):
        number = one.words("undgid") or one.words("id")
        cls = one.words("hazardclassificationid") or one.words("imdgcodeid")
        if number or cls:
            yield Dangerous(cls=cls, un=un_number(number))


def _amount(reader: Reader, element: Element, *path: str) -> tuple[float | None, str | None]:
    value = reader.number(element, *path)
    found = element.first(*path)
    return value, found.attributes.get("currencyid") if value is not None and found is not None else None


def _equipment(declaration: Element) -> Iterator[Equipment]:
    """Yield each container once: goods items repeat those of the shipment."""
    seen: set[str] = set()
    units = list(declaration.within("transportequipment"))
    speaks = any(unit.all("seal") for unit in units)
    for unit in units:
        number = unit.words("id")
        if number is not None and plain_number(number) in seen:
            continue
        seen.add(plain_number(number or ""))
        yield Equipment(
            number=plain_number(number) if number else None,
            type=unit.words("characteristiccode"),
            full=_full(unit.words("fullnesscode")),
            seals=unit.texts("seal", "id"),
            seals_sent=speaks,
        )


def _full(code: str | None) -> bool | None:
    """Tell whether a container is full: code 5 of UN/EDIFACT 8169; 4 is empty."""
    return {"5": True, "4": False}.get(code or "")


def _parties(declaration: Element, shipment: Element) -> Iterator[Party]:
    places = (shipment, shipment.first("consignment") or _NOWHERE, declaration, declaration.first("consignment"))
    for role, name in _ROLES:
        found = next((one for place in places if place and (one := place.first(name)) and _named(one)), None)
        if found is not None:
            yield Party(
                role=role,
                name=found.words("name"),
                country=found.words("address", "countrycode"),
                city=found.words("address", "cityname"),
                phone=found.words("communication", "id"),
                id=found.words("id"),
            )


def _named(party: Element) -> bool:
    return bool(party.words("name") or party.words("id"))
