"""Key grants: the content key of a list, wrapped to one booth, for a time, signed by the list's publisher."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.header import check_name, publisher_id
from checkpoint_app.wire.package import content_key_id
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import SealError, unwrap_key, wrap_key

MAX_GRANT_BYTES = 4096

_DOMAIN = b"checkpoint grant 1\x00"


class GrantError(Exception):
    """A grant gives no key. ``code`` is a stable word that the screen and the journal use."""

    code: ClassVar[str] = "refused"


class NotAGrantError(GrantError):
    """The bytes are no grant."""

    code = "not_a_grant"


class TamperedGrantError(GrantError):
    """The grant is not what was signed, or another than the list's publisher signed it."""

    code = "tampered"


class OtherBoothError(GrantError):
    """The grant is for another booth."""

    code = "other_booth"


class GrantEndedError(GrantError):
    """The grant's time is over: the booth needs a new one."""

    code = "lease_ended"


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A wrapped content key. ``booth`` is the booth's raw X25519 public key in hex; ``not_after`` (UTC) ends it."""

    list_name: str
    key_id: str
    booth: str
    wrapped: bytes
    not_after: datetime
    publisher: str
    signature: bytes = b""

    def __post_init__(self) -> None:
        check_name(self.list_name)


def booth_id(key: X25519PublicKey) -> str:
    """Return how a grant names the booth that holds the private half of ``key``: its raw bytes in hex."""
    return key.public_bytes_raw().hex()


def grant_key(
    content_key: bytes, *, list_name: str, booth: X25519PublicKey, not_after: datetime, signer: Ed25519PrivateKey
) -> KeyGrant:
    """Wrap ``content_key`` of the list to ``booth`` until ``not_after``, signed by the list's publisher."""
    key_id = content_key_id(content_key)
    wrapped = wrap_key(booth, content_key, _context(list_name, key_id))
    publisher = publisher_id(signer.public_key())
    grant = KeyGrant(list_name, key_id, booth_id(booth), wrapped, not_after, publisher)
    return replace(grant, signature=signer.sign(_signed_bytes(grant)))


def open_grant(grant: KeyGrant, booth: X25519PrivateKey, trusted: Ed25519PublicKey, now: datetime) -> bytes:
    """Return the content key, at the trusted time ``now``; ``trusted`` is the publisher of the grant's list.

    Raises TamperedGrantError, OtherBoothError, or GrantEndedError (from ``not_after`` on).
    """
    try:
        trusted.verify(grant.signature, _signed_bytes(grant))
    except InvalidSignature as error:
        raise TamperedGrantError(f"key for list {grant.list_name}: it is not what the publisher signed") from error
    if grant.booth != booth_id(booth.public_key()):
        raise OtherBoothError(f"key for list {grant.list_name}: it is for another booth; ask for this booth's own")
    if now >= grant.not_after:
        raise GrantEndedError(f"key for list {grant.list_name}: it ended at {grant.not_after:%Y-%m-%d %H:%M} UTC")
    try:
        key = unwrap_key(booth, grant.wrapped, _context(grant.list_name, grant.key_id))
    except SealError as error:
        raise TamperedGrantError(f"key for list {grant.list_name}: {error}") from error
    if content_key_id(key) != grant.key_id:  # else it would take the place of the one that has that name
        raise TamperedGrantError(f"key for list {grant.list_name}: it is another than the one it is named as")
    return key


def write_grant(grant: KeyGrant) -> bytes:
    """Return the bytes of a grant file."""
    return canonical_bytes(to_plain(grant))


def read_grant(data: bytes) -> KeyGrant:
    """Return the grant of a grant file, not verified. Raises NotAGrantError."""
    try:
        return from_plain(KeyGrant, read_canonical(data, MAX_GRANT_BYTES))
    except (CanonicalError, PlainError) as error:
        raise NotAGrantError(f"key grant: {error}") from error


def _signed_bytes(grant: KeyGrant) -> bytes:
    plain = to_plain(grant)
    del plain["signature"]
    return _DOMAIN + canonical_bytes(plain)


def _context(list_name: str, key_id: str) -> bytes:
    return b"checkpoint list key 1\x00" + canonical_bytes([list_name, key_id])
