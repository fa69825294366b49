"""The rule sets in force at a booth: each kept sealed as it came, and opened by the lease of its list alone.

So a set whose lease has ended is closed like any list, and opens again with the next grant; of one whose agreement has
ended, or that is withdrawn, no key is left, while its version stays known (invariant 5).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from checkpoint_app.store import SignedObject, Store
from checkpoint_app.store.errors import LeaseEndedError
from checkpoint_app.store.lists import AGREEMENT_ENDED, WITHDRAWN
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, WrongKeyError, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.rules import read_rules

log = logging.getLogger(__name__)

ENDED = "ended"
"""The kind of what is kept of a list whose role the centre let end."""


@dataclass(frozen=True, slots=True)
class KeptRules:
    """A rule set in force: the header of its list, and the set's exact bytes; none where ``bar`` tells why.

    ``lease_ends_at`` is when the booth's right to consult it ends, by trusted time.
    """

    header: PackageHeader
    data: bytes = field(repr=False)
    bar: NotDone | None = None
    lease_ends_at: datetime | None = None


def rules_of(store: Store) -> tuple[KeptRules, ...]:
    """Return the rule sets in force, by name, also those that must not be consulted now; no withdrawn one."""
    ended, now, ends = _ended(store), store.time.now(), store.leases.ends()
    found = []
    for kept in store.signed.all(ListKind.RULES):
        header = read_untrusted_header(io.BytesIO(kept.data))
        if header.withdrawn:
            continue
        over = kept.version <= ended.get(kept.name, 0) or _over(header, now)
        data, bar = (b"", NotDone.AGREEMENT_ENDED) if over else _opened(store, kept.data, header)
        found.append(KeptRules(header, data, bar, ends.get(header.key_id)))
    return tuple(found)


def put_rules(store: Store, package: bytes, header: PackageHeader, content_key: bytes | None) -> None:
    """Put a verified package of rules in force in place of an older one, with its lease kept before.

    That what it carries is a rule set was judged before (`applying`). Raises PackageError, PlainError,
    OlderVersionError.
    """
    with store.transaction():
        if header.withdrawn:
            store.leases.drop_others(header.name)
        elif not header.sealed:  # a booth's copy would never close
            raise WrongKeyError(f"list {header.name}: rules travel sealed alone")
        else:
            _read(package, header, content_key)
            store.leases.drop_others(header.name, header.key_id)
        store.signed.put(SignedObject(header.kind.value, header.name, header.version, package, header.issued_at))
        if header.withdrawn:
            _write_purged(store, header, WITHDRAWN)


def purge_rules(store: Store, ended: Collection[str]) -> tuple[str, ...]:
    """Give up the keys of rule sets whose agreement has ended, by trusted time or by the centre (``ended``).

    Each with its event `list_purged`; returns their names. What lies here sealed is nothing that anybody can open.
    """
    purged = []
    for kept in store.signed.all(ListKind.RULES):
        header = read_untrusted_header(io.BytesIO(kept.data))
        if kept.name not in ended and not _over(header, store.time.now()):
            continue
        with store.transaction():
            if store.leases.drop_others(kept.name):
                _write_purged(store, header, AGREEMENT_ENDED)
                purged.append(kept.name)
    return tuple(purged)


def _opened(store: Store, package: bytes, header: PackageHeader) -> tuple[bytes, NotDone | None]:
    try:
        return _read(package, header, store.leases.content_key(header.key_id)), None
    except LeaseEndedError:
        return b"", NotDone.LEASE_ENDED
    except (PackageError, PlainError) as error:
        log.warning("rules %s %d: they can't be read: %s", header.name, header.version, type(error).__name__)
        return b"", NotDone.LIST_UNREADABLE


def _read(package: bytes, header: PackageHeader, content_key: bytes | None) -> bytes:
    stream = io.BytesIO(package)
    read_untrusted_header(stream)
    return read_rules(iter_records(stream, header, content_key))


def _over(header: PackageHeader, now: datetime) -> bool:
    return header.agreement is not None and now >= header.agreement.ends_at


def _ended(store: Store) -> dict[str, int]:
    """Return up to which version the centre let the agreements of lists end."""
    return {kept.name: kept.version for kept in store.signed.all(ENDED)}


def _write_purged(store: Store, header: PackageHeader, why: str) -> None:
    store.journal.append(EventKind.LIST_PURGED, {"name": header.name, "version": header.version, "why": why})
