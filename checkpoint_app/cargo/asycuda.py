"""Single administrative documents as ASYCUDA World exports them in XML (UNCTAD; root ``ASYCUDA``).

``<null/>`` inside an element says that it is empty; dates are month/day/year; names of elements change their capitals
from country to country. ``CargoMessage.extras``: ``declaration_type``, ``office``, ``registration`` (serial letter and
number), ``registered`` (date), ``export_country``, ``destination``, ``items`` and ``packages`` (as declared),
``manifest``.
"""

from __future__ import annotations

from collections.abc import Iterator

from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.segments import INTERACTIVE, Limits
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, Goods, MessageError, Party, Transport
from checkpoint_app.cargo.xml_fields import Reader, full_of, total_of, within_limits
from checkpoint_app.cargo.xml_tree import Element, read_tree

KIND = "ASYCUDA-SAD"
_NOWHERE = Element("", 0)
_CODE_PARTS = ("commodity_code", "precision_1")


def read(data: bytes, limits: Limits = INTERACTIVE) -> CargoMessage:
    """Read an exported declaration. Raises MessageError; a value that can't be read becomes a fault."""
    root = read_tree(within_limits(data, limits))
    sad = root if root.name == "asycuda" else next(root.within("asycuda"), None)
    if sad is None:
        raise MessageError("no_declaration", f"line {root.line}: no ASYCUDA declaration is in it", line=root.line)
    reader = Reader()
    identification = sad.first("identification") or _NOWHERE
    country = sad.first("general_information", "country") or _NOWHERE
    equipment = tuple(_equipment(reader, sad))
    items = reader.count(sad, "property", "nbers", "total_number_of_items")
    counted = len(sad.all("item"))
    consignment = _consignment(reader, sad, country, equipment)
    return CargoMessage(
        kind=KIND,
        transport=_transport(sad),
        consignments=(consignment,),
        equipment=equipment,
        declared=items,
        count_matches=items == counted if items is not None and counted else None,
        extras={
            "declaration_type": identification.words("type", "type_of_declaration"),
            "office": identification.words("office_segment", "customs_clearance_office_code"),
            "registration": _registration(identification),
            "registered": reader.day(identification, "registration", "date"),
            "export_country": country.words("export", "export_country_code"),
            "destination": country.words("destination", "destination_country_code"),
            "items": items,
            "packages": consignment.packages,
            "manifest": identification.words("manifest_reference_number"),
        },
        faults=tuple(reader.faults),
    )


def _registration(identification: Element) -> str | None:
    """Return serial letter and number, as box A of the document shows them: ``C 8879``."""
    serial = identification.words("registration", "serial_number")
    number = identification.words("registration", "number")
    return " ".join(part for part in (serial, number) if part) or None


def _transport(sad: Element) -> Transport:
    means = sad.first("transport", "means_of_transport") or _NOWHERE
    return Transport(
        id=means.words("border_information", "identity"),
        name=means.words("departure_arrival_information", "identity"),
        mode=means.words("border_information", "mode"),
    )


def _consignment(reader: Reader, sad: Element, country: Element, equipment: tuple[Equipment, ...]) -> Consignment:
    goods = tuple(_goods(reader, item) for item in sad.all("item"))
    weight = reader.weight(sad, "valuation", "total", "total_weight")
    if weight is None:
        weight = reader.weight(sad, "valuation", "weight", "gross_weight")
    origins = {line.origin_country for line in goods}
    invoice = sad.first("valuation", "gs_invoice") or _NOWHERE
    return Consignment(
        number=sad.words("declarant", "reference", "number"),
        load=sad.words("transport", "place_of_loading", "code"),
        packages=reader.count(sad, "property", "nbers", "total_number_of_packages"),
        weight_kg=total_of([line.weight_kg for line in goods]) if weight is None else weight,
        goods=goods,
        parties=tuple(_parties(sad)),
        equipment=tuple(one.number for one in equipment if one.number),
        value=reader.number(invoice, "amount_foreign_currency"),
        currency=invoice.words("currency_code"),
        origin_country=origins.pop() if len(origins) == 1 else None,
        destination_country=country.words("destination", "destination_country_code"),
    )


def _parties(sad: Element) -> Iterator[Party]:
    for role, place, key in (
        ("shipper", sad.first("traders", "exporter"), "exporter"),
        ("consignee", sad.first("traders", "consignee"), "consignee"),
        ("financial", sad.first("traders", "financial"), "financial"),
        ("declarant", sad.first("declarant"), "declarant"),
    ):
        name = place.words(f"{key}_name") if place else None
        code = place.words(f"{key}_code") if place else None
        if name or code:
            yield Party(role, name=name, id=code)


def _goods(reader: Reader, item: Element) -> Goods:
    description = item.first("goods_description") or _NOWHERE
    code = "".join(item.words("tarification", "hscode", part) or "" for part in _CODE_PARTS)
    invoice = item.first("valuation_item", "item_invoice") or _NOWHERE
    return Goods(
        text=description.words("commercial_description") or description.words("description_of_goods"),
        hs=(code.replace(".", ""),) if code else (),
        packages=reader.count(item, "packages", "number_of_packages"),
        weight_kg=reader.weight(item, "valuation_item", "weight_itm", "gross_weight_itm"),
        value=reader.number(invoice, "amount_foreign_currency"),
        currency=invoice.words("currency_code"),
        origin_country=description.words("country_of_origin_code"),
    )


def _equipment(reader: Reader, sad: Element) -> Iterator[Equipment]:
    for one in sad.all("container"):
        number = one.words("container_identity") or one.words("container_number")
        if number:
            yield Equipment(
                number=plain_number(number),
                type=one.words("container_type"),
                full=full_of(one.words("empty_full_indicator")),
                weight_kg=reader.weight(one, "gross_weight"),
            )
