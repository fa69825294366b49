"""The elliptic curves that seals and their certificates are signed with, and the checking of a signature on one.

Those of Doc 9303-13 §2.4: NIST's (FIPS 186-4) and Brainpool's (RFC 5639), of 224 bits and more. Signatures are checked
by `cryptography`, but for brainpoolP224r1, which it lacks and German visas are sealed with: that is done here, where
no secret is at stake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

# Name and encoded OID; then prime, coefficients, base point and order, in hexadecimal (cofactors are all 1).
_TABLE = """
secp224r1 2b81040021
    p ffffffffffffffffffffffffffffffff000000000000000000000001
    a fffffffffffffffffffffffffffffffefffffffffffffffffffffffe
    b b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4
    x b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21
    y bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34
    n ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d
secp256r1 2a8648ce3d030107
    p ffffffff00000001000000000000000000000000ffffffffffffffffffffffff
    a ffffffff00000001000000000000000000000000fffffffffffffffffffffffc
    b 5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
    x 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296
    y 4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5
    n ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
secp384r1 2b81040022
    p fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff
    a fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc
    b b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef
    x aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7
    y 3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f
    n ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
secp521r1 2b81040023
    p 1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      fffffffffffffffffffffffffffffffffff
    a 1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      ffffffffffffffffffffffffffffffffffc
    b 51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf
      073573df883d2c34f1ef451fd46b503f00
    x c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8
      de3348b3c1856a429bf97e7e31c2e5bd66
    y 11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0
      761353c7086a272c24088be94769fd16650
    n 1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a
      5d03bb5c9b8899c47aebb6fb71e91386409
brainpoolP224r1 2b2403030208010105
    p d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff
    a 68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43
    b 2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b
    x d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d
    y 58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd
    n d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f
brainpoolP256r1 2b2403030208010107
    p a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377
    a 7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9
    b 26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6
    x 8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262
    y 547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997
    n a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7
brainpoolP384r1 2b240303020801010b
    p 8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53
    a 7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826
    b 4a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11
    x 1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e
    y 8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315
    n 8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565
brainpoolP512r1 2b240303020801010d
    p aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e6
      2881ff2f2d82c68528aa6056583a48f3
    a 7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b5
      7f1117a72bf2c7b9e7c1ac4d77fc94ca
    b 3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67
      984050b75ebae5dd2809bd638016f723
    x 81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f
      7c6d5047406a5e688b352209bcb9f822
    y 7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763ae
      d1ca2b2fa8f0540678cd1e0f3ad80892
    n aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac1047
      1db1d381085ddaddb58796829ca90069
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve y² = x³ + ax + b over the prime ``p``, its base point (x, y) of order ``n``, and its OID's bytes."""

    name: str
    oid: bytes = field(repr=False)
    p: int = field(repr=False)
    a: int = field(repr=False)
    b: int = field(repr=False)
    x: int = field(repr=False)
    y: int = field(repr=False)
    n: int = field(repr=False)

    @property
    def bits(self) -> int:
        """The size of the curve, which decides the hash."""
        return self.p.bit_length()

    @property
    def width(self) -> int:
        """Bytes of a coordinate, and of r and s."""
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class EcKey:
    """A public key: a point of a curve."""

    curve: Curve
    x: int
    y: int


def _curves() -> tuple[Curve, ...]:
    found: list[list[str]] = []
    for line in _TABLE.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            found.append(words)
        elif len(words) == 2:
            found[-1].append(words[1])
        else:
            found[-1][-1] += words[0]
    return tuple(
        Curve(name, bytes.fromhex(oid), *(int(number, 16) for number in numbers)) for name, oid, *numbers in found
    )


CURVES = _curves()
BY_OID = {curve.oid: curve for curve in CURVES}
BY_PARAMETERS = {(curve.p, curve.a, curve.b, curve.x, curve.y, curve.n): curve for curve in CURVES}


def hash_for(curve: Curve) -> str:
    """Return the name of the hash that goes with the curve's size: SHA-224, -256, -384 or -512."""
    return f"sha{min(size for size in (224, 256, 384, 512) if size >= min(curve.bits, 512))}"


def key_at(curve: Curve, x: int, y: int) -> EcKey | None:
    """Return the key at a point, or None where that is not of the curve."""
    if not (0 <= x < curve.p and 0 <= y < curve.p) or (y * y - x**3 - curve.a * x - curve.b) % curve.p:
        return None
    return EcKey(curve, x, y)


def verify_ecdsa(key: EcKey, hash_name: str, message: bytes, r: int, s: int) -> bool:
    """Tell whether (r, s) is the key's signature over ``message`` by ``hash_name`` (``sha224`` … ``sha512``)."""
    if not (0 < r < key.curve.n and 0 < s < key.curve.n):
        return False
    if key.curve.name == "brainpoolP224r1":
        return _verify(key, hashlib.new(hash_name, message).digest(), r, s)
    return _verify_by_library(key, hash_name, message, r, s)


def _verify_by_library(key: EcKey, hash_name: str, message: bytes, r: int, s: int) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    curves: dict[str, Callable[[], ec.EllipticCurve]] = {
        "secp224r1": ec.SECP224R1,
        "secp256r1": ec.SECP256R1,
        "secp384r1": ec.SECP384R1,
        "secp521r1": ec.SECP521R1,
        "brainpoolP256r1": ec.BrainpoolP256R1,
        "brainpoolP384r1": ec.BrainpoolP384R1,
        "brainpoolP512r1": ec.BrainpoolP512R1,
    }
    public = ec.EllipticCurvePublicNumbers(key.x, key.y, curves[key.curve.name]()).public_key()
    algorithms: dict[str, Callable[[], hashes.HashAlgorithm]] = {
        "sha224": hashes.SHA224,
        "sha256": hashes.SHA256,
        "sha384": hashes.SHA384,
        "sha512": hashes.SHA512,
    }
    try:
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(algorithms[hash_name]()))
    except InvalidSignature:
        return False
    return True


_Point = tuple[int, int] | None  # None is the point at infinity


def _verify(key: EcKey, digest: bytes, r: int, s: int) -> bool:
    """Check a signature by the book (FIPS 186-4 §6.4, SEC 1 §4.1.4); r and s are within bounds."""
    curve = key.curve
    spare = max(0, len(digest) * 8 - curve.n.bit_length())
    number = int.from_bytes(digest, "big") >> spare
    inverse = pow(s, -1, curve.n)
    ours = _times(curve, number * inverse % curve.n, (curve.x, curve.y))
    theirs = _times(curve, r * inverse % curve.n, (key.x, key.y))
    point = _plus(curve, ours, theirs)
    return point is not None and point[0] % curve.n == r


def _times(curve: Curve, factor: int, point: _Point) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _plus(curve, total, point)
        point = _plus(curve, point, point)
        factor >>= 1
    return total


def _plus(curve: Curve, first: _Point, second: _Point) -> _Point:
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % curve.p == 0:
        return None
    if first == second:
        slope = (3 * x1 * x1 + curve.a) * pow(2 * y1, -1, curve.p)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, curve.p)
    x = (slope * slope - x1 - x2) % curve.p
    return x, (slope * (x1 - x) - y1) % curve.p
