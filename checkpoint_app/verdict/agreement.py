"""The agreement between states that lets an entry be used, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HandlingCode(StrEnum):
    """What may be done with an entry. A code that is not known here is handled as the strictest: ASK_ORIGINATOR."""

    OPEN = "OPEN"
    LE_ONLY = "LE-ONLY"
    ASK_ORIGINATOR = "ASK-ORIGINATOR"
    NOT_TO_HOME_STATE = "NOT-TO-HOME-STATE"

    @classmethod
    def read(cls, text: str) -> HandlingCode:
        """Return the code named by ``text``, or the strictest one for a text that is no code."""
        try:
            return cls(text)
        except ValueError:
            return cls.ASK_ORIGINATOR


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement with its term; both ends are UTC moments, the end itself is outside."""

    name: str
    begins_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.begins_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError(f"agreement {self.name}: its term needs a time zone")
        if self.ends_at <= self.begins_at:
            raise ValueError(f"agreement {self.name}: it ends before it begins")

    def in_force(self, now: datetime) -> bool:
        """Tell whether the agreement holds at ``now``."""
        return self.begins_at <= now < self.ends_at
