"""What a document states beside its zone, as far as it was read: what the zone is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A line of print in the visual zone as it was read, and how surely (0 to 1)."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What was read besides the zone. ``printed`` is None where the visual zone was not looked at."""

    printed: tuple[PrintedText, ...] | None = None


NOTHING_BESIDE = Beside()
