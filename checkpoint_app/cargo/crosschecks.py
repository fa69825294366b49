"""What a message says against itself: cheap checks that find much. Pure functions; nothing here decides.

Codes of findings (the word before the dot is the check of goods that shows them) and their params, all texts:
``equipment.check_digit`` number, read, computed · ``equipment.verified_weight`` number, declared, weighed, percent,
tolerance · ``seals.missing`` number · ``message.counts`` declared · ``message.house_pieces`` and
``message.house_weight`` declared, counted · ``message.line_pieces`` and ``message.line_weight`` declared, counted ·
``message.goods_code`` code · ``message.unknown_code`` code · ``message.undeclared_un`` un, class ·
``message.off_rotation`` place · ``message.transshipment`` places · ``message.unknown_country`` country ·
``parties.to_order`` · ``parties.unknown_country`` role, country.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checkpoint_app.cargo.comparing import is_known_state
from checkpoint_app.cargo.hs import NO_HS, HsList, goods_disagree
from checkpoint_app.cargo.iso6346 import check_digit_of, plain_number
from checkpoint_app.cargo.un_numbers import NO_UN_NUMBERS, UnNumbers, numbers_in
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment
from checkpoint_app.verdict import Finding

CargoFinding = Finding
"""A finding of a consignment is one as any other: a code that the policy knows, and params."""

TOLERANCE_PERCENT = 5
_PERCENT = 100
_SMALL_KG = 1.0
"""Weights are rounded by whoever adds them up."""
_FULL_MANIFESTS = ("CUSCAR", "AWMDS")
"""Kinds that name all ports of the voyage that matter; a bay plan names the next one alone."""
_ALL_HOUSES = ("FHL",)
"""Kinds that bring all houses of a master in one message; others bring them one by one."""
# What customs write and no list of states has: Kosovo, Northern Ireland, Serbia, Ceuta, Melilla, high seas, the Union,
# and stores and territories that are not determined.
_OF_CUSTOMS = frozenset(("XK", "XI", "XS", "XC", "XL", "XU", "XZ", "ZZ", "EU", *(f"Q{one}" for one in "PQRSTUVWXYZ")))


_AIR_CODES = (
    "DGR CAO EBI EBM ELI ELM ICE MAG RBI RBM RCL RCM RCX RDS REQ REX RFG RFL RFS RFW RGX RIS RLI RLM RMD RNG ROP ROX "
    "RPB RPG RRE RRW RRY RSB RSC RXB RXC RXD RXE RXG RXS"
)
_AIR_DANGEROUS = frozenset(_AIR_CODES.split())
"""Special handling codes by which air cargo declares dangerous goods (IATA Cargo-IMP, code list 1.16)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks hold a message against: the weights' tolerance, and the lists that an administrator supplied."""

    tolerance_percent: int = TOLERANCE_PERCENT
    un_numbers: UnNumbers = NO_UN_NUMBERS
    hs: HsList = NO_HS


def findings_of(message: CargoMessage, consignment: Consignment, known: Known | None = None) -> tuple[Finding, ...]:
    """Return what does not go together in one consignment of ``message``, and in the message as a whole."""
    against = known or Known()
    units = _equipment_of(message, consignment)
    found = (
        *_counts(message),
        *_houses(message),
        *_lines(consignment),
        *_goods(consignment, against.hs),
        *_undeclared(consignment, units, against.un_numbers),
        *_way(message, consignment),
        *_parties(consignment),
        *_units(units, against.tolerance_percent),
    )
    return tuple({(one.code, *sorted(one.params.items())): one for one in found}.values())


def house_findings(
    pieces: int | None, weight_kg: float | None, houses: Sequence[Consignment], complete: bool
) -> tuple[Finding, ...]:
    """Compare what a master declares with the sum of its houses; too much is a finding even of some of them.

    ``complete``: these are all houses of the master. Houses that do not say enough are not compared.
    """
    return (
        *_sum(("message.house_pieces", pieces, [one.packages for one in houses]), 0, not complete),
        *_sum(("message.house_weight", weight_kg, [one.weight_kg for one in houses]), _SMALL_KG, not complete),
    )


def _equipment_of(message: CargoMessage, consignment: Consignment) -> list[Equipment]:
    """Return the equipment that a consignment names, as the message tells of it; a container alone is its own."""
    named = {plain_number(number) for number in consignment.equipment}
    return [one for one in message.equipment if one.number and plain_number(one.number) in named]


# -- the message ------------------------------------------------------------------------------------------------------


def _counts(message: CargoMessage) -> Iterator[Finding]:
    if message.count_matches is False:
        yield Finding("message.counts", {} if message.declared is None else {"declared": str(message.declared)})


