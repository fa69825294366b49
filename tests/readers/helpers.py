"""Pictures that the tests of the readers draw, and the reader that they share."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
_FONT = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")


def page(lines: Sequence[str], width: int = 1000) -> Image.Image:
    """Draw a page of an invented document with a zone (the specimen of ICAO Doc 9303), or without one."""
    if not _FONT.exists():
        pytest.skip("the Debian package fonts-ocr-b is not installed")
    image = Image.new("RGB", (width, width * 7 // 10), (236, 232, 222))
    draw = ImageDraw.Draw(image)
    draw.rectangle((width * 0.05, width * 0.1, width * 0.3, width * 0.4), fill=(150, 140, 130))
    heading = ImageFont.truetype(str(_FONT), round(width * 0.03))
    draw.text((width * 0.35, width * 0.06), "UTOPIA  SPECIMEN", fill=(40, 40, 70), font=heading)
    if lines:
        size = int(100 * width * 0.9 / ImageFont.truetype(str(_FONT), 100).getlength(lines[0]))
        font = ImageFont.truetype(str(_FONT), size)
        top = image.height - round(size * 2.0 * len(lines))
        for number, line in enumerate(lines):
            draw.text((width * 0.05, top + number * size * 1.8), line, fill=(20, 20, 20), font=font)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the file of ``image``."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims to be ``width`` × ``height`` pixels of nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
