"""The image reader end to end: what it reads, what it refuses, and how it comes back after a death."""

from __future__ import annotations

import io
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from PIL import Image

from checkpoint_app.confined import ConfinedTimeoutError, Limits
from checkpoint_app.readers import image as image_module
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.reading import READ_ERRORS, ReadError
from tests.readers.helpers import TD1, TD3, encoded, page, png_header

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader() -> Iterator[ImageReader]:
    with ImageReader(today=lambda: TODAY) as started:
        yield started


@pytest.mark.parametrize("lines", [TD3, TD1])
def test_a_clean_page_is_read_exactly_and_without_doubt(reader: ImageReader, lines: tuple[str, ...]) -> None:
    reading = reader.read(encoded(page(lines), "JPEG", quality=90))
    assert reading.lines == lines
    assert reading.valid
    assert reading.mrz is not None
    assert reading.mrz.document.family_name == "ERIKSSON"
    assert [len(row) for row in reading.confidence] == [len(line) for line in lines]
    assert reader.health is Health.READY


def test_boxes_lie_on_the_zone_and_the_preview_is_a_small_jpeg(reader: ImageReader) -> None:
    picture = page(TD3, width=1400)
    reading = reader.read(encoded(picture))
    boxes = {(box.field, box.line): box for box in reading.boxes}
    number = boxes["document_number", 2]
    pixels = np.asarray(picture.convert("L"))
    left, right = round(number.x * picture.width), round((number.x + number.width) * picture.width)
    top, bottom = round(number.y * picture.height), round((number.y + number.height) * picture.height)
    assert pixels[top:bottom, left:right].min() < 60
    assert number.width == pytest.approx(0.9 * 9 / 44, rel=0.1)
    assert boxes["line", 1].width == pytest.approx(0.9, rel=0.05)
    assert boxes["composite_digit", 2].x > boxes["expiry_date", 2].x
    shown = Image.open(io.BytesIO(reading.preview))
    assert shown.format == "JPEG"
    assert shown.size == reading.preview_size
    assert is_page(shown.size)


def is_page(size: tuple[int, int]) -> bool:
    """A page of 10 to 7, upright; a tilt of a tenth of a degree that was taken out makes it a little higher."""
    return size[0] == 1000 and abs(size[1] - 700) <= 4


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_any_way_up(reader: ImageReader, turn: int) -> None:
    assert reader.read(encoded(page(TD3).rotate(turn, expand=True))).lines == TD3


def test_the_exif_orientation_is_obeyed_in_the_preview(reader: ImageReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    reading = reader.read(encoded(page(TD3).rotate(90, expand=True), "JPEG", exif=exif.tobytes()))
    assert reading.lines == TD3
    assert is_page(reading.preview_size)


@pytest.mark.parametrize("form", ["L", "CMYK", "I;16", "RGBA", "P", "1"])
def test_all_kinds_of_pixels(reader: ImageReader, form: str) -> None:
    picture = page(TD3)
    if form == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 200)
    else:
        picture = picture.convert(form)
    kind = "JPEG" if form == "CMYK" else "PNG"
    assert reader.read(encoded(picture, kind)).lines == TD3


def test_transparent_is_paper_not_black(reader: ImageReader) -> None:
    grey = np.asarray(page(TD3).convert("L"))
    ink = np.zeros((*grey.shape, 4), dtype=np.uint8)
    ink[..., 3] = np.where(grey < 100, 255, 0)
    assert reader.read(encoded(Image.fromarray(ink))).lines == TD3


def test_a_printed_wrong_digit_is_shown_as_printed_and_not_valid(reader: ImageReader) -> None:
    wrong = (TD3[0], TD3[1].replace("7408122", "7408127"))
    reading = reader.read(encoded(page(wrong)))
    assert reading.lines == wrong
    assert not reading.valid
    assert reading.mrz is not None
    assert {fault.field for fault in reading.mrz.faults} == {"birth_date", "composite"}


def test_what_glare_wiped_out_is_never_valid(reader: ImageReader) -> None:
    picture = page(TD3)
    width, height = picture.size
    spot = (round(width * 0.075), round(height * 0.8), round(width * 0.12), height)
    picture.paste((250, 250, 250), spot)
    reading = reader.read(encoded(picture))
    assert not reading.valid


def test_warm_up_leaves_it_ready() -> None:
    with ImageReader(today=lambda: TODAY) as reader:
        assert reader.health is Health.STARTING
        reader.warm_up()
        assert reader.health is Health.READY


def test_a_picture_without_a_zone(reader: ImageReader) -> None:
    reading = reader.read(encoded(page(())))
    assert reading.mrz is None
    assert not reading.valid
    assert reading.preview


