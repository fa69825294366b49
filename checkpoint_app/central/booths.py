"""The booths of a centre: codes handed over, keys enrolled by them, confirmed by a person, and revoked.

Each step is an act. A code is good for one booth, an hour and five tries, and each try is counted before it is judged,
so that breaking off the judgement wins nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import Connection, Row, delete, func, select, update

from checkpoint_app.central import acts, clearances, database, identity, lineage
from checkpoint_app.central.auth import Caller
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.curve import is_of_small_order
from checkpoint_app.wire.enrolment import (
    CODE_LIFETIME,
    MOST_TRIES,
    SECRET_BYTES,
    BoothKeys,
    BoothState,
    EnrolmentCode,
    EnrolmentReply,
    EnrolmentRequest,
    proves_code,
)
from checkpoint_app.wire.event import GENESIS, is_booth_name
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.sealing import new_key, wrap_key

UNLOCK_CONTEXT = b"checkpoint unlock key 1 "
ENROLLED = "booth enrolled"
"""The act by which the centre took a booth's keys; it names the raw signing key in hex."""
CONFIRMED, REVOKED = "booth confirmed", "booth revoked"
_FORBIDDEN = 403
_MAX_POST = 64
_CODES_KEPT = timedelta(days=1)  # after their end, so that a late booth is told why
_booths, _codes = database.booths, database.codes


@dataclass(frozen=True, slots=True)
class Booth:
    """A booth as the administrator sees it; ``events`` are those stored, ``chain`` counts its chains from 1."""

    name: str
    post: str
    state: BoothState
    fingerprint: str
    enrolled_at: datetime
    decided_at: datetime | None
    decided_by: str
    last_seen: datetime | None
    events: int
    chain: int
    new_chain_allowed: bool


def new_code(centre: Centre, booth: str, post: str) -> EnrolmentCode:
    """Return a new code for ``booth`` at ``post``, in the place of an earlier one. Raises CentreError."""
    if not is_booth_name(booth):
        raise CentreError("booth_name", "a booth is named by 1 to 64 letters, digits, dots, dashes and underscores")
    if not 0 < len(post) <= _MAX_POST or not post.isprintable() or post != post.strip():
        raise CentreError("post_name", f"a post is named by 1 to {_MAX_POST} printable characters")

    def work(connection: Connection) -> EnrolmentCode:
        code, now = EnrolmentCode.new(identity.anchors(centre, connection)), centre.now()
        old = _codes.c.expires_at < to_plain(now - _CODES_KEPT)
        connection.execute(delete(_codes).where((_codes.c.booth == booth) | old))
        row = {
            "id": code.id,
            "booth": booth,
            "post": post,
            "sealed": centre.vault.seal(code.secret + code.anchors, f"code {code.id}"),
            "expires_at": to_plain(now + CODE_LIFETIME),
        }
        connection.execute(_codes.insert().values(**row))
        again = _row_of(connection, booth) is not None
        acts.act(centre, connection, "booth code made", {"booth": booth, "post": post, "again": again})
        return code

    return retried(centre, work)


def enrol(centre: Centre, request: EnrolmentRequest) -> EnrolmentReply:
    """Take a booth's keys, if it proves its code. They wait for the administrator who confirms them.

    The same keys again, as after a lost reply, get the same answer. Raises CentreError: ``code_unknown``,
    ``code_expired``, ``code_used_up``, ``code_wrong``, ``keys_unusable``.
    """
    _check_keys(request.keys)
    retried(centre, lambda connection: _count_try(connection, request.code_id))
    return reply_for(centre, retried(centre, lambda connection: _enrol(centre, connection, request)))


def confirm(centre: Centre, name: str, fingerprint: str) -> None:
    """Let the booth in, whose keys have this fingerprint: a person has compared it on both screens.

    Raises CentreError: ``booth_unknown``, ``booth_revoked``, ``fingerprint_wrong``.
    """

    def work(connection: Connection) -> None:
        row = _known(connection, name)
        if not hmac.compare_digest(_plain(fingerprint).encode(), _plain(_keys(row).fingerprint).encode()):
            raise CentreError("fingerprint_wrong", f"{name}: its keys have another fingerprint; compare both screens")
        if row.state == BoothState.REVOKED:
            raise CentreError("booth_revoked", f"{name}: it was revoked; enrol it again by a new code")
        if row.state == BoothState.CONFIRMED:
            return
        centre.keep_secret(connection, _unlock_name(name), new_key())
        _decide(centre, connection, name, BoothState.CONFIRMED)
        acts.act(centre, connection, CONFIRMED, {"booth": name, "fingerprint": _keys(row).fingerprint})

    retried(centre, work)


