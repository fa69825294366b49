"""What versions are made of: a partner's package, a file with a partner's signature beside it, a policy, signers."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.importing import Material, RefusedError
from checkpoint_app.central.keeping import Declared
from checkpoint_app.documents import Signers
from checkpoint_app.screening import (
    ENGINE,
    Calibration,
    CalibrationError,
    entry_from_plain,
    entry_to_plain,
)
from checkpoint_app.verdict.policy import Policy
from checkpoint_app.wire.header import (
    MAGIC,
    SIGNATURE_BYTES,
    ListKind,
    PackageError,
    PackageHeader,
    read_header,
    read_untrusted_header,
)
from checkpoint_app.wire.package import iter_records, verify_payload
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.sealing import Reads

MAX_POLICY_BYTES = 256 * 1024
MAX_SIGNERS_BYTES = 900 * 1024  # less than a small package may have at a booth
_CLEAN: Mapping[ListKind, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    ListKind.PERSONS: lambda record: entry_to_plain(entry_from_plain(record)),
    ListKind.DOCUMENTS: dict,  # hashed as they are, or hashed by their partner already
}


def is_package(path: Path) -> bool:
    """Tell whether the file is a list package. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


# -- a package --------------------------------------------------------------------------------------------------------


def of_package(one: Declared, path: Path) -> Material:
    """Return the material of a package that `checkpoint lists import` made for the list ``one``.

    Raises RefusedError where its signature, list, kind, originator or agreement is another; OSError.
    """
    with _refusing(one), path.open("rb") as stream:
        header = _header(one, stream)
        verify_payload(stream, header)
    _check_fits(one, header)
    return Material(
        records=lambda _version: _records(one, path, header),
        issued_at=header.issued_at,
        calibration=_calibration(header),
        version=header.version,
        digest=header.payload_digest,
    )


def _header(one: Declared, stream: Reads) -> PackageHeader:
    """Return the header, signed by the list's partner; the post's own may be signed by anyone."""
    if one.partner_key is None:
        return read_untrusted_header(stream)
    return read_header(stream, {one.name: Ed25519PublicKey.from_public_bytes(one.partner_key)})


def _check_fits(one: Declared, header: PackageHeader) -> None:
    agreement = header.agreement.name if header.agreement else None
    if header.name != one.name or header.kind is not one.kind or header.originator != one.originator:
        message = f"list {one.name}: the package is of another list, kind or originator than was declared"
        raise RefusedError("list_other", message)
    if agreement != one.agreement:
        message = f"list {one.name}: the package names another agreement than {one.agreement or 'none'}"
        raise RefusedError("list_other", message)
    if header.sealed:
        raise RefusedError("list_sealed", f"list {one.name}: the package is sealed for a booth; ask for it unsealed")


def _records(one: Declared, path: Path, header: PackageHeader) -> Iterator[Mapping[str, Any]]:
    """Yield the records in their one plain form; the end proves that they are those signed."""
    with _refusing(one), path.open("rb") as stream:
        if _header(one, stream) != header:
            raise RefusedError("list_changed", f"list {one.name}: the package changed while it was read")
        yield from map(_CLEAN[one.kind], iter_records(stream, header))


def _calibration(header: PackageHeader) -> Calibration | None:
    """Return the partner's calibration where it is by this engine and of these very entries; else one is found here."""
    try:
        found = Calibration.from_plain(header.calibration)
    except CalibrationError:  # none, or of another making
        return None
    return found if found.engine == ENGINE and found.persons == header.record_count else None


@contextlib.contextmanager
def _refusing(one: Declared) -> Iterator[None]:
    """Refuse a package of the block that is not what was signed."""
    try:
        yield
    except PackageError as error:
        raise RefusedError(error.code, f"list {one.name}: refused: {error}") from error


# -- a file with its signature ----------------------------------------------------------------------------------------


def signature_check(one: Declared, source: Path, signature: Path | None) -> Callable[[], None]:
    """Return the check that ``source`` is what the list's partner signed: raw Ed25519 (RFC 8032) over its bytes.

    `openssl pkeyutl -sign -rawin` makes such a signature. The post's own lists need none. The check raises
    RefusedError, OSError.
    """
    if one.partner_key is None:
        return lambda: None
    return functools.partial(_check_signature, one.name, one.partner_key, source, signature)


def _check_signature(name: str, key: bytes, source: Path, signature: Path | None) -> None:
    if signature is None:
        raise RefusedError("unsigned", f"list {name}: its partner's signature is missing; give --signature FILE")
    with signature.open("rb") as file:
        signed = file.read(SIGNATURE_BYTES + 1)
    try:
        with (
            source.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            memoryview(data) as view,
        ):
            Ed25519PublicKey.from_public_bytes(key).verify(signed, view)
    except (InvalidSignature, ValueError) as error:  # ValueError: an empty file
        message = f"list {name}: {source.name} is not what its partner signed; ask for source and signature again"
        raise RefusedError("tampered", message) from error


def digest_of(*sources: Path) -> str:
    """Return SHA-256 (hex) over the digests of the sources. Raises OSError."""
    whole = hashlib.sha256()
    for source in sources:
        with source.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


# -- signers and a policy ---------------------------------------------------------------------------------------------


def of_signers(one: Declared, path: Path, issued_at: datetime) -> Material:
    """Return the material of a PEM file: certificates of signers and state authorities, revocation lists among them.

    Raises CentreError naming the certificate or list that cannot be used, OSError.
    """
    if one.name != ListKind.SIGNERS:
        raise CentreError("list_name", f"list {one.name}: the one list of signers is named {ListKind.SIGNERS}")
    with path.open("rb") as file:
        data = file.read(MAX_SIGNERS_BYTES + 1)
    if len(data) > MAX_SIGNERS_BYTES:
        raise CentreError("signers_malformed", f"{path.name}: more than {MAX_SIGNERS_BYTES} bytes; leave out who ended")
    try:
        Signers.from_pem(data)
        record = {"pem": data.decode("ascii")}
    except ValueError as error:  # SignersError and UnicodeDecodeError are
        raise CentreError("signers_malformed", f"{path.name}: no list of signers: {error}") from error
    digest = hashlib.sha256(data).hexdigest()
    return Material(records=lambda _version: [record], issued_at=issued_at, digest=digest)


def of_policy(one: Declared, path: Path, issued_at: datetime) -> Material:
    """Return the material of a JSON file with the plain form of a Policy; its name, version and time are set here.

    Raises CentreError naming the field that is wrong, OSError.
    """
    with path.open("rb") as file:
        data = file.read(MAX_POLICY_BYTES + 1)
    if len(data) > MAX_POLICY_BYTES:
        raise CentreError("policy_malformed", f"{path.name}: no policy: it has more than {MAX_POLICY_BYTES} bytes")
    own = {"name": one.name, "version": 1, "issued_at": to_plain(issued_at)}
    try:
        plain = json.loads(data)
        policy = from_plain(Policy, plain | own if isinstance(plain, dict) else plain)
    except (ValueError, RecursionError) as error:
        raise CentreError("policy_malformed", f"{path.name}: no policy: {error}") from error
    return Material(
        records=lambda version: [to_plain(replace(policy, version=version))],
        issued_at=issued_at,
        digest=hashlib.sha256(data).hexdigest(),
    )
