"""Whether a seal is genuine: never PASS but for the very bytes that a known signer signed, while it might."""

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.documents.barcodes.content import content_of
from checkpoint_app.documents.barcodes.curves import CURVES as KNOWN_CURVES
from checkpoint_app.documents.barcodes.curves import hash_for, key_at
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.seals import (
    SEAL_REASONS,
    SealState,
    SealVerdict,
    Signers,
    SignersError,
    revocations,
    verify,
)
from checkpoint_app.documents.barcodes.vds import Seal
from checkpoint_app.documents.barcodes.vds_nc import SealNc
from tests.documents.barcode_samples import (
    CURVES,
    NOW,
    TODAY,
    Issuer,
    make_authority,
    make_issuer,
    make_vds,
    make_vds_nc,
    sign,
    signers_of,
    vds_message,
    with_signature,
)

SIGNER = make_issuer()
AUTHORITY = make_authority()
NC_SIGNER = make_issuer(above=AUTHORITY)
KNOWN = signers_of(SIGNER, AUTHORITY)
VDS, NC = make_vds(SIGNER), make_vds_nc(NC_SIGNER)
PASS = ("pass", "")

# Made with OpenSSL 3.5: a signer whose curve, brainpoolP224r1, is written out in full, and a visa that it signed.
BRAINPOOL_224 = """\
-----BEGIN CERTIFICATE-----
MIICJzCCAdWgAwIBAgIBMjAKBggqhkjOPQQDAjAaMQswCQYDVQQGEwJVVDELMAkG
A1UEAwwCVFMwHhcNMjUwMTAxMDAwMDAwWhcNMzUwMTAxMDAwMDAwWjAaMQswCQYD
VQQGEwJVVDELMAkGA1UEAwwCVFMwggETMIHUBgcqhkjOPQIBMIHIAgEBMCgGByqG
SM49AQECHQDXwTSqJkNmhioYMCV10deHsJ8HV5faifV+yMD/MDwEHGil5iypzmwc
KZgDpsFTC1FOGCrYsAQqWcrSn0MEHCWA9jzP5EE4hwcTsakjaeM+ITXSZtuzcjhs
QAsEOQQNkCmtLH5c9DQII7KofcaMnkzjF0webv3uEsB9WKpW93LAcm8kxrieTs2s
JDVLnpnKo/bTdhQCzQIdANfBNKomQ2aGKhgwJXXQ+5jRFrxLbd68o6Wnk58CAQED
OgAE0mGV0xzxVa7Hg6WeZaPIu+Kt1Ttqk3fxYEsInNTDyw9NGLQ9Xcd1/dbHkMlN
RMgmvd8ivKJlr2SjUDBOMB0GA1UdDgQWBBT3tKWwgexdI8lgDZOb3QmHX5orSjAf
BgNVHSMEGDAWgBT3tKWwgexdI8lgDZOb3QmHX5orSjAMBgNVHRMBAf8EAjAAMAoG
CCqGSM49BAMCA0AAMD0CHGq87Qtb9ZbrFlan8px5CJEeTq+R4BxK4LbHRRYCHQC7
k28bDtuBWWcZpy06MNOHroBue/awiP5OuF0I
-----END CERTIFICATE-----
"""
BRAINPOOL_224_VISA = bytes.fromhex(
    "dc03d9c5d9cac8a72cb10f984a0f984a5d01022cdb5bd2bbd9a2755c15b08d4f133c133c133c133c133c133c9e2e4cee19d937eee8851b0d"
    "46b452d6264dfe3aff3873fc923c3d96949591ce8886d53ab55418fbf1eaaa437b1c150580853a1e66f8e9646418b5cb447bfb0c597db65a"
    "27cac6e46f3e77158837"
)


def judged(data: bytes, signers: Signers = KNOWN, at: datetime = NOW, revoked: object = ()) -> tuple[str, str]:
    seal = content_of("Data Matrix", data, TODAY)
    assert isinstance(seal, Seal | SealNc)
    verdict = verify(seal, signers, at, revoked)  # type: ignore[arg-type]
    assert verdict.reason in SEAL_REASONS or (verdict.state is SealState.PASS and verdict.reason == "")
    return verdict.state.value, verdict.reason


def may_pass(data: bytes, signers: Signers = KNOWN) -> bool:
    try:
        return judged(data, signers)[0] == "pass"
    except (BarcodeError, AssertionError):
        return False


