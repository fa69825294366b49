"""Segment files: read back whole or in part; damaged, cut, foreign or half-written ones are told, never used."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.store import SegmentError, SegmentReader, SegmentWriter, StoreMisuseError
from checkpoint_app.store.segments import SealedSection
from checkpoint_app.wire.sealing import CHUNK_BYTES, new_key

KEY = new_key()
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 17)


def write(path: Path, sections: dict[str, bytes], key: bytes = KEY) -> None:
    with SegmentWriter(path, key) as writer:
        for name, data in sections.items():
            writer.add(name, data)
        writer.finish()


@pytest.fixture(scope="module")
def sections() -> dict[str, bytes]:
    return {f"s{size}": random.Random(size).randbytes(size) for size in SIZES}


def test_sections_come_back_in_order_whole_and_in_part(tmp_path: Path, sections: dict[str, bytes]) -> None:
    path = tmp_path / "a.segment"
    write(path, sections)
    with SegmentReader(path, KEY) as reader:
        assert list(reader.sections().items()) == [(name, len(data)) for name, data in sections.items()]
        for name, data in sections.items():
            whole = reader.read(name)
            assert whole == data
            assert whole.readonly
            for start in {0, len(data) // 2, max(0, len(data) - 1), min(len(data), CHUNK_BYTES)}:
                for size in {0, 1, CHUNK_BYTES, len(data)}:
                    if start + size <= len(data):
                        assert reader.read_range(name, start, size) == data[start : start + size]
        with pytest.raises(StoreMisuseError):
            reader.read("none")
        for start, size in ((0, 2), (1, 1), (-1, 1), (0, -1)):
            with pytest.raises(StoreMisuseError):
                reader.read_range("s1", start, size)


@settings(max_examples=25, deadline=None)
@given(pieces=st.lists(st.binary(max_size=200_000), max_size=4))
def test_pieces_of_any_size_make_the_same_section(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "a.segment"
    with SegmentWriter(path, KEY) as writer:
        writer.add("one", iter(pieces))
        writer.add("array", memoryview(b"".join(pieces)))
        writer.finish()
    with SegmentReader(path, KEY) as reader:
        assert reader.read("one") == reader.read("array") == b"".join(pieces)


def test_nothing_of_the_contents_is_in_clear(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    write(path, {"names.of.persons": b"ZURRIAGA" * 100})
    data = path.read_bytes()
    assert b"ZURRIAGA" not in data
    assert b"names.of.persons" not in data


def test_a_writer_that_does_not_finish_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), SegmentWriter(tmp_path / "a.segment", KEY) as writer:  # noqa: PT012
        writer.add("one", b"x" * 1000)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_segment_has_no_name_before_it_is_complete_and_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, done = tmp_path / "a.segment", []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(("fsync", path.exists()))
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append(("rename", path.exists()))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    write(path, {"one": b"x"})
    assert done == [("fsync", False), ("rename", False), ("fsync", True)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_changed_byte_or_cut_is_told(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("harm")
    write(folder / "a", {"one": b"a" * 70_000, "two": b"b" * 10})
    whole = (folder / "a").read_bytes()
    if data.draw(st.booleans()):
        harmed = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        place = data.draw(st.integers(8, len(whole) - 1))  # before it is a magic that nothing reads back
        harmed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    (folder / "b").write_bytes(harmed)
    with pytest.raises(SegmentError), SegmentReader(folder / "b", KEY) as reader:  # noqa: PT012
        for name in reader.sections():
            reader.read(name)


def test_another_key_a_missing_file_and_a_foreign_file_are_told(tmp_path: Path) -> None:
    write(tmp_path / "a", {"one": b"x"})
    with pytest.raises(SegmentError):
        SegmentReader(tmp_path / "a", new_key())
    with pytest.raises(SegmentError, match="missing"):
        SegmentReader(tmp_path / "none", KEY)
    (tmp_path / "text").write_bytes(b"not a segment, but a text of some length")
    with pytest.raises(SegmentError):
        SegmentReader(tmp_path / "text", KEY)


def test_sections_cannot_be_exchanged(tmp_path: Path) -> None:
    """Two sections of one size: their streams are bound to their names."""
    write(tmp_path / "a", {"one": b"1" * 100, "two": b"2" * 100})
    data = bytearray((tmp_path / "a").read_bytes())
    size = 32 + 100 + 16
    first, second = data[8 : 8 + size], data[8 + size : 8 + 2 * size]
    data[8 : 8 + 2 * size] = second + first
    (tmp_path / "b").write_bytes(bytes(data))
    with SegmentReader(tmp_path / "b", KEY) as reader, pytest.raises(SegmentError):
        reader.read("one")


def test_section_names_are_ascii_and_used_once(tmp_path: Path) -> None:
    with SegmentWriter(tmp_path / "a", KEY) as writer:
        writer.add("one", b"")
        for name in ("one", "ñ"):
            with pytest.raises(StoreMisuseError):
                writer.add(name, b"")


def test_a_section_left_at_rest_is_read_in_part_even_when_its_file_is_gone(
    tmp_path: Path, sections: dict[str, bytes]
) -> None:
    path = tmp_path / "a.segment"
    write(path, sections)
    with SegmentReader(path, KEY) as reader:
        resting = {name: reader.section(name, at_rest=True) for name in sections}
        assert isinstance(reader.section("s1"), memoryview)
    path.unlink()
    rng = random.Random(5)
    for name, data in sections.items():
        section = resting[name]
        assert isinstance(section, SealedSection)
        assert len(section) == len(data)
        assert section.read(0, len(data)) == data
        for _ in range(20):
            start = rng.randint(0, len(data))
            size = rng.randint(0, len(data) - start)
            assert section.read(start, size) == data[start : start + size]
        for start, size in ((0, len(data) + 1), (len(data), 1), (-1, 1), (0, -1)):
            with pytest.raises(StoreMisuseError):
                section.read(start, size)


def test_damage_of_a_section_at_rest_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    write(path, {"one": bytes(3 * CHUNK_BYTES)})
    with SegmentReader(path, KEY) as reader:
        section = reader.section("one", at_rest=True)
    with path.open("r+b") as file:
        file.seek(8 + 32 + CHUNK_BYTES + 16 + 99)
        file.write(b"\xff")
    assert isinstance(section, SealedSection)
    assert section.read(0, CHUNK_BYTES) == bytes(CHUNK_BYTES)
    with pytest.raises(SegmentError, match="damaged"):
        section.read(CHUNK_BYTES, 1)
    os.truncate(path, 8 + 32 + 100)
    with pytest.raises(SegmentError, match="cut short"):
        section.read(0, 1)


@pytest.mark.parametrize(
    "place", [[-1, 5], [8, 1 << 40], [1 << 40, 1], [8], [8, 1, 2], [8, True], "8", [8, "1"], [8, 1, 1, 1], None]
)
def test_an_index_that_leads_out_of_the_file_is_refused(tmp_path: Path, place: object) -> None:
    """What wrote the segment had unpacked a stranger's list: its index is authentic, and still not to be trusted."""
    with SegmentWriter(tmp_path / "a", KEY) as writer:
        writer.add("one", b"x" * 100)
        writer._index["one"] = place  # type: ignore[assignment]
        writer.finish()
    with pytest.raises(SegmentError, match="out of the file"):
        SegmentReader(tmp_path / "a", KEY)
