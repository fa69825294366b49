"""The profile of a lane: who or what passes through it, which rules may run there, and how much is drawn by lot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PER_MILLION = 1_000_000


class LaneKind(StrEnum):
    """What is inspected in a lane."""

    PEOPLE = "people"
    CARGO = "cargo"


class Mode(StrEnum):
    """How people and goods come: what the ``lanes`` of a rule name."""

    AIR = "air"
    LAND = "land"
    SEA = "sea"


@dataclass(frozen=True, slots=True)
class Lane:
    """Signed data of a lane. Rules run for the ``purposes`` named here and no others.

    ``draw_per_million`` is the share that a provable lot chooses, in millionths; 0: nobody is drawn.
    """

    kind: LaneKind = LaneKind.PEOPLE
    mode: Mode = Mode.LAND
    purposes: tuple[str, ...] = ("border_security",)
    draw_per_million: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.draw_per_million <= PER_MILLION:
            raise ValueError(f"lane: draw_per_million is a number from 0 to {PER_MILLION}")
