"""Frames of one document come together, in order, bounded, and never by a name that is told."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from checkpoint_app.readers import frames as frames_module
from checkpoint_app.readers.frames import PAUSE_S, FolderFrames, Frame, FramesReader
from checkpoint_app.readers.protocol import Health, RawInput, Source


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Camera:
    """A source of frames that gives what it was told to, or is away."""

    def __init__(self) -> None:
        self.next: list[Frame] = []
        self.away = False

    def __call__(self) -> Iterable[Frame]:
        if self.away:
            raise OSError("unplugged")
        given, self.next = self.next, []
        return given


def polled(reader: FramesReader, clock: Clock, seconds: float) -> list[tuple[bytes, ...]]:
    """Poll ten times a second for ``seconds``."""
    found = []
    for _ in range(round(seconds * 10)):
        clock.now += 0.1
        found += [raw.images for raw in reader.poll()]
    return found


def test_files_that_share_a_stem_are_one_document(tmp_path: Path) -> None:
    clock = Clock()
    reader = FramesReader(FolderFrames(tmp_path), clock)
    for name in ("lane-1-01.jpg", "lane-1-02.jpg", "scan_7.png", "alone.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    found = polled(reader, clock, PAUSE_S + 0.5)
    assert set(found) == {(b"lane-1-01.jpg", b"lane-1-02.jpg"), (b"scan_7.png",), (b"alone.jpg",)}
    assert polled(reader, clock, 3) == []


def test_a_frame_that_comes_within_the_pause_belongs_to_it_and_a_later_one_does_not() -> None:
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    found = []
    for image, wait in ((b"1", PAUSE_S - 0.3), (b"2", PAUSE_S - 0.3), (b"3", PAUSE_S + 0.3), (b"4", PAUSE_S + 0.3)):
        camera.next = [Frame("live", image)]
        found += polled(reader, clock, wait)
    assert found == [(b"1", b"2", b"3"), (b"4",)]


def test_an_input_tells_its_source_and_shows_nothing() -> None:
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    camera.next = [Frame("MUSTER ERIKA", b"secret"), Frame("MUSTER ERIKA", b"other")]
    assert "MUSTER" not in repr(camera.next)
    assert reader.poll() == []
    clock.now += PAUSE_S
    (raw,) = reader.poll()
    assert (raw.source, raw.image, raw.images) == (Source.FRAMES, b"secret", (b"secret", b"other"))
    assert "secret" not in repr(raw)


def test_a_document_that_lies_on_comes_once() -> None:
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    camera.next = [Frame("live", bytes([n])) for n in range(20)]
    assert [len(raw.images) for raw in reader.poll()] == [8]
    camera.next = [Frame("live", b"still there")]
    assert polled(reader, clock, PAUSE_S - 0.1) == []
    camera.next = [Frame("live", b"still there")]
    assert polled(reader, clock, PAUSE_S + 0.3) == []
    camera.next = [Frame("live", b"next traveller")]
    assert polled(reader, clock, PAUSE_S + 0.3) == [(b"next traveller",)]


def test_what_came_while_nobody_asked_is_parted_by_its_own_pauses() -> None:
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    first = [Frame("live", b"first", at=n * 0.2) for n in range(10)]
    camera.next = first[:9]
    assert [len(raw.images) for raw in reader.poll()] == [8]
    clock.now += 60
    second = [Frame("live", b"second", at=20 + n * 0.2) for n in range(3)]
    camera.next = [first[9], *second, Frame("live", b"third", at=40.0)]
    assert reader.poll() == [raw_of(b"second", b"second", b"second")]
    assert polled(reader, clock, PAUSE_S + 0.3) == [(b"third",)]


def raw_of(*images: bytes) -> RawInput:
    return RawInput(Source.FRAMES, image=images[0], images=images)


def test_files_that_were_taken_at_other_times_and_moved_here_together_are_one_document(tmp_path: Path) -> None:
    clock, away, tray = Clock(), tmp_path / "away", tmp_path / "tray"
    away.mkdir()
    tray.mkdir()
    reader = FramesReader(FolderFrames(tray), clock)
    for number in range(3):
        (away / f"page-{number}.jpg").write_bytes(b"x")
        os.utime(away / f"page-{number}.jpg", (1000.0 + 60 * number,) * 2)
        (away / f"page-{number}.jpg").rename(tray / f"page-{number}.jpg")
    assert polled(reader, clock, PAUSE_S + 0.5) == [(b"x", b"x", b"x")]


def test_bytes_and_documents_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_module, "MOST_IMAGE_BYTES", 10)
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    camera.next = [Frame("a", bytes(6)), Frame("a", bytes(6))]
    assert [raw.images for raw in reader.poll()] == [(bytes(6),)]
    camera.next = [Frame(f"{n}", b"x") for n in range(1000)]
    assert len(reader.poll()) == 1000 - 16


def test_too_large_a_file_is_refused_by_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkpoint_app.readers.folder.MOST_BYTES", 10)
    reader = FramesReader(FolderFrames(tmp_path), Clock())
    (tmp_path / "a-1.jpg").write_bytes(bytes(11))
    assert [(raw.image, raw.refused) for raw in [*reader.poll(), *reader.poll()]] == [(b"", "too_large")]


def test_a_source_that_goes_and_comes_back(tmp_path: Path) -> None:
    clock, camera = Clock(), Camera()
    reader = FramesReader(camera, clock)
    assert reader.health is Health.STARTING
    camera.away = True
    assert reader.poll() == []
    assert reader.health is Health.ABSENT
    camera.away = False
    camera.next = [Frame("live", b"1")]
    assert polled(reader, clock, 2) == [(b"1",)]
    assert reader.health is Health.READY
    reader.close()
    camera.next = [Frame("live", b"2")]
    assert polled(reader, clock, 2) == []
    assert reader.health is Health.CLOSED


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    reader = FramesReader(FolderFrames(tmp_path / "gone"), Clock())
    assert reader.poll() == []
    assert reader.health is Health.ABSENT
