"""Events of a booth's journal: signed headers in one chain, and bodies that can be erased without breaking it.

The signature and the chain cover the header alone; the header holds SHA-256(salt ‖ body). When the body's time has
come it is erased with its salt, and what remains can neither be guessed back nor be passed off as another.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

GENESIS = "0" * 64  # what the first event of a booth names as the event before it
SALT_BYTES = 32
MAX_HEADER_BYTES = 2048
MAX_BODY_BYTES = 1 << 20

_SIGNATURE_DOMAIN = b"checkpoint event 1\x00"
_CHAIN_DOMAIN = b"checkpoint chain 1\x00"
_BOOTH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ChainError(Exception):
    """Events do not form the one chain of their booth."""


class GapError(ChainError):
    """Events between are missing."""


class ForkError(ChainError):
    """The event continues another chain: a restored backup, a cloned disk, or an event put in later."""


class SignatureError(ChainError):
    """The event was changed, or another booth's key signed it."""


class BodyError(ChainError):
    """The body is not the one that the header was signed for."""


class EventKind(StrEnum):
    """What happened. The bodies are described in docs/architecture.md."""

    STARTED = "started"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    CROSSING_CHANGED = "crossing_changed"
    ENCOUNTER_READ = "encounter_read"
    ENCOUNTER_CORRECTED = "encounter_corrected"
    ENCOUNTER_PICTURE = "encounter_picture"
    ENCOUNTER_PRINT = "encounter_print"
    ENCOUNTER_ANSWERED = "encounter_answered"
    ENCOUNTER_REOPENED = "encounter_reopened"
    ENCOUNTER_VIEWED = "encounter_viewed"
    DISPOSITION = "disposition"
    SAME_PERSON = "same_person"
    NOT_SAME_PERSON = "not_same_person"
    LIST_APPLIED = "list_applied"
    LIST_REFUSED = "list_refused"
    POLICY_APPLIED = "policy_applied"
    OFFICERS_APPLIED = "officers_applied"
    SIGNERS_APPLIED = "signers_applied"
    CLEARANCES_APPLIED = "clearances_applied"
    BOOTHS_APPLIED = "booths_applied"
    LIST_PURGED = "list_purged"
    LEASE_ENDED = "lease_ended"
    ENROLLED = "enrolled"
    OFFICER_UNLOCKED = "officer_unlocked"
    CASE_RECEIVED = "case_received"
    CASE_TAKEN = "case_taken"
    CASE_CLOSED = "case_closed"
    CASE_OPENED = "case_opened"
    CASES_VIEWED = "cases_viewed"
    BUNDLE_EXPORTED = "bundle_exported"
    BUNDLE_IMPORTED = "bundle_imported"
    SLIP_PRINTED = "slip_printed"
    SLIP_CHECKED = "slip_checked"
    LINE_CHANGED = "line_changed"
    DRILL_BEGUN = "drill_begun"
    DRILL_ENDED = "drill_ended"
    RULES_APPLIED = "rules_applied"
    RISK_EVALUATED = "risk_evaluated"
    RULE_SUSPENDED = "rule_suspended"
    RULE_RESUMED = "rule_resumed"
    DRAW_COMMITTED = "draw_committed"
    ENCOUNTER_DRAWN = "encounter_drawn"
    DRAW_REVEALED = "draw_revealed"
    MANIFEST_RECEIVED = "manifest_received"
    MANIFEST_SCREENED = "manifest_screened"
    MANIFEST_VIEWED = "manifest_viewed"
    MANIFEST_HERE = "manifest_here"
    MANIFEST_CLOSED = "manifest_closed"
    CONSIGNMENT_SEEN = "consignment_seen"
    INSPECTION_RESULT = "inspection_result"
    CODES_APPLIED = "codes_applied"


@dataclass(frozen=True, slots=True)
class EventHeader:
    """What is signed and chained; nothing in it is personal.

    ``seq`` is dense from 1 in a booth. ``wall_time`` is the booth's clock, which may be wrong; ``monotonic_ms`` counts
    from the booth's start; ``trusted_time`` is the latest signed moment the booth had seen, None before the first.
    ``body_digest`` is SHA-256(salt ‖ canonical body) and ``previous`` the chain hash of the event before, both in hex.
    """

    booth: str
    seq: int
    event_id: str
    kind: EventKind
    wall_time: datetime
    monotonic_ms: int
    trusted_time: datetime | None
    body_digest: str
    previous: str

    def __post_init__(self) -> None:
        if not is_booth_name(self.booth):
            raise ValueError("event: a booth is named by 1 to 64 letters, digits, dots, dashes and underscores")
        if self.seq < 1 or self.monotonic_ms < 0:
            raise ValueError("event: sequence numbers start at 1 and counters at 0")
        if not _UUID.fullmatch(self.event_id):
            raise ValueError("event: its id is a UUID in lower case")
        if not (_DIGEST.fullmatch(self.body_digest) and _DIGEST.fullmatch(self.previous)):
            raise ValueError("event: a digest is 64 hexadecimal digits in lower case")


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A header with the booth's Ed25519 signature (RFC 8032, 64 bytes) over its canonical bytes."""

    header: EventHeader
    signature: bytes


