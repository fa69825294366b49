"""The zone held against what the barcodes of the document say."""

from __future__ import annotations

import dataclasses

import pytest

from checkpoint_app.documents import (
    Beside,
    DocumentFinding,
    Format,
    Mrz,
    PartialDate,
    Sex,
    document_findings,
    parse_mrz,
    to_mrz,
)
from checkpoint_app.documents.agreement import agreement_findings
from checkpoint_app.documents.barcodes.c40 import encode_c40
from checkpoint_app.documents.barcodes.seals import Signers
from checkpoint_app.documents.beside import read_barcodes
from tests.documents.barcode_samples import (
    ELEMENTS,
    NOW,
    TODAY,
    VISA_ZONE_A,
    make_aamva,
    make_bcbp,
    make_issuer,
    make_vds,
    signers_of,
)
from tests.documents.helpers import passport

ISSUER = make_issuer()
KNOWN = signers_of(ISSUER)


def beside(*codes: bytes, signers: Signers = KNOWN) -> Beside:
    return Beside(read_barcodes([("PDF417", code) for code in codes], signers, NOW))


def visa(**changes: object) -> Mrz:
    """The zone of the visa that the seal of `make_vds` is on; given fields replace its own."""
    lines = (VISA_ZONE_A[:44], VISA_ZONE_A[44:].ljust(44, "<"))
    document = parse_mrz(lines, TODAY).document
    return parse_mrz(to_mrz(dataclasses.replace(document, **changes)), TODAY)


def passport_zone(**fields: object) -> Mrz:
    return parse_mrz(to_mrz(passport(**fields)), TODAY)


def card(**changes: object) -> Mrz:
    """The zone of an enhanced licence in the name that `make_aamva` uses."""
    year, month, day = (int(part) for part in (ELEMENTS["DBB"][4:], ELEMENTS["DBB"][:2], ELEMENTS["DBB"][2:4]))
    own = {
        "format": Format.TD1,
        "document_code": "ID",
        "issuer": "USA",
        "nationality": "USA",
        "document_number": "EDL123456",
        "family_name": ELEMENTS["DCS"],
        "given_names": ELEMENTS["DAC"],
        "birth_date": PartialDate("", year, month, day),
        "sex": {"1": Sex.MALE, "2": Sex.FEMALE}[ELEMENTS["DBC"]],
        "expiry_date": PartialDate("", int(ELEMENTS["DBA"][4:]), int(ELEMENTS["DBA"][:2]), int(ELEMENTS["DBA"][2:4])),
        "optional_data": "",
        "optional_data_2": "",
    }
    return parse_mrz(to_mrz(passport(**(own | changes))), TODAY)


SEAL = make_vds(ISSUER, features=((1, encode_c40(VISA_ZONE_A)),))


def test_a_genuine_seal_that_agrees_tells_nothing() -> None:
    assert agreement_findings(visa(), beside(SEAL)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document_number", "L8988901D"),
        ("family_name", "MASTER"),
        ("birth_date", PartialDate("400908", 1940, 9, 8)),
        ("nationality", "UTO"),
        ("sex", Sex.MALE),
        ("issuer", "CHL"),
    ],
)
def test_an_altered_zone_differs_from_its_seal(field: str, value: object) -> None:
    found = agreement_findings(visa(**{field: value}), beside(SEAL))
    assert found == (DocumentFinding("document.seal_differs", {"field": field}),)


def test_a_seal_with_one_bit_turned_is_wrong() -> None:
    broken = bytearray(SEAL)
    broken[-1] ^= 1
    codes = [found.code for found in agreement_findings(visa(), beside(bytes(broken)))]
    assert codes == ["document.seal_wrong"]


def test_a_seal_of_a_signer_that_is_not_known_is_not_verified() -> None:
    found = agreement_findings(visa(), beside(SEAL, signers=Signers()))
    assert [one.code for one in found] == ["document.seal_unverified"]
    assert found[0].params["reason"] == "no_signer"


