"""Any sequence of events, deliveries, retentions and restarts: the centre gets all, once, and nothing it lacks is lost.

The machine plays a centre that stores each event once and names the bodies it lacks; replies and batches get lost.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from checkpoint_app.store import AcknowledgementError, Head, Store
from checkpoint_app.wire.delivery import MOST_WANTED
from checkpoint_app.wire.event import GENESIS, ChainVerifier, EventKind, read_event, verify_body
from tests.store.helpers import (
    FakeClock,
    create,
    decided_body,
    dump,
    picture_body,
    ram_folder,
    read_body,
    received_body,
    reopen,
)

KEEP = timedelta(days=2)
NAMES, CASES = st.sampled_from(["a", "b", "e"]), st.sampled_from(["c", "d"])
EVENTS = st.one_of(
    st.just((EventKind.STARTED, {"version": "0.1.0"})),
    st.tuples(st.just(EventKind.ENCOUNTER_READ), st.builds(read_body, NAMES)),
    st.tuples(st.just(EventKind.ENCOUNTER_PICTURE), st.builds(picture_body, NAMES)),
    st.tuples(st.just(EventKind.DISPOSITION), st.builds(decided_body, NAMES)),
    st.tuples(st.just(EventKind.CASE_CLOSED), st.builds(lambda name: {"case_id": name, "outcome": "not_same"}, CASES)),
)


class Centre:
    """What a centre holds of the booth: its chain, and the bodies by sequence (None: erased before it came)."""

    def __init__(self, store: Store) -> None:
        self.key = store.identity.public_key
        self.begin(0, GENESIS)

    def begin(self, seq: int, head: str) -> None:
        """Open a new chain after the ancestor ``seq``."""
        self.chain = ChainVerifier("booth-1", self.key, seq, head)
        self.first = seq
        self.headers: dict[int, Any] = {}
        self.bodies: dict[int, str | None] = {}

    def wanted(self) -> tuple[int, ...]:
        return tuple(seq for seq in sorted(self.headers) if seq not in self.bodies)[:MOST_WANTED]


class DeliveryMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = ram_folder()
        self.clock = FakeClock()
        self.opened: Store | None = None
        self.hashes = [GENESIS]
        self.times: list[Any] = []
        self.kept = Head(0, GENESIS)
        self.open_encounters: set[str] = set()
        self.open_cases: set[str] = set()

    @property
    def store(self) -> Store:
        assert self.opened is not None
        return self.opened

    @initialize()
    def begin(self) -> None:
        self.opened = create(self.folder, self.clock)
        self.centre = Centre(self.store)

    @rule(events=st.lists(EVENTS, min_size=3, max_size=6))
    def work(self, events: list[tuple[EventKind, dict[str, Any]]]) -> None:
        for event in events:
            self.append(*event)

    @rule(event=EVENTS)
    def work_and_deliver(self, event: tuple[EventKind, dict[str, Any]]) -> None:
        self.append(*event)
        self.deliver(1 << 20, lost=False)
        self.late_bodies()
        self.acknowledge()

    def append(self, kind: EventKind, body: dict[str, Any]) -> None:
        self._note(kind, body)
        name = str(body.get("encounter_id") or body.get("case_id"))
        if kind is EventKind.ENCOUNTER_READ:
            self.open_encounters.add(name)
        elif kind is EventKind.DISPOSITION:
            self.open_encounters.discard(name)
        elif kind is EventKind.CASE_CLOSED:
            self.open_cases.discard(name)

    @rule(name=CASES, encounter=NAMES)
    def a_case_comes(self, name: str, encounter: str) -> None:
        self._note(EventKind.CASE_RECEIVED, received_body(name, len(self.hashes), encounter))
        self.open_cases.add(name)

    def _note(self, kind: EventKind, body: dict[str, Any]) -> None:
        header = self.store.journal.append(kind, body).header
        self.hashes.append(self.store.journal.head().hash)
        self.times.append(header.wall_time)

    @rule(most=st.sampled_from([1 << 20, 1, 2000]), lost=st.sampled_from([False, False, True]))
    def deliver(self, most: int, lost: bool) -> None:
        """Send from where the centre stands, as a round does; the reply may be lost."""
        for parcel in self.store.delivery.parcels(self.centre.chain.seq, most):
            event = read_event(parcel.header.encode(), parcel.signature)
            self.centre.chain.accept(event)
            self.centre.headers[event.header.seq] = event.header
            if parcel.body is not None:
                verify_body(event.header, parcel.salt, parcel.body.encode())
                self.centre.bodies[event.header.seq] = parcel.body
        if not lost:
            self.acknowledge()

    @rule()
    def acknowledge(self) -> None:
        seq, head = self.centre.chain.seq, self.centre.chain.head
        self.store.delivery.acknowledge(seq, head, self.centre.wanted())
        if seq >= self.kept.seq:
            self.kept = Head(seq, head)

    @rule(data=st.data())
    def an_old_reply_comes(self, data: st.DataObject) -> None:
        seq = data.draw(st.integers(0, self.kept.seq))
        if seq < self.kept.seq:
            self.store.delivery.acknowledge(seq, self.hashes[seq], ())

    @rule(seq=st.integers(0, 40))
    def another_chain_is_refused(self, seq: int) -> None:
        try:
            self.store.delivery.acknowledge(seq, "f" * 64)
        except AcknowledgementError:
            return
        raise AssertionError("it was taken")

    @rule()
    def late_bodies(self) -> None:
        for seq in self.centre.wanted():
            late = self.store.delivery.late_body(seq)
            if not late.erased:
                verify_body(self.centre.headers[seq], late.salt, late.body.encode())
            self.centre.bodies[seq] = None if late.erased else late.body

    @rule(data=st.data())
    def the_centre_loses_all_after_a_fork(self, data: st.DataObject) -> None:
        seq = data.draw(st.integers(0, self.kept.seq))
        self.centre.begin(seq, self.hashes[seq])
        self.store.delivery.restart_from(seq, self.hashes[seq])
        self.kept = Head(seq, self.hashes[seq])

    @rule(days=st.sampled_from([3, 9, 0, 1, 2]), signed=st.sampled_from([True, True, False]), wall=st.integers(-1, 4))
    def forget(self, days: int, signed: bool, wall: int) -> None:
        self.clock.time += timedelta(days=days)
        if signed:
            self.store.time.see(self.clock.time)
        before = self._bodies()
        now = self.clock.time + timedelta(days=wall)
        erased = self.store.delivery.forget(now, KEEP)
        gone = before - self._bodies()
        assert len(gone) == erased
        for seq in gone:
            assert seq <= self.kept.seq
            assert seq not in self.store.delivery.wanted()
            assert self.times[seq - 1] + KEEP <= min(now, self.store.time.seen or self.times[seq - 1])
            if seq > self.centre.first:
                assert self.centre.bodies[seq] is not None

    @rule()
    def killed_and_started_again(self) -> None:
        before = dump(self.store)
        if self.opened is not None:
            self.opened.close()
        self.opened = reopen(self.folder, self.clock)
        assert dump(self.store) == before
        self.store.journal.rebuild_projections()
        assert dump(self.store) == before

    @invariant()
    def booth_and_centre_hold_one_chain(self) -> None:
        if self.opened is None:
            return
        assert self.store.delivery.acknowledged() == self.kept
        assert self.store.journal.verify().head == Head(len(self.hashes) - 1, self.hashes[-1])
        assert self.hashes[self.centre.chain.seq] == self.centre.chain.head
        assert self.store.delivery.outbox().count == len(self.hashes) - 1 - self.kept.seq

    @invariant()
    def what_is_open_stays_open(self) -> None:
        if self.opened is None:
            return
        assert {row.encounter_id for row in self.store.projections.open_encounters()} == self.open_encounters
        assert {row.case.case_id for row in self.store.cases.all(open_only=True)} == self.open_cases

    def _bodies(self) -> set[int]:
        return {row["seq"] for row in self.store._db.rows("SELECT seq FROM bodies")}

    def teardown(self) -> None:
        if self.opened is not None:
            self.opened.close()
        shutil.rmtree(self.folder)


TestDeliveryMachine = DeliveryMachine.TestCase
TestDeliveryMachine.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
