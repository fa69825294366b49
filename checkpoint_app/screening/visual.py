"""The check of the printed page: what its print says against the zone, or that too little of it was read."""

from __future__ import annotations

from checkpoint_app.documents import Beside, Mrz
from checkpoint_app.documents.printed import ESSENTIAL_FIELDS, PrintState, compare_printed
from checkpoint_app.verdict import Finding, NotDone

DIFFERS = "visual.differs"


def visual_findings(mrz: Mrz, beside: Beside) -> tuple[Finding, ...] | NotDone:
    """Return what differs between print and zone; nothing where the essential fields agree, else why it is not known.

    Fields whose check digit is wrong, or that could not be read, are not compared: they are findings of their own.
    """
    if beside.printed is None:
        return NotDone.NO_PICTURE
    faulty = {fault.field for fault in mrz.faults}
    compared = [one for one in compare_printed(mrz.document, beside.printed) if one.field not in faulty]
    differing = tuple(
        Finding(DIFFERS, {"field": one.field, "seen": one.seen}) for one in compared if one.state is PrintState.DIFFERS
    )
    if differing:
        return differing
    agreeing = {one.field for one in compared if one.state is PrintState.AGREES}
    return () if agreeing.issuperset(ESSENTIAL_FIELDS) else NotDone.PRINT_UNREAD
