"""The values of a rule set, checkpoint-rules/1: what its authors wrote, checked and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from checkpoint_app.risk.catalogue import Catalogue
from checkpoint_app.risk.cel import Program
from checkpoint_app.verdict.lane import Mode

FORMAT = "checkpoint-rules/1"


class Action(StrEnum):
    """What a rule that hits asks for. No rule refuses anybody: a person decides."""

    INFORM = "inform"
    REFER = "refer"
    INSPECT = "inspect"


class Match(StrEnum):
    """How many conditions must be true."""

    ALL = "all"
    ANY = "any"


class RuleResult(StrEnum):
    """What a rule comes to for one subject."""

    HIT = "hit"
    CLEAR = "clear"
    UNKNOWN = "unknown"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A named condition: its text in CEL, the sentence for the officer, and the compiled text."""

    name: str
    cel: str
    says: str
    program: Program = field(repr=False, compare=False)

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that it reads, in alphabetical order."""
        return self.program.reads


@dataclass(frozen=True, slots=True)
class Vector:
    """A test of a rule by its author: this subject (flat fields), this result, whatever date and lane."""

    fields: Mapping[str, object]
    expect: RuleResult


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as signed. ``starts`` and ``ends`` are inclusive; ``max_hit_rate`` is a share, above 0, 1 at most."""

    id: str
    version: int
    title: str
    subject: str
    purpose: str
    legal_basis: str
    owner: str
    approver: str
    second_approver: str | None
    starts: date
    ends: date
    lanes: tuple[Mode, ...]
    max_hit_rate: float
    action: Action
    question: str
    match: Match
    conditions: tuple[RuleCondition, ...]
    tests: tuple[Vector, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that any of its conditions reads, in alphabetical order."""
        return tuple(sorted({name for condition in self.conditions for name in condition.reads}))

    def in_force(self, on: date, mode: Mode) -> bool:
        """Tell whether it applies on that day, in a lane of that mode."""
        return self.starts <= on <= self.ends and mode in self.lanes


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole set without a fault. ``digest`` is the SHA-256 of its exact bytes, in hexadecimal digits.

    ``ignored`` are names that its vectors use and the catalogue does not know: likely misspelt, but no fault.
    """

    set: str
    version: str
    issued: datetime
    fields: Catalogue
    rules: tuple[Rule, ...]
    digest: str
    ignored: tuple[str, ...] = ()
