"""Lists in XML, read as a stream: each record as a small tree with the line of its start tag, and nothing is kept.

XML 1.0 (W3C) by the standard library's expat. Document types are refused, so there are no entities to expand and
nothing outside the file is read. Names are local: prefixes and namespaces, which publishers change, are passed over.
Bounded: bytes of one tag, text, elements, attributes and depth of a record, and how many names a file may use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from checkpoint_app.screening.entry import Entry
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.records import LeaveOut
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import SourceError
from checkpoint_app.screening.plain import RecordError

MAX_TEXT = 4 << 20
"""Most characters of one record, and most bytes of one tag or comment."""
MAX_DEPTH = 64
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 64
MAX_OPEN = 256
"""Most elements open at once, in or around a record."""
MAX_NAMES = 5_000
"""Most different names of elements and attributes in a file: expat keeps them all."""
PROBE_BYTES = 1 << 20

_CHUNK = 64 * 1024
_FILLING = b" \t\r\n\x00\x1a"


@dataclass(slots=True)
class Element:
    """An element: local name, line of its start tag (from 1), attributes by local name, own text, children."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *path: str) -> list[Element]:
        """Return the elements under ``path`` (local names, from a child down), in the file's order."""
        found = [self]
        for name in path:
            found = [child for element in found for child in element.children if child.name == name]
        return found

    def words(self, *path: str) -> str:
        """Return the first text under ``path`` that is not blank, without blanks around it; else the empty text."""
        return next((text for element in self.all(*path) if (text := element.text.strip())), "")

    def get(self, attribute: str) -> str:
        """Return an attribute without blanks around it; empty if it is not there."""
        return self.attributes.get(attribute, "").strip()

    def says(self, attribute: str) -> bool:
        """Tell whether an attribute of type xs:boolean is true."""
        return self.get(attribute).casefold() in ("true", "1")


def root_of(path: Path) -> str:
    """Return the local name of the root element. Raises SourceError: no XML, or a document type, or too far in."""
    reader = _Reader(path.name, frozenset(), _ignore)
    with _opened(path) as file:
        try:
            reader.feed(file.read(PROBE_BYTES), last=False)
        except (expat.ExpatError, _StopError) as error:
            if not reader.root:
                raise _no_xml(path) from error
    if not reader.root:
        raise _no_xml(path)
    return reader.root


def records(path: Path, roots: frozenset[str], names: frozenset[str], on_refused: Tell) -> Iterator[Element]:
    """Yield each element called one of ``names``, wherever it stands, in order; one inside another is refused.

    A record that is over a bound is refused and the next is read. A file that is cut or broken gives the records before
    that place, then one refusal. Raises SourceError: the file cannot be opened, is no XML, has a document type, or
    another root element than one of ``roots``.
    """
    reader = _Reader(path.name, names, on_refused)
    with _opened(path) as file:
        last = False
        while not last:
            chunk = file.read(_CHUNK)
            last = not chunk
            trouble: expat.ExpatError | _StopError | None = None
            try:
                reader.feed(chunk, last)
            except (expat.ExpatError, _StopError) as error:
                trouble = error
            if reader.root and reader.root not in roots:
                raise SourceError(f"{path.name}: its root element is not {' or '.join(sorted(roots))}")
            yield from reader.taken()
            if trouble is not None:
                if not reader.root:
                    raise _no_xml(path) from trouble
                if not reader.ended or _goes_on(file, reader.place):
                    on_refused(*reader.verdict(trouble, last))
                return


