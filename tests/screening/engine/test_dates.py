"""Dates of birth: reading, packing, comparing, one by one and many at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checkpoint_app.screening.date_points import weigh_days, weigh_ranges
from checkpoint_app.screening.dates import FULL, Agreement, Birth, compare, pack, read_birth
from checkpoint_app.screening.entry import ListedDate
from tests.screening.engine.helpers import listed


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("740812", Birth((1974, 2074), 8, 12)),
        ("74<<<<", Birth((1974, 2074))),
        ("7408<<", Birth((1974, 2074), 8)),
        ("740000", Birth((1974, 2074))),
        ("7408xx", Birth(())),
        ("<<0812", Birth(())),
        ("741399", Birth((1974, 2074))),
        ("740899", Birth((1974, 2074), 8)),
        ("1974-08-12", Birth((1974,), 8, 12)),
        ("1974-08", Birth((1974,), 8)),
        ("1974", Birth((1974,))),
        ("", Birth(())),
        ("unknown", Birth(())),
    ],
)
def test_reading(text: str, birth: Birth) -> None:
    assert read_birth(text) == birth


@given(st.text(max_size=12))
def test_reading_never_raises(text: str) -> None:
    assert len(read_birth(text).years) <= 2


def test_packing() -> None:
    assert pack(listed("1974-08-12")) == (19740812, 19740812)
    assert pack(listed("1974")) == (19740000, 19740000)
    assert pack(listed("1974/1971")) == (19710000, 19740000)
    assert pack(listed("~1950")) == (19480000, 19520000)
    assert pack(listed("~0001")) == (10000, 30000)
    assert pack(listed("circa 1950")) is None


def points(birth: str, *dates: str) -> tuple[float, Agreement]:
    evidence = compare(read_birth(birth), [packed for d in dates if (packed := pack(listed(d)))])
    return evidence.points, evidence.agreement


def test_both_centuries_are_tried() -> None:
    assert points("050101", "1905-01-01")[1] is Agreement.SAME
    assert points("050301", "2005-03-01") == (FULL, Agreement.SAME)
    assert read_birth("050301").near(2003) == "2005-03-01"
    assert read_birth("050301").near(1903) == "1905-03-01"
    assert Birth(()).near(1900) == ""


def test_new_year_says_less_than_another_day() -> None:
    assert points("740101", "1974-01-01")[0] < points("740102", "1974-01-02")[0]
    assert points("740101", "1974-06-15")[0] > points("740102", "1974-06-15")[0]


def test_the_best_of_several_dates_counts() -> None:
    assert points("740812", "1950-01-02", "1974-08-12") == (FULL, Agreement.SAME)
    assert compare(read_birth("740812"), [pack(listed("1950")), pack(listed("1974-08-12"))]).place == 1


def test_a_narrow_range_says_more_than_a_wide_one() -> None:
    assert points("740812", "1974/1975")[0] > points("740812", "1970/1980")[0] > points("740812", "1900/1973")[0]
    assert points("740812", "1900/1973")[0] > points("740812", "1900/1950")[0]
    assert points("740812", "1900/2000")[0] == 0


def test_the_neighbouring_year_is_graded() -> None:
    assert points("740812", "1975")[0] > points("740812", "1976")[0]
    assert points("740812", "1975-08-20")[0] > points("740812", "1975-11-20")[0]
    assert points("740812", "1947-08-12")[0] > points("740812", "1950-08-12")[0] > points("740812", "1950-08-13")[0]


DATES = st.builds(
    lambda y, m, d, parts: y * 10_000 + m * 100 * (parts > 0) + d * (parts > 1),
    st.integers(1900, 2030),
    st.integers(1, 12),
    st.integers(1, 31),
    st.integers(0, 2),
)
BIRTHS = st.one_of(
    st.from_regex(r"\d\d(0[1-9]|1[0-2]|<<)(0[1-9]|[12]\d|3[01]|<<)", fullmatch=True),
    st.from_regex(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d))?)?", fullmatch=True),
)


@given(BIRTHS, st.lists(st.tuples(DATES, DATES), min_size=1, max_size=30))
def test_many_at_once_are_worth_what_each_is(text: str, spans: list[tuple[int, int]]) -> None:
    birth = read_birth(text)
    assume(birth.years)
    first, last = (np.array(side, np.int32) for side in zip(*map(sorted, spans), strict=True))
    apart = [compare(birth, [(low, high)]).points for low, high in zip(first.tolist(), last.tolist(), strict=True)]
    assert weigh_ranges(birth, first, last).tolist() == apart
    assert weigh_days(birth, first).tolist() == [compare(birth, [(day, day)]).points for day in first.tolist()]


@pytest.mark.parametrize(
    ("birth", "listed_date", "expected"),
    [
        ("740812", "1974-08-12", 9.9),
        ("740101", "1974-01-01", 6.4),
        ("740812", "1974-08", 6.4),
        ("740812", "1974", 3.6),
        ("740812", "1974-12-08", 5.0),
        ("740812", "1974-01-01", 3.0),
        ("740812", "1975-08-12", 4.5),
        ("740812", "1974-08-21", 3.2),
        ("740812", "1947-08-12", 2.9),
        ("740812", "1975-08-30", -1.5),
        ("740812", "1958-08-12", -2.5),
        ("740812", "1974-08-30", -1.6),
        ("740812", "1974-03-30", -1.6),
        ("740812", "1974-03", -1.6),
        ("740812", "1958-03-30", -5.0),
        ("740812", "1976/1979", -5.0),
        ("740812", "1975/1979", -1.5),
    ],
)
def test_points_of_each_kind_of_agreement(birth: str, listed_date: str, expected: float) -> None:
    """Thresholds rest on these: another number moves every list's scale."""
    assert points(birth, listed_date)[0] == expected


@pytest.mark.parametrize("text", ["740812", "740101", "7408<<", "1974-08-12"])
def test_many_at_once_on_every_date_of_the_years_beside(text: str) -> None:
    """All of them, for what chance seldom meets: the same month, or month and day exchanged."""
    birth = read_birth(text)
    years, parts = range(1972, 1977), [100 * month + day for month in range(13) for day in range(32 if month else 1)]
    dates = [10_000 * year + part for year in years for part in parts]
    assert weigh_days(birth, np.array(dates, np.int32)).tolist() == [compare(birth, [(d, d)]).points for d in dates]


@pytest.mark.parametrize("text", ["1974-13-01", "1974-05-45", "0000", "0000-05-12"])
def test_a_listed_day_that_there_is_not_is_no_date(text: str) -> None:
    assert pack(ListedDate(text, text)) is None
