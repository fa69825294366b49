"""Who the centre is to its booths: its authority, the first root of its lists, and the key of its statements."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection

from checkpoint_app.central import tls
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.enrolment import Anchors, ExchangeKey
from checkpoint_app.wire.statement import Statement, state

_STATEMENT_KEY = "statement key"
_EXCHANGE_KEY = "exchange key"
_AUDIENCE_CHARACTERS = 32


def create(centre: Centre, connection: Connection) -> None:
    """Make the keys of the centre's statements, and of what is sealed to it."""
    centre.keep_secret(connection, _STATEMENT_KEY, Ed25519PrivateKey.generate().private_bytes_raw())
    exchange_key(centre, connection)


def audience(centre: Centre) -> str:
    """Return the centre's id, which request tokens name: 128 bits of the digest of its authority's certificate."""
    with centre.begin() as connection:
        return audience_of(connection)


def audience_of(connection: Connection) -> str:
    """Return the same within a transaction."""
    return tls.authority(connection).fingerprint(hashes.SHA256()).hex()[:_AUDIENCE_CHARACTERS]


def statement_key(centre: Centre, connection: Connection) -> Ed25519PrivateKey:
    """Return the key that signs the centre's statements. Raises CentreError."""
    raw = centre.secret(connection, _STATEMENT_KEY)
    if raw is None:
        raise CentreError("centre_damaged", f"the centre's database has no {_STATEMENT_KEY}; restore it from a backup")
    return Ed25519PrivateKey.from_private_bytes(raw)


def exchange_key(centre: Centre, connection: Connection) -> X25519PrivateKey:
    """Return the key that bundles to this centre are sealed to; a centre that had none makes it."""
    raw = centre.secret(connection, _EXCHANGE_KEY)
    if raw is None:
        raw = X25519PrivateKey.generate().private_bytes_raw()
        centre.keep_secret(connection, _EXCHANGE_KEY, raw)
    return X25519PrivateKey.from_private_bytes(raw)


def exchange_statement(centre: Centre, connection: Connection) -> Statement:
    """Return what booths are told of that key. Raises CentreError."""
    public = exchange_key(centre, connection).public_key().public_bytes_raw()
    return state(ExchangeKey(audience_of(connection), public), statement_key(centre, connection))


def anchors(centre: Centre, connection: Connection) -> Anchors:
    """Return what a booth is to trust of this centre; an enrolment code holds half of its digest."""
    from checkpoint_app.central import publishing

    ca = tls.authority(connection).public_bytes(serialization.Encoding.PEM).decode()
    root = publishing.root(centre, connection).decode()
    return Anchors(ca, root, statement_key(centre, connection).public_key().public_bytes_raw())
