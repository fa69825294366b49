"""The QR code of a slip: one size, whatever it says (ISO/IEC 18004, version 8, error correction M)."""

from __future__ import annotations

import numpy as np

from checkpoint_app.wire.slip_text import slip_text

VERSION, CORRECTION = 8, "M"
SIDE = 17 + 4 * VERSION
"""Modules a side."""
QUIET = 4
"""Modules that stay white around the code."""

Modules = tuple[tuple[bool, ...], ...]
"""Rows from the top, each from the left; True is dark."""


def modules_of(slip: bytes) -> Modules:
    """Return the code of a slip's bytes, ``SIDE`` rows of as many modules, without the quiet zone."""
    import zxingcpp  # only where a slip is printed

    code = zxingcpp.create_barcode(slip_text(slip), zxingcpp.BarcodeFormat.QRCode, ec_level=CORRECTION, version=VERSION)
    grey = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    return tuple(tuple(bool(module < 128) for module in row) for row in grey)
