"""A slip: what one post decided about a document, signed by its booth, for the next post that has no line either.

Always ``SLIP_BYTES`` bytes, whatever it says::

    format                     1 byte
    key of the booth           8 bytes, the first of SHA-256 over its raw signing key
    moment of the decision     5 bytes, whole seconds since 1970 (UTC): good beyond 2038 and 2106
    decision                   1 byte
    direction                  1 byte, 1 is entry
    version of the policy      4 bytes
    officer                    8 bytes, a pseudonym of this shift
    nonce                      16 bytes
    mark of the document       16 bytes, HMAC-SHA-256 (RFC 2104) keyed by the nonce over the whole zone
    signature                  64 bytes, Ed25519 (RFC 8032) by the booth over all before it

It names nobody. As a QR code, and typed by a reader, it is a text of letters and digits only: `slip_text.PREFIX` and
Base32 (RFC 4648 §6, no padding). These lie on the same keys of most keyboards and survive Caps Lock; Base45 (RFC
9285) would be a twentieth shorter, in a code of the same size, and its signs do not.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.curve import is_of_small_order
from checkpoint_app.wire.slip_text import SLIP_BYTES

KEY_ID_BYTES = OFFICER_BYTES = 8
NONCE_BYTES = MARK_BYTES = 16
AHEAD = timedelta(minutes=15)
"""So far the clock of the post that signed may be ahead of this one's."""

_FORMAT = 1
_SIGNATURE_BYTES = 64
_SIGNED_BYTES = SLIP_BYTES - _SIGNATURE_BYTES
_DOMAIN = b"checkpoint slip 1\x00"
_MARK_DOMAIN = b"checkpoint slip document 1\x00"
_OFFICER_DOMAIN = b"checkpoint slip officer 1\x00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TIME_BYTES, _VERSION_BYTES = 5, 4
_HIGHEST_VERSION = (1 << 8 * _VERSION_BYTES) - 1


class SlipDecision(IntEnum):
    """What was decided. Protection is never on a slip: whoever reads it could harm who carries it."""

    LET_PASS = 1
    REFER = 2


class SlipVerdict(StrEnum):
    """What the check of a slip says. Everything but GOOD is a refusal."""

    GOOD = "good"
    NOT_A_SLIP = "not_a_slip"
    UNKNOWN_BOOTH = "unknown_booth"
    ALTERED = "altered"
    REVOKED_BOOTH = "revoked_booth"
    FUTURE = "future"
    OTHER_DOCUMENT = "other_document"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip says. ``at`` has whole seconds; ``officer`` is the pseudonym, ``mark`` stands for the document."""

    key_id: bytes
    at: datetime
    decision: SlipDecision
    direction_in: bool
    policy_version: int
    officer: bytes
    nonce: bytes
    mark: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be put on a slip: ``mrz`` the lines of the zone, ``officer`` the pseudonym."""

    mrz: tuple[str, ...]
    at: datetime
    decision: SlipDecision
    direction_in: bool
    policy_version: int
    officer: bytes


@dataclass(frozen=True, slots=True)
class SlipResult:
    """What became of the check. ``slip``, booth and post are told only where the booth's signature holds."""

    verdict: SlipVerdict
    slip: Slip | None = None
    booth: str = ""
    post: str = ""

    @property
    def good(self) -> bool:
        """Whether the slip is believed."""
        return self.verdict is SlipVerdict.GOOD


def key_id(signing_key: bytes) -> bytes:
    """Return how a slip names the booth of this raw signing key."""
    return hashlib.sha256(signing_key).digest()[:KEY_ID_BYTES]


def pseudonym(shift_key: bytes, officer: str) -> bytes:
    """Return what an officer is called on the slips of one shift; ``shift_key`` is random and never leaves the booth.

    The journal tells who it is, and nothing else does; two shifts of one officer cannot be told to be of one.
    """
    return hmac.digest(shift_key, _OFFICER_DOMAIN + officer.encode(), "sha256")[:OFFICER_BYTES]


def mark_of(nonce: bytes, mrz: Sequence[str]) -> bytes:
    """Return what stands for a document under ``nonce``: over every character of its zone."""
    return hmac.digest(nonce, _MARK_DOMAIN + "\n".join(mrz).encode(), "sha256")[:MARK_BYTES]


