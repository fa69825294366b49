"""What a booth keeps of its enrolment: where its centre is, what it trusts of it, and how it stands there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from checkpoint_app.store.errors import CorruptError
from checkpoint_app.store.signed_objects import SignedObject
from checkpoint_app.store.store import Store
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.enrolment import Anchors, BoothState
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import SealError, unwrap_key
from checkpoint_app.wire.unlock import UNLOCK_CONTEXT

KIND = NAME = "centre"
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The booth's centre. ``audience`` is the centre's id in request tokens; ``post`` where the booth stands.

    ``unlock_key`` is the key of `wire.unlock` as it came: wrapped to the booth's exchange key, empty until confirmed.
    ``enrolled_at`` is the centre's time of the last change. ``exchange_key`` is the centre's raw X25519 key, to which
    bundles are sealed, empty until the centre has stated it.
    """

    url: str
    anchors: Anchors
    audience: str
    post: str
    enrolled_at: datetime
    state: BoothState
    unlock_key: bytes = field(default=b"", repr=False)
    exchange_key: bytes = b""


def put_enrolled(store: Store, enrolled: Enrolled) -> None:
    """Keep ``enrolled`` in place of what was kept before; the same again changes nothing."""
    if enrolled == enrolled_of(store):
        return
    version = (store.signed.version(KIND, NAME) or 0) + 1
    data = canonical_bytes(to_plain(enrolled))
    store.signed.put(SignedObject(KIND, NAME, version, data))


def enrolled_of(store: Store) -> Enrolled | None:
    """Return the booth's enrolment, None where it was never enrolled. Raises CorruptError."""
    kept = store.signed.get(KIND, NAME)
    if kept is None:
        return None
    try:
        return from_plain(Enrolled, read_canonical(kept.data, _MAX_BYTES))
    except (CanonicalError, PlainError) as error:
        raise CorruptError("the booth's enrolment is damaged; enrol it anew") from error


def unlock_key_of(store: Store) -> bytes | None:
    """Return the key that unlock codes of this booth are made with; None before the booth is confirmed."""
    enrolled = enrolled_of(store)
    if enrolled is None or not enrolled.unlock_key:
        return None
    try:
        return unwrap_key(
            store.identity.exchange_key, enrolled.unlock_key, UNLOCK_CONTEXT + store.identity.booth.encode()
        )
    except SealError as error:
        raise CorruptError("the booth's unlock key is damaged; enrol it anew") from error
