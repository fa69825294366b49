"""Where segments, elements and components end: at their signs, unless a release sign took the meaning (ISO 9735-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import AnyStr, BinaryIO

from checkpoint_app.cargo.separators import Separators
from checkpoint_app.cargo.values import MessageError

CHUNK = 256 * 1024
MOST_SEGMENT_BYTES = 64 * 1024


def iter_pieces(
    stream: BinaryIO, head: bytes, start: int, signs: Separators, most_bytes: int
) -> Iterator[tuple[bytes, bool]]:
    """Iterate what lies between terminators, and whether one ended it; a released terminator is none.

    ``head`` was read of ``stream`` before; ``start`` is where the first segment begins in it. Raises MessageError
    (``too_large``).
    """
    kept = b""
    chunk = head[start:]
    size = len(head)
    lines = b"" if signs.terminator in {b"\r", b"\n"} else b"\r\n"
    while chunk:
        if size > most_bytes:
            raise MessageError("too_large", f"larger than {most_bytes} bytes", byte=most_bytes)
        *pieces, last = (kept + chunk.translate(None, lines)).split(signs.terminator)
        released: list[bytes] = []
        for piece in pieces:
            if signs.release and piece.endswith(signs.release) and _is_released(piece, signs.release):
                released += (piece, signs.terminator)
            else:
                yield b"".join((*released, piece)) if released else piece, True
                released = []
        kept = b"".join((*released, last))
        if len(kept) > 4 * MOST_SEGMENT_BYTES:  # what follows is cut from the segment all the same
            kept = kept[: 2 * MOST_SEGMENT_BYTES]
        chunk = stream.read(CHUNK)
        size += len(chunk)
    if kept:
        yield kept, False


def _is_released(piece: AnyStr, release: AnyStr) -> bool:
    """Tell whether the sign after ``piece`` has lost its meaning: the release signs before it are odd in number."""
    return (len(piece) - len(piece.rstrip(release))) % 2 == 1


def split_released(text: str, sign: str, release: str) -> list[str]:
    """Split at every ``sign`` that is not released; the release signs stay."""
    parts: list[str] = []
    released: list[str] = []
    for part in text.split(sign):
        if part.endswith(release) and _is_released(part, release):
            released += (part, sign)
        else:
            parts.append("".join((*released, part)))
            released = []
    return [*parts, "".join(released[:-1])] if released else parts


def without_release(text: str, release: str) -> str:
    """Take out each release sign, and keep the sign that follows it, be it one itself."""
    if release not in text:
        return text
    parts = text.split(release + release)
    return release.join(part.replace(release, "") for part in parts)
