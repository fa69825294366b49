"""Messages in XML as small trees, by the standard library's expat (XML 1.0, W3C).

Document types are refused, so there are no entities to expand and nothing outside the message is read. Namespaces and
the case of names, which senders change, are passed over: names are local and in lower case. Bounded: depth, elements,
attributes, text, bytes of one tag or comment, and how many names a message may use (expat keeps them all).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from checkpoint_app.cargo.values import MessageError

MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 500_000
"""Most elements of one tree: of a whole message, or of one record of a stream."""
MAX_TEXT: Final = 16 << 20
"""Most characters of one tree."""
MAX_RECORD_TEXT: Final = 4 << 20
"""Most characters of one record of a stream, and most bytes of one tag or comment."""
MAX_ATTRIBUTES: Final = 64
MAX_ATTRIBUTE_TEXT: Final = 64 << 10
"""Most characters of the attributes of one element."""
MAX_NAMES: Final = 5_000

_CHUNK = 64 * 1024
_FILLING = b" \t\r\n\x00\x1a"
_LEADING = b" \t\r\n"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(slots=True)
class Element:
    """An element: local name in lower case, line of its start tag (from 1), attributes, own text, children."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *path: str) -> list[Element]:
        """Return the elements under ``path`` (names in lower case, from a child down), in the message's order."""
        found = [self]
        for name in path:
            found = [child for element in found for child in element.children if child.name == name]
        return found

    def first(self, *path: str) -> Element | None:
        """Return the first element under ``path``."""
        return next(iter(self.all(*path)), None)

    def within(self, name: str) -> Iterator[Element]:
        """Yield each element of that name at any depth below this one, in the message's order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)

    def words(self, *path: str) -> str | None:
        """Return the first text under ``path`` that is not blank, blanks collapsed; None where nothing was sent."""
        return next((words for element in self.all(*path) if (words := " ".join(element.text.split()))), None)

    def texts(self, *path: str) -> tuple[str, ...]:
        """Return all texts under ``path`` that are not blank, blanks collapsed."""
        return tuple(words for element in self.all(*path) if (words := " ".join(element.text.split())))


def read_tree(data: bytes) -> Element:
    """Return the root element of a whole message. Raises MessageError: "xml" with its line, "doctype", "too_large"."""
    builder = _Builder(MAX_TEXT, release=False)
    kept = data.rstrip(_FILLING)
    builder.feed(data if data.startswith(_WIDE) or not data[len(kept) :].strip(_LEADING) else kept, last=True)
    return builder.root


def stream_tree(stream: BinaryIO, most_bytes: int) -> Iterator[Element]:
    """Yield the root element of a message without its children, then each child of it, whole, as soon as it has closed.

    Only one child is in memory. Raises MessageError as ``read_tree`` does, after all children before that place.
    """
    builder = _Builder(MAX_RECORD_TEXT, release=True)
    told = last = False
    size = 0
    while not last:
        chunk = stream.read(_CHUNK)
        last = not chunk
        size += len(chunk)
        if size > most_bytes:
            raise MessageError("too_large", f"larger than {most_bytes} bytes: have it sent in parts", byte=most_bytes)
        trouble: MessageError | None = None
        try:
            builder.feed(chunk, last)
        except MessageError as error:
            trouble = error
        if not told and builder.started:
            told = True
            yield Element(builder.root.name, builder.root.line, builder.root.attributes)
        yield from builder.taken()
        if trouble is not None:
            if builder.ended and not (chunk[-builder.left :] + stream.read(_CHUNK)).strip(_FILLING):
                return
            raise trouble


class _Builder:
    """The handlers of one parse. With ``release`` the root's children are handed out and forgotten."""

    def __init__(self, most_text: int, release: bool) -> None:
        self.root = Element("", 0)
        self.ended = False
        self._most_text = most_text
        self._release = release
        self._closed: list[Element] = []
        self._open: list[tuple[Element, list[str]]] = []
        self._elements = self._size = 0
        self._local: dict[str, str] = {}
        self._blank = True  # nothing but blanks so far: they are not well formed before an XML declaration
        self._lines = 0  # that the blanks at the start took
        self._fed = 0
        self._silent = 0  # bytes given since the parser last told of anything
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartDoctypeDeclHandler = self._on_doctype
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._on_text
        self._parser.CommentHandler = self._on_other
        self._parser.ProcessingInstructionHandler = self._on_other

    @property
    def started(self) -> bool:
        """Whether the root element has begun."""
        return bool(self.root.name)

    def taken(self) -> list[Element]:
        """Return the children of the root that have closed since the last call."""
        closed, self._closed = self._closed, []
        return closed

    @property
    def left(self) -> int:
        """How many bytes of the last chunk stand behind the place of the error, at least one."""
        return max(1, self._fed - self._parser.ErrorByteIndex)

    def feed(self, chunk: bytes, last: bool) -> None:
        """Parse ``chunk``. Raises MessageError."""
        if self._blank:
            kept = chunk.lstrip(_LEADING)
            self._lines += chunk.count(b"\n", 0, len(chunk) - len(kept))
            chunk, self._blank = kept, not kept
        self._silent += len(chunk)
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            line = error.lineno + self._lines
            why = expat.ErrorString(error.code) or "not well-formed"
            raise MessageError(
                "xml", f"line {line}: no well-formed XML ({why}): have it sent again", line=line
            ) from None
        except (LookupError, ValueError) as error:  # of Python's codecs, by the encoding that the message declares
            raise MessageError("xml", "line 1: its encoding is not known: have it sent in UTF-8", line=1) from error
        if self._silent > MAX_RECORD_TEXT:
            raise self._too_large(f"a tag or comment is longer than {MAX_RECORD_TEXT} bytes")

    def _on_doctype(self, *_parts: object) -> None:
        raise MessageError(
            "doctype",
            f"line {self._line}: it declares a document type (DOCTYPE), which no message needs",
            line=self._line,
        )

    def _on_start(self, raw: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self._elements += 1
        if len(self._open) >= MAX_DEPTH:
            raise self._too_large(f"its elements are nested deeper than {MAX_DEPTH}")
        if self._elements > MAX_ELEMENTS:
            raise self._too_large(f"it has more than {MAX_ELEMENTS} elements")
        local = self._attributes(attributes) if attributes else {}
        element = Element(self._local_name(raw), self._line, local)
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.root = element
        self._open.append((element, []))

    def _attributes(self, attributes: dict[str, str]) -> dict[str, str]:
        size = sum(len(key) + len(value) for key, value in attributes.items())
        self._grow(size)
        if len(attributes) > MAX_ATTRIBUTES or size > MAX_ATTRIBUTE_TEXT:
            raise self._too_large(f"an element has more than {MAX_ATTRIBUTES} attributes, or too long ones")
        return {self._local_name(key): value for key, value in attributes.items()}

    def _on_text(self, text: str) -> None:
        self._silent = 0
        self._grow(len(text))
        self._open[-1][1].append(text)

    def _on_end(self, _raw: str) -> None:
        self._silent = 0
        element, pieces = self._open.pop()
        element.text = "".join(pieces)
        self.ended = not self._open
        if self._release and len(self._open) == 1:
            self.root.children.clear()
            self._open[0][1].clear()
            self._closed.append(element)
            self._elements = self._size = 0

    def _on_other(self, *_parts: str) -> None:
        self._silent = 0

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._most_text:
            raise self._too_large(f"it holds more than {self._most_text} characters in one piece")

    def _local_name(self, raw: str) -> str:
        name = self._local.get(raw)
        if name is None:
            if len(self._local) >= MAX_NAMES:
                raise self._too_large(f"more than {MAX_NAMES} different names of elements and attributes")
            name = self._local[raw] = raw.rpartition(":")[2].lower()
        return name

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber + self._lines

    def _too_large(self, why: str) -> MessageError:
        return MessageError("too_large", f"line {self._line}: {why}: have it sent in parts", line=self._line)