def is_booth_name(name: str) -> bool:
    """Tell whether a booth may be named so: 1 to 64 letters, digits, dots, dashes, underscores, the first no sign."""
    return _BOOTH.fullmatch(name) is not None


def header_bytes(header: EventHeader) -> bytes:
    """Return the canonical bytes of ``header``, as they are signed, chained, stored and sent."""
    return canonical_bytes(to_plain(header))


def read_event(data: bytes, signature: bytes) -> SignedEvent:
    """Return the event of stored or sent header bytes, not verified. Raises ChainError when they are no header."""
    try:
        return SignedEvent(from_plain(EventHeader, read_canonical(data, MAX_HEADER_BYTES)), signature)
    except (CanonicalError, PlainError) as error:
        raise ChainError(f"event: {error}") from error


def sign_event(header: EventHeader, key: Ed25519PrivateKey) -> SignedEvent:
    """Sign ``header`` with the booth's ``key``."""
    return SignedEvent(header, key.sign(_SIGNATURE_DOMAIN + header_bytes(header)))


def verify_event(event: SignedEvent, key: Ed25519PublicKey) -> None:
    """Raise SignatureError unless ``key`` signed exactly this header."""
    try:
        key.verify(event.signature, _SIGNATURE_DOMAIN + header_bytes(event.header))
    except InvalidSignature as error:
        raise SignatureError(
            f"event {event.header.seq} of booth {event.header.booth}: its signature is not that booth's"
        ) from error


def chain_hash(event: SignedEvent) -> str:
    """Return the hash that the next event names as ``previous``: over header and signature, in hex."""
    return hash_of_header(header_bytes(event.header), event.signature)


def hash_of_header(header: bytes, signature: bytes) -> str:
    """Return the same of a header's canonical bytes and its signature, whatever they say."""
    return hashlib.sha256(_CHAIN_DOMAIN + signature + header).hexdigest()


def body_digest(salt: bytes, body: bytes) -> str:
    """Return SHA-256(salt ‖ body) in hex; ``salt`` is 32 random bytes, ``body`` the canonical bytes of the body."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"event body: a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + body).hexdigest()


def verify_body(header: EventHeader, salt: bytes, body: bytes) -> None:
    """Raise BodyError unless ``body`` with ``salt`` is what ``header`` was signed for."""
    if len(salt) != SALT_BYTES or body_digest(salt, body) != header.body_digest:
        raise BodyError(f"event {header.seq} of booth {header.booth}: the body is not the one it was signed for")


def check_next(event: SignedEvent, last_seq: int, head: str) -> None:
    """Raise GapError or ForkError unless ``event`` follows ``last_seq``, whose chain hash is ``head``.

    Before the first event of a booth these are 0 and ``GENESIS``.
    """
    header = event.header
    if header.seq > last_seq + 1:
        raise GapError(f"events of booth {header.booth}: {last_seq + 1} to {header.seq - 1} are missing")
    if header.seq <= last_seq:
        raise ForkError(f"event {header.seq} of booth {header.booth}: the chain is already at {last_seq}")
    if header.previous != head:
        raise ForkError(f"event {header.seq} of booth {header.booth}: it continues another chain")


class ChainVerifier:
    """Follows the chain of one booth, event by event; ``seq`` and ``head`` say how far it holds."""

    def __init__(self, booth: str, key: Ed25519PublicKey, seq: int = 0, head: str = GENESIS) -> None:
        self.booth = booth
        self.seq = seq
        self.head = head
        self._key = key

    def accept(self, event: SignedEvent) -> None:
        """Take ``event`` as the next one, or raise a ChainError and stay where the chain held."""
        if event.header.booth != self.booth:
            raise SignatureError(f"event {event.header.seq}: it is of booth {event.header.booth}, not {self.booth}")
        verify_event(event, self._key)
        check_next(event, self.seq, self.head)
        self.seq, self.head = event.header.seq, chain_hash(event)
