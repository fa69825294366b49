"""Visible digital seals: the worked examples of BSI TR-03137, each profile, and lengths that lie."""

from datetime import date

import pytest

from checkpoint_app.documents.barcodes.c40 import encode_c40
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.seal_profiles import SealKind, Stay
from checkpoint_app.documents.barcodes.vds import SEAL_FAULT_CODES, Seal, is_vds, parse_vds
from tests.documents.barcode_samples import (
    CARD_ZONE,
    EMERGENCY,
    TODAY,
    VISA,
    VISA_FEATURES,
    VISA_ZONE,
    VISA_ZONE_A,
    make_issuer,
    make_vds,
    vds_message,
    with_signature,
)

# Annexes C to H of BSI TR-03137 part 1, version 2.5: header, message, marker, and a signature of zeros in its place.
EXAMPLES = {
    SealKind.ARRIVAL_ATTESTATION: (
        "dc026abc6d32c8a519fc0f71341145f4fd020230a5621353d9a275735bd4134bc549133c133c133c133c133ca32519a519a4344a"
        "5e681ae7204b20d532cf4b7c133c133f030820d5201019a51aeaff40"
    ),
    SealKind.SOCIAL_INSURANCE_CARD: (
        "dc026abc6d32c8a519fc0f7134116d04fc0401083fee456d2de019a8020b506572736368776569c39f03054f7363617204134ac3"
        "a2636f62c3a96e69646963747572697573ff40"
    ),
    SealKind.RESIDENCE_PERMIT: (
        "dc036abc6d32c8a727390f71341145f4fb0602305cba135875976ec066d417b59e8c6abc133c133c133c133c3fef3a2938ee43f1"
        "593d1ae52dbb26751fe64b7c133c136b0306d79519a65306ff40"
    ),
    SealKind.VISA: (
        "dc036abc6d32c8a72cb10f7134b798155d01022cdd52134a74da1347c6fed95cb89f9fce133c133c133c133c203833734aaf47f0"
        "c32f1a1e20eb2625393afe310403a00000050633be1fed20c6ff38"
    ),
    SealKind.ADDRESS_STICKER: (
        "dc036abc6d32c8a72cb10f7135b79815f9080106cf3519af974c02061a70208519a10310395e26b3d9a275735bd4cd485ca17176ff38"
    ),
    SealKind.RESIDENCE_STICKER: (
        "dc036abc6d32c8a72cb10f7135b79815f80a0106b77a38e596ce02061a203a4d1fe1030426532081ff38"
    ),
}
SIGNER = make_issuer()


def example(kind: SealKind) -> Seal:
    data = bytes.fromhex(EXAMPLES[kind])
    return read(data + bytes(data[-1]))


def read(data: bytes) -> Seal:
    return parse_vds(data, TODAY)


def faults(data: bytes) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in read(data).faults]


@pytest.mark.parametrize("kind", EXAMPLES, ids=str)
def test_the_worked_examples_have_no_fault(kind: SealKind) -> None:
    seal = example(kind)
    assert (seal.kind, seal.issuer, seal.signer, seal.faults) == (kind, "D", "DETS", ())
    assert seal.document_issued in (date(2020, 1, 1), date(2021, 1, 1))
    assert seal.signed == bytes.fromhex(EXAMPLES[kind])[:-2]


def test_headers_of_both_versions() -> None:
    old, new = example(SealKind.ARRIVAL_ATTESTATION), example(SealKind.VISA)
    assert (old.version, old.certificate, old.signed_on) == (3, "00027", date(2020, 1, 13))
    assert (new.version, new.certificate, new.signed_on) == (4, "32", date(2021, 12, 3))
    assert (new.feature_set, new.document_type) == (0x5D, 0x01)


def test_the_visa_of_the_example() -> None:
    seal = example(SealKind.VISA)
    assert seal.mrz is not None
    assert seal.mrz.lines == ("VCD<<DENT<<ARTHUR<PHILIP<<<<<<<<<<<<", "1234567XY7GBR5203116M2005250<<<<<<<<")
    assert seal.mrz.valid
    assert (seal.stay, seal.number, seal.entries) == (Stay(160, 0, 0), "47110815P", None)


