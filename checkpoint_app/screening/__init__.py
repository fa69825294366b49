"""Entries, importers, the engine, its calibration and its explanations."""

from checkpoint_app.screening.calibrate import calibrate
from checkpoint_app.screening.calibration import Calibration, CalibrationError
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.explain import REASON_CODES
from checkpoint_app.screening.numbers.look_up import DocumentList, ListedMatch
from checkpoint_app.screening.persons import PersonList
from checkpoint_app.screening.plain import (
    RecordError,
    entry_digest,
    entry_from_plain,
    entry_to_plain,
    number_from_plain,
    number_to_plain,
)
from checkpoint_app.screening.sections import SegmentError
from checkpoint_app.screening.segment import build_segment, load

__all__ = [
    "ENGINE",
    "REASON_CODES",
    "Calibration",
    "CalibrationError",
    "DocumentList",
    "ListedMatch",
    "PersonList",
    "RecordError",
    "SegmentError",
    "build_segment",
    "calibrate",
    "entry_digest",
    "entry_from_plain",
    "entry_to_plain",
    "load",
    "number_from_plain",
    "number_to_plain",
]
