"""Messages in the confined child, and as they rest in journal and store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.booth.goods import message_reader
from checkpoint_app.booth.goods.message_reader import MessageReader
from checkpoint_app.booth.goods.messages import is_message
from checkpoint_app.booth.goods.seals import seals_of, weight_of
from checkpoint_app.booth.record.cargo_values import MOST_TEXT, plain_of, value_of
from checkpoint_app.booth.record.consignment import MOST_BYTES, ConsignmentRead, consignments_of, fitting
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Dangerous,
    Equipment,
    Goods,
    MessageError,
    Party,
    PassengerList,
)
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import PlainError
from tests.booth.cargo_samples import NOW, RIGHT, consignment, container, message, read_of

CUSCAR = (
    b"UNB+UNOA:2+DEMO+MUSTER+261124:1200+1'UNH+1+CUSCAR:D:95B:UN'BGM+785+DEMO26004417+9'"
    b"TDT+20+0417+1+++++PDM0417'CNI+1+DEMO26004417'CNT+11:640'UNT+6+1'UNZ+1+1'"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[MessageReader]:
    made = MessageReader()
    yield made
    made.close()


def test_a_message_is_read_in_the_child(reader: MessageReader) -> None:
    read = reader.read(CUSCAR)
    assert isinstance(read, CargoMessage)
    assert (read.kind, [one.number for one in read.consignments]) == ("CUSCAR", ["DEMO26004417"])


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"UNB+UNOA", b"UNH+1+NOSUCH:D:95B:UN'UNT+2+1'", b"\xff\xfe<"])
def test_what_cannot_be_read_has_a_code_and_no_text(reader: MessageReader, data: bytes) -> None:
    with pytest.raises(MessageError) as caught:
        reader.read(data)
    assert caught.value.code
    assert "html" not in str(caught.value)


def test_what_is_too_large_is_refused_before_it_is_read(reader: MessageReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_reader, "MOST_BYTES", 10)
    with pytest.raises(MessageError) as caught:
        reader.read(b"UNB" * 10)
    assert caught.value.code == "too_large"


def test_a_message_that_takes_too_long_is_given_up_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MessageReader()
    try:
        made.read(CUSCAR)
        monkeypatch.setattr(message_reader, "WITHIN_S", 0.02)
        with pytest.raises(MessageError) as caught:
            made.read(CUSCAR[:-8] + b"FTX+AAA+++X'" * 300_000)
        assert caught.value.code == "too_slow"
        monkeypatch.undo()
        assert made.read(CUSCAR).kind == "CUSCAR"
    finally:
        made.close()


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b"not json", b'{"cargo": {"kind": 7}}', b'{"passengers": []}'])
def test_an_answer_out_of_form_is_no_message(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    made = MessageReader()
    monkeypatch.setattr(made._confined, "call", lambda _data, _within: answer)
    with pytest.raises(MessageError) as caught:
        made.read(b"UNB+")
    assert caught.value.code == "unreadable"
    made.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CUSCAR, True),
        (b"\r\n UNA:+.? ' UNB+UNOA:1", True),
        (b"UNH+1+COPRAR:D:95B:UN'", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Awmds/>", True),
        ("<Awmds/>".encode("utf-16"), True),
        (b"FWB/16\r\n145-10203046SCLUIO/T12K348", True),
        (b"QK UIOZZXH\n.SCLZZXH 241200\nFFM/8\n1/ZZ641", True),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", False),
        (b"\x89PNG\r\n\x1a\n", False),
        (b"%PDF-1.7", False),
        (b"II*\x00", False),
        (b"P5 2 2 255 abcd", False),
        (b"", False),
    ],
)
def test_a_message_is_known_by_its_first_bytes(data: bytes, expected: bool) -> None:
    assert is_message(data) is expected


def test_what_rests_is_what_was_read() -> None:
    whole = read_of(
        consignment(value=12_345.67, dangerous=(Dangerous("3", "1203"),), extras={"office": "09", "share": 0.5}),
        equipment=(container(RIGHT, "A", full=False, verified_kg=24_000.5),),
    )
    seen = replace(whole, seals={RIGHT: ("A",), "OTHER": ()}, weighed_kg=26_910.25)
    assert ConsignmentRead.from_plain(seen.to_plain()) == seen
    assert seen.with_seen(seen.seen_plain()) == seen
    assert seen.with_seen({**seen.seen_plain(), "weighed_g": None}).weighed_kg is None
    canonical_bytes(seen.to_plain())


@pytest.mark.parametrize(
    "data", [None, [], {"consignment": []}, {"read_at": 5, "consignment": {}}, {"consignment": {}}]
)
def test_what_is_not_in_plain_form_is_refused(data: object) -> None:
    with pytest.raises(PlainError):
        ConsignmentRead.from_plain(data)


TEXT = st.text(max_size=2 * MOST_TEXT)
WEIGHT = st.none() | st.floats(0, 1e7).map(lambda kg: round(kg, 3))


@given(
    st.builds(
        Consignment,
        number=st.none() | TEXT,
        weight_kg=WEIGHT | st.sampled_from([float("inf"), 1e300, -5.0]),
        packages=st.none() | st.integers(-(2**70), 2**70),
        goods=st.tuples(st.builds(Goods, text=TEXT, value=WEIGHT, hs=st.tuples(TEXT))),
        parties=st.tuples(st.builds(Party, role=TEXT, name=st.none() | TEXT)),
    )
)
def test_any_consignment_has_a_form_that_can_be_signed(one: Consignment) -> None:
    (whole,) = consignments_of(CargoMessage("CUSCAR", consignments=(one,)), NOW)
    read = fitting(whole)
    plain = read.to_plain()
    assert len(canonical_bytes(plain)) < 4 * MOST_BYTES
    assert ConsignmentRead.from_plain(plain).to_plain() == plain


def test_a_huge_consignment_keeps_what_has_room_and_counts_the_rest() -> None:
    goods = tuple(Goods(f"goods {n} " + "x" * 480, ("080390",)) for n in range(5_000))
    read = fitting(ConsignmentRead(consignment(goods=goods), NOW, kind="CUSCAR"))
    kept = len(read.consignment.goods)
    assert 100 <= kept < 5_000
    assert kept + read.left_out == 5_000
    assert len(canonical_bytes(read.to_plain())) <= MOST_BYTES


def test_a_container_is_found_by_any_way_of_writing_it() -> None:
    spaced = container("DMOU 718306-2")
    (read,) = consignments_of(message(consignment(equipment=("dmou7183062",)), equipment=(spaced,)), NOW)
    assert [one.number for one in read.equipment] == ["DMOU 718306-2"]


def test_each_consignment_has_its_own_containers() -> None:
    boxes = (container("AAAU0000001"), container("AAAU0000002"), Equipment(None, "BL"))
    first, second = consignment("A", equipment=("AAAU0000001",)), consignment("B", equipment=("AAAU0000009",))
    reads = list(consignments_of(message(first, second, equipment=boxes), NOW))
    assert [(one.number, [each.number for each in one.equipment]) for one in reads] == [
        ("A", ["AAAU0000001"]),
        ("B", ["AAAU0000009"]),
        ("AAAU0000002", ["AAAU0000002"]),
    ]
    assert [one.place for one in reads] == [0, 1, 2]


def test_a_passenger_list_goes_through_the_child_whole() -> None:
    people = PassengerList("PAXLST", declared=3, prepared="2026-11-24T12:00")
    assert value_of(PassengerList, plain_of(people)) == people


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", None), ("  ", None), ("-", ()), ("a1", ("A1",)), ("a1, b2;c3 d4", ("A1", "B2", "C3", "D4"))],
)
def test_seals_as_typed(text: str, expected: tuple[str, ...] | None) -> None:
    assert seals_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("26910", 26_910.0), ("26910,5", 26_910.5), ("0", None), ("-5", None), ("1e3", None), ("99999999", None)],
)
def test_a_weight_as_typed(text: str, expected: float | None) -> None:
    assert weight_of(text) == expected


@pytest.mark.parametrize("where", [None, 3, {"text": 1}, {"line": "x"}, {"line": True}])
def test_a_child_that_was_taken_over_names_no_place_of_its_own(where: object) -> None:
    with pytest.raises(MessageError) as refused:
        message_reader._message({"error": "xml", "where": where})
    assert refused.value.where == {}
