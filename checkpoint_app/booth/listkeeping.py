"""Bringing lists into force and keeping them loaded. Whatever goes wrong, the list in force stays; a word says why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checkpoint_app.booth import segment_job
from checkpoint_app.booth.applying import (
    OLDER,
    PACKAGE_ENDING,
    UNREADABLE,
    Built,
    Footing,
    OnProgress,
    Progress,
    Small,
    SmallInForce,
    apply_small,
    build,
    footing_of,
    new_builder,
    put_in_force,
    refusal,
)
from checkpoint_app.booth.core import Core
from checkpoint_app.screening import ENGINE, DocumentList, PersonList, load
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import ListCopy
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import PackageHeader, source_of

LEAST_BETWEEN_S = 0.5
"""How far a list is that is being built is shown no more often: numbers that run can't be read."""
Mark = tuple[str, int, int]
"""What tells one state of a package's file from another: its name, size and time."""


class ListKeeping:
    """Applies packages from a folder, one after the other, and loads what is in force."""

    def __init__(self, core: Core, inbox: Path) -> None:
        self._core = core
        self._inbox = inbox
        self._builder = new_builder()
        self._seen: set[Mark] = set()
        self._again: set[Mark] = set()
        self._lay_here: set[Mark] | None = None
        self._ended: frozenset[str] = frozenset()
        self.changed: Callable[[], None] = lambda: None
        self.small_changed: Callable[[], None] = lambda: None
        self._busy = False

    def load_all(self) -> None:
        """Load every list in force, the checks saying "loading" until it is there."""

        def done(found: tuple[list[ListCopy], frozenset[str]]) -> None:
            copies, self._ended = found
            self._core.update(lists=tuple(waiting(copy.header, NotDone.LIST_LOADING) for copy in copies))
            for copy in copies:
                self._load(copy)

        self._core.record(lambda records: (records.store.lists.in_force(), records.ended_lists()), done)

    def end(self, name: str) -> None:
        """The centre says that this list's agreement has ended before its time: it is consulted no more (invariant 9).

        Kept, so that a restart does not bring it back; a newer version, under a new term, does.
        """

        def done(ended: frozenset[str]) -> None:
            self._ended = ended
            self._core.update(lists=tuple(self._barred(one) for one in self._core.state.lists))
            self.changed()

        def failed(error: Exception) -> None:
            done(self._ended | {name})  # after a restart the line says so again
            self._core.failed(error)

        self._core.record(lambda records: records.end_list(name), done, failed)

    def _barred(self, one: LoadedList) -> LoadedList:
        return replace(one, bar=NotDone.AGREEMENT_ENDED) if one.source.name in self._ended else one

    def look(self) -> None:
        """Apply the packages in the inbox that have not been looked at, one at a time.

        One that failed because the disk did, not for a fault of its own, is tried again.
        """
        if not self._busy:
            self._seen -= self._again
            self._again.clear()
            self._next()

    def _next(self) -> None:
        if self._busy or self._core.records is None or not self._inbox.is_dir():
            return
        if self._lay_here is None:
            self._lay_here = {mark for path in self._inbox.glob(f"*{PACKAGE_ENDING}") if (mark := _mark(path))}
        for path in sorted(self._inbox.glob(f"*{PACKAGE_ENDING}")):
            mark = _mark(path)
            if mark is not None and mark not in self._seen:
                self._seen.add(mark)
                self._apply(path, mark)
                return

    def _apply(self, path: Path, mark: Mark) -> None:
        """Verify, build beside, put in force in one transaction, load."""
        core = self._core
        self._busy = True

        def refused(error: Exception) -> None:
            core.update(building=None)
            if refusal(error) == OLDER and mark in (self._lay_here or ()):
                self._finished()  # a version that was superseded before this start is nobody's news
            else:
                self._refused(error, mark)

        def judged(footing: Footing) -> None:
            core.jobs.building(lambda: build(path, footing, self._builder, self._showing()), built, refused)

        def built(one: Built | Small | None) -> None:
            if one is None:
                self._finished()
            elif isinstance(one, Small):
                core.record(lambda records: apply_small(records, one), small_in_force, refused)
            else:
                core.record(lambda records: put_in_force(records, one), in_force, refused)

        def small_in_force(now: SmallInForce) -> None:
            post = replace(core.state.post, name=now.post_name)
            core.update(policy=now.policy, post=post, clearances=now.clearances)
            self.changed()
            self.small_changed()
            self._finished()

        def in_force(copy: ListCopy) -> None:
            label = f"{copy.header.name}\u00a0{copy.header.version}"
            core.update(building=None)
            core.say("message.list_applied", "tick", list=label)
            self._ended -= {copy.header.name}
            self._load(copy)
            self._finished()

        core.record(footing_of, judged, refused)

    def _showing(self) -> OnProgress:
        """Return what shows how far a list is; called on the thread that builds."""
        core, shown_at = self._core, -math.inf

        def told(progress: Progress) -> None:
            nonlocal shown_at
            now = core.clock.monotonic()
            if now - shown_at >= LEAST_BETWEEN_S or progress.done == progress.total:
                shown_at = now
                core.jobs.post(lambda: core.update(building=progress if self._busy else None))

        return told

    def close(self) -> None:
        """End the builder."""
        self._builder.close()

    def _finished(self) -> None:
        self._busy = False
        self._next()

    def _refused(self, error: Exception, mark: Mark) -> None:
        core = self._core
        code = refusal(error)
        if code is None:
            self._busy = False
            self._again.add(mark)
            core.failed(error)
            return
        name = getattr(error, "name", "") or ""
        version = getattr(error, "version", 0) or 0
        why = core.words.say(f"refused.{code}" if core.words.knows(f"refused.{code}") else f"refused.{UNREADABLE}")
        core.say("message.list_refused", "attention", why=why)
        if code == segment_job.NO_SPACE:  # the disk's fault, and no place to write it down
            self._busy = False
            self._again.add(mark)
            return
        body = {"name": name, "version": version, "why": code}
        core.record(
            lambda records: records.write(EventKind.LIST_REFUSED, body), lambda _none: self._finished(), self._not_noted
        )

    def _not_noted(self, error: Exception) -> None:
        self._busy = False
        self._core.failed(error)

    def _load(self, copy: ListCopy) -> None:
        header = copy.header

        def done(read: LoadedList) -> None:
            loaded = self._barred(read)
            others = [one for one in self._core.state.lists if one.source.name != header.name]
            newer = [
                one
                for one in self._core.state.lists
                if one.source.name == header.name and one.source.version > header.version
            ]
            if not newer:
                self._core.update(lists=tuple(sorted((*others, loaded), key=lambda one: one.source.name)))
                self.changed()

        def failed(_error: Exception) -> None:
            done(waiting(header, NotDone.LIST_UNREADABLE))

        self._core.jobs.building(lambda: loaded_list(copy), done, failed)


def _mark(path: Path) -> Mark | None:
    """Return the state of a package's file; None where it has gone meanwhile."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return path.name, stat.st_size, stat.st_mtime_ns


def waiting(header: PackageHeader, bar: NotDone) -> LoadedList:
    """Return the list as one that can't be consulted, and why."""
    return LoadedList(header.kind.value, source_of(header, ENGINE), header.agreement, bar=bar)


def loaded_list(copy: ListCopy) -> LoadedList:
    """Load the segment of a list in force. Raises SegmentError, and the engine's errors for a damaged one."""
    header = copy.header
    with copy.open() as segment:
        sections = {name: segment.section(name, at_rest=name == BLOCKS) for name in segment.sections()}
    loaded = load(header.kind.value, sections)
    return LoadedList(
        kind=header.kind.value,
        source=source_of(header, ENGINE),
        agreement=header.agreement,
        persons=loaded if isinstance(loaded, PersonList) else None,
        numbers=loaded if isinstance(loaded, DocumentList) else None,
    )
