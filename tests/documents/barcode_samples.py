"""Makers of barcode contents, with keys and certificates of their own. All people and states in them are invented."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from checkpoint_app.documents.barcodes.c40 import encode_c40
from checkpoint_app.documents.barcodes.dates import to_three_bytes
from checkpoint_app.documents.barcodes.seals import Signers
from checkpoint_app.documents.barcodes.strict_json import canonical

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()
SEAL_SIGNER = "2.23.136.1.1.14.2"
CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "secp224r1": (ec.SECP224R1(), hashes.SHA224()),
    "secp256r1": (ec.SECP256R1(), hashes.SHA256()),
    "secp384r1": (ec.SECP384R1(), hashes.SHA384()),
    "secp521r1": (ec.SECP521R1(), hashes.SHA512()),
    "brainpoolP256r1": (ec.BrainpoolP256R1(), hashes.SHA256()),
    "brainpoolP384r1": (ec.BrainpoolP384R1(), hashes.SHA384()),
    "brainpoolP512r1": (ec.BrainpoolP512R1(), hashes.SHA512()),
}
VISA_ZONE = "V<UTOMUSTER<<ERIKA".ljust(36, "<") + "L8988901C4XXX4009078F9612109"
VISA_ZONE_A = "V<UTOMUSTER<<ERIKA".ljust(44, "<") + "L8988901C4XXX4009078F9612109"
CARD_ZONE = "I<UTOMUSTER<<ERIKA".ljust(36, "<") + "D231458907UTO7408122F1204159<<<<<<<6"
VISA, EMERGENCY = (0x5D, 0x01), (0x5E, 0x03)


# -- boarding passes and licences -------------------------------------------------------------------------------------


def make_leg(
    pnr: str = "ABC123", origin: str = "UIO", destination: str = "SCL", carrier: str = "XX", flight: str = "0834",
    day: str = "326", cabin: str = "J", seat: str = "001A", sequence: str = "0025", status: str = "1",
    conditional: str = "",
) -> str:  # fmt: skip
    """Return a flight with its conditional part, whose size is told right."""
    mandatory = f"{pnr:7}{origin:3}{destination:3}{carrier:3}{flight:5}{day:3}{cabin:1}{seat:4}{sequence:5}{status:1}"
    return f"{mandatory}{len(conditional):02X}{conditional}"


def make_conditional(unique: str | None = None, repeated: str = "", airline: str = "", version: str = "6") -> str:
    """Return a conditional part; ``unique`` is of the first flight only."""
    head = "" if unique is None else f">{version}{len(unique):02X}{unique}"
    return f"{head}{len(repeated):02X}{repeated}{airline}"


def make_bcbp(name: str = "MUSTER/ERIKA", legs: Sequence[str] = (), tail: str = "", ticket: str = "E") -> bytes:
    """Return a boarding pass of ``legs`` (one of ``make_leg`` by default), with ``tail`` after them."""
    legs = legs or (make_leg(),)
    return f"M{len(legs)}{name:20}{ticket}{''.join(legs)}{tail}".encode("latin-1")


ELEMENTS = {
    "DAQ": "T64235789", "DCS": "MUSTER", "DDE": "N", "DAC": "ERIKA", "DDF": "N", "DAD": "MARIA", "DDG": "N",
    "DBB": "08121974", "DBA": "12102030", "DBD": "06062019", "DBC": "2", "DAJ": "NY", "DCF": "24244747",
    "DCG": "USA",
}  # fmt: skip


def make_aamva(
    elements: Mapping[str, str | None] = {}, version: int = 10, kind: str = "DL", moved: int = 0, other: str = "ZNZNA01"
) -> bytes:
    """Return a licence of ``ELEMENTS`` with ``elements`` over them; None leaves one out.

    ``moved`` is added to the places in the table, ``other`` is the jurisdiction's subfile after it.
    """
    told = {name: value for name, value in (ELEMENTS | dict(elements)).items() if value is not None}
    subfile = kind + "\n".join(name + value for name, value in told.items()) + "\r"
    second = other + "\r" if other else ""
    entries = 2 if other else 1
    head = f"@\n\x1e\rANSI 636001{version:02}" + ("" if version == 1 else "00") + f"{entries:02}"
    start = len(head) + 10 * entries + moved
    table = f"{kind}{start:04}{len(subfile):04}"
    if other:
        table += f"{other[:2]}{start + len(subfile):04}{len(second):04}"
    return (head + table + subfile + second).encode("latin-1")


# -- keys and certificates --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issuer:
    """A private key with its certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def size(self) -> int:
        """Bytes of r, and of s."""
        return (self.key.key_size + 7) // 8


@cache
def _key(curve: str, number: int) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if curve == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.derive_private_key(number, CURVES[curve][0])


