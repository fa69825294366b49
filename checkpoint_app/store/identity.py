"""The booth's identity: an Ed25519 key that signs events, an X25519 key that content keys are wrapped to.

Both are made with the store and never leave it; only the public halves do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import CorruptError
from checkpoint_app.wire.plain import to_plain


@dataclass(frozen=True, slots=True)
class Identity:
    """The booth's name and its two private keys."""

    booth: str
    signing_key: Ed25519PrivateKey = field(repr=False)
    exchange_key: X25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The key that the booth's events are verified with."""
        return self.signing_key.public_key()

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the verifying key."""
        return self.public_key.public_bytes_raw()

    @property
    def exchange_public_bytes(self) -> bytes:
        """The 32 bytes of the key that content keys are wrapped to."""
        return self.exchange_key.public_key().public_bytes_raw()


def create_identity(db: Database, booth: str, now: datetime) -> Identity:
    """Make and keep a new identity for ``booth``."""
    identity = Identity(booth, Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    db.execute(
        "INSERT INTO identity VALUES (1, ?, ?, ?, ?)",
        (booth, identity.signing_key.private_bytes_raw(), identity.exchange_key.private_bytes_raw(), to_plain(now)),
    )
    return identity


def load_identity(db: Database) -> Identity:
    """Return the kept identity. Raises CorruptError where there is none."""
    row = db.row("SELECT booth, signing_key, exchange_key FROM identity")
    if row is None:
        raise CorruptError("the database has no booth identity; restore it from a backup")
    return Identity(
        row["booth"],
        Ed25519PrivateKey.from_private_bytes(row["signing_key"]),
        X25519PrivateKey.from_private_bytes(row["exchange_key"]),
    )
