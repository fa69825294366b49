"""Whether a seal is genuine: its signature, over its exact bytes, by a signer that is known (Doc 9303-13 §5, 9303-12).

PASS needs a certificate that this place was given. A signer that is not known leaves a seal UNVERIFIED, whatever else
it says of itself; what contradicts the signature or the certificate is FAIL.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from checkpoint_app.documents.barcodes.certificates import (
    Certificate,
    CertificateError,
    is_list_signed_by,
    is_signed_by,
    read_certificate,
)
from checkpoint_app.documents.barcodes.curves import EcKey, hash_for, verify_ecdsa
from checkpoint_app.documents.barcodes.vds import Seal
from checkpoint_app.documents.barcodes.vds_nc import SealNc

SEAL_REASONS = (
    "no_signer",
    "signer_expired",
    "signer_not_yet",
    "signature_date",
    "wrong_signature",
    "algorithm",
    "certificate",
    "chain",
    "issuer",
    "revoked",
)
MOST_CERTIFICATES = 4096
MOST_PEM_BYTES = 8 << 20
MOST_LIST_BYTES = 4 << 20
_SEAL_SIGNER = "2.23.136.1.1.14.2"  # extended key usage of VDS-NC signers (Doc 9303-12 §7.1.1)
_SIZES = {"ES256": (256,), "ES384": (384,), "ES512": (512, 521)}
_HEXADECIMAL = re.compile(r"[0-9A-F]+")
_LIST_IN_PEM = re.compile(rb"-----BEGIN X509 CRL-----(.*?)-----END X509 CRL-----", re.DOTALL)
_CLOCKS_APART = timedelta(days=1)  # a signature's date is a day somewhere on Earth

Revoked = Collection[tuple[bytes, int]]
"""Certificates that their issuer took back: its name's exact bytes, and the serial number."""


class SealState(StrEnum):
    """What verifying came to. UNVERIFIED: nobody here knows; it is no half of a PASS."""

    PASS = "pass"  # noqa: S105  no password
    FAIL = "fail"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """State and reason: one of ``SEAL_REASONS``, empty with PASS. ``signer`` names whose signature it claims to be."""

    state: SealState
    reason: str = ""
    signer: str = ""


class SignersError(ValueError):
    """A list of signers that cannot be used. One clear line."""


@dataclass(frozen=True, slots=True)
class Signers:
    """Whom to believe: signers of VDS, each for itself, and state authorities (CSCA) for the signers of VDS-NC.

    ``revoked`` are certificates that an authority took back, whether they are here or travel in a seal.
    """

    signers: tuple[Certificate, ...] = field(default=(), repr=False)
    authorities: tuple[Certificate, ...] = field(default=(), repr=False)
    revoked: frozenset[tuple[bytes, int]] = field(default=frozenset(), repr=False)

    @classmethod
    def from_der(cls, certificates: Iterable[bytes]) -> Self:
        """Return the signers that these certificates make: authorities are told by their own basic constraints.

        Raises SignersError, which tells the certificate by its place.
        """
        found = []
        for place, der in enumerate(certificates, start=1):
            if place > MOST_CERTIFICATES:
                raise SignersError(f"signers: more than {MOST_CERTIFICATES} certificates; leave out those that ended")
            try:
                found.append(read_certificate(der))
            except CertificateError as error:
                raise SignersError(f"signers: number {place}: {error}") from error
        return cls(
            signers=tuple(one for one in found if not one.authority),
            authorities=tuple(one for one in found if one.authority),
        )

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Return the signers in ``data``: certificates in PEM, with revocation lists (``X509 CRL``) among them or not.

        Raises SignersError, also where no authority among them signed one of the lists.
        """
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        if len(data) > MOST_PEM_BYTES:
            raise SignersError(f"signers: {len(data)} bytes, more than the {MOST_PEM_BYTES} that are allowed")
        try:
            certificates = x509.load_pem_x509_certificates(data)
        except ValueError as error:
            raise SignersError("signers: no certificates in PEM, or a damaged one among them") from error
        found = cls.from_der(one.public_bytes(Encoding.DER) for one in certificates)
        return replace(found, revoked=revocations(_lists_in(data), found))

    def of(self, seal: Seal) -> tuple[Certificate, ...]:
        """Return the certificates that ``seal`` may be signed with: by country, signer, and serial number."""
        if not _HEXADECIMAL.fullmatch(seal.certificate):
            return ()
        wanted = (seal.issuer, seal.signer, int(seal.certificate, 16))
        return tuple(one for one in self.signers if (one.country, one.signer, one.serial) == wanted)


def verify(seal: Seal | SealNc, signers: Signers, at: datetime, revoked: Revoked = ()) -> SealVerdict:
    """Verify ``seal`` as of ``at`` (UTC).

    A VDS tells when it was signed: then its signer's certificate must have been in force. A VDS-NC does not, and its
    signer's certificate must be in force now. A revoked certificate is believed in nothing.
    """
    if isinstance(seal, SealNc):
        return _verify_nc(seal, signers, at, revoked)
    name = f"{seal.signer} {seal.certificate}"
    revoked = {*revoked, *signers.revoked}
    verdict = SealVerdict(SealState.UNVERIFIED, "no_signer", name)
    for certificate in signers.of(seal):
        state, reason = _judge(seal, certificate, at, revoked)
        verdict = SealVerdict(state, reason, name)
        if state is SealState.PASS:
            break
    return verdict


def revocations(lists: Iterable[bytes], signers: Signers) -> frozenset[tuple[bytes, int]]:
    """Return what revocation lists (DER) take back; each must be signed by an authority among ``signers``.

    Raises SignersError, which tells the list by its place.
    """
    from cryptography import x509

    found: set[tuple[bytes, int]] = set()
    for place, der in enumerate(lists, start=1):
        try:
            one = x509.load_der_x509_crl(der[: MOST_LIST_BYTES + 1])
            serials = [entry.serial_number for entry in one]
        except ValueError as error:
            raise SignersError(f"revocation list {place}: it cannot be read; it must be DER") from error
        name = one.issuer.public_bytes()
        above = [authority for authority in signers.authorities if authority.subject == name]
        if not any(is_list_signed_by(one, authority) for authority in above):
            raise SignersError(f"revocation list {place}: no authority that is known signed it")
        found |= {(authority.subject, serial) for authority in above for serial in serials}
    return frozenset(found)


def _lists_in(data: bytes) -> Iterator[bytes]:
    """Yield the revocation lists among PEM, each as DER, or as nothing where its base64 is damaged."""
    for text in _LIST_IN_PEM.findall(data):
        try:
            yield base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            yield b""


# -- VDS --------------------------------------------------------------------------------------------------------------


def _judge(seal: Seal, certificate: Certificate, at: datetime, revoked: Revoked) -> tuple[SealState, str]:
    if certificate.key is None:
        return SealState.UNVERIFIED, "algorithm"
    wrong = _wrong_signature(certificate.key, seal.signed, seal.signature)
    if wrong:
        return SealState.FAIL, wrong
    if _is_revoked(certificate, revoked):
        return SealState.FAIL, "revoked"
    if seal.signed_on is None or seal.signed_on > (at + _CLOCKS_APART).date():
        return SealState.FAIL, "signature_date"
    if seal.signed_on < certificate.not_before.date():
        return SealState.FAIL, "signer_not_yet"
    if seal.signed_on > certificate.not_after.date():
        return SealState.FAIL, "signer_expired"
    return SealState.PASS, ""


def _wrong_signature(key: EcKey, message: bytes, signature: bytes) -> str:
    """Return why r and s, one after the other, are no signature of the key's over ``message``; empty where they are."""
    width = key.curve.width
    if len(signature) != 2 * width:
        return "algorithm"  # it is of another size of curve
    r, s = (int.from_bytes(half, "big") for half in (signature[:width], signature[width:]))
    return "" if verify_ecdsa(key, hash_for(key.curve), message, r, s) else "wrong_signature"


