"""The lists of codes in force at a booth: each kept as it was signed. Nothing in them is secret, and they don't age."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field

from checkpoint_app.store import SignedObject, Store
from checkpoint_app.store.lists import WITHDRAWN
from checkpoint_app.wire.codes import read_codes
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, WrongKeyError, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import PlainError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptCodes:
    """A list of codes in force: its name and version, the digest of its payload (hex), its table's exact bytes."""

    name: str
    version: int
    digest: str
    data: bytes = field(repr=False)


def codes_of(store: Store) -> tuple[KeptCodes, ...]:
    """Return the lists of codes in force, by name; none that is withdrawn, or that can't be read any more."""
    found = []
    for kept in store.signed.all(ListKind.CODES):
        try:
            header, data = _read(kept.data)
        except (PackageError, PlainError) as error:
            log.warning("codes %s %d: they can't be read: %s", kept.name, kept.version, type(error).__name__)
            continue
        if not header.withdrawn:
            found.append(KeptCodes(header.name, header.version, header.payload_digest, data))
    return tuple(found)


def put_codes(store: Store, package: bytes, header: PackageHeader) -> None:
    """Put a verified package of codes in force in place of an older one; that its table is one was judged before.

    Raises PackageError, PlainError, OlderVersionError.
    """
    if header.sealed:  # its key would end with a lease, and with it what is public
        raise WrongKeyError(f"list {header.name}: codes travel unsealed alone")
    _read(package)
    with store.transaction():
        store.signed.put(SignedObject(header.kind.value, header.name, header.version, package, header.issued_at))
        if header.withdrawn:
            about = {"name": header.name, "version": header.version, "why": WITHDRAWN}
            store.journal.append(EventKind.LIST_PURGED, about)


def _read(package: bytes) -> tuple[PackageHeader, bytes]:
    stream = io.BytesIO(package)
    header = read_untrusted_header(stream)
    return header, b"" if header.withdrawn else read_codes(iter_records(stream, header, None))
