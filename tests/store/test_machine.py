"""Any sequence of events, erasures, rebuilds, restarts and failed acts keeps chain and projections right."""

from __future__ import annotations

import shutil
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from checkpoint_app.store import Store
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import (
    FakeClock,
    answered_body,
    create,
    decided_body,
    document,
    dump,
    not_same_body,
    ram_folder,
    read_body,
    reopen,
)

NAMES = st.sampled_from(["a", "b", "c"])
DOCUMENTS = st.sampled_from([document(), document("OTHER1"), document(family="ELSE"), {}, None])
DISPOSITIONS = st.sampled_from(["let_pass", "refer", "protect", "withdrawn"])
ADVICES = st.sampled_from(["proceed", "look", "refer", "incomplete"])


def _events() -> st.SearchStrategy[tuple[EventKind, dict[str, Any]]]:
    reads = st.builds(
        lambda name, doc, way: read_body(name, document=doc, direction=way),
        NAMES,
        DOCUMENTS,
        st.sampled_from(["in", "out"]),
    )
    officers = st.sampled_from([{"officer": "o-1"}, {"officer": {"id": "o-2"}}, {}])
    return st.one_of(
        st.tuples(st.just(EventKind.ENCOUNTER_READ), reads),
        st.tuples(st.just(EventKind.ENCOUNTER_CORRECTED), reads),
        st.tuples(st.just(EventKind.ENCOUNTER_PICTURE), st.builds(lambda n: {"encounter_id": n, "jpeg": ""}, NAMES)),
        st.tuples(st.just(EventKind.ENCOUNTER_ANSWERED), st.builds(answered_body, NAMES, ADVICES)),
        st.tuples(st.just(EventKind.ENCOUNTER_REOPENED), st.builds(lambda n: {"encounter_id": n}, NAMES)),
        st.tuples(st.just(EventKind.DISPOSITION), st.builds(decided_body, NAMES, DISPOSITIONS)),
        st.tuples(st.just(EventKind.NOT_SAME_PERSON), st.builds(not_same_body, NAMES)),
        st.tuples(st.sampled_from([EventKind.SIGNED_IN, EventKind.SIGNED_OUT]), officers),
        st.tuples(
            st.just(EventKind.CROSSING_CHANGED), st.builds(lambda lane: {"direction": "in", "lane": lane}, NAMES)
        ),
    )


class JournalMachine(RuleBasedStateMachine):
    """The model is a plain list: kind and body of each event, None once erased."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = ram_folder()
        self.clock = FakeClock()
        self.model: list[tuple[EventKind, dict[str, Any] | None]] = []
        self.hashes: list[str] = []
        self.store: Store | None = None

    @property
    def open_store(self) -> Store:
        assert self.store is not None
        return self.store

    @initialize()
    def begin(self) -> None:
        self.store = create(self.folder, self.clock)

    @rule(event=_events())
    def append(self, event: tuple[EventKind, dict[str, Any]]) -> None:
        self.open_store.journal.append(*event)
        self.model.append(event)
        self.hashes.append(self.open_store.journal.head().hash)

    @rule(event=_events())
    def append_and_fail(self, event: tuple[EventKind, dict[str, Any]]) -> None:
        try:
            with self.open_store._db.transaction():
                self.open_store.journal.append(*event)
                raise ZeroDivisionError  # noqa: TRY301
        except ZeroDivisionError:
            pass

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        seqs = data.draw(st.sets(st.integers(1, len(self.model)), max_size=4))
        there = [seq for seq in seqs if self.model[seq - 1][1] is not None]
        assert self.open_store.journal.erase_bodies(sorted(seqs)) == len(there)
        for seq in there:
            self.model[seq - 1] = (self.model[seq - 1][0], None)

    @rule()
    def rebuild(self) -> None:
        before = dump(self.open_store)
        self.open_store.journal.rebuild_projections()
        assert dump(self.open_store) == before

    @rule()
    def restart(self) -> None:
        before = dump(self.open_store)
        self.open_store.close()
        self.store = reopen(self.folder, self.clock)
        assert dump(self.open_store) == before

    @invariant()
    def chain_and_bodies_hold(self) -> None:
        if self.store is None:
            return
        checked = self.store.journal.verify()
        assert checked.head.seq == len(self.model)
        assert checked.erased == sum(body is None for _, body in self.model)
        for seq, (event, (kind, body)) in enumerate(zip(self.store.journal.events(), self.model, strict=True), 1):
            assert event.header.kind is kind
            assert self.store.journal.hash_at(seq) == self.hashes[seq - 1]
            if body is not None:
                assert self.store.journal.body(seq) == body

    @invariant()
    def what_the_screen_reads_is_what_happened(self) -> None:
        if self.store is None:
            return
        tables = self.store.projections
        assert [row.encounter_id for row in tables.open_encounters()] == self._open()
        signs = [(kind, body) for kind, body in self.model if body is not None and kind.startswith("signed_")]
        last = tables.last_sign_in()
        assert (last is not None) == bool(signs)
        if last is not None:
            assert last.signed_in == (signs[-1][0] is EventKind.SIGNED_IN)
        cleared = any(kind is EventKind.NOT_SAME_PERSON and body is not None for kind, body in self.model)
        found = self.store.clearances.find(document(), "wanted", "e-1", "d" * 64, self.clock.time)
        assert (found is not None) == cleared

    def _open(self) -> list[str]:
        """Return the open Encounters, latest touched first, straight from the model."""
        last: dict[str, int] = {}
        opened: dict[str, bool] = {}
        read: set[str] = set()
        for place, (kind, body) in enumerate(self.model):
            if body is None or kind not in _TOUCHING:
                continue
            name = body["encounter_id"]
            last[name] = place
            if kind in (EventKind.ENCOUNTER_READ, EventKind.ENCOUNTER_CORRECTED):
                read.add(name)
            opened[name] = kind is not EventKind.DISPOSITION and name in read
        return sorted((name for name in last if opened[name]), key=lambda name: -last[name])

    def teardown(self) -> None:
        if self.store is not None:
            self.store.close()
        shutil.rmtree(self.folder)


_TOUCHING = {
    EventKind.ENCOUNTER_READ,
    EventKind.ENCOUNTER_CORRECTED,
    EventKind.ENCOUNTER_ANSWERED,
    EventKind.ENCOUNTER_REOPENED,
    EventKind.DISPOSITION,
}

TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