# -- VDS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", CURVES)
def test_a_seal_of_every_curve(curve: str) -> None:
    signer = make_issuer(curve)
    assert judged(make_vds(signer), signers_of(signer)) == PASS


def test_a_verdict_names_the_signer() -> None:
    seal = content_of("", VDS, TODAY)
    assert isinstance(seal, Seal)
    assert verify(seal, KNOWN, NOW) == SealVerdict(SealState.PASS, "", "UTTS 32")


def test_a_signer_that_nobody_knows_writes_no_words_on_the_screen() -> None:
    seal = content_of("", make_vds_nc(make_issuer(name="ts): the seal\n is genuine \u202e" + "Z" * 30)), TODAY)
    assert isinstance(seal, SealNc)
    assert verify(seal, KNOWN, NOW).signer == "UTTSTHESEALISGENUINEZZZZ 32"
    assert verify(content_of("", NC, TODAY), KNOWN, NOW).signer == "UTTS 32"  # type: ignore[arg-type]


def test_a_curve_that_is_written_out_and_that_the_library_lacks() -> None:
    signers = Signers.from_pem(BRAINPOOL_224.encode())
    assert judged(BRAINPOOL_224_VISA, signers) == PASS
    for place in (20, 60, -1, -30):
        data = bytearray(BRAINPOOL_224_VISA)
        data[place] ^= 1
        assert not may_pass(bytes(data), signers)


@pytest.mark.parametrize("curve", KNOWN_CURVES, ids=lambda curve: curve.name)
def test_the_table_of_curves_is_right(curve: object) -> None:
    from checkpoint_app.documents.barcodes.curves import Curve, _plus, _times

    assert isinstance(curve, Curve)
    assert key_at(curve, curve.x, curve.y) is not None
    assert _times(curve, curve.n, (curve.x, curve.y)) is None
    assert _times(curve, curve.n + 1, (curve.x, curve.y)) == (curve.x, curve.y)
    assert _plus(curve, (curve.x, curve.y), None) == (curve.x, curve.y)
    assert key_at(curve, curve.x, curve.y + 1) is None


def test_hashes_go_with_the_curve_s_size() -> None:
    told = {curve.name: hash_for(curve) for curve in KNOWN_CURVES}
    assert told["secp224r1"] == told["brainpoolP224r1"] == "sha224"
    assert told["secp256r1"] == told["brainpoolP256r1"] == "sha256"
    assert told["secp384r1"] == told["brainpoolP384r1"] == "sha384"
    assert told["secp521r1"] == told["brainpoolP512r1"] == "sha512"


def test_no_bit_of_a_seal_can_be_another() -> None:
    for place in range(len(VDS) * 8):
        data = bytearray(VDS)
        data[place // 8] ^= 1 << place % 8
        assert not may_pass(bytes(data)), place


@given(st.data())
def test_no_bytes_of_a_seal_can_be_others(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(VDS)))
    end = data.draw(st.integers(start, len(VDS)))
    changed = VDS[:start] + data.draw(st.binary(max_size=8)) + VDS[end:]
    assert changed == VDS or not may_pass(changed)


@pytest.mark.parametrize(
    ("signers", "expected"),
    [
        (Signers(), ("unverified", "no_signer")),
        (signers_of(AUTHORITY), ("unverified", "no_signer")),
        (signers_of(make_issuer(serial=0x33)), ("unverified", "no_signer")),
        (signers_of(make_issuer(name="TT")), ("unverified", "no_signer")),
        (signers_of(make_issuer(country="DE")), ("unverified", "no_signer")),
        (signers_of(make_issuer(number=999)), ("fail", "wrong_signature")),
        (signers_of(make_issuer("brainpoolP256r1")), ("fail", "wrong_signature")),
        (signers_of(make_issuer("secp384r1")), ("fail", "algorithm")),
        (signers_of(make_issuer("rsa")), ("unverified", "algorithm")),
        (signers_of(make_issuer(ends=date(2026, 2, 28))), ("fail", "signer_expired")),
        (signers_of(make_issuer(begins=date(2026, 3, 2))), ("fail", "signer_not_yet")),
        (signers_of(make_issuer(begins=date(2026, 3, 1), ends=date(2026, 3, 2))), PASS),
        (signers_of(make_issuer(number=999), SIGNER), PASS),  # a number given twice
        (signers_of(make_issuer(bare=True)), PASS),
    ],
)
def test_what_a_signer_makes_of_a_seal(signers: Signers, expected: tuple[str, str]) -> None:
    assert judged(VDS, signers) == expected


