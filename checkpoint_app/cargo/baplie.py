"""BAPLIE, the bay plan of a ship (UN/EDIFACT; SMDG 2.x and 3.x): equipment with its slot. See edifact_message.

In SMDG 2 and 3 the slot (LOC+147) opens the group of a container, in some files EQD does: the first in a message
decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checkpoint_app.cargo import edifact_message
from checkpoint_app.cargo.segments import Interchange, Segment
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageFault

KIND = "BAPLIE"


def read(interchange: Interchange) -> CargoMessage:
    """Read all BAPLIE messages of an interchange."""
    return edifact_message.read(KIND, interchange)


def stream(
    segments: Iterable[Segment], on_fault: Callable[[MessageFault], None] = edifact_message.no_fault
) -> Iterator[Consignment | Equipment]:
    """Iterate consignments and equipment in bounded memory; faults go to ``on_fault`` as they are met."""
    return edifact_message.stream(KIND, segments, on_fault)
