"""The signed header of a list package, and why a package may be refused.

A package is one file::

    magic and format number   8 bytes
    length of the header      4 bytes, big-endian
    header                    canonical bytes of PackageHeader
    signature                 64 bytes, Ed25519 (RFC 8032) by the publisher over the header
    payload                   to the end of the file, its length and digest in the header

Nothing in the header is personal: it may be read by anyone who holds the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.verdict.answer import Source
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import Reads, read_full

MAGIC = b"CKPLIST"
FORMAT = b"1"
MAX_HEADER_BYTES = 64 * 1024
MAX_PAYLOAD_BYTES = 1 << 32
MAX_RECORD_BYTES = 1 << 20
SIGNATURE_BYTES = 64
NAME_LENGTH = 64
MAX_TEXT = 200

_LENGTH_BYTES = 4
_DOMAIN = b"checkpoint list 1\x00"
_HEX_32 = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"([0-9a-f]{32})?")

Trust = Mapping[str, Ed25519PublicKey]
"""List name → the one key that may sign that list."""


class PackageError(Exception):
    """A package is refused. ``code`` is a stable word that the screen and the journal use."""

    code: ClassVar[str] = "refused"


class NotAPackageError(PackageError):
    """The file is something else."""

    code = "not_a_package"


class NewerFormatError(PackageError):
    """The file is a package of a format that this version does not know."""

    code = "newer_format"


class CutShortError(PackageError):
    """The file ends early: a copy that did not finish."""

    code = "cut_short"


class TamperedError(PackageError):
    """Header or payload are not what was signed."""

    code = "tampered"


class UnknownPublisherError(PackageError):
    """Nobody is trusted to sign a list of this name."""

    code = "unknown_publisher"


class OtherPublisherError(PackageError):
    """Somebody else than the one trusted for this list signed it."""

    code = "signed_by_another"


class TooLargeError(PackageError):
    """A part is larger than any true package's."""

    code = "too_large"


class WrongKeyError(PackageError):
    """The content key is missing, or is not the one that this package was sealed with."""

    code = "wrong_key"


class BadRecordError(PackageError):
    """The publisher signed records that cannot be used."""

    code = "bad_record"


class ListKind(StrEnum):
    """What the records of a package are; a policy, an officer list and the signers of seals are one record each.

    Clearances are decisions "not the same person" (`wire.clearance`).
    """

    PERSONS = "persons"
    DOCUMENTS = "documents"
    POLICY = "policy"
    OFFICERS = "officers"
    SIGNERS = "signers"
    CLEARANCES = "clearances"


@dataclass(frozen=True, slots=True)
class PackageHeader:
    """What a publisher vouches for.

    ``issued_at`` (UTC) is the moment as of which the list is true. ``publisher`` is the publisher's raw Ed25519 public
    key in hex. ``key_id`` names the content key, and is empty when the payload is not sealed. ``payload_bytes`` and
    ``payload_digest`` (SHA-256, hex) are of the payload as it lies in the file, ``plain_bytes`` and ``record_count`` of
    what it holds. ``handling`` holds for entries without codes of their own. ``calibration`` is the engine's own.
    """

    name: str
    kind: ListKind
    version: int
    originator: str
    issued_at: datetime
    publisher: str
    record_count: int
    plain_bytes: int
    payload_bytes: int
    payload_digest: str
    key_id: str = ""
    agreement: Agreement | None = None
    handling: tuple[str, ...] = ()
    calibration: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name)
        agreement = self.agreement.name if self.agreement else ""
        values = (v for v in self.calibration.values() if isinstance(v, str))
        if not all(
            t.isprintable() and len(t) <= MAX_TEXT for t in (self.originator, agreement, *self.handling, *values)
        ):
            raise ValueError(f"list package: a text is not printable or longer than {MAX_TEXT} characters")
        if self.version < 1:
            raise ValueError("list package: versions start at 1")
        if min(self.record_count, self.plain_bytes, self.payload_bytes) < 0:
            raise ValueError("list package: a count is negative")
        if not (_HEX_32.fullmatch(self.publisher) and _HEX_32.fullmatch(self.payload_digest)):
            raise ValueError("list package: a key or digest is 64 hexadecimal digits in lower case")
        if not _KEY_ID.fullmatch(self.key_id):
            raise ValueError("list package: a content key is named by 32 hexadecimal digits in lower case")

    @property
    def entries(self) -> int:
        """How many entries the list holds. Document numbers travel many in a record; of them the publisher's count."""
        if self.kind is not ListKind.DOCUMENTS:
            return self.record_count
        counts = (self.calibration.get(name) for name in ("numbers", "ranges"))
        return sum(count for count in counts if isinstance(count, int))

    @property
    def sealed(self) -> bool:
        """Whether the records are encrypted."""
        return bool(self.key_id)


