"""The check "document sound"."""

from datetime import date

import pytest

from checkpoint_app.documents import FINDING_CODES, DocumentFinding, Mrz, document_findings, parse_mrz, to_mrz
from checkpoint_app.documents.mrz import FAULT_CODES
from tests.documents.helpers import CHEDL, FRA2, TD1, TD3, TODAY, changed, parsed, passport


def test_a_sound_passport_has_no_finding() -> None:
    assert document_findings(parsed(to_mrz(passport())), TODAY) == ()


def test_expiry_counts_from_the_day_after() -> None:
    mrz = parsed(TD3)
    assert document_findings(mrz, date(2012, 4, 14)) == ()
    assert document_findings(mrz, date(2012, 4, 15)) == ()
    for later in (date(2012, 4, 16), date(2012, 5, 1), date(2013, 1, 1)):
        assert document_findings(mrz, later) == (DocumentFinding("document.expired", {"date": "2012-04-15"}),)


def born_in_future(mrz: Mrz, today: date) -> bool:
    return "document.born_in_future" in [found.code for found in document_findings(mrz, today)]


def test_a_birth_later_than_today() -> None:
    mrz = parse_mrz(to_mrz(passport()), TODAY)
    assert not born_in_future(mrz, date(1974, 8, 12))
    found = document_findings(mrz, date(1974, 8, 11))
    assert DocumentFinding("document.born_in_future", {"date": "1974-08-12"}) in found


@pytest.mark.parametrize(("raw", "early"), [("74<<<<", date(1973, 12, 31)), ("7408<<", date(1974, 7, 31))])
def test_an_unknown_part_of_a_birth_is_taken_as_its_first(raw: str, early: date) -> None:
    mrz = parsed(changed(to_mrz(passport()), 2, 14, raw))
    assert born_in_future(mrz, early)
    assert not born_in_future(mrz, date.fromordinal(early.toordinal() + 1))


def test_a_birth_without_year_is_never_in_the_future() -> None:
    mrz = parsed(changed(to_mrz(passport()), 2, 14, "<<<<<<0"))
    assert mrz.document.birth_date is not None
    assert not born_in_future(mrz, date(1, 1, 1))


def test_a_wrong_digit_says_what_was_read_and_computed() -> None:
    lines = changed(to_mrz(passport()), 2, 10, "7")
    assert document_findings(parsed(lines), TODAY) == (
        DocumentFinding("document.check_digit", {"field": "document_number", "read": "7", "computed": "6"}),
        DocumentFinding("document.check_digit", {"field": "composite", "read": "6", "computed": "3"}),
    )


def test_other_faults_name_field_and_value() -> None:
    lines = changed(to_mrz(passport()), 1, 3, "BDR")
    assert document_findings(parsed(lines), TODAY) == (
        DocumentFinding("document.unknown_code", {"field": "issuer", "value": "BDR"}),
    )
    lines = changed(to_mrz(passport()), 1, 6, "ER1KSSON")
    assert document_findings(parsed(lines), TODAY) == (
        DocumentFinding("document.characters", {"field": "family_name"}),
    )


def test_documents_that_state_no_expiry() -> None:
    lines = changed(TD1, 2, 9, "<<<<<<0")
    lines = changed(lines, 2, 30, parsed(lines).check_digits[-1].computed)
    assert document_findings(parsed(lines), TODAY) == (DocumentFinding("document.no_expiry"),)
    assert document_findings(parsed(FRA2), TODAY) == (DocumentFinding("document.no_expiry"),)


def test_a_driving_licence_is_not_for_travel() -> None:
    assert document_findings(parsed(CHEDL), TODAY) == (DocumentFinding("document.not_for_travel"),)


def test_every_fault_is_a_finding() -> None:
    assert {f"document.{code}" for code in FAULT_CODES} <= set(FINDING_CODES)
    assert len(set(FINDING_CODES)) == len(FINDING_CODES)
