"""Points of small order: under each of them a signature that nobody made holds, and under no other key."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.wire.curve import is_of_small_order

OF_SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("point", OF_SMALL_ORDER)
def test_every_encoding_of_every_such_point_is_known(point: str, sign: int) -> None:
    raw = bytes.fromhex(point)
    assert is_of_small_order(raw[:-1] + bytes([raw[-1] | sign]))


def test_what_is_known_is_what_anybody_can_sign_for() -> None:
    """R is the identity and S zero: the signature holds wherever the message's hash times the key is the identity."""
    nobody = b"\x01" + bytes(63)
    key = Ed25519PublicKey.from_public_bytes(b"\x01" + bytes(31))
    for number in range(20):
        key.verify(nobody, b"message %d" % number)


def test_no_other_key_is_meant() -> None:
    for number in range(200):
        public = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big")).public_key()
        assert not is_of_small_order(public.public_bytes_raw())
        with pytest.raises(InvalidSignature):
            public.verify(b"\x01" + bytes(63), b"message")
