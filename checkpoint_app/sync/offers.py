"""What verified metadata says of the lists: which key may sign which, and which version each has. Read strictly.

A signature proves who wrote it, not that it makes sense: a role may sign nothing but its own list, with one key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tuf.api.metadata import DelegatedRole, Delegations, TargetFile, Targets

from checkpoint_app.store.trust import MAX_TRUST_BYTES, trust_bytes
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.wire.header import MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, check_name
from checkpoint_app.wire.plain import PlainError, from_plain
from checkpoint_app.wire.repository import (
    CUSTOM,
    DELTA_ENDING,
    MOST_DELTAS,
    DeltaTarget,
    ListTarget,
    delta_path,
    path_pattern,
    target_path,
)

MAX_LISTS = 256
MAX_TARGET_BYTES = MAX_PAYLOAD_BYTES + 2 * MAX_HEADER_BYTES
NAMELESS = ""
"""How a fault names what has no name that can be shown, and the repository as a whole."""
T = TypeVar("T", ListTarget, DeltaTarget)
_LAST_VERSION = (1 << 63) - 1  # what the store's database can hold
_ED25519 = "ed25519"
_SHA256 = "sha256"
_PATTERN_SIGNS = frozenset("*?[]")
_HEX_32 = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"([0-9a-f]{32})?")


@dataclass(frozen=True, slots=True)
class Delegated:
    """Which key may sign which list, and which delegations are refused."""

    trust: dict[str, Ed25519PublicKey]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """One file that the role of list ``name`` signed for; ``place`` is its path among the targets."""

    name: str
    place: str
    target: TargetFile

    @property
    def file(self) -> str:
        """How it is called in the inbox folder."""
        return self.place.rpartition("/")[2]

    @property
    def length(self) -> int:
        """Its bytes."""
        return self.target.length

    @property
    def sha256(self) -> str:
        """Its digest, in hex."""
        return self.target.hashes[_SHA256]

    def path(self, *, hashed: bool) -> str:
        """Return where it lies below the targets, quoted (RFC 3986 §2.1); ``hashed``: its file bears its hash."""
        folder, _, file = self.place.rpartition("/")
        return quote(f"{folder}/{self.sha256}.{file}" if hashed else f"{folder}/{file}")


@dataclass(frozen=True, slots=True)
class Delta:
    """A step from one version of a list to a later one, as its role signed for it."""

    step: DeltaTarget
    package: Package


@dataclass(frozen=True, slots=True)
class Offer:
    """The newest version of one list as its role signed for it: the whole package, and deltas in ascending order."""

    listed: ListTarget
    package: Package
    deltas: tuple[Delta, ...] = ()

    @property
    def name(self) -> str:
        """The list's name."""
        return self.listed.name

    @property
    def packages(self) -> tuple[Package, ...]:
        """Every file that is offered."""
        return (self.package, *(delta.package for delta in self.deltas))


def delegated_in(top: Targets) -> Delegated:
    """Return what the centre's verified targets delegate. Raises FetchError when it is no set of lists at all."""
    delegations = top.delegations
    if delegations is None:
        return Delegated({}, ())
    if delegations.roles is None or len(delegations.roles) > MAX_LISTS:
        raise FetchError(Fault.MALFORMED, "targets")
    keys = {name: _key_of(role, delegations) for name, role in delegations.roles.items()}
    trust = {name: key for name, key in keys.items() if key is not None}
    if len(trust_bytes(trust)) > MAX_TRUST_BYTES:
        raise FetchError(Fault.TOO_LARGE, "targets")
    refused = {name if _can_name(name) else NAMELESS for name, key in keys.items() if key is None}
    return Delegated(trust, tuple(sorted(refused)))


def offer_in(role: Targets, name: str) -> Offer | None:
    """Return what the verified ``role`` of list ``name`` offers, None before its first version. Raises FetchError."""
    target = role.targets.get(target_path(name))
    if target is None:
        return None
    listed = _told(ListTarget, target, name)
    if not _makes_sense(listed, name):
        raise FetchError(Fault.MALFORMED, f"list {name}")
    return Offer(listed, _package(name, target_path(name), target), _deltas_in(role, listed))


def _deltas_in(role: Targets, listed: ListTarget) -> tuple[Delta, ...]:
    """Return the deltas of the role; one that makes no sense is refused with all that the role offers."""
    name = listed.name
    places = [place for place in role.targets if place.endswith(DELTA_ENDING)]
    if len(places) > MOST_DELTAS:
        raise FetchError(Fault.MALFORMED, f"list {name}")
    deltas = []
    for place in places:
        step = _told(DeltaTarget, role.targets[place], name)
        if not _is_step(step, listed, place):
            raise FetchError(Fault.MALFORMED, f"list {name}")
        deltas.append(Delta(step, _package(name, place, role.targets[place])))
    return tuple(sorted(deltas, key=lambda delta: (delta.step.base_version, delta.step.version)))


def _told(cls: type[T], target: TargetFile, name: str) -> T:
    """Return what the target's custom data says. Raises FetchError."""
    custom = target.custom
    try:
        return from_plain(cls, custom.get(CUSTOM) if isinstance(custom, dict) else None)
    except PlainError as error:
        raise FetchError(Fault.MALFORMED, f"list {name}") from error


def _package(name: str, place: str, target: TargetFile) -> Package:
    """Return the file of a target, whose length and hash are what can be checked. Raises FetchError."""
    if not _is_bounded(target):
        raise FetchError(Fault.MALFORMED, f"list {name}")
    if target.length > MAX_TARGET_BYTES:
        raise FetchError(Fault.TOO_LARGE, f"list {name}")
    return Package(name, place, target)


def _makes_sense(listed: ListTarget, name: str) -> bool:
    return (
        listed.name == name
        and 1 <= listed.version <= _LAST_VERSION
        and _HEX_32.fullmatch(listed.digest) is not None
        and _KEY_ID.fullmatch(listed.key_id) is not None
    )


def _is_step(step: DeltaTarget, listed: ListTarget, place: str) -> bool:
    return (
        step.name == listed.name
        and 1 <= step.base_version < step.version <= listed.version
        and place == delta_path(step.name, step.base_version, step.version)
        and all(_HEX_32.fullmatch(digest) for digest in (step.base_digest, step.digest))
        and _KEY_ID.fullmatch(step.key_id) is not None
    )


def _is_bounded(target: TargetFile) -> bool:
    """Return whether length and hash are what can be checked: `tuf` takes any number and any text."""
    return type(target.length) is int and _HEX_32.fullmatch(target.hashes.get(_SHA256, "")) is not None


def _key_of(role: DelegatedRole, delegations: Delegations) -> Ed25519PublicKey | None:
    """Return the one key of a role that may sign its own list and nothing else, None for any other role."""
    if not _can_name(role.name) or role.paths != [path_pattern(role.name)]:
        return None
    keyids: Any = role.keyids  # `tuf` takes whatever can be iterated
    if not isinstance(keyids, list) or len(keyids) != 1 or role.threshold != 1:
        return None
    key = delegations.keys.get(keyids[0])
    if key is None or key.keytype != _ED25519 or key.scheme != _ED25519:
        return None
    public = key.keyval.get("public")
    if not isinstance(public, str) or not _HEX_32.fullmatch(public):
        return None
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def _can_name(name: object) -> bool:
    """Return whether ``name`` can name a list here: it becomes part of a path pattern, of files' names and of trust."""
    if not isinstance(name, str) or not name.isascii() or name.startswith(".") or _PATTERN_SIGNS & set(name):
        return False
    try:
        check_name(name)
    except ValueError:
        return False
    return True
