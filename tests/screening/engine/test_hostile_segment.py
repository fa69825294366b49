"""What stands in a segment is not taken on trust: whatever is wrong in it is a SegmentError, at loading or asking."""

from __future__ import annotations

import json
import tracemalloc

import msgpack
import numpy as np
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checkpoint_app.screening import PersonList, SegmentError, blocks, build_segment, entry_to_plain, load
from checkpoint_app.screening.entry import Entry, ListedDocument, Subject
from checkpoint_app.screening.form import is_plain
from checkpoint_app.screening.plain import entry_from_plain
from checkpoint_app.screening.sections import bytes_of
from tests.screening.engine.helpers import CALIBRATION, KNOWN, entry, strangers
from tests.screening.engine.test_search import ENTRIES

SAINTS = [entry(f"F{n}", "Saint-Fleur", "Odette", "1970") for n in range(5)]
SOUND = dict(build_segment("persons", [entry_to_plain(one) for one in (*KNOWN, *SAINTS, *strangers(20))], CALIBRATION))
ASKED = (
    Subject("ERIKSON", "ANA MARIA", birth="740812", sex="F", nationality="UTO", document_number="L898902C3"),
    Subject("QUISPE", "PEDRO", birth="1950-01-01", sex="M", nationality="BOL"),
    Subject("VILLAVICENCIO", "MAX", name_truncated=True),
    Subject("SUHARYANTO", ""),
)
DTYPES = {
    "posting.offsets": np.uint32,
    "posting.persons": np.uint32,
    "person.names": np.uint32,
    "name.tokens": np.uint32,
    "name.families": np.uint8,
    "token.numbers": np.uint32,
    "person.birth": np.int32,
    "person.dates": np.uint32,
    "person.states": np.uint32,
    "state.numbers": np.uint16,
    "person.sex": np.uint8,
    "person.slot": np.uint32,
    "document.hash": np.uint64,
    "document.person": np.uint32,
    "id.hash": np.uint64,
    "id.person": np.uint32,
    "entry.offsets": np.uint64,
    "tokens.sound.number": np.uint32,
    "tokens.edits.number": np.uint32,
}


def ask(sections: dict[str, bytes]) -> None:
    """Load and ask; only a SegmentError may come out."""
    try:
        persons = load("persons", sections)
        assert isinstance(persons, PersonList)
        for subject in ASKED:
            persons.screen(subject)
        list(persons.details.records())
    except SegmentError:
        pass


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_a_number_that_leads_nowhere_is_refused(name: str) -> None:
    values = np.frombuffer(SOUND[name], DTYPES[name]).copy()
    values[0] = np.iinfo(DTYPES[name]).max
    with pytest.raises(SegmentError, match="build it again"):
        load("persons", SOUND | {name: values.tobytes()})


