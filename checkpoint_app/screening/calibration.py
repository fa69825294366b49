"""The calibration of a list: its threshold, and what was promised and measured when it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MILLION = 1_000_000
MOST_OFFSET = 3_000
MOST_THRESHOLD = 150_001
"""One above the highest score of a name: with a higher one nobody would ever be found."""
_NUMBERS = ("threshold", "promised", "expected", "travellers", "persons", "seed")
_OFFSET = "offset."


class CalibrationError(ValueError):
    """A plain value is no calibration, or one of another engine."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Made when a list is built and signed with it; holds nothing personal, for it travels in clear.

    ``threshold`` is in thousandths of a point. ``promised`` and ``expected`` are false hits in a million clean
    travellers: what was asked for, and what ``travellers`` synthetic ones (of ``seed``) gave on ``persons`` entries.

    ``offsets`` are pairs of a nationality and what is taken off every score of its travellers, in thousandths: names of
    some peoples coincide more often than their frequencies tell, and without it their bearers would be held more often.
    """

    engine: str
    threshold: int
    promised: int
    expected: int
    travellers: int
    persons: int
    seed: int
    offsets: tuple[tuple[str, int], ...] = ()

    def offset(self, state: str) -> int:
        """Return what is taken off the scores of travellers of nationality ``state``, in thousandths."""
        return dict(self.offsets).get(state, 0)

    def to_plain(self) -> dict[str, str | int]:
        """Return the calibration as a plain dict of whole numbers and one text."""
        plain = {field: getattr(self, field) for field in ("engine", *_NUMBERS)}
        return plain | {_OFFSET + state: points for state, points in self.offsets}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Calibration:
        """Read a plain dict; raises CalibrationError."""
        engine = plain.get("engine")
        numbers: dict[str, Any] = {field: plain.get(field) for field in _NUMBERS}
        offsets = {key.removeprefix(_OFFSET): value for key, value in plain.items() if key.startswith(_OFFSET)}
        wrong = [key for key, value in (numbers | offsets).items() if type(value) is not int]
        if not isinstance(engine, str) or wrong or any(abs(value) > MOST_OFFSET for value in offsets.values()):
            raise CalibrationError(f"calibration: not given as expected: {', '.join(wrong or ['engine, offsets'])}")
        if not 0 < numbers["threshold"] <= MOST_THRESHOLD:
            raise CalibrationError(f"calibration: its threshold is not between 1 and {MOST_THRESHOLD}")
        return cls(engine=engine, **numbers, offsets=tuple(sorted(offsets.items())))
