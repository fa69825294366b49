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

from checkpoint_app.central import alarms, building, lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.held import Held, InForce, held_of
from checkpoint_app.central.lists import Published
from checkpoint_app.central.shared import Shared, shared_of
from checkpoint_app.central.transactions import retried
from checkpoint_app.confined import Confined, ConfinedError
from checkpoint_app.screening import ENGINE, CalibrationError
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.screening.plain import RecordError
from checkpoint_app.screening.sections import SegmentError
from checkpoint_app.verdict import NotDone, Policy, Source
from checkpoint_app.wire.header import ListKind, PackageError, source_of
from checkpoint_app.wire.question import Question, Reply

log = logging.getLogger(__name__)

_UNLOADABLE = (CentreError, PackageError, RecordError, CalibrationError, SegmentError, ConfinedError, OSError)
LOOK_EVERY_S = 2.0
CHILD_FROM = 5_000
"""A list of so many records takes a second to build, which is long beside a question."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A list at the centre, the version that it is of, and the memory that holds it; none where it can't be asked."""

    published: Published
    held: Held
    memory: Shared | None = None

    @property
    def loaded(self) -> LoadedList:
        """The list as the checks take it."""
        return self.held.loaded


class Lists:
    """The lists and the policy in force at the centre. Any thread may ask; one at a time loads."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._loading = threading.Lock()
        self._kept: Mapping[str, Kept] = {}
        self._marks: object = None
        self._newest: Mapping[str, Published] = {}
        self._policy: Policy | None = None
        self._state: tuple[InForce, Mapping[str, Shared]] = InForce(), {}
        self.changed: Callable[[], None] = lambda: None
        """Called, on the thread that loads, after each change of what is in force."""
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

    @property
    def in_force(self) -> InForce:
        """Policy and lists as they stand: a value that stays as it is, while another takes its place here."""
        return self._state[0]

    @property
    def state(self) -> tuple[InForce, Mapping[str, Shared]]:
        """What is in force, and the memories of its lists by their names, both of one moment."""
        return self._state

    def public(self) -> tuple[LoadedList, ...]:
        """Return the lists that a booth may hear of."""
        return self.in_force.public

    def silent(self) -> tuple[LoadedList, ...]:
        """Return the lists of which nothing may leave the centre."""
        return self.in_force.silent

    def answer(self, question: Question, policy: Policy, now: datetime) -> Reply:
        """Answer a question in this thread, as `InForce.answer`. Raises CentreError (``malformed``)."""
        return self.in_force.answer(question, policy, now)

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
        self._tell()
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
        self._tell()

    def _tell(self) -> None:
        kept = self._kept
        in_force = InForce(self._policy, {name: one.held for name, one in kept.items()})
        self._state = in_force, {name: one.memory for name, one in kept.items() if one.memory is not None}
        self.changed()

    def _built(self, one: Published, before: Kept) -> Kept:
        """Return the list loaded; one that can't be leaves the version before in use, or else says why, and alarms."""
        if one.purged:
            return _waiting(one, NotDone.AGREEMENT_ENDED)
        same = (before.published.version, before.published.digest) == (one.version, one.digest)
        if same and before.loaded.bar is None:  # only its agreement's term changed
            held = replace(before.held, loaded=replace(before.loaded, agreement=one.agreement), silent=one.silent)
            return replace(before, published=one, held=held)
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
    if header.kind is ListKind.DOCUMENTS:
        memory = building.numbers_memory(records)
    elif header.record_count >= CHILD_FROM:
        memory = building.in_child(child(), one.path, header, one.content_key)
    else:
        memory = shared_of(building.sections_of(header, records).items())
    return Kept(
        one, held_of(header.kind.value, source_of(header, ENGINE), header.agreement, one.silent, memory), memory
    )


def _waiting(one: Published, bar: NotDone = NotDone.LIST_LOADING) -> Kept:
    return Kept(one, Held(LoadedList(one.kind.value, Source(one.name, one.version, ENGINE), bar=bar), one.silent))
