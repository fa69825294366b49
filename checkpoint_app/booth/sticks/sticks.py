"""Sticks at the desk: one that comes is offered, and what it brings or takes passes on a thread of its own.

The officer is asked before anything is read but a header, and told when the stick may be pulled. A bundle that
`checkpoint bundle import` laid into the inbox folder, while this window was open, is taken without asking.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from checkpoint_app.booth.desk.core import Core, NotOpenError, store_key
from checkpoint_app.booth.desk.places import Places
from checkpoint_app.booth.desk.state import Message, Stick, StickWork
from checkpoint_app.booth.record.records import ROLE_ENDED
from checkpoint_app.booth.record.signed_objects import booths_of
from checkpoint_app.booth.sticks.removable_media import Found, Medium, bundles_on, media, opened
from checkpoint_app.store import Store, StoreError
from checkpoint_app.store.letters import lettered
from checkpoint_app.wire.bundle import BUNDLE_ENDING, BundleKind
from checkpoint_app.wire.bundle_parts import BundleError

if TYPE_CHECKING:
    from checkpoint_app.sync.bundle_down import Imported
    from checkpoint_app.sync.bundle_up import Exported

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_S = 2.0
CLOSE_WITHIN_S = 3.0
METADATA = "repository"
FORK = "fork"
"""What a supervisor must hear of, whatever else a bundle brought."""


class Sticks:
    """Watches for sticks. ``turn`` is held while lists are brought, so that the line and a stick never both do it.

    ``lists_came``, ``cases_came`` and ``leases_changed`` are called on the UI thread.
    """

    def __init__(self, core: Core, places: Places, turn: threading.Lock) -> None:
        self._core = core
        self._places = places
        self._turn = turn
        self._asked: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sticks", daemon=True)
        self._taken: set[str] = set()
        self._unfinished: set[str] = set()
        self._written: set[tuple[Path, str]] = set()
        self._others: list[str] = []
        self._own_key = b""
        self._medium: Medium | None = None
        self._found: Found | None = None
        self._offered: Stick | None = None
        self._working = StickWork.NONE
        self._percent = 0
        self.media: Callable[[], list[Medium]] = media
        self.lists_came: Callable[[], None] = lambda: None
        self.list_ended: Callable[[str], None] = lambda _name: None
        self.cases_came: Callable[[], None] = lambda: None
        self.leases_changed: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to watch, once the store is open."""
        if self._thread.ident is None and not self._stopped.is_set():
            self._thread.start()

    def take(self) -> None:
        """The officer wants what the stick brings."""
        self._begin(StickWork.TAKING, self._take)

    def write(self) -> None:
        """The officer wants the bundle that is offered on the stick."""
        self._begin(StickWork.WRITING, self._write)

    def close(self) -> None:
        """Stop watching; what is being written is broken off, and its half file removed, unless it is nearly done."""
        self._stopped.set()
        self._asked.put(None)
        if self._thread.is_alive():
            self._thread.join(CLOSE_WITHIN_S)

    # -- on the sticks' own thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._look()
                with contextlib.suppress(queue.Empty):
                    work = self._asked.get(timeout=EVERY_S)
                    if work is not None:
                        self._do(work)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: it must not end in silence
                if self._stopped.is_set():
                    return
                log.error("a stick: %s", type(error).__name__)  # noqa: TRY400 - texts may be personal
                self._stopped.wait(EVERY_S)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._post(self._ended)
            self._look_again(anew=True)

    def _look(self) -> None:
        """See which stick is there, and what lies on it for this booth."""
        if not self._own_key:
            self._own_key = self._on_store(lambda store: store.identity.exchange_public_bytes)
        for found in bundles_on(self._places.inbox):
            self._take_from_inbox(found)
        self._look_again()

    def _look_again(self, *, anew: bool = False) -> None:
        """Offer what is there, if it is another thing than before; ``anew``: whatever was offered before."""
        found_on = [(medium, self._for_us(medium)) for medium in self.media()]
        self._medium, self._found = max(found_on, key=lambda one: one[1] is not None, default=(None, None))
        folders = {medium.folder for medium, _found in found_on}
        self._written = {one for one in self._written if one[0] in folders}
        if folders and (anew or self._offered is None):
            self._others = self._on_store(lettered)
        stick = None if self._medium is None else self._stick(self._medium, self._found)
        if not found_on:  # put in again, it is asked about again
            self._taken -= self._unfinished
            self._unfinished.clear()
        if anew or stick != self._offered:
            self._offered = stick
            self._post(lambda: self._offer(stick))

    def _stick(self, medium: Medium, found: Found | None) -> Stick:
        to = self._next_to(medium.folder)
        return Stick(
            brings=found is not None,
            from_centre=found is not None and found.header.kind is BundleKind.DOWN,
            size=found.size if found is not None else 0,
            takes=medium.writable and to is not None,
            for_booth=to or "",
        )

    def _next_to(self, folder: Path) -> str | None:
        """Return for whom a bundle is still to be written: the centre, "", then the post's other booths; None: nobody.

        Another booth's has what the centre's letter to it needs: the lists that lie here.
        """
        return next((to for to in ("", *self._others) if (folder, to) not in self._written), None)

    def _for_us(self, medium: Medium) -> Found | None:
        """Return the newest bundle on it that is for this booth and was not taken yet."""
        for found in bundles_on(medium.folder):
            header = found.header
            ours = header.kind is not BundleKind.UP and header.receiver_key == self._own_key
            if ours and header.bundle not in self._taken:
                return found
        return None

    def _take(self) -> None:
        if self._found is None:
            self._said("stick.gone", "attention")
            return
        bundle = self._found.header.bundle
        self._taken.add(bundle)
        self._unfinished.add(bundle)
        try:
            done = self._import(self._found.path)
        except (BundleError, OSError, StoreError) as error:
            self._failed(error)
            return
        if not done.damaged:
            self._unfinished.discard(bundle)
        self._taken_in(done)

    def _take_from_inbox(self, found: Found) -> None:
        try:
            if found.header.bundle not in self._taken:
                self._taken.add(found.header.bundle)
                self._taken_in(self._import(found.path))
            found.path.unlink(missing_ok=True)
        except (BundleError, OSError, StoreError) as error:
            self._failed(error)
            with contextlib.suppress(OSError):  # the folder is told of by the error itself
                found.path.unlink(missing_ok=True)

    def _import(self, path: Path) -> Imported:
        from checkpoint_app.sync.bundle_down import import_bundle

        known = self._on_store(booths_of)
        data = self._places.data
        with opened(path) as file, self._turn:
            return import_bundle(
                file, self._on_store, self._places.inbox, data / METADATA, known=known, told=self._progress
            )

    def _write(self) -> None:
        from checkpoint_app.sync.bundle_up import NoBundleError

        medium = self._medium
        to = None if medium is None else self._next_to(medium.folder)
        if medium is None or to is None:
            self._said("stick.gone", "attention")
            return
        try:
            done = self._export(medium.folder, to)
        except NoBundleError as error:
            self._written.add((medium.folder, to))  # what can't be had now is not offered again and again
            self._said(f"stick.{error.code}", "attention")
        except StoreError as error:
            self._failed(error)
        else:
            self._written.add((medium.folder, to))
            key = "stick.written_lists" if to else "stick.written"
            self._said(key, "tick", count=str(done.events), booth=to)

    def _export(self, folder: Path, to: str) -> Exported:
        """Write the bundle for the centre, or the lists for the booth ``to``."""
        from checkpoint_app.sync.bundle_lists import export_lists
        from checkpoint_app.sync.bundle_up import export_up

        own = self._on_store(lambda store: store.identity.booth)
        if not to:
            return export_up(self._on_store, folder / f"{own}.up{BUNDLE_ENDING}", told=self._progress)
        path, places = folder / f"{to}.lists{BUNDLE_ENDING}", self._places
        known = self._on_store(booths_of)
        with self._turn:
            return export_lists(
                self._on_store, to, path, places.inbox, places.data / METADATA, known=known, told=self._progress
            )

    def _taken_in(self, done: Imported) -> None:
        """Say what came, and let the desk put it in force."""

        def tell() -> None:
            lists, cases = str(len({one.name for one in done.brought})), str(done.cases)
            for part, code in done.faults:
                if code == ROLE_ENDED and part.startswith("list "):
                    self.list_ended(part.removeprefix("list "))
            forked = FORK in (code for _part, code in done.faults)
            if done.damaged:
                self._core.say("stick.cut", "attention", lists=lists, cases=cases)
            elif forked or (done.faults and not (done.brought or done.cases)):
                code = FORK if forked else done.faults[0][1]
                self._core.say("stick.refused", "attention", why=self._why("refused", code))
            elif done.acknowledged and not (done.brought or done.cases):
                number = self._core.words.whole(done.acknowledged)
                self._core.say("stick.taken_receipt", "tick", number=number)
            else:
                self._core.say("stick.taken", "tick", lists=lists, cases=cases)
            self.lists_came()
            if done.leases:
                self.leases_changed()
            if done.cases:
                self.cases_came()

        self._post(tell)

    def _failed(self, error: BundleError | OSError | StoreError) -> None:
        if isinstance(error, StoreError):
            why = self._why("store", store_key(error))
        else:
            why = self._why("stick_refused", error.code if isinstance(error, BundleError) else "unreadable")
        self._said("stick.refused", "attention", why=why)

    def _why(self, group: str, code: str) -> str:
        """Return the words for a refusal; where there are none, that it can't be read."""
        words = self._core.words
        keys = (f"{one}.{code}" for one in (group, "stick_refused", "line_reason"))
        return words.say(next((key for key in keys if words.knows(key)), "stick_refused.unreadable"))

    def _said(self, key: str, symbol: str, **params: str) -> None:
        self._post(lambda: self._core.update(message=Message(key, params, symbol)))

    def _progress(self, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise NotOpenError
        percent = 100 * done // max(1, total)
        if percent != self._percent:
            self._percent = percent
            self._post(lambda: self._progressed(percent))

    def _post(self, work: Callable[[], None]) -> None:
        if not self._stopped.is_set():
            self._core.jobs.post(work)

    def _on_store(self, work: Callable[[Store], T]) -> T:
        def with_store() -> T:
            if self._core.records is None:
                raise NotOpenError
            return work(self._core.records.store)

        return self._core.jobs.wait_for_database(with_store)

    # -- on the UI thread ------------------------------------------------------------------------------------------

    def _begin(self, work: StickWork, do: Callable[[], None]) -> None:
        stick = self._core.state.stick
        if stick is not None and self._working is StickWork.NONE:
            self._working = work
            self._show(replace(stick, work=work, done=0))
            self._core.say("message.none")  # what stands then is how far it is, and that it must not be pulled
            self._asked.put(do)

    def _ended(self) -> None:
        self._working = StickWork.NONE

    def _offer(self, stick: Stick | None) -> None:
        """Let the screen offer what the stick is good for; what was said of an earlier one goes."""
        if self._working is not StickWork.NONE:
            return
        state = self._core.state
        gone = stick is None and state.message.key.startswith("stick.") and state.message.symbol != "attention"
        fresh = state.stick is None and state.message.symbol != "attention"
        self._show(stick)
        if gone or fresh:
            self._core.say("message.none")

    def _progressed(self, percent: int) -> None:
        stick = self._core.state.stick
        if stick is not None and self._working is not StickWork.NONE:
            self._show(replace(stick, work=self._working, done=percent))

    def _show(self, stick: Stick | None) -> None:
        if self._core.state.stick != stick:
            self._core.update(stick=stick)
