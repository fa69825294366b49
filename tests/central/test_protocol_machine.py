"""Any interleaving of work, delivery, lost and half replies, restarts, and batches carried by hand: the centre has each
event exactly once, in order, with its body.

The booth's store, its delivery and its line are real, and so is the centre behind its routes; only the wire between is
played: it loses, cuts, delays and doubles what the machine tells it to. Batches are small, so that hits go ahead.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import delete, func, select

from checkpoint_app.central import alarms, database, delivery, early, encounters, identity
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.vault import Vault
from checkpoint_app.store import Store
from checkpoint_app.sync import deliver as delivering
from checkpoint_app.sync.enrolled import Enrolled
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from checkpoint_app.wire.batch import read_batch, write_batch
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import Batch, LateBody
from checkpoint_app.wire.enrolment import Anchors, BoothState
from checkpoint_app.wire.event import GENESIS, EventKind
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.statement import state
from tests.central.helpers import AUDIENCE, POST, START, UNLOCK_KEY, Clock
from tests.store.helpers import (
    FakeClock,
    answered_body,
    create,
    decided_body,
    picture_body,
    ram_folder,
    read_body,
    reopen,
)
from tests.sync.helpers import OffClock, directly
from tests.sync.test_deliver import PlainReply

SMALL_BATCH_BYTES = 1200
KEEP = timedelta(days=2)
FAULTS = st.lists(st.sampled_from(["", "", "lost", "unheard", "half", "late", "twice", "failed"]), max_size=8)
NAMES = st.sampled_from(["a", "b", "c"])
EVENTS = st.one_of(
    st.just((EventKind.SIGNED_IN, {"officer": "o-1"})),
    st.tuples(st.just(EventKind.ENCOUNTER_READ), st.builds(read_body, NAMES)),
    st.tuples(st.just(EventKind.ENCOUNTER_ANSWERED), st.builds(answered_body, NAMES, st.just("refer"))),
    st.tuples(st.just(EventKind.DISPOSITION), st.builds(decided_body, NAMES, st.sampled_from(["protect", "let_pass"]))),
    st.tuples(st.just(EventKind.ENCOUNTER_PICTURE), st.builds(picture_body, NAMES)),
)


class PlayedCentre:
    """The centre behind its routes, and a wire to it: ``plan`` tells what happens to the requests that come."""

    was_kept = False

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.clock, self.vault = folder, Clock(), Vault(os.urandom(32))
        self.plan: list[str] = []
        self._late: list[Callable[[], object]] = []
        self.open()
        database.tables.create_all(self.centre.engine)
        keys = store.identity
        row = {"name": keys.booth, "post": POST, "state": "confirmed", "signing_key": keys.public_bytes}
        row |= {"exchange_key": keys.exchange_public_bytes, "enrolled_at": to_plain(START), "head": GENESIS}
        with self.centre.begin() as connection:
            identity.create(self.centre, connection)
            connection.execute(database.booths.insert().values(**row))
            self.centre.keep_secret(connection, f"unlock {keys.booth}", UNLOCK_KEY)
            self.key = identity.statement_key(self.centre, connection)
        self.booth = keys.booth

    def open(self) -> None:
        """Open the database, as a start does."""
        engine = database.sqlite_engine(self.folder, self.vault.derived("database"))
        self.centre = Centre(self.folder, engine, self.vault, self.clock.now)

    def close(self) -> None:
        """Nothing is open on the wire."""

    def enrolled(self) -> Enrolled:
        anchors = Anchors("ca", "{}", self.key.public_key().public_bytes_raw())
        return Enrolled("https://centre.example", anchors, AUDIENCE, POST, START, BoothState.CONFIRMED)

    def send(
        self, method: str, path: str, _headers: Mapping[str, str], body: bytes | None, _within_s: float
    ) -> PlainReply:
        """Carry one request, as the plan has it."""
        fault = self.plan.pop(0) if self.plan else ""
        if fault in ("lost", "late"):
            if fault == "late":
                self._late.append(lambda: self._answer(method, path, body or b""))
            raise LineError(LineCode.TIMED_OUT)
        status, headers, data = self._answer(method, path, body or b"")
        if fault == "twice":
            self._answer(method, path, body or b"")
        late, self._late = self._late, []
        for work in late:
            work()
        if fault == "unheard":
            raise LineError(LineCode.CUT_OFF)
        if fault == "failed":
            return PlainReply((500, {"Content-Type": "text/plain"}, b"no"))
        return PlainReply((status, headers, data[: len(data) // 2] if fault == "half" else data))

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        now = {api.TIME_HEADER: to_plain(self.clock.now())}
        try:
            value = self._stated(method, path, body)
        except CentreError as error:
            problem = api.Problem(error.code, str(error), error.status, self.clock.now())
            return error.status, {"Content-Type": api.PROBLEM, **now}, canonical_bytes(to_plain(problem))
        return 200, {"Content-Type": api.JSON, **now}, canonical_bytes(to_plain(state(value, self.key)))

    def _stated(self, method: str, path: str, body: bytes) -> Any:
        if path == api.EVENTS:
            return delivery.receive(self.centre, self.booth, read_batch(body))
        if path == api.BODIES:
            late = from_plain(LateBody, read_canonical(body, 1 << 20))
            return delivery.take_body(self.centre, self.booth, late)
        if path == api.URGENT:
            if method == "POST":
                return early.receive(self.centre, self.booth, read_batch(body))
            return early.held(self.centre, self.booth)
        return delivery.acknowledgement(self.centre, self.booth)


class World:
    """A booth and a centre; ``written`` are the bodies of the booth's events, as they were."""

    def __init__(self) -> None:
        self.folder = ram_folder()
        self.clock = FakeClock()
        (self.folder / "centre").mkdir()
        self.store = create(self.folder / "booth", self.clock)
        self.played = PlayedCentre(self.folder / "centre", self.store)
        self.written: list[str] = []

    def append(self, kind: EventKind, body: dict[str, Any]) -> None:
        self.store.journal.append(kind, body)
        self.written.append(canonical_bytes(body).decode())

    def deliver(self, plan: list[str], limit: int | None = None) -> delivering.Delivered | None:
        self.played.plan = list(plan)
        line = Line(self.played.enrolled(), self.store.identity, OffClock(), self.played)  # type: ignore[arg-type]
        try:
            return delivering.deliver(line, directly(self.store), limit)
        except LineError as error:
            if error.code in (LineCode.FORK, LineCode.REFUSED_REQUEST):
                raise
            return None
        finally:
            self.played.plan = []

    def restart_booth(self) -> None:
        self.store.close()
        self.store = reopen(self.folder / "booth", self.clock)

    def restart_centre(self) -> None:
        self.played.centre.engine.dispose()
        self.played.open()

    def check(self) -> int:
        """Check that the centre has the beginning of the booth's journal, each event once; returns how many."""
        events = database.events
        with self.played.centre.begin() as connection:
            rows = connection.execute(select(events.c.seq, events.c.hash).order_by(events.c.seq)).all()
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert [row.hash for row in rows] == [self.store.journal.hash_at(row.seq) for row in rows]
            for seq, written in enumerate(self.written[: len(rows)], 1):
                found = encounters.body_at(self.played.centre, connection, Place("booth-1", 1, seq))
                assert found is None or canonical_bytes(dict(found[1])).decode() == written
            assert [one for one in alarms.all(connection) if one.kind in ("fork", "body_erased")] == []
        assert self.store.delivery.acknowledged().seq <= len(rows)
        return len(rows)

    def check_whole(self) -> None:
        """Deliver what is left, and check that everything is there."""
        done = self.deliver([])
        assert done is not None
        assert (done.waiting, done.wanted) == (0, 0)
        assert self.check() == len(self.written)
        with self.played.centre.begin() as connection:
            bodies = select(func.count()).select_from(database.bodies).where(database.bodies.c.state == "here")
            assert connection.scalar(bodies) == len(self.written)
            assert connection.scalar(select(func.count()).select_from(database.early_events)) == 0

    def close(self) -> None:
        self.store.close()
        self.played.centre.engine.dispose()
        shutil.rmtree(self.folder)


class ProtocolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(delivering, "BATCH_BYTES", SMALL_BATCH_BYTES)
        self.world = World()
        self.sticks: list[bytes] = []

    @rule(events=st.lists(EVENTS, min_size=1, max_size=8))
    def work(self, events: list[tuple[EventKind, dict[str, Any]]]) -> None:
        for event in events:
            self.world.append(*event)

    @rule(plan=FAULTS, limit=st.none() | st.integers(0, 6))
    def deliver(self, plan: list[str], limit: int | None) -> None:
        self.world.deliver(plan, limit)

    @rule(after=st.integers(0, 40), count=st.integers(1, 12))
    def write_a_stick(self, after: int, count: int) -> None:
        parcels = self.world.store.delivery.parcels(min(after, len(self.world.written)), 1 << 20)[:count]
        if parcels:
            self.sticks.append(write_batch(Batch("booth-1", tuple(parcels))))

    @rule(data=st.data())
    def carry_a_stick(self, data: st.DataObject) -> None:
        if self.sticks:
            batch = read_batch(data.draw(st.sampled_from(self.sticks)))
            with contextlib.suppress(CentreError):  # one before it has not come yet
                delivery.receive(self.world.played.centre, "booth-1", batch)

    @rule(which=st.sampled_from(["booth", "centre"]))
    def restart(self, which: str) -> None:
        self.world.restart_booth() if which == "booth" else self.world.restart_centre()

    @rule(days=st.integers(1, 4))
    def forget(self, days: int) -> None:
        """What is old and at the centre is forgotten at the booth."""
        world = self.world
        world.clock.time += timedelta(days=days)
        world.store.time.see(world.clock.time)
        world.store.delivery.forget(world.clock.time, KEEP)

    @invariant()
    def the_centre_has_the_beginning_of_the_journal(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        try:
            self.world.check_whole()
        finally:
            self.world.close()
            self._patch.undo()


TestProtocolMachine = ProtocolMachine.TestCase
TestProtocolMachine.settings = settings(
    max_examples=10, stateful_step_count=14, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_the_check_sees_what_is_lost_and_what_is_changed() -> None:
    """The negative controls."""
    events = database.events
    for spoil in (delete(events).where(events.c.seq == 2), events.update().values(hash="0" * 64)):
        world = World()
        try:
            for _ in range(3):
                world.append(EventKind.SIGNED_IN, {"officer": "o-1"})
            world.check_whole()
            with world.played.centre.begin() as connection:
                connection.execute(spoil)
            with pytest.raises(AssertionError):
                world.check()
        finally:
            world.close()


def test_the_check_sees_early_events_that_are_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH_BYTES", SMALL_BATCH_BYTES)
    monkeypatch.setattr(early, "take_over", lambda *_args: {})
    world = World()
    try:
        for _ in range(9):
            world.append(EventKind.ENCOUNTER_READ, read_body("a"))
        world.append(EventKind.ENCOUNTER_ANSWERED, answered_body("a", "refer"))
        with pytest.raises(AssertionError):
            world.check_whole()
    finally:
        world.close()
