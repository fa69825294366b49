"""The fields of a consignment (``consignment/1``, ``/2``): its message, what was seen of it, what is kept of before.

A field that was not sent is absent, never "no" and never none of it: a rule that reads it "could not be evaluated". A
list of which one part is missing is absent as a whole: of half a list nobody can say that something is not on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from checkpoint_app.cargo.comparing import plain_state
from checkpoint_app.cargo.values import CargoMessage, Consignment, Dangerous, Equipment, Goods, Party
from checkpoint_app.risk.known import all_or_none, only_known, text_of
from checkpoint_app.verdict import Finding, Mode

_AIR = frozenset({"FWB", "FHL", "FFM", "XFWB", "XFZB", "XFHL", "XFFM"})
_SEA = frozenset({"BAPLIE"})
_DECLARES_DANGEROUS = frozenset({"CUSCAR", "COPRAR", "COARRI", "BAPLIE"})
"""Kinds that have a place for dangerous goods (segment DGS): what they don't declare there is not declared."""
_MODES = {"1": Mode.SEA, "2": Mode.LAND, "3": Mode.LAND, "4": Mode.AIR}
"""UN/ECE Recommendation 19: maritime, rail, road, air."""
_FULL_MANIFESTS = frozenset({"CUSCAR", "AWMDS"})
"""Kinds that name all ports of a voyage."""
_HOUSES = frozenset({"message.house_pieces", "message.house_weight"})
_ROAD = "3"
_DOLLAR = "USD"
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody at the lane saw of a consignment: what it weighed, in kilograms; seals by equipment's number."""

    weight_kg: float | None = None
    seals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NOT_SEEN = Seen()
NOTHING: Mapping[str, object] = {}


def consignment_fields(
    message: CargoMessage,
    consignment: Consignment,
    history: Mapping[str, object] = NOTHING,
    seen: Seen = NOT_SEEN,
    mode: Mode | None = None,
    findings: Collection[Finding] | None = None,
) -> dict[str, object]:
    """Return the fields that are known of one consignment of ``message``.

    ``history`` are further fields, of whoever keeps a journal (``hist.*``, ``link.*``, ``shipper.known`` …); what is
    made here goes before. ``mode`` is how it comes here, where the message does not say. ``findings`` are those of
    ``cargo.crosschecks``; None where nobody made them.
    """
    equipment = equipment_of(message, consignment)
    made = only_known(
        {
            "cargo.mode": _mode(message, mode),
            **_goods(consignment),
            **_parties(consignment),
            **_equipment(equipment),
            **_dangerous(message, consignment, equipment),
            "weigh.delta_pct": _delta(consignment, equipment, seen),
            "seals.differ": _seals_differ(equipment, seen),
            "cargo.transport_id": text_of(message.transport.id),
            "vehicle.plate": text_of(message.transport.id) if message.transport.mode == _ROAD else None,
            "cargo.counts_match": message.count_matches,
            **(_crosschecked(message, consignment, {one.code for one in findings}) if findings is not None else {}),
        }
    )
    return {**only_known(history), **made}


def equipment_of(message: CargoMessage, consignment: Consignment) -> tuple[Equipment, ...]:
    """Return the equipment that a consignment names, in its order; what the message tells no more of has a number only.

    A number that the message tells of twice is taken as told first.
    """
    told: dict[str, Equipment] = {}
    for one in message.equipment:
        told.setdefault(_plain(one.number), one)
    return tuple(told.get(_plain(number), Equipment(number)) for number in consignment.equipment)


def _plain(number: str | None) -> str:
    return "".join((number or "").split()).upper()


def _mode(message: CargoMessage, mode: Mode | None) -> str | None:
    if message.kind in _AIR:
        return Mode.AIR.value
    if message.kind in _SEA:
        return Mode.SEA.value
    found = _MODES.get((message.transport.mode or "").strip()) or mode
    return found.value if found is not None else None


def _goods(consignment: Consignment) -> dict[str, object | None]:
    goods = consignment.goods
    texts = all_or_none(text_of(one.text) for one in goods)
    each = all(one.hs for one in goods)
    packages, weight, value = consignment.packages, consignment.weight_kg, _dollars(consignment)
    if weight is None:
        weight = _sum(one.weight_kg for one in goods)
    return {
        "cargo.hs": all_or_none(code for one in goods for code in one.hs) if each else None,
        "cargo.goods": " ".join(texts) if texts else None,
        "cargo.packages": packages if packages is not None else _sum(one.packages for one in goods),
        "cargo.weight_kg": weight,
        "cargo.declared_value_usd": value,
        "cargo.value_per_kg": value / weight if value is not None and weight else None,
        "cargo.load": text_of(consignment.load),
        "cargo.discharge": text_of(consignment.discharge),
        "cargo.transshipments": list(consignment.transshipments) or None,
        "cargo.origin_country": _origin(consignment),
    }


def _dollars(consignment: Consignment) -> float | None:
    """Return the declared value where it is in dollars: rates change, and none is kept here."""
    if consignment.value is not None:
        return consignment.value if consignment.currency == _DOLLAR else None
    return _sum(one.value if one.currency == _DOLLAR else None for one in consignment.goods)


