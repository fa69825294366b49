"""Barcodes in a picture, as bytes: decoded text destroys the binary seals of ICAO Doc 9303-13."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from checkpoint_app.readers.recogniser.models import Pixels

MOST_CODES = 8
MOST_BYTES = 8_192  # the largest QR code holds 2,953


@dataclass(frozen=True, slots=True)
class Code:
    """One barcode: its symbology as zxing names it (``PDF417``, ``Aztec``, ``QR Code``, ``Data Matrix``), its bytes."""

    format: str
    data: bytes


def read_codes(picture: Pixels) -> list[Code]:
    """Return the barcodes of ``picture``, at most MOST_CODES."""
    import zxingcpp

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey)
    codes = [Code(str(result.format), bytes(result.bytes)) for result in found if result.valid]
    return [code for code in codes if len(code.data) <= MOST_BYTES][:MOST_CODES]
