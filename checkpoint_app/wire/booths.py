"""The list of booths: whose slips are believed, and to whom bundles may be sealed. One record, signed by the centre.

Every booth that was ever confirmed stands in it, a revoked one with the moment at which it was shut out. Nothing in it
is secret or personal, so it is not sealed: who was revoked is known without a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.wire.event import is_booth_name
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

BOOTHS = "booths"
"""The name of the one list of this kind, and the field of its one record."""
MOST_BOOTHS = 4000
MOST_EARLIER = 16
KEY_BYTES = 32
_MAX_POST = 64


@dataclass(frozen=True, slots=True)
class KnownBooth:
    """A booth that a person at the centre confirmed.

    ``signing_key`` is its raw Ed25519 key, ``exchange_key`` its raw X25519 key, empty where the centre has no confirmed
    one. From ``revoked_at`` on the booth is let in no more: it was revoked, or waits with keys not confirmed yet.
    ``earlier_keys`` are signing keys that this one took the place of: they prove old events, and nothing new.
    """

    name: str
    post: str
    signing_key: bytes
    exchange_key: bytes
    confirmed_at: datetime
    revoked_at: datetime | None = None
    earlier_keys: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not is_booth_name(self.name):
            raise ValueError("booth: it is named by 1 to 64 letters, digits, dots, dashes and underscores")
        if not 0 < len(self.post) <= _MAX_POST or not self.post.isprintable():
            raise ValueError(f"booth: its post is named by 1 to {_MAX_POST} printable characters")
        if any(len(key) != KEY_BYTES for key in (self.signing_key, *self.earlier_keys)):
            raise ValueError(f"booth: a signing key has {KEY_BYTES} bytes")
        if len(self.exchange_key) not in (0, KEY_BYTES):
            raise ValueError(f"booth: an exchange key has {KEY_BYTES} bytes")
        if len(self.earlier_keys) > MOST_EARLIER:
            raise ValueError(f"booth: more than {MOST_EARLIER} earlier keys")

    @property
    def let_in(self) -> bool:
        """Whether the centre lets the booth in, as far as this list knows."""
        return self.revoked_at is None


def write_booths(all_: Sequence[KnownBooth]) -> dict[str, Any]:
    """Return the one record of the list."""
    return {BOOTHS: [to_plain(one) for one in all_]}


def read_booths(record: Mapping[str, Any]) -> tuple[KnownBooth, ...]:
    """Return the booths that the record names. Raises PlainError for what is no such record, or longer than any."""
    if set(record) != {BOOTHS} or not isinstance(record[BOOTHS], list):
        raise PlainError("booths: the record is not a list of booths")
    if len(record[BOOTHS]) > MOST_BOOTHS:
        raise PlainError(f"booths: more than {MOST_BOOTHS}")
    found = tuple(from_plain(KnownBooth, one) for one in record[BOOTHS])
    if len({one.name for one in found}) != len(found):
        raise PlainError("booths: one is named twice")
    return found
