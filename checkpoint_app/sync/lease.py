"""The lease: the content keys of the lists, granted anew with each contact, about once a day.

A grant is proven by its list's publisher before its key is kept, and is for this booth alone: it may come any way.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from checkpoint_app.store.leases import Lease
from checkpoint_app.store.store import Store
from checkpoint_app.store.trust import trust_of
from checkpoint_app.sync.centre_key import learn_exchange_key
from checkpoint_app.sync.grants import MOST_BYTES
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.api import GRANTS, Grants
from checkpoint_app.wire.grant import GrantError, open_grant, read_grant
from checkpoint_app.wire.header import ListKind, read_untrusted_header

RENEW_EVERY = timedelta(days=1)
MOST_GRANTS = 512


def renew_leases(line: Line, on_store: OnStore) -> int:
    """Ask the centre for all grants, if that is due; return how many keys are held for longer now.

    Raises LineError, and the store's StoreErrors.
    """
    if not on_store(leases_due):
        return 0
    reply = line.get(Grants, GRANTS, most=MOST_BYTES).value
    if reply is None:
        return 0
    learn_exchange_key(line, on_store, reply.exchange)
    return on_store(lambda store: take_grants(store, reply))


def leases_due(store: Store) -> bool:
    """Tell whether it is time to ask: a day has gone by, or a list lies here that nothing opens."""
    last, now = store.leases.renewed_at, store.time.now()
    if last is None or not timedelta(0) <= now - last < RENEW_EVERY:
        return any(store.lists.in_force()) or any(store.signed.all(ListKind.RULES))
    closed = any(copy.lease_ended for copy in store.lists.in_force()) or _closed_rules(store)
    return closed and now - last >= RENEW_EVERY / 96


def _closed_rules(store: Store) -> bool:
    """Tell whether nothing opens a rule set that lies here."""
    headers = (read_untrusted_header(io.BytesIO(kept.data)) for kept in store.signed.all(ListKind.RULES))
    keys = {header.key_id for header in headers if not header.withdrawn}
    return not keys <= store.leases.ends().keys()


def take_grants(store: Store, grants: Grants, said_at: datetime | None = None) -> int:
    """Keep the keys of those grants that are good; return how many are held for longer now, or anew.

    ``said_at`` is when the centre gave them, where that was not just now: what it says later is still news then.
    """
    trust, now, before = trust_of(store), store.time.now(), store.leases.ends()
    key, longer = store.identity.exchange_key, 0
    with store.transaction():
        for text in grants.grants[:MOST_GRANTS]:
            try:
                grant = read_grant(text.encode())
                content_key = open_grant(grant, key, trust[grant.list_name], now)
            except (GrantError, KeyError, UnicodeEncodeError):  # its list then ends with the lease that it has
                continue
            store.leases.keep(Lease(grant.list_name, grant.key_id, content_key, grant.not_after))
            longer += _is_longer(before.get(grant.key_id), grant.not_after)
        store.leases.renewed(now if said_at is None else min(now, said_at))
    return longer


def _is_longer(before: datetime | None, after: datetime) -> bool:
    return before is None or after > before
