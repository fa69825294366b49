"""The record of the list of booths: both ways, and bounded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from checkpoint_app.wire.booths import BOOTHS, MOST_BOOTHS, MOST_EARLIER, KnownBooth, read_booths, write_booths
from checkpoint_app.wire.plain import PlainError, to_plain

AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
ONE = KnownBooth("rumichaca-3", "Rumichaca", b"\x01" * 32, b"\x02" * 32, AT)
GONE = KnownBooth("huaquillas-1", "Huaquillas", b"\x03" * 32, b"", AT, AT, (b"\x04" * 32,))


def test_the_record_reads_back() -> None:
    assert read_booths(write_booths((ONE, GONE))) == (ONE, GONE)
    assert (ONE.let_in, GONE.let_in) == (True, False)
    assert read_booths(write_booths(())) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a b"}, {"name": "-a"}, {"post": ""}, {"post": "a\nb"}, {"post": "a" * 65}, {"signing_key": "AAAA"},
        {"exchange_key": "AAAA"}, {"earlier_keys": ["AAAA"]}, {"confirmed_at": "yesterday"}, {"confirmed_at": None},
        {"revoked_at": 0}, {"more": 1}, {"earlier_keys": [to_plain(b"\x05" * 32)] * (MOST_EARLIER + 1)},
    ],
)  # fmt: skip
def test_what_is_no_booth_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PlainError):
        read_booths({BOOTHS: [to_plain(ONE) | changes]})


@pytest.mark.parametrize("record", [{}, {BOOTHS: {}}, {BOOTHS: None}, {BOOTHS: [], "more": []}, {BOOTHS: [None]}])
def test_what_is_no_list_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(PlainError):
        read_booths(record)


def test_nobody_is_named_twice_and_the_list_is_bounded() -> None:
    with pytest.raises(PlainError, match="twice"):
        read_booths(write_booths((ONE, ONE)))
    with pytest.raises(PlainError, match="more than"):
        read_booths({BOOTHS: [None] * (MOST_BOOTHS + 1)})
