"""The calibration of a list: its threshold, and what was promised and measured when it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MILLION = 1_000_000


class CalibrationError(ValueError):
    """A plain value is no calibration, or one of another engine."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Made when a list is built and signed with it; holds nothing personal, for it travels in clear.

    ``threshold`` is in thousandths of a point. ``promised`` and ``expected`` are false hits in a million clean
    travellers: what was asked for, and what ``travellers`` synthetic ones (of ``seed``) gave on ``persons`` entries.
    """

    engine: str
    threshold: int
    promised: int
    expected: int
    travellers: int
    persons: int
    seed: int

    def to_plain(self) -> dict[str, str | int]:
        """Return the calibration as a plain dict of whole numbers and one text."""
        return {field: getattr(self, field) for field in self.__slots__}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Calibration:
        """Read a plain dict; raises CalibrationError."""
        engine = plain.get("engine")
        numbers = {field: plain.get(field) for field in cls.__slots__ if field != "engine"}
        wrong = [key for key, value in numbers.items() if not isinstance(value, int) or isinstance(value, bool)]
        if not isinstance(engine, str) or wrong:
            raise CalibrationError(f"calibration: not given as expected: {', '.join(wrong or ['engine'])}")
        return cls(engine=engine, **numbers)  # type: ignore[arg-type]