REFUSED = {
    "empty": (b"", "empty_file"),
    "text": (b"This is a letter, named photo.jpg\n" * 20, "not_a_picture"),
    "random": (random.Random(1).randbytes(20_000), "not_a_picture"),
    "bomb": (png_header(20_000, 20_000), "too_large"),
    "long": (png_header(17_000, 20), "too_large"),
    "header": (png_header(400, 300), "unreadable"),
    "flood": (bytes(33 << 20), "too_large"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
    "pdf": (b"%PDF-1.7\n" + bytes(500), "unreadable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_code_and_the_child_lives_on(reader: ImageReader, name: str) -> None:
    data, code = REFUSED[name]
    reader.warm_up()
    before = reader.pid
    with pytest.raises(ReadError) as error:
        reader.read(data)
    assert error.value.code == code
    assert str(error.value) == READ_ERRORS[code]
    assert reader.pid == before


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "JPEG2000"])
def test_truncated_files(reader: ImageReader, kind: str) -> None:
    data = encoded(page(TD3), kind)
    with pytest.raises(ReadError) as error:
        reader.read(data[: len(data) // 2])
    assert error.value.code == "unreadable"


def test_a_jpeg_2000_that_asks_for_gigabytes(reader: ImageReader) -> None:
    data = bytearray(encoded(Image.new("RGB", (64, 64)), "JPEG2000"))
    at = data.index(b"ihdr") + 4
    data[at : at + 8] = (30_000).to_bytes(4, "big") * 2
    size = data.index(b"\xff\x51") + 6
    data[size : size + 8] = (30_000).to_bytes(4, "big") * 2
    with pytest.raises(ReadError) as error:
        reader.read(bytes(data))
    assert error.value.code == "too_large"


def test_killed_in_mid_call_it_says_so_and_the_next_picture_is_read() -> None:
    with ImageReader(today=lambda: TODAY) as reader:
        data = encoded(page(TD3))
        reader.read(data)
        assert reader.pid is not None
        timer = threading.Timer(0.05, os.kill, (reader.pid, signal.SIGKILL))
        timer.start()
        with pytest.raises(ReadError) as error:
            _read_for_ever(reader, data)
        timer.join()
        assert error.value.code == "failed"
        assert reader.health is Health.FAILED
        assert reader.read(data).lines == TD3
        assert reader.health is Health.READY


def test_too_slow_is_said_and_ended() -> None:
    with ImageReader(today=lambda: TODAY, timeout_s=0.01) as reader:
        began = time.monotonic()
        with pytest.raises(ReadError) as error:
            reader.read(encoded(page(TD3)))
        assert error.value.code == "too_slow"
        assert time.monotonic() - began < 15
    assert reader.health is Health.CLOSED


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageReader]:
    """A reader whose child hangs where it is told to, on a machine that has nothing else to do."""
    monkeypatch.setattr(image_module, "ENTRY", "tests.readers.hanging:factory")
    monkeypatch.setattr(image_module, "LIMITS", Limits(cpu_s=1))
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    with ImageReader(today=lambda: TODAY) as started:
        started.warm_up()
        yield started


def test_a_picture_that_hangs_is_given_up_after_five_seconds_and_the_next_is_read(hanging: ImageReader) -> None:
    first, began = hanging.pid, time.monotonic()
    with pytest.raises(ReadError) as error:
        hanging.read(b"sleep")
    assert error.value.code == "too_slow"
    assert 5.0 <= time.monotonic() - began < 8.0
    assert hanging.health is Health.FAILED
    assert hanging.read(b"other").mrz is None
    assert hanging.pid != first
    assert hanging.health is Health.READY


def test_another_child_is_started_without_being_asked_for(hanging: ImageReader) -> None:
    first = hanging.pid
    with pytest.raises(ReadError) as error:
        hanging.read(b"spin")  # one second of CPU time is what it may have
    assert error.value.code == "too_slow"
    for _ in range(100):
        if hanging.pid not in {None, first}:
            break
        time.sleep(0.1)
    assert hanging.pid not in {None, first}


@pytest.mark.parametrize(
    ("images", "seconds"),
    [
        ((b"a",), 5.0),
        ((b"a", b"b", b"c"), 7.5),
        ((b"%PDF-1.7",), 15.0),
        ((b"II*\0",), 15.0),
    ],
)
def test_the_time_for_a_read(monkeypatch: pytest.MonkeyPatch, images: tuple[bytes, ...], seconds: float) -> None:
    asked: list[float] = []

    def call(_: object, payload: bytes, timeout_s: float) -> bytes:
        asked.append(timeout_s)
        raise ConfinedTimeoutError

    monkeypatch.setattr(image_module.Confined, "call", call)
    monkeypatch.setattr(image_module.Confined, "renew", lambda _: None)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load in (0.5, 4.0, 60.0):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, load, load))
        with pytest.raises(ReadError):
            ImageReader().read_frames(images)
    assert asked == [seconds, 2 * seconds, 4 * seconds]


def test_one_that_lied_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "ENTRY", "tests.readers.liar:factory")
    monkeypatch.setattr(image_module, "LIMITS", Limits())
    with ImageReader(today=lambda: TODAY) as reader:
        reader.read(b"sure")
        first = reader.pid
        with pytest.raises(ReadError):
            reader.read(b"garbage")
        reader.read(b"sure")
        assert reader.pid != first


def test_an_answer_out_of_form_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "ENTRY", "tests.readers.liar:factory")
    monkeypatch.setattr(image_module, "LIMITS", Limits())
    with ImageReader(today=lambda: TODAY) as reader:
        for lie in (b"garbage", b"lines", b"numbers"):
            with pytest.raises(ReadError) as error:
                reader.read(lie)
            assert error.value.code == "failed"
        assert not reader.read(b"sure").valid  # its word for a wrong check digit is not taken


def _read_for_ever(reader: ImageReader, data: bytes) -> None:
    while True:
        reader.read(data)
