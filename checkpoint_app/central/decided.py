"""An Encounter as the booth decided it, out of its events; what lists say of it that nobody knew; the cases of that.

Late screening and re-screening both work by this.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select
from sqlalchemy.exc import DBAPIError

from checkpoint_app.central import alarms, cases, clearances, database, encounters, silent_rules
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.encounters import BodyShapeError, Place
from checkpoint_app.central.rules import ServedRules
from checkpoint_app.central.silent_rules import Standing
from checkpoint_app.documents import Mrz, MrzError, parse_mrz
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, LoadedList
from checkpoint_app.screening.late import WasCleared, found_late, seen_lists
from checkpoint_app.verdict import Answer, Candidate, Policy, Requirement
from checkpoint_app.wire.canonical import CanonicalError
from checkpoint_app.wire.case import DUE, LEFT_OPEN, Case, CaseKind, case_id
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import SealError

log = logging.getLogger(__name__)
_table = database.encounters

BAD = (BodyShapeError, CanonicalError, PlainError, MrzError, SealError, KeyError, TypeError, ValueError)
"""What the events of an Encounter raise that say nothing sensible."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """The lists that are asked: those that a booth may hear of by ``policy``, and the silent ones, all of them.

    ``rules`` are the silent rule sets.
    """

    policy: Policy
    public: Sequence[LoadedList]
    silent: Sequence[LoadedList]
    rules: Sequence[ServedRules] = ()

    def new(self, examined: Examination, known: Sequence[Answer], cleared: WasCleared) -> list[Found]:
        """Return an answer a list in which there is something that nobody knew."""
        asked = (self.policy, self.public, False), (every(self.policy), self.silent, True)
        return [
            Found(answer.source.name, silent, answer)
            for policy, lists, silent in asked
            for answer in found_late(examined, policy, lists, known, cleared)
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """What one list, or silent rule set, says that is new."""

    list_name: str
    silent: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class Decided:
    """An Encounter as the booth decided it: what it read, what it answered, and the disposition.

    ``claimed`` is what cases of it name already, and ``known`` that and its answers; ``cleared`` are the (list, entry's
    id, entry's digest) that an officer found not to be this person. ``standing`` is what rules see of it.
    """

    booth: str
    encounter_id: str
    begun_at: datetime
    mrz: Mrz | None
    doubtful: bool
    direction_in: bool
    answers: tuple[Answer, ...]
    claimed: tuple[Answer, ...]
    known: tuple[Answer, ...]
    cleared: frozenset[tuple[str, str, str]]
    disposition: str
    decided_at: datetime
    decided_by: str
    standing: Standing

    def new(self, consulted: Consulted, now: datetime) -> list[Found]:
        """Return what the lists, and the silent rules, say of it now and nobody knew."""
        by_rules = self._by_rules(consulted, now)
        if self.mrz is None:
            return by_rules
        examined = Examination(self.mrz, self.doubtful, now)
        return [*consulted.new(examined, self.known, self._was_cleared), *by_rules]

    def _by_rules(self, consulted: Consulted, now: datetime) -> list[Found]:
        try:
            found = silent_rules.found(consulted.rules, self.standing, consulted.policy, now)
        except BAD as error:  # what a booth wrote must not keep lists from being asked
            log.warning("silent rules: an Encounter can't be evaluated: %s", type(error).__name__)
            return []
        return [Found(answer.source.name, True, answer) for answer in found]

    def _was_cleared(self, list_name: str, candidate: Candidate) -> bool:
        return (list_name, candidate.entry_id, candidate.entry_digest) in self.cleared


@dataclass(frozen=True, slots=True)
class Screened:
    """An Encounter's row as it was read, and what was found; None where it could not be screened."""

    row: Row[Any]
    decided: Decided | None
    found: list[Found] | None

    @property
    def about(self) -> dict[str, str | int]:
        """What an alarm says of it."""
        return {"chain": self.row.chain, "seq": last_event(self.row)}


def last_event(row: Row[Any]) -> int:
    """Return the event that an Encounter is screened at: its disposition, else the last that is known of it."""
    return int(row.decided_seq or row.answered_seq or row.read_seq)


def every(policy: Policy) -> Policy:
    """Return ``policy`` asking all lists, whatever a post's does."""
    return replace(policy, required=tuple(Requirement(check) for check in KIND_OF_CHECK), optional=())


def examined_of(read: Mapping[str, Any], now: datetime) -> Examination | None:
    """Return what lists are asked by a reading's body; None where it has no zone. Raises what is in ``BAD``."""
    mrz, doubtful = _read_of(read)
    return None if mrz is None else Examination(mrz, doubtful, now)


def _read_of(read: Mapping[str, Any]) -> tuple[Mrz | None, bool]:
    lines = from_plain(tuple[str, ...], read["mrz"])
    begun_at, doubtful = from_plain(datetime, read["opened_at"]), from_plain(bool, read["doubtful"])
    return (parse_mrz(lines, begun_at.date()) if lines else None), doubtful


def decided_of(centre: Centre, connection: Connection, row: Row[Any]) -> Decided:
    """Return the Encounter as its events tell it. Raises what is in ``BAD`` where they do not."""
    header, read = _body(centre, connection, row, row.read_seq)
    disposition: Mapping[str, Any] = {"disposition": LEFT_OPEN, "officer": read.get("officer", "")}
    if row.decided_seq is not None:
        header, disposition = _body(centre, connection, row, row.decided_seq)
    answers: tuple[Answer, ...] = ()
    if row.answered_seq is not None:
        answers = from_plain(tuple[Answer, ...], _body(centre, connection, row, row.answered_seq)[1]["answers"])
    begun_at = from_plain(datetime, read["opened_at"])
    mrz, doubtful = _read_of(read)
    claimed = cases.found_before(centre, connection, row.booth, row.encounter_id)
    subject = encounters.subject_key(centre, to_plain(mrz.document)) if mrz else None
    return Decided(
        booth=row.booth,
        encounter_id=row.encounter_id,
        begun_at=begun_at,
        mrz=mrz,
        doubtful=doubtful,
        direction_in=disposition.get("direction", read["direction"]) == "in",
        answers=answers,
        claimed=claimed,
        known=(*answers, *claimed),
        cleared=clearances.holding(connection, subject, centre.now()),
        disposition=from_plain(str, disposition["disposition"]),
        decided_at=encounters.moment_of(header),
        decided_by=from_plain(str, disposition["officer"]),
        standing=silent_rules.standing(centre, connection, row.booth, row.encounter_id, read),
    )


def _body(centre: Centre, connection: Connection, row: Row[Any], seq: int) -> tuple[str, Mapping[str, Any]]:
    found = encounters.body_at(centre, connection, Place(row.booth, row.chain, seq))
    if found is None:
        raise BodyShapeError("a body of the Encounter is not here")
    return found


def open_cases(centre: Centre, connection: Connection, one: Screened) -> bool:
    """Open the cases of one Encounter, all or none; where that can't be done an alarm says so. Tells which.

    It costs no other Encounter its own.
    """
    done = _opened(centre, connection, one)
    if not done:
        alarms.sound(centre, connection, "not_screened", one.row.booth, one.about)
    return done


def _opened(centre: Centre, connection: Connection, one: Screened) -> bool:
    if one.decided is None or one.found is None:
        return False
    try:
        with connection.begin_nested():
            for found in one.found:
                case = _case(centre, one.decided, found)
                cases.raise_case(centre, connection, found.list_name, case, silent=found.silent)
    except DBAPIError:  # the database's: the whole batch is tried again
        raise
    except Exception as error:  # noqa: BLE001 - one Encounter; an alarm says which
        log.error("late hits: a case can't be opened: %s", type(error).__name__)  # noqa: TRY400 - texts may be personal
        return False
    return True


def is_as_read(connection: Connection, row: Row[Any]) -> bool:
    """Lock an Encounter's row, and tell whether it is still as it was read."""
    return connection.execute(select(_table).where(this(row)).with_for_update()).one() == row


def this(row: Row[Any]) -> ColumnElement[bool]:
    """Return the condition for the row of an Encounter."""
    return and_(_table.c.booth == row.booth, _table.c.encounter_id == row.encounter_id)


def _case(centre: Centre, decided: Decided, found: Found) -> Case:
    """Return the case of a late hit; its number is given where it is kept."""
    document = decided.mrz.document if decided.mrz else None
    now = centre.now()
    of = decided.booth, decided.encounter_id, found.list_name
    return Case(
        case_id=case_id(decided.begun_at.year, *of, silent=found.silent),
        number=0,
        kind=CaseKind.LATE_HIT,
        booth=decided.booth,
        encounter_id=decided.encounter_id,
        family_name=(document.family_name if document else None) or "",
        given_names=(document.given_names if document else None) or "",
        disposition=decided.disposition,
        decided_at=decided.decided_at,
        decided_by=decided.decided_by,
        direction_in=decided.direction_in,
        found=(found.answer,),
        seen=seen_lists(decided.answers, found.list_name),
        opened_at=now,
        due_at=now + DUE,
    )
