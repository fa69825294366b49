"""COARRI, the report of containers loaded or discharged (UN/EDIFACT; SMDG). See edifact_message."""

from __future__ import annotations

from checkpoint_app.cargo import edifact_message
from checkpoint_app.cargo.segments import Interchange
from checkpoint_app.cargo.values import CargoMessage

KIND = "COARRI"


def read(interchange: Interchange) -> CargoMessage:
    """Read all COARRI messages of an interchange."""
    return edifact_message.read(KIND, interchange)
