"""What parent and child tell each other about a picture. Both sides check it: the child may have been taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgpack

from checkpoint_app.readers.recogniser.jpeg import is_plain_jpeg

MOST_IMAGE_BYTES = 32 << 20
MOST_FRAMES = 8
MOST_TEXTS, MOST_TEXT = 60, 120
"""Lines of print that an answer may hold, and characters that one may have."""
MOST_PORTRAIT_BYTES = 64 << 10
_MOST_CODE_BYTES = 8_192
_MOST_PREVIEW_BYTES = 2 << 20
_MOST_STRIP_BYTES = 256 << 10


class MessageError(Exception):
    """A message is out of form."""


@dataclass(frozen=True, slots=True)
class Request:
    """A picture to read on ``today`` (which decides centuries), with CPU seconds to spend on its zone.

    More than one image are frames of one document that vote. All together have MOST_IMAGE_BYTES at most. ``printed``
    asks for what is printed beside the zone, and the portrait: of the images of the last request, nothing else is read.
    """

    images: tuple[bytes, ...]
    today: date
    budget_s: float
    printed: bool = False

    def pack(self) -> bytes:
        """Return the message."""
        return bytes(msgpack.packb([self.images, self.today.toordinal(), self.budget_s, self.printed]))

    @classmethod
    def unpack(cls, data: bytes) -> Request:
        """Read the message; raises MessageError."""
        try:
            images, today, budget_s, printed = msgpack.unpackb(data, max_bin_len=MOST_IMAGE_BYTES)
            frames = tuple(bytes(image) for image in _few(images, MOST_FRAMES))
            return cls(frames, date.fromordinal(today), float(budget_s), printed is True)
        except (ValueError, TypeError, msgpack.UnpackException) as error:
            raise MessageError("a request out of form") from error


@dataclass(frozen=True, slots=True)
class FieldBox:
    """Where a field, a check digit (``field`` ends in ``_digit``) or a whole line (``line``) stands.

    In fractions of the preview's width and height; ``line`` counts from 1.
    """

    field: str
    line: int
    x: float
    y: float
    width: float
    height: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class LineStrip:
    """One line of the zone, cut out upright as a JPEG, and where its characters stand in it.

    ``centres`` has the middle of each character, in fractions of the strip's width.
    """

    jpeg: bytes
    centres: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child read. ``confidence`` has a number (0 to 1) for each character; ``codes`` are (format, bytes).

    ``strips`` has one for each line. ``page`` counts from 1: the page of a file of ``pages`` that the answer is of.
    ``printed`` has what stands beside the zone, with how sure it is, and ``portrait`` is a JPEG: where asked for.
    """

    lines: tuple[str, ...]
    sure: bool
    confidence: tuple[tuple[float, ...], ...]
    doubtful: tuple[tuple[int, int], ...]
    boxes: tuple[FieldBox, ...]
    codes: tuple[tuple[str, bytes], ...]
    preview: bytes
    preview_size: tuple[int, int]
    strips: tuple[LineStrip, ...] = ()
    page: int = 1
    pages: int = 1
    printed: tuple[tuple[str, float], ...] = ()
    portrait: bytes = b""

    def pack(self) -> bytes:
        """Return the message."""
        boxes = [[b.field, b.line, b.x, b.y, b.width, b.height, b.doubtful] for b in self.boxes]
        parts = [self.lines, self.sure, self.confidence, self.doubtful, boxes, self.codes, self.preview]
        strips = [[strip.jpeg, strip.centres] for strip in self.strips]
        place = [self.page, self.pages]
        return bytes(msgpack.packb([*parts, self.preview_size, strips, *place, self.printed, self.portrait]))

    @classmethod
    def unpack(cls, data: bytes) -> Answer:
        """Read the message, every type and bound checked; raises MessageError."""
        try:
            lines, sure, confidence, doubtful, boxes, codes, preview, *rest = msgpack.unpackb(data)
            size, strips, page, pages, printed, portrait = rest
            return cls(
                tuple(_text(line, 44) for line in _few(lines, 3)),
                sure is True,
                tuple(tuple(_number(v) for v in _few(row, 44)) for row in _few(confidence, 3)),
                tuple((_count(line), _count(at)) for line, at in _few(doubtful, 3 * 44)),
                tuple(_box(box) for box in _few(boxes, 64)),
                tuple((_text(name, 40), _bytes(code, _MOST_CODE_BYTES)) for name, code in _few(codes, 8)),
                _jpeg(preview, _MOST_PREVIEW_BYTES),
                (_count(size[0]), _count(size[1])),
                tuple(_strip(strip) for strip in _few(strips, 3)),
                _count(page),
                _count(pages),
                tuple(_printed(text) for text in _few(printed, MOST_TEXTS)),
                _jpeg(portrait, MOST_PORTRAIT_BYTES),
            )
        except (ValueError, TypeError, IndexError, msgpack.UnpackException) as error:
            raise MessageError("an answer out of form") from error


def _few(values: Any, most: int) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise ValueError("not a short list")
    return values


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not (value.isascii() and value.isprintable()):
        raise ValueError("not a short text")
    return value


def _printed(values: Any) -> tuple[str, float]:
    text, confidence = _few(values, 2)
    if not isinstance(text, str) or len(text) > MOST_TEXT or not text.isprintable():
        raise ValueError("not a line of print")
    if not 0.0 <= _number(confidence) <= 1.0:
        raise ValueError("not a likelihood")
    return text, float(confidence)


def _bytes(value: Any, most: int) -> bytes:
    if not isinstance(value, bytes) or len(value) > most:
        raise ValueError("not short bytes")
    return value


def _jpeg(value: Any, most: int) -> bytes:
    """Return a picture for the screen, or nothing where there is none."""
    data = _bytes(value, most)
    if data and not is_plain_jpeg(data):
        raise ValueError("not a plain JPEG")
    return data


def _number(value: Any) -> float:
    if not isinstance(value, float | int) or not -1.0 <= value <= 2.0:
        raise ValueError("not a fraction")
    return float(value)


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= 10_000:
        raise ValueError("not a count")
    return value


def _strip(values: Any) -> LineStrip:
    jpeg, centres = _few(values, 2)
    return LineStrip(_jpeg(jpeg, _MOST_STRIP_BYTES), tuple(_number(value) for value in _few(centres, 44)))


def _box(values: Any) -> FieldBox:
    field, line, *place, doubtful = _few(values, 7)
    x, y, width, height = (_number(value) for value in place)
    return FieldBox(_text(field, 40), _count(line), x, y, width, height, doubtful is True)
