"""Every kind of pixels that a scanner or a phone gives comes out upright, in its colours, bounded in size."""

from __future__ import annotations

import io
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.pages import open_pages
from checkpoint_app.readers.recogniser.picture import WORK_SIDE
from tests.readers.files import tiff_of
from tests.readers.helpers import encoded

# Four patches, each of its own colour: which way is up, and whether colours are in order, shows at once.
COLOURS = {
    "top left": (250, 10, 10),
    "top right": (10, 200, 10),
    "bottom left": (20, 20, 240),
    "bottom right": (250, 250, 250),
}


def chart(width: int = 240, height: int = 160) -> Image.Image:
    """Draw the four patches, red, green, blue and white."""
    image = Image.new("RGB", (width, height))
    for place, colour in COLOURS.items():
        left, top = ("right" in place) * width // 2, ("bottom" in place) * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def decoded(data: bytes) -> Image.Image:
    return Image.fromarray(open_pages(data).page(0)[:, :, ::-1])


def assert_like(found: Image.Image, wanted: Image.Image, slack: int = 12) -> None:
    assert found.size == wanted.size
    width, height = wanted.size
    for x in (width // 4, 3 * width // 4):
        for y in (height // 4, 3 * height // 4):
            there, here = found.getpixel((x, y)), wanted.convert("RGB").getpixel((x, y))
            assert np.abs(np.subtract(there, here)).max() <= slack, (x, y, there, here)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(chart(), kind, **({"tiffinfo": {0x0112: orientation}} if kind == "TIFF" else {"exif": exif}))
    assert_like(decoded(data), ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    if orientation == 6:  # and not only as Pillow has it: what was left is up
        assert_like(decoded(data), chart().transpose(Image.Transpose.ROTATE_270))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 90}),
        ("JPEG", {"quality": 90, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 90}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", {"compression": "packbits"}),
        ("BMP", {}),
        ("PPM", {}),
        ("JPEG2000", {}),
    ],
)
def test_all_kinds_of_files(kind: str, options: dict[str, object]) -> None:
    assert_like(decoded(encoded(chart(), kind, **options)), chart())


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "CMYK", "YCbCr", "LAB"])
def test_all_kinds_of_pixels(mode: str) -> None:
    wanted = chart()
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        picture = ImageCms.profileToProfile(wanted, *profiles, outputMode="LAB")
        assert picture is not None
    else:
        picture = wanted.convert(mode)
        wanted = picture.convert("RGB")
    kind = "TIFF" if mode in {"CMYK", "YCbCr", "LAB"} else "PNG"
    assert_like(decoded(encoded(picture, kind)), wanted, slack=60 if mode == "LAB" else 25)  # OpenCV takes D65


def test_a_palette_in_a_gif_and_its_first_frame_alone() -> None:
    frames = [chart().quantize(8), Image.new("P", (240, 160))]
    assert_like(decoded(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])), chart())


def test_a_phone_s_jpeg_of_several_pictures() -> None:
    data = encoded(chart(), "MPO", save_all=True, append_images=[Image.new("RGB", (240, 160))])
    assert_like(decoded(data), chart())
    assert open_pages(data).count == 1


def test_a_cmyk_jpeg_is_inverted_as_adobe_s_are_and_only_then() -> None:
    adobe = encoded(chart().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in adobe
    assert_like(decoded(adobe), chart(), slack=30)
    inverted = Image.fromarray(~np.asarray(chart().convert("CMYK")), "CMYK")
    other = encoded(inverted, "JPEG", quality=95)  # without Adobe's mark the same numbers mean ink
    at = other.index(b"\xff\xee")
    assert_like(decoded(other[:at] + other[at + 16 :]), chart(), slack=30)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [16, 12])
def test_sixteen_bits_of_grey_are_spread_to_eight(kind: str, bits: int) -> None:
    grey = np.asarray(chart().convert("L")).astype(np.uint16) << (bits - 8)
    grey[0, 0] = 65_535  # one hot pixel of a sensor
    found = np.asarray(decoded(encoded(Image.fromarray(grey), kind)).convert("L"))
    assert found.max() > 240
    assert found[40, 60] < found[40, 180] < found[120, 180]


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_sixteen_bits_of_colour(kind: str) -> None:
    deep = np.asarray(chart())[:, :, ::-1].astype(np.uint16) * 257
    done, data = cv2.imencode(f".{kind}", deep)
    assert done
    assert_like(decoded(data.tobytes()), chart())


def test_floating_point_with_holes() -> None:
    grey = np.asarray(chart().convert("L")).astype(np.float32) / 255
    grey[0, 0] = np.nan
    found = np.asarray(decoded(encoded(Image.fromarray(grey), "TIFF")).convert("L"))
    assert found[40, 60] < found[40, 180] < found[120, 180]


def test_transparent_is_paper() -> None:
    clear = chart().convert("RGBA")
    clear.putalpha(0)
    for kind in ("PNG", "WEBP", "TIFF"):
        assert decoded(encoded(clear, kind)).getextrema() == ((255, 255),) * 3
    palette = Image.new("P", (40, 40), 3)
    palette.putpalette([0] * 768)
    assert decoded(encoded(palette, "PNG", transparency=3)).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_gets_square_pixels(compression: str) -> None:
    data = tiff_of([chart(480, 160).convert("1")], compression=compression, dpi=(204, 102))
    assert decoded(data).size == (480, 320)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "JPEG2000"])
def test_large_ones_come_out_at_the_working_size(kind: str) -> None:
    found = decoded(encoded(chart(5000, 3400), kind))
    assert max(found.size) <= WORK_SIDE
    assert found.width / found.height == pytest.approx(5000 / 3400, rel=0.01)
    assert_like(found, chart(*found.size))


def test_bands_join_without_a_seam() -> None:
    slope = np.linspace(0, 255, 4000).astype(np.uint8)[:, None].repeat(200, axis=1)
    found = np.asarray(decoded(encoded(Image.fromarray(slope))).convert("L")).astype(int)
    assert found.shape[0] == WORK_SIDE
    assert np.abs(np.diff(found[:, 100])).max() <= 1


def test_a_broken_exif_block_costs_the_turn_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    data = encoded(chart(), "JPEG", exif=exif)
    at = data.index(b"Exif\0\0") + 6
    broken = data[:at] + b"XX" + data[at + 2 :]
    assert_like(decoded(broken), chart())


def test_heic_is_named() -> None:
    with pytest.raises(RefusalError) as refusal:
        open_pages(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000))
    assert refusal.value.code == "heic"


@pytest.mark.parametrize(("kind", "width", "height"), [("PNG", 6100, 6000), ("WEBP", 5000, 5000), ("JPEG", 7200, 7200)])
def test_more_pixels_than_a_format_may_have(kind: str, width: int, height: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        open_pages(encoded(Image.new("L", (width, height)), kind))
    assert refusal.value.code == "too_large"


def test_the_working_size_is_what_the_words_say() -> None:
    source = (Path(__file__).parents[2] / "checkpoint_app/readers/reading.py").read_text(encoding="utf-8")
    assert re.search(r"36 megapixels \(JPEG 50\), 16,000 pixels", source)
