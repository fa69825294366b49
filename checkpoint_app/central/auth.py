"""Who asks: the request's token, proven with the key of the booth it names, and used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.api import TOKEN_SCHEME
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.token import LIFETIME, Asked, Claims, TokenError, UsedTokenError, booth_of, verify_token

UNAUTHORISED, FORBIDDEN = 401, 403


@dataclass(frozen=True, slots=True)
class Caller:
    """The booth that asks; its raw keys, and how it stands."""

    booth: str
    post: str
    state: BoothState
    signing_key: bytes
    exchange_key: bytes


async def bounded_body(request: Request, most: int) -> bytes:
    """Return the request's body, never reading more than ``most`` bytes. Raises CentreError."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise CentreError("too_large", f"the body has more than {most} bytes", 413)
    return bytes(data)


def caller_of(centre: Centre, request: Request, body: bytes, audience: str) -> Caller:
    """Return the booth whose token ``request`` carries, confirmed or not. Raises CentreError, with 401 or 403."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != TOKEN_SCHEME or not token:
        raise CentreError("token_missing", "the request carries no token of a booth", UNAUTHORISED)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = Asked(request.method, path, body, audience)
    try:
        with centre.begin() as connection:
            row = connection.execute(
                select(database.booths).where(database.booths.c.name == booth_of(token))
            ).one_or_none()
            if row is None:
                raise CentreError("booth_unknown", "no such booth is enrolled here", UNAUTHORISED)
            claims = verify_token(token, Ed25519PublicKey.from_public_bytes(row.signing_key), asked, centre.now())
            _use(centre, connection, claims)
    except TokenError as error:
        raise CentreError(error.code, str(error), UNAUTHORISED) from error
    state = BoothState(row.state)
    if state is BoothState.REVOKED:
        raise CentreError("booth_revoked", "this booth was revoked; ask the administrator", FORBIDDEN)
    return Caller(row.name, row.post, state, row.signing_key, row.exchange_key)


def confirmed(caller: Caller) -> Caller:
    """Return ``caller`` if an administrator has confirmed its keys. Raises CentreError."""
    if caller.state is not BoothState.CONFIRMED:
        raise CentreError("booth_pending", "this booth waits for the administrator to confirm its key", FORBIDDEN)
    return caller


def _use(centre: Centre, connection: Connection, claims: Claims) -> None:
    """Take note that a token was used, and of when its booth was seen; forget those that are too old to be used."""
    now = centre.now()
    used = database.used_tokens
    connection.execute(delete(used).where(used.c.at < to_plain(now - 2 * LIFETIME - timedelta(seconds=1))))
    try:
        with connection.begin_nested():
            row = {"booth": claims.booth, "token_id": claims.token_id, "at": to_plain(claims.issued_at)}
            connection.execute(used.insert().values(**row))
    except IntegrityError as error:
        raise UsedTokenError("request token: it was used before") from error
    booths = database.booths
    connection.execute(update(booths).where(booths.c.name == claims.booth).values(last_seen=to_plain(now)))
