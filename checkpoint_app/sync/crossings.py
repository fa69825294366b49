"""Asks the centre for the crossings of the traveller at the desk, at all posts."""

from __future__ import annotations

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.api import CROSSINGS
from checkpoint_app.wire.crossings import MAX_KNOWN_BYTES, CrossingsAsked, CrossingsKnown


def ask_crossings(line: Line, asked: CrossingsAsked, within_s: float) -> CrossingsKnown:
    """Return what the centre knows, within ``within_s`` seconds or not at all. Raises LineError."""
    known = line.post(CrossingsKnown, CROSSINGS, asked, most=MAX_KNOWN_BYTES, within_s=within_s)
    if known.encounter_id != asked.encounter_id:
        raise LineError(LineCode.MALFORMED, "it answers another question")
    return known
