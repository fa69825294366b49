"""Broken picture files: small ones of every kind, mutated by damage and malice; each can be had again by its seed."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

from tests.readers import files
from tests.readers.helpers import encoded

_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0", b"\0\0\xff\xff")


def seeds() -> dict[str, bytes]:
    """Return a small sound file of every kind that can be read."""
    small = Image.radial_gradient("L").resize((48, 32)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpeg": encoded(small, "JPEG", exif=exif),
        "progressive": encoded(small, "JPEG", progressive=True),
        "cmyk": encoded(small.convert("CMYK"), "JPEG"),
        "mpo": encoded(small, "MPO", save_all=True, append_images=[small]),
        "png": encoded(small, exif=exif),
        "palette": encoded(small.quantize(16), transparency=2),
        "deep": encoded(Image.new("I;16", (40, 30), 900)),
        "webp": encoded(small, "WEBP"),
        "lossless": encoded(small.convert("RGBA"), "WEBP", lossless=True),
        "tiff": files.tiff_of([small, small.rotate(90)], compression="tiff_lzw"),
        "deflate": files.tiff_of([small], compression="tiff_adobe_deflate"),
        "fax": files.tiff_of([small.convert("1")], compression="group4", dpi=(204, 98)),
        "jpeg in tiff": files.tiff_of([small], compression="jpeg"),
        "bmp": encoded(small, "BMP"),
        "gif": encoded(small.quantize(8), "GIF", save_all=True, append_images=[small.quantize(4)]),
        "ppm": encoded(small, "PPM"),
        "jpeg 2000": encoded(small, "JPEG2000"),
        "pdf": files.pdf_of([small, small]),
        "drawn pdf": files.one_page(b"1 0 0 rg 0 0 99 99 re f BT /F 20 Tf (MUSTER) Tj ET", b"[0 0 120 90]"),
        "nested pdf": files.nested_pdf(50),
    }


def mutants(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` files, each with the name of the sound one that it was made of."""
    rng = random.Random(seed)
    sound = seeds()
    names = list(sound)
    for _ in range(count):
        name = rng.choice(names)
        data = bytearray(sound[name])
        for _ in range(rng.choice((1, 1, 2, 3, 8))):
            rng.choice(_WAYS)(data, rng, sound[rng.choice(names)])
        if data[1:4] == b"PNG" and rng.random() < 0.8:
            data = _with_right_sums(data)  # else nothing behind the sums would ever be tried
        yield name, bytes(data)


def _flip(data: bytearray, rng: random.Random, _: bytes) -> None:
    for _ in range(rng.choice((1, 1, 4, 30))):
        if data:
            data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: random.Random, _: bytes) -> None:
    at = _place(data, rng)
    part = rng.choice((*_EXTREMES, rng.randbytes(4)))[: rng.choice((1, 2, 4))]
    data[at : at + len(part)] = part


def _cut(data: bytearray, rng: random.Random, _: bytes) -> None:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.choice((1, 2, 7, 60))]


def _end(data: bytearray, rng: random.Random, _: bytes) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _repeat(data: bytearray, rng: random.Random, _: bytes) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[at : at + rng.choice((1, 12, 90))] * rng.choice((1, 2, 20))


def _splice(data: bytearray, rng: random.Random, other: bytes) -> None:
    at, there = rng.randrange(len(data) + 1), rng.randrange(len(other))
    data[at : at + rng.choice((0, 30, 400))] = other[there : there + rng.choice((8, 60, 400))]


def _number(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Put another number in place of one that is written in digits, as PDF and PPM have them."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if places:
        data[rng.choice(places)] = rng.choice(b"0123456789-.")


_WAYS: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    _flip,
    _flip,
    _overwrite,
    _overwrite,
    _cut,
    _end,
    _repeat,
    _splice,
    _number,
)


def _place(data: bytearray, rng: random.Random) -> int:
    """Return a place in ``data``, half of the time in its head, where sizes and tables are."""
    most = len(data) if rng.random() < 0.5 else min(len(data), 200)
    return rng.randrange(most) if most else 0


def _with_right_sums(data: bytearray) -> bytearray:
    """Return a PNG with the check sums of its chunks set right."""
    fixed, at = bytearray(data), 8
    while at + 12 <= len(fixed):
        (length,) = struct.unpack_from(">I", fixed, at)
        end = at + 8 + length
        if end + 4 > len(fixed):
            break
        struct.pack_into(">I", fixed, end, zlib.crc32(fixed[at + 4 : end]))
        at = end + 4
    return fixed
