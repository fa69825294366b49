"""Dates: century by the given day, unknown parts, and what is no date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import PartialDate
from checkpoint_app.documents.dates import NoSuchDateError, read_birth, read_expiry, write_date
from tests.documents.helpers import TODAY


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("740812", "1974-08-12"),
        ("261124", "2026-11-24"),  # born today
        ("261125", "1926-11-25"),  # tomorrow would be the future
        ("261224", "1926-12-24"),
        ("271101", "1927-11-01"),
        ("000229", "2000-02-29"),
        ("740800", "1974-08"),
        ("740000", "1974"),
        ("7408<<", "1974-08"),
        ("74<<<<", "1974"),
        ("26<<<<", "2026"),
        ("2611<<", "2026-11"),
        ("2612<<", "1926-12"),
        ("27<<<<", "1927"),
        ("<<<<<<", ""),
        ("<<0812", ""),
        ("<<0229", ""),
        ("74<<12", "1974"),
        ("26<<25", "2026"),  # in some month of this year, it may be
        ("27<<01", "1927"),
    ],
)
def test_birth(raw: str, iso: str) -> None:
    read = read_birth(raw, TODAY)
    assert str(read) == iso
    assert read.raw == raw


def test_unknown_parts_are_none() -> None:
    assert read_birth("<<0812", TODAY) == PartialDate("<<0812", None, 8, 12)
    assert read_birth("740000", TODAY) == PartialDate("740000", 1974, None, None)
    assert read_birth("74<<12", TODAY) == PartialDate("74<<12", 1974, None, 12)


@pytest.mark.parametrize(
    "raw",
    [
        "741301",
        "740832",
        "740230",
        "750229",
        "7<0812",
        "<40812",
        "74081<",
        "<<1301",
        "<<0230",
        "74<<32",
        "7408",
        "290229",
    ],
)
def test_no_birth_date(raw: str) -> None:
    with pytest.raises(NoSuchDateError):
        read_birth(raw, TODAY)


def test_a_leap_day_decides_the_century_where_only_one_has_it() -> None:
    assert str(read_birth("000229", date(2110, 1, 1))) == "2000-02-29"


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("270415", "2027-04-15"),
        ("120415", "2012-04-15"),
        ("761124", "2076-11-24"),  # fifty years ahead to the day
        ("761125", "1976-11-25"),
        ("770101", "1977-01-01"),
        ("991231", "1999-12-31"),
        ("<<<<<<", ""),
    ],
)
def test_expiry(raw: str, iso: str) -> None:
    assert str(read_expiry(raw, TODAY)) == iso


@pytest.mark.parametrize("raw", ["27<<<<", "2704<<", "270400", "270000", "271301", "<<0415", "2704<5", "270230"])
def test_no_expiry_date(raw: str) -> None:
    with pytest.raises(NoSuchDateError):
        read_expiry(raw, TODAY)


def test_expiry_across_the_turn_of_a_century() -> None:
    assert str(read_expiry("050101", date(2095, 6, 1))) == "2105-01-01"
    assert str(read_birth("960101", date(2095, 6, 1))) == "1996-01-01"


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)), st.integers(0, 99 * 365))
def test_a_birth_in_the_last_99_years_is_read_back(today: date, days: int) -> None:
    born = today - timedelta(days=days)
    read = read_birth(f"{born:%y%m%d}", today)
    assert read.as_date() == born


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)), st.integers(-49 * 365, 50 * 365))
def test_an_expiry_within_fifty_years_is_read_back(today: date, days: int) -> None:
    expires = today + timedelta(days=days)
    assert read_expiry(f"{expires:%y%m%d}", today).as_date() == expires


@given(st.text(alphabet="0123456789<", min_size=6, max_size=6), st.dates())
def test_any_six_characters_on_any_day(raw: str, today: date) -> None:
    try:
        born = read_birth(raw, today)
    except NoSuchDateError:
        return
    assert born.as_date() is None or born.as_date() <= today  # type: ignore[operator]
    assert write_date(born) == raw


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (PartialDate("7408<<", 1974, 8), "7408<<"),
        (PartialDate("", 1974, 8, 12), "740812"),
        (PartialDate("", 2005, 1, 2), "050102"),
        (PartialDate("", 2000, 1, 2), "000102"),
        (PartialDate("", 1974), "74<<<<"),
        (PartialDate(""), "<<<<<<"),
    ],
)
def test_written(value: PartialDate, raw: str) -> None:
    assert write_date(value) == raw


@pytest.mark.parametrize(
    ("value", "iso", "whole"),
    [
        (PartialDate("740812", 1974, 8, 12), "1974-08-12", date(1974, 8, 12)),
        (PartialDate("7408<<", 1974, 8), "1974-08", None),
        (PartialDate("74<<12", 1974, None, 12), "1974", None),
        (PartialDate("<<0812", None, 8, 12), "", None),
        (PartialDate("", 974, 8, 12), "0974-08-12", date(974, 8, 12)),
    ],
)
def test_as_text_and_as_date(value: PartialDate, iso: str, whole: date | None) -> None:
    assert str(value) == iso
    assert value.as_date() == whole
