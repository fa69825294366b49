"""One try of the decoder over one picture, with what it says about its own certainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from checkpoint_app.readers.recogniser.codes.outline import Flat
from checkpoint_app.readers.recogniser.codes.region import Corners, Point, Region, level_contrast, to_picture, upright
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
MARGIN = 3.0  # modules kept around a region


class Treatment(Enum):
    """What is done to a region before it is decoded."""

    RAW = "raw"
    SHARP = "sharp"
    LEVEL = "level"
    CLEAR = "clear"
    FOCUS = "focus"
    DEEP_FOCUS = "deep focus"
    INVERSE = "inverse"


_FOCUS = {Treatment.FOCUS: (0.4, 0.003), Treatment.DEEP_FOCUS: (0.5, 0.01)}  # blur in modules, noise; see `focus`


@dataclass(frozen=True, slots=True)
class Way:
    """One way to try a region: pixels a module, treatment, pulled flat first or not, one threshold for all or many."""

    per_module: float
    treatment: Treatment
    flat: bool = False
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
    way = replace(way, per_module=min(way.per_module, region.finest))
    patch = upright(grey, region, way.per_module, MARGIN)
    matrix = to_picture(region, way.per_module, MARGIN)
    return _try(patch, way, lambda corner: _moved(corner, matrix))


def try_flat(grey: Pixels, flat: Flat, way: Way) -> list[Sighting]:
    """Return what the decoder sees in a code pulled flat when it looks the given way."""
    way = replace(way, per_module=min(way.per_module, flat.finest))
    return _try(flat.sample(grey, way.per_module), way, lambda corner: flat.place(corner, way.per_module))


def _try(patch: Pixels, way: Way, place: Callable[[Point], Point]) -> list[Sighting]:
    seen = look(treat(patch, way.per_module, way.treatment), single_threshold=way.single_threshold)
    return [replace(sighting, corners=_placed(sighting.corners, place)) for sighting in seen]


def treat(patch: Pixels, per_module: float, treatment: Treatment) -> Pixels:
    """Return ``patch`` made easier to decode."""
    if treatment is Treatment.SHARP:
        return sharpen(patch, per_module, 3.0)
    if treatment is Treatment.LEVEL:
        return level_contrast(patch, per_module)
    if treatment is Treatment.CLEAR:
        level = sharpen(level_contrast(patch, per_module), per_module, 1.5)
        return np.where(level > 127, 255, 0).astype(np.uint8)
    if treatment is Treatment.INVERSE:
        return 255 - treat(patch, per_module, Treatment.CLEAR)
    if treatment in _FOCUS:
        spread, noise = _FOCUS[treatment]
        return np.where(focus(level_contrast(patch, per_module), per_module * spread, noise) > 127, 255, 0).astype(
            np.uint8
        )
    return patch


def focus(patch: Pixels, spread: float, noise: float) -> npt.NDArray[np.float32]:
    """Return ``patch`` with a blur of ``spread`` pixels undone by Wiener's filter; ``noise`` is its power, relative."""
    height, width = patch.shape
    tall, wide = cv2.getOptimalDFTSize(height + 16), cv2.getOptimalDFTSize(width + 16)
    framed = cv2.copyMakeBorder(patch, 0, tall - height, 0, wide - width, cv2.BORDER_REFLECT).astype(np.float32)
    down, across = np.fft.fftfreq(tall)[:, None], np.fft.rfftfreq(wide)[None]
    passed = np.exp(-2 * (np.pi * spread) ** 2 * (across**2 + down**2))
    spectrum = np.fft.rfft2(framed) * (passed * (1 + noise) / (passed**2 + noise))
    return np.fft.irfft2(spectrum, (tall, wide))[:height, :width].astype(np.float32)


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


def _placed(corners: Corners, place: Callable[[Point], Point]) -> Corners:
    a, b, c, d = (place(corner) for corner in corners)
    return a, b, c, d


def _moved(point: Point, matrix: npt.NDArray[np.float64]) -> Point:
    x, y = matrix[:, :2] @ np.array(point) + matrix[:, 2]
    return float(x), float(y)
