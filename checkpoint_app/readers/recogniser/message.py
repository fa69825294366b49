"""What parent and child tell each other about a picture. Both sides check it: the child may have been taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgpack

MOST_IMAGE_BYTES = 32 << 20
_MOST_CODE_BYTES = 8_192
_MOST_PREVIEW_BYTES = 2 << 20


class MessageError(Exception):
    """A message is out of form."""


@dataclass(frozen=True, slots=True)
class Request:
    """A picture to read on ``today`` (which decides centuries), with CPU seconds to spend on its zone."""

    image: bytes
    today: date
    budget_s: float

    def pack(self) -> bytes:
        """Return the message."""
        return bytes(msgpack.packb([self.image, self.today.toordinal(), self.budget_s]))

    @classmethod
    def unpack(cls, data: bytes) -> Request:
        """Read the message; raises MessageError."""
        try:
            image, today, budget_s = msgpack.unpackb(data, max_bin_len=MOST_IMAGE_BYTES)
            return cls(bytes(image), date.fromordinal(today), float(budget_s))
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
class Answer:
    """What the child read. ``confidence`` has a number (0 to 1) for each character; ``codes`` are (format, bytes)."""

    lines: tuple[str, ...]
    sure: bool
    confidence: tuple[tuple[float, ...], ...]
    doubtful: tuple[tuple[int, int], ...]
    boxes: tuple[FieldBox, ...]
    codes: tuple[tuple[str, bytes], ...]
    preview: bytes
    preview_size: tuple[int, int]

    def pack(self) -> bytes:
        """Return the message."""
        boxes = [[b.field, b.line, b.x, b.y, b.width, b.height, b.doubtful] for b in self.boxes]
        parts = [self.lines, self.sure, self.confidence, self.doubtful, boxes, self.codes, self.preview]
        return bytes(msgpack.packb([*parts, self.preview_size]))

    @classmethod
    def unpack(cls, data: bytes) -> Answer:
        """Read the message, every type and bound checked; raises MessageError."""
        try:
            lines, sure, confidence, doubtful, boxes, codes, preview, size = msgpack.unpackb(data)
            return cls(
                tuple(_text(line, 44) for line in _few(lines, 3)),
                sure is True,
                tuple(tuple(_number(v) for v in _few(row, 44)) for row in _few(confidence, 3)),
                tuple((_count(line), _count(at)) for line, at in _few(doubtful, 3 * 44)),
                tuple(_box(box) for box in _few(boxes, 64)),
                tuple((_text(name, 40), _bytes(code, _MOST_CODE_BYTES)) for name, code in _few(codes, 8)),
                _bytes(preview, _MOST_PREVIEW_BYTES),
                (_count(size[0]), _count(size[1])),
            )
        except (ValueError, TypeError, IndexError, msgpack.UnpackException) as error:
            raise MessageError("an answer out of form") from error


def _few(values: Any, most: int) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise ValueError("not a short list")
    return values


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isascii():
        raise ValueError("not a short text")
    return value


def _bytes(value: Any, most: int) -> bytes:
    if not isinstance(value, bytes) or len(value) > most:
        raise ValueError("not short bytes")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, float | int) or not -1.0 <= value <= 2.0:
        raise ValueError("not a fraction")
    return float(value)


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= 10_000:
        raise ValueError("not a count")
    return value


def _box(values: Any) -> FieldBox:
    field, line, *place, doubtful = _few(values, 7)
    x, y, width, height = (_number(value) for value in place)
    return FieldBox(_text(field, 40), _count(line), x, y, width, height, doubtful is True)
