"""CUSCAR, the cargo report to customs: manifests by sea, land and air (UN/EDIFACT D.95B …). See edifact_message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checkpoint_app.cargo import edifact_message
from checkpoint_app.cargo.segments import Interchange, Segment
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageFault

KIND = "CUSCAR"


def read(interchange: Interchange) -> CargoMessage:
    """Read all CUSCAR messages of an interchange."""
    return edifact_message.read(KIND, interchange)


def stream(
    segments: Iterable[Segment], on_fault: Callable[[MessageFault], None] = edifact_message.no_fault
) -> Iterator[Consignment | Equipment]:
    """Iterate consignments and equipment in bounded memory; faults go to ``on_fault`` as they are met."""
    return edifact_message.stream(KIND, segments, on_fault)
