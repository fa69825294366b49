"""Enrolment from the booth's side: trust nothing but what the code names, then wait until a person has confirmed.

The first request goes to whoever answers at the address, and only reads: what it brings counts if its digest is the
one in the code. Everything after goes over TLS pinned to the authority found there.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from checkpoint_app.store.identity import Identity
from checkpoint_app.store.store import Store
from checkpoint_app.store.trusted_time import Clock
from checkpoint_app.sync.centre_key import stating
from checkpoint_app.sync.enrolled import Enrolled, enrolled_of, put_enrolled
from checkpoint_app.sync.errors import LineCode, LineError, code_of_problem
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.sync.replies import OK, read_refusal, read_reply
from checkpoint_app.sync.transport import Transport, pinned_context, untrusting_context, user_agent
from checkpoint_app.wire.api import ANCHORS, ENROLMENT, ENROLMENTS, JSON
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.enrolment import (
    Anchors,
    BoothKeys,
    BoothState,
    EnrolmentCode,
    EnrolmentReply,
    request_enrolment,
)
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.sealing import SealError, unwrap_key
from checkpoint_app.wire.unlock import UNLOCK_CONTEXT

T = TypeVar("T")
POLL_S = 2.0
WITHIN_S = 15.0
MAX_ANCHORS_BYTES = 256 * 1024
MAX_REPLY_BYTES = 64 * 1024
_HEALS = frozenset(
    {
        LineCode.NAME_NOT_FOUND,
        LineCode.REFUSED,
        LineCode.UNREACHABLE,
        LineCode.TIMED_OUT,
        LineCode.CUT_OFF,
        LineCode.SERVER_FAULT,
    }
)
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": user_agent()}


def booth_keys(identity: Identity) -> BoothKeys:
    """Return the public keys by which the booth enrols; two people compare their fingerprint."""
    return BoothKeys(identity.booth, identity.public_bytes, identity.exchange_public_bytes)


def fetch_anchors(url: str, code: EnrolmentCode) -> Anchors:
    """Return what is to be trusted of the centre at ``url``. Raises LineError: ``wrong_centre`` for any other.

    Nothing of the booth or the code is sent: whoever answers is not proven yet.
    """
    transport = Transport(url, untrusting_context())
    try:
        anchors = _exchange(transport, Anchors, "GET", ANCHORS, None, MAX_ANCHORS_BYTES)
    except LineError as error:
        if error.status in (None, OK):
            raise
        raise LineError(code_of_problem("", error.status), status=error.status) from error  # nothing in its own words
    finally:
        transport.close()
    if not hmac.compare_digest(anchors.digest, code.anchors):
        raise LineError(LineCode.WRONG_CENTRE, "the code was made by another centre")
    return anchors


def ask_to_enrol(url: str, code: EnrolmentCode, identity: Identity) -> Enrolled:
    """Send the booth's keys to the centre that ``code`` names; returns how the booth stands. Raises LineError.

    The same keys may be sent again after a lost reply.
    """
    anchors, keys = fetch_anchors(url, code), booth_keys(identity)
    request = canonical_bytes(to_plain(request_enrolment(code, keys)))
    transport = Transport(url, pinned_context(anchors.ca))
    try:
        reply = _exchange(transport, EnrolmentReply, "POST", ENROLMENTS, request, MAX_REPLY_BYTES)
    finally:
        transport.close()
    first = Enrolled(url, anchors, reply.audience, reply.post, reply.at, BoothState.PENDING)
    return _standing(first, reply, identity)


def enrol(
    url: str,
    code: EnrolmentCode,
    on_store: OnStore,
    clock: Clock,
    *,
    wait_s: float,
    poll_s: float = POLL_S,
    waits: Callable[[], None] = lambda: None,
) -> Enrolled:
    """Enrol the booth at the centre of ``url``, and wait up to ``wait_s`` seconds until it is confirmed.

    ``waits`` is called once, when the keys are at the centre and wait for a person. Returns the enrolment, which is in
    the store: confirmed, or pending when the wait is over; asked again, it goes on from there. With its confirmation an
    ``enrolled`` event is written. Raises LineError, and the store's StoreErrors.
    """
    identity = on_store(lambda store: store.identity)
    ends = time.monotonic() + wait_s
    enrolled = _taken_up(on_store(enrolled_of), url, code, identity, clock)
    if enrolled is None:
        enrolled = ask_to_enrol(url, code, identity)
    _keep(on_store, enrolled)
    if enrolled.state is BoothState.PENDING:
        waits()
        enrolled = _confirmed(on_store, enrolled, identity, clock, ends, poll_s)
    return enrolled


def settle(line: Line, on_store: OnStore) -> None:
    """Ask whether a pending booth was confirmed meanwhile, keep that, and let ``line`` know it.

    Raises LineError: ``booth_pending`` while it still waits.
    """
    identity = on_store(lambda store: store.identity)
    line.enrolled = _poll(line, identity)
    _keep(on_store, line.enrolled)
    if line.enrolled.state is BoothState.PENDING:
        raise LineError(LineCode.BOOTH_PENDING)


def _taken_up(
    kept: Enrolled | None, url: str, code: EnrolmentCode, identity: Identity, clock: Clock
) -> Enrolled | None:
    """Return how the booth stands where it had asked this centre before and is known there; None: ask anew."""
    if kept is None or kept.state is BoothState.REVOKED or kept.anchors.digest != code.anchors:
        return None
    line = Line(replace(kept, url=url), identity, clock)
    try:
        return _poll(line, identity)
    except LineError as error:
        if error.code in (LineCode.BOOTH_UNKNOWN, LineCode.BOOTH_REVOKED, LineCode.TOKEN_REFUSED):
            return None  # the administrator has begun anew, by this code
        raise
    finally:
        line.close()


def _confirmed(
    on_store: OnStore, enrolled: Enrolled, identity: Identity, clock: Clock, ends: float, poll_s: float
) -> Enrolled:
    """Ask until the booth is confirmed or the time is over; a line that fails meanwhile is asked again."""
    line = Line(enrolled, identity, clock)
    try:
        while enrolled.state is BoothState.PENDING and (left := ends - time.monotonic()) > 0:
            time.sleep(min(poll_s, left))
            try:
                enrolled = _poll(line, identity)
            except LineError as error:
                if error.code is LineCode.BOOTH_REVOKED:
                    _keep(on_store, replace(enrolled, state=BoothState.REVOKED))
                if error.code not in _HEALS:
                    raise
    finally:
        line.close()
    _keep(on_store, enrolled)
    return enrolled


def _poll(line: Line, identity: Identity) -> Enrolled:
    got = line.get(EnrolmentReply, ENROLMENT, most=MAX_REPLY_BYTES, within_s=WITHIN_S)
    if got.value is None:
        raise LineError(LineCode.MALFORMED, "it does not tell how the booth stands")
    return _standing(line.enrolled, got.value, identity)


def _standing(before: Enrolled, reply: EnrolmentReply, identity: Identity) -> Enrolled:
    """Return the enrolment as ``reply`` tells it, which must be about this booth and its keys. Raises LineError."""
    keys = booth_keys(identity)
    if (reply.booth, reply.fingerprint) != (keys.booth, keys.fingerprint):
        raise LineError(LineCode.MALFORMED, "it answers for another booth")
    if reply.state is BoothState.REVOKED:
        raise LineError(LineCode.BOOTH_REVOKED)
    unlock_key = b""
    if reply.state is BoothState.CONFIRMED:
        unlock_key = reply.unlock_key
        try:
            unwrap_key(identity.exchange_key, unlock_key, UNLOCK_CONTEXT + keys.booth.encode())
        except SealError as error:
            raise LineError(LineCode.MALFORMED, "its unlock key is not for this booth") from error
    told = stating(replace(before, audience=reply.audience), reply.exchange)
    if (reply.state, reply.post, reply.audience) == (before.state, before.post, before.audience):
        return told  # an unlock key is wrapped anew each time; the one that is here is as good
    return replace(
        told,
        state=reply.state,
        post=reply.post,
        enrolled_at=reply.at,
        unlock_key=unlock_key,
    )


def _keep(on_store: OnStore, enrolled: Enrolled) -> None:
    """Keep how the booth stands; its confirmation is written down with it, once."""

    def work(store: Store) -> None:
        before = enrolled_of(store)
        if before == enrolled:
            return
        with store.transaction():
            put_enrolled(store, enrolled)
            known = before is not None and replace(before, exchange_key=enrolled.exchange_key) == enrolled
            if enrolled.state is BoothState.CONFIRMED and not known:
                fingerprint = booth_keys(store.identity).fingerprint
                body = {"centre": enrolled.audience, "url": enrolled.url, "fingerprint": fingerprint}
                store.journal.append(EventKind.ENROLLED, body)

    on_store(work)


def _exchange(transport: Transport, cls: type[T], method: str, path: str, body: bytes | None, most: int) -> T:
    """Send one request without a token and return its answer. Raises LineError."""
    headers = {**_HEADERS, **({} if body is None else {"Content-Type": JSON})}
    with transport.send(method, path, headers, body, WITHIN_S) as received:
        if received.status == OK:
            return read_reply(cls, received, most)
        raise read_refusal(received)[0]
