"""Enrolment: the code that an administrator hands over, and what booth and centre prove to each other with it.

The code holds 128 random bits and half of the digest of the centre's anchors (its CA, the first root of its lists, its
own key), so that the booth trusts nothing that the code did not name. The booth sends its public keys with an HMAC
(RFC 2104) under those bits. An administrator then compares the fingerprint of the keys on both screens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import Statement

CODE_LIFETIME = timedelta(hours=1)
MOST_TRIES = 5
SECRET_BYTES = DIGEST_BYTES = 16
_CHECK_BYTES = 3
_GROUP = 4
_CODE_CHARACTERS = (SECRET_BYTES + DIGEST_BYTES + _CHECK_BYTES) * 8 // 5
# Base32 (RFC 4648) written without the letters that are taken for digits, and read with them.
_ALPHABET, _WRITTEN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_WRITTEN, _FROM_WRITTEN = bytes.maketrans(_ALPHABET, _WRITTEN), bytes.maketrans(_WRITTEN, _ALPHABET)
_TAKEN_FOR = str.maketrans("OIL", "011")


class CodeError(ValueError):
    """The text is no enrolment code, or was mistyped."""


class BoothState(StrEnum):
    """How a booth stands with its centre."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a booth trusts of a centre: ``ca`` and ``root`` as texts (PEM; TUF metadata), its raw Ed25519 key."""

    ca: str
    root: str
    key: bytes

    @property
    def digest(self) -> bytes:
        """The 16 bytes that the code holds of them."""
        return hashlib.sha256(b"checkpoint anchors 1\x00" + canonical_bytes(to_plain(self))).digest()[:DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """The code: a secret of 128 bits, and the digest of the centre's anchors."""

    secret: bytes = field(repr=False)
    anchors: bytes

    @classmethod
    def new(cls, anchors: Anchors) -> EnrolmentCode:
        """Return a fresh code for a centre."""
        return cls(secrets.token_bytes(SECRET_BYTES), anchors.digest)

    @property
    def id(self) -> str:
        """What names the code without giving it away."""
        return hashlib.sha256(b"checkpoint code id 1\x00" + self.secret).hexdigest()[:32]

    def to_text(self) -> str:
        """Return the code as it is handed over: groups of four characters, none of them easily taken for another."""
        data = self.secret + self.anchors
        text = base64.b32encode(data + _check(data)).translate(_TO_WRITTEN).decode()
        return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))

    @classmethod
    def from_text(cls, text: str) -> EnrolmentCode:
        """Read a typed code; spaces, dashes and case don't matter. Raises CodeError."""
        plain = "".join(text.split()).replace("-", "").upper().translate(_TAKEN_FOR)
        if len(plain) != _CODE_CHARACTERS:
            raise CodeError(f"enrolment code: it has {_CODE_CHARACTERS} characters, not {len(plain)}; read it again")
        try:
            if not plain.isascii() or not set(plain.encode()) <= set(_WRITTEN):
                raise CodeError("enrolment code: it holds a character that no code has; read it again")
            data = base64.b32decode(plain.encode().translate(_FROM_WRITTEN))
        except binascii.Error as error:
            raise CodeError("enrolment code: this is none; read it again") from error
        data, check = data[:-_CHECK_BYTES], data[-_CHECK_BYTES:]
        if check != _check(data):
            raise CodeError("enrolment code: a character is wrong; read it again")
        return cls(data[:SECRET_BYTES], data[SECRET_BYTES:])


@dataclass(frozen=True, slots=True)
class BoothKeys:
    """A booth's name and its two raw public keys: Ed25519 for signing, X25519 for what is sealed to it."""

    booth: str
    signing: bytes
    exchange: bytes

    @property
    def fingerprint(self) -> str:
        """What two people compare: 80 bits in five groups of four."""
        digest = hashlib.sha256(b"checkpoint booth keys 1\x00" + canonical_bytes(to_plain(self))).hexdigest()[:20]
        return "-".join(digest[at : at + 4] for at in range(0, 20, 4)).upper()


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What a booth sends: its keys, the code's id, and the proof that it was given the code."""

    keys: BoothKeys
    code_id: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class EnrolmentReply:
    """How the booth stands. ``unlock_key`` is wrapped to the booth's exchange key, and empty until it is confirmed.

    ``exchange`` states the centre's `ExchangeKey`, so that a booth that never has a line again can send bundles.
    """

    booth: str
    state: BoothState
    fingerprint: str
    post: str
    audience: str
    at: datetime
    unlock_key: bytes = b""
    exchange: Statement | None = None


@dataclass(frozen=True, slots=True)
class ExchangeKey:
    """The raw X25519 key that bundles to this ``centre`` (its id in request tokens) are sealed to."""

    centre: str
    key: bytes


def request_enrolment(code: EnrolmentCode, keys: BoothKeys) -> EnrolmentRequest:
    """Return the request by which the holder of ``code`` enrols a booth of these keys."""
    return EnrolmentRequest(keys, code.id, _mac(code, keys))


def proves_code(request: EnrolmentRequest, code: EnrolmentCode) -> bool:
    """Tell whether ``request`` was made with ``code``. Takes the same time for every answer."""
    return hmac.compare_digest(request.mac, _mac(code, request.keys))


def _mac(code: EnrolmentCode, keys: BoothKeys) -> bytes:
    message = b"checkpoint enrolment 1\x00" + code.anchors + canonical_bytes(to_plain(keys))
    return hmac.digest(code.secret, message, hashlib.sha256)


def _check(data: bytes) -> bytes:
    return hashlib.sha256(b"checkpoint code check 1\x00" + data).digest()[:_CHECK_BYTES]
