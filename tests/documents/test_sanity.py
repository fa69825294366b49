"""What a sound zone may still tell against its document."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import DocumentFinding, Mrz, PartialDate, TravelDocument, document_findings, to_mrz
from checkpoint_app.documents.sanity import Issuer, issuers, sanity_findings
from tests.documents.helpers import FRA2, changed, parsed, passport

DAYS = st.dates()

TODAY = date(2026, 11, 24)


def mrz(**fields: object) -> Mrz:
    return parsed(to_mrz(passport(**fields)))


def day(text: str) -> PartialDate:
    whole = date.fromisoformat(text)
    return PartialDate(f"{whole:%y%m%d}", whole.year, whole.month, whole.day)


def codes(document: Mrz, today: date = TODAY) -> list[str]:
    return [found.code for found in sanity_findings(document, today)]


def of(issuer: str, number: str, **fields: object) -> Mrz:
    return mrz(issuer=issuer, nationality=issuer, document_number=number, **fields)


def test_a_specimen_has_nothing_to_tell() -> None:
    assert sanity_findings(mrz(), TODAY) == ()


@pytest.mark.parametrize(
    ("issuer", "number"),
    [
        ("USA", "310175464"),
        ("USA", "A12345678"),
        ("CAN", "AB123456"),
        ("CAN", "P123456AA"),
        ("D", "C01X00T47"),
        ("D", "A1234567"),  # provisional, and children's until 2023
    ],
)
def test_numbers_of_old_and_new_forms_are_known(issuer: str, number: str) -> None:
    assert codes(of(issuer, number)) == []


@pytest.mark.parametrize(("issuer", "number"), [("USA", "31017546"), ("USA", "AB1234567"), ("D", "C01B00T47")])
def test_a_number_that_the_issuer_does_not_give(issuer: str, number: str) -> None:
    assert sanity_findings(of(issuer, number), TODAY) == (
        DocumentFinding("document.number_format", {"issuer": issuer, "value": number}),
    )


def test_an_issuer_that_is_not_in_the_table_is_not_judged() -> None:
    assert "ECU" not in issuers()
    assert codes(of("ECU", "X")) == []


def test_only_ordinary_passports_are_judged() -> None:
    for code in ("PD", "PO", "PT", "PR"):
        assert codes(of("USA", "X1", document_code=code)) == []
    assert codes(of("USA", "X1", document_code="PP")) == ["document.number_format"]


def test_a_state_gives_its_passport_to_its_own() -> None:
    assert sanity_findings(mrz(issuer="ECU", nationality="CHL"), TODAY) == (
        DocumentFinding("document.nationality_differs", {"issuer": "ECU", "nationality": "CHL"}),
    )
    for issuer, nationality in (("GBR", "GBD"), ("UNO", "CHL"), ("ECU", "XXA"), ("XOM", "ITA"), ("UTO", "CHL")):
        assert codes(mrz(issuer=issuer, nationality=nationality, document_number="123456789")) == []


@pytest.mark.parametrize(("expiry", "found"), [("2037-09-24", []), ("2037-10-24", ["document.valid_too_long"])])
def test_no_passport_lasts_eleven_years(expiry: str, found: list[str]) -> None:
    assert codes(mrz(expiry_date=day(expiry))) == found


@pytest.mark.parametrize(
    ("birth", "expiry", "found"),
    [
        ("2012-01-01", "2031-12-23", []),
        ("2012-01-01", "2032-01-24", ["document.adult_for_child"]),
        ("2010-11-24", "2032-01-24", []),
        ("2010-11-25", "2032-01-24", ["document.adult_for_child"]),
    ],
)
def test_a_childs_passport_is_short(birth: str, expiry: str, found: list[str]) -> None:
    assert codes(of("USA", "310175464", birth_date=day(birth), expiry_date=day(expiry))) == found


def test_a_french_card_tells_when_it_was_made() -> None:
    card = parsed(FRA2)
    year, month = int(FRA2[1][:2]), int(FRA2[1][2:4])
    full = 1900 + year if year >= 88 else 2000 + year
    assert sanity_findings(card, date(full, month, 1)) == ()
    before = date(full, month - 1, 28) if month > 1 else date(full - 1, 12, 31)
    found = sanity_findings(card, before)
    assert found == (DocumentFinding("document.issued_in_future", {"date": f"{full}-{month:02d}"}),)


def test_faulty_fields_are_not_judged_again() -> None:
    lines = changed(to_mrz(passport(issuer="USA", nationality="USA", document_number="X1")), 2, 10, "0")
    found = document_findings(parsed(lines), TODAY)
    assert [one.code for one in found if "digit" not in one.code] == []
    assert found


def test_the_table_is_well_formed() -> None:
    for issuer, known in issuers().items():
        assert isinstance(known, Issuer)
        assert re.fullmatch(r"[A-Z]{1,3}", issuer)
        assert (known.adult_age > 0) == (known.child_years > 0)
        assert known.number is None or not known.number.fullmatch("")


@given(DAYS, DAYS, DAYS, st.sampled_from(sorted(issuers())), st.text("AB12<", min_size=1, max_size=9))
def test_nothing_breaks_it(today: date, birth: date, expiry: date, issuer: str, number: str) -> None:
    document = TravelDocument(**{**_fields(passport()), "issuer": issuer, "nationality": issuer})
    lines = changed(changed(to_mrz(document), 2, 14, f"{birth:%y%m%d}"), 2, 22, f"{expiry:%y%m%d}")
    for found in sanity_findings(parsed(changed(lines, 2, 1, number.ljust(9, "<"))), today):
        assert found.code.startswith("document.")


def _fields(document: TravelDocument) -> dict[str, object]:
    return {name: getattr(document, name) for name in TravelDocument.__dataclass_fields__}
