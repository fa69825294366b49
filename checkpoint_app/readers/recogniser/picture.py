"""Bytes from outside → a picture as an officer would hold it: upright, eight bits, three channels, bounded in size.

The header is judged before anything is decoded: a file of a few bytes can ask for gigabytes.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.models import Pixels

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000")
MOST_PIXELS = 50_000_000
MOST_SIDE = 16_000
# A passport's line of 44 characters over 3,500 pixels has 80 pixels a character: more helps nobody.
WORK_SIDE = 3_500


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture for the screen, encoded anew so that nobody else decodes what came from outside."""

    jpeg: bytes
    width: int
    height: int


def decode(data: bytes) -> Pixels:
    """Return the picture in ``data`` as BGR pixels of at most WORK_SIDE a side, turned as its EXIF tag says.

    Raises RefusalError: empty_file, not_a_picture, too_large, unreadable.
    """
    if not data:
        raise RefusalError("empty_file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a decoder's remarks on odd files
        image = _open(data)
        try:
            image.draft("RGB", (WORK_SIDE, WORK_SIDE))  # JPEG only: decodes at 1/2, 1/4, 1/8 where that is enough
            image.load()
            upright = ImageOps.exif_transpose(image)
        except MemoryError:
            raise RefusalError("too_large") from None
        except Exception:  # noqa: BLE001  decoders raise nearly anything over broken data
            raise RefusalError("unreadable") from None
        return _shrink(_to_bgr(upright))


def preview(picture: Pixels, most: int = 1000, quality: int = 82) -> Preview:
    """Encode ``picture`` as a JPEG of at most ``most`` pixels a side."""
    small = _shrink(picture, most)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RefusalError("unreadable")
    return Preview(data.tobytes(), small.shape[1], small.shape[0])


def _open(data: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # our own bounds stand below, and refuse instead of warning
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise RefusalError("not_a_picture") from None
    except Exception:  # noqa: BLE001  see decode
        raise RefusalError("unreadable") from None
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise RefusalError("too_large")
    if min(width, height) < 1:
        raise RefusalError("unreadable")
    return image


def _to_bgr(image: Image.Image) -> Pixels:
    if image.mode in {"I", "I;16", "I;16B", "I;16L", "F"}:
        return cv2.cvtColor(_to_eight_bits(np.asarray(image, dtype=np.float32)), cv2.COLOR_GRAY2BGR)  # type: ignore[return-value]
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(paper, rgba)
    rgb = np.asarray(image.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _to_eight_bits(grey: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Pixels:
    low, high = float(grey.min()), float(grey.max())
    return np.round((grey - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)


def _shrink(picture: Pixels, most: int = WORK_SIDE) -> Pixels:
    height, width = picture.shape[:2]
    factor = most / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
