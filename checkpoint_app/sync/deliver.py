"""Delivers the journal: what is urgent, batches in order, then the bodies that follow.

Where more waits than one batch holds, hits and decisions go first, ahead of the chain (`POST /v1/urgent`). The centre
says which it has; with the chain then go their headers alone, and a body that it lacks after all it wants as any other.

A reply may be lost, cut in half, or come after the request was taken; so whatever a request answered, what counts is
the next acknowledgement read. It is signed, cumulative, and names the hash of the booth's own chain, which the store
compares. Sending again is harmless: the centre stores each event once.

Where the centre goes on from other events than the booth's own (a disk that was put back, a cloned machine), the booth
looks for the last event that both have and sends the one after it. The centre refuses that with an alarm or, once a
supervisor has allowed it, opens a new chain there; then everything else follows as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from checkpoint_app.store.errors import AcknowledgementError
from checkpoint_app.store.head import Head
from checkpoint_app.store.store import Store
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import MOST_STATEMENT_BYTES, Line, Settled
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.api import ACKNOWLEDGEMENT, BODIES, EVENTS, URGENT
from checkpoint_app.wire.batch import BATCH_TYPE, write_fitting
from checkpoint_app.wire.delivery import (
    BATCH_BYTES,
    BATCH_TEXT_BYTES,
    MOST_EARLY,
    Acknowledgement,
    Batch,
    Early,
    LateBody,
    Parcel,
)
from checkpoint_app.wire.statement import Statement

BATCH_WITHIN_S = 120.0  # 64 kB take 8 s at 64 kbit/s
BODY_WITHIN_S = 600.0  # the largest body takes 3 minutes there
_MOST_STUCK = 3
# After these the centre may have taken what was sent, or can say itself how far it is.
_CURED_BY_READING = frozenset(
    {
        LineCode.CUT_OFF,
        LineCode.TIMED_OUT,
        LineCode.MALFORMED,
        LineCode.TOO_LARGE,
        LineCode.NOT_SIGNED,
        LineCode.SERVER_FAULT,
        LineCode.GAP,
    }
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one delivery did: events and bodies that the centre has now and had not before.

    ``acknowledged`` is the last sequence that the centre has; ``waiting`` events come after it; ``wanted`` bodies, of
    the first hundred, still follow.
    """

    sent: int
    bodies: int
    acknowledged: int
    waiting: int
    wanted: int


def deliver(line: Line, on_store: OnStore, limit: int | None = None, most_bodies: int | None = None) -> Delivered:
    """Send what the centre has not: at most ``limit`` events, then at most ``most_bodies`` bodies, or all.

    Raises LineError: ``fork`` where the centre holds another chain of this booth and no new one was allowed (nothing is
    lost, here or there), and the first fault of a body after the others were sent; and the store's StoreErrors.
    Where the centre had all within the last `Line.settled_s` seconds it is not asked again.
    """
    head = on_store(lambda store: store.journal.head())
    if line.settled is not None and line.settled.head == head and monotonic() < line.settled.until:
        return Delivered(0, 0, head.seq, 0, 0)
    delivery = _Delivery(line, on_store)
    delivery.read()
    if not delivery.is_own and limit != 0:
        delivery.begin_new_chain()
    delivery.send_events(limit)
    delivery.send_bodies(most_bodies)
    waiting = on_store(lambda store: store.delivery.outbox().count)
    acknowledgement = delivery.acknowledgement
    wanted = len(acknowledgement.wanted)
    has_all = Head(acknowledgement.seq, acknowledgement.head) == head and not wanted
    line.settled = Settled(head, monotonic() + line.settled_s) if has_all else None
    return Delivered(delivery.sent, delivery.bodies, acknowledgement.seq, waiting, wanted)


