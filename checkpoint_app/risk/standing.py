"""How a rule stands: how often it hits, what inspections found, and whether it may go on as it is.

Counts are of one rule in one version, over whatever time and posts the caller sums. Precision is told with its Wilson
interval (E. B. Wilson, 1927, at 95 %), since 0 found of 60 is not nought, and compared with what the lot finds in the
same lane: a rule that finds no more than chance holds people for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from checkpoint_app.verdict import Policy

Z_95 = 1.959963984540054
LEAST_SUBJECTS = 200
"""Subjects that a rate must be of before it can be too high."""
RETIRE_AFTER = 200
"""Inspections after which a rule that finds no more than the lot is proposed for retirement."""


class Result(StrEnum):
    """What an inspection found. NOTHING and DATA_ERROR found nobody; the others name the matter."""

    NOTHING = "nothing"
    DOCUMENT = "document"
    CUSTOMS = "customs"
    IMMIGRATION = "immigration"
    SECURITY = "security"
    DATA_ERROR = "data_error"


FOUND = frozenset({Result.DOCUMENT, Result.CUSTOMS, Result.IMMIGRATION, Result.SECURITY})


class Flag(StrEnum):
    """Why a rule stands out. RATE and PRECISION let it inform only, until its approver answers."""

    RATE = "rate"
    PRECISION = "precision"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What is counted of a rule: subjects it was evaluated for, hits, unknowns, and inspections' results by word.

    ``unreported`` are hits that were inspected and whose result nobody has told.
    """

    subjects: int = 0
    hits: int = 0
    unknowns: int = 0
    results: Mapping[Result, int] = field(default_factory=dict)
    unreported: int = 0

    @property
    def inspected(self) -> int:
        """How many inspections have a result."""
        return sum(self.results.values())

    @property
    def found(self) -> int:
        """How many of them found something."""
        return sum(count for result, count in self.results.items() if result in FOUND)

    @property
    def rate(self) -> float | None:
        """The share of subjects that it hits; None before the first."""
        return self.hits / self.subjects if self.subjects else None

    def __add__(self, other: RuleCount) -> RuleCount:
        results = {one: self.results.get(one, 0) + other.results.get(one, 0) for one in Result}
        return RuleCount(
            self.subjects + other.subjects,
            self.hits + other.hits,
            self.unknowns + other.unknowns,
            {one: count for one, count in results.items() if count},
            self.unreported + other.unreported,
        )


def wilson(found: int, of: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share ``found`` / ``of``; 0 to 1 where nothing was tried."""
    if of == 0:
        return 0.0, 1.0
    share, square = found / of, Z_95 * Z_95
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z_95 / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def flags_of(
    count: RuleCount, max_hit_rate: float, policy: Policy, drawn: RuleCount | None = None, *, day_over: bool = False
) -> tuple[Flag, ...]:
    """Return why a rule stands out, by the policy's floors.

    The rate counts after ``LEAST_SUBJECTS`` subjects, or with any number once a day is over (``day_over``), but never
    on a single hit. ``drawn`` is what the lot found in the same lane.
    """
    found = []
    rate = count.rate
    enough = count.subjects >= LEAST_SUBJECTS or (day_over and count.hits > 1)
    if rate is not None and enough and rate > max_hit_rate:
        found.append(Flag.RATE)
    if (
        count.inspected >= policy.precision_after
        and count.found * 100 < policy.least_precision_percent * count.inspected
    ):
        found.append(Flag.PRECISION)
    if drawn is not None and _no_better(count, drawn):
        found.append(Flag.RETIRE)
    return tuple(found)


def _no_better(count: RuleCount, drawn: RuleCount) -> bool:
    if count.inspected < RETIRE_AFTER or not drawn.inspected:
        return False
    return count.found * drawn.inspected <= drawn.found * count.inspected


def suspends(flags: tuple[Flag, ...], policy: Policy) -> bool:
    """Tell whether a rule with these flags may only inform."""
    return policy.suspend_rules and bool({Flag.RATE, Flag.PRECISION} & set(flags))
