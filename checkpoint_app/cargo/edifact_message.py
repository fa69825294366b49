"""A cargo message of UN/EDIFACT as one value, and as a stream: what the readers of its kinds share.

Extras of every message: ``reference`` (document number of BGM), ``function`` (1225: 9 original, 1 cancellation, 5
replacement …), ``declared`` (control totals of CNT by their qualifier 6069: 7 gross weight, 10 consignments, 11
packages, 16 equipment). Extras of a consignment: ``places`` (LOC by qualifier 3227, where there are more than 9 and
11), ``statuses`` (IFTSTA: list of {code, text}). `stream` leaves ``seals_sent`` to what each container itself shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from checkpoint_app.cargo.edifact_header import Header
from checkpoint_app.cargo.edifact_walk import Walk
from checkpoint_app.cargo.segments import Interchange, Segment
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageFault

CONSIGNMENTS = "10"
EQUIPMENT = "16"


def no_fault(_fault: MessageFault) -> None:
    """Take a fault and keep nothing of it."""


def stream(
    kind: str, segments: Iterable[Segment], on_fault: Callable[[MessageFault], None] = no_fault
) -> Iterator[Consignment | Equipment]:
    """Iterate what the messages of this kind hold, in bounded memory; faults go to ``on_fault`` as they are met."""
    return Walk(kind, on_fault).stream(segments)


def read(kind: str, interchange: Interchange, main_only: bool = False) -> CargoMessage:
    """Read all messages of this kind in an interchange into one value."""
    faults = list(interchange.faults)
    walk = Walk(kind, faults.append, main_only)
    consignments: list[Consignment] = []
    equipment: list[Equipment] = []
    for one in walk.stream(interchange.segments):
        if isinstance(one, Equipment):
            equipment.append(one)
        else:
            consignments.append(one)
    if any(one.seals_sent for one in equipment):
        equipment = [one if one.seals_sent else replace(one, seals_sent=True) for one in equipment]
    return replace(
        message_of(kind, walk.header),
        consignments=tuple(consignments),
        equipment=tuple(equipment),
        faults=tuple(faults),
    )


def message_of(kind: str, header: Header) -> CargoMessage:
    """Return what the messages say of the whole, when all their segments have passed; without what a stream gives."""
    declared, matches = _counts(header)
    return CargoMessage(
        kind,
        version=header.version,
        transport=header.whole_transport(),
        declared=declared,
        count_matches=matches,
        extras=_extras(header),
    )


def _counts(header: Header) -> tuple[int | None, bool | None]:
    """Return the number that counts (of consignments where there are any), and whether all that were sent are right."""
    found: Mapping[str, int] = {CONSIGNMENTS: header.consignments, EQUIPMENT: header.equipment}
    sent = {one: header.counts[one] for one in found if one in header.counts}
    if not sent:
        return None, None
    shown = CONSIGNMENTS if CONSIGNMENTS in sent and header.consignments else next(reversed(sent))
    return int(sent[shown]), all(value == found[one] for one, value in sent.items())


def _extras(header: Header) -> dict[str, object]:
    extras = {"reference": header.reference, "function": header.function, "declared": header.counts or None}
    return {name: value for name, value in extras.items() if value is not None}
