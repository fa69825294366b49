"""A booth without a desk: the real store, line and rounds, and what an officer does, written as the desk writes it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoint_app.booth.line.windowless_round import rescreen
from checkpoint_app.booth.lists.list_layers import loaded_list, waiting
from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.lists.lists_in_force import _bar_of
from checkpoint_app.booth.record.encounter import Disposition, Encounter, Picture, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.booth.record.signed_objects import booths_of
from checkpoint_app.screening.checks import Examination, LoadedList, run_checks
from checkpoint_app.store import ListCopy, Store
from checkpoint_app.store.head import Head, WitnessState
from checkpoint_app.sync.bundle_down import Imported, import_bundle
from checkpoint_app.sync.bundle_lists import export_lists
from checkpoint_app.sync.bundle_up import NoBundleError, export_up
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.sync.line import MOST_STATEMENT_BYTES, Line
from checkpoint_app.sync.round import RoundDone, run_round
from checkpoint_app.verdict import Candidate, NotDone, Policy, fold
from checkpoint_app.wire.api import EVENTS
from checkpoint_app.wire.batch import BATCH_TYPE, write_fitting
from checkpoint_app.wire.bundle_parts import BundleError
from checkpoint_app.wire.case import CaseState
from checkpoint_app.wire.delivery import BATCH_BYTES, BATCH_TEXT_BYTES, Batch
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.statement import Statement
from tests.simulation.centre import OFFICER, PIN, SUPERVISOR
from tests.simulation.clocks import MachineClock
from tests.simulation.disks import Disk, running
from tests.simulation.line import SimTransport
from tests.simulation.people import zone
from tests.store.helpers import store_key
from tests.sync.helpers import directly

if TYPE_CHECKING:
    from tests.simulation.world import World

CLEARED_DAYS = 20


@dataclass(frozen=True, slots=True)
class Sight:
    """What a booth works with at one moment: its policy, its lists, its trusted time."""

    policy: Policy
    lists: tuple[LoadedList, ...]
    now: datetime

    @property
    def versions(self) -> dict[str, int]:
        """The versions of the lists, by name."""
        return {one.source.name: one.source.version for one in self.lists}


class SimBooth:
    """One machine at a booth. ``label`` tells machines apart: a clone has another machine's name."""

    def __init__(self, world: World, folder: Path, label: str, clock: MachineClock) -> None:
        self.world, self.label, self.clock = world, label, clock
        self.disk = Disk(folder)
        self._lists: dict[tuple[Path, ...], LoadedList] = {}
        self.promised = Head(0, "")
        self.open()

    # -- the machine -------------------------------------------------------------------------------------------------

    @property
    def inbox(self) -> Path:
        return self.disk.folder / "inbox"

    @property
    def metadata(self) -> Path:
        return self.disk.folder / "metadata"

    def open(self) -> None:
        """Start the program."""
        data = self.disk.folder / "data"
        with running(self.disk):
            self.store = Store.open(data, store_key(data), clock=self.clock, accept_rollback=True)
            self.records = Records(self.store)
            self.name = self.store.identity.booth
            enrolled = enrolled_of(self.store)
            assert enrolled is not None
            transport = SimTransport(self.world.serve, lambda: self.world.weather, lambda: self.disk.dead)
            self.line = Line(enrolled, self.store.identity, self.clock, transport, seen=self.store.time.seen)  # type: ignore[arg-type]
            rolled_back = self.store.witness_state is WitnessState.ROLLED_BACK
            self.records.write(EventKind.STARTED, {"version": "0", "key": "passphrase", "rolled_back": rolled_back})

    def close(self) -> None:
        with running(self.disk):
            self.store.close()

    def work(self, act: Callable[[], object]) -> None:
        """Do what an officer or the machine does."""
        with running(self.disk):
            act()

    def killed(self, at: int, act: Callable[[], object]) -> bool:
        """Do the same on a machine that dies at its ``at``-th step, and start it anew; tells whether it died."""
        self.promised = self.store.journal.head()
        self.disk.arm(at, self._note_promise)
        try:
            self.work(act)
        finally:
            if self.disk.dead:
                self.store.close()
            if self.disk.recover():
                self.open()
                struck = True
            else:
                struck = False
        return struck

    def _note_promise(self) -> None:
        if not self.store._db.in_transaction:
            self.promised = self.store.journal.head()

    def put_back(self, place: Path) -> None:
        """Go on from an older state of the whole folder."""
        self.close()
        shutil.rmtree(self.disk.folder)
        shutil.copytree(place, self.disk.folder)
        self._lists.clear()
        self.open()

    # -- screening ---------------------------------------------------------------------------------------------------

    def lists(self) -> tuple[LoadedList, ...]:
        """Return the lists in force as the desk holds them."""
        ended = self.records.ended_lists()
        held = []
        for copy in self.store.lists.in_force():
            if copy.header.withdrawn:
                continue
            one = self._loaded(copy)
            held.append(replace(one, bar=NotDone.AGREEMENT_ENDED) if one.source.name in ended else one)
        return tuple(held)

    def _loaded(self, copy: ListCopy) -> LoadedList:
        """Return a list in memory; what its files hold is read once."""
        bar = _bar_of(copy)
        if bar is not None:
            return waiting(copy.header, bar)
        files = tuple(layer.path for layer in copy.layers)
        if files not in self._lists:
            self._lists[files] = loaded_list(copy)
        return replace(self._lists[files], lease_ends_at=copy.lease_ends_at)

    def sight(self) -> Sight:
        """Return what the booth works with now."""
        policy = self.records.policy()
        assert policy is not None
        return Sight(policy, self.lists(), self.store.time.now())

    def screened(self, who: int, encounter_id: str = "e", by: Sight | None = None) -> Encounter:
        """Return what the booth says of a traveller now; nothing is written."""
        by = by or self.sight()
        encounter = Encounter(encounter_id, by.now, ReadSource.IMAGE, True, zone(who))
        cleared = self.records.cleared(encounter, by.now)
        answers = run_checks(Examination(encounter.mrz, False, by.now), by.policy, by.lists, cleared)
        return replace(encounter, answers=answers, own=answers, verdict=fold(answers, by.policy, by.now))

    # -- what an officer does ----------------------------------------------------------------------------------------

    def encounter(self, who: int, *, decide: bool, picture: bool) -> None:
        """Read a traveller's document, answer, and decide or leave it open."""
        encounter = self.screened(who, str(uuid.uuid4()))
        hit = frozenset(one.source.name for one in encounter.answers if one.outcome == "hit")
        self.world.meet(self, who, encounter.id, hit)
        self.records.read(encounter, OFFICER, "2")
        policy = self.records.policy()
        assert policy is not None
        assert encounter.verdict is not None
        if picture:
            self.records.picture(replace(encounter, picture=Picture(bytes(900))))
        self.records.answered(encounter, policy, self.store.time.now())
        if decide:
            self._decide(encounter)

    def decide_open(self) -> None:
        """Decide what was left open, as after a start."""
        for encounter in self.records.open_encounters():
            self.records.write(EventKind.ENCOUNTER_REOPENED, {"encounter_id": encounter.id, "officer": OFFICER})
            self._decide(encounter)

    def _decide(self, encounter: Encounter) -> None:
        advice = encounter.verdict.advice if encounter.verdict else None
        disposition = Disposition.REFER if advice == "refer" else Disposition.LET_PASS
        self.records.decided(encounter, Decision(disposition, "", "", OFFICER), True)

    def clear(self, who: int, list_name: str) -> Candidate | None:
        """Decide that a traveller whom a list hits is not that person; returns who was meant."""
        encounter = self.screened(who, str(uuid.uuid4()))
        found = [one for one in encounter.answers if one.source.name == list_name and one.outcome == "hit"]
        if not found:
            return None
        candidate = found[0].candidates[0]
        by = {"officer": OFFICER, "supervisor": SUPERVISOR, "reason_code": "compared", "reason_text": ""}
        self.records.not_same(encounter, list_name, candidate, decided=by, days=CLEARED_DAYS)
        return candidate

    def sign_in(self) -> None:
        self.records.sign_in(OFFICER, PIN)

    def work_cases(self) -> None:
        """Take each open case and close those that were taken."""
        for row in self.store.cases.all():
            body = {"case_id": row.case.case_id, "officer": OFFICER}
            if row.case.state is CaseState.NEW:
                self.records.write(EventKind.CASE_TAKEN, body)
            elif row.case.state is not CaseState.CLOSED:
                self.records.write(EventKind.CASE_CLOSED, {**body, "outcome": "not_same", "text": ""})

    # -- what the machine does ---------------------------------------------------------------------------------------

    def round(self) -> RoundDone | LineError:
        """Run a round of the line; what ends it is returned. A list whose role has ended is consulted no more."""
        try:
            with running(self.disk):
                done = run_round(self.line, directly(self.store), self.inbox, self.metadata, fetch_lists)
        except LineError as error:
            return error
        finally:
            self.world.heard(self)
        self.records.end_lists((fault.part, fault.code) for fault in done.faults)
        return done

    def repeat(self, after: int) -> None:
        """Send events again from any one on, as who has lost a reply, or carries what was carried before."""
        parcels = tuple(self.store.delivery.parcels(after, BATCH_TEXT_BYTES))
        if parcels:
            data, _count = write_fitting(Batch(self.name, parcels), BATCH_BYTES)
            with suppress(LineError):
                self.line.post_bytes(Statement, EVENTS, data, BATCH_TYPE, most=MOST_STATEMENT_BYTES)

    def apply(self) -> None:
        """Put in force what lies in the inbox, end what is over, and hold what is new against Encounters."""
        apply_inbox(self.records, self.inbox)
        self.records.end_what_is_over()
        rescreen(self.records)

    # -- sticks ------------------------------------------------------------------------------------------------------

    def carry_up(self, path: Path) -> None:
        """Write the bundle for the centre."""
        with suppress(NoBundleError):
            export_up(directly(self.store), path)

    def carry_lists(self, to: str, path: Path) -> None:
        """Write a bundle of the lists for another booth."""
        with suppress(NoBundleError):
            known = booths_of(self.store)
            export_lists(directly(self.store), to, path, self.inbox, self.metadata, known=known)

    def take(self, path: Path) -> Imported | None:
        """Take what a bundle brings, as `checkpoint bundle import` does; None where nothing of it is this booth's."""
        with path.open("rb") as file, running(self.disk), suppress(BundleError, NoBundleError):
            known = booths_of(self.store)
            store, inbox = directly(self.store), self.inbox
            done = import_bundle(file, store, inbox, self.metadata, known=known, clock=self.clock)
            self.records.end_lists(done.faults)
            return done
        return None

    def forget(self) -> None:
        policy = self.records.policy()
        if policy is not None:
            self.records.forget(timedelta(days=policy.keep_days))


def is_refused(ended: RoundDone | LineError | None, code: LineCode) -> bool:
    """Tell whether a round met this refusal."""
    if isinstance(ended, LineError):
        return ended.code is code
    return ended is not None and any(fault.code == code for fault in ended.faults)