def test_the_term_that_counts_is_that_of_the_day_of_signing() -> None:
    signers = signers_of(make_issuer(ends=date(2026, 3, 5)))
    assert judged(VDS, signers, datetime(2034, 1, 1, tzinfo=UTC)) == PASS


def test_a_seal_signed_in_the_future_or_on_no_day() -> None:
    assert judged(make_vds(SIGNER, signed_on=TODAY + timedelta(days=2))) == ("fail", "signature_date")
    assert judged(make_vds(SIGNER, signed_on=TODAY + timedelta(days=1))) == PASS  # it is tomorrow somewhere
    message = vds_message(SIGNER)
    message = message[:13] + bytes(3) + message[16:]
    assert judged(with_signature(message, sign(SIGNER, message))) == ("fail", "signature_date")


def test_the_seal_of_a_state_is_not_another_s() -> None:
    assert judged(make_vds(SIGNER, country="D")) == ("unverified", "no_signer")


def test_a_german_signer_is_of_the_state_d() -> None:
    signer = make_issuer(country="DE")
    assert judged(make_vds(signer, country="D"), signers_of(signer)) == PASS
    assert judged(make_vds(signer, country="D", version=3), signers_of(signer)) == PASS
    for reference in ("G1", "0X32", "3"):
        data = make_vds(signer, country="D", reference=reference)
        assert judged(data, signers_of(signer)) == ("unverified", "no_signer")
    assert judged(make_vds(signer, country="D", reference="0032"), signers_of(signer)) == PASS


def test_r_and_s_out_of_bounds() -> None:
    message, good = vds_message(SIGNER), sign(SIGNER, vds_message(SIGNER))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551.to_bytes(32, "big")
    for signature in (bytes(64), good[:32] + bytes(32), bytes(32) + good[32:], order + good[32:], good[:32] + order):
        assert judged(with_signature(message, signature)) == ("fail", "wrong_signature")


@pytest.mark.parametrize("size", [0, 1, 56, 63, 65, 96, 128])
def test_signatures_of_other_lengths(size: int) -> None:
    assert judged(with_signature(vds_message(SIGNER), bytes(size))) == ("fail", "algorithm")


def test_a_revoked_signer() -> None:
    name = KNOWN.signers[0].issuer
    assert judged(VDS, revoked={(name, 0x32)}) == ("fail", "revoked")
    assert judged(VDS, revoked={(name, 0x33), (b"", 0x32)}) == PASS


# -- VDS-NC -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", ["secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP512r1"])
@pytest.mark.parametrize("above", ["secp384r1", "brainpoolP256r1", "rsa"])
def test_chains_of_every_kind(curve: str, above: str) -> None:
    authority = make_authority(above)
    signer = make_issuer(curve, above=authority)
    algorithm = {256: "ES256", 384: "ES384", 512: "ES512", 521: "ES512"}[signer.key.key_size]
    assert judged(make_vds_nc(signer, algorithm=algorithm), signers_of(authority)) == PASS


def nc(signer: Issuer = NC_SIGNER, **more: str) -> bytes:
    return make_vds_nc(signer, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (NC, PASS),
        (nc(make_issuer()), ("unverified", "no_signer")),  # by itself
        (nc(make_issuer(above=make_authority(country="DE"))), ("unverified", "no_signer")),
        (nc(make_issuer(above=make_authority(number=778))), ("unverified", "chain")),  # of the same name
        (nc(make_issuer(above=AUTHORITY, purposes=())), ("fail", "chain")),  # a passport's signer
        (nc(make_issuer(above=AUTHORITY, purposes=("2.23.136.1.1.3",))), ("fail", "chain")),
        (nc(make_issuer(above=AUTHORITY, authority=True)), ("fail", "chain")),
        (nc(make_issuer(country="DE", above=AUTHORITY)), ("fail", "issuer")),
        (nc(make_issuer(country="DE", above=AUTHORITY), country="D"), ("fail", "issuer")),  # by another's authority
        (nc(country="D"), ("fail", "issuer")),
        (nc(make_issuer(above=AUTHORITY, ends=date(2026, 11, 1))), ("unverified", "signer_expired")),
        (nc(make_issuer(above=AUTHORITY, begins=date(2026, 12, 1))), ("fail", "signer_not_yet")),
        (
            nc(make_issuer(above=AUTHORITY, begins=date(2024, 1, 1))),
            ("unverified", "chain"),
        ),  # older than the authority
        (nc(algorithm="ES384"), ("fail", "algorithm")),
        (nc(algorithm="none"), ("fail", "algorithm")),
        (nc(algorithm="HS256"), ("fail", "algorithm")),
        (nc(make_issuer("secp224r1", above=AUTHORITY)), ("fail", "algorithm")),
    ],
)
def test_what_becomes_of_a_vds_nc(data: bytes, expected: tuple[str, str]) -> None:
    assert judged(data) == expected


