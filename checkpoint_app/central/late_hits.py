"""Late hits: every decided Encounter is screened again at the centre, by all its lists, also the silent ones, and by
silent rule sets.

What the booth's stored answers name, and what an officer cleared, was known to somebody. What is left is a case. The
work is a query over the table of Encounters, so a crash loses none of it and doing it twice makes nothing twice. Where
none is left, what rules came to at booths is evaluated again (`risk_replay`), and Encounters of the last days are held
against lists that changed (`rescreening`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select, update

from checkpoint_app.central import alarms, database, decided, encounters, rescreening, risk_replay
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import Consulted, Decided, Screened
from checkpoint_app.central.delivery import WANTED
from checkpoint_app.central.rule_counts import RuleWatch
from checkpoint_app.central.rules import RuleSets, ServedRules
from checkpoint_app.central.transactions import retried
from checkpoint_app.screening.checks import MOST_SHOWN, Examination, run_list_checks
from checkpoint_app.screening.subjects import nobody_cleared
from checkpoint_app.verdict.raising import open_count
from checkpoint_app.wire.case import marks
from checkpoint_app.wire.plain import to_plain

log = logging.getLogger(__name__)

BATCH = 50
WAKE_EVERY_S = 5.0
WAIT_FOR_BODIES = timedelta(minutes=10)
"""An Encounter waits so long for a body that is still on its way: without it, what the booth knew would look new."""
OPEN_FOR_LONG = timedelta(minutes=15)
"""After so long an Encounter is screened as it is: whoever walked away undecided was here all the same."""


def screen_decided(centre: Centre, lists: Lists, limit: int = BATCH, rules: Sequence[ServedRules] = ()) -> int:
    """Screen at most ``limit`` Encounters that were decided since they were last screened; return how many.

    None while there is no policy, or a list is still being loaded: they wait. One whose events say nothing sensible is
    marked with an alarm, and the next is taken. ``rules`` are the silent rule sets.
    """
    lists.look()
    policy = lists.policy
    if policy is None or not lists.complete:
        return 0
    read = retried(centre, partial(_read, centre, limit))
    consulted = Consulted(policy, lists.public(), lists.silent(), rules)
    screened = [_screen(row, one, consulted, centre.now()) for row, one in read]
    retried(centre, partial(_keep, centre, screened))
    return len(read)


class Worker:
    """Screens in a thread of its own: at once when woken, and every five seconds."""

    def __init__(self, centre: Centre, lists: Lists | None = None) -> None:
        self._centre = centre
        self._own = Lists(centre) if lists is None else None
        self._lists = lists or self._own or Lists(centre)
        self._rules = RuleSets(centre)
        self._watch = RuleWatch(centre)
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
        """End after the Encounters at hand, a second or two."""
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
                self._rules.refresh()
                if screen_decided(self._centre, self._lists, BATCH, self._rules.silent()) == BATCH:
                    continue
                if risk_replay.replay_waiting(self._centre, self._rules) == risk_replay.BATCH:
                    continue
                if self._watch.look(self._lists.policy):
                    continue
                if rescreening.hold_changed(self._centre, self._lists):
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


def _read(centre: Centre, limit: int, connection: Connection) -> list[tuple[Row[Any], Decided | None]]:
    """Return the Encounters that are due, as their events tell them; None for one whose events say nothing sensible."""
    found: list[tuple[Row[Any], Decided | None]] = []
    for row in _due(centre, connection, limit):
        try:
            found.append((row, decided.decided_of(centre, connection, row)))
        except decided.BAD:
            found.append((row, None))
    return found


def _keep(centre: Centre, screened: Sequence[tuple[Screened, bool]], connection: Connection) -> None:
    """Open the cases and note what was screened, in one transaction; a row that changed meanwhile is left as it is."""
    for one, unfounded in screened:
        if not decided.is_as_read(connection, one.row):
            continue
        decided.open_cases(centre, connection, one)
        if unfounded:
            alarms.sound(centre, connection, "case_unfounded", one.row.booth, one.about)
        values: dict[str, Any] = {"screened_seq": decided.last_event(one.row)}
        if one.decided is not None:
            values["decided_at"] = to_plain(min(one.decided.decided_at, centre.now()))
        connection.execute(update(database.encounters).where(decided.this(one.row)).values(**values))


def _screen(row: Row[Any], one: Decided | None, consulted: Consulted, now: datetime) -> tuple[Screened, bool]:
    """Return what the centre finds now and nobody knew, or that this can't be told: the others still can.

    And whether its booth found what is not in the very version of the list that it names.
    """
    try:
        found = None if one is None else one.new(consulted, now)
        return Screened(row, one, found), one is not None and _is_unfounded(one, consulted, now)
    except Exception as error:  # noqa: BLE001 - one Encounter; an alarm says which
        log.error("late hits: an Encounter can't be screened: %s", type(error).__name__)  # noqa: TRY400 - personal
        return Screened(row, one, None), False


def _is_unfounded(one: Decided, consulted: Consulted, now: datetime) -> bool:
    """Tell whether cases of the Encounter name what is not in that very version of the list, which is here."""
    here = {(each.source.name, each.source.version): each for each in consulted.public}
    claimed = [answer for answer in one.claimed if (answer.source.name, answer.source.version) in here]
    if one.mrz is None or not claimed:
        return False
    named = [here[place] for place in {(each.source.name, each.source.version) for each in claimed}]
    examined = Examination(one.mrz, one.doubtful, now)
    answers = run_list_checks(examined, decided.every(consulted.policy), named, nobody_cleared)
    told = {each.source.name for each in answers if each.not_done is None and open_count(each) <= MOST_SHOWN}
    return not marks(each for each in claimed if each.source.name in told) <= marks(answers)
