"""A picture file → pixels as an officer would hold it: upright, eight bits, three channels, bounded in size.

The header is judged before anything is decoded: a file of a few bytes can ask for gigabytes. What is decoded goes on
band by band, so that a picture of 50 megapixels costs its own size once and not four times.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, Jpeg2KImagePlugin, UnidentifiedImageError

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.models import Pixels

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000")
# A page of A4 at 600 dots an inch has 35 million. A JPEG is decoded at half its size where it is larger; WebP's decoder
# keeps three copies.
MOST_PIXELS = 36_000_000
_MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "WEBP": 24_000_000}
_MOST_WAVELETS = 12_500_000  # pixels of JPEG 2000 decoded at once: 12 bytes each, and a second of CPU time
MOST_SIDE = 16_000
# A passport's line of 44 characters over 3,500 pixels has 80 pixels a character: more helps nobody.
WORK_SIDE = 3_500
_BAND = 256  # rows of the result that are made at once
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_ORIENTATION = 0x0112
# TIFF 6.0 "Orientation", the same in EXIF: what brings such a picture upright.
_UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: p[::-1].transpose(1, 0, 2),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: p[:, ::-1].transpose(1, 0, 2),
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1"})  # ISO/IEC 23008-12


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture for the screen, encoded anew so that nobody else decodes what came from outside."""

    jpeg: bytes
    width: int
    height: int


def open_picture(data: bytes) -> Image.Image:
    """Return the picture in ``data``, nothing of it decoded yet, its header judged.

    Raises RefusalError: not_a_picture, heic, too_large, unreadable.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own bounds stand below, and refuse instead of warning
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a decoder's remarks on odd files
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        phone = data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS
        raise RefusalError("heic" if phone else "not_a_picture") from None
    except Exception:  # noqa: BLE001  see decoded
        raise RefusalError("unreadable") from None
    judge(*image.size, _MOST_PIXELS.get(image.format or "", MOST_PIXELS))
    return image


def judge(width: int, height: int, most: int = MOST_PIXELS) -> None:
    """Refuse a picture of a size that is not decoded; raises RefusalError: too_large, unreadable."""
    if width * height > most or max(width, height) > MOST_SIDE:
        raise RefusalError("too_large")
    if min(width, height) < 1:
        raise RefusalError("unreadable")


def decoded(image: Image.Image) -> Pixels:
    """Return ``image`` as BGR pixels of at most WORK_SIDE a side, turned as its EXIF or TIFF tag says.

    Raises RefusalError: too_large, unreadable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _ask_for_less(image)
            image.load()
            return _upright(_squared(_bgr(image), image), image)
    except MemoryError:
        raise RefusalError("too_large") from None
    except Exception:  # noqa: BLE001  decoders raise nearly anything over broken data
        raise RefusalError("unreadable") from None


def preview(picture: Pixels, most: int = 1000, quality: int = 82) -> Preview:
    """Encode ``picture`` as a JPEG of at most ``most`` pixels a side."""
    size = _bounded(picture.shape[1], picture.shape[0], most)
    small = picture if size == picture.shape[1::-1] else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RefusalError("unreadable")
    return Preview(data.tobytes(), small.shape[1], small.shape[0])


def _ask_for_less(image: Image.Image) -> None:
    """Let the decoder shrink by itself where it can: JPEG by 2, 4, 8, JPEG 2000 by its levels."""
    image.draft("RGB", _bounded(*image.size, WORK_SIDE))
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
        levels = math.ceil(math.log(image.width * image.height / _MOST_WAVELETS, 4))
        image.reduce = max(0, levels)


def _bgr(image: Image.Image) -> Pixels:
    width, height = image.size
    size = _bounded(width, height, WORK_SIDE)
    rows = _deep_rows(image) if image.mode in _DEEP else lambda first, last: _colour(image, first, last)
    if size == (width, height):
        return rows(0, height)
    step = height / size[1]
    picture = np.empty((size[1], size[0], 3), dtype=np.uint8)
    for first in range(0, size[1], _BAND):
        last = min(size[1], first + _BAND)
        band = rows(round(first * step), max(round(last * step), round(first * step) + 1))
        picture[first:last] = cv2.resize(band, (size[0], last - first), interpolation=cv2.INTER_AREA)
    return picture


def _deep_rows(image: Image.Image) -> Callable[[int, int], Pixels]:
    """Return what gives rows of a picture of one channel of more than eight bits, its usual range spread out."""
    grey = np.asarray(image)
    step = max(1, max(grey.shape) // 1000)
    known = grey[::step, ::step]
    low, high = np.percentile(known[np.isfinite(known)], (0.1, 99.9))
    scale = 255.0 / max(float(high - low), 1e-6)

    def rows(first: int, last: int) -> Pixels:
        part = np.nan_to_num((grey[first:last].astype(np.float32) - low) * scale, nan=255.0)
        eight: Pixels = np.clip(part, 0, 255).astype(np.uint8)
        return cv2.cvtColor(eight, cv2.COLOR_GRAY2BGR)  # type: ignore[return-value]

    return rows


def _colour(image: Image.Image, first: int, last: int) -> Pixels:
    whole = (first, last) == (0, image.height)
    part = image if whole else image.crop((0, first, image.width, last))
    if part.mode == "LAB":
        shifted = np.asarray(part) + np.array([0, 128, 128], dtype=np.uint8)  # TIFF has signed a and b
        return cv2.cvtColor(shifted, cv2.COLOR_LAB2BGR)  # type: ignore[return-value]
    if part.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        part = Image.fromarray(~np.asarray(part), "CMYK")  # Pillow takes each for Adobe's, which are inverted
    if "A" in part.getbands() or "a" in part.getbands() or "transparency" in image.info:
        part.info.update(image.info)
        rgba = part.convert("RGBA")
        part = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    rgb = np.asarray(part.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _squared(picture: Pixels, image: Image.Image) -> Pixels:
    """Give a fax, which has about twice the dots across as down, square pixels."""
    across, down = map(float, image.info.get("dpi", (1, 1)) if image.format == "TIFF" else (1, 1))
    if not (across > 0 and down > 0 and 1.2 < max(across / down, down / across) < 3):
        return picture
    height, width = picture.shape[:2]
    size = (width, round(height * across / down)) if across > down else (round(width * down / across), height)
    return cv2.resize(picture, _bounded(*size, WORK_SIDE), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def _upright(picture: Pixels, image: Image.Image) -> Pixels:
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  a broken EXIF block tells nothing; the picture was decoded
        return picture
    turn = _UPRIGHT.get(orientation)
    return picture if turn is None else np.ascontiguousarray(turn(picture))


def _bounded(width: int, height: int, most: int) -> tuple[int, int]:
    factor = min(1.0, most / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))
