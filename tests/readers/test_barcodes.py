"""Barcodes: what is drawn is read, byte for byte; what is no code, or a spoilt one, gives nothing."""

from __future__ import annotations

import base64
import csv
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from checkpoint_app.readers.recogniser.barcodes import Code, read_codes
from tests.readers.codes import BOARDING_PASS, LICENCE, SEAL, SEAL_NC, Drawing, Pixels, bend, draw, symbol
from tests.readers.helpers import TD3, page

SYMBOLS = [
    ("PDF417", LICENCE),
    ("Aztec", BOARDING_PASS),
    ("QRCode", SEAL_NC),
    ("DataMatrix", SEAL),
]
DRAWINGS = {
    "turned": Drawing(angle=17, tilt=0.05),
    "half-turned": Drawing(angle=-158, tilt=0.08),
    "small": Drawing(module=2.0, angle=8, blur=0.6),
    "dark": Drawing(angle=12, light=0.25, noise=2),
}


def payloads(codes: list[Code]) -> list[tuple[str, bytes]]:
    return [(code.format.replace(" ", ""), code.data) for code in codes]


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize(("format_", "data"), SYMBOLS, ids=[name for name, _ in SYMBOLS])
def test_what_is_drawn_is_read(format_: str, data: bytes, drawing: Drawing) -> None:
    assert payloads(read_codes(draw(symbol(data, format_), drawing))) == [(format_, data)]


@pytest.mark.parametrize("format_", ["PDF417", "Aztec", "QRCode", "DataMatrix"])
def test_a_boarding_pass_in_each_symbology(format_: str) -> None:
    found = read_codes(draw(symbol(BOARDING_PASS, format_), Drawing(angle=-9)))
    assert payloads(found) == [(format_, BOARDING_PASS)]


def test_modules_of_many_pixels() -> None:
    assert payloads(read_codes(draw(symbol(SEAL_NC, "QRCode"), Drawing(module=14, angle=5)))) == [("QRCode", SEAL_NC)]


def test_blur_of_half_a_module() -> None:
    picture = draw(symbol(SEAL, "DataMatrix"), Drawing(module=3.2, angle=4, blur=1.6, noise=1))
    assert payloads(read_codes(picture)) == [("DataMatrix", SEAL)]


def test_a_curled_boarding_pass() -> None:
    picture = bend(draw(symbol(BOARDING_PASS, "PDF417"), Drawing(module=4, quiet=4)), sag=0.03)
    assert payloads(read_codes(picture)) == [("PDF417", BOARDING_PASS)]


def test_light_on_dark() -> None:
    found = read_codes(draw(symbol(LICENCE, "PDF417"), Drawing(angle=6, inverted=True)))
    assert payloads(found) == [("PDF417", LICENCE)]


def test_two_codes_in_one_picture_and_where_they_lie() -> None:
    left = draw(symbol(BOARDING_PASS, "Aztec"), Drawing(angle=11))
    right = draw(symbol(SEAL_NC, "QRCode"), Drawing(angle=-6))
    height = max(left.shape[0], right.shape[0])
    tall = [cv2.copyMakeBorder(one, 0, height - one.shape[0], 0, 0, cv2.BORDER_REPLICATE) for one in (left, right)]
    found = sorted(read_codes(np.hstack(tall)), key=lambda code: code.format)
    assert payloads(found) == [("Aztec", BOARDING_PASS), ("QRCode", SEAL_NC)]
    middles = [np.mean(code.corners, axis=0) for code in found if code.corners]
    assert np.abs(middles[0] - np.array(left.shape[1::-1]) / 2).max() < 6
    assert np.abs(middles[1] - np.array(right.shape[1::-1]) / 2 - [left.shape[1], 0]).max() < 6


def test_a_small_code_in_a_large_picture() -> None:
    ground = cv2.resize(cv2.cvtColor(np.asarray(page(TD3)), cv2.COLOR_RGB2GRAY), (3500, 2450))
    picture = draw(symbol(SEAL, "DataMatrix"), Drawing(module=2.6, angle=13), ground)
    assert payloads(read_codes(picture)) == [("DataMatrix", SEAL)]


@pytest.mark.parametrize(("format_", "data"), SYMBOLS, ids=[name for name, _ in SYMBOLS])
def test_a_spoilt_code_gives_nothing(format_: str, data: bytes) -> None:
    modules = symbol(data, format_)
    rows, columns = modules.shape
    draws = np.random.default_rng(5)
    part = modules[rows // 6 : rows - rows // 6, columns // 5 : columns - columns // 5]
    part[:] = np.where(draws.random(part.shape) < 0.45, draws.integers(0, 2, part.shape) * 255, part)
    assert read_codes(draw(modules, Drawing(angle=3))) == []


def test_noise_gives_nothing() -> None:
    draws = np.random.default_rng(7)
    for angle in (0, 20, 45):
        modules = (draws.integers(0, 2, (48, 48)) * 255).astype(np.uint8)
        assert read_codes(draw(modules, Drawing(angle=angle))) == []


def test_a_code_too_short_to_be_a_document_gives_nothing() -> None:
    assert read_codes(draw(symbol(b"A1", "DataMatrix"), Drawing(module=6))) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (30, 30), (2000, 3)])
def test_pictures_too_small_for_a_code(size: tuple[int, int]) -> None:
    assert read_codes(np.full((*size, 3), 200, np.uint8)) == []


def test_a_page_without_a_code_costs_little() -> None:
    large = cv2.resize(np.asarray(page(TD3)), (3500, 2450), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    began = time.thread_time()
    assert read_codes(large) == []
    assert time.thread_time() - began < 1.0  # 0.15 on an idle machine


def test_the_budget_bounds_what_cannot_be_read() -> None:
    draws = np.random.default_rng(9)
    patches = [draw((draws.integers(0, 2, (60, 60)) * 255).astype(np.uint8), Drawing(module=4)) for _ in range(6)]
    began = time.thread_time()
    assert read_codes(np.hstack(patches), budget_s=0.2) == []
    assert time.thread_time() - began < 1.0


def cases() -> list[tuple[Path, str, bytes]]:
    root = Path(os.environ.get("CHECKPOINT_DATA") or "missing") / "optics"
    if not (root / "MANIFEST.tsv").exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    with (root / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["truth"] != "-"]
    coded = [row for row in rows if row["format"].startswith("barcode:")]
    return [(root / row["path"], row["format"][8:], base64.b64decode(row["truth"])) for row in coded]


def reference(path: Path) -> Pixels:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture.astype(np.uint8, copy=False)


@pytest.mark.data
def test_the_reference_pictures() -> None:
    right, wrong, all_ = 0, [], cases()
    for path, format_, data in all_:
        found = read_codes(reference(path))
        right += Code(format_, data) in found
        wrong += [path.name for code in found if code.data != data]
    assert wrong == []
    assert right >= 0.95 * len(all_)
