"""A consignment as it was read from a message, with what the officer saw of it: what an Encounter of goods is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from checkpoint_app.booth.record.cargo_values import plain_of, value_of
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageFault, Transport
from checkpoint_app.verdict import Finding
from checkpoint_app.wire.canonical import canonical_bytes

MOST_BYTES = 256 << 10
"""Of one consignment in the journal: a slow line carries it too."""
_MOST = (1000, 200, 50, 10)
_MOST_INNER = 20
_MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class ConsignmentRead:
    """A consignment with its equipment and transport; ``kind`` is empty for one opened by its number alone.

    ``declared`` and ``count_matches`` are of the whole message, ``faults`` its first hundred,
    ``findings`` what does not go together in it. ``left_out`` counts lines that had no room. ``seals`` are
    those seen, by plain container number (empty: none is on it; missing: nobody looked), ``weighed_kg`` what a scale
    said. ``manifest`` and ``place`` tell where it rests in the store.
    """

    consignment: Consignment
    read_at: datetime
    equipment: tuple[Equipment, ...] = ()
    transport: Transport = field(default_factory=Transport)
    kind: str = ""
    version: str | None = None
    declared: int | None = None
    count_matches: bool | None = None
    faults: tuple[MessageFault, ...] = ()
    findings: tuple[Finding, ...] = ()
    left_out: int = 0
    manifest: str = ""
    place: int = 0
    seals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weighed_kg: float | None = None

    @property
    def number(self) -> str:
        """What it is called: its own number, else its first container's."""
        first = next((one.number for one in self.equipment if one.number), None)
        return self.consignment.number or first or ""

    def seen_on(self, container: Equipment) -> tuple[str, ...] | None:
        """Return the seals seen on a container; None where nobody has looked."""
        return self.seals.get(plain_number(container.number)) if container.number else None

    @property
    def message(self) -> CargoMessage:
        """A message of this consignment alone."""
        return CargoMessage(
            self.kind,
            self.version,
            self.transport,
            (self.consignment,),
            self.equipment,
            declared=self.declared,
            count_matches=self.count_matches,
            faults=self.faults,
        )

    def seen_plain(self) -> dict[str, Any]:
        """Return what was seen, as the event ``consignment_seen`` says it: seals by container, weight in grams."""
        plain = self.to_plain()
        return {"seals": plain.get("seals", []), "weighed_g": plain.get("weighed_g")}

    def with_seen(self, body: Mapping[str, Any]) -> ConsignmentRead:
        """Return the consignment with what ``seen_plain`` wrote."""
        grams = body["weighed_g"]
        seals = {number: tuple(seen) for number, seen in body["seals"]}
        return replace(self, seals=seals, weighed_kg=None if grams is None else grams / 1000)

    def to_plain(self) -> dict[str, Any]:
        """Return the form for journal and store."""
        plain: dict[str, Any] = plain_of(self)
        return plain

    @classmethod
    def from_plain(cls, data: Any) -> ConsignmentRead:
        """Return what ``to_plain`` wrote. Raises PlainError."""
        return value_of(cls, data)


@dataclass(frozen=True, slots=True)
class Listed:
    """A consignment as a listing shows it, and where it rests; the whole is read when it is chosen."""

    manifest: str
    place: int
    number: str
    containers: tuple[str, ...] = ()
    packages: int | None = None
    weight_kg: float | None = None
    goods: str = ""

    @classmethod
    def of(cls, manifest: str, read: ConsignmentRead, place: int | None = None) -> Listed:
        """Return what a listing shows of a consignment; ``place`` is where it rests, if that is not where it stood."""
        one = read.consignment
        containers = tuple(each.number for each in read.equipment if each.number)
        goods = next((line.text for line in one.goods if line.text), "")
        return cls(
            manifest,
            read.place if place is None else place,
            read.number,
            containers[:3],
            one.packages,
            one.weight_kg,
            goods,
        )


