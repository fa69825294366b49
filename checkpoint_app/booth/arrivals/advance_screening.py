"""Screens lists of people and parties before they arrive, whole, beside the officer's work and between the officer's
acts.

Lines are taken from the manifest in slices, then searched a moment at a time with pauses, and kept slice by slice: a
kill costs one slice. Another version of a list or of the policy is another mark: what is open is screened again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from checkpoint_app.booth.arrivals.arrival_events import tell_screened
from checkpoint_app.booth.arrivals.passengers import PeopleOf, arrival_of, lines_in, subjects_of
from checkpoint_app.booth.arrivals.screening_results import (
    mark_of,
    parties_screened,
    party_checks,
    result_of,
    screened,
)
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.goods.manifests import HEAD
from checkpoint_app.booth.record.cargo_values import value_of
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.encounter import Encounter, ReadSource
from checkpoint_app.booth.record.records import Records
from checkpoint_app.cargo.values import PassengerList
from checkpoint_app.screening.checks import Cleared, LoadedList, settled
from checkpoint_app.screening.subjects import SubjectError, nobody_cleared, zone_of
from checkpoint_app.store.arrivals import Arrival, Line
from checkpoint_app.store.manifests import CONSIGNMENT, PASSENGER
from checkpoint_app.verdict import Answer, NotDone, Policy
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.screening import ScreeningSubject

log = logging.getLogger(__name__)

SLICE = 50
"""Lines that are read, and kept, at a time: some milliseconds on the store's thread."""
AT_A_TIME_S = 0.03
"""How long is searched before whatever else waits for that thread, or for the officer, has its turn."""
MOST_PAUSE_S = 0.005
"""After each search as long a pause as it took, up to this: the screen's thread must not wait for this one."""
A_LINE = "line"
"""What stands for the refused field where a line as a whole can't be read: another program wrote it."""


@dataclass(slots=True)
class Work:
    """A slice on its way: the lines, the plain data of theirs in the manifest, and what was found of each."""

    arrival: Arrival
    policy: Policy
    lists: Sequence[LoadedList]
    now: datetime
    lines: list[Line]
    data: Mapping[int, Any]
    people: PeopleOf
    found: list[tuple[Line, tuple[Answer, ...], str]] = field(default_factory=list)

    def search(self) -> bool:
        """Search for a moment, on a thread beside; tells whether all were done."""
        until = time.monotonic() + AT_A_TIME_S
        for line in self.lines[len(self.found) :]:
            began = time.monotonic()
            self.found.append((line, *self._guarded(line)))
            now = time.monotonic()
            time.sleep(min(now - began, MOST_PAUSE_S))
            if now >= until:
                break
        return len(self.found) == len(self.lines)

    def _guarded(self, line: Line) -> tuple[tuple[Answer, ...], str]:
        try:
            return self._answers(line)
        except Exception as error:  # noqa: BLE001 - one line costs its own answers: the others still can be screened
            log.error("a line of an arrival can't be screened: %s", type(error).__name__)  # noqa: TRY400 - personal
            return (), A_LINE

    def _answers(self, line: Line) -> tuple[tuple[Answer, ...], str]:
        if self.arrival.is_of_people:
            person = self.people.get(line)
            if person is None:
                return (), A_LINE
            return screened(person, line.place, self.policy, self.lists, self.now)
        try:
            read = ConsignmentRead.from_plain(self.data[line.item])
        except (PlainError, TypeError):
            return (), A_LINE
        return parties_screened(read, self.policy, self.lists, self.now), ""


@dataclass(frozen=True, slots=True)
class Screened:
    """What a slice brought: of which list, whether it was the last, and how many hits there are among how many."""

    label: str
    people: int
    hits: int = 0
    whole: bool = False


def index_some(records: Records, policy: Policy) -> bool:
    """Take some further lines from a manifest that was received; tells whether there were any. Raises StoreError."""
    store = records.store
    holds = (PASSENGER, CONSIGNMENT) if party_checks(policy) else (PASSENGER,)
    one = store.arrivals.unindexed()
    if one is None:
        manifest = store.arrivals.unknown(holds)
        if manifest is None:
            return False
        one = arrival_of(manifest, _head(store.manifests.item(manifest.manifest, HEAD)))
        store.arrivals.begin(one)
    items = store.manifests.items(one.manifest, one.indexed, SLICE)
    lines: list[Line] = []
    for item in items:
        lines += _lines(one, item.place, item.data, one.people + len(lines))
    indexed = items[-1].place if items else one.indexed
    store.arrivals.add(one, lines, indexed=indexed, whole=len(items) < SLICE)
    return True


def _head(data: Any) -> PassengerList | None:
    try:
        return None if data is None else value_of(PassengerList, data)
    except PlainError:
        return None


