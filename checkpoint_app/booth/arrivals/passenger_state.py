"""What the page of passenger lists shows, as the desk knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checkpoint_app.store.arrivals import Arrival, Shown


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A passenger list, how many of it came to which outcome (empty: they wait), and how many have appeared."""

    arrival: Arrival
    outcomes: Mapping[str, int] = field(default_factory=dict)
    appeared: int = 0

    def count(self, outcome: str) -> int:
        """Return how many came to an outcome."""
        return self.outcomes.get(outcome, 0)

    @property
    def screened(self) -> int:
        """How many have been screened."""
        return self.arrival.people - self.count("")

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here, and screened."""
        return self.arrival.whole and not self.count("")

    @property
    def absent(self) -> int:
        """How many have not appeared."""
        return max(0, self.arrival.people - self.appeared)


@dataclass(frozen=True, slots=True)
class Passengers:
    """The lists, or who is on the one ``opened``. ``closing``: it was asked to close it, and told what that means."""

    rows: tuple[ArrivalRow, ...]
    selected: int = 0
    opened: str = ""
    people: tuple[Shown, ...] = ()
    person: int = 0
    closing: bool = False

    @property
    def row(self) -> ArrivalRow | None:
        """The list that is opened; None where none is."""
        return next((row for row in self.rows if row.arrival.manifest == self.opened), None) if self.opened else None
