"""The centre's answers: its lists kept loaded in memory, asked by the same code as the booth's.

Lists are loaded one after the other, in the background, whenever what is published changes; meanwhile the versions
loaded before go on answering. Silent lists are loaded beside them and are never asked for a reply.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from checkpoint_app.central import alarms, building, lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.lists import Published
from checkpoint_app.central.transactions import retried
from checkpoint_app.confined import Confined, ConfinedError
from checkpoint_app.documents import Mrz, MrzError, parse_mrz
from checkpoint_app.screening import (
    ENGINE,
    CalibrationError,
    DocumentList,
    PersonList,
    load,
)
from checkpoint_app.screening.checks import Examination, LoadedList, run_list_checks
from checkpoint_app.screening.plain import RecordError
from checkpoint_app.screening.segment import SegmentError
from checkpoint_app.verdict import Candidate, NotDone, Policy, Source
from checkpoint_app.verdict.raising import Gone
from checkpoint_app.wire.header import PackageError, source_of
from checkpoint_app.wire.question import KnownHit, Question, Reply

log = logging.getLogger(__name__)

_UNLOADABLE = (CentreError, PackageError, RecordError, CalibrationError, SegmentError, ConfinedError, OSError)
LOOK_EVERY_S = 2.0
MOST_KNOWN_HITS = 200
CHILD_FROM = 5_000
"""A list of so many records takes a second to build, which is long beside a question."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A list at the centre: as the checks take it, and what tells whether an entry is still on it.

    ``ids`` are sorted 8-byte hashes of its entries' ids: 16 MB for two millions. Two ids of one hash would let an entry
    that is gone count as there, which is the safe side.
    """

    published: Published
    loaded: LoadedList
    ids: npt.NDArray[np.uint64]

    def holds(self, entry_id: str) -> bool:
        """Tell whether a person's entry of this id is on the list."""
        wanted = building.id_hash(entry_id)
        place = int(np.searchsorted(self.ids, np.uint64(wanted)))
        return place < len(self.ids) and int(self.ids[place]) == wanted


