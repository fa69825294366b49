"""Cases: what a person has to look at, first of all a late hit, found by the centre or by the booth itself.

Both ends fold the same case from what each knows: its id follows from what it is of, a step counts by the same rules
(`Stand`), and what is found again adds nothing (`marks`). So the order in which they hear of each other makes no
difference in the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from checkpoint_app.verdict.answer import Answer, Check
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES, Statement

MAX_INBOX_BYTES = 4 << 20
MOST_ITEMS = 100
LEFT_OPEN = "open"
"""The disposition of an Encounter that nobody decided."""
DUE = timedelta(minutes=30)
"""How soon somebody should have looked at a case."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none of them is taken for another on the telephone
_SIGNS_OF_ID = 8
_MARK_DIGITS = 20


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
    """A late hit: what was decided here, what the booth knew then, and what was found since.

    ``number`` is dense in the booth's inbox; a change of state is sent as the same case under a new number. It is 0 in
    what the booth opened itself. ``found`` are the hits that nobody knew then. ``due_at`` is when somebody should have
    looked. ``up_to`` is the booth's event up to which the centre had its journal when it sent this: what was done at
    the booth after it counts on top. 0: not told.
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
    up_to: int = 0

    @property
    def stand(self) -> Stand:
        """How it stands."""
        return Stand(self.state, self.owner, self.outcome)

    def standing(self, stand: Stand) -> Case:
        """Return the case standing so."""
        return replace(self, state=stand.state, owner=stand.owner, outcome=stand.outcome)

    def widened(self, other: Case) -> Case:
        """Return this case with what ``other``, of the same Encounter and list, has found beside; itself if nothing.

        With something new it is looked at anew, and due by ``other``: who closed it did not know of that.
        """
        known = marks(self.found)
        new = tuple(answer for answer in other.found if not marks((answer,)) <= known)
        if not new:
            return self
        return replace(self, found=(*self.found, *new), due_at=other.due_at).standing(Stand())


@dataclass(frozen=True, slots=True)
class Stand:
    """How a case stands; each step gives the next. A case just opened, or widened, is new and nobody's."""

    state: CaseState = CaseState.NEW
    owner: str = ""
    outcome: CaseOutcome | None = None

    def taken(self, owner: str) -> Stand:
        """Somebody took it; one that is closed stays so."""
        return self if self.state is CaseState.CLOSED else Stand(CaseState.TAKEN, owner)

    def closed(self, owner: str, outcome: CaseOutcome, *, saw_all: bool = True) -> Stand:
        """Somebody closed it: the first counts, and only who ``saw_all`` that was found."""
        return self if self.state is CaseState.CLOSED or not saw_all else Stand(CaseState.CLOSED, owner, outcome)


def case_id(year: int, booth: str, encounter_id: str, list_name: str, *, silent: bool = False, number: int = 0) -> str:
    """Return the id of a case, such as ``26-7Q4K9XBD``: the year of the Encounter, and a digest of what it is of.

    So booth and centre have the same id for the same late hit, also a centre that was put back and raises it again.
    ``number`` is above 0 where cases of other things have the ids before.
    """
    of = canonical_bytes([booth, encounter_id, list_name, int(silent), number])
    value = int.from_bytes(hashlib.sha256(of).digest())
    signs = "".join(_SIGNS[(value >> (5 * place)) & 31] for place in range(_SIGNS_OF_ID))
    return f"{year % 100:02d}-{signs}"


def marks(found: Iterable[Answer]) -> frozenset[str]:
    """Return a mark for each thing that answers name: an entry as it was, a rule, or a finding about a number.

    Answers of booth and centre, given at other moments about the same list, name the same things.
    """
    return frozenset(_mark(thing) for answer in found for thing in _named(answer))


def _named(answer: Answer) -> list[list[str]]:
    name = answer.source.name
    if answer.check is Check.WANTED:
        return [[name, one.entry_id, one.entry_digest] for one in answer.candidates]
    if answer.check is Check.RISK:
        return [[name, one.rule, str(one.version)] for one in answer.rules]
    return [[name, *number_of(one.code, one.params)] for one in answer.findings]


def number_of(code: str, params: Mapping[str, str]) -> tuple[str, str]:
    """Return what a finding about a document number is about, whatever else it says: its code and the number."""
    return code, params.get("number", "")


def _mark(thing: Collection[str]) -> str:
    return hashlib.sha256(canonical_bytes(list(thing))).hexdigest()[:_MARK_DIGITS]


def fitting(case: Case) -> Case:
    """Return ``case`` as it fits a statement: where entries are very long, with fewer candidates, the best first."""
    most = max((len(answer.candidates) for answer in case.found), default=0)
    while most > 1 and len(canonical_bytes(to_plain(case))) > MAX_STATEMENT_BYTES:
        most = most // 2
        case = replace(case, found=tuple(replace(one, candidates=one.candidates[:most]) for one in case.found))
    return case


@dataclass(frozen=True, slots=True)
class Inbox:
    """The items after the number asked for, in order: statements of ``Case``."""

    booth: str
    last: int
    items: tuple[Statement, ...]