def _lines(one: Arrival, item: int, data: Any, place: int) -> list[Line]:
    try:
        if one.is_of_people:
            return list(lines_in(item, data, place))
        return [Line(place, item, -1, ConsignmentRead.from_plain(data).number, "")]
    except (PlainError, LookupError, TypeError):  # told as not checked: it is never left out
        return [Line(place, item, -1, "", "")]


def are_loaded(records: Records, lists: Sequence[LoadedList]) -> bool:
    """Tell whether all lists in force are loaded, or never will be: what they say is not asked before. StoreError."""
    known = {one.source.name for one in lists if one.bar is not NotDone.LIST_LOADING}
    return all(one.header.withdrawn or one.header.name in known for one in records.store.lists.in_force())


def next_work(records: Records, policy: Policy, lists: Sequence[LoadedList]) -> Work | bool:
    """Return the next lines to screen; True where others had to be taken from a manifest first, False where none are.

    Raises StoreError.
    """
    if index_some(records, policy):
        return True
    store = records.store
    one = store.arrivals.to_screen(mark_of(policy, lists)) if are_loaded(records, lists) else None
    if one is None:
        return False
    lines = store.arrivals.lines(one.manifest, one.done, SLICE)
    data = {item: store.manifests.item(one.manifest, item) for item in {line.item for line in lines}}
    return Work(one, policy, lists, records.trusted_now(), lines, data, PeopleOf(data.__getitem__))


def keep(records: Records, work: Work) -> Screened:
    """Keep what a slice found, with this booth's decisions taken into it. Raises StoreError."""
    one, store = work.arrival, records.store
    current = store.arrivals.get(one.manifest)
    if current is None or current.mark != one.mark or current.closed_at is not None:
        return Screened(one.label, one.people)
    results = []
    for line, answers, refused in work.found:
        cleared = _cleared(records, work, line) if any(each.candidates for each in answers) else None
        told = answers if cleared is None else tuple(settled(each, work.policy, cleared) for each in answers)
        results.append(result_of(line.place, told, refused))
    done = work.lines[-1].place if work.lines else one.people - 1
    is_last = done >= one.people - 1
    with store.transaction():
        store.arrivals.keep(one, results, done)
        if is_last:
            tell_screened(records, replace(one, done=done))
    hits = store.arrivals.counted(one.manifest).outcomes.get("hit", 0) if is_last else 0
    return Screened(one.label, one.people, hits, is_last)


def _cleared(records: Records, work: Work, line: Line) -> Cleared:
    """Return the question which decision "not the same person" holds for somebody on a list. Raises StoreError."""
    person = work.people.get(line) if work.arrival.is_of_people else None
    parts = subjects_of(person, line.place, work.now.date()).parts if person is not None else ()
    return cleared_of(records, parts[0], work.now) if parts else nobody_cleared


def cleared_of(records: Records, subject: ScreeningSubject, now: datetime) -> Cleared:
    """Return the same of whoever was told to screening. Raises StoreError."""
    try:
        zone = zone_of(subject, now.date())
    except SubjectError:
        return nobody_cleared
    stands_for = Encounter(id="", opened_at=now, source=ReadSource.NONE, direction_in=True, mrz=zone)
    return records.cleared(stands_for, now)


class ArrivalsScreening:
    """Lives on the UI thread. ``kept`` is called there after each slice."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._busy = False
        self._again = False
        self.kept: Callable[[Screened], None] = lambda _found: None

    def look(self) -> None:
        """See whether there is something to screen: a message came, a list or the policy changed, or time went by."""
        if self._busy:
            self._again = True
        elif self._core.records is not None and self._core.state.policy is not None:
            self._busy = True
            self._core.when_free(self._slice)

    def _slice(self) -> None:
        core, policy = self._core, self._core.state.policy
        if policy is None:
            self._done()
            return
        lists = core.state.lists

        def done(found: Work | bool) -> None:
            if isinstance(found, Work):
                self._search(found)
            elif found:
                self._core.when_free(self._slice)
            else:
                self._done()

        core.record(lambda records: next_work(records, policy, lists), done, self._failed)

    def _search(self, work: Work) -> None:
        def done(whole: bool) -> None:
            self._core.when_free((lambda: self._keep(work)) if whole else (lambda: self._search(work)))

        self._core.jobs.ruling(work.search, done, self._failed)

    def _keep(self, work: Work) -> None:
        def done(found: Screened) -> None:
            self.kept(found)
            self._core.when_free(self._slice)

        self._core.record(lambda records: keep(records, work), done, self._failed)

    def _done(self) -> None:
        self._busy = False
        if self._again:
            self._again = False
            self.look()

    def _failed(self, error: Exception) -> None:
        """Leave it for the next look: the store still says what is to be done."""
        log.warning("screening of arrivals stopped: %s", type(error).__name__)
        self._busy = self._again = False