def _is_revoked(certificate: Certificate, revoked: Revoked) -> bool:
    return (certificate.issuer, certificate.serial) in revoked


# -- VDS-NC -----------------------------------------------------------------------------------------------------------


def _verify_nc(seal: SealNc, signers: Signers, at: datetime, revoked: Revoked) -> SealVerdict:
    try:
        certificate = read_certificate(seal.certificate)
    except CertificateError:
        # Some states' are not quite DER: that is no proof against the seal, and none for it.
        return SealVerdict(SealState.UNVERIFIED, "certificate")
    name = _name_of(certificate)
    revoked = {*revoked, *signers.revoked}
    believed = [one for one in signers.authorities if not _is_revoked(one, revoked)]
    state, reason = _judge_nc(seal, certificate, believed, at)
    if state is SealState.PASS and _is_revoked(certificate, revoked):
        return SealVerdict(SealState.FAIL, "revoked", name)
    return SealVerdict(state, reason, name)


def _name_of(certificate: Certificate) -> str:
    """Return whose signature a seal claims to be: whoever made it chose the words, which an officer will read."""
    signer = "".join(one for one in certificate.signer if one.isascii() and one.isalnum())
    return f"{signer[:24]} {f'{certificate.serial:X}'[:40]}"


def _judge_nc(
    seal: SealNc, certificate: Certificate, authorities: list[Certificate], at: datetime
) -> tuple[SealState, str]:
    sizes = _SIZES.get(seal.algorithm)
    if sizes is None:
        return SealState.FAIL, "algorithm"
    if certificate.key is None:
        return SealState.UNVERIFIED, "algorithm"
    if certificate.key.curve.bits not in sizes:
        return SealState.FAIL, "algorithm"
    wrong = _wrong_signature(certificate.key, seal.signed, seal.signature)
    if wrong:
        return SealState.FAIL, wrong
    above = [one for one in authorities if one.subject == certificate.issuer]
    if not above:
        return SealState.UNVERIFIED, "no_signer"
    return _judge_chain(seal, certificate, above, at)


def _judge_chain(
    seal: SealNc, certificate: Certificate, above: list[Certificate], at: datetime
) -> tuple[SealState, str]:
    if certificate.authority or _SEAL_SIGNER not in (certificate.purposes or ()):
        return SealState.FAIL, "chain"
    signing = [one for one in above if _is_in_force(one, certificate) and is_signed_by(certificate, one)]
    if not signing:  # the authority that did sign may be an older or newer one of the same name, not known here
        return SealState.UNVERIFIED, "chain"
    # An authority is believed for its own state only: else any of them could make seals of every other.
    if certificate.country != seal.issuer or all(one.country != seal.issuer for one in signing):
        return SealState.FAIL, "issuer"
    if at < certificate.not_before:
        return SealState.FAIL, "signer_not_yet"
    if at > certificate.not_after:  # a seal of this kind does not tell when it was signed: it may have been in time
        return SealState.UNVERIFIED, "signer_expired"
    return SealState.PASS, ""


def _is_in_force(authority: Certificate, certificate: Certificate) -> bool:
    """Tell whether the authority's term held when the certificate's began."""
    return authority.not_before <= certificate.not_before <= authority.not_after
