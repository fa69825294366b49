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
MAX_LINES = 5

_T = TypeVar("_T")


@dataclass(slots=True)
class Report:
    """Counts of one import. ``refused`` keeps the first 1,000; ``refusals`` and ``duplicates`` count all.

    ``left_out`` counts, by reason, parts of entries that were taken without them; ``lines_of`` names the first lines of
    each. ``form`` is the source's form in words; ``schemas`` counts what was taken by its schema.
    """

    form: str = ""
    taken: int = 0
    refusals: int = 0
    duplicates: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    schemas: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    lines_of: dict[str, list[int]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """How many records the source holds: taken and refused."""
        return self.taken + self.refusals

    def refuse(self, line: int, reason: str) -> None:
        """Count a refused record; give it as ``on_refused``."""
        self.refusals += 1
        self.duplicates += TWICE in reason
        kind = reason.partition(": first in")[0]
        self.reasons[kind if kind in self.reasons or len(self.reasons) < MAX_KEPT else "other reasons"] += 1
        if len(self.refused) < MAX_KEPT:
            self.refused.append((line, reason))

    def leave_out(self, line: int, reason: str) -> None:
        """Count a part that was left out; give it as ``on_left_out``."""
        self.left_out[reason] += 1
        lines = self.lines_of.setdefault(reason, [])
        if len(lines) < MAX_LINES and line not in lines:
            lines.append(line)

    def counting(self, records: Iterable[_T]) -> Iterator[_T]:
        """Pass ``records`` on and count them as taken."""
        for record in records:
            self.taken += 1
            if schema := getattr(record, "schema", ""):
                self.schemas[schema] += 1
            yield record