class _Delivery:
    """One delivery; ``acknowledgement`` is the last one read, and ``is_own`` whether it is of this journal's chain."""

    acknowledgement: Acknowledgement
    is_own: bool

    def __init__(self, line: Line, on_store: OnStore) -> None:
        self._line = line
        self._on_store = on_store
        self._early: frozenset[int] | None = None  # not asked for yet
        self.sent = 0
        self.bodies = 0

    def read(self) -> None:
        """Ask how far the centre is."""
        got = self._line.get(Statement, ACKNOWLEDGEMENT, most=MOST_STATEMENT_BYTES)
        if got.value is None:
            raise LineError(LineCode.MALFORMED, "it gives no acknowledgement")
        self._take(got.value)

    def begin_new_chain(self) -> None:
        """Send the first event that the centre has not: it begins a new chain where a supervisor allowed one.

        It is found with one event a request, from the last that was acknowledged here: mostly the next one is it.
        Raises LineError ``fork`` where the centre refuses it, or the journal has nothing new yet.
        """
        kept, last = self._on_store(lambda store: (store.delivery.acknowledged().seq, store.journal.head().seq))
        known, new, refused = 0, min(self.acknowledgement.seq, last + 1), 0
        asked, step = kept, 1
        while new - known > 1:
            asked = max(known + 1, min(asked, new - 1))
            if self._is_known(asked):
                known = asked
            else:
                new, refused, step = asked, asked, 0
            if self.is_own:
                return
            asked, step = (known + step, 2 * step) if step else ((known + new) // 2, 0)
        if refused < new <= last:
            self._is_known(new)
        self._check_own()

    def _is_known(self, seq: int) -> bool:
        """Send event ``seq``; tells whether the centre's chain has it. Where it begins a new one, that ``is_own``."""
        parcels = self._on_store(lambda store: store.delivery.parcels(seq - 1, 1))
        try:
            fault = self._send(self._fitting(parcels)[0])
        except LineError as error:
            if error.code is not LineCode.FORK:
                raise
            return False
        if fault is not None:
            raise fault
        self.sent += self.is_own
        return not self.is_own

    def send_events(self, limit: int | None) -> None:
        """Send batch after batch. Raises LineError when the centre gets no further."""
        self._check_own()
        stuck = 0
        while limit is None or self.sent < limit:
            before = self.acknowledgement.seq
            parcels = self._parcels(before)
            if not parcels:
                return
            data, count = self._fitting(parcels)
            if self._early is None and self._last() > before + count:
                self.send_urgent()
                continue
            if limit is not None and count > limit - self.sent:
                data, _count = self._fitting(parcels[: limit - self.sent])
            fault = self._send(data)
            self._check_own()
            gained = self.acknowledgement.seq - before
            self.sent += max(0, gained)
            stuck = 0 if gained > 0 else stuck + 1
            if stuck == _MOST_STUCK:
                raise fault or LineError(LineCode.GAP, "it takes none of the events sent")

    def send_urgent(self) -> None:
        """Send what should not wait for its turn, as much as the centre keeps. Raises a LineError that ends the round.

        Whatever else goes wrong with it, the chain brings the same events, so that is not waited for.
        """
        self._early = frozenset()
        try:
            early = self._told_early(lambda: self._line.get(Statement, URGENT, most=MOST_STATEMENT_BYTES).value)
            while parcels := self._urgent(early)[: max(0, MOST_EARLY - len(early))]:
                data, _count = self._fitting(parcels)
                if len(data) > BATCH_BYTES:  # one that is larger than any should be
                    return
                before, early = early, self._post_urgent(data)
                if early <= before:
                    return
        except LineError as error:
            if error.ends_round:
                raise

    def send_bodies(self, most: int | None) -> None:
        """Send the bodies that the centre wants, each once. Raises the first LineError after all were tried."""
        fault: LineError | None = None
        for seq in self._wanted(most):
            try:
                self._post_body(self._late_body(seq))
                self._check_own()
            except LineError as error:
                if error.ends_round or error.code is LineCode.FORK:
                    raise
                fault = fault or error
            self.bodies += seq not in self.acknowledgement.wanted
        if fault is not None:
            raise fault

    def _parcels(self, after: int) -> list[Parcel]:
        early = self._early or frozenset()
        return self._on_store(lambda store: store.delivery.parcels(after, BATCH_TEXT_BYTES, early))

    def _urgent(self, early: frozenset[int]) -> list[Parcel]:
        after = self.acknowledgement.seq
        return self._on_store(lambda store: store.delivery.urgent(after, BATCH_TEXT_BYTES, early))

    def _last(self) -> int:
        return self._on_store(lambda store: store.journal.head().seq)

    def _fitting(self, parcels: list[Parcel]) -> tuple[bytes, int]:
        return write_fitting(Batch(self._line.booth, tuple(parcels)), BATCH_BYTES)

    def _post_urgent(self, data: bytes) -> frozenset[int]:
        """Send urgent events; returns which the centre has then, be it after its reply was lost."""
        post, get = self._line.post_bytes, self._line.get
        try:
            return self._told_early(
                lambda: post(Statement, URGENT, data, BATCH_TYPE, most=MOST_STATEMENT_BYTES, within_s=BATCH_WITHIN_S)
            )
        except LineError as error:
            if error.code not in _CURED_BY_READING:
                raise
            return self._told_early(lambda: get(Statement, URGENT, most=MOST_STATEMENT_BYTES).value)

    def _told_early(self, ask: Callable[[], Statement | None]) -> frozenset[int]:
        """Return what the centre says that it has ahead of the chain. Raises LineError."""
        statement = ask()
        if statement is None:
            raise LineError(LineCode.MALFORMED, "it does not say what it has")
        early = self._line.read_stated(Early, statement)
        if early.booth != self._line.booth:
            raise LineError(LineCode.MALFORMED, "it tells of another booth's events")
        self._early = frozenset(early.seqs)
        return self._early

    def _send(self, data: bytes) -> LineError | None:
        """Send a batch."""
        post = self._line.post_bytes
        return self._cured(
            lambda: post(Statement, EVENTS, data, BATCH_TYPE, most=MOST_STATEMENT_BYTES, within_s=BATCH_WITHIN_S)
        )

    def _post_body(self, body: LateBody) -> LineError | None:
        post = self._line.post
        return self._cured(
            lambda: post(Statement, BODIES, body, most=MOST_STATEMENT_BYTES, within_s=BODY_WITHIN_S, large=True)
        )

    def _late_body(self, seq: int) -> LateBody:
        return self._on_store(lambda store: store.delivery.late_body(seq))

    def _wanted(self, most: int | None) -> Iterator[int]:
        """Yield what the newest acknowledgement wants, nothing twice."""
        tried: set[int] = set()
        while most is None or len(tried) < most:
            newest = self.acknowledgement
            left = [seq for seq in newest.wanted if 1 <= seq <= newest.seq and seq not in tried]
            if not left:
                return
            tried.add(left[0])
            yield left[0]

    def _cured(self, post: Callable[[], Statement]) -> LineError | None:
        """Send something; returns the fault that reading the acknowledgement anew cured, if there was one."""
        try:
            self._take(post())
        except LineError as error:
            if error.code not in _CURED_BY_READING:
                raise
            self.read()
            return error
        return None

    def _take(self, statement: Statement) -> None:
        """Verify an acknowledgement and keep it, if it is of this journal's chain. Raises LineError."""
        acknowledgement = self._line.read_stated(Acknowledgement, statement)
        if acknowledgement.booth != self._line.booth:
            raise LineError(LineCode.MALFORMED, "it acknowledges another booth's events")
        self.acknowledgement = acknowledgement
        self.is_own = self._on_store(lambda store: _keep(store, acknowledgement))

    def _check_own(self) -> None:
        if not self.is_own:
            raise LineError(LineCode.FORK)


def _keep(store: Store, new: Acknowledgement) -> bool:
    """Keep what the centre stated, and that its moment has passed; tells whether it is of this journal's chain."""
    store.time.see(new.at)
    kept = store.delivery.acknowledged()
    try:
        if new.seq < kept.seq:
            # The centre was put back to a backup: nothing counts as delivered here but what it has.
            store.delivery.restart_from(new.seq, new.head, new.wanted)
        elif (Head(new.seq, new.head), sorted(new.wanted)) != (kept, store.delivery.wanted()):
            store.delivery.acknowledge(new.seq, new.head, new.wanted)
    except AcknowledgementError:
        return False
    return True
