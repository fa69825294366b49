"""Re-screening: a new version of a list is held against this booth's own Encounters of the last days, by itself.

The centre does the same, and both open one and the same case (`wire.case`). Reading is done in small slices on the
store's thread, searching beside it, a moment at a time with a pause after each, and all of it between the officer's
acts. How far it is rests in the store (`store.rescreened`), so that a kill neither skips an Encounter nor doubles one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from checkpoint_app.booth.cases.late_hits import decided_encounter, may_be_listed, open_late
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.records import Records
from checkpoint_app.screening import PersonList
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.checks import LoadedList, Persons, asks_for
from checkpoint_app.screening.layers import LayeredPersons
from checkpoint_app.store import StoreError
from checkpoint_app.store.rescreened import Pass, Passed, Slice
from checkpoint_app.verdict import Policy

log = logging.getLogger(__name__)

SLICE = 100
"""Encounters that are read at a time: some milliseconds on the store's thread."""
AT_A_TIME_S = 0.03
"""How long is searched before whatever else waits for that thread, or for the officer, has its turn."""
MOST_PAUSE_S = 0.005
"""After each search as long a pause as it took, up to this: the screen's thread must not wait for this one."""


@dataclass(frozen=True, slots=True)
class Added:
    """What a list of persons has that version ``since`` had not. Nobody else of it can be a new hit."""

    since: int
    persons: Persons


@dataclass(frozen=True, slots=True)
class Held:
    """A list that is held against Encounters, and what of it is new, where that is known."""

    loaded: LoadedList
    added: Added | None = None

    def may_name(self, one: Passed, before: Pass) -> bool:
        """Tell whether the list may say something new of an Encounter."""
        persons, added = self.loaded.persons, self.added
        if added is not None and added.since <= before.base and one.last_seq < before.base_newest:
            persons = added.persons
        return may_be_listed(one.document, persons, self.loaded.numbers)