def _houses(message: CargoMessage) -> Iterable[Finding]:
    master = message.extras.get("master")
    if not isinstance(master, dict):
        return ()
    houses = message.consignments
    complete = message.kind in _ALL_HOUSES and len(houses) > 1
    return house_findings(master.get("pieces"), master.get("weight_kg"), houses, complete)


_Compared = tuple[str, Any, Sequence[Any]]


def _sum(compared: _Compared, leeway: float, only_more: bool) -> Iterator[Finding]:
    code, declared, parts = compared
    if declared is None or not parts or any(part is None for part in parts):
        return
    counted = sum(parts)
    over = counted - declared > leeway
    if over or (declared - counted > leeway and not only_more):
        yield Finding(code, {"declared": f"{declared:g}", "counted": f"{round(counted, 3):g}"})


# -- the consignment --------------------------------------------------------------------------------------------------


def _lines(one: Consignment) -> Iterator[Finding]:
    if len(one.goods) < 2:
        return
    yield from _sum(("message.line_pieces", one.packages, [line.packages for line in one.goods]), 0, False)
    leeway = max(_SMALL_KG, (one.weight_kg or 0) / _PERCENT)
    yield from _sum(("message.line_weight", one.weight_kg, [line.weight_kg for line in one.goods]), leeway, False)


def _goods(one: Consignment, hs: HsList) -> Iterator[Finding]:
    for line in one.goods:
        for code in line.hs:
            if line.text and goods_disagree(line.text, code):
                yield Finding("message.goods_code", {"code": code})
            if hs.known(code) is False:
                yield Finding("message.unknown_code", {"code": code})


def _undeclared(one: Consignment, units: Sequence[Equipment], un_numbers: UnNumbers) -> Iterator[Finding]:
    """Name each UN number of the free text that no line, consignment or container declares."""
    if _AIR_DANGEROUS.intersection(one.handling):
        return
    dangerous = [one.dangerous, *(line.dangerous for line in one.goods), *(unit.dangerous for unit in units)]
    declared = {danger.un for dangers in dangerous for danger in dangers}
    texts = [line.text for line in one.goods if line.text] + [one.extras.get("goods")]
    told = numbers_in(" ; ".join(text for text in texts if isinstance(text, str)))
    for number in told:
        if number not in declared:
            entry = un_numbers.get(number)
            yield Finding("message.undeclared_un", {"un": number, "class": (entry.cls if entry else None) or ""})


def _way(message: CargoMessage, one: Consignment) -> Iterator[Finding]:
    rotation = message.transport.rotation
    if one.transshipments:
        yield Finding("message.transshipment", {"places": ", ".join(one.transshipments)})
    elif message.kind in _FULL_MANIFESTS and len(rotation) > 1 and one.discharge and one.discharge not in rotation:
        yield Finding("message.off_rotation", {"place": one.discharge})
    countries = [one.origin_country, one.destination_country, *(line.origin_country for line in one.goods)]
    countries += [message.extras.get("export_country"), message.extras.get("destination")]
    countries += [place[:2] for place in (one.load, one.discharge) if place and len(place) == len("ECGYE")]
    for country in dict.fromkeys(countries):
        if isinstance(country, str) and country and not _is_known(country):
            yield Finding("message.unknown_country", {"country": country})


def _is_known(country: str) -> bool:
    return country.strip().upper() in _OF_CUSTOMS or is_known_state(country)


def _parties(one: Consignment) -> Iterator[Finding]:
    consignee = one.party("consignee")
    if consignee is not None and consignee.to_order:
        yield Finding("parties.to_order")
    for party in one.parties:
        if party.country and not _is_known(party.country):
            yield Finding("parties.unknown_country", {"role": party.role, "country": party.country})


# -- its equipment ----------------------------------------------------------------------------------------------------


def _units(units: Sequence[Equipment], tolerance: int) -> Iterator[Finding]:
    for one in units:
        number = plain_number(one.number or "")
        if one.check_digit_ok is False:
            yield Finding(
                "equipment.check_digit",
                {"number": number, "read": number[-1:], "computed": str(check_digit_of(number))},
            )
        if one.full and one.seals_sent and not one.seals:
            yield Finding("seals.missing", {"number": number})
        yield from _weight(one, number, tolerance)


def _weight(one: Equipment, number: str, tolerance: int) -> Iterator[Finding]:
    declared, weighed = one.weight_kg, one.verified_kg
    if not declared or weighed is None:
        return
    off = (weighed - declared) / declared * _PERCENT
    if abs(off) > tolerance:
        params = {"declared": str(round(declared)), "weighed": str(round(weighed)), "percent": f"{off:+.0f}"}
        yield Finding("equipment.verified_weight", {"number": number, **params, "tolerance": str(tolerance)})