def revoke(centre: Centre, name: str) -> None:
    """Shut the booth out, and forget its code and its unlock key. Raises CentreError: ``booth_unknown``."""

    def work(connection: Connection) -> None:
        row = _known(connection, name)
        connection.execute(delete(_codes).where(_codes.c.booth == name))
        centre.forget_secret(connection, _unlock_name(name))
        _decide(centre, connection, name, BoothState.REVOKED)
        clearances.shut_out(centre, connection, name)
        acts.act(centre, connection, REVOKED, {"booth": name, "fingerprint": _keys(row).fingerprint})

    retried(centre, work)


def allow_new_chain(centre: Centre, name: str) -> None:
    """Let the booth begin a new chain once, after a fork. Raises CentreError: ``booth_unknown``."""

    def work(connection: Connection) -> None:
        row = _known(connection, name)
        connection.execute(update(_booths).where(_booths.c.name == name).values(new_chain_allowed=True))
        acts.act(centre, connection, "new chain allowed", {"booth": name, "chain": row.chain, "seq": row.seq})

    retried(centre, work)


def all_booths(centre: Centre) -> list[Booth]:
    """Return all booths, by name."""
    stored = select(database.events.c.booth, func.count().label("stored")).group_by(database.events.c.booth).subquery()
    joined = select(_booths, stored.c.stored).outerjoin(stored, stored.c.booth == _booths.c.name)
    with centre.begin() as connection:
        return [_booth(row) for row in connection.execute(joined.order_by(_booths.c.name))]


def reply_for(centre: Centre, caller: Caller) -> EnrolmentReply:
    """Return how the booth that asks stands; once it is confirmed with its unlock key, wrapped to it."""
    keys = BoothKeys(caller.booth, caller.signing_key, caller.exchange_key)
    wrapped = b""
    if caller.state is BoothState.CONFIRMED:
        with centre.begin() as connection:
            key = centre.secret(connection, _unlock_name(caller.booth))
        if key is None:  # between the token and here the booth was revoked
            raise CentreError("booth_revoked", "this booth was revoked; ask the administrator", _FORBIDDEN)
        exchange = X25519PublicKey.from_public_bytes(caller.exchange_key)
        wrapped = wrap_key(exchange, key, UNLOCK_CONTEXT + caller.booth.encode())
    audience, now = identity.audience(centre), centre.now()
    stated = retried(centre, lambda connection: identity.exchange_statement(centre, connection))
    return EnrolmentReply(caller.booth, caller.state, keys.fingerprint, caller.post, audience, now, wrapped, stated)


def _check_keys(keys: BoothKeys) -> None:
    """Refuse keys that nothing can be proven with, or sealed to."""
    if is_of_small_order(keys.signing):  # with such a key anybody signs
        raise CentreError("keys_unusable", "the booth's signing key is of small order; enrol with a new one", 422)
    try:
        Ed25519PublicKey.from_public_bytes(keys.signing)
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(keys.exchange))
    except ValueError as error:  # of another length, or of small order
        raise CentreError("keys_unusable", "the booth's keys are no Ed25519 and X25519 keys", 422) from error


def _count_try(connection: Connection, code_id: str) -> None:
    if not code_id.isalnum():  # no text for a database
        raise _unknown_code()
    row = connection.execute(select(_codes.c.tries).where(_codes.c.id == code_id)).one_or_none()
    if row is None:
        raise _unknown_code()
    if row.tries >= MOST_TRIES:
        raise _used_up()
    connection.execute(update(_codes).where(_codes.c.id == code_id).values(tries=_codes.c.tries + 1))