def test_the_other_examples() -> None:
    arrival = example(SealKind.ARRIVAL_ATTESTATION)
    assert arrival.mrz is not None
    assert arrival.mrz.document.document_number == "M0000000"
    assert arrival.number == "160113000085"
    permit = example(SealKind.RESIDENCE_PERMIT)
    assert permit.mrz is not None
    assert (permit.mrz.valid, permit.number) == (True, "UFO001979")
    insured = example(SealKind.SOCIAL_INSURANCE_CARD)
    names = (("family_name", "Perschweiß"), ("given_names", "Oscar"), ("birth_name", "Jâcobénidicturius"))
    assert (insured.number, insured.texts) == ("65170839J003", names)
    address = example(SealKind.ADDRESS_STICKER)
    assert address.texts == (("municipality", "05314000"), ("address", "53123MUSTERMANNSTRASSE21"))
    residence = example(SealKind.RESIDENCE_STICKER)
    assert (residence.number, residence.texts[1]) == ("PA5500K11", ("postal_code", "21614"))


def test_a_visa_of_the_larger_size_with_all_features() -> None:
    features = ((1, encode_c40(VISA_ZONE_A)), (3, b"\x00"), (4, b"\x00\x03\x01"), (6, b"C1"), (7, b"more"))
    seal = read(make_vds(SIGNER, features=features))
    assert seal.mrz is not None
    assert seal.mrz.lines[1] == "L8988901C4XXX4009078F9612109".ljust(44, "<")
    assert (seal.entries, seal.stay, seal.faults) == (0, Stay(0, 3, 1), ())
    assert [(one.tag, one.value) for one in seal.features] == list(features)


def test_an_emergency_travel_document() -> None:
    seal = read(make_vds(SIGNER, EMERGENCY, ((2, encode_c40(CARD_ZONE)),)))
    assert seal.kind is SealKind.EMERGENCY_TRAVEL_DOCUMENT
    assert seal.mrz is not None
    assert seal.mrz.document.family_name == "MUSTER"


def test_an_unknown_profile_keeps_its_bytes() -> None:
    features = ((1, b"\x00\x01"), (1, b""), (200, bytes(300)))
    seal = read(make_vds(SIGNER, (0x77, 0x01), features))
    assert (seal.kind, seal.faults, seal.mrz) == (SealKind.UNKNOWN, (), None)
    assert [(one.tag, one.value) for one in seal.features] == list(features)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 1000])
def test_lengths_of_one_to_three_bytes(size: int) -> None:
    seal = read(make_vds(SIGNER, (0x77, 0x01), ((9, bytes(size)),)))
    assert seal.features[0].value == bytes(size)


def test_a_tag_that_the_profile_does_not_know_is_no_fault() -> None:
    assert faults(make_vds(SIGNER, features=(*VISA_FEATURES, (99, b"x")))) == []


@pytest.mark.parametrize(
    ("features", "fault"),
    [
        (((2, encode_c40(VISA_ZONE)[:-2]),), ("mrz", "length")),
        (((2, encode_c40(VISA_ZONE_A)),), ("mrz", "length")),
        (((2, b"\x00" * 44),), ("mrz", "characters")),
        (((2, encode_c40(VISA_ZONE)), (2, encode_c40(VISA_ZONE))), ("mrz", "duplicate")),
        (((2, encode_c40(VISA_ZONE)), (1, encode_c40(VISA_ZONE_A))), ("mrz", "duplicate")),
        ((), ("mrz", "missing")),
        (((2, encode_c40(VISA_ZONE)), (3, b"")), ("entries", "length")),
        (((2, encode_c40(VISA_ZONE)), (4, b"\x01")), ("stay", "length")),
        (((2, encode_c40(VISA_ZONE)), (5, b"\xff\xff")), ("number", "characters")),
    ],
)
def test_a_bad_feature_is_named_and_the_rest_kept(
    features: tuple[tuple[int, bytes], ...], fault: tuple[str, str]
) -> None:
    data = make_vds(SIGNER, features=features)
    assert faults(data) == [fault]
    assert fault[1] in SEAL_FAULT_CODES
    assert read(data).signer == "UTTS"