@pytest.mark.parametrize("name", sorted(SOUND))
def test_a_section_cut_short_or_too_long_is_refused(name: str) -> None:
    for data in (SOUND[name][:-1], SOUND[name] + b"\xff", SOUND[name][: len(SOUND[name]) // 2]):
        if name == "tokens.text" and data.count(b"\n") == SOUND[name].count(b"\n"):
            continue  # one letter more or less: another token, and no harm
        with pytest.raises(SegmentError, match="build it again"):
            load("persons", SOUND | {name: data})


def test_a_place_at_which_an_entry_has_no_name_is_told() -> None:
    places = b"\xc8" * len(SOUND["name.places"])
    persons = load("persons", SOUND | {"name.places": places})
    with pytest.raises(SegmentError, match=r"name\.places"):
        persons.screen(ASKED[0])


@given(st.sampled_from(sorted(SOUND)), st.data())
@settings(max_examples=60, deadline=None)
def test_any_damage_is_told_as_damage(name: str, data: st.DataObject) -> None:
    damaged = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    ask(SOUND | {name: bytes(damaged)})


@pytest.mark.parametrize(
    "meta",
    [
        b"[]",
        b"{",
        b"[" * 100_000,
        b"\xff",
        *(
            json.dumps(json.loads(SOUND["meta"]) | change).encode()
            for change in (
                {"states": 7},
                {"states": [7]},
                {"states": []},
                {"calibration": None},
                {"engine": ["x" * 99]},
            )
        ),
    ],
)
def test_a_meta_that_is_none_is_refused(meta: bytes) -> None:
    with pytest.raises(SegmentError):
        load("persons", SOUND | {"meta": meta})


def packed(*records: object) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(map(msgpack.packb, records)))


@pytest.mark.parametrize(
    "block",
    [
        b"no zstd",
        zstandard.ZstdCompressor().compress(b"\xc1"),
        zstandard.ZstdCompressor().compress(bytes(blocks.MAX_BLOCK_BYTES + 1)),
        packed(7),
        packed({"id": ""}),
        packed({"id": "x", "names": "ANA"}),
        packed(msgpack.ExtType(1, b"x")),
        packed(*[{"id": "x"}] * 17),
    ],
)
def test_a_block_that_holds_no_entries_is_refused(block: bytes) -> None:
    one = blocks.Blocks({"entry.blocks": block, "entry.offsets": np.array([0, len(block)], np.uint64).tobytes()})
    with pytest.raises(SegmentError, match="build it again"):
        one.entry(0)


def test_an_entry_that_the_block_does_not_hold_is_refused() -> None:
    block = packed({"id": "x"})
    one = blocks.Blocks({"entry.blocks": block, "entry.offsets": np.array([0, len(block)], np.uint64).tobytes()})
    assert one.entry(0).id == "x"
    with pytest.raises(SegmentError):
        one.entry(1)


def test_a_small_section_is_not_read_when_it_is_large() -> None:
    with pytest.raises(SegmentError, match="meta"):
        bytes_of({"meta": b"12345"}, "meta", 4)


# -- records taken as they come ---------------------------------------------------------------------------------------


@given(ENTRIES)
@settings(max_examples=20, deadline=None)
def test_a_record_taken_as_it_came_and_one_read_as_an_entry_give_the_same_list(entries: list[Entry]) -> None:
    plain = [entry_to_plain(one) for one in entries]
    other = [record | {"unknown": 1, "remarks": None} for record in plain]
    assert all(map(is_plain, plain))
    assert not any(map(is_plain, other))
    assert list(build_segment("persons", plain, CALIBRATION)) == list(build_segment("persons", other, CALIBRATION))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["weak", "strong"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "names", "family", "quality", "birth_dates", "first", "sex"]), inner
            )
        ),
        max_leaves=8,
    )
)
@example({"id": "x", "names": [{"family": "ANA", "quality": "good"}]})
@example({"id": "x", "names": [{"family": "ANA", "whole": 1}]})
@example({"id": "x", "handling": [{}]})
@settings(max_examples=80, deadline=None)
def test_what_is_taken_as_it_came_is_an_entry(record: object) -> None:
    if is_plain(record):
        assert isinstance(record, dict)
        read = entry_from_plain(record)
        assert read.id == record["id"]
        assert [name.family for name in read.names] == [name.get("family", "") for name in record.get("names", [])]


def test_a_long_text_and_a_repeated_number_are_taken_too() -> None:
    long = entry("LONG", "MUSTER", "KLARA", "1980-01-02", documents=(ListedDocument("A 1"), ListedDocument("a-1")))
    long = Entry(**{field: getattr(long, field) for field in long.__slots__} | {"remarks": "ñ" * 4000})
    persons = load("persons", dict(build_segment("persons", [entry_to_plain(long)], CALIBRATION)))
    assert isinstance(persons, PersonList)
    assert persons.entry(0) == long
    assert len(persons.index.arrays.document_hash) == 1


@pytest.mark.parametrize("packed", [b"\x90" * (4 << 20), b"\xdc\xff\xff" + b"\x90" * 0xFFFF])
def test_a_block_that_unpacks_to_far_more_than_entries_is_refused_in_little_memory(packed: bytes) -> None:
    compressed = zstandard.ZstdCompressor().compress(packed)
    held = blocks.Blocks(
        {blocks.BLOCKS: compressed, blocks.OFFSETS: np.array([0, len(compressed)], np.uint64).tobytes()}
    )
    tracemalloc.start()
    with pytest.raises(SegmentError):
        held.entry(0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(packed) + (1 << 20)  # the bytes, and the unpacker's copy
