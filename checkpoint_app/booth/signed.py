"""The small signed objects of a booth: its policy, its officers. Each is kept as it was signed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from checkpoint_app.store import Officer, SignedObject, Store
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.header import ListKind, PackageHeader, Trust, read_header, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain

MAX_PACKAGE_BYTES = 1 << 20
SMALL_KINDS = (ListKind.POLICY, ListKind.OFFICERS)


def policy_of(store: Store) -> Policy | None:
    """Return the policy in force, or None before enrolment."""
    kept = store.signed.all(ListKind.POLICY)
    return from_plain(Policy, _one_record(kept[0].data)) if kept else None


def digest_of(package: bytes) -> str:
    """Return the digest of a kept package's payload, as its header states it."""
    return read_untrusted_header(io.BytesIO(package)).payload_digest


def put_small(store: Store, package: bytes, trust: Trust, content_key: bytes | None = None) -> PackageHeader:
    """Verify a policy or officer package and put it in force; ``content_key`` opens a sealed one.

    Raises PackageError, OlderVersionError, PlainError.
    """
    header = read_header(io.BytesIO(package), trust)
    kept = SignedObject(header.kind.value, header.name, header.version, package, header.issued_at)
    record = _one_record(package, content_key)
    if header.kind is ListKind.POLICY:
        from_plain(Policy, record)
        store.signed.put(kept)
    else:
        store.officers.put([from_plain(Officer, officer) for officer in record["officers"]], kept)
    return header


def _one_record(package: bytes, content_key: bytes | None = None) -> Mapping[str, Any]:
    """Return the one record of a small package that was verified before."""
    stream = io.BytesIO(package)
    return next(iter(list(iter_records(stream, read_untrusted_header(stream), content_key))))
