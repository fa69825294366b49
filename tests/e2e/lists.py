"""Lists loaded for tests, as booth and centre load them."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.screening import PersonList, entry_to_plain, load
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.segment import build_segment


def loaded_persons(entries: Sequence[Entry], threshold: int = 6_000) -> PersonList:
    """A list of persons with a threshold of its own."""
    calibration = Calibration(ENGINE, threshold, 1000, 1000, 1000, len(entries), 1)
    loaded = load("persons", dict(build_segment("persons", map(entry_to_plain, entries), calibration)))
    assert isinstance(loaded, PersonList)
    return loaded
