"""The small signed objects of a booth: policy, officers, the signers of seals, clearances, booths, rule sets, codes.

Each is kept as it was signed; but of clearances the head alone, for their records rest in tables.
"""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from checkpoint_app.booth.record.code_copies import put_codes
from checkpoint_app.booth.record.rule_copies import put_rules
from checkpoint_app.documents import Signers, SignersError
from checkpoint_app.store import Officer, SignedObject, Store
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.booths import KnownBooth, read_booths
from checkpoint_app.wire.clearance import read_clearances
from checkpoint_app.wire.codes import MOST_CODES_BYTES
from checkpoint_app.wire.header import ListKind, PackageHeader, Trust, read_header, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import PlainError, from_plain
from checkpoint_app.wire.rules import MOST_BYTES as MOST_RULES_BYTES

log = logging.getLogger(__name__)

SMALL_KINDS = (
    ListKind.POLICY,
    ListKind.OFFICERS,
    ListKind.SIGNERS,
    ListKind.CLEARANCES,
    ListKind.BOOTHS,
    ListKind.RULES,
    ListKind.CODES,
)
_MAX_PACKAGE_BYTES = 1 << 20
_MAX_BYTES = {
    ListKind.CLEARANCES: 16 << 20,
    ListKind.RULES: MOST_RULES_BYTES + _MAX_PACKAGE_BYTES,
    ListKind.CODES: MOST_CODES_BYTES + _MAX_PACKAGE_BYTES,
}


def most_bytes(kind: ListKind) -> int:
    """Return how large a package of this small kind may be."""
    return _MAX_BYTES.get(kind, _MAX_PACKAGE_BYTES)


def policy_of(store: Store) -> Policy | None:
    """Return the policy in force, or None before enrolment."""
    kept = store.signed.all(ListKind.POLICY)
    return from_plain(Policy, _one_record(kept[0].data)) if kept else None


def signers_of(store: Store) -> Signers:
    """Return the signers of seals that are believed: of the newest list, or nobody before there is one.

    Nobody is believed either where the kept list cannot be read any more, as after an update that reads certificates
    more strictly: seals are unverified then, and documents without one are examined as ever.
    """
    kept = store.signed.all(ListKind.SIGNERS)
    try:
        return _signers(_one_record(kept[0].data)) if kept else Signers()
    except PlainError:
        log.warning("the list of signers can't be read: no seal is believed until the centre sends another")
        return Signers()


def booths_of(store: Store) -> tuple[KnownBooth, ...]:
    """Return the booths that the centre ever confirmed, of the newest list; none before there is one.

    None either where the kept list cannot be read any more, as after an update: then no slip is believed.
    """
    kept = store.signed.all(ListKind.BOOTHS)
    try:
        return _booths(kept[0].data) if kept else ()
    except PlainError:
        log.warning("the list of booths can't be read: no slip is believed until the centre sends another")
        return ()


@functools.lru_cache(maxsize=1)  # a slip may be in every picture, and a country's list is long
def _booths(package: bytes) -> tuple[KnownBooth, ...]:
    return read_booths(_one_record(package))


def digest_of(package: bytes) -> str:
    """Return the digest of a kept package's payload, as its header states it."""
    return read_untrusted_header(io.BytesIO(package)).payload_digest


def put_small(store: Store, package: bytes, trust: Trust, content_key: bytes | None = None) -> PackageHeader:
    """Verify the package of one of ``SMALL_KINDS`` and put it in force; ``content_key`` opens a sealed one.

    Raises PackageError, OlderVersionError, PlainError.
    """
    header = read_header(io.BytesIO(package), trust)
    if header.kind is ListKind.RULES:
        put_rules(store, package, header, content_key)
        return header
    if header.kind is ListKind.CODES:
        put_codes(store, package, header)
        return header
    if header.kind is ListKind.CLEARANCES:
        head = package[: len(package) - header.payload_bytes]
        kept = SignedObject(header.kind.value, header.name, header.version, head, header.issued_at)
        store.clearances.put(read_clearances(_records(package, content_key)), kept)
        return header
    kept = SignedObject(header.kind.value, header.name, header.version, package, header.issued_at)
    record = _one_record(package, content_key)
    if header.kind is ListKind.POLICY:
        from_plain(Policy, record)
        store.signed.put(kept)
    elif header.kind is ListKind.SIGNERS:
        _signers(record)
        store.signed.put(kept)
    elif header.kind is ListKind.BOOTHS:
        read_booths(record)
        store.signed.put(kept)
    else:
        store.officers.put([from_plain(Officer, officer) for officer in record["officers"]], kept)
    return header


def _signers(record: Mapping[str, Any]) -> Signers:
    """Read the record of a list of signers. Raises PlainError."""
    try:
        return _read_signers(record["pem"])
    except (KeyError, TypeError, AttributeError, SignersError) as error:
        raise PlainError("signers: the record holds no certificates in PEM that can be used") from error


@functools.lru_cache(maxsize=1)  # a seal may be in every picture, and a state's list is long
def _read_signers(pem: str) -> Signers:
    return Signers.from_pem(pem.encode())


def _one_record(package: bytes, content_key: bytes | None = None) -> Mapping[str, Any]:
    """Return the one record of a small package that was verified before."""
    return next(iter(list(_records(package, content_key))))


def _records(package: bytes, content_key: bytes | None) -> Iterator[Mapping[str, Any]]:
    stream = io.BytesIO(package)
    yield from iter_records(stream, read_untrusted_header(stream), content_key)
