"""The centre of a simulated world: the real application on a folder that is killed or put back."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from fastapi import FastAPI
from sqlalchemy import event

from checkpoint_app.central import (
    acts,
    agreements,
    booths,
    database,
    importing,
    late_hits,
    opening,
    publishing,
    rescreening,
    withdrawing,
)
from checkpoint_app.central import officers as people
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.api import inbox as inbox_routes
from checkpoint_app.central.app import make_app
from checkpoint_app.central.bundles import Received, receive_bundle
from checkpoint_app.central.bundling import export_down
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.importing import Imported, Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.lists import VersionState
from checkpoint_app.central.officers import Person, Role
from checkpoint_app.central.together import Together
from checkpoint_app.verdict import Check, Outcome, Policy, Requirement
from checkpoint_app.wire.bundle_parts import BundleError
from checkpoint_app.wire.enrolment import BoothKeys, request_enrolment
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.plain import to_plain
from tests.simulation.clocks import BEGIN, TrueTime
from tests.simulation.disks import Disk, running, step
from tests.simulation.line import ask
from tests.simulation.people import CALIBRATION, PUBLIC, Contents, Declaration, records

T = TypeVar("T")
AGREEMENT, TERM = "EC-US", timedelta(days=25)
OFFICER, SUPERVISOR, PIN = "o.muster", "s.muster", "24680"
LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)
POST = "Paso Prueba"


class _Awake:
    """What runs beside the requests of a served centre; in the simulation a step of its own does that work."""

    class worker:  # noqa: N801 - an attribute of the real one
        @staticmethod
        def wake() -> None:
            """The scheduler decides when."""


class SimCentre:
    """One centre; ``time`` is the world's. The application is made once: what it stands on is changed under it."""

    def __init__(self, time: TrueTime) -> None:
        self.time = time
        self.disk = Disk(Path())
        self.off = timedelta()
        self.centre = Centre(Path(), None, None, self.now)  # type: ignore[arg-type]
        self.loop = asyncio.new_event_loop()
        self.app: FastAPI | None = None
        self.lists = Lists(self.centre)
        self.down = False

    def now(self) -> datetime:
        return self.time.at + self.off

    # -- a folder and its application --------------------------------------------------------------------------------

    def open(self, folder: Path, vault: Any) -> None:
        """Begin to work in ``folder``."""
        engine = database.sqlite_engine(folder, vault.derived("database"))
        event.listen(engine, "before_cursor_execute", lambda *_: step())
        event.listen(engine, "commit", lambda *_: step())
        for name, value in (("folder", folder), ("engine", engine), ("vault", vault)):
            object.__setattr__(self.centre, name, value)
        self.disk.folder = folder
        self.lists = Lists(self.centre)
        if self.app is not None:
            self._fresh(self.app.state)

    def serve_as(self, audience: str) -> None:
        """Make the application of a centre with this id, once."""
        if self.app is None:
            self.app = make_app(self.centre, audience)
            self.app.state.background = _Awake
        self._fresh(self.app.state)

    def _fresh(self, state: Any) -> None:
        """Forget what a process knows that has begun just now."""
        state.inboxes_laid = {}
        state.large = Counter()
        state.tokens = Together(self.centre, lasting=False)
        state.accesses = Together(self.centre, lasting=True)

    def close(self) -> None:
        self.centre.engine.dispose()

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, arrives: int | None
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """Answer a request; None where the centre is down, or dies on the way."""
        if self.down:
            return None
        with running(self.disk), mock.patch.object(inbox_routes, "monotonic", self.time.seconds):
            answered = ask(self.loop, self.app, method, path, headers, body, arrives)
        return None if self.disk.dead else answered

    def killed(self, at: int, work: Callable[[], object]) -> bool:
        """Do ``work`` on a machine that dies at its ``at``-th step, and start it anew; tells whether it died."""
        self.disk.arm(at, lambda: None)
        try:
            work()
        finally:
            struck, vault = self.disk.dead, self.centre.vault
            if struck:
                self.close()
            self.disk.recover()
            if struck:
                self.open(self.disk.folder, vault)
        return struck

    # -- what is done there ------------------------------------------------------------------------------------------

    @contextmanager
    def at_work(self) -> Iterator[Centre]:
        """Return a block in which the centre's own machine works."""
        with running(self.disk):
            yield self.centre

    def bring(self, one: Declaration, contents: Contents, withdrawn: bool = False) -> Imported:
        """Import the next version of a list, and approve it where two persons must look."""
        term = (AGREEMENT, b"\x01" * 32) if one.lent else (None, None)
        declared = Declared(one.name, ListKind.PERSONS, "ECU", *term, one.silent, ("LE-ONLY",))
        made = self._import(declared, records(contents), CALIBRATION)
        self._approve(one.name, made)
        return made

    def bring_policy(self) -> Imported:
        """Import the next version of the post's policy."""
        declared = Declared("policy", ListKind.POLICY, "post")
        material = Material(lambda version: [to_plain(policy(version, self.now()))], self.now())
        with self.at_work() as centre:
            return importing.import_version(centre, declared, material)

    def _import(self, declared: Declared, made: list[dict[str, Any]], calibration: Any) -> Imported:
        with self.at_work() as centre:
            return importing.import_version(centre, declared, Material(lambda _v: made, self.now(), calibration))

    def publish(self, *, restored: bool = False) -> list[str]:
        with self.at_work() as centre:
            brought = publishing.publish(centre, restored=restored)
            publishing.renew(centre)
            return brought

    def screen(self) -> int:
        """Do what the worker does: screen what was decided, then hold what changed; and load the lists before."""
        with self.at_work() as centre:
            self.lists.refresh()
            count = late_hits.screen_decided(centre, self.lists)
            while rescreening.hold_changed(centre, self.lists):
                count += 1
            return count

    def transact(self, work: Callable[[Centre, Any], T]) -> T:
        with self.at_work() as centre, centre.begin() as connection:
            return work(centre, connection)

    def conclude(self) -> None:
        """Conclude the agreement with the partner."""
        term = Concluded(AGREEMENT, "USA", BEGIN - timedelta(days=1), BEGIN + TERM)
        self.transact(lambda centre, connection: agreements.add(centre, connection, term))

    def staff(self) -> None:
        """Put an officer and a supervisor in office."""
        from argon2 import PasswordHasher

        verifier = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PIN)
        until = BEGIN + timedelta(days=365)
        for name, role in ((OFFICER, Role.OFFICER), (SUPERVISOR, Role.SUPERVISOR)):
            person = Person("Muster, Eva", role, verifier)
            self.transact(lambda c, k, name=name, person=person: people.add(c, k, name, person, until))

    def enrol(self, keys: BoothKeys) -> None:
        """Take a booth's keys by a code, and confirm them."""
        with self.at_work() as centre:
            booths.enrol(centre, request_enrolment(booths.new_code(centre, keys.booth, POST), keys))
            booths.confirm(centre, keys.booth, keys.fingerprint)

    def withdraw(self, name: str, entries: Sequence[str]) -> None:
        """Withdraw entries of a list, or with none named the list; two persons look."""
        with self.at_work() as centre:
            if entries:
                made = withdrawing.withdraw_entries(centre, name, entries).imported
            else:
                made = withdrawing.withdraw_list(centre, name).imported
        self._approve(name, made)

    def _approve(self, name: str, made: Imported) -> None:
        if made.state is VersionState.PENDING:
            with mock.patch.object(acts, "who", return_value="b.muster"):
                importing.approve(self.centre, name, made.header.version)

    def carry_down(self, booth: str, path: Path, *, whole: bool) -> None:
        """Write the bundle for a booth."""
        with self.at_work() as centre:
            export_down(centre, booth, path, whole=whole)

    def take(self, path: Path) -> Received | None:
        """Take what a booth's bundle brings; None where nothing of it can be taken."""
        with self.at_work() as centre, suppress(BundleError):
            return receive_bundle(centre, path)
        return None

    # -- backups -----------------------------------------------------------------------------------------------------

    def back_up(self, place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.disk.folder, place)

    def put_back(self, place: Path) -> None:
        """Go on from a backup, as the administrator's handbook tells: put back, then `publish --restored`."""
        vault, folder = self.centre.vault, self.disk.folder
        self.close()
        shutil.rmtree(folder)
        shutil.copytree(place, folder)
        self.open(folder, vault)
        self.publish(restored=True)


def policy(version: int, issued_at: datetime) -> Policy:
    """Return the policy of the post."""
    return Policy(
        name="policy",
        version=version,
        issued_at=issued_at,
        required=(Requirement(Check.DOCUMENT), *(Requirement(Check.WANTED, name) for name in PUBLIC)),
        outcomes={"wanted.cleared_before": Outcome.NOTE, "document.expired": Outcome.NOTE},
        keep_days=3,
    )


def new_centre(folder: Path, time: TrueTime) -> SimCentre:
    """Make a centre with its agreement, officers and policy in ``folder``."""
    made = SimCentre(time)
    real = opening.create(folder, "a synthetic passphrase", clock=made.now, stretching=LIGHT)
    vault = real.vault
    opening.close(real)
    made.open(folder.absolute(), vault)
    made.conclude()
    made.staff()
    made.bring_policy()
    return made
