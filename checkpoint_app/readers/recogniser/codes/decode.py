"""One try of the decoder over one picture, with what it says about its own certainty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from checkpoint_app.readers.recogniser.codes.region import Corners, Region, level_contrast, to_picture, upright
from checkpoint_app.readers.recogniser.models import Pixels

_FORMATS = {
    zxingcpp.BarcodeFormat.PDF417: "PDF417",
    zxingcpp.BarcodeFormat.Aztec: "Aztec",
    zxingcpp.BarcodeFormat.QRCode: "QR Code",
    zxingcpp.BarcodeFormat.DataMatrix: "Data Matrix",
}
# Aztec runes (one byte) and Micro QR codes carry nothing that a travel document would, and are easily seen in noise.
_WANTED = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.AztecCode,
        zxingcpp.BarcodeFormat.QRCodeModel2,
        zxingcpp.BarcodeFormat.DataMatrix,
    ]
)
MARGIN = 2.5  # modules kept around a region


class Treatment(Enum):
    """What is done to a region before it is decoded."""

    RAW = "raw"
    SHARP = "sharp"
    LEVEL = "level"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to try a region: pixels a module, treatment, and whether one threshold serves the whole region."""

    per_module: float
    treatment: Treatment
    single_threshold: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the decoder saw: format, bytes (none if its error correction failed), spare correction, corners.

    ``spare`` is the share of the error correction that was not needed, 0..1.
    """

    format: str
    data: bytes | None
    spare: float
    corners: Corners


def look(grey: Pixels, *, single_threshold: bool = False, downscale: bool = False) -> list[Sighting]:
    """Return what the decoder sees in ``grey``, failed codes too."""
    binarizer = zxingcpp.Binarizer.GlobalHistogram if single_threshold else zxingcpp.Binarizer.LocalAverage
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey), _WANTED, try_downscale=downscale, binarizer=binarizer, return_errors=True
    )
    return [sighting for result in found if (sighting := _sighting(result))]


def try_region(grey: Pixels, region: Region, way: Way) -> list[Sighting]:
    """Return what the decoder sees in ``region`` of ``grey`` when it looks the given way."""
    patch = upright(grey, region, way.per_module, MARGIN)
    seen = look(treat(patch, way.per_module, way.treatment), single_threshold=way.single_threshold)
    matrix = to_picture(region, way.per_module, MARGIN)
    return [replace(sighting, corners=_moved(sighting.corners, matrix)) for sighting in seen]


def treat(patch: Pixels, per_module: float, treatment: Treatment) -> Pixels:
    """Return ``patch`` made easier to decode."""
    if treatment is Treatment.SHARP:
        return sharpen(patch, per_module, 3.0)
    if treatment is Treatment.LEVEL:
        return level_contrast(patch, per_module)
    if treatment is Treatment.CLEAR:
        level = sharpen(level_contrast(patch, per_module), per_module, 1.5)
        return np.where(level > 127, 255, 0).astype(np.uint8)
    return patch


def sharpen(patch: Pixels, per_module: float, amount: float) -> Pixels:
    """Return ``patch`` with its blur of about half a module taken back."""
    soft = cv2.GaussianBlur(patch, (0, 0), per_module / 2)
    return cv2.addWeighted(patch, 1 + amount, soft, -amount, 0).astype(np.uint8, copy=False)


def _sighting(result: zxingcpp.Barcode) -> Sighting | None:
    name = _FORMATS.get(result.format.symbology)
    if name is None:
        return None
    place = result.position
    corners = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
    a, b, c, d = ((float(corner.x), float(corner.y)) for corner in corners)
    extra = result.extra if isinstance(result.extra, dict) else {}
    spare = float(extra.get("UEC", 0.0))
    return Sighting(name, bytes(result.bytes) if result.valid else None, spare, (a, b, c, d))


def _moved(corners: Corners, matrix: npt.NDArray[np.float64]) -> Corners:
    a, b, c, d = ((float(x), float(y)) for x, y in np.array(corners) @ matrix[:, :2].T + matrix[:, 2])
    return a, b, c, d
