"""Which key may sign which list: kept from the centre's verified delegations, the newest version of them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.store.signed_objects import SignedObject
from checkpoint_app.store.store import Store
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import Trust, publisher_id

MAX_TRUST_BYTES = 64 * 1024
_TRUST = "trust"


def trust_bytes(trust: Trust) -> bytes:
    """Return the kept form of ``trust``. Raises CanonicalError for a name that is not ASCII."""
    return canonical_bytes({name: publisher_id(key) for name, key in trust.items()})


def put_trust(store: Store, trust: Trust, version: int) -> None:
    """Keep which key may sign which list. Raises OlderVersionError."""
    store.signed.put(SignedObject(_TRUST, _TRUST, version, trust_bytes(trust)))


def trust_version(store: Store) -> int:
    """Return the version of the trust that is kept; 0 before enrolment."""
    return store.signed.version(_TRUST, _TRUST) or 0


def trust_of(store: Store) -> dict[str, Ed25519PublicKey]:
    """Return which key may sign which list; empty before enrolment. Raises CanonicalError beyond MAX_TRUST_BYTES."""
    kept = store.signed.get(_TRUST, _TRUST)
    if kept is None:
        return {}
    named = read_canonical(kept.data, MAX_TRUST_BYTES)
    return {name: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for name, key in named.items()}
