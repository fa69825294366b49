"""Files of several pages: which page is the answer, what is refused and by which name, and that nothing grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.image import LIMITS, ImageReader
from checkpoint_app.readers.reading import ReadError
from checkpoint_app.readers.recogniser.pages import MOST_PAGES, open_pages
from checkpoint_app.readers.recogniser.picture import WORK_SIDE
from tests.readers import files
from tests.readers.helpers import TD3, encoded, page, png_header


@pytest.fixture(scope="module")
def reader() -> Iterator[ImageReader]:
    with ImageReader(today=lambda: date(2026, 11, 24)) as started:
        yield started


def peak_mb(reader: ImageReader) -> float:
    """Return the most memory that the child has had resident so far."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{reader.pid}/status").read_text(encoding="ascii"))
    assert match is not None
    return int(match[1]) / 1024


def test_the_zone_is_found_on_the_last_page_of_a_pdf(reader: ImageReader) -> None:
    blank = Image.new("RGB", (1000, 1414), "white")
    reading = reader.read(files.pdf_of([blank, page(()), page(TD3)]))
    assert reading.lines == TD3
    assert (reading.page, reading.pages) == (3, 3)
    assert peak_mb(reader) <= 600


def test_pages_of_a_tiff_are_looked_at_until_one_has_a_zone(reader: ImageReader) -> None:
    pictures = [Image.new("RGB", (800, 600), "white"), page(TD3).rotate(90, expand=True), page(())]
    reading = reader.read(files.tiff_of(pictures, compression="tiff_lzw"))
    assert reading.lines == TD3
    assert (reading.page, reading.pages) == (2, 3)


def test_a_fax_is_read(reader: ImageReader) -> None:
    fax = page(TD3, width=1700).convert("1")
    assert reader.read(files.tiff_of([fax], compression="group4", dpi=(200, 200))).lines == TD3


def test_where_no_page_has_a_zone_the_first_is_shown(reader: ImageReader) -> None:
    reading = reader.read(files.tiff_of([Image.new("L", (300, 200), 200), Image.new("L", (200, 300), 200)]))
    assert reading.mrz is None
    assert (reading.page, reading.pages) == (1, 2)
    assert reading.preview_size == (300, 200)


def test_a_page_that_is_damaged_costs_no_other(reader: ImageReader) -> None:
    sound, blank = page(TD3), Image.new("L", (640, 480), 90)
    data = bytearray(files.tiff_of([blank, sound]))
    at = data.index(bytes([90]) * 1000)
    tail = encoded(blank, "TIFF").index(bytes([90]) * 1000)
    assert at == tail
    data[4:8] = (10_000_000).to_bytes(4, "little")  # where the first page is to be found
    with pytest.raises(ReadError) as error:
        reader.read(bytes(data))
    assert error.value.code in {"not_a_picture", "unreadable"}
    deflated = bytearray(files.tiff_of([sound.convert("L"), sound], compression="tiff_adobe_deflate"))
    start = deflated.index(b"\x78\x9c") + 40
    deflated[start : start + 400] = bytes(400)
    reading = reader.read(bytes(deflated))
    assert reading.lines == TD3
    assert reading.page == 2


def test_a_pdf_page_is_drawn_at_300_dots_an_inch_within_the_working_size() -> None:
    red = b"1 0 0 rg 0 421 298 421 re f"  # the upper left quarter
    picture = open_pages(files.one_page(red)).page(0)
    assert picture.shape == (WORK_SIDE, 2474, 3)
    assert picture[100, 100].tolist() == [0, 0, 255]
    assert picture[-100, -100].tolist() == [255, 255, 255]
    assert open_pages(files.one_page(b"", b"[0 0 243 153]")).page(0).shape[1] == 1600
    assert open_pages(files.one_page(b"", b"[0 0 500 300]")).page(0).shape == (1250, 2084, 3)


def test_a_turned_page_of_a_pdf_stands_upright() -> None:
    red = b"1 0 0 rg 0 421 298 421 re f"
    picture = open_pages(files.one_page(red, entries=b"/Rotate 90")).page(0)
    assert picture.shape[0] < picture.shape[1]
    assert picture[100, -100].tolist() == [0, 0, 255]


def test_only_the_first_pages_are_looked_at() -> None:
    assert open_pages(files.many_pages(50)).count == MOST_PAGES
    assert open_pages(files.pdf_of([Image.new("1", (8, 8))] * 30)).count == MOST_PAGES


def test_a_picture_that_mentions_pdf_is_a_picture() -> None:
    data = encoded(Image.new("RGB", (20, 10), "red"), "JPEG", comment=b"%PDF-1.7")
    assert open_pages(data).page(0).shape == (10, 20, 3)


REFUSED = {
    "locked": (files.locked_pdf, "locked"),
    "a PDF's picture of 900 megapixels": (lambda: files.pdf_with_a_picture(30_000, 30_000, 1 << 20), "too_large"),
    "no page": (lambda: files.pdf(b"<< /Type /Catalog >>"), "unreadable"),
    "PNG of 400 megapixels": (lambda: png_header(20_000, 20_000), "too_large"),
    "PNG without its data": (lambda: png_header(5_900, 5_900), "unreadable"),
    "JPEG 2000 that asks for 3 GB": (lambda: files.swollen_jpeg_2000(30_000), "too_large"),
    "TIFF with a tile of 4 GB": (files.wide_tile_tiff, "unreadable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_and_the_child_lives_on(reader: ImageReader, name: str) -> None:
    make, code = REFUSED[name]
    reader.warm_up()
    before = reader.pid
    with pytest.raises(ReadError) as error:
        reader.read(make())
    assert error.value.code == code
    assert reader.pid == before
    assert peak_mb(reader) <= 600


HARMLESS = {
    "TIFF of 200,000 pages": lambda: files.many_pages(200_000),
    "PDF page of 350 km": lambda: files.one_page(b"", b"[0 0 1e9 1e9]"),
    "PDF page as wide as a hair": lambda: files.one_page(b"", b"[0 0 1 1e7]"),
    "100,000 arrays in arrays": lambda: files.nested_pdf(100_000),
    "PDF picture of 3 GB of zeros": lambda: files.pdf_with_a_picture(6000, 6000, 3000 << 20, 3),
    "JPEG 2000 of 34 megapixels in 300 bytes": lambda: files.swollen_jpeg_2000(5_900),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_claims_more_than_it_has_is_drawn_within_bounds(reader: ImageReader, name: str) -> None:
    reading = reader.read(HARMLESS[name]())
    assert reading.mrz is None
    assert max(reading.preview_size) <= 1000
    assert peak_mb(reader) <= 600


@pytest.mark.parametrize("make", [lambda: files.pdf_with_a_swelling_stream(1000 << 20, 2), files.looping_pdf])
def test_what_swells_without_bound_is_stopped_by_the_child_s_own_bound(reader: ImageReader, make: object) -> None:
    assert callable(make)
    assert LIMITS.memory_bytes <= 1536 << 20
    with pytest.raises(ReadError) as error:
        reader.read(make())
    assert error.value.code == "failed"
    assert reader.read(encoded(page(TD3))).lines == TD3


def test_a_page_beyond_the_last_is_refused() -> None:
    pages = open_pages(files.tiff_of([Image.new("L", (4, 4))] * 2))
    assert pages.page(1).shape == (4, 4, 3)
    with pytest.raises(RefusalError):
        pages.page(2)
    assert np.array_equal(pages.page(0), pages.page(1))
