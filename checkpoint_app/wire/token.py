"""Request tokens: a booth signs each request to the centre, for one method, path, body and centre, once, for a minute.

A token is a compact JWS (RFC 7515) under Ed25519 (RFC 8037, RFC 9864); its claims follow DPoP (RFC 9449) in spirit:
``iss`` booth, ``jti`` the 16 bytes of a UUID used once, ``iat`` whole seconds of the *centre's* time, ``req`` the
SHA-256 of the canonical list [centre, method, path with query, SHA-256 of the body in hex]. The request says all that
itself, so a token only proves it: on a line of 64 kbit/s a poll is mostly its token. The centre tells its time in every
reply, so that a wrong clock at a booth locks nobody out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

LIFETIME = timedelta(seconds=60)
MAX_TOKEN_CHARACTERS = 2048
_ALGORITHM = "Ed25519"
_TYPE = "ckp+jwt"
_HEADER = {"alg": _ALGORITHM, "typ": _TYPE}
_MAX_SECONDS = 253_402_300_799  # the end of the year 9999


class TokenError(Exception):
    """A token is refused. ``code`` is a stable word that the reply, the screen and the audit use."""

    code: ClassVar[str] = "token_refused"


class MalformedTokenError(TokenError):
    """The text is no token."""

    code = "token_malformed"


class ForgedTokenError(TokenError):
    """The booth's key did not sign this token."""

    code = "token_forged"


class OtherRequestError(TokenError):
    """The token was signed for another method, path, body or centre."""

    code = "token_other_request"


class TokenTimeError(TokenError):
    """The token is older than a minute, or of a time to come: the booth takes the centre's time and signs anew."""

    code = "token_time"


class UsedTokenError(TokenError):
    """The token was used before."""

    code = "token_used"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is signed for: upper-case method, path with its query, body, and the centre's id."""

    method: str
    path: str
    body: bytes
    audience: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who asks, by which token (a UUID), and when by the centre's time."""

    booth: str
    token_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class _Payload:
    """The claims as they stand in the token."""

    iss: str
    jti: str
    iat: int
    req: str


def make_token(key: Ed25519PrivateKey, claims: Claims, asked: Asked) -> str:
    """Return the token by which the booth of ``claims`` asks what is in ``asked``."""
    payload = _Payload(
        iss=claims.booth,
        jti=_b64(uuid.UUID(claims.token_id).bytes),
        iat=int(claims.issued_at.timestamp()),
        req=_digest_of(asked),
    )
    return jws.serialize_compact(dict(_HEADER), canonical_bytes(to_plain(payload)), _private(key), [_ALGORITHM])


def booth_of(token: str) -> str:
    """Return the booth that ``token`` names, unproven: to find the key to prove it with. Raises MalformedTokenError."""
    return _read(token).iss


def verify_token(token: str, key: Ed25519PublicKey, asked: Asked, now: datetime) -> Claims:
    """Return the claims of ``token``, if the booth's ``key`` signed it for just ``asked`` within a minute of ``now``.

    That it is used once is for the caller to keep. Raises MalformedTokenError, ForgedTokenError, OtherRequestError,
    TokenTimeError.
    """
    check_signed(token, key)
    payload = _read(token)
    if payload.req != _digest_of(asked):
        raise OtherRequestError("request token: it was signed for another request")
    issued_at = datetime.fromtimestamp(payload.iat, UTC)
    if abs(now - issued_at) > LIFETIME:
        raise TokenTimeError("request token: it is not of this minute; take the time of this reply and sign anew")
    return Claims(payload.iss, str(_uuid_of(payload)), issued_at)


def check_signed(token: str, key: Ed25519PublicKey) -> None:
    """Tell whether the booth's ``key`` signed ``token``, for whatever: enough to read on, never to do what it asks.

    Raises MalformedTokenError, ForgedTokenError.
    """
    _read(token)
    try:
        proven = jws.deserialize_compact(token, _public(key), [_ALGORITHM])
    except (JoseError, ValueError) as error:
        raise ForgedTokenError("request token: it is not what the booth signed") from error
    if proven.protected != _HEADER:
        raise MalformedTokenError("request token: its header is not a request token's")


def _read(token: str) -> _Payload:
    """Return what ``token`` claims, unproven. Raises MalformedTokenError."""
    if len(token) > MAX_TOKEN_CHARACTERS or token.count(".") != 2 or not token.isascii():
        raise MalformedTokenError("request token: this is none")
    part = token.split(".")[1]
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        payload = from_plain(_Payload, read_canonical(data, MAX_TOKEN_CHARACTERS))
    except (binascii.Error, CanonicalError, PlainError) as error:
        raise MalformedTokenError("request token: this is none") from error
    if _b64(_uuid_of(payload).bytes) != payload.jti or not 0 <= payload.iat <= _MAX_SECONDS:
        raise MalformedTokenError("request token: its id or its time is none")
    return payload


def _uuid_of(payload: _Payload) -> uuid.UUID:
    """Return the id that makes a token be used once. Raises MalformedTokenError."""
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(payload.jti + "=="))
    except ValueError as error:  # those of base64 among them
        raise MalformedTokenError("request token: its id is none") from error


def _digest_of(asked: Asked) -> str:
    body = hashlib.sha256(asked.body).hexdigest()
    return _b64(hashlib.sha256(canonical_bytes([asked.audience, asked.method, asked.path, body])).digest())


def _private(key: Ed25519PrivateKey) -> OKPKey:
    raw, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _b64(public), "d": _b64(raw)})


def _public(key: Ed25519PublicKey) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _b64(key.public_bytes_raw())})


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
