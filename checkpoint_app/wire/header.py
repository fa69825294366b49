"""The signed header of a list package, and why a package may be refused.

A package is one file::

    magic and format number   8 bytes
    length of the header      4 bytes, big-endian
    header                    canonical bytes of PackageHeader
    signature                 64 bytes, Ed25519 (RFC 8032) by the publisher over the header
    payload                   to the end of the file, its length and digest in the header

A delta, which turns one version of a list into a later one, is such a file with a magic of its own and a header that
says so (``step``): nothing that reads one takes it for the other.

Nothing in the header is personal: it may be read by anyone who holds the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
DELTA_MAGIC = b"CKPDELT"
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

    Clearances are decisions "not the same person" (`wire.clearance`); booths are one record: whose slips are believed.
    Rules are one record, ``{"rules": the set's exact bytes}`` (`risk.loading`): there may be several lists of them.
    Codes are tables of UN numbers or commodity codes in their exact bytes (`wire.codes`), a list each.
    """

    PERSONS = "persons"
    DOCUMENTS = "documents"
    POLICY = "policy"
    OFFICERS = "officers"
    SIGNERS = "signers"
    CLEARANCES = "clearances"
    BOOTHS = "booths"
    RULES = "rules"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class Step:
    """What makes a package a delta: the version that it is a step from, and the one that it is a step to.

    Digests are those of the payloads of the two versions' whole packages; ``whole_records`` is the record count of the
    latter.
    """

    base_version: int
    base_digest: str
    whole_digest: str
    whole_records: int

    def __post_init__(self) -> None:
        if self.base_version < 1 or self.whole_records < 0:
            raise ValueError("delta: versions start at 1, and a count is not negative")
        if not (_HEX_32.fullmatch(self.base_digest) and _HEX_32.fullmatch(self.whole_digest)):
            raise ValueError("delta: a digest is 64 hexadecimal digits in lower case")


@dataclass(frozen=True, slots=True)
class PackageHeader:
    """What a publisher vouches for.

    ``issued_at`` (UTC) is the moment as of which the list is true. ``publisher`` is the publisher's raw Ed25519 public
    key in hex. ``key_id`` names the content key, and is empty when the payload is not sealed. ``payload_bytes`` and
    ``payload_digest`` (SHA-256, hex) are of the payload as it lies in the file, ``plain_bytes`` and ``record_count`` of
    what it holds. ``handling`` holds for entries without codes of their own. ``calibration`` is the engine's own.
    Of a delta ``version``, ``issued_at``, ``agreement``, ``handling`` and ``calibration`` are those of the list that it
    makes; counts and digest are its own. ``withdrawn``: the list is no more, and what booths hold of it is removed.
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
    step: Step | None = None
    withdrawn: bool = False

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
        if self.step is not None and self.version <= self.step.base_version:
            raise ValueError("delta: it leads to a later version than it comes from")
        if self.step is not None and self.withdrawn:
            raise ValueError("delta: by a whole package alone a list is withdrawn")
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
    def whole(self) -> PackageHeader:
        """The header of the list that the package makes, as a booth keeps it; of a whole package it is itself."""
        if self.step is None:
            return self
        digest, records = self.step.whole_digest, self.step.whole_records
        return replace(self, step=None, payload_digest=digest, record_count=records, plain_bytes=0, payload_bytes=0)

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
    magic = MAGIC if header.step is None else DELTA_MAGIC
    return magic + FORMAT + len(data).to_bytes(_LENGTH_BYTES, "big") + data + signer.sign(_DOMAIN + data)


def read_header(stream: Reads, trusted: Trust, *, delta: bool = False) -> PackageHeader:
    """Return the header of the package at the start of ``stream``, signed by the key trusted for the list it names.

    A whole package is expected, or a ``delta``: one is never taken for the other. Afterwards ``stream`` stands at the
    payload. Raises a PackageError: not_a_package, newer_format, cut_short, too_large, tampered, unknown_publisher,
    signed_by_another.
    """
    header, data, signature = _read_parts(stream, delta)
    key = trusted.get(header.name)
    if key is None:
        raise UnknownPublisherError(f"list {header.name}: no publisher is trusted for it; enrol the list first")
    if header.publisher != publisher_id(key):
        raise OtherPublisherError(f"list {header.name}: it is signed by another than the publisher trusted for it")
    _verify(header, key, data, signature)
    return header


def read_untrusted_header(stream: Reads, *, delta: bool = False) -> PackageHeader:
    """Return the header, checked only against the key it names itself: it is whole, but from whom is not proven."""
    header, data, signature = _read_parts(stream, delta)
    _verify(header, Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.publisher)), data, signature)
    return header


def _read_parts(stream: Reads, delta: bool) -> tuple[PackageHeader, bytes, bytes]:
    preamble = read_full(stream, len(MAGIC) + len(FORMAT) + _LENGTH_BYTES)
    if preamble[: len(MAGIC)] != (DELTA_MAGIC if delta else MAGIC):
        wanted = "delta of a list" if delta else "list package; `checkpoint lists import` makes one from a source"
        raise NotAPackageError(f"this file is not a {wanted}")
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
    if (header.step is not None) != delta:
        raise TamperedError(f"list {header.name}: its header says of a delta what its file does not")
    return header, data, signature


def _verify(header: PackageHeader, key: Ed25519PublicKey, data: bytes, signature: bytes) -> None:
    try:
        key.verify(signature, _DOMAIN + data)
    except InvalidSignature as error:
        raise TamperedError(f"list {header.name}: its header is not what its publisher signed") from error
    if max(header.payload_bytes, header.record_count) > MAX_PAYLOAD_BYTES:
        raise TooLargeError(f"list {header.name}: its payload claims more than {MAX_PAYLOAD_BYTES} bytes or records")