class Versions:
    """Tells what a list has that its last version had not, from the layers in memory."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, PersonList, int, Calibration]] = {}

    def forget(self, name: str) -> None:
        """Keep nothing of a list."""
        self._last.pop(name, None)

    def held(self, loaded: LoadedList) -> Held:
        """Return ``loaded`` with what is new in it since the version that was here last; remembers it for the next."""
        name, version, persons = loaded.source.name, loaded.source.version, loaded.persons
        last = self._last.get(name)
        if isinstance(persons, LayeredPersons):
            base, deltas, calibration = persons.base, len(persons.deltas), persons.calibration
        elif isinstance(persons, PersonList):
            base, deltas, calibration = persons, 0, persons.calibration
        else:
            return Held(loaded)
        self._last[name] = version, base, deltas, calibration
        if last is None or not isinstance(persons, LayeredPersons):
            return Held(loaded)
        since, known_base, known_deltas, known_calibration = last
        is_next = base is known_base and deltas > known_deltas and since < version
        if not is_next or not _finds_no_more(calibration, known_calibration):
            return Held(loaded)
        return Held(loaded, Added(since, persons.after(known_deltas)))


def _finds_no_more(now: Calibration, before: Calibration) -> bool:
    """Tell whether nobody reaches the threshold who did not, with the same entries."""
    states = {state for state, _points in (*now.offsets, *before.offsets)}
    return now.threshold >= before.threshold and all(now.offset(one) >= before.offset(one) for one in states)


def next_slice(records: Records, loaded: LoadedList, policy: Policy) -> tuple[Pass, Slice] | None:
    """Return the next Encounters to hold ``loaded`` against, and the pass they are of; None where none are left."""
    source = loaded.source
    since = records.trusted_now() - timedelta(days=policy.rescreen_days)
    store = records.store
    one = store.rescreened.of(source.name)
    if one is None or one.version != source.version:
        one = store.rescreened.begin(source.name, source.version)
    found = store.rescreened.next(one, since, SLICE)
    return None if found is None else (one, found)


def hold(records: Records, loaded: LoadedList, policy: Policy, one: Passed) -> int:
    """Hold ``loaded`` against one Encounter; returns how many cases were opened or widened. Raises StoreError."""
    try:
        decided = decided_encounter(records, one.encounter_id)
        with records.store.transaction():
            return 0 if decided is None else open_late(records, decided, loaded, policy)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one Encounter, of an older program perhaps: the others still can
        log.error("an Encounter can't be screened again: %s", type(error).__name__)  # noqa: TRY400 - texts are personal
        return 0


def is_asked(loaded: LoadedList, policy: Policy, records: Records) -> bool:
    """Tell whether the policy asks this list, and it may be consulted now."""
    return asks_for(policy, loaded) and loaded.barred(policy, records.trusted_now()) is None


class Rescreening:
    """Holds new versions against Encounters in the background. ``opened`` is called on the UI thread after a case."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._versions = Versions()
        self._held: dict[str, Held] = {}
        self._waiting: list[str] = []
        self._busy = False
        self.opened: Callable[[], None] = lambda: None

    def list_changed(self, loaded: LoadedList) -> None:
        """A list was loaded: of a new version, anew after a start, or in fewer layers."""
        name = loaded.source.name
        now, before = self._versions.held(loaded), self._held.get(name)
        is_same = before is not None and before.loaded.source.version == loaded.source.version
        if before is not None and is_same and now.added is None:  # in fewer layers: what is new in it is the same
            now = Held(loaded, before.added)
        self._held[name] = now
        self._due(name)

    def look(self) -> None:
        """See whether Encounters were decided meanwhile on what a list said before; called now and then."""
        for name in tuple(self._held):
            self._due(name)

    def _due(self, name: str) -> None:
        if name not in self._waiting:
            self._waiting.append(name)
        self._go()

    def _go(self) -> None:
        if not self._busy and self._waiting and self._core.records is not None:
            self._busy = True
            self._core.when_free(self._slice)

    def _slice(self) -> None:
        """Read the next Encounters of the first list that waits."""
        core, name, policy = self._core, self._waiting[0], self._core.state.policy
        held = self._held[name]
        here = next((one for one in core.state.lists if one.source == held.loaded.source), None)
        if here is None or here.bar is not None:  # it was withdrawn, or ended: nothing of it is kept in memory
            del self._held[name]
            self._versions.forget(name)
        if policy is None or not policy.rescreen_days or here is None or here.bar is not None:
            self._done_with_list()
            return
        asked, held = policy, replace(held, loaded=here)  # its lease may be another by now

        def work(records: Records) -> tuple[Pass, Slice] | None:
            return next_slice(records, held.loaded, asked) if is_asked(held.loaded, asked, records) else None

        def done(found: tuple[Pass, Slice] | None) -> None:
            if found is None:
                self._done_with_list()
            else:
                self._search(_Work(held, asked, *found), found[1].encounters)

        core.record(work, done, self._failed)

    def _search(self, work: _Work, left: Sequence[Passed]) -> None:
        """Search for those that are left, for a moment; then for the rest, when the officer is not waiting."""
        if not left:
            self._hold(work)
            return

        def done(count: int) -> None:
            self._core.when_free(lambda: self._search(work, left[count:]))

        self._core.jobs.building(lambda: work.search(left), done, self._failed)

    def _hold(self, work: _Work) -> None:
        """Look closely at one Encounter that may be listed; after the last, keep how far the pass is."""
        core = self._core
        if not work.found:
            core.record(lambda records: records.store.rescreened.keep(work.slice.after), self._kept, self._failed)
            return
        one = work.found.pop()

        def done(count: int) -> None:
            if count:
                self.opened()
            core.when_free(lambda: self._hold(work))

        core.record(lambda records: hold(records, work.held.loaded, work.policy, one), done, self._failed)

    def _kept(self, _none: None) -> None:
        self._core.when_free(self._slice)

    def _done_with_list(self) -> None:
        self._waiting.pop(0)
        self._busy = False
        self._go()

    def _failed(self, error: Exception) -> None:
        """Leave it for the next look: the store still says what is to be done."""
        log.warning("re-screening stopped: %s", type(error).__name__)
        self._done_with_list()


@dataclass(slots=True)
class _Work:
    """A slice on its way: ``found`` are those of it that the list may name."""

    held: Held
    policy: Policy
    before: Pass
    slice: Slice
    found: list[Passed]

    def __init__(self, held: Held, policy: Policy, before: Pass, slice_: Slice) -> None:
        self.held, self.policy, self.before, self.slice, self.found = held, policy, before, slice_, []

    def search(self, left: Sequence[Passed]) -> int:
        """Search for a moment, on a thread beside; returns how many were done."""
        count, until = 0, time.monotonic() + AT_A_TIME_S
        for one in left:
            began = time.monotonic()
            if self.held.may_name(one, self.before):
                self.found.append(one)
            count += 1
            now = time.monotonic()
            time.sleep(min(now - began, MOST_PAUSE_S))
            if now >= until:
                break
        return count
