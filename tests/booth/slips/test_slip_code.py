"""The code of a slip: one size, error correction M, read back by this booth's own reader when it looks bad."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.booth.slips.slip_check import codes_in
from checkpoint_app.booth.slips.slip_code import CORRECTION, SIDE, VERSION, modules_of
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.recogniser.barcodes import read_codes
from checkpoint_app.wire.slip_text import SLIP_BYTES, slip_text
from tests.readers.codes import Drawing, Pixels, draw
from tests.readers.helpers import TD3, encoded, page

SLIP = bytes((31 * n * n + 7 * n + 1) % 256 for n in range(SLIP_BYTES))
DRAWINGS = {
    "straight": Drawing(),
    "turned": Drawing(angle=17, tilt=0.05),
    "half-turned": Drawing(angle=-158, tilt=0.08),
    "small and soft": Drawing(module=2.2, angle=8, blur=0.6),
    "dark": Drawing(angle=12, light=0.25, noise=2),
    "blurred": Drawing(module=4, blur=1.8, noise=4),
}


def pixels(slip: bytes) -> Pixels:
    return np.where(np.array(modules_of(slip)), 0, 255).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=SLIP_BYTES, max_size=SLIP_BYTES))
def test_each_code_has_one_size_and_holds_the_slip(slip: bytes) -> None:
    grey = pixels(slip)
    assert grey.shape == (SIDE, SIDE) == (17 + 4 * VERSION,) * 2
    framed = np.pad(np.kron(grey, np.ones((4, 4), np.uint8)), 16, constant_values=255)
    (code,) = zxingcpp.read_barcodes(framed)
    assert (code.text, code.ec_level) == (slip_text(slip), CORRECTION)
    assert codes_in([("QR Code", bytes(code.bytes))]) == [slip]


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_a_code_that_looks_bad_is_read_by_our_own_reader(drawing: Drawing) -> None:
    codes = read_codes(draw(pixels(SLIP), drawing))
    assert codes_in((code.format, code.data) for code in codes) == [SLIP]


def test_a_tenth_of_the_code_may_be_dirty() -> None:
    grey = np.kron(pixels(SLIP), np.ones((6, 6), np.uint8))
    grey[150:200, 100:190] = 255
    codes = read_codes(np.repeat(np.pad(grey, 40, constant_values=255)[:, :, None], 3, axis=2))
    assert codes_in((code.format, code.data) for code in codes) == [SLIP]


def test_a_slip_beside_the_document_is_read_with_it() -> None:
    from PIL import Image

    picture = page(TD3, width=1400)
    code = Image.fromarray(np.kron(pixels(SLIP), np.ones((6, 6), np.uint8)))
    paper = Image.new("L", (350, 350), 255)
    paper.paste(code, (28, 28))
    picture.paste(paper.convert("RGB"), (1000, 60))
    with ImageReader() as reader:
        reading = reader.read(encoded(picture, "JPEG", quality=80))
    assert reading.lines == TD3
    assert codes_in((code.format, code.data) for code in reading.barcodes) == [SLIP]


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"", []), (b"HC1:ABC", []), (b"CKPSLIP1", [b""]), (b"\xff" * 400, []), (b"CKPSLIP1" + b"\xc3\xbf" * 99, [b""]),
     (slip_text(SLIP).encode(), [SLIP]), (b"CKPSLIP1" + b"A" * 5000, [])],
)  # fmt: skip
def test_what_a_code_holds_is_a_slip_only_if_it_says_so(data: bytes, found: list[bytes]) -> None:
    assert codes_in([("QR Code", data)]) == found
