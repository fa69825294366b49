"""What became of a source's records: every one was either taken or refused with its line and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Tell = Callable[[int, str], None]
"""Takes a line number (from 1) and a reason that holds nothing personal."""

TWICE = "given twice"
MAX_KEPT = 1000

_T = TypeVar("_T")


@dataclass(slots=True)
class Report:
    """Counts of one import. ``refused`` keeps the first 1,000; ``refusals`` and ``duplicates`` count all.

    ``left_out`` counts, by reason, parts of entries that were taken without them.
    """

    taken: int = 0
    refusals: int = 0
    duplicates: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """How many records the source holds: taken and refused."""
        return self.taken + self.refusals

    def refuse(self, line: int, reason: str) -> None:
        """Count a refused record; give it as ``on_refused``."""
        self.refusals += 1
        self.duplicates += TWICE in reason
        if len(self.refused) < MAX_KEPT:
            self.refused.append((line, reason))

    def leave_out(self, _line: int, reason: str) -> None:
        """Count a part that was left out; give it as ``on_left_out``."""
        self.left_out[reason] += 1

    def counting(self, records: Iterable[_T]) -> Iterator[_T]:
        """Pass ``records`` on and count them as taken."""
        for record in records:
            self.taken += 1
            yield record
