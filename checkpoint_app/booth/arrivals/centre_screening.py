"""Asks the centre about people on their way, while there is a line: it may know more than this booth's lists.

A piece after the other, each kept by itself, with what both know joined by the same rules as at the desk.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from checkpoint_app.booth.arrivals.advance_screening import cleared_of
from checkpoint_app.booth.arrivals.arrival_events import tell_screened
from checkpoint_app.booth.arrivals.passengers import PeopleOf, Person, Subjects, subjects_of
from checkpoint_app.booth.arrivals.screening_results import from_text, joined, mark_of, outcome_of, to_text, with_centre
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.records import Records
from checkpoint_app.cargo.values import Role
from checkpoint_app.screening.checks import settled
from checkpoint_app.store.arrivals import Arrival, Result
from checkpoint_app.verdict import Answer, Outcome, Policy
from checkpoint_app.wire.screening import Purpose, ScreeningSubject, SubjectAnswers

if TYPE_CHECKING:
    from checkpoint_app.sync.line import Line

log = logging.getLogger(__name__)

PIECE = 25
"""People that are asked about at a time: a cut costs no more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One piece: whom it is about, and the id under which it may be asked again."""

    arrival: Arrival
    policy: Policy
    people: tuple[tuple[int, Person, Subjects], ...]
    last: int
    id: uuid.UUID

    @property
    def subjects(self) -> tuple[ScreeningSubject, ...]:
        """All that is asked."""
        return tuple(part for _place, _person, one in self.people for part in one.parts)

    @property
    def purpose(self) -> Purpose:
        """What it is asked for."""
        crew = all(person.passenger.role is Role.CREW for _place, person, _subjects in self.people)
        return Purpose.CREW_LIST if crew and self.people else Purpose.PASSENGER_LIST


def next_piece(records: Records, policy: Policy, mark: str) -> Asked | None:
    """Return the next people that the centre was not asked about; None where none are. Raises StoreError."""
    store, today = records.store, records.trusted_now().date()
    one = store.arrivals.to_ask(mark)
    if one is None:
        return None
    lines = store.arrivals.lines(one.manifest, one.asked, PIECE)
    read = PeopleOf(lambda item: store.manifests.item(one.manifest, item))
    found = ((line.place, read.get(line)) for line in lines)
    people = [(place, person, subjects_of(person, place, today)) for place, person in found if person is not None]
    last = lines[-1].place if lines else one.people - 1
    name = uuid.uuid5(uuid.UUID(one.manifest), f"{mark}/{today}/{one.asked}")
    return Asked(one, policy, tuple(people), last, name)


def keep_piece(records: Records, asked: Asked, answered: Sequence[SubjectAnswers]) -> None:
    """Keep what the centre found, with this booth's decisions taken into it. Raises StoreError."""
    store, one, now = records.store, asked.arrival, records.trusted_now()
    current = store.arrivals.get(one.manifest)
    if current is None or (current.mark, current.asked_mark) != (one.mark, one.asked_mark):
        return
    told = {each.ref: each for each in answered}
    results = []
    for place, person, subjects in asked.people:
        parts = [told[part.ref] for part in subjects.parts if part.ref in told]
        centre = tuple(each for each in joined(subjects, parts, person) if _is_finding(each))
        if centre:
            results.append(_result(records, asked, place, subjects.parts[0], centre, now))
    with store.transaction():
        store.arrivals.keep_centre(one, results, asked.last)
        if asked.last >= one.people - 1:
            tell_screened(records, replace(current, asked=asked.last))


def _result(
    records: Records, asked: Asked, place: int, subject: ScreeningSubject, centre: Sequence[Answer], now: datetime
) -> Result:
    cleared = cleared_of(records, subject, now)
    theirs = tuple(settled(each, asked.policy, cleared) for each in centre)
    own = from_text(records.store.arrivals.own_and_centre(asked.arrival.manifest, place)[0])
    return Result(place, outcome_of(with_centre(own, theirs, now)).value, "", to_text(theirs))


def _is_finding(answer: Answer) -> bool:
    """Tell whether it is a note or a hit of a list that the answer names with version and date."""
    source = answer.source
    named = bool(source.name) and source.version > 0 and source.issued_at is not None
    return named and answer.outcome in (Outcome.NOTE, Outcome.HIT)


class ArrivalsAsking:
    """Lives on the UI thread; asks on a thread of its own. ``kept`` is called after each piece."""

    def __init__(self, core: Core, line: Callable[[], Line | None]) -> None:
        self._core = core
        self._line = line
        self._busy = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="arrivals")
        self.kept: Callable[[], None] = lambda: None

    def look(self) -> None:
        """See whether there is somebody to ask about, and a line."""
        state = self._core.state
        up = state.line is not None and state.line.state == "up"
        if not self._busy and up and state.policy is not None and self._core.records is not None:
            self._busy = True
            self._core.when_free(self._piece)

    def close(self) -> None:
        """Ask no more; the line breaks off what is under way."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _piece(self) -> None:
        core, policy, lists = self._core, self._core.state.policy, self._core.state.lists
        line = self._line()
        if policy is None or line is None:
            self._busy = False
            return

        def done(asked: Asked | None) -> None:
            if asked is None:
                self._busy = False
            elif asked.subjects:
                self._thread.submit(self._ask, line, asked)
            else:
                self._answered(asked, ())

        core.record(lambda records: next_piece(records, policy, mark_of(policy, lists)), done, self._failed)

    def _ask(self, line: Line, asked: Asked) -> None:
        """Ask, on the thread beside."""
        from checkpoint_app.sync.screen import screen

        post = self._core.jobs.post
        try:
            pieces = screen(line, asked.id, asked.purpose, asked.subjects)
            answered = tuple(one for piece in pieces for one in piece)
        except Exception as error:  # noqa: BLE001 - the boundary of the thread; the booth's own answers stand
            caught = error
            post(lambda: self._failed(caught))
        else:
            post(lambda: self._core.when_free(lambda: self._answered(asked, answered)))

    def _answered(self, asked: Asked, answered: Sequence[SubjectAnswers]) -> None:
        def done(_none: None) -> None:
            self.kept()
            self._core.when_free(self._piece)

        self._core.record(lambda records: keep_piece(records, asked, answered), done, self._failed)

    def _failed(self, error: Exception) -> None:
        """Leave it for the next look: the store still says whom nobody was asked about."""
        log.info("the centre was not asked about arrivals: %s", type(error).__name__)
        self._busy = False
