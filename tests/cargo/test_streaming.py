"""Huge messages: what a stream gives is what reading the whole gives, in memory that does not grow."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from io import BytesIO

import pytest

from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.streaming import stream_message
from checkpoint_app.cargo.values import CargoMessage, Consignment, Equipment, MessageError, MessageFault
from tests.cargo.truths import folder
from tests.cargo.xml_messages import DECLARATION, WAYBILL, bill, manifest, unit

CUSCAR = (
    "UNB+UNOA:2+A:ZZ+B:ZZ+260310:0910+1'UNH+1+CUSCAR:D:96B:UN'BGM+785+M1+9'"
    "TDT+20+018N+1++OCNL:172:20+++9321483:146:11:MV MUSTER'LOC+5+CLSAI:139:6'LOC+60+ECGYE:139:6'{body}"
    "CNT+10:{count}'UNT+1+1'UNZ+1+1'"
)
GROUP = "CNI+{n}+B{n}'LOC+9+CLSAI'LOC+11+ECGYE'NAD+CN+++EJEMPLO SA'GID+1+10:CT'FTX+AAA+++WINE'MEA+AAE+G+KGM:100'"


def cuscar(count: int) -> bytes:
    return CUSCAR.format(body="".join(GROUP.format(n=n) for n in range(count)), count=count).encode()


def same(data: bytes) -> None:
    whole = read_message(data)
    assert isinstance(whole, CargoMessage)
    streamed = stream_message(BytesIO(data))
    parts = list(streamed.parts)
    assert streamed.kind == whole.kind
    assert [one for one in parts if isinstance(one, Consignment)] == list(whole.consignments)
    seen = [one for one in parts if isinstance(one, Equipment)]
    assert [replace(one, seals_sent=False) for one in seen] == [
        replace(one, seals_sent=False) for one in whole.equipment
    ]
    assert sorted(map(repr, whole.faults)) == sorted(repr(one) for one in parts if isinstance(one, MessageFault))
    assert parts[-1] == replace(whole, consignments=(), equipment=(), faults=())


@pytest.mark.parametrize(
    "data",
    [
        cuscar(3),
        WAYBILL.encode(),
        DECLARATION.encode(),
        b"FWB/16\n020-12345675FRAUIO/T3K150.5\nOSI/UNH+1+PAXLST'\n",
        manifest(bill("B1", units=unit("CSQU3054383")), bill("B2", "x"), totals=(2, 20)),
    ],
)
def test_a_stream_gives_what_reading_the_whole_gives(data):
    same(data)


def test_a_message_that_is_not_read_before_it_hides_no_manifest():
    other = b"UNB+UNOA:2+A+B+260310:0910+1'UNH+9+CUSRES:D:96B:UN'BGM+962'UNT+3+9'"
    data = other + cuscar(2).split(b"'", 1)[1]
    parts = list(stream_message(BytesIO(data)).parts)
    assert [one.number for one in parts if isinstance(one, Consignment)] == ["B0", "B1"]
    assert MessageFault("other_kind", 2, "UNH") in parts
    same(data)
    same(data.replace(b"UNT+3+9'", b"\xff+3+9'"))


@pytest.mark.data
def test_so_it_is_for_messages_as_received():
    for path in sorted(folder("cargo").iterdir()):
        if not path.name.endswith(".truth.json") and "EX002" not in path.name:
            same(path.read_bytes())


@pytest.mark.parametrize(("make", "few"), [(cuscar, 150), (lambda n: manifest(*map(bill, map(str, range(n)))), 150)])
def test_memory_does_not_grow_with_the_message(make, few):
    peaks = []
    for count in (few, 10 * few):
        data = make(count)
        tracemalloc.start()
        found = sum(isinstance(one, Consignment) for one in stream_message(BytesIO(data)).parts)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found == count
    assert peaks[1] < peaks[0] + 2_000_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x7fELF\x00\x01", "unknown_kind"),
        (b"<html/>", "unknown_kind"),
        (b"UNH+1+PAXLST:D:02B:UN'BGM+745'UNT+3+1'", "not_cargo"),
        (b"UNH+1+INVOIC:D:96A:UN'BGM+380'UNT+3+1'", "unknown_kind"),
        (b"<Awmds><Bol_segment>", "xml"),
    ],
)
def test_what_is_no_cargo_message_is_one_error(data, code):
    with pytest.raises(MessageError) as caught:
        list(stream_message(BytesIO(data)).parts)
    assert caught.value.code == code


def test_a_stream_is_bounded():
    for data in (cuscar(100), manifest(*[bill(str(n)) for n in range(300)])):
        with pytest.raises(MessageError) as caught:
            list(stream_message(BytesIO(data), Limits(bytes=5_000, segments=100)).parts)
        assert caught.value.code in {"too_large", "too_many_segments"}
