"""One way in: what kind a message is, whatever its beginning looks like."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import MessageError, PassengerList
from tests.cargo.passenger_messages import BOOKING, ERIKA, FLIGHT, HEAD, JUAN, paxlst, pnrgov


@pytest.mark.parametrize(("message", "kind"), [(paxlst(*ERIKA), "PAXLST"), (pnrgov(*BOOKING), "PNRGOV")])
def test_the_reader_is_found_by_the_kind_of_the_message(message: bytes, kind: str) -> None:
    read = read_message(message)
    assert isinstance(read, PassengerList)
    assert read.kind == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\x00", "empty"),
        (b"%PDF-1.7 nothing of ours", "unknown_kind"),
        (b"UNB+UNOA:4+A'UNH+1+CUSRES:D:96B'BGM+1'", "unknown_kind"),
        (b"<?xml version='1.0'?><!-- a note --><Letter/>", "unknown_kind"),
        (b"<", "unknown_kind"),
        (b"XYZ/5\r\n", "unknown_kind"),
        (b"UNB+UNOA:4+A'UNH+1+PAXLST'UNT+2+1'UNH+2+CUSCAR'UNT+2+2'", "mixed_kinds"),
    ],
)
def test_what_is_not_read_here_is_said_in_one_line(data: bytes, code: str) -> None:
    with pytest.raises(MessageError) as caught:
        read_message(data)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<AWMDS><General_segment/></AWMDS>", "AWMDS"),
        (b"<a:asycuda xmlns:a='urn:a'><a:Identification/></a:asycuda>", "ASYCUDA-SAD"),
        (b"\x01QU UIOXX\r\n.SCLXX 141310\r\n\x02FWB/16\r\n020-12345675FRAUIO/T3K150.5\r\n\x03", "FWB"),
        (b"FFM\n1/XL641/14MAR/SCL\nUIO\n020-12345675SCLUIO/T3K150.5\n", "FFM"),
    ],
)
def test_capitals_signs_and_versions_do_not_hide_the_kind(data: bytes, kind: str) -> None:
    assert read_message(data).kind == kind


def test_a_message_over_the_limit_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(MessageError) as caught:
        read_message(paxlst(*ERIKA), Limits(bytes=100, segments=100))
    assert caught.value.code == "too_large"


def test_several_messages_of_a_kind_are_one_value() -> None:
    def message(number: int, *body: str) -> str:
        inside = [*FLIGHT, *body, "CNT+42:1'"]
        return "".join([f"UNH+{number}+PAXLST:D:05B:UN'", *inside, f"UNT+{len(inside) + 2}+{number}'"])

    data = "".join([*HEAD, message(1, *ERIKA), message(2, *JUAN), "UNZ+2+1'"])
    read = read_message(data.encode())
    assert isinstance(read, PassengerList)
    assert [one.family for one in read.passengers] == ["MUSTERFRAU", "EJEMPLO"]
    assert len(read.legs) == 1
    assert (read.declared, read.count_matches) == (2, True)
    assert {fault.code for fault in read.faults} == set()


def test_several_interchanges_in_one_file_are_one_value() -> None:
    read = read_message(paxlst(*ERIKA) + b"\r\n" + paxlst(*JUAN))
    assert isinstance(read, PassengerList)
    assert [one.family for one in read.passengers] == ["MUSTERFRAU", "EJEMPLO"]
    assert read.faults == ()


def test_messages_of_another_kind_between_are_left_out_and_named() -> None:
    other = "UNH+2+CUSRES:D:96B:UN'NAD+FL+++NOBODY:AT ALL'UNT+3+2'"
    data = paxlst(*ERIKA).replace(b"UNZ+1+1'", f"{other}UNZ+2+1'".encode())
    read = read_message(data)
    assert isinstance(read, PassengerList)
    assert [one.family for one in read.passengers] == ["MUSTERFRAU"]
    assert [(fault.code, fault.tag) for fault in read.faults] == [("other_kind", "UNH")]


@given(st.binary(max_size=200), st.sampled_from([b"", b"<a>", b"FWB/16\r\n", b"UNB+UNOA:4+A'UNH+1+PNRGOV:11:1'SRC'"]))
def test_no_bytes_raise_anything_but_a_message_error(tail: bytes, head: bytes) -> None:
    with suppress(MessageError):
        assert read_message(head + tail).kind