def write_slip(decided: Decided, key: Ed25519PrivateKey, nonce: bytes | None = None) -> bytes:
    """Return a slip, signed with the booth's ``key``; ``nonce`` (16 bytes) is random unless given.

    Raises ValueError for a pseudonym or nonce of another length, a moment before 1970, or a document without a zone.
    """
    nonce = os.urandom(NONCE_BYTES) if nonce is None else nonce
    if len(nonce) != NONCE_BYTES or len(decided.officer) != OFFICER_BYTES or not decided.mrz or decided.at < _EPOCH:
        raise ValueError("slip: it needs a nonce, a pseudonym, a zone, and a moment since 1970")
    body = b"".join(
        (
            bytes((_FORMAT,)),
            key_id(key.public_key().public_bytes_raw()),
            ((decided.at - _EPOCH) // _SECOND).to_bytes(_TIME_BYTES, "big"),
            bytes((decided.decision, decided.direction_in)),
            min(decided.policy_version, _HIGHEST_VERSION).to_bytes(_VERSION_BYTES, "big"),
            decided.officer,
            nonce,
            mark_of(nonce, decided.mrz),
        )
    )
    return body + key.sign(_DOMAIN + body)


def check_slip(
    data: bytes, mrz: Sequence[str], booths: Sequence[KnownBooth], now: datetime, most_age: timedelta
) -> SlipResult:
    """Return whether ``data`` is a slip for the document with the zone ``mrz`` that is to be believed at ``now``.

    ``now`` is the trusted time (UTC); a slip as old as ``most_age`` is believed, an older one is not. One of a booth
    that is let in no more is refused whenever it says it was signed: a thief of the key dates as they like.
    """
    if len(data) != SLIP_BYTES or data[0] != _FORMAT:
        return SlipResult(SlipVerdict.NOT_A_SLIP)
    named = [booth for booth in booths for key in _keys(booth) if key_id(key) == data[1 : 1 + KEY_ID_BYTES]]
    if not named:
        return SlipResult(SlipVerdict.UNKNOWN_BOOTH)
    signers = [booth for booth in named if any(_signed(data, key) for key in _keys(booth))]
    if not signers:
        return SlipResult(SlipVerdict.ALTERED)
    slip = _read(data)
    if slip is None:  # of a version that signs what this one does not know
        return SlipResult(SlipVerdict.NOT_A_SLIP)
    shut_out = next((one for one in signers if not one.let_in or key_id(one.signing_key) != slip.key_id), None)
    booth = shut_out or signers[0]
    return SlipResult(_verdict(slip, shut_out, mrz, now, most_age), slip, booth.name, booth.post)


def _verdict(
    slip: Slip, shut_out: KnownBooth | None, mrz: Sequence[str], now: datetime, most_age: timedelta
) -> SlipVerdict:
    if shut_out is not None:
        return SlipVerdict.REVOKED_BOOTH
    if slip.at - now > AHEAD:
        return SlipVerdict.FUTURE
    if not hmac.compare_digest(slip.mark, mark_of(slip.nonce, mrz)):
        return SlipVerdict.OTHER_DOCUMENT
    return SlipVerdict.TOO_OLD if now - slip.at > most_age else SlipVerdict.GOOD


def _keys(booth: KnownBooth) -> tuple[bytes, ...]:
    return booth.signing_key, *booth.earlier_keys


def _signed(data: bytes, key: bytes) -> bool:
    if is_of_small_order(key):  # anybody signs under such a key
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(data[_SIGNED_BYTES:], _DOMAIN + data[:_SIGNED_BYTES])
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(data: bytes) -> Slip | None:
    """Return what signed bytes of the right length say, or None where they say what there is not."""
    parts, at = [], 1
    for size in (KEY_ID_BYTES, _TIME_BYTES, 1, 1, _VERSION_BYTES, OFFICER_BYTES, NONCE_BYTES, MARK_BYTES):
        parts.append(data[at : at + size])
        at += size
    key, time, decision, direction, version, officer, nonce, mark = parts
    try:
        moment = _EPOCH + int.from_bytes(time, "big") * _SECOND
        return Slip(
            key, moment, SlipDecision(decision[0]), bool((False, True)[direction[0]]), int.from_bytes(version, "big"),
            officer, nonce, mark,
        )  # fmt: skip
    except (OverflowError, ValueError, IndexError):
        return None