def test_a_visa_belongs_into_its_passport() -> None:
    sealed = make_vds(ISSUER)  # its visa tells the passport UFO001979
    right = passport_zone(document_number="UFO001979", birth_date=PartialDate("", 1940, 9, 7), family_name="MUSTER")
    assert agreement_findings(right, beside(sealed)) == ()
    other = passport_zone(document_number="UFO001978", birth_date=PartialDate("", 1940, 9, 7), family_name="MUSTER")
    found = agreement_findings(other, beside(sealed))
    assert found == (DocumentFinding("document.seal_differs", {"field": "document_number"}),)


def test_a_licence_that_agrees_tells_nothing() -> None:
    assert agreement_findings(card(), beside(make_aamva())) == ()


@pytest.mark.parametrize(
    ("field", "value"), [("family_name", "OTRO"), ("given_names", "ZZZ"), ("birth_date", PartialDate("", 1999, 1, 2))]
)
def test_a_licence_in_other_words_than_its_zone(field: str, value: object) -> None:
    found = agreement_findings(card(**{field: value}), beside(make_aamva()))
    assert found == (DocumentFinding("document.barcode_differs", {"field": field}),)


def test_a_name_cut_short_is_no_other_name() -> None:
    assert agreement_findings(card(family_name=ELEMENTS["DCS"] + "IN"), beside(make_aamva())) == ()


@pytest.mark.parametrize(
    ("zone", "other"), [("MUELLER", "MULLER"), ("MULLER", "MÜLLER"), ("SOERENSEN", "SORENSEN"), ("AASEN", "ÅSEN")]
)
def test_a_name_in_the_other_spelling_is_no_other_name(zone: str, other: str) -> None:
    assert agreement_findings(passport_zone(family_name=zone), beside(make_bcbp(f"{other}/ERIKA"))) == ()


def test_a_licence_beside_a_passport_ends_at_a_time_of_its_own() -> None:
    own = {"family_name": ELEMENTS["DCS"], "given_names": ELEMENTS["DAC"], "birth_date": card().document.birth_date}
    zone = passport_zone(**own, sex=card().document.sex, expiry_date=PartialDate("", 2031, 1, 2))
    assert agreement_findings(zone, beside(make_aamva())) == ()
    found = agreement_findings(card(expiry_date=PartialDate("", 2031, 1, 2)), beside(make_aamva()))
    assert found == (DocumentFinding("document.barcode_differs", {"field": "expiry_date"}),)


def test_a_faulty_field_of_the_zone_is_not_compared() -> None:
    good = card(family_name="OTRO")
    lines = (*good.lines[:2], good.lines[2].replace("OTRO", "0TR0"))
    assert agreement_findings(parse_mrz(lines, TODAY), beside(make_aamva())) == ()


def test_a_boarding_pass_in_another_name() -> None:
    assert agreement_findings(passport_zone(family_name="MUSTER"), beside(make_bcbp("MUSTER/ERIKA"))) == ()
    for zone, airline in (("VON MUSTER", "MUSTER"), ("EJEMPLO MUSTER", "MUSTER"), ("DE LA MUSTER", "DELAMUSTER")):
        assert agreement_findings(passport_zone(family_name=zone), beside(make_bcbp(f"{airline}/ERIKA MRS"))) == ()
    found = agreement_findings(passport_zone(), beside(make_bcbp("MUSTER/ERIKA")))
    assert found == (DocumentFinding("document.boarding_pass_differs"),)


def test_a_seal_cut_short_is_told() -> None:
    assert agreement_findings(visa(), beside(SEAL[:20]))[0].code == "document.barcode_broken"


def test_what_is_no_document_tells_nothing() -> None:
    assert beside(b"https://example.invalid/", b"\x00\x01").barcodes == ()


def test_findings_beside_the_zone_are_findings_of_the_document() -> None:
    own = document_findings(visa(), TODAY)
    assert document_findings(visa(), TODAY, beside(SEAL, signers=Signers()))[: len(own)] == own
    assert len(document_findings(visa(), TODAY, beside(SEAL, signers=Signers()))) == len(own) + 1