def consignments_of(
    message: CargoMessage, read_at: datetime, findings: tuple[Finding, ...] = ()
) -> Iterator[ConsignmentRead]:
    """Yield the consignments of a message, each with its equipment; a container that none names is one by itself.

    ``findings`` are those of the message as a whole. None is cut yet to what the journal holds: see ``fitting``.
    """
    by_number = {plain_number(one.number): one for one in message.equipment if one.number}
    alone = len(message.consignments) == 1
    named: set[str] = set()
    place = 0
    for place, stated in enumerate(message.consignments):
        consignment = stated
        numbers = dict.fromkeys(map(plain_number, stated.equipment))
        named |= numbers.keys()
        equipment = tuple(by_number.get(number) or Equipment(number) for number in numbers)
        if alone:
            equipment += tuple(one for one in message.equipment if _plain(one) not in numbers)
            consignment = replace(stated, equipment=tuple(one.number for one in equipment if one.number))
        yield _read(message, consignment, equipment, read_at, place, findings)
    if alone:
        return
    place = len(message.consignments)
    for one in message.equipment:
        if one.number and _plain(one) not in named:
            itself = Consignment(load=one.load, discharge=one.discharge, equipment=(one.number,))
            yield _read(message, itself, (one,), read_at, place, findings)
            place += 1


def by_number(number: str, now: datetime) -> ConsignmentRead:
    """Return a consignment that no message names: its number is all that is known."""
    return ConsignmentRead(Consignment(number=number), now)


def numbers_of(read: ConsignmentRead) -> frozenset[str]:
    """Return the plain numbers that it can be found by: its own, its master's, its containers'."""
    numbers = (read.consignment.number, read.consignment.master, *(one.number for one in read.equipment))
    return frozenset(plain_number(number) for number in numbers if number)


def fitting(read: ConsignmentRead) -> ConsignmentRead:
    """Return ``read`` with so many of its lines that it fits into the journal; the others are counted."""
    return fitted(read)[0]


def fitted(read: ConsignmentRead) -> tuple[ConsignmentRead, dict[str, Any]]:
    """As ``fitting``, with its plain form."""
    for most in _MOST:
        cut = _cut(read, most)
        plain = cut.to_plain()
        if len(canonical_bytes(plain)) <= MOST_BYTES:
            break
    return cut, plain


def _read(
    message: CargoMessage,
    consignment: Consignment,
    equipment: tuple[Equipment, ...],
    read_at: datetime,
    place: int,
    findings: tuple[Finding, ...],
) -> ConsignmentRead:
    return ConsignmentRead(
        consignment=consignment,
        read_at=read_at,
        equipment=equipment,
        transport=message.transport,
        kind=message.kind,
        version=message.version,
        declared=message.declared,
        count_matches=message.count_matches,
        faults=message.faults[:_MOST_FAULTS],
        findings=findings,
        place=place,
    )


def _cut(read: ConsignmentRead, most: int) -> ConsignmentRead:
    whole, inner = read.consignment, min(most, _MOST_INNER)
    goods = tuple(replace(one, hs=one.hs[:inner], dangerous=one.dangerous[:inner]) for one in whole.goods[:most])
    consignment = replace(
        whole,
        goods=goods,
        parties=whole.parties[:most],
        equipment=whole.equipment[:most],
        dangerous=whole.dangerous[:most],
        handling=whole.handling[:most],
        transshipments=whole.transshipments[:most],
    )
    equipment = tuple(
        replace(one, seals=one.seals[:inner], dangerous=one.dangerous[:inner]) for one in read.equipment[:most]
    )
    kept = (consignment.goods, consignment.parties, consignment.dangerous, equipment)
    left_out = _count((whole.goods, whole.parties, whole.dangerous, read.equipment)) - _count(kept)
    rotation = read.transport.rotation[:most]
    return replace(
        read,
        consignment=consignment,
        equipment=equipment,
        findings=read.findings[:most],
        faults=read.faults[:most],
        transport=replace(read.transport, rotation=rotation),
        left_out=read.left_out + left_out,
    )


def _count(lines: Iterable[tuple[object, ...]]) -> int:
    return sum(map(len, lines))


def _plain(one: Equipment) -> str:
    return plain_number(one.number) if one.number else ""
