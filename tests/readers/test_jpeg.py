"""Which JPEG of the child's may go to the screen."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from checkpoint_app.readers.recogniser.jpeg import MOST_SIDE, is_plain_jpeg
from checkpoint_app.readers.recogniser.message import Answer, LineStrip, MessageError
from checkpoint_app.readers.recogniser.picture import preview

NOISE = np.random.default_rng(7).integers(0, 256, (90, 120, 3), dtype=np.uint8)
PLAIN = preview(NOISE).jpeg


def segment(mark: int, content: bytes) -> bytes:
    return bytes((0xFF, mark)) + struct.pack(">H", len(content) + 2) + content


def in_many_scans(count: int) -> bytes:
    """A picture of some kilobytes: each of its scans goes over all of its million pixels."""
    frame = segment(0xC2, struct.pack(">BHHB", 8, 1000, 1000, 1) + b"\1\x11\0")
    tables = b"".join(
        segment(0xC4, kind + bytes([1, *[0] * 15]) + code) for kind, code in ((b"\0", b"\0"), (b"\x10", b"\xe0"))
    )
    first = segment(0xDA, b"\1\1\0\0\0\0") + bytes(125 * 125 // 8 + 1)
    again = segment(0xDA, b"\1\1\0\1\x3f\0") + b"\x7e\xff\0\xff\0"
    return b"\xff\xd8" + segment(0xDB, b"\0" + b"\1" * 64) + frame + tables + first + again * count + b"\xff\xd9"


def saved(kind: str, **more: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(NOISE).save(stream, kind, **more)
    return stream.getvalue()


@pytest.mark.parametrize("shape", [(1, 1, 3), (90, 120, 3), (MOST_SIDE, 8, 3)])
def test_what_this_room_writes_is_plain(shape: tuple[int, int, int]) -> None:
    assert is_plain_jpeg(preview(np.full(shape, 90, dtype=np.uint8), most=MOST_SIDE).jpeg)
    assert is_plain_jpeg(PLAIN)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        PLAIN[:-1],
        PLAIN + b"\0",
        PLAIN[2:],
        PLAIN[:-2] + PLAIN[PLAIN.index(b"\xff\xda") :],  # a second scan
        saved("JPEG", progressive=True),
        in_many_scans(2000),
        saved("PNG"),
        saved("GIF"),
        saved("TIFF"),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        preview(np.zeros((MOST_SIDE + 1, 8, 3), dtype=np.uint8), most=MOST_SIDE + 1).jpeg,
    ],
)
def test_what_no_screen_decodes(data: bytes) -> None:
    assert not is_plain_jpeg(data)


@given(st.binary(max_size=200))
def test_anything_is_judged(data: bytes) -> None:
    assert not is_plain_jpeg(b"\xff\xd8" + data)


@pytest.mark.parametrize("place", ["preview", "portrait", "strips"])
def test_an_answer_with_another_picture_is_not_believed(place: str) -> None:
    for data, believed in ((PLAIN, True), (saved("JPEG", progressive=True), False), (saved("PNG"), False)):
        more = {"preview": data if place == "preview" else b"", "portrait": data if place == "portrait" else b""}
        strips = (LineStrip(data, (0.5,)),) if place == "strips" else ()
        answer = Answer((), False, (), (), (), (), preview_size=(1, 1), strips=strips, **more)
        if believed:
            assert Answer.unpack(answer.pack()) == answer
        else:
            with pytest.raises(MessageError):
                Answer.unpack(answer.pack())