def check_name(name: str) -> None:
    """Raise ValueError unless ``name`` can name a list: 1 to 64 printable characters, no slashes, trimmed."""
    if not (
        0 < len(name) <= NAME_LENGTH and name.isprintable() and name.strip() == name and not set(name) & set("/\\")
    ):
        raise ValueError("list package: a list is named by 1 to 64 printable characters without slashes")


def publisher_id(key: Ed25519PublicKey) -> str:
    """Return how a header names ``key``: its 32 raw bytes in hex."""
    return key.public_bytes_raw().hex()


def source_of(header: PackageHeader, engine: str) -> Source:
    """Return how answers of ``engine`` name the list; the same at booth and centre."""
    agreement = header.agreement
    return Source(
        name=header.name,
        version=header.version,
        engine=engine,
        issued_at=header.issued_at,
        originator=header.originator,
        agreement=agreement.name if agreement else "",
        agreement_ends_at=agreement.ends_at if agreement else None,
        handling=header.handling,
    )


def write_header(header: PackageHeader, signer: Ed25519PrivateKey) -> bytes:
    """Return the signed head of a package: everything before the payload. Raises TooLargeError."""
    data = canonical_bytes(to_plain(header))
    if len(data) > MAX_HEADER_BYTES:
        raise TooLargeError(f"list {header.name}: its header is larger than {MAX_HEADER_BYTES} bytes")
    return MAGIC + FORMAT + len(data).to_bytes(_LENGTH_BYTES, "big") + data + signer.sign(_DOMAIN + data)


def read_header(stream: Reads, trusted: Trust) -> PackageHeader:
    """Return the header of the package at the start of ``stream``, signed by the key trusted for the list it names.

    Afterwards ``stream`` stands at the payload. Raises a PackageError: not_a_package, newer_format, cut_short,
    too_large, tampered, unknown_publisher, signed_by_another.
    """
    header, data, signature = _read_parts(stream)
    key = trusted.get(header.name)
    if key is None:
        raise UnknownPublisherError(f"list {header.name}: no publisher is trusted for it; enrol the list first")
    if header.publisher != publisher_id(key):
        raise OtherPublisherError(f"list {header.name}: it is signed by another than the publisher trusted for it")
    _verify(header, key, data, signature)
    return header


def read_untrusted_header(stream: Reads) -> PackageHeader:
    """Return the header, checked only against the key it names itself: it is whole, but from whom is not proven."""
    header, data, signature = _read_parts(stream)
    _verify(header, Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.publisher)), data, signature)
    return header


def _read_parts(stream: Reads) -> tuple[PackageHeader, bytes, bytes]:
    preamble = read_full(stream, len(MAGIC) + len(FORMAT) + _LENGTH_BYTES)
    if preamble[: len(MAGIC)] != MAGIC:
        raise NotAPackageError("this file is not a list package; `checkpoint lists import` makes one from a source")
    if len(preamble) < len(MAGIC) + len(FORMAT) + _LENGTH_BYTES:
        raise CutShortError("list package: the file ends within its first bytes; copy it again")
    if preamble[len(MAGIC) : -_LENGTH_BYTES] != FORMAT:
        raise NewerFormatError("list package: its format is not known to this version; update the booth")
    length = int.from_bytes(preamble[-_LENGTH_BYTES:], "big")
    if length > MAX_HEADER_BYTES:
        raise TooLargeError(f"list package: its header claims {length} bytes, more than {MAX_HEADER_BYTES}")
    data = read_full(stream, length)
    signature = read_full(stream, SIGNATURE_BYTES)
    if len(signature) < SIGNATURE_BYTES:
        raise CutShortError("list package: the file ends within its header; copy it again")
    try:
        header = from_plain(PackageHeader, read_canonical(data, MAX_HEADER_BYTES))
    except (CanonicalError, PlainError) as error:
        raise TamperedError(f"list package: its header is damaged: {error}") from error
    return header, data, signature


def _verify(header: PackageHeader, key: Ed25519PublicKey, data: bytes, signature: bytes) -> None:
    try:
        key.verify(signature, _DOMAIN + data)
    except InvalidSignature as error:
        raise TamperedError(f"list {header.name}: its header is not what its publisher signed") from error
    if max(header.payload_bytes, header.record_count) > MAX_PAYLOAD_BYTES:
        raise TooLargeError(f"list {header.name}: its payload claims more than {MAX_PAYLOAD_BYTES} bytes or records")
