"""Barcodes: what is drawn is read, byte for byte; what is no code, or a spoilt one, gives nothing."""

from __future__ import annotations

import pytest

from checkpoint_app.readers.recogniser.barcodes import read_codes
from tests.readers.codes import BOARDING_PASS, LICENCE, SEAL, SEAL_NC, Drawing, draw, symbol

SYMBOLS = [
    ("PDF417", BOARDING_PASS),
    ("PDF417", LICENCE),
    ("Aztec", BOARDING_PASS),
    ("QRCode", BOARDING_PASS),
    ("QRCode", SEAL_NC),
    ("DataMatrix", BOARDING_PASS),
    ("DataMatrix", SEAL),
]
DRAWINGS = {
    "plain": Drawing(),
    "turned": Drawing(angle=17),
    "half-turned": Drawing(angle=-158, tilt=0.08),
    "small": Drawing(module=2.0, angle=8, blur=0.6),
    "large": Drawing(module=9.0, angle=-7),
    "dark": Drawing(angle=12, light=0.25, noise=2),
}


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize(("format_", "data"), SYMBOLS, ids=[f"{name}-{len(data)}" for name, data in SYMBOLS])
def test_what_is_drawn_is_read(format_: str, data: bytes, drawing: Drawing) -> None:
    found = read_codes(draw(symbol(data, format_), drawing))
    assert [(code.format.replace(" ", ""), code.data) for code in found] == [(format_, data)]
