"""A store of plain lists, for simulations of more events than a database writes in a test's time."""

from __future__ import annotations

import uuid
from datetime import datetime
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.store.errors import AcknowledgementError
from checkpoint_app.store.head import Head
from checkpoint_app.wire.delivery import MOST_EVENTS, LateBody, Parcel
from checkpoint_app.wire.event import (
    GENESIS,
    EventHeader,
    EventKind,
    SignedEvent,
    body_digest,
    chain_hash,
    header_bytes,
    sign_event,
)
from tests.sync.fake_centre import NOW

_SALT, _BODY = bytes(32), '{"officer":"officer-1"}'


class LightStore:
    """The parts of a store that delivery uses; one event in a hundred has a picture's kind, whose body follows."""

    def __init__(self, events: int, booth: str) -> None:
        key = Ed25519PrivateKey.generate()
        self.identity = SimpleNamespace(booth=booth, signing_key=key, public_key=key.public_key())
        self.time = SimpleNamespace(see=lambda _moment: None)
        self.delivery = self.journal = self
        self.signed: list[SignedEvent] = []
        self._hashes = [GENESIS]
        self._kept = Head(0, GENESIS)
        self._wanted: list[int] = []
        for seq in range(1, events + 1):
            self._append(seq, NOW)

    def _append(self, seq: int, now: datetime) -> None:
        kind = EventKind.SIGNED_IN if seq % 100 else EventKind.ENCOUNTER_PICTURE
        digest = body_digest(_SALT, _BODY.encode())
        identity, previous = self.identity, self._hashes[-1]
        header = EventHeader(identity.booth, seq, str(uuid.uuid4()), kind, now, 0, None, digest, previous)
        self.signed.append(sign_event(header, identity.signing_key))
        self._hashes.append(chain_hash(self.signed[-1]))

    def events(self) -> list[SignedEvent]:
        return self.signed

    def head(self) -> Head:
        return Head(len(self.signed), self._hashes[-1])

    def chain_of(self, last: int) -> list[str]:
        """Return the chain hashes of events 0 to ``last``."""
        return self._hashes[: last + 1]

    def acknowledged(self) -> Head:
        return self._kept

    def acknowledge(self, seq: int, head: str, wanted: tuple[int, ...] = ()) -> None:
        if seq >= len(self._hashes) or self._hashes[seq] != head:
            raise AcknowledgementError("another chain")
        if seq >= self._kept.seq:
            self._kept, self._wanted = Head(seq, head), sorted(wanted)

    def wanted(self) -> list[int]:
        return self._wanted

    def outbox(self) -> SimpleNamespace:
        return SimpleNamespace(count=len(self.signed) - self._kept.seq)

    def urgent(self, _after: int, _most_bytes: int, _early: object = ()) -> list[Parcel]:
        return []

    def parcels(self, after: int, most_bytes: int, _early: object = ()) -> list[Parcel]:
        most = min(max(1, most_bytes // 700), MOST_EVENTS)
        return [self._parcel(event) for event in self.signed[after : after + most]]

    def late_body(self, seq: int) -> LateBody:
        return LateBody(self.identity.booth, seq, _SALT, _BODY)

    def _parcel(self, event: SignedEvent) -> Parcel:
        header = header_bytes(event.header).decode()
        if event.header.kind is EventKind.ENCOUNTER_PICTURE:
            return Parcel(header, event.signature)
        return Parcel(header, event.signature, _SALT, _BODY)
