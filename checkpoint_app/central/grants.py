"""Grants: the content keys of what is published, wrapped to one booth, for as long as it may be without a line."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Connection

from checkpoint_app.central import keeping, lists, publishing
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.lists import Published
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.api import Grants
from checkpoint_app.wire.grant import KeyGrant, grant_key, write_grant

OFFLINE_DAYS = 14
"""The lease before there is a policy."""


def grants_for(centre: Centre, booth: str, exchange_key: bytes, now: datetime) -> Grants:
    """Return the grants of the booth with that raw X25519 key, one for each key that what booths are served is under.

    They hold for the policy's days offline, and no longer than the list's agreement; a list whose agreement has ended,
    or that is silent, has none. Raises CentreError.
    """
    receiver = X25519PublicKey.from_public_bytes(exchange_key)

    def work(connection: Connection) -> list[KeyGrant]:
        policy = lists.policy(centre, connection)
        until = now + timedelta(days=policy.offline_days if policy is not None else OFFLINE_DAYS)
        served = {
            (one.name, one.content_key): one  # once for all versions of a series
            for one in (*lists.in_use(centre, connection), *publishing.not_noted(centre, connection))
            if not one.silent and one.content_key and not one.ended(now)
        }
        return [_grant(centre, connection, one, receiver, until) for one in served.values()]

    return Grants(booth, tuple(write_grant(grant).decode() for grant in retried(centre, work)))


def _grant(
    centre: Centre, connection: Connection, one: Published, receiver: X25519PublicKey, until: datetime
) -> KeyGrant:
    not_after = until if one.agreement is None else min(until, one.agreement.ends_at)
    signer = keeping.publisher(centre, connection, one.name)
    return grant_key(one.content_key, list_name=one.name, booth=receiver, not_after=not_after, signer=signer)
