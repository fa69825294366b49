"""Cases: what the centre sends back to a booth because a person has to look at it, first of all a late hit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkpoint_app.verdict.answer import Answer
from checkpoint_app.wire.statement import Statement

MAX_INBOX_BYTES = 4 << 20
MOST_ITEMS = 100
LEFT_OPEN = "open"
"""The disposition of an Encounter that nobody decided."""


class CaseKind(StrEnum):
    """Why there is a case."""

    LATE_HIT = "late_hit"
    ON_THE_WAY = "on_the_way"
    """Somebody on a silent list, screened before arriving; such a case stays at the centre."""


class CaseState(StrEnum):
    """Where a case stands."""

    NEW = "new"
    TAKEN = "taken"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """How a case was closed."""

    NOT_SAME = "not_same"
    SAME_REPORTED = "same_reported"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, slots=True)
class SeenList:
    """A list as the booth had it when it answered; version 0: it had none."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Case:
    """A late hit: what was decided here, what the booth knew then, and what the centre found since.

    ``number`` is dense in the booth's inbox; a change of state is sent as the same case under a new number. ``found``
    are the centre's hits that the booth could not know. ``due_at`` is when somebody should have looked.
    """

    case_id: str
    number: int
    kind: CaseKind
    booth: str
    encounter_id: str
    family_name: str
    given_names: str
    disposition: str
    decided_at: datetime
    decided_by: str
    direction_in: bool
    found: tuple[Answer, ...]
    seen: tuple[SeenList, ...]
    opened_at: datetime
    due_at: datetime
    state: CaseState = CaseState.NEW
    owner: str = ""
    outcome: CaseOutcome | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """The items after the number asked for, in order: statements of ``Case``."""

    booth: str
    last: int
    items: tuple[Statement, ...]