@cache
def make_issuer(
    curve: str = "secp256r1", country: str = "UT", name: str = "TS", serial: int = 0x32,
    begins: date = date(2025, 1, 1), ends: date = date(2036, 1, 1), authority: bool = False,
    above: Issuer | None = None, purposes: tuple[str, ...] = (SEAL_SIGNER,), number: int = 12345, bare: bool = False,
) -> Issuer:  # fmt: skip
    """Return a key and its certificate, signed by ``above`` or else by itself. Of one ``number`` is always one key.

    A ``bare`` one has no extension at all.
    """
    key = _key(curve, number)
    subject = x509.Name(
        [x509.NameAttribute(x509.NameOID.COUNTRY_NAME, country), x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(begins.year, begins.month, begins.day, tzinfo=UTC))
        .not_valid_after(datetime(ends.year, ends.month, ends.day, tzinfo=UTC))
    )
    if not bare:
        constraints = x509.BasicConstraints(ca=authority, path_length=0 if authority else None)
        builder = builder.add_extension(constraints, critical=True)
    if purposes and not authority and not bare:
        oids = [x509.ObjectIdentifier(oid) for oid in purposes]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=True)
    signing = above.key if above else key
    return Issuer(key, builder.sign(signing, _hash_of(signing)))


def make_authority(curve: str = "secp384r1", country: str = "UT", number: int = 777, **more: Any) -> Issuer:
    """Return a state's authority."""
    return make_issuer(curve, country, "CSCA", 1, authority=True, number=number, **more)


def signers_of(*issuers: Issuer) -> Signers:
    """Return what a booth would be given."""
    return Signers.from_pem(b"".join(issuer.pem for issuer in issuers))


def _hash_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> hashes.HashAlgorithm:
    return hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey) else CURVES[key.curve.name][1]


def sign(issuer: Issuer, message: bytes) -> bytes:
    """Return r and s, one after the other."""
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    algorithm = ec.ECDSA(_hash_of(issuer.key), deterministic_signing=True)
    r, s = decode_dss_signature(issuer.key.sign(message, algorithm))
    return r.to_bytes(issuer.size, "big") + s.to_bytes(issuer.size, "big")


# -- seals ------------------------------------------------------------------------------------------------------------

VISA_FEATURES = ((2, encode_c40(VISA_ZONE)), (3, b"\x02"), (4, b"\x5a\x00\x00"), (5, encode_c40("UFO001979")))


def make_vds(
    issuer: Issuer, codes: tuple[int, int] = VISA, features: Sequence[tuple[int, bytes]] = VISA_FEATURES,
    country: str = "UTO", signed_on: date = date(2026, 3, 1), version: int = 4, reference: str | None = None,
) -> bytes:  # fmt: skip
    """Return a visible digital seal signed by ``issuer``, whose certificate it refers to."""
    message = vds_message(issuer, codes, features, country, signed_on, version, reference)
    return with_signature(message, sign(issuer, message))


def vds_message(
    issuer: Issuer, codes: tuple[int, int] = VISA, features: Sequence[tuple[int, bytes]] = VISA_FEATURES,
    country: str = "UTO", signed_on: date = date(2026, 3, 1), version: int = 4, reference: str | None = None,
) -> bytes:  # fmt: skip
    """Return header and features: what is signed."""
    name = issuer.certificate.subject
    letters = (
        name.get_attributes_for_oid(oid)[0].value for oid in (x509.NameOID.COUNTRY_NAME, x509.NameOID.COMMON_NAME)
    )
    signer = "".join(map(str, letters))
    serial = reference or f"{issuer.certificate.serial_number:X}"
    told = f"{signer}{serial:0>5}" if version == 3 else f"{signer}{len(serial):02X}{serial}"
    header = bytes((0xDC, version - 1)) + encode_c40(country.ljust(3, "<")) + encode_c40(told)
    header += to_three_bytes(date(2026, 3, 2)) + to_three_bytes(signed_on) + bytes(codes)
    return header + b"".join(bytes((tag,)) + _length(value) + value for tag, value in features)


def with_signature(message: bytes, signature: bytes) -> bytes:
    """Return the whole seal."""
    return message + b"\xff" + _length(signature) + signature


def _length(value: bytes) -> bytes:
    size = len(value)
    return bytes((size,)) if size < 0x80 else bytes((0x81, size)) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


MESSAGE = {
    "uvci": "U32870",
    "pid": {"n": "MUSTER ERIKA", "dob": "1974-08-12", "sex": "F", "i": "L898902C3"},
    "ve": [{"des": "XM68M6", "vd": [{"seq": 1, "dvc": "2026-03-03"}]}],
}


def make_vds_nc(
    issuer: Issuer, message: Mapping[str, Any] = MESSAGE, type_: str = "icao.vacc", country: str = "UTO",
    algorithm: str = "ES256",
) -> bytes:  # fmt: skip
    """Return a VDS-NC signed by ``issuer``, which travels in it. Its names are not in canonical order."""
    data = {"hdr": {"t": type_, "v": 1, "is": country}, "msg": dict(message)}
    signature = sign(issuer, canonical(data))
    sig = {"alg": algorithm, "cer": _base64url(issuer.der), "sigvl": _base64url(signature)}
    return json.dumps({"data": data, "sig": sig}, ensure_ascii=False, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
