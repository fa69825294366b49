"""Names that the desk and its screen share about goods: forms, results of inspections, what a form asks about."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.store.inspections import Awaited

NUMBER_FORM, SEEN_FORM, RESULT_FORM = "cargo_number", "cargo_seen", "inspection"
WEIGHT = "weight"
"""The field of the form of what was seen that is no container."""
RESULTS = ("nothing", "document", "customs", "immigration", "security", "data_error")
MOST_CONTAINERS = 12
"""Fields that the form has room for: those that nobody has looked at come first."""


def containers_of(read: ConsignmentRead) -> tuple[str, ...]:
    """Return the plain numbers of the containers that the form asks about: those not looked at yet come first."""
    numbers = dict.fromkeys(plain_number(one.number) for one in read.equipment if one.number)
    return tuple(sorted(numbers, key=lambda number: number in read.seals)[:MOST_CONTAINERS])


def place_of(chosen: str, rows: Sequence[Awaited]) -> int:
    """Return where the chosen Encounter stands in the list; where it is not listed, the first is chosen."""
    return next((place for place, one in enumerate(rows) if one.row.encounter_id == chosen), 0)
