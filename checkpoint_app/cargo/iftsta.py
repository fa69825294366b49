"""IFTSTA, the status of consignments on their way (UN/EDIFACT): one consignment for each CNI. See edifact_message."""

from __future__ import annotations

from checkpoint_app.cargo import edifact_message
from checkpoint_app.cargo.segments import Interchange
from checkpoint_app.cargo.values import CargoMessage

KIND = "IFTSTA"


def read(interchange: Interchange) -> CargoMessage:
    """Read all IFTSTA messages of an interchange."""
    return edifact_message.read(KIND, interchange, main_only=True)
