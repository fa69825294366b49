"""Late hits: every decided Encounter is screened again at the centre, by all its lists, also the silent ones.

What the booth's stored answers name, and what an officer cleared, was known to somebody. What is left is a case. The
work is a query over the table of Encounters, so a crash loses none of it and doing it twice makes nothing twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from checkpoint_app.central import alarms, cases, clearances, database, encounters
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import WANTED
from checkpoint_app.central.encounters import BodyShapeError, Place
from checkpoint_app.central.transactions import retried
from checkpoint_app.documents import Mrz, MrzError, parse_mrz
from checkpoint_app.screening.checks import KIND_OF_CHECK, MOST_SHOWN, Examination, run_list_checks
from checkpoint_app.screening.late import found_late, seen_lists
from checkpoint_app.screening.subjects import nobody_cleared
from checkpoint_app.verdict import Answer, Candidate, Policy, Requirement
from checkpoint_app.verdict.raising import open_count
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.case import DUE, LEFT_OPEN, Case, CaseKind, case_id, marks
from checkpoint_app.wire.event import MAX_HEADER_BYTES
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import SealError

log = logging.getLogger(__name__)

BATCH = 50
WAKE_EVERY_S = 5.0
WAIT_FOR_BODIES = timedelta(minutes=10)
"""An Encounter waits so long for a body that is still on its way: without it, what the booth knew would look new."""
OPEN_FOR_LONG = timedelta(minutes=15)
"""After so long an Encounter is screened as it is: whoever walked away undecided was here all the same."""
_BAD = (BodyShapeError, CanonicalError, PlainError, MrzError, SealError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Decided:
    """An Encounter as the booth decided it: what it read, what it answered, and the disposition.

    ``claimed`` is what cases of it name already, and ``known`` that and its answers; ``cleared`` are the (list, entry's
    id, entry's digest) that an officer found not to be this person.
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


@dataclass(frozen=True, slots=True)
class _Found:
    list_name: str
    silent: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Screened:
    """An Encounter's row as it was read, and what was found; None where it could not be screened.

    ``unfounded`` tells that its booth found what is not in the very version of the list that it names.
    """

    row: Row[Any]
    decided: _Decided | None
    found: list[_Found] | None
    unfounded: bool


def screen_decided(centre: Centre, lists: Lists, limit: int = BATCH) -> int:
    """Screen at most ``limit`` Encounters that were decided since they were last screened; return how many.

    None while there is no policy, or a list is still being loaded: they wait. One whose events say nothing sensible is
    marked with an alarm, and the next is taken.
    """
    lists.look()
    policy = lists.policy
    if policy is None or not lists.complete:
        return 0
    read = retried(centre, partial(_read, centre, limit))
    screened = [_screen(row, one, lists, policy, centre.now()) for row, one in read]
    retried(centre, partial(_keep, centre, screened))
    return len(read)


class Worker:
    """Screens in a thread of its own: at once when woken, and every five seconds."""

    def __init__(self, centre: Centre, lists: Lists | None = None) -> None:
        self._centre = centre
        self._own = Lists(centre) if lists is None else None
        self._lists = lists or self._own or Lists(centre)
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; without lists given, those of its own are loaded too."""
        if self._own is not None:
            self._own.start()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="central worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the Encounter at hand."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._own is not None:
            self._own.stop()

    def wake(self) -> None:
        """Say that there may be something to screen."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                if screen_decided(self._centre, self._lists, BATCH) == BATCH:
                    continue
            except Exception as error:  # noqa: BLE001 - the table still says what is to be done
                log.error("late hits: screening failed: %s", type(error).__name__)  # noqa: TRY400 - may be personal
            self._woken.wait(WAKE_EVERY_S)


# -- which are due ----------------------------------------------------------------------------------------------------


def _due(centre: Centre, connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return the Encounters that were decided, or left open for long, since they were screened; the earliest first."""
    table, events, bodies = database.encounters, database.events, database.bodies
    last = func.coalesce(table.c.decided_seq, table.c.answered_seq, table.c.read_seq)
    left_open = (
        exists()
        .where(events.c.booth == table.c.booth, events.c.chain == table.c.chain, events.c.seq == last)
        .where(events.c.received_at < to_plain(centre.now() - OPEN_FOR_LONG))
    )
    on_its_way = (
        exists()
        .where(bodies.c.booth == table.c.booth, bodies.c.state == WANTED, bodies.c.seq <= last)
        .where(events.c.booth == bodies.c.booth, events.c.chain == bodies.c.chain, events.c.seq == bodies.c.seq)
        .where(events.c.kind.in_([kind.value for kind in encounters.NEEDED]))
        .where(events.c.received_at > to_plain(centre.now() - WAIT_FOR_BODIES))
    )
    return connection.execute(
        select(table)
        .where(last > table.c.screened_seq, table.c.read_seq.is_not(None), ~on_its_way)
        .where(or_(table.c.decided_seq.is_not(None), left_open))
        .order_by(table.c.booth, last)
        .limit(limit)
    ).all()


# -- one Encounter ----------------------------------------------------------------------------------------------------


def _read(centre: Centre, limit: int, connection: Connection) -> list[tuple[Row[Any], _Decided | None]]:
    """Return the Encounters that are due, as their events tell them; None for one whose events say nothing sensible."""
    found: list[tuple[Row[Any], _Decided | None]] = []
    for row in _due(centre, connection, limit):
        try:
            found.append((row, _decided(centre, connection, row)))
        except _BAD:
            found.append((row, None))
    return found


def _keep(centre: Centre, screened: Sequence[_Screened], connection: Connection) -> None:
    """Open the cases and note what was screened, in one transaction; a row that changed meanwhile is left as it is."""
    table = database.encounters
    for one in screened:
        row = one.row
        this = (table.c.booth == row.booth) & (table.c.encounter_id == row.encounter_id)
        if connection.execute(select(table).where(this).with_for_update()).one() != row:
            continue
        about = {"chain": row.chain, "seq": _last(row)}
        if not _raised(centre, connection, one):
            alarms.sound(centre, connection, "not_screened", row.booth, about)
        if one.unfounded:
            alarms.sound(centre, connection, "case_unfounded", row.booth, about)
        connection.execute(update(table).where(this).values(screened_seq=_last(row)))


def _raised(centre: Centre, connection: Connection, one: _Screened) -> bool:
    """Open the cases of one Encounter, all or none; tells whether that could be done. It costs no other its own."""
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


def _last(row: Row[Any]) -> int:
    """Return the event that an Encounter is screened at: its disposition, else the last that is known of it."""
    return int(row.decided_seq or row.answered_seq or row.read_seq)


def _decided(centre: Centre, connection: Connection, row: Row[Any]) -> _Decided:
    """Return the Encounter as its events tell it. Raises what is in ``_BAD`` where they do not."""
    header, read = _body(centre, connection, row, row.read_seq)
    disposition: Mapping[str, Any] = {"disposition": LEFT_OPEN, "officer": read.get("officer", "")}
    if row.decided_seq is not None:
        header, disposition = _body(centre, connection, row, row.decided_seq)
    answers: tuple[Answer, ...] = ()
    if row.answered_seq is not None:
        answers = from_plain(tuple[Answer, ...], _body(centre, connection, row, row.answered_seq)[1]["answers"])
    lines = from_plain(tuple[str, ...], read["mrz"])
    begun_at = from_plain(datetime, read["opened_at"])
    mrz = parse_mrz(lines, begun_at.date()) if lines else None
    claimed = cases.found_before(centre, connection, row.booth, row.encounter_id)
    subject = encounters.subject_key(centre, to_plain(mrz.document)) if mrz else None
    return _Decided(
        booth=row.booth,
        encounter_id=row.encounter_id,
        begun_at=begun_at,
        mrz=mrz,
        doubtful=from_plain(bool, read["doubtful"]),
        direction_in=disposition.get("direction", read["direction"]) == "in",
        answers=answers,
        claimed=claimed,
        known=(*answers, *claimed),
        cleared=clearances.holding(connection, subject, centre.now()),
        disposition=from_plain(str, disposition["disposition"]),
        decided_at=_moment(header),
        decided_by=from_plain(str, disposition["officer"]),
    )


def _body(centre: Centre, connection: Connection, row: Row[Any], seq: int) -> tuple[str, Mapping[str, Any]]:
    found = encounters.body_at(centre, connection, Place(row.booth, row.chain, seq))
    if found is None:
        raise BodyShapeError("a body of the Encounter is not here")
    return found


def _moment(header: str) -> datetime:
    """Return when an event happened: by the booth's clock, or the latest moment it had learned, if that is later."""
    plain = read_canonical(header.encode(), MAX_HEADER_BYTES)
    wall, trusted = from_plain(datetime, plain["wall_time"]), plain["trusted_time"]
    return wall if trusted is None else max(wall, from_plain(datetime, trusted))


def _screen(row: Row[Any], decided: _Decided | None, lists: Lists, policy: Policy, now: datetime) -> _Screened:
    """Return what the centre finds now and nobody knew, or that this can't be told: the others still can."""
    try:
        found = None if decided is None else _screened(decided, lists, policy, now)
        return _Screened(row, decided, found, decided is not None and _is_unfounded(decided, lists, policy, now))
    except Exception as error:  # noqa: BLE001 - one Encounter; an alarm says which
        log.error("late hits: an Encounter can't be screened: %s", type(error).__name__)  # noqa: TRY400 - personal
        return _Screened(row, decided, None, unfounded=False)


def _screened(decided: _Decided, lists: Lists, policy: Policy, now: datetime) -> list[_Found]:
    """Return an answer a list in which there is something new. The silent lists are all asked."""
    if decided.mrz is None:
        return []
    examined = Examination(decided.mrz, decided.doubtful, now)

    def cleared(list_name: str, candidate: Candidate) -> bool:
        return (list_name, candidate.entry_id, candidate.entry_digest) in decided.cleared

    return [
        _Found(answer.source.name, silent, answer)
        for asked, which, silent in ((policy, lists.public(), False), (_every(policy), lists.silent(), True))
        for answer in found_late(examined, asked, which, decided.known, cleared)
    ]


def _every(policy: Policy) -> Policy:
    """Return ``policy`` asking all lists, whatever a post's does."""
    return replace(policy, required=tuple(Requirement(check) for check in KIND_OF_CHECK), optional=())


def _is_unfounded(decided: _Decided, lists: Lists, policy: Policy, now: datetime) -> bool:
    """Tell whether cases of the Encounter name what is not in that very version of the list, which is here."""
    here = {(one.source.name, one.source.version): one for one in lists.public()}
    claimed = [answer for answer in decided.claimed if (answer.source.name, answer.source.version) in here]
    if decided.mrz is None or not claimed:
        return False
    named = [here[place] for place in {(one.source.name, one.source.version) for one in claimed}]
    examined = Examination(decided.mrz, decided.doubtful, now)
    answers = run_list_checks(examined, _every(policy), named, nobody_cleared)
    told = {one.source.name for one in answers if one.not_done is None and open_count(one) <= MOST_SHOWN}
    return not marks(one for one in claimed if one.source.name in told) <= marks(answers)


def _case(centre: Centre, decided: _Decided, found: _Found) -> Case:
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
