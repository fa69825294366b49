"""Bringing lists into force and keeping them loaded. Whatever goes wrong, the list in force stays; a word says why."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checkpoint_app import screening
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.jobs import Failed
from checkpoint_app.booth.lists import segment_build
from checkpoint_app.booth.lists.list_layers import layers_to_join, loaded_list, waiting
from checkpoint_app.booth.lists.list_updates import (
    OLDER,
    UNREADABLE,
    Footing,
    OnProgress,
    Progress,
    Ready,
    Small,
    SmallInForce,
    Withdrawn,
    apply_small,
    build,
    footing_of,
    join_layers,
    new_builder,
    packages_due,
    put_in_force,
    refusal,
    write_refused,
)
from checkpoint_app.booth.record.records import Ended, Records
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import ListCopy, SegmentError
from checkpoint_app.verdict import NotDone

log = logging.getLogger(__name__)

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
        self._applied: dict[str, int] = {}
        self._tried: set[tuple[str, int]] = set()
        self._given_up: set[tuple[str, int]] = set()
        self._lay_here: set[Mark] | None = None
        self._ended: frozenset[str] = frozenset()
        self._copies: dict[str, ListCopy] = {}
        self.loaded: Callable[[LoadedList], None] = lambda _list: None
        self.changed: Callable[[], None] = lambda: None
        self.small_changed: Callable[[], None] = lambda: None
        self._busy = False

    def load_all(self) -> None:
        """Load every list in force, the checks saying "loading" until it is there."""

        def done(found: tuple[list[ListCopy], frozenset[str]]) -> None:
            copies, self._ended = found
            here = [copy for copy in copies if not copy.header.withdrawn]
            self._core.update(lists=tuple(waiting(copy.header, _bar_of(copy) or NotDone.LIST_LOADING) for copy in here))
            for copy in here:
                self._load(copy)

        def work(records: Records) -> tuple[list[ListCopy], frozenset[str]]:
            records.end_what_is_over()
            return records.store.lists.in_force(), records.ended_lists()

        self._core.record(work, done)

    def end_what_is_over(self) -> None:
        """Erase the keys of leases that have ended, and the data of lists whose agreement has; called now and then."""

        def done(ended: Ended) -> None:
            if ended.leases or ended.purged:
                self.leases_changed()

        self._core.record(lambda records: records.end_what_is_over(), done)

    def leases_changed(self) -> None:
        """Leases were renewed, or have ended: lists are closed, or opened again, accordingly."""

        def done(copies: list[ListCopy]) -> None:
            for copy in copies:
                now = next((one for one in self._core.state.lists if one.source.name == copy.header.name), None)
                if now is None or now.source.version != copy.header.version:
                    continue
                bar = _bar_of(copy)
                if bar is not None and bar is not now.bar:
                    self._copies.pop(copy.header.name, None)
                    self._show(self._barred(waiting(copy.header, bar)))
                elif bar is None and now.bar is NotDone.LEASE_ENDED:
                    self._load(copy)
                elif bar is None and now.lease_ends_at != copy.lease_ends_at:
                    self._show(replace(now, lease_ends_at=copy.lease_ends_at), quietly=True)

        self._core.record(lambda records: records.store.lists.in_force(), done)

    def end(self, name: str) -> None:
        """The centre says that this list's agreement has ended before its time: it is consulted no more (invariant 9).

        Kept, so that a restart does not bring it back; a newer version, under a new term, does.
        """
        if name in self._ended:
            return

        def done(ended: frozenset[str]) -> None:
            self._ended = ended
            self._core.update(lists=tuple(self._barred(one) for one in self._core.state.lists))
            self.changed()
            self.end_what_is_over()

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
        if self._busy or self._core.records is None:
            return
        due = packages_due(self._inbox, {**_versions(self._core.state.lists), **self._applied})
        if self._lay_here is None:
            self._lay_here = {mark for path in due if (mark := _mark(path))}
        for path in due:
            mark = _mark(path)
            if mark is not None and mark not in self._seen:
                self._seen.add(mark)
                self._apply(path, mark)
                return
        self._join_next()

    def _apply(self, path: Path, mark: Mark) -> None:
        """Verify, build beside, put in force in one transaction, load."""
        core = self._core
        self._busy = True

        def refused(error: Exception) -> None:
            core.update(building=None)
            if refusal(error) == OLDER and mark in (self._lay_here or ()):
                self._finished()  # a version that was superseded before this start is nobody's news
            else:
                self._refused(error, path, mark)

        def judged(footing: Footing) -> None:
            core.jobs.building(lambda: build(path, footing, self._builder, self._showing()), built, refused)

        def built(one: Ready | None) -> None:
            self._put(one, refused)

        core.record(footing_of, judged, refused)

    def _put(self, one: Ready | None, refused: Failed) -> None:
        """Put in force what is ready, in one transaction on the store's thread."""
        record = self._core.record
        if one is None:
            self._finished()
        elif isinstance(one, Small):
            record(lambda records: apply_small(records, one), self._small_in_force, refused)
        elif isinstance(one, Withdrawn):
            record(lambda records: records.store.lists.withdraw(one.header), lambda _event: self._gone(one), refused)
        else:
            record(lambda records: put_in_force(records, one), self._in_force, refused)

    def _small_in_force(self, now: SmallInForce) -> None:
        post = replace(self._core.state.post, name=now.post_name)
        self._core.update(policy=now.policy, post=post, clearances=now.clearances)
        self.changed()
        self.small_changed()
        self._finished()

    def _in_force(self, copy: ListCopy) -> None:
        name, version = copy.header.name, copy.header.version
        self._core.update(building=None)
        self._core.say("message.list_applied", "tick", list=f"{name}\u00a0{version}")
        self._ended -= {name}
        self._applied[name] = version
        self._load(copy)
        self._finished()

    def _gone(self, one: Withdrawn) -> None:
        name, version = one.header.name, one.header.version
        self._copies.pop(name, None)
        self._applied[name] = version
        self._core.update(
            building=None, lists=tuple(each for each in self._core.state.lists if each.source.name != name)
        )
        self._core.say("message.list_withdrawn", "attention", list=f"{name}\u00a0{version}")
        self.changed()
        self._finished()

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

    def _refused(self, error: Exception, path: Path, mark: Mark) -> None:
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
        if code == segment_build.NO_SPACE:  # the disk's fault, and no place to write it down
            self._busy = False
            self._again.add(mark)
            return
        body = {"name": name, "version": version, "why": code}
        core.record(lambda records: write_refused(records, path, body), lambda _none: self._finished(), self._not_noted)

    def _not_noted(self, error: Exception) -> None:
        self._busy = False
        self._core.failed(error)

    def _load(self, copy: ListCopy) -> None:
        header = copy.header
        bar = _bar_of(copy)
        if bar is not None:
            self._copies.pop(header.name, None)
            self._show(self._barred(waiting(header, bar)))
            return
        before = self._serving(copy)

        def done(read: LoadedList) -> None:
            loaded = self._barred(read)
            if self._show(loaded):
                self._copies[header.name] = copy
                if loaded.bar is None:
                    self.loaded(loaded)

        def failed(error: Exception) -> None:
            self._copies.pop(header.name, None)
            self._show(self._barred(waiting(header, NotDone.LIST_UNREADABLE)))
            if isinstance(error, SegmentError | screening.SegmentError):
                self._give_up(copy)

        self._core.jobs.building(lambda: loaded_list(copy, before), done, failed)

    def _give_up(self, copy: ListCopy) -> None:
        """What lies on the disk of a list is damaged: it has to be brought again, as it is if it must be.

        The package may lie in the inbox still, and is looked at once more: once a version, for one from which nothing
        comes that can be loaded would go on for ever.
        """
        name, version = copy.header.name, copy.header.version
        if (name, version) in self._given_up:
            return
        self._given_up.add((name, version))

        def done(_given_up: bool) -> None:
            self._seen = {mark for mark in self._seen if not mark[0].startswith(name)}
            self._next()

        self._core.record(lambda records: records.store.lists.give_up(copy), done)

    def _serving(self, copy: ListCopy) -> LoadedList | None:
        """Return the list as it is loaded now, where its base is that of ``copy``."""
        here = self._copies.get(copy.header.name)
        if here is None or here.layers[0].path != copy.layers[0].path:
            return None
        return next((one for one in self._core.state.lists if one.source.name == copy.header.name), None)

    def _show(self, loaded: LoadedList, *, quietly: bool = False) -> bool:
        """Put a list on the desk, unless a newer version is there; tells whether. What is open is answered anew."""
        name, version = loaded.source.name, loaded.source.version
        others = [one for one in self._core.state.lists if one.source.name != name]
        if self._applied.get(name, 0) > version:  # also what was withdrawn while it was loaded
            return False
        if any(one.source.name == name and one.source.version > version for one in self._core.state.lists):
            return False
        self._core.update(lists=tuple(sorted((*others, loaded), key=lambda one: one.source.name)))
        if not quietly:
            self.changed()
        return True

    def _join_next(self) -> None:
        """Make the layers of one list fewer, where they are many; nobody waits for it."""
        for name, copy in self._copies.items():
            due = layers_to_join(copy)
            if due is not None and (name, copy.header.version) not in self._tried:
                self._tried.add((name, copy.header.version))  # one that failed waits for the next version
                self._join(copy, *due)
                return

    def _join(self, copy: ListCopy, keep: int, layers: segment_build.Layers) -> None:
        core = self._core
        self._busy = True

        def judged(footing: Footing) -> None:
            core.jobs.building(
                lambda: join_layers(layers, footing, self._builder), lambda made: joined(footing, made), failed
            )

        def joined(footing: Footing, made: int) -> None:
            place, key = footing.segment, footing.segment_key
            core.record(
                lambda records: records.store.lists.replace_layers(copy, keep, place, key, made), replaced, failed
            )

        def replaced(now: ListCopy | None) -> None:
            if now is not None:
                self._load(now)
            self._finished()

        def failed(error: Exception) -> None:
            log.warning("the layers of a list could not be joined: %s", type(error).__name__)
            self._finished()

        core.record(footing_of, judged, failed)


def _bar_of(copy: ListCopy) -> NotDone | None:
    """Return why a copy can't be loaded at all."""
    if not copy.layers:
        return NotDone.LIST_UNREADABLE if copy.missing else NotDone.AGREEMENT_ENDED
    return NotDone.LEASE_ENDED if copy.lease_ended else None


def _versions(lists: tuple[LoadedList, ...]) -> dict[str, int]:
    return {one.source.name: one.source.version for one in lists}


def _mark(path: Path) -> Mark | None:
    """Return the state of a package's file; None where it has gone meanwhile."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return path.name, stat.st_size, stat.st_mtime_ns
