"""Points of small order on edwards25519 (RFC 8032): as a public key such a point lets anybody sign."""

from __future__ import annotations

_P = 2**255 - 19
_SIGN = 1 << 255
_Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
_SMALL = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})
"""The y of the points of order 4, 1, 2, and twice of order 8."""


def is_of_small_order(key: bytes) -> bool:
    """Tell whether the raw Ed25519 ``key`` is a point of small order, in whichever of its encodings."""
    return (int.from_bytes(key, "little") & ~_SIGN) % _P in _SMALL