def test_a_zone_whose_digits_are_wrong_is_a_zone() -> None:
    seal = read(make_vds(SIGNER, features=((2, encode_c40(VISA_ZONE.replace("C4XXX", "C5XXX"))),)))
    assert seal.mrz is not None
    assert not seal.mrz.valid


def test_a_date_that_is_none() -> None:
    good = make_vds(SIGNER)
    place = good.index(bytes(VISA)) - 6
    data = good[:place] + bytes(6) + good[place + 6 :]
    assert faults(data) == [("document_issued", "date"), ("signed_on", "date")]
    assert read(data).signed_on is None


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (b"\xdc\x01", "version", "seal"),
        (b"\xdc\x04" + bytes(40), "version", "seal"),
        (b"\xdc\x03", "cut_short", "issuer"),
        (b"\xdc\x03\x00\x00" + bytes(40), "header", "issuer"),
        (b"\xdc\x03" + encode_c40("   ") + encode_c40("UTTS0232") + bytes(9), "header", "header"),
        (b"\xdc\x03" + encode_c40("UTO") + encode_c40("UTTSGG32") + bytes(9), "header", "certificate"),
        (b"\xdc\x03" + encode_c40("UTO") + encode_c40("UTTS 232") + bytes(9), "header", "certificate"),
        (b"\xdc\x03" + encode_c40("UTO") + encode_c40("UTTS00") + bytes(9), "header", "certificate"),
        (b"\xdc\x03" + encode_c40("UTO") + encode_c40("UTTSFF") + bytes(9), "cut_short", "certificate"),
        (b"\xdc\x03" + encode_c40("UTO") + encode_c40("UTTS0232"), "cut_short", "document_issued"),
        (vds_message(SIGNER), "missing", "signature"),
        (vds_message(SIGNER) + b"\x09", "cut_short", "feature"),
        (vds_message(SIGNER) + b"\x09\x05ab", "length", "feature"),
        (vds_message(SIGNER) + b"\x09\x80ab", "length", "feature"),
        (vds_message(SIGNER) + b"\x09\x81\x05abcde", "length", "feature"),  # one length has one form
        (vds_message(SIGNER) + b"\x09\x81\x7f" + bytes(127), "length", "feature"),
        (vds_message(SIGNER) + b"\x09\x82\x00\xff" + bytes(255), "length", "feature"),
        (vds_message(SIGNER) + b"\x09\x82\x00", "length", "feature"),
        (vds_message(SIGNER) + b"\x09\x84\xff\xff\xff\xff", "length", "feature"),
        (make_vds(SIGNER) + b"\x00", "trailing", "signature"),
        (with_signature(make_vds(SIGNER), bytes(64)), "trailing", "signature"),
    ],
)
def test_what_is_broken_beyond_use(data: bytes, code: str, field: str) -> None:
    assert is_vds(data)
    with pytest.raises(BarcodeError) as caught:
        read(data)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_seal_that_is_cut_anywhere_is_refused() -> None:
    data = make_vds(SIGNER)
    for cut in range(2, len(data)):
        with pytest.raises(BarcodeError):
            read(data[:cut])


@pytest.mark.parametrize("data", [b"", b"\xdc", b"\xdc\x80", b"M1"])
def test_what_is_no_seal(data: bytes) -> None:
    assert not is_vds(data)
    with pytest.raises(BarcodeError) as caught:
        read(data)
    assert caught.value.code == "header"


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("reference", ["1", "27", "ABC", "12345", "00F1E"])
def test_certificate_references_of_every_length(version: int, reference: str) -> None:
    seal = read(make_vds(SIGNER, version=version, reference=reference))
    assert seal.certificate == (reference.rjust(5, "0") if version == 3 else reference)
    assert (seal.version, seal.signer, seal.faults) == (version, "UTTS", ())
