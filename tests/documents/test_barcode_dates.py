"""Dates as barcodes write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import PartialDate
from checkpoint_app.documents.barcodes.dates import (
    day_of_decade,
    eight_digits,
    iso_date,
    nearest_day,
    three_bytes,
    to_three_bytes,
)

DAYS = st.dates(date(1900, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "today", "expected"),
    [
        (1, date(2026, 12, 31), date(2027, 1, 1)),
        (365, date(2027, 1, 2), date(2026, 12, 31)),
        (326, date(2026, 11, 24), date(2026, 11, 22)),
        (366, date(2026, 11, 24), date(2024, 12, 31)),  # the next leap year is farther away
        (366, date(2027, 6, 1), date(2028, 12, 31)),
        (0, date(2026, 11, 24), None),
        (367, date(2026, 11, 24), None),
    ],
)
def test_the_nearest_day_of_a_year(day: int, today: date, expected: date | None) -> None:
    assert nearest_day(day, today) == expected


@given(st.integers(1, 365), DAYS)
def test_the_nearest_is_never_over_half_a_year_away(day: int, today: date) -> None:
    found = nearest_day(day, today)
    assert found is not None
    assert found.timetuple().tm_yday == day
    assert abs(found - today) <= timedelta(days=183)


@given(st.integers(-5, 999), st.integers(0, 9), st.dates())
def test_any_day_of_any_year_is_answered(day: int, digit: int, today: date) -> None:
    for found in (nearest_day(day, today), day_of_decade(digit, day, today)):
        assert found is None or found.timetuple().tm_yday == day


@pytest.mark.parametrize(
    ("digit", "day", "expected"),
    [(6, 225, date(2026, 8, 13)), (7, 1, date(2017, 1, 1)), (6, 329, date(2026, 11, 25)), (6, 330, date(2016, 11, 25))],
)
def test_a_day_of_the_last_ten_years(digit: int, day: int, expected: date) -> None:
    assert day_of_decade(digit, day, date(2026, 11, 24)) == expected


@given(DAYS)
def test_eight_digits_are_read_in_both_orders(day: date) -> None:
    expected = PartialDate(f"{day:%y%m%d}", day.year, day.month, day.day)
    assert eight_digits(f"{day:%m%d%Y}") == expected
    assert eight_digits(f"{day:%Y%m%d}") == expected


@pytest.mark.parametrize(
    "text", ["", "0812197", "13321974", "02302030", "00000000", "19740931", "ABCDEFGH", "１２１２１９７４"]
)
def test_eight_characters_that_are_no_date(text: str) -> None:
    assert eight_digits(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1974-08-12", PartialDate("740812", 1974, 8, 12)),
        ("1974-08", PartialDate("7408<<", 1974, 8)),
        ("1974", PartialDate("74<<<<", 1974)),
        ("1974-13-01", None),
        ("1974-02-30", None),
        ("0000", None),
        ("", None),
        ("1974-08-12-01", None),
        ("74-08-12", None),
        ("1974-XX-01", None),
    ],
)
def test_dates_of_json(text: str, expected: PartialDate | None) -> None:
    assert iso_date(text) == expected


@given(st.dates())
def test_three_bytes_come_back(day: date) -> None:
    assert three_bytes(to_three_bytes(day)) == day


def test_the_example_of_the_standard() -> None:
    assert to_three_bytes(date(1957, 3, 25)).hex() == "319ef5"
    assert three_bytes(bytes(3)) is None
    assert three_bytes(b"\xff\xff\xff") is None
