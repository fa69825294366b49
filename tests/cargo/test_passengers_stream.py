"""Lists as streams: the same as the whole, part by part, and errors as they are met."""

from __future__ import annotations

from io import BytesIO

import pytest

from checkpoint_app.cargo.passengers_stream import stream_list
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import MessageError, MessageFault, Passenger, PassengerList, Pnr
from tests.cargo.passenger_messages import BOOKING, ERIKA, JUAN, paxlst, pnrgov

LISTS = [paxlst(*ERIKA, *JUAN, count="2"), pnrgov(*BOOKING), pnrgov(*BOOKING, *BOOKING, units=2)]


@pytest.mark.parametrize("data", LISTS, ids=["people", "a booking", "bookings"])
def test_a_stream_says_what_the_whole_says_wherever_it_is_cut(data: bytes) -> None:
    for cut in range(data.index(b"TDT" if b"PAXLST" in data else b"MSG") + 4, len(data) + 1):
        whole = read_message(data[:cut])
        assert isinstance(whole, PassengerList)
        parts = list(stream_list(BytesIO(data[:cut])))
        assert [part for part in parts if isinstance(part, Passenger)] == list(whole.passengers)
        assert [part for part in parts if isinstance(part, Pnr)] == list(whole.pnrs)
        faults = [part for part in parts if isinstance(part, MessageFault)]
        assert sorted(faults, key=repr) == sorted(whole.faults, key=repr)
        head = parts[-1]
        assert isinstance(head, PassengerList)
        assert (head.version, head.legs, head.declared) == (whole.version, whole.legs, whole.declared)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_edifact"),
        (b"<a/>", "not_edifact"),
        (b"UNB+UNOA:4+A'UNH+1+CUSCAR:D:96B'BGM+1'UNT+3+1'", "not_a_list"),
        (b"UNB+UNOA:4+A'" + b"UNS+D'" * 2000 + LISTS[0][LISTS[0].index(b"UNH") :], "not_a_list"),
    ],
)
def test_what_holds_no_list_is_an_error(data: bytes, code: str) -> None:
    with pytest.raises(MessageError) as caught:
        list(stream_list(BytesIO(data)))
    assert caught.value.code == code


def test_what_came_before_a_limit_was_told() -> None:
    parts = stream_list(BytesIO(LISTS[0]), Limits(bytes=99_999, segments=33))
    first = next(parts)
    assert isinstance(first, Passenger)
    assert first.family == "MUSTERFRAU"
    with pytest.raises(MessageError) as caught:
        list(parts)
    assert caught.value.code == "too_many_segments"


def test_a_list_whose_beginning_is_lost_is_told_by_its_envelope() -> None:
    data = b"UNB+UNOA:4+A+B+260310:0830+1++PAXLST'?+1+LOST'BGM+745'NAD+FL+++MUSTER:ANNA'CNT+42:1'UNZ+1+1'"
    parts = list(stream_list(BytesIO(data)))
    assert [one.family for one in parts if isinstance(one, Passenger)] == ["MUSTER"]