class Lists:
    """The lists and the policy in force at the centre. Any thread may ask; one at a time loads."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._loading = threading.Lock()
        self._kept: Mapping[str, Kept] = {}
        self._marks: object = None
        self._newest: Mapping[str, Published] = {}
        self._policy: Policy | None = None
        self._complete = False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._child: Confined | None = None

    # -- loading ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Look for new versions every two seconds, on a thread of its own, until ``stop``."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="central lists", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and the child where one builds; a list that is being loaded is given up."""
        self._stopped.set()
        if self._child is not None:
            self._child.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._child = None

    def refresh(self) -> None:
        """Load what is new and forget what is no longer published, in this thread; cheap where nothing changed."""
        with self._loading:
            if self._look():
                return
            for kept in tuple(self._kept.values()):
                if kept.loaded.bar is NotDone.LIST_LOADING or kept.published != self._newest[kept.published.name]:
                    self._put(self._built(self._newest[kept.published.name], kept))
                if self._stopped.is_set():
                    return
            if self._child is not None:
                self._child.close()
                self._child = None
            self._complete = True

    def look(self) -> None:
        """See once which lists there are, so that a question before they are loaded hears that they are loading."""
        if self._marks is None:
            with self._loading:
                if self._marks is None:
                    self._look()

    @property
    def policy(self) -> Policy | None:
        """The post's policy; None before one is published."""
        return self._policy

    @property
    def complete(self) -> bool:
        """Whether everything published is loaded, or known to be unreadable."""
        return self._complete

    def public(self) -> tuple[LoadedList, ...]:
        """Return the lists that a booth may hear of."""
        return tuple(kept.loaded for kept in self._kept.values() if not kept.published.silent)

    def silent(self) -> tuple[LoadedList, ...]:
        """Return the lists of which nothing may leave the centre."""
        return tuple(kept.loaded for kept in self._kept.values() if kept.published.silent)

    # -- answering -------------------------------------------------------------------------------------------------

    def answer(self, question: Question, policy: Policy, now: datetime) -> Reply:
        """Answer the list checks of ``policy`` by the lists that are not silent. Raises CentreError (``malformed``).

        Nobody counts as cleared here: the booth knows who was found not to be an entry's person, by entry and digest,
        and a centre that left such a hit out would hide from it that the entry changed since.
        """
        if len(question.hits) > MOST_KNOWN_HITS:
            raise CentreError("malformed", f"a question names at most {MOST_KNOWN_HITS} hits", 422)
        try:
            mrz = parse_mrz(question.mrz, now.date())
        except MrzError as error:
            raise CentreError("malformed", f"the lines of the question are no zone: {error.code}", 422) from error
        kept = {name: one for name, one in self._kept.items() if not one.published.silent}
        examined = Examination(mrz, question.doubtful, now)
        answers = run_list_checks(examined, policy, [one.loaded for one in kept.values()], nobody_cleared)
        gone = tuple(found for hit in question.hits if (found := _gone(hit, kept.get(hit.list_name), mrz)))
        return Reply(question.encounter_id, answers, gone, now)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - the lists loaded before go on answering
                log.error("lists: looking for new versions failed: %s", type(error).__name__)  # noqa: TRY400
            self._stopped.wait(LOOK_EVERY_S)

    def _look(self) -> bool:
        """Take note of what is published now; tell whether all of it is loaded."""
        with self._centre.begin() as connection:
            marks = lists.marks(connection)
            if marks == self._marks:
                return self._complete
            newest = lists.newest(self._centre, connection)
        policy = self._newest_policy()
        self._newest = {one.name: one for one in newest}
        self._complete = False
        self._kept = {name: self._kept.get(name) or _waiting(one) for name, one in self._newest.items()}
        self._policy, self._marks = policy, marks
        return False

    def _newest_policy(self) -> Policy | None:
        """Return the policy published now; where it can't be read the one before stays, and an alarm says so."""
        try:
            with self._centre.begin() as connection:
                return lists.policy(self._centre, connection)
        except (CentreError, PackageError, ValueError, OSError) as error:
            log.error("policy: it can't be read: %s", type(error).__name__)  # noqa: TRY400
        retried(self._centre, lambda connection: alarms.sound(self._centre, connection, "policy_unreadable", "", {}))
        return self._policy

    def _builder(self) -> Confined:
        """Return the child that builds large lists. It ends when all is loaded: its memory is wanted elsewhere."""
        child = self._child = self._child or building.new_child()
        if self._stopped.is_set():  # just now: whoever stops may not have seen it
            child.close()
        return child

    def _put(self, kept: Kept) -> None:
        self._kept = {**self._kept, kept.published.name: kept}

    def _built(self, one: Published, before: Kept) -> Kept:
        """Return the list loaded; one that can't be leaves the version before in use, or else says why, and alarms."""
        same = (before.published.version, before.published.digest) == (one.version, one.digest)
        if same and before.loaded.bar is None:  # only its agreement's term changed
            return replace(before, published=one, loaded=replace(before.loaded, agreement=one.agreement))
        try:
            return loaded(self._centre, one, self._builder)
        except _UNLOADABLE as error:
            if self._stopped.is_set():  # the child was ended, and nothing is said of the list
                return before
            log.error("list %s %d: it can't be loaded: %s", one.name, one.version, type(error).__name__)  # noqa: TRY400
        about = {"list": one.name, "version": str(one.version)}
        retried(self._centre, lambda connection: alarms.sound(self._centre, connection, "list_unreadable", "", about))
        if before.loaded.bar is None:
            return replace(before, published=one)
        return _waiting(one, NotDone.LIST_UNREADABLE)


def loaded(centre: Centre, one: Published, child: Callable[[], Confined]) -> Kept:
    """Return the list with its index built, a large one in the ``child``.

    Raises CentreError, PackageError, RecordError, CalibrationError, SegmentError, ConfinedError, OSError.
    """
    header, records = lists.open_records(centre, one)
    if header.record_count >= CHILD_FROM:
        sections = building.in_child(child(), one.path, header, one.content_key)
    else:
        sections = building.sections_of(header, records)
    ids = np.frombuffer(sections.pop(building.IDS), "<u8")
    built = load(header.kind.value, sections)
    checked = LoadedList(
        kind=header.kind.value,
        source=source_of(header, ENGINE),
        agreement=header.agreement,
        persons=built if isinstance(built, PersonList) else None,
        numbers=built if isinstance(built, DocumentList) else None,
    )
    return Kept(one, checked, ids)


def nobody_cleared(_list_name: str, _candidate: Candidate) -> bool:
    """Tell that no candidate was found not to be the traveller."""
    return False


def _waiting(one: Published, bar: NotDone = NotDone.LIST_LOADING) -> Kept:
    barred = LoadedList(one.kind.value, Source(one.name, one.version, ENGINE), bar=bar)
    return Kept(one, barred, np.zeros(0, np.uint64))


def _gone(hit: KnownHit, kept: Kept | None, mrz: Mrz) -> Gone | None:
    """Return that the entry of ``hit`` is gone, where a newer version of its list is loaded that has it no more."""
    if kept is None or kept.loaded.bar is not None or kept.loaded.source.version <= hit.version:
        return None
    if kept.loaded.numbers is not None:
        own = hit.entry_id == mrz.document.document_number
        held = bool(kept.loaded.numbers.look_up(hit.entry_id, (mrz.document.issuer or "") if own else ""))
    else:
        held = kept.holds(hit.entry_id)
    return None if held else Gone(hit.list_name, kept.loaded.source.version, hit.entry_id)
