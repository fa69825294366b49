"""A file that is one JSON document, not lines: an array of objects, a page of notices, or one object.

Read one object at a time, from a text of at most 64 MiB. A document that is cut or broken is refused whole, since what
is missing from it cannot be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import SourceError

MAX_DOCUMENT_BYTES = 64 << 20

_MOST = 1_000_000_000
_PAGE = ("_embedded", "notices")
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def objects(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object) of each record of the document. Raises SourceError."""
    reader = _Reader(_text(path), path.name)
    if reader.at("["):
        yield from _members(reader, on_refused)
    else:
        yield from _of_object(reader, on_refused, on_left_out)
    reader.finish()


def _of_object(reader: _Reader, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the notices of a page; another object is itself the one record."""
    line, record, count = reader.line(), {}, -1
    for key in reader.pairs():
        if key != _PAGE[0] or not reader.at("{"):
            record[key] = reader.value()
            continue
        for inner in reader.pairs():
            if inner == _PAGE[1] and reader.at("["):
                count = max(count, 0)
                for member in _members(reader, on_refused):
                    count += 1
                    yield member
            else:
                reader.value()
    if count < 0:
        yield line, record
    elif isinstance(total := record.get("total"), int) and count < total < _MOST:
        on_left_out(line, f"page with {count:,} of {total:,} notices: give all pages, each as a source")


def _members(reader: _Reader, on_refused: Tell) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in reader.items():
        value = reader.value()
        if isinstance(value, dict):
            yield line, value
        else:
            on_refused(line, "the record is no JSON object")


class _Reader:
    """A place in a JSON text. Each step raises SourceError where the text is not what JSON has there."""

    def __init__(self, text: str, name: str) -> None:
        self.place = 0
        self._text = text
        self._name = name
        self._counted, self._line = 0, 1

    def at(self, sign: str) -> bool:
        """Tell whether the next sign is this one."""
        self._skip()
        return self._text.startswith(sign, self.place)

    def line(self) -> int:
        """Return the number of the line where the next sign stands, from 1."""
        self._skip()
        self._line += self._text.count("\n", self._counted, self.place)
        self._counted = self.place
        return self._line

    def value(self) -> Any:
        """Return the value that stands here, and go past it."""
        self._skip()
        try:
            found, self.place = _DECODER.raw_decode(self._text, self.place)
        except (ValueError, RecursionError) as error:
            raise self._broken() from error
        return found

    def items(self) -> Iterator[int]:
        """Yield the line of each item of the array that begins here; the caller takes each value."""
        yield from self._each("[", "]")

    def pairs(self) -> Iterator[str]:
        """Yield each key of the object that begins here; the caller takes each value."""
        for _line in self._each("{", "}"):
            key = self.value()
            if not isinstance(key, str):
                raise self._broken()
            self._take(":")
            yield key

    def finish(self) -> None:
        """Raise SourceError unless nothing but blanks and an end mark follow."""
        if self._text[self.place :].strip(" \t\r\n\x1a"):
            raise self._broken()

    def _each(self, opening: str, closing: str) -> Iterator[int]:
        self._take(opening)
        if not self.at(closing):
            yield self.line()
            while self.at(","):
                self._take(",")
                yield self.line()
        self._take(closing)

    def _take(self, sign: str) -> None:
        if not self.at(sign):
            raise self._broken()
        self.place += len(sign)

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self.place)
        self.place = blank.end() if blank else self.place

    def _broken(self) -> SourceError:
        text = self._text.rstrip(" \t\r\n\x1a")
        closing = "]" if text.lstrip()[:1] == "[" else "}"
        cut = self.place >= len(text) or not text.endswith(closing)
        trouble = "it ends in the middle" if cut else "it is no JSON"
        return SourceError(f"{self._name}: line {self.line()}: {trouble}; get the whole file again")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_DOCUMENT_BYTES:
        raise SourceError(f"{path.name}: one JSON document of more than 64 MiB; give JSON lines, one object a line")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name}: it is not UTF-8; save it as UTF-8") from error