def _origin(consignment: Consignment) -> str | None:
    """Return the one state that the goods come from; where there are several, none of them is all."""
    if consignment.origin_country:
        return plain_state(consignment.origin_country)
    states = all_or_none(plain_state(one.origin_country) for one in consignment.goods)
    return states[0] if states and len(states) == 1 else None


def _parties(consignment: Consignment) -> dict[str, object | None]:
    shipper, consignee = consignment.party("shipper"), consignment.party("consignee")
    named = consignee is not None and text_of(consignee.name) is not None
    return {
        "cargo.to_order": consignee.to_order if consignee is not None and named else None,
        **_party("shipper", shipper),
        **_party("consignee", consignee if consignee is not None and not consignee.to_order else None),
    }


def _party(role: str, party: Party | None) -> dict[str, object | None]:
    if party is None:
        return {}
    return {f"{role}.name": text_of(party.name), f"{role}.country": plain_state(party.country)}


def _equipment(equipment: Sequence[Equipment]) -> dict[str, object | None]:
    if not equipment:
        return {}
    numbers = all_or_none(_plain(one.number) for one in equipment)
    return {
        "equipment.numbers": numbers,
        "equipment.bad_check_digits": sum(one.check_digit_ok is False for one in equipment) if numbers else None,
        "equipment.seals_missing": _seals_missing(equipment),
        "equipment.full": _any(one.full for one in equipment),
    }


def _seals_missing(equipment: Sequence[Equipment]) -> int | None:
    """Return how many full containers have no seal; None where the message speaks of no seals, or not of "full"."""
    missing = 0
    for one in equipment:
        if one.seals or one.full is False:
            continue
        if not one.seals_sent or one.full is None:
            return None
        missing += 1
    return missing


def _dangerous(
    message: CargoMessage, consignment: Consignment, equipment: Sequence[Equipment]
) -> dict[str, object | None]:
    found = _all_dangerous(consignment.dangerous, consignment.goods, equipment)
    if found:
        return {
            "dg.declared": True,
            "dg.un_numbers": all_or_none(one.un for one in found),
            "dg.classes": all_or_none(one.cls for one in found),
        }
    if message.kind not in _DECLARES_DANGEROUS:
        return {}
    return {"dg.declared": False, "dg.un_numbers": [], "dg.classes": []}


def _all_dangerous(
    own: tuple[Dangerous, ...], goods: Sequence[Goods], equipment: Sequence[Equipment]
) -> tuple[Dangerous, ...]:
    return (*own, *(one for each in goods for one in each.dangerous), *(one for e in equipment for one in e.dangerous))


def _seals_differ(equipment: Sequence[Equipment], seen: Seen) -> int | None:
    """Return on how many containers others seals were seen than were declared; None where nobody could compare."""
    differ, compared = 0, 0
    for one in equipment:
        there = seen.seals.get(_plain(one.number))
        if there is not None and (one.seals or one.seals_sent):
            compared += 1
            differ += {_plain(seal) for seal in there} != {_plain(seal) for seal in one.seals}
    return differ if compared else None


def _crosschecked(message: CargoMessage, one: Consignment, codes: Collection[str]) -> dict[str, object | None]:
    """Return what the message says against itself: true where it was found, false only where all of it was there."""
    texts = bool(one.goods) and all(text_of(line.text) for line in one.goods)
    coded = texts and all(line.hs for line in one.goods)
    way = message.kind in _FULL_MANIFESTS and len(message.transport.rotation) > 1 and not one.transshipments
    return {
        "cargo.houses_match": False if _HOUSES & set(codes) else _houses_match(message),
        "cargo.undeclared_un": _found("message.undeclared_un", codes, texts),
        "cargo.chapter_differs": _found("message.goods_code", codes, coded),
        "cargo.off_rotation": _found("message.off_rotation", codes, way and text_of(one.discharge) is not None),
    }


def _found(code: str, codes: Collection[str], looked: bool) -> bool | None:
    return True if code in codes else False if looked else None


def _houses_match(message: CargoMessage) -> bool | None:
    """Tell that all houses of a master are there and none of them differed; None where that can't be told."""
    master = message.extras.get("master")
    houses = message.consignments
    told = isinstance(master, Mapping) and master.get("pieces") is not None and len(houses) > 1
    return True if told and all(one.packages is not None for one in houses) else None


def _delta(consignment: Consignment, equipment: Sequence[Equipment], seen: Seen) -> float | None:
    """Return by how many percent it weighed more than declared (less: below 0).

    What was weighed here stands against the consignment's weight; a container's verified mass, which is with the
    container, against what was declared of the containers.
    """
    if seen.weight_kg is not None:
        return _percent(seen.weight_kg, consignment.weight_kg)
    if not equipment:
        return None
    return _percent(_sum(one.verified_kg for one in equipment), _sum(one.weight_kg for one in equipment))


def _percent(weighed: float | None, declared: float | None) -> float | None:
    if weighed is None or declared is None or declared <= 0:
        return None
    return 100.0 * (weighed - declared) / declared


def _sum(values: Iterable[Number | None]) -> Number | None:
    """Return the sum of what is all known and not nothing, or None."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(found) else None


def _any(values: Iterable[bool | None]) -> bool | None:
    """Return whether any is true; None where none is, and one is not known."""
    found = list(values)
    if True in found:
        return True
    return None if None in found else False
