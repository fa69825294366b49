"""Who asks: the request's token, proven with the key of the booth it names, and used once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request
from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from starlette.requests import ClientDisconnect

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.together import Together
from checkpoint_app.wire.api import TOKEN_SCHEME
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import is_booth_name
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.token import (
    LIFETIME,
    Asked,
    Claims,
    TokenError,
    UsedTokenError,
    booth_of,
    check_signed,
    verify_token,
)

UNAUTHORISED, FORBIDDEN = 401, 403
PATIENCE_S = 20
"""How long a body may take, and a second more for every ``SLOWEST`` bytes that came: half a line of 64 kbit/s."""
SLOWEST = 4096
SEEN_EVERY = timedelta(seconds=1)
_BOOTH = select(database.booths).where(database.booths.c.name == bindparam("booth"))  # made once: each request asks it
_TOKENS = database.used_tokens
_USE = {
    "sqlite": sqlite.insert(_TOKENS).on_conflict_do_nothing().returning(_TOKENS.c.at),
    "postgresql": postgresql.insert(_TOKENS).on_conflict_do_nothing().returning(_TOKENS.c.at),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The booth that asks; its raw keys, and how it stands."""

    booth: str
    post: str
    state: BoothState
    signing_key: bytes
    exchange_key: bytes


async def bounded_body(request: Request, most: int) -> bytes:
    """Return the request's body, never reading more than ``most`` bytes, nor waiting on and on. Raises CentreError."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > most:
        raise _too_large(most)
    data, begun = bytearray(), asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(begun + PATIENCE_S) as bound:
            async for chunk in request.stream():
                data += chunk
                if len(data) > most:
                    raise _too_large(most)
                bound.reschedule(begun + PATIENCE_S + len(data) / SLOWEST)
    except TimeoutError as error:
        raise CentreError("too_slow", "the body did not come in time", 408) from error
    except ClientDisconnect as error:  # nobody hears it
        raise CentreError("cut_off", "the request was cut off", 400) from error
    return bytes(data)


def admit(centre: Centre, request: Request) -> str:
    """Return the booth that may send a large body; refuse it, before it is read, from others.

    Raises CentreError, with 401.
    """
    token = _token_of(request)
    try:
        with centre.begin() as connection:
            row = _booth_of(connection, token)
        check_signed(token, Ed25519PublicKey.from_public_bytes(row.signing_key))
    except TokenError as error:
        raise CentreError(error.code, str(error), UNAUTHORISED) from error
    return str(row.name)


async def caller_of(tokens: Together, centre: Centre, request: Request, body: bytes, audience: str) -> Caller:
    """Return the booth whose token ``request`` carries, confirmed or not. Raises CentreError, with 401 or 403.

    The tokens of requests that come at once are used up in one transaction.
    """
    token = _token_of(request)
    asked = Asked(request.method, _path_of(request), body, audience)

    def work(connection: Connection) -> Row[Any]:
        try:
            return _proven(centre, connection, token, asked)
        except TokenError as error:
            raise CentreError(error.code, str(error), UNAUTHORISED) from error

    row = await tokens.do(work)
    state = BoothState(row.state)
    if state is BoothState.REVOKED:
        raise CentreError("booth_revoked", "this booth was revoked; ask the administrator", FORBIDDEN)
    return Caller(row.name, row.post, state, row.signing_key, row.exchange_key)


def confirmed(caller: Caller) -> Caller:
    """Return ``caller`` if an administrator has confirmed its keys. Raises CentreError."""
    if caller.state is not BoothState.CONFIRMED:
        raise CentreError("booth_pending", "this booth waits for the administrator to confirm its key", FORBIDDEN)
    return caller


def _token_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != TOKEN_SCHEME or not token:
        raise CentreError("token_missing", "the request carries no token of a booth", UNAUTHORISED)
    return token


def _path_of(request: Request) -> str:
    """Return path and query as they were asked for. (``request.url`` would take part of them from the Host header.)"""
    raw, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return f"{raw}?{query}" if query else raw


def _proven(centre: Centre, connection: Connection, token: str, asked: Asked) -> Row[Any]:
    """Return the row of the booth that signed ``token`` for ``asked``, and take note of its use. Raises TokenError."""
    row = _booth_of(connection, token)
    key = Ed25519PublicKey.from_public_bytes(row.signing_key)
    _use(centre, connection, row, verify_token(token, key, asked, centre.now()))
    return row


def _booth_of(connection: Connection, token: str) -> Row[Any]:
    """Return the row of the booth that ``token`` names, unproven. Raises MalformedTokenError, CentreError."""
    name = booth_of(token)
    row = connection.execute(_BOOTH, {"booth": name}).one_or_none() if is_booth_name(name) else None
    if row is None:
        raise CentreError("booth_unknown", "no such booth is enrolled here", UNAUTHORISED)
    return row


def _too_large(most: int) -> CentreError:
    return CentreError("too_large", f"the body has more than {most} bytes", 413)


def _use(centre: Centre, connection: Connection, row: Row[Any], claims: Claims) -> None:
    """Take note that a token was used; once a second, of when its booth was seen, and forget tokens too old to use."""
    now, used, booths = centre.now(), database.used_tokens, database.booths
    if not to_plain(now - SEEN_EVERY) < (row.last_seen or "") <= to_plain(now):
        connection.execute(delete(used).where(used.c.at < to_plain(now - 2 * LIFETIME - timedelta(seconds=1))))
        connection.execute(update(booths).where(booths.c.name == claims.booth).values(last_seen=to_plain(now)))
    new = {"booth": claims.booth, "token_id": claims.token_id, "at": to_plain(claims.issued_at)}
    if connection.execute(_USE[connection.dialect.name], new).one_or_none() is None:
        raise UsedTokenError("request token: it was used before")
