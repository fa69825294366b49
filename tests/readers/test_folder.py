"""The watched folder: only complete, new, plain, bounded files; names are never told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkpoint_app.readers import folder as folder_module
from checkpoint_app.readers.folder import FolderReader
from checkpoint_app.readers.protocol import Health, Source


def polled(reader: FolderReader, times: int = 2) -> list[bytes]:
    return [raw.image for _ in range(times) for raw in reader.poll()]


def test_a_new_picture_comes_once_when_its_size_has_settled(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path)
    (tmp_path / "MUSTER ERIKA.jpg").write_bytes(b"one")
    assert polled(reader, 1) == []
    inputs = reader.poll()
    assert [(raw.source, raw.image) for raw in inputs] == [(Source.FOLDER, b"one")]
    assert "MUSTER" not in repr(inputs)
    assert "one" not in repr(inputs)
    assert polled(reader, 3) == []


def test_a_growing_file_waits(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path)
    path = tmp_path / "a.png"
    for size in range(1, 5):
        path.write_bytes(bytes(size))
        assert polled(reader, 1) == []
    assert polled(reader, 1) == [bytes(4)]


def test_what_was_there_is_left_alone_unless_asked_for_or_changed(tmp_path: Path) -> None:
    path = tmp_path / "old.jpg"
    path.write_bytes(b"old")
    assert polled(FolderReader(tmp_path, existing=True)) == [b"old"]
    reader = FolderReader(tmp_path)
    assert polled(reader) == []
    path.write_bytes(b"newer")
    assert polled(reader) == [b"newer"]


def test_a_name_used_again_is_a_new_picture(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path)
    path = tmp_path / "scan.jpg"
    path.write_bytes(b"one")
    assert polled(reader) == [b"one"]
    path.unlink()
    assert polled(reader) == []
    path.write_bytes(b"two")
    assert polled(reader) == [b"two"]


def test_removed_once_read_or_kept(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path, remove=True)
    (tmp_path / "a.jpg").write_bytes(b"a")
    assert polled(reader) == [b"a"]
    assert list(tmp_path.iterdir()) == []
    keeper = FolderReader(tmp_path)
    (tmp_path / "b.jpg").write_bytes(b"b")
    assert polled(keeper) == [b"b"]
    assert (tmp_path / "b.jpg").exists()


def test_oldest_first(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path)
    for number, name in enumerate(("z.jpg", "m.jpg", "a.jpg")):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, ns=(number, number))
    assert polled(reader) == [b"z.jpg", b"m.jpg", b"a.jpg"]


def test_other_things_are_not_read(tmp_path: Path) -> None:
    reader = FolderReader(tmp_path)
    secret = tmp_path / "secret.key"
    secret.write_bytes(b"secret")
    (tmp_path / "link.jpg").symlink_to(secret)
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / ".partial.jpg").write_bytes(b"x")
    (tmp_path / "note.md").write_bytes(b"x")
    assert polled(reader, 3) == []


def test_too_large_is_refused_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MOST_BYTES", 10)
    reader = FolderReader(tmp_path)
    (tmp_path / "a.jpg").write_bytes(bytes(11))
    inputs = reader.poll() + reader.poll() + reader.poll()
    assert [(raw.image, raw.refused) for raw in inputs] == [(b"", "too_large")]


def test_a_folder_that_comes_and_goes(tmp_path: Path) -> None:
    place = tmp_path / "in"
    reader = FolderReader(place)
    assert reader.health is Health.ABSENT
    assert reader.poll() == []
    place.mkdir()
    (place / "a.jpg").write_bytes(b"a")
    assert polled(reader) == [b"a"]
    assert reader.health is Health.READY
    reader.close()
    (place / "b.jpg").write_bytes(b"b")
    assert polled(reader) == []
    assert reader.health is Health.CLOSED


def test_no_more_than_fits_into_memory_is_taken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_MOST_AT_ONCE", 10)
    reader = FolderReader(tmp_path)
    for number in range(5):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(bytes((number,)) * (4 if number else 11))
        os.utime(path, (number + 1, number + 1))
    assert [[raw.image[0] for raw in reader.poll()] for _ in range(5)] == [[], [0], [1, 2], [3, 4], []]
