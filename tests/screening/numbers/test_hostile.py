"""What comes from outside, or was changed on disk, is refused in words, and never found or missed by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.screening import RecordError, SegmentError, build_segment, load
from checkpoint_app.screening.numbers import pages
from checkpoint_app.screening.numbers.blocks import from_records, to_records
from checkpoint_app.screening.numbers.build import NumberBuilder, blocks_of
from checkpoint_app.screening.numbers.delta import NumberDelta, make_delta
from checkpoint_app.screening.numbers.form import Chunk, ordered
from checkpoint_app.screening.numbers.look_up import PAGES, build_documents
from checkpoint_app.store import SegmentError as DamagedError
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from tests.screening.numbers.helpers import KEY, built, listing, sections

RECORDS = [{"number": f"X{n:05}", "issuer": "UTO", "category": "lost"} for n in range(3000)]
SECTIONS = sections(RECORDS)
BLOCKS = list(blocks_of(RECORDS, KEY))


@given(st.integers(0, len(SECTIONS[PAGES]) - 1), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_of_a_page_is_noticed_by_who_reads_it(place: int, flip: int) -> None:
    data = bytearray(SECTIONS[PAGES])
    data[place] ^= flip
    documents = load("documents", SECTIONS | {PAGES: bytes(data)})
    answers = []
    for record in RECORDS[::100]:
        try:
            answers.append(bool(documents.look_up(record["number"], "UTO")))
        except SegmentError as error:
            assert "changed on disk" in str(error)  # noqa: PT017
    assert all(answers)
    with pytest.raises(SegmentError, match="changed on disk"):
        list(documents.chunks())


def test_pages_that_change_places_are_noticed() -> None:
    data = SECTIONS[PAGES]
    swapped = data[4096:8192] + data[:4096] + data[8192:]
    documents = load("documents", SECTIONS | {PAGES: swapped})
    with pytest.raises(SegmentError):
        list(documents.chunks())


@pytest.mark.parametrize("name", ["number.pages", "number.fences", "number.digests", "meta"])
@given(cut=st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_a_section_that_is_cut_is_refused(name: str, cut: int) -> None:
    with pytest.raises(SegmentError):
        load("documents", SECTIONS | {name: SECTIONS[name][:-cut]})


@pytest.mark.parametrize(
    "change",
    [{"key": "zz"}, {"key": None}, {"issuers": []}, {"issuers": ["X"]}, {"issuers": "UTO"}, {"ranges": None},
     {"ranges": [{"first": "A1"}]}, {"count": "many"}, {"count": -1}, {"count": 1 << 40}],
)  # fmt: skip
def test_what_is_said_of_a_list_is_checked(change: dict[str, Any]) -> None:
    meta = json.loads(SECTIONS["meta"]) | change
    with pytest.raises(SegmentError):
        load("documents", SECTIONS | {"meta": json.dumps(meta).encode()})


def _block(change: dict[str, Any]) -> list[dict[str, Any]]:
    return [BLOCKS[0], {**BLOCKS[1], **change}]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "without its head"),
        ([{"number": "A1", "issuer": "D", "category": "lost"}], "import it again"),
        ([{**BLOCKS[0], "key": b"short"}, BLOCKS[1]], "expected 32 bytes"),
        ([{**BLOCKS[0], "count": 2}, BLOCKS[1]], "its head says 2"),
        ([{**BLOCKS[0], "count": True}, BLOCKS[1]], "count: expected"),
        ([{**BLOCKS[0], "count": 1 << 33}, BLOCKS[1]], "count: expected"),
        ([{**BLOCKS[0], "issuers": [""]}, BLOCKS[1]], "no issuer or no category"),
        ([{**BLOCKS[0], "issuers": ["", "A", "A"]}, BLOCKS[1]], "different short codes"),
        ([{**BLOCKS[0], "issuers": ["", "A" * 17]}, BLOCKS[1]], "different short codes"),
        ([{**BLOCKS[0], "ranges": [{}] * 10_001}, BLOCKS[1]], "at most 10000"),
        ([BLOCKS[0], BLOCKS[1], BLOCKS[1]], "not sorted"),
        ([BLOCKS[0]], "0 are in it"),
        (_block({"hash": b"1234567"}), "1 to 65536"),
        (_block({"hash": b"", "tag": b""}), "1 to 65536"),
        (_block({"tag": b"\x00"}), "1 to 65536"),
        (_block({"tag": b"\xff" * len(BLOCKS[1]["tag"])}), "no issuer or no category"),
        (_block({"hash": bytes(len(BLOCKS[1]["hash"]))}), "not sorted"),
        (_block({"hash": "text"}), "expected the bytes"),
        (_block({"hash": bytes(8 * 65_537), "tag": bytes(2 * 65_537)}), "1 to 65536"),
    ],
)
def test_records_that_are_no_list_are_refused(records: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        list(build_segment("documents", records))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["key", "issuers", "count", "ranges", "hash", "tag", "delta", "added", "removed"]),
            st.one_of(
                st.none(), st.integers(), st.binary(max_size=64), st.text(max_size=5), st.lists(st.text(max_size=3))
            ),
        ),
        max_size=4,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_records_whatever_raise_anything_else(records: list[dict[str, Any]]) -> None:
    for read in (lambda: list(build_segment("documents", records)), lambda: NumberDelta.from_records(records)):
        _only_record_error(read)


def _only_record_error(read: Callable[[], object]) -> None:
    try:
        read()
    except RecordError:
        return


def test_a_change_says_how_much_it_holds() -> None:
    old, new = built(RECORDS[:50]), built(RECORDS[40:])
    records = list(make_delta(old.head, old.chunks(), new.head, new.chunks()).to_records())
    assert (records[0]["added"], records[0]["removed"]) == (2950, 40)
    for wrong in (
        records[:-1],
        [*records, records[-1]],
        [records[0] | {"added": 2951}, *records[1:]],
        [records[0] | {"removed": 1 << 30}, *records[1:]],
        [records[0] | {"delta": b"key"}, *records[1:]],
    ):
        with pytest.raises(RecordError):
            NumberDelta.from_records(wrong)


def test_lists_under_different_keys_cannot_be_compared() -> None:
    old, new = NumberBuilder(), NumberBuilder()
    with pytest.raises(SegmentError, match="different keys"):
        make_delta(old.finish(), old.chunks(), new.finish(), new.chunks())


def test_a_hash_that_fills_pages_is_found_in_all_of_them() -> None:
    tags = list(range(8, 8 + 3 * pages.PER_PAGE))
    wanted = 1 << 40
    chunk = ordered(np.full(len(tags), wanted, np.uint64), np.array(tags, np.uint16))
    other = Chunk(np.array([5, wanted - 1], np.uint64), np.array([8, 8], np.uint16))
    maker = pages.PageMaker(KEY)
    data = b"".join(maker.pages([other, chunk]))
    made = pages.Pages(KEY, len(tags) + 2, maker.beside(), data)
    assert made.tags_of(wanted) == tags
    assert made.tags_of(5) == [8]
    assert made.tags_of(wanted + 1) == made.tags_of(0) == []


def test_a_list_rests_page_by_page_in_a_segment_and_a_cut_file_is_refused(tmp_path: Path) -> None:
    path, key = tmp_path / "a.segment", b"\x01" * 32
    with SegmentWriter(path, key) as writer:
        for name, data in build_documents(BLOCKS):
            (writer.add_clear if name == PAGES else writer.add)(name, data)
        writer.finish()
    with SegmentReader(path, key) as segment:
        assert len(segment.section(PAGES)) == len(SECTIONS[PAGES])
        documents = load("documents", {name: segment.section(name) for name in segment.sections()})
    path.rename(tmp_path / "b.segment")  # as when a newer version takes its place: who still asks gets answers
    assert documents.look_up("X00017", "UTO")
    whole = (tmp_path / "b.segment").read_bytes()
    assert b"X00017" not in whole
    assert KEY not in whole
    with (tmp_path / "b.segment").open("r+b") as file:
        file.truncate(100)
    with pytest.raises(DamagedError, match="cut short"):
        documents.look_up("X00017", "UTO")
    path.write_bytes(whole[:-1])
    with pytest.raises(DamagedError):
        SegmentReader(path, key)


def test_blocks_are_of_bounded_size_and_come_back() -> None:
    builder = built(RECORDS)
    head, chunks = from_records(to_records(builder.head, builder.chunks()))
    assert head == builder.head
    assert sum(map(len, chunks)) == 3000
    assert len(listing(RECORDS)) == 3000


@pytest.mark.parametrize(("field", "value"), [("key", "00" * 65), ("count", float("inf"))])
def test_a_size_that_nothing_here_has_is_refused(field: str, value: object) -> None:
    meta = json.loads(SECTIONS["meta"]) | {field: value}
    with pytest.raises(SegmentError, match="build it again"):
        load("documents", SECTIONS | {"meta": json.dumps(meta).encode()})
