"""Agreements and handling codes."""

from datetime import datetime

import pytest

from checkpoint_app.verdict import Agreement, HandlingCode
from tests.verdict.helpers import DAY, NOW, SECOND


def test_the_term_holds_its_begin_and_not_its_end() -> None:
    agreement = Agreement("A", NOW, NOW + DAY)
    assert not agreement.in_force(NOW - SECOND)
    assert agreement.in_force(NOW)
    assert agreement.in_force(NOW + DAY - SECOND)
    assert not agreement.in_force(NOW + DAY)


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_ends_after_it_begins(days: int) -> None:
    with pytest.raises(ValueError, match="agreement A: it ends before it begins"):
        Agreement("A", NOW, NOW + days * DAY)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (NOW.replace(tzinfo=None), NOW + DAY),
        (NOW, (NOW + DAY).replace(tzinfo=None)),
        (NOW.replace(tzinfo=None), (NOW + DAY).replace(tzinfo=None)),
    ],
)
def test_a_term_has_time_zones(begins: datetime, ends: datetime) -> None:
    with pytest.raises(ValueError, match="agreement A: its term needs a time zone"):
        Agreement("A", begins, ends)


@pytest.mark.parametrize("code", list(HandlingCode))
def test_handling_codes_are_read_back(code: HandlingCode) -> None:
    assert HandlingCode.read(code.value) is code


@pytest.mark.parametrize("text", ["", "open", "LE_ONLY", "SECRET"])
def test_an_unknown_handling_code_is_the_strictest(text: str) -> None:
    assert HandlingCode.read(text) is HandlingCode.ASK_ORIGINATOR
