"""Bundles: what a line would carry, in one file that a hand carries. No paths and no names of files are in it.

    magic (8 bytes)  version (1)  length of the header (4)  header  signature (64)  sealed body

The header (canonical JSON, in clear) names sender and receiver with their keys and holds the body's key, wrapped to the
receiver; the sender signs it. The body is a sealed stream (`wire.sealing`) bound to the header's digest, and holds the
parts of `wire.bundle_parts`. So nobody but the receiver learns more than who sends something to whom, when, how much.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from checkpoint_app.wire.bundle_parts import BundleCode, BundleError, PartKind, PartReader, PartWriter, ReadsAt, reading
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.curve import is_of_small_order
from checkpoint_app.wire.event import is_booth_name
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import KEY_BYTES, SealError, Writes, new_key, read_full, unwrap_key, wrap_key

BUNDLE_ENDING = ".bundle"
MAX_HEADER_BYTES = 4096
_MAGIC = b"CKPBUNDL"
_VERSION = 1
_SIGNATURE_BYTES = 64
_DOMAIN = b"checkpoint bundle 1\x00"
_KEY_DOMAIN = b"checkpoint bundle key 1\x00"
_BODY_DOMAIN = b"checkpoint bundle body 1\x00"
_SEEN = re.compile(r"([0-9a-f]{64})?")
_ID = re.compile(r"[0-9a-f]{32}")


class BundleKind(StrEnum):
    """Which way a bundle goes: from a booth to the centre, from there to a booth, from a booth to another."""

    UP = "up"
    DOWN = "down"
    LISTS = "lists"


_LISTS = (PartKind.METADATA, PartKind.TARGET, PartKind.LETTER)
PARTS_OF = {
    BundleKind.UP: frozenset({PartKind.PLACE, PartKind.BATCH, PartKind.BODY}),
    BundleKind.DOWN: frozenset(
        {PartKind.ENROLMENT, PartKind.ACKNOWLEDGEMENT, PartKind.GRANTS, PartKind.INBOX, *_LISTS}
    ),
    BundleKind.LISTS: frozenset(_LISTS),
}
"""Which parts a bundle of each kind may have."""


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """Who sends what to whom: each a booth's name or the centre's id, with the raw Ed25519 or X25519 key.

    ``wrapped`` is the body's key. ``created_at`` is the sender's clock, which a booth's own may have wrong.
    """

    bundle: str
    kind: BundleKind
    sender: str
    sender_key: bytes
    receiver: str
    receiver_key: bytes
    created_at: datetime
    wrapped: bytes = b""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.bundle):
            raise ValueError("its id is none")
        if not is_booth_name(self.sender) or not is_booth_name(self.receiver):
            raise ValueError("sender and receiver are named as booths are")
        if len(self.sender_key) != KEY_BYTES or len(self.receiver_key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    @property
    def digest(self) -> bytes:
        """What the body is bound to: SHA-256 of the signed bytes."""
        return hashlib.sha256(_BODY_DOMAIN + canonical_bytes(to_plain(self))).digest()


@dataclass(frozen=True, slots=True)
class Address:
    """A receiver: a booth's name or the centre's id, and the raw X25519 key."""

    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class BoothPlace:
    """How far a booth has read its inbox: number and SHA-256 (hex) of its last item, as it would ask by a line."""

    after: int
    seen: str

    def __post_init__(self) -> None:
        if self.after < 0 or not _SEEN.fullmatch(self.seen):
            raise ValueError("no item of an inbox has that number or digest")


def begin_bundle(
    stream: Writes, kind: BundleKind, sender: str, signer: Ed25519PrivateKey, receiver: Address, created_at: datetime
) -> tuple[BundleHeader, PartWriter]:
    """Write the head of a new bundle; the parts are written to what is returned, and its ``close`` completes them.

    Raises ValueError for a receiver's key that nothing can be sealed to.
    """
    public, key = X25519PublicKey.from_public_bytes(receiver.key), new_key()
    sender_key = signer.public_key().public_bytes_raw()
    header = BundleHeader(secrets.token_hex(16), kind, sender, sender_key, receiver.name, receiver.key, created_at)
    header = replace(header, wrapped=wrap_key(public, key, _key_context(header)))
    data = canonical_bytes(to_plain(header))
    stream.write(_MAGIC + bytes([_VERSION]) + len(data).to_bytes(4, "big") + data + signer.sign(_DOMAIN + data))
    return header, PartWriter(stream, key, header.digest, PARTS_OF[kind])


def read_bundle_header(stream: ReadsAt) -> BundleHeader:
    """Return the header, which its own sender key signed; the stream then stands at the body. Raises BundleError.

    Whether that key is anybody's is for the caller to judge.
    """
    with reading():
        head = read_full(stream, len(_MAGIC) + 5)
    if head[: len(_MAGIC)] != _MAGIC or len(head) < len(_MAGIC) + 5:
        raise BundleError(BundleCode.NOT_A_BUNDLE, "this is no bundle")
    if head[len(_MAGIC)] != _VERSION:
        raise BundleError(BundleCode.NEWER, "a newer program made this bundle; update this one")
    size = int.from_bytes(head[-4:], "big")
    if size > MAX_HEADER_BYTES:
        raise BundleError(BundleCode.NOT_A_BUNDLE, "its header is longer than any")
    with reading():
        data, signature = read_full(stream, size), read_full(stream, _SIGNATURE_BYTES)
    if len(data) < size or len(signature) < _SIGNATURE_BYTES:
        raise BundleError(BundleCode.DAMAGED, "it is cut off in its header; copy it anew")
    try:
        header = from_plain(BundleHeader, read_canonical(data, MAX_HEADER_BYTES))
        if is_of_small_order(header.sender_key):  # under such a key anybody signs
            raise BundleError(BundleCode.TAMPERED, "its sender's key is none")
        Ed25519PublicKey.from_public_bytes(header.sender_key).verify(signature, _DOMAIN + data)
    except InvalidSignature as error:
        raise BundleError(BundleCode.TAMPERED, "its header was changed since it was signed") from error
    except (CanonicalError, PlainError, ValueError) as error:
        raise BundleError(BundleCode.NOT_A_BUNDLE, "its header makes no sense") from error
    return header


def open_bundle(stream: ReadsAt, receiver: X25519PrivateKey) -> tuple[BundleHeader, PartReader]:
    """Return header and parts of a bundle that is for ``receiver``. Raises BundleError (``other_receiver``, …).

    ``stream`` stays in use while parts are read; it is read at any place, and may be cut off at any.
    """
    header = read_bundle_header(stream)
    if header.receiver_key != receiver.public_key().public_bytes_raw():
        raise BundleError(BundleCode.OTHER_RECEIVER, f"it is for {header.receiver}; only that one can open it")
    try:
        key = unwrap_key(receiver, header.wrapped, _key_context(replace(header, wrapped=b"")))
    except SealError as error:
        raise BundleError(BundleCode.TAMPERED, "its key does not open; its sender made it wrongly") from error
    return header, PartReader(stream, key, header.digest, PARTS_OF[header.kind])


def _key_context(header: BundleHeader) -> bytes:
    return _KEY_DOMAIN + canonical_bytes(to_plain(header))
