"""What a bundle carries, found without its being unpacked: small values in memory, packages where they lie in the file.

Nothing in a bundle has a name. A package and a list's metadata are known by their SHA-256, which signed metadata names;
root, timestamp, snapshot and targets by the type and version that they say of themselves, which `tuf` then proves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from checkpoint_app.wire.api import Grants
from checkpoint_app.wire.bundle_parts import (
    DIGEST_BYTES,
    MOST_BYTES,
    BundleCode,
    BundleError,
    Part,
    PartKind,
    PartReader,
)
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.case import Inbox
from checkpoint_app.wire.enrolment import EnrolmentReply
from checkpoint_app.wire.plain import PlainError, from_plain
from checkpoint_app.wire.statement import Statement

MOST_METADATA = 1024
MOST_TARGETS = 16 * 1024
MOST_PAGES = 20
MOST_LETTERS = 64
MOST_HELD_BYTES = 64 << 20
"""The most that all parts but packages may have together."""
_TOP = ("root", "timestamp", "snapshot", "targets")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lying:
    """A part where it lies."""

    reader: PartReader
    part: Part


@dataclass
class Metadata:
    """Files of The Update Framework's metadata, each by its SHA-256 and, of the top four, by type and version."""

    by_digest: dict[str, bytes] = field(default_factory=dict)
    by_version: dict[tuple[str, int], bytes] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)

    def add(self, data: bytes) -> None:
        """Take in one file."""
        self.by_digest[hashlib.sha256(data).hexdigest()] = data
        kind, version = _told(data)
        if kind in _TOP:
            self.by_version[kind, version] = data
            self.newest[kind] = max(version, self.newest.get(kind, 0))

    def find(self, role: str, version: int | None) -> bytes | None:
        """Return the file of ``role``; of a list's role the one that the newest snapshot names."""
        if role in _TOP:
            return self.by_version.get((role, self.newest.get(role, 0) if version is None else version))
        snapshot = self.by_version.get(("snapshot", self.newest.get("snapshot", 0)), b"")
        named = _signed(snapshot).get("meta")
        entry = named.get(f"{role}.json") if isinstance(named, dict) else None
        hashes = entry.get("hashes") if isinstance(entry, dict) else None
        digest = hashes.get("sha256") if isinstance(hashes, dict) else None
        return self.by_digest.get(digest) if isinstance(digest, str) else None


@dataclass
class Carried:
    """What one bundle has. ``fault`` tells where it ended too early; what came before that is as good as ever."""

    enrolment: EnrolmentReply | None = None
    acknowledgement: Statement | None = None
    grants: Grants | None = None
    inboxes: list[Inbox] = field(default_factory=list)
    metadata: Metadata = field(default_factory=Metadata)
    targets: dict[str, Lying] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    fault: BundleError | None = None
    held: int = 0


def look_into(reader: PartReader) -> Carried:
    """Return what the parts of ``reader`` are; what is wrong with one ends it there, and is told in ``fault``."""
    carried = Carried()
    try:
        for part in reader.parts():
            _take(carried, reader, part)
    except BundleError as error:
        carried.fault = error
    return carried


def _take(carried: Carried, reader: PartReader, part: Part) -> None:
    if part.kind is PartKind.TARGET:
        _bounded(carried.targets, MOST_TARGETS)
        carried.targets[reader.read(part, DIGEST_BYTES).hex()] = Lying(reader, part)
        return
    carried.held += part.size
    if carried.held > MOST_HELD_BYTES:
        raise BundleError(BundleCode.MALFORMED, "its small parts are more than any have")
    data = reader.read(part)
    if part.kind is PartKind.METADATA:
        _bounded(carried.metadata.by_digest, MOST_METADATA)
        carried.metadata.add(data)
    elif part.kind is PartKind.LETTER:
        _bounded(carried.letters, MOST_LETTERS)
        carried.letters.append(data)
    elif part.kind is PartKind.INBOX:
        _bounded(carried.inboxes, MOST_PAGES)
        carried.inboxes.append(_read(Inbox, data, part.kind))
    elif part.kind is PartKind.ENROLMENT:
        carried.enrolment = _read(EnrolmentReply, data, part.kind)
    elif part.kind is PartKind.ACKNOWLEDGEMENT:
        carried.acknowledgement = _read(Statement, data, part.kind)
    elif part.kind is PartKind.GRANTS:
        carried.grants = _read(Grants, data, part.kind)


def _bounded(found: Mapping[Any, Any] | list[Any], most: int) -> None:
    if len(found) >= most:
        raise BundleError(BundleCode.MALFORMED, "it has more parts of one kind than any")


def _read(cls: type[T], data: bytes, kind: PartKind) -> T:
    try:
        return from_plain(cls, read_canonical(data, MOST_BYTES[kind]))
    except (CanonicalError, PlainError) as error:
        raise BundleError(BundleCode.MALFORMED, f"a {cls.__name__} in it is none: {error}") from error


def _told(data: bytes) -> tuple[str, int]:
    signed = _signed(data)
    kind, version = signed.get("_type"), signed.get("version")
    return (kind, version) if isinstance(kind, str) and type(version) is int else ("", 0)


def _signed(data: bytes) -> dict[str, Any]:
    """Return what a file of metadata says, unproven; nothing of it where it is none."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    signed = plain.get("signed") if isinstance(plain, dict) else None
    return signed if isinstance(signed, dict) else {}