def test_a_certificate_that_is_none_proves_nothing() -> None:
    value = json.loads(NC)
    value["sig"]["cer"] = base64.urlsafe_b64encode(bytes(90)).decode()
    assert judged(json.dumps(value).encode()) == ("unverified", "certificate")


def test_another_message_under_the_signature() -> None:
    assert judged(NC.replace(b"MUSTER", b"MASTER")) == ("fail", "wrong_signature")
    assert judged(NC.replace(b'"seq":1', b'"seq":2')) == ("fail", "wrong_signature")
    assert judged(NC.replace(b'"v":1', b'"v":2')) == ("fail", "wrong_signature")


def test_a_revoked_signer_of_a_vds_nc() -> None:
    assert judged(NC, revoked={(KNOWN.authorities[0].subject, 0x32)}) == ("fail", "revoked")


def test_a_revoked_authority_is_believed_no_more() -> None:
    authority = KNOWN.authorities[0]
    assert judged(NC, revoked={(authority.issuer, authority.serial)}) == ("unverified", "no_signer")


@settings(max_examples=300)
@given(st.integers(0, len(NC) * 8 - 1))
def test_no_bit_of_a_vds_nc_can_be_another(place: int) -> None:
    data = bytearray(NC)
    data[place // 8] ^= 1 << place % 8
    assert not may_pass(bytes(data)), place


# -- lists of signers and of revocations ------------------------------------------------------------------------------


def test_authorities_are_told_from_signers() -> None:
    assert [one.signer for one in KNOWN.signers] == ["UTTS"]
    assert [(one.signer, one.country) for one in KNOWN.authorities] == [("UTCSCA", "UTO")]


@pytest.mark.parametrize("data", [b"", b"x", SIGNER.pem[:-60], SIGNER.der])
def test_what_is_no_list_of_signers(data: bytes) -> None:
    with pytest.raises(SignersError, match="PEM"):
        Signers.from_pem(data)


def test_a_bad_certificate_is_told_by_its_place() -> None:
    with pytest.raises(SignersError, match="number 2"):
        Signers.from_der([SIGNER.der, SIGNER.der[:-1]])


def crl(by: Issuer, *serials: int) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    builder = builder.last_update(NOW - timedelta(days=1)).next_update(NOW + timedelta(days=30))
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(days=2))
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_list_of_revocations() -> None:
    revoked = revocations([crl(AUTHORITY, 0x32, 5)], KNOWN)
    assert judged(NC, revoked=revoked) == ("fail", "revoked")
    assert judged(NC, revoked=revocations([crl(AUTHORITY, 5)], KNOWN)) == PASS


def pem_of(data: bytes) -> bytes:
    return b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(data) + b"-----END X509 CRL-----\n"


def test_revocations_travel_with_the_signers() -> None:
    data = b"# signers\n" + SIGNER.pem + pem_of(crl(AUTHORITY, 0x32)) + AUTHORITY.pem
    signers = Signers.from_pem(data)
    assert judged(NC, signers) == ("fail", "revoked")
    assert judged(VDS, signers) == PASS  # of another issuer
    assert judged(NC, Signers.from_pem(AUTHORITY.pem + pem_of(crl(AUTHORITY, 5)))) == PASS


@pytest.mark.parametrize(
    "bad",
    [
        pem_of(b"no list"),
        pem_of(crl(make_authority(number=778), 5)),
        pem_of(b"").replace(b"CRL-----\n", b"CRL-----\n*"),
    ],
)
def test_a_bad_list_of_revocations_among_signers_spoils_them_all(bad: bytes) -> None:
    with pytest.raises(SignersError, match=r"revocation list 1|damaged"):
        Signers.from_pem(AUTHORITY.pem + bad)


@pytest.mark.parametrize(
    "data", [b"", crl(AUTHORITY, 5)[:-1], crl(make_authority(number=778), 5), crl(make_authority(country="DE"), 5)]
)
def test_a_list_of_revocations_by_nobody_who_is_known(data: bytes) -> None:
    with pytest.raises(SignersError, match="revocation list 1"):
        revocations([data], KNOWN)