def read(
    path: Path,
    roots: frozenset[str],
    names: frozenset[str],
    make: Callable[[Element, LeaveOut], Entry],
    on_refused: Tell,
    on_left_out: Tell,
) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each record that ``make`` takes; others are refused by the FieldError that it raises."""
    for element in records(path, roots, names, on_refused):
        try:
            entry = make(element, partial(on_left_out, element.line))
        except (FieldError, RecordError) as error:
            on_refused(element.line, str(error))
            continue
        yield element.line, entry


class _StopError(Exception):
    """The rest of the file is not read; the text says why."""


class _Reader:
    """The handlers of one parse: a tree for each record that is open, and the records that have closed."""

    def __init__(self, file_name: str, names: frozenset[str], on_refused: Tell) -> None:
        self.root = ""
        self.ended = False
        self._file_name = file_name
        self._names = names
        self._on_refused = on_refused
        self._closed: list[Element] = []
        self._open: list[Element] = []  # the record and what is open in it; the record alone once it has a flaw
        self._texts: list[list[str]] = []  # the pieces of text of each that is open
        self._depth = 0
        self._record_depth = 0  # 0: outside of records
        self._size = self._elements = 0
        self._flaw = ""
        self._local: dict[str, str] = {}
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

    def feed(self, chunk: bytes, last: bool) -> None:
        """Parse ``chunk``. Raises ExpatError (not well formed), _StopError (a bound) or SourceError (a DTD)."""
        self._silent += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except SourceError:
            raise
        except (LookupError, ValueError) as error:  # of Python's codecs, by the encoding that the file declares
            raise _StopError("its encoding is not known") from error
        if self._silent > MAX_TEXT:
            raise _StopError(f"a tag or comment is longer than {MAX_TEXT} bytes")

    def taken(self) -> list[Element]:
        """Return the records that have closed since the last call."""
        closed, self._closed = self._closed, []
        return closed

    @property
    def place(self) -> int:
        """Where the parser found an error, as an offset in the file."""
        return self._parser.ErrorByteIndex

    def verdict(self, trouble: expat.ExpatError | _StopError, last: bool) -> tuple[int, str]:
        """Return (line, reason) for the place where reading ended, the line of the record that is open there if any."""
        here = trouble.lineno if isinstance(trouble, expat.ExpatError) else self._parser.CurrentLineNumber
        line = self._open[0].line if self._open else here
        if isinstance(trouble, _StopError):
            return line, f"{trouble}; the rest of the file is not read"
        if last and self._depth:
            return line, f"the file ends within {'this record' if self._open else 'the list'}, at line {here}"
        return line, f"the file is no well-formed XML at line {here}; the rest of it is not read"

    def _on_doctype(self, *_parts: object) -> None:
        raise SourceError(f"{self._file_name}: it declares a document type (DOCTYPE), which no list needs; remove it")

    def _on_start(self, raw: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self._depth += 1
        if self._depth > MAX_OPEN:
            raise _StopError(f"more than {MAX_OPEN} elements are open at once")
        name = self._local_name(raw)
        for attribute in attributes:  # outside of records too: expat keeps those names as well
            self._local_name(attribute)
        if self._depth == 1:
            self.root = name
        if not self._record_depth:
            if self._depth > 1 and name in self._names:
                self._record_depth = self._depth
                self._size = self._elements = 0
                self._flaw = ""
                self._add(name, attributes)
        elif name in self._names:
            self._on_refused(self._parser.CurrentLineNumber, "it stands inside another record")
            self._flaw = self._flaw or "another record stands inside it"
        elif not self._flaw:
            self._add(name, attributes)

    def _add(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._size += sum(len(key) + len(value) for key, value in attributes.items())
        if len(attributes) > MAX_ATTRIBUTES:
            self._flaw = f"an element has more than {MAX_ATTRIBUTES} attributes"
        elif self._depth - self._record_depth >= MAX_DEPTH:
            self._flaw = f"its elements are nested deeper than {MAX_DEPTH}"
        elif self._elements > MAX_ELEMENTS:
            self._flaw = f"it has more than {MAX_ELEMENTS} elements"
        local = {self._local_name(key): value for key, value in attributes.items()} if not self._flaw else {}
        element = Element(name, self._parser.CurrentLineNumber, local)
        if self._open and not self._flaw:
            self._open[-1].children.append(element)
        if not self._open or not self._flaw:
            self._open.append(element)
            self._texts.append([])
        self._bound()

    def _on_text(self, text: str) -> None:
        self._silent = 0
        if self._record_depth and not self._flaw:
            self._texts[-1].append(text)
            self._size += len(text)
            self._bound()

    def _on_end(self, _raw: str) -> None:
        self._silent = 0
        if self._record_depth == self._depth:
            record = self._open[0]
            if self._flaw:
                self._on_refused(record.line, self._flaw)
            else:
                record.text = "".join(self._texts[0])
                self._closed.append(record)
            self._open, self._texts = [], []
            self._record_depth = 0
        elif self._record_depth and not self._flaw:
            self._open.pop().text = "".join(self._texts.pop())
        self._depth -= 1
        self.ended = not self._depth

    def _on_other(self, *_parts: str) -> None:
        self._silent = 0

    def _bound(self) -> None:
        """Let go of what a record with a flaw has gathered."""
        if self._size > MAX_TEXT:
            self._flaw = self._flaw or f"it is longer than {MAX_TEXT} characters"
        if self._flaw:
            self._open, self._texts = [Element(self._open[0].name, self._open[0].line)], [[]]

    def _local_name(self, raw: str) -> str:
        name = self._local.get(raw)
        if name is None:
            if len(self._local) >= MAX_NAMES:
                raise _StopError(f"more than {MAX_NAMES} different names of elements and attributes")
            name = self._local[raw] = raw.rpartition(":")[2]
        return name


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read: {error.strerror}") from error


def _goes_on(file: BinaryIO, place: int) -> bool:
    """Tell whether more stands from ``place`` on than blanks and end marks, which some publishers close a file with."""
    file.seek(place)
    return bool(file.read(_CHUNK).strip(_FILLING))


def _no_xml(path: Path) -> SourceError:
    return SourceError(f"{path.name}: it is no XML that can be read; get the file again from its publisher")


def _ignore(_line: int, _reason: str) -> None:
    pass
