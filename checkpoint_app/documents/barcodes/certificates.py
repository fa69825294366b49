"""Certificates of seal signers and of the state authorities above them (CSCA): Doc 9303-12 §7.

Their keys are on curves that are written out in full, as that part demands of them, or named: `cryptography` reads the
names of common curves only, so the key is found here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from checkpoint_app.documents.barcodes.curves import BY_OID, BY_PARAMETERS, Curve, EcKey, key_at, verify_ecdsa
from checkpoint_app.documents.barcodes.der import BIT_STRING, OCTETS, OID, SEQUENCE, DerError, Item, items_of
from checkpoint_app.documents.codes import icao_from_iso2

if TYPE_CHECKING:
    from cryptography import x509

MOST_CERTIFICATE_BYTES = 8192
_EC_KEY = bytes.fromhex("2a8648ce3d0201")
_PRIME_FIELD = bytes.fromhex("2a8648ce3d0101")
_VERSION_TAG = 0xA0
_LEAST_RSA_BITS = 2048
_HASHES = ("sha224", "sha256", "sha384", "sha512")
_UTOPIA = "UT"  # specimens only: ISO has no such letters, so the list of codes has none for UTO


class CertificateError(ValueError):
    """Bytes that are no certificate of a kind that can be used here. Nothing of it is in the text."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What of a certificate is used. ``country`` is ICAO's code of the subject's, ``signer`` country and common name.

    ``key`` is None where it is no key on a known curve (an authority's may be RSA). ``purposes`` are the OIDs of its
    extended key usage, None where it has none. ``subject`` and ``issuer`` are the names' exact bytes.
    """

    der: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    country: str
    signer: str
    serial: int
    not_before: datetime
    not_after: datetime
    authority: bool
    purposes: frozenset[str] | None
    key: EcKey | None


def read_certificate(der: bytes) -> Certificate:
    """Read one certificate. Raises CertificateError."""
    from cryptography import x509

    if len(der) > MOST_CERTIFICATE_BYTES:
        raise CertificateError(f"certificate: {len(der)} bytes, more than the {MOST_CERTIFICATE_BYTES} one may have")
    try:
        found = x509.load_der_x509_certificate(der)
        fields = _fields(der)
        return Certificate(
            der=der,
            subject=fields[4].whole,
            issuer=fields[2].whole,
            country=_country(found.subject),
            signer=_country_letters(found.subject) + _first(found.subject, x509.NameOID.COMMON_NAME).upper(),
            serial=found.serial_number,
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            authority=_is_authority(found),
            purposes=_purposes(found),
            key=_key(fields[5]),
        )
    except _refusals() as error:
        raise CertificateError("certificate: it cannot be read; take it from its publisher again, in DER") from error


def _refusals() -> tuple[type[Exception], ...]:
    """Return what `cryptography`, and `der`, raise for certificates that are out of form."""
    from cryptography import exceptions, x509

    return (
        ValueError,
        TypeError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        exceptions.UnsupportedAlgorithm,
    )


def is_signed_by(certificate: Certificate, above: Certificate) -> bool:
    """Tell whether ``above`` signed ``certificate``; names and terms are not looked at."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate.der)
    whole = items_of(certificate.der)[0].items()
    if whole[1].whole != _tbs_items(certificate.der)[1].whole:
        return False  # the algorithm within the signed part is another (RFC 5280 §4.1.1.2)
    return _verifies(above, found, found.tbs_certificate_bytes)


def is_list_signed_by(revocations: x509.CertificateRevocationList, above: Certificate) -> bool:
    """Tell whether ``above`` signed a list of revocations."""
    return _verifies(above, revocations, revocations.tbs_certlist_bytes)


def _verifies(above: Certificate, signed: x509.Certificate | x509.CertificateRevocationList, data: bytes) -> bool:
    from cryptography import exceptions, x509
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    try:
        algorithm, how = signed.signature_hash_algorithm, signed.signature_algorithm_parameters
        if algorithm is None or algorithm.name not in _HASHES:
            return False
        if above.key is not None:
            r, s = decode_dss_signature(signed.signature)
            return isinstance(how, ec.ECDSA) and verify_ecdsa(above.key, algorithm.name, data, r, s)
        public = x509.load_der_x509_certificate(above.der).public_key()
        if not isinstance(public, rsa.RSAPublicKey) or public.key_size < _LEAST_RSA_BITS:
            return False
        if not isinstance(how, padding.PKCS1v15 | padding.PSS):
            return False
        public.verify(signed.signature, data, how, algorithm)
    except (ValueError, exceptions.InvalidSignature, exceptions.UnsupportedAlgorithm):
        return False
    return True


# -- names and extensions ---------------------------------------------------------------------------------------------


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _country_letters(name: x509.Name) -> str:
    from cryptography import x509

    return _first(name, x509.NameOID.COUNTRY_NAME).upper()


def _country(name: x509.Name) -> str:
    letters = _country_letters(name)
    return "UTO" if letters == _UTOPIA else icao_from_iso2(letters) or letters


def _is_authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _purposes(certificate: x509.Certificate) -> frozenset[str] | None:
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return frozenset(oid.dotted_string for oid in usage)


# -- the key ----------------------------------------------------------------------------------------------------------


def _tbs_items(der: bytes) -> list[Item]:
    """Return the signed part's elements without the version: serial, algorithm, issuer, term, subject, key, …"""
    items = items_of(der)[0].items()[0].items()
    return items[1:] if items[0].tag == _VERSION_TAG else items


def _fields(der: bytes) -> list[Item]:
    items = _tbs_items(der)
    if len(items) < 6:
        raise DerError
    return items


def _key(info: Item) -> EcKey | None:
    """Return the key of a SubjectPublicKeyInfo (RFC 5480), where it is on a curve that is known."""
    algorithm, bits = info.items()[:2]
    kind, *parameters = algorithm.items()
    if kind.tag != OID or kind.content != _EC_KEY or len(parameters) != 1 or bits.tag != BIT_STRING:
        return None
    curve = _named_or_known(parameters[0])
    point = bits.content[1:]
    if curve is None or bits.content[:1] != b"\x00" or len(point) != 1 + 2 * curve.width or point[0] != 4:
        return None
    return key_at(curve, _number(point[1 : 1 + curve.width]), _number(point[1 + curve.width :]))


def _named_or_known(parameters: Item) -> Curve | None:
    """Return the curve that is named, or all of whose parameters are a known one's: its base point too."""
    if parameters.tag == OID:
        return BY_OID.get(parameters.content)
    if parameters.tag != SEQUENCE:
        return None
    _version, base_field, coefficients, base, order = parameters.items()[:5]
    kind, prime = base_field.items()[:2]
    a, b = coefficients.items()[:2]
    width = (len(base.content) - 1) // 2
    if kind.content != _PRIME_FIELD or {a.tag, b.tag, base.tag} != {OCTETS} or base.content[:1] != b"\x04":
        return None
    x, y = _number(base.content[1 : 1 + width]), _number(base.content[1 + width :])
    return BY_PARAMETERS.get((prime.number(), _number(a.content), _number(b.content), x, y, order.number()))


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
