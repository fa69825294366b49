"""A post's policy: which checks it requires, how old a list may be, and which finding is a note and which a hit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.verdict.answer import Check, Finding, NotDone, Outcome
from checkpoint_app.verdict.lane import Lane, LaneKind, Mode


class AgeStep(StrEnum):
    """The three steps of a list's age."""

    FRESH = "fresh"
    AS_OF = "as_of"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class AgeSteps:
    """Bounds of the steps: up to ``fresh`` inclusive, then "as of" up to ``usable`` inclusive, then too old."""

    fresh: timedelta = timedelta(hours=24)
    usable: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.fresh <= self.usable:
            raise ValueError("age steps must grow: 0 < fresh <= usable")

    def step(self, issued_at: datetime, now: datetime) -> AgeStep:
        """Return the step of a list issued at ``issued_at``. ``now`` is trusted time, so never before it."""
        age = now - issued_at
        if age <= self.fresh:
            return AgeStep.FRESH
        return AgeStep.AS_OF if age <= self.usable else AgeStep.TOO_OLD


@dataclass(frozen=True, slots=True)
class Requirement:
    """A check that must be done; with a list name, against that list."""

    check: Check
    list_name: str = ""


_DAYS = ("offline_days", "cleared_before_days", "keep_days", "rescreen_days", "warn_days")
MOST_DAYS = 36_525
"""A hundred years: a policy can't mean more days, and a date so many days ahead is still one."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Signed data of the post: ``required`` checks must be done, ``optional`` ones are asked for and shown.

    A finding without a rule of its own counts as a hit: the safe side. ``keep_days`` is how long a booth keeps the
    bodies of events that the centre has, ``rescreen_days`` how far back a new list is held against Encounters,
    ``warn_days`` how early an agreement's or the lease's end is told, ``slip_hours`` how long a slip is believed.

    ``cargo_required`` and ``cargo_optional`` are the checks of consignments. ``lanes`` are profiles by a lane's
    name, or name and kind: ``3``, ``3/cargo``. ``stay_days`` is how long a nationality may stay, by ICAO code; the
    empty one is for all others. ``weight_tolerance_percent`` is how far a weight may lie from the declared one.
    ``seen_by`` says which role sees what bears a handling code: those not named are seen by every officer.
    ``unreported_hours``: an inspection without a result after so long is told; ``suspend_rules``: a rule above its
    highest rate, or below ``least_precision_percent`` after ``precision_after`` results, informs only.
    """

    name: str
    version: int
    issued_at: datetime
    required: tuple[Requirement, ...]
    outcomes: Mapping[str, Outcome]
    optional: tuple[Requirement, ...] = ()
    ages: AgeSteps = field(default_factory=AgeSteps)
    offline_days: int = 14
    cleared_before_days: int = 365
    keep_days: int = 30
    rescreen_days: int = 7
    warn_days: int = 14
    slip_hours: int = 24
    cargo_required: tuple[Requirement, ...] = ()
    cargo_optional: tuple[Requirement, ...] = ()
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    stay_days: Mapping[str, int] = field(default_factory=dict)
    weight_tolerance_percent: int = 5
    seen_by: Mapping[str, str] = field(default_factory=dict)
    unreported_hours: int = 24
    suspend_rules: bool = True
    least_precision_percent: int = 1
    precision_after: int = 200

    def __post_init__(self) -> None:
        if not self.required:
            raise ValueError(f"policy {self.name}: it requires no check at all")
        bad = [code for code, outcome in self.outcomes.items() if outcome not in (Outcome.NOTE, Outcome.HIT)]
        if bad:
            raise ValueError(f"policy {self.name}: a finding is a note or a hit, not so: {', '.join(sorted(bad))}")
        for days in _DAYS:
            if not 0 <= getattr(self, days) <= MOST_DAYS:
                raise ValueError(f"policy {self.name}: {days} is a number of days from 0 to {MOST_DAYS}")
        if any(not 0 <= days <= MOST_DAYS for days in self.stay_days.values()):
            raise ValueError(f"policy {self.name}: stay_days are numbers of days from 0 to {MOST_DAYS}")
        if not (0 <= self.weight_tolerance_percent <= 100 and 0 <= self.least_precision_percent <= 100):
            raise ValueError(f"policy {self.name}: a share in percent is a number from 0 to 100")
        if not (0 <= self.unreported_hours <= 24 * MOST_DAYS and 1 <= self.precision_after <= 1_000_000):
            raise ValueError(f"policy {self.name}: unreported_hours and precision_after are out of bounds")
        if not 0 <= self.slip_hours <= 24 * MOST_DAYS:
            raise ValueError(f"policy {self.name}: slip_hours is a number of hours from 0 to {24 * MOST_DAYS}")

    def lane(self, name: str, kind: LaneKind = LaneKind.PEOPLE) -> Lane:
        """Return the profile of the lane while it serves ``kind``; where the policy has none, a plain one by land."""
        found = self.lanes.get(f"{name}/{kind.value}") or self.lanes.get(name)
        if found is None or found.kind is not kind:
            return Lane(kind, found.mode if found is not None else Mode.LAND)
        return found

    def outcome_of(self, findings: tuple[Finding, ...]) -> Outcome:
        """Return the weightiest outcome among ``findings``; CLEAR when there is none."""
        outcomes = {self.outcomes.get(finding.code, Outcome.HIT) for finding in findings}
        return Outcome.HIT if Outcome.HIT in outcomes else Outcome.NOTE if outcomes else Outcome.CLEAR

    def bar_to_use(self, issued_at: datetime, agreement: Agreement | None, now: datetime) -> NotDone | None:
        """Return why a list may not be consulted at ``now`` (agreement first, then age), or None if it may."""
        too_old = self.ages.step(issued_at, now) is AgeStep.TOO_OLD
        return bar_by_agreement(agreement, now) or (NotDone.LIST_TOO_OLD if too_old else None)


def bar_by_agreement(agreement: Agreement | None, now: datetime) -> NotDone | None:
    """Return why the agreement does not let a list be used at ``now``, None where it does, or none is needed."""
    if agreement is None or agreement.in_force(now):
        return None
    return NotDone.AGREEMENT_ENDED if now >= agreement.ends_at else NotDone.AGREEMENT_NOT_BEGUN