def _enrol(centre: Centre, connection: Connection, request: EnrolmentRequest) -> Caller:
    row = connection.execute(select(_codes).where(_codes.c.id == request.code_id)).one_or_none()
    if row is None:  # replaced since the try was counted
        raise _unknown_code()
    kept = centre.vault.open(row.sealed, f"code {row.id}")
    proven = proves_code(request, EnrolmentCode(kept[:SECRET_BYTES], kept[SECRET_BYTES:]))
    if not proven or row.booth != request.keys.booth:
        raise CentreError("code_wrong", "the code is not for this booth, or was mistyped; read it again", _FORBIDDEN)
    if row.used_at is None:
        if centre.now() >= from_plain(datetime, row.expires_at):
            raise CentreError("code_expired", "the code was good for an hour; ask for a new one", _FORBIDDEN)
        _take_keys(centre, connection, request.keys, row.post)
    booth = _row_of(connection, row.booth)
    if booth is None or _keys(booth) != request.keys:
        raise _used_up()
    # Only guesses use a code up: whoever proves it may lose as many replies as the line loses.
    connection.execute(
        update(_codes).where(_codes.c.id == row.id).values(tries=0, used_at=row.used_at or to_plain(centre.now()))
    )
    return Caller(booth.name, booth.post, BoothState(booth.state), booth.signing_key, booth.exchange_key)


def _take_keys(centre: Centre, connection: Connection, keys: BoothKeys, post: str) -> None:
    """Let the booth's keys wait to be confirmed. Other keys of a booth that was decided on have another chain."""
    old = _row_of(connection, keys.booth)
    values: dict[str, Any] = {
        "post": post,
        "state": str(BoothState.PENDING),
        "signing_key": keys.signing,
        "exchange_key": keys.exchange,
        "enrolled_at": to_plain(centre.now()),
        "decided_at": None,
        "decided_by": None,
    }
    if old is None:
        connection.execute(_booths.insert().values(name=keys.booth, head=GENESIS, **values))
    else:
        if _keys(old) != keys and old.decided_at is not None:
            values |= lineage.change_keys(connection, old, keys.signing)
        centre.forget_secret(connection, _unlock_name(keys.booth))
        connection.execute(update(_booths).where(_booths.c.name == keys.booth).values(**values))
    about: dict[str, str | int | bool] = {"booth": keys.booth, "fingerprint": keys.fingerprint}
    about |= {"again": old is not None, "signing_key": keys.signing.hex()}  # what an earlier chain is proven with
    acts.act(centre, connection, ENROLLED, about)


def _decide(centre: Centre, connection: Connection, name: str, state: BoothState) -> None:
    values = {"state": str(state), "decided_at": to_plain(centre.now()), "decided_by": acts.who()}
    connection.execute(update(_booths).where(_booths.c.name == name).values(**values))


def _unknown_code() -> CentreError:
    return CentreError("code_unknown", "there is no such code; ask the administrator for a new one", _FORBIDDEN)


def _used_up() -> CentreError:
    return CentreError("code_used_up", "the code was used, or tried too often; ask for a new one", _FORBIDDEN)


def _row_of(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(_booths).where(_booths.c.name == name)).one_or_none()


def _known(connection: Connection, name: str) -> Row[Any]:
    row = _row_of(connection, name)
    if row is None:
        raise CentreError("booth_unknown", f"{name}: no such booth is enrolled; see `checkpoint central booths`")
    return row


def _keys(row: Row[Any]) -> BoothKeys:
    return BoothKeys(row.name, row.signing_key, row.exchange_key)


def _booth(row: Row[Any]) -> Booth:
    def moment(text: str | None) -> datetime | None:
        return None if text is None else from_plain(datetime, text)

    return Booth(
        name=row.name,
        post=row.post,
        state=BoothState(row.state),
        fingerprint=_keys(row).fingerprint,
        enrolled_at=from_plain(datetime, row.enrolled_at),
        decided_at=moment(row.decided_at),
        decided_by=row.decided_by or "",
        last_seen=moment(row.last_seen),
        events=row.stored or 0,
        chain=row.chain,
        new_chain_allowed=row.new_chain_allowed,
    )


def _plain(fingerprint: str) -> str:
    return "".join(fingerprint.split()).replace("-", "").upper()


def _unlock_name(booth: str) -> str:
    return f"unlock {booth}"
