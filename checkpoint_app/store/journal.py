"""The journal: everything that happens at the booth, one signed and chained event each, durable when `append` returns.

An event's header is kept as the canonical bytes that were signed; its body rests sealed under a key of its own, so that
erasing key and body takes nothing from the chain. Projections are written in the same transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import CHANGING, Happening
from checkpoint_app.store.errors import BodyErasedError, ChainBrokenError, DiskFullError, StoreMisuseError
from checkpoint_app.store.head import Head, HeadKeeper
from checkpoint_app.store.identity import Identity
from checkpoint_app.store.projections import Projections
from checkpoint_app.store.reserve import FINISHING, Reserve
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.event import (
    GENESIS,
    MAX_BODY_BYTES,
    SALT_BYTES,
    BodyError,
    ChainError,
    ChainVerifier,
    EventHeader,
    EventKind,
    SignedEvent,
    body_digest,
    chain_hash,
    header_bytes,
    read_event,
    sign_event,
    verify_body,
)
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.sealing import SealError, new_key, open_sealed, seal

_BODY_CONTEXT = b"checkpoint event body 1 "
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Outbox:
    """The part of the journal that the centre has not acknowledged. ``oldest`` is the wall time of its first event."""

    count: int
    oldest: datetime | None
    head: Head


@dataclass(frozen=True, slots=True)
class Checked:
    """What a full check found to hold: the chain's head, and how many bodies were erased in their time."""

    head: Head
    erased: int


