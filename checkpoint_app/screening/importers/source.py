"""A source file as bounded lines of text, and what kind of file it is by its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from checkpoint_app.screening.importers.report import Tell

MAX_LINE_BYTES = 1 << 20
PROBE_BYTES = 64 * 1024
MOST_CUT = PROBE_BYTES - 1024  # a probe's only line that is longer than this was cut by the probe

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_END_MARK = b"\x1a"  # some publishers still end their files as CP/M did
_WINDOWS = {code: bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in range(0x80, 0xA0)}
_OTHER_FILES = (
    (b"\x1f\x8b", "it is compressed by gzip; unpack it first"),
    (b"PK\x03\x04", "it is a ZIP archive or a spreadsheet; save it as CSV first"),
    (b"%PDF", "it is a PDF; ask for the list as CSV or JSON lines"),
    (b"CKPLIST", "it is a list package already; `checkpoint lists info` tells about it"),
    (b"\xff\xfe", "it is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16 text; save it as UTF-8"),
)


class SourceError(ValueError):
    """A source cannot be read at all; the text says what it is and what to do."""


def first_line(path: Path) -> str:
    """Return the first line that is not blank. Raises SourceError for an empty file, another kind, or no UTF-8."""
    line, end, _ = probe(path).partition(b"\n")
    cut = not end and len(line) > MOST_CUT  # perhaps in the middle of a letter
    try:
        return line.decode("utf-8", errors="ignore" if cut else "strict").strip()
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name}: its first line is not UTF-8; save it as UTF-8") from error


def probe(path: Path) -> bytes:
    """Return the first 64 KiB of a source from the first that is not blank; raises SourceError for what is none."""
    if path.exists() and not path.is_file():
        raise SourceError(f"{path.name}: it is no plain file, and a source is read more than once; save it as a file")
    try:
        with path.open("rb") as file:
            begin = file.read(PROBE_BYTES)
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read: {error.strerror}") from error
    text = begin.removeprefix(_BYTE_ORDER_MARK).lstrip()
    for start, words in _OTHER_FILES:
        if text.startswith(start):
            raise SourceError(f"{path.name}: {words}")
    if not text:
        raise SourceError(f"{path.name}: it is empty")
    if b"\x00" in text:
        raise SourceError(f"{path.name}: it is no text; save it as UTF-8 text of one of the forms of lists")
    return text


def whole_first_line(path: Path) -> str:
    """Return the first line that is not blank as long as it may be, 1 MiB; empty where it is longer, or no UTF-8."""
    with path.open("rb") as file:
        while (line := file.readline(MAX_LINE_BYTES + 1)) and not line.removeprefix(_BYTE_ORDER_MARK).strip():
            pass
    text = utf8(line.removeprefix(_BYTE_ORDER_MARK)) if len(line) <= MAX_LINE_BYTES else None
    return (text or "").strip()


def utf8(raw: bytes) -> str | None:
    """Return UTF-8 text, or None for what is none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def utf8_or_western(raw: bytes) -> str:
    """Return the text of bytes that are UTF-8, or else Windows-1252 with Latin-1 where that has gaps: all bytes are."""
    text = utf8(raw)
    return raw.decode("latin-1").translate(_WINDOWS) if text is None else text


class Lines:
    """The lines of a source that are not blank; ``number`` (from 1) and ``offset`` are those of the last one given.

    A line that is too long, or that ``decode`` gives None for, is refused and passed over. Memory is bounded by the
    longest line allowed.
    """

    def __init__(self, path: Path, on_refused: Tell, decode: Callable[[bytes], str | None] = utf8) -> None:
        self.number = 0
        self.offset = 0
        self._path = path
        self._on_refused = on_refused
        self._decode = decode
        self._end = 0

    def __iter__(self) -> Iterator[str]:
        with self._path.open("rb") as file:
            while raw := self._next(file):
                line = raw.removeprefix(_BYTE_ORDER_MARK) if self.number == 1 else raw
                if not line.strip().strip(_END_MARK):
                    continue
                if len(line) > MAX_LINE_BYTES:
                    self._on_refused(self.number, f"the line is longer than {MAX_LINE_BYTES} bytes")
                    continue
                text = self._decode(line)
                if text is None:
                    self._on_refused(self.number, "the line is not UTF-8 text")
                else:
                    yield text

    def _next(self, file: BinaryIO) -> bytes:
        """Return the next line; of one that is too long only enough to see that it is."""
        self.offset = self._end
        raw = file.readline(MAX_LINE_BYTES + 1)
        self.number += bool(raw)
        self._end += len(raw)
        rest = raw
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES + 1)
            self._end += len(rest)
        return raw