class Journal:
    """The append-only journal. One thread owns it; each method may raise the disk's StoreErrors."""

    def __init__(
        self,
        db: Database,
        *,
        identity: Identity,
        projections: Projections,
        time: TrustedTime,
        reserve: Reserve,
        keeper: HeadKeeper,
    ) -> None:
        self._db = db
        self._identity = identity
        self._projections = projections
        self._time = time
        self._reserve = reserve
        self._keeper = keeper

    def append(self, kind: EventKind, body: Mapping[str, Any]) -> SignedEvent:
        """Record one event; when this returns it is durable, with its projections. ``body`` is plain data.

        Inside a transaction of the store it becomes durable with that transaction. On a full disk the reserve is given
        up where that finishes an open Encounter. Raises DiskFullError and the other errors of the disk (then nothing
        was recorded), StoreMisuseError for a body that has no canonical form or is too large.
        """
        if kind not in FINISHING:
            self._reserve.hold()
            return self._append(kind, body)
        try:
            return self._append(kind, body)
        except DiskFullError:
            if self._db.in_transaction or not self._reserve.is_held:
                raise
            self._reserve.release()
            return self._append(kind, body)

    def head(self) -> Head:
        """Return where the chain ends."""
        row = self._db.row("SELECT header, signature FROM events ORDER BY seq DESC LIMIT 1")
        if row is None:
            return Head(0, GENESIS)
        event = self._event(row)
        return Head(event.header.seq, chain_hash(event))

    def hash_at(self, seq: int) -> str | None:
        """Return the chain hash of event ``seq``; None where there is no such event. ``GENESIS`` at 0."""
        if seq == 0:
            return GENESIS
        row = self._db.row("SELECT header, signature FROM events WHERE seq = ?", (seq,))
        return None if row is None else chain_hash(self._event(row))

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[SignedEvent]:
        """Yield the events after sequence ``after``, in order, at most ``limit``."""
        left = limit
        while left is None or left > 0:
            page = self._db.rows(
                "SELECT seq, header, signature FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, _PAGE if left is None else min(_PAGE, left)),
            )
            if not page:
                return
            yield from (self._event(row) for row in page)
            after = page[-1]["seq"]
            left = None if left is None else left - len(page)

    def body(self, seq: int) -> dict[str, Any]:
        """Return the body of event ``seq``. Raises BodyErasedError, StoreMisuseError for a number not yet reached."""
        event = next(self.events(seq - 1, 1), None)
        if event is None or event.header.seq != seq:
            raise StoreMisuseError(f"the journal has no event {seq}")
        opened = self._open_body(event.header)
        if opened is None:
            raise BodyErasedError(f"the body of event {seq} was erased")
        return opened[1]

    def body_bytes(self, header: EventHeader) -> tuple[bytes, bytes] | None:
        """Return salt and canonical bytes of an event's body, as they are sent; None where it was erased."""
        row = self._db.row(
            "SELECT sealed, body_key FROM bodies JOIN body_keys USING (seq) WHERE seq = ?", (header.seq,)
        )
        if row is None:
            return None
        try:
            opened = open_sealed(row["body_key"], row["sealed"], _context(header))
        except SealError as error:
            raise ChainBrokenError(f"the body of event {header.seq} does not open: it was changed") from error
        return opened[:SALT_BYTES], opened[SALT_BYTES:]

    def erase_bodies(self, seqs: Iterable[int]) -> int:
        """Erase bodies with their keys, and all that the projections know from them; returns how many were there.

        The chain stays whole. Afterwards neither the file nor its write-ahead log holds them.
        """
        with self._db.transaction():
            erased = self._erase(seqs)
        if erased:
            self._db.checkpoint()
        return erased

    def erase_body(self, seq: int) -> bool:
        """Erase one body; tells whether it was there."""
        return self.erase_bodies([seq]) == 1

    def rebuild_projections(self) -> None:
        """Make the projections anew from the whole journal."""
        self._projections.rebuild(self._happenings(event.header for event in self.events()))

    def outbox(self, acknowledged: int = 0) -> Outbox:
        """Return the part of the journal after the sequence that the centre has acknowledged."""
        head = self.head()
        first = next(self.events(acknowledged, 1), None)
        return Outbox(max(0, head.seq - acknowledged), None if first is None else first.header.wall_time, head)

    def verify(self) -> Checked:
        """Check every signature, link and remaining body. Raises ChainBrokenError naming the first that fails."""
        chain = ChainVerifier(self._identity.booth, self._identity.public_key)
        erased = 0
        for event in self.events():
            try:
                chain.accept(event)
                opened = self._open_body(event.header)
                if opened is not None:
                    verify_body(event.header, *opened[0])
            except (ChainError, BodyError) as error:
                raise ChainBrokenError(f"the journal does not hold at event {event.header.seq}: {error}") from error
            erased += opened is None
        return Checked(Head(chain.seq, chain.head), erased)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _append(self, kind: EventKind, body: Mapping[str, Any]) -> SignedEvent:
        data = _body_bytes(body)
        salt, key = new_key(), new_key()
        with self._db.transaction():
            head = self.head()
            header = self._header(kind, head, body_digest(salt, data))
            event = sign_event(header, self._identity.signing_key)
            self._db.execute("INSERT INTO events VALUES (?, ?, ?)", (header.seq, header_bytes(header), event.signature))
            self._db.execute("INSERT INTO bodies VALUES (?, ?)", (header.seq, seal(key, salt + data, _context(header))))
            self._db.execute("INSERT INTO body_keys VALUES (?, ?, ?)", (header.seq, key, _kept_from(header)))
            self._projections.apply(_happening(header, body))
            self._db.after_commit(self._tell_keeper)
        return event

    def _tell_keeper(self) -> None:
        self._keeper.tell(self.head())

    def _header(self, kind: EventKind, head: Head, digest: str) -> EventHeader:
        return EventHeader(
            booth=self._identity.booth,
            seq=head.seq + 1,
            event_id=str(uuid.uuid4()),
            kind=kind,
            wall_time=self._time.wall(),
            monotonic_ms=self._time.monotonic_ms(),
            trusted_time=self._time.seen,
            body_digest=digest,
            previous=head.hash,
        )

    def _erase(self, seqs: Iterable[int]) -> int:
        erased = 0
        touched: set[str] = set()
        for seq in seqs:
            erased += self._db.execute("DELETE FROM body_keys WHERE seq = ?", (seq,))
            self._db.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
            if (name := self._projections.forget(seq)) is not None:
                touched.add(name)
        for name in touched:
            self._projections.refold(self._happenings(self._headers_to_fold(name)))
        return erased

    def _headers_to_fold(self, name: str) -> Iterator[EventHeader]:
        """Yield the headers that make an Encounter's row; pictures and the like are not opened for it."""
        for seq in self._projections.events_of(name):
            header = next(self.events(seq - 1, 1)).header
            if header.kind in CHANGING:
                yield header

    def _happenings(self, headers: Iterable[EventHeader]) -> Iterator[Happening]:
        for header in headers:
            opened = self._open_body(header)
            if opened is not None:
                yield _happening(header, opened[1])

    def _open_body(self, header: EventHeader) -> tuple[tuple[bytes, bytes], dict[str, Any]] | None:
        """Return ((salt, bytes), value) of a body, or None where it was erased."""
        opened = self.body_bytes(header)
        if opened is None:
            return None
        try:
            return opened, read_canonical(opened[1], MAX_BODY_BYTES)
        except CanonicalError as error:
            raise ChainBrokenError(f"the body of event {header.seq} does not open: it was changed") from error

    @staticmethod
    def _event(row: Mapping[str, Any]) -> SignedEvent:
        try:
            return read_event(row["header"], row["signature"])
        except ChainError as error:
            raise ChainBrokenError(f"the journal holds what is no event: {error}") from error


def _body_bytes(body: Mapping[str, Any]) -> bytes:
    try:
        data = canonical_bytes(dict(body))
    except CanonicalError as error:
        raise StoreMisuseError(f"event body: {error}") from error
    if len(data) > MAX_BODY_BYTES:
        raise StoreMisuseError(f"event body: {len(data)} bytes, more than the {MAX_BODY_BYTES} allowed")
    return data


def _kept_from(header: EventHeader) -> str:
    """Return the moment from which the body's retention counts: the later one of both clocks."""
    return str(to_plain(max(header.wall_time, header.trusted_time or header.wall_time)))


def _context(header: EventHeader) -> bytes:
    return _BODY_CONTEXT + header.event_id.encode()


def _happening(header: EventHeader, body: Mapping[str, Any]) -> Happening:
    return Happening(header.seq, header.kind, to_plain(header.wall_time), body)
