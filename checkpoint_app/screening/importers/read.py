"""The way in: sources to entries or document numbers, the form of each told from its content."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from checkpoint_app.screening.entry import DocumentCategory, Entry
from checkpoint_app.screening.importers import (
    eu_xml,
    json_document,
    json_objects,
    ofac_advanced,
    ofac_csv,
    ofac_xml,
    un_xml,
    xml,
)
from checkpoint_app.screening.importers.fields import FieldError
from checkpoint_app.screening.importers.ofac_csv import Part
from checkpoint_app.screening.importers.report import TWICE, Tell
from checkpoint_app.screening.importers.source import MOST_CUT, Lines, SourceError, first_line, probe, whole_first_line
from checkpoint_app.screening.importers.table import columns_of, entry_of_row, number_of_row, rows
from checkpoint_app.screening.numbers.ranges import Listed
from checkpoint_app.screening.plain import RecordError

T = TypeVar("T", Entry, Listed)


class Content(StrEnum):
    """What a source holds."""

    ENTRIES = "entries"
    NUMBERS = "numbers"


Entries = Callable[[Path, Tell, Tell], Iterator[tuple[int, Entry]]]
"""Reads a file to (line, entry). The first tells what is refused, the second what an entry goes without.

Raises SourceError where nothing more can be read.
"""

Numbers = Callable[[Path, DocumentCategory, Tell], Iterator[tuple[int, Listed]]]
"""Reads a file to (line, number); one that states no category is listed for the one given."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, what form it has, and how it is read: by one of the two. ``parts`` are files that belong to it."""

    path: Path
    form: str
    entries: Entries | None = None
    numbers: Numbers | None = None
    parts: Mapping[Part, Path] = field(default_factory=dict)

    @property
    def content(self) -> Content:
        """What the source holds."""
        return Content.NUMBERS if self.numbers else Content.ENTRIES

    @property
    def told(self) -> str:
        """The form in words, with the files that belong to it and what of a list was not given."""
        if self.form != ofac_csv.FORM:
            return self.form
        given = ", ".join(path.name for path in self.parts.values())
        missing = ", ".join(part.value for part in Part if part not in self.parts)
        return self.form + (f" with {given}" if given else "") + (f"; without {missing}" if missing else "")

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are read."""
        return self.path, *self.parts.values()


def sources_of(paths: Iterable[Path], mapping: Mapping[str, str] | None = None, *, beside: bool = True) -> list[Source]:
    """Return the sources of ``paths``: files that are parts of one list are one source.

    ``beside`` also takes parts that lie beside a file of which they are parts, though they are not named.
    ``mapping`` (column → field, see `table.columns_of`) is for tables. Raises SourceError where a file has no form that
    is known, or is a part of a list that is not there.
    """
    found, parts = [], []
    for path in dict.fromkeys(paths):
        part = None if mapping else _part_of(path)
        if part is None:
            found.append(source_of(path, mapping, beside=beside))
        else:
            parts.append((part, path))
    mains = [source for source in found if source.form == ofac_csv.FORM]
    given: dict[Path, dict[Part, Path]] = {source.path: {} for source in mains}
    for part, path in parts:
        main = _main_of(part, path, mains)
        if part in given[main]:
            raise SourceError(f"{path.name}: {part.value} are given by {given[main][part].name} already")
        given[main][part] = path
    return [_with_parts(source, given.get(source.path, {})) for source in found]


def source_of(path: Path, mapping: Mapping[str, str] | None = None, *, beside: bool = True) -> Source:
    """Return what a file is, told from its content, and how it is read. Raises SourceError as ``sources_of``."""
    begin = probe(path)
    if begin[:1] not in (b"<", b"{", b"["):
        if not mapping and ofac_csv.is_main(path):
            return _with_parts(Source(path, ofac_csv.FORM), ofac_csv.beside(path) if beside else {})
        return _table(path, mapping or {})
    if mapping:
        raise SourceError(f"{path.name}: it is {_word(path, begin)}, whose fields are known; a mapping is for tables")
    if begin.startswith(b"<"):
        return _xml(path)
    return _json_document(path) if _is_document(path, begin) else _json_lines(path)


def content_of(path: Path, mapping: Mapping[str, str] | None = None) -> Content:
    """Tell whether ``path`` holds entries or document numbers. Raises SourceError when it holds neither."""
    return source_of(path, mapping, beside=False).content


def read_entries(
    source: Path | Source,
    *,
    mapping: Mapping[str, str] | None = None,
    on_refused: Tell,
    on_left_out: Tell | None = None,
    seen: set[Hashable] | None = None,
) -> Iterator[Entry]:
    """Return the entries of a source, read one by one.

    ``on_refused`` gets the line and reason of each record that is not among the entries, ``on_left_out`` of parts that
    an entry goes without. Entries with an id that was given before are refused; so memory grows with the ids alone;
    give one ``seen`` with several sources, and an id of an earlier one is refused too. Raises SourceError when nothing
    can be read.
    """
    one = source if isinstance(source, Source) else source_of(source, mapping)
    if one.entries is None:
        raise SourceError(f"{one.path.name}: it holds document numbers, not persons; import it with --kind documents")
    values = one.entries(one.path, on_refused, on_left_out or _ignore)
    return _distinct(values, _entry_key, "id", on_refused, seen)


def read_numbers(
    source: Path | Source,
    *,
    mapping: Mapping[str, str] | None = None,
    category: DocumentCategory = DocumentCategory.LOST,
    on_refused: Tell,
) -> Iterator[Listed]:
    """Return the document numbers of a source: a table, plain lines, or JSON objects {number, issuer, category}.

    ``category`` holds where the source states none. A number that is given twice comes twice: there may be a hundred
    million, so whoever sorts them finds that. Refusals and errors as for ``read_entries``.
    """
    one = source if isinstance(source, Source) else source_of(source, mapping)
    if one.numbers is None:
        raise SourceError(f"{one.path.name}: it holds persons, not document numbers; import it with --kind persons")
    return (listed for _line, listed in one.numbers(one.path, category, on_refused))


# -- forms -------------------------------------------------------------------------------------------------------------


_XML_FORMS = (
    ("OFAC XML", ofac_xml.ROOT, ofac_xml.entries),
    ("OFAC advanced XML", ofac_advanced.ROOT, ofac_advanced.entries),
    ("United Nations XML", un_xml.ROOT, un_xml.entries),
    ("European Union XML", eu_xml.ROOT, eu_xml.entries),
)


def _xml(path: Path) -> Source:
    root = xml.root_of(path)
    for form, roots, entries in _XML_FORMS:
        if root in roots:
            return Source(path, form, entries=entries)
    known = ", ".join(form.removesuffix(" XML") for form, _roots, _entries in _XML_FORMS)
    raise SourceError(f"{path.name}: it is XML of no list that is known here ({known})")


def _table(path: Path, mapping: Mapping[str, str]) -> Source:
    columns = columns_of(_heading(path), mapping, path.name)

    def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
        for number, row in rows(Lines(path, on_refused), columns, on_refused):
            try:
                entry = entry_of_row(row, columns.order, partial(on_left_out, number))
            except (FieldError, RecordError) as error:
                on_refused(number, str(error))
            else:
                yield number, entry

    def numbers(path: Path, category: DocumentCategory, on_refused: Tell) -> Iterator[tuple[int, Listed]]:
        for number, row in rows(Lines(path, on_refused), columns, on_refused):
            try:
                listed = number_of_row(row, category)
            except FieldError as error:
                on_refused(number, str(error))
            else:
                yield number, listed

    if columns.holds_numbers:
        return Source(path, "table of document numbers", numbers=numbers)
    return Source(path, "table of persons", entries=entries)


def _heading(path: Path) -> str:
    line = first_line(path)
    if len(line.encode()) > MOST_CUT:
        raise SourceError(f"{path.name}: its first line is longer than 63 KiB, so it is no table")
    return line


def _json_lines(path: Path) -> Source:
    record = json_objects.object_of_line(whole_first_line(path)) or {}
    form = f"JSON lines, {json_objects.form_of(record)}"
    if json_objects.is_number(record):
        return Source(path, form, numbers=_numbers_of_lines)
    return Source(path, form, entries=json_objects.entries_of_lines)


def _json_document(path: Path) -> Source:
    record = next((record for _line, record in json_document.objects(path, _ignore, _ignore)), {})
    form = f"JSON document, {json_objects.form_of(record)}"
    if json_objects.is_number(record):
        return Source(path, form, numbers=_numbers_of_document)
    return Source(path, form, entries=json_objects.entries_of_document)


def _numbers_of_lines(path: Path, category: DocumentCategory, on_refused: Tell) -> Iterator[tuple[int, Listed]]:
    return json_objects.numbers(json_objects.objects_of_lines(path, on_refused), category, on_refused)


def _numbers_of_document(path: Path, category: DocumentCategory, on_refused: Tell) -> Iterator[tuple[int, Listed]]:
    return json_objects.numbers(json_document.objects(path, on_refused, _ignore), category, on_refused)


def _is_document(path: Path, begin: bytes) -> bool:
    """Tell whether JSON is one document over several lines, or a page of notices; and not lines of objects."""
    if begin.startswith(b"["):
        return True
    line, _end, rest = begin.partition(b"\n")
    record = json_objects.object_of_line(whole_first_line(path))
    if record is not None:
        return "_embedded" in record and "entity_id" not in record
    if len(line) > MOST_CUT:
        return b'"_embedded"' in line
    return rest.lstrip()[:1] in (b'"', b"}")


def _word(path: Path, begin: bytes) -> str:
    if begin.startswith(b"<"):
        return "XML"
    return "a JSON document" if _is_document(path, begin) else "JSON lines"


# -- parts of one list -------------------------------------------------------------------------------------------------


def _part_of(path: Path) -> Part | None:
    return None if probe(path)[:1] in (b"<", b"{", b"[") else ofac_csv.part_of(path)


def _main_of(part: Part, path: Path, mains: Sequence[Source]) -> Path:
    """Return the main file that a part belongs to: the only one, or the one beside which it has the usual name."""
    if not mains:
        raise SourceError(f"{path.name}: it holds OFAC's {part.value} alone; give the main file (sdn.csv) with it")
    named = [main.path for main in mains if ofac_csv.beside(main.path).get(part) in (path, path.absolute())]
    if len(mains) > 1 and len(named) != 1:
        raise SourceError(f"{path.name}: which main file its {part.value} belong to cannot be told; import them apart")
    return named[0] if len(mains) > 1 else mains[0].path


def _with_parts(source: Source, parts: Mapping[Part, Path]) -> Source:
    """Return a source with more parts; those that were named go before those that were found beside it."""
    if source.form != ofac_csv.FORM:
        return source
    every = {part: path for part in Part if (path := parts.get(part) or source.parts.get(part))}

    def entries(path: Path, on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
        return ofac_csv.entries(path, every, on_refused, on_left_out)

    return Source(source.path, ofac_csv.FORM, entries=entries, parts=every)


# -- each once ---------------------------------------------------------------------------------------------------------


def _distinct(
    values: Iterable[tuple[int, T]],
    key: Callable[[T], Hashable],
    word: str,
    on_refused: Tell,
    seen: set[Hashable] | None,
) -> Iterator[T]:
    earlier = seen if seen is not None else set()
    here: dict[Hashable, int] = {}
    for line, value in values:
        own = key(value)
        if own in here:
            on_refused(line, f"the {word} is {TWICE}: first in line {here[own]}")
            continue
        here[own] = line
        if own in earlier:
            on_refused(line, f"the {word} is {TWICE}: first in an earlier source")
        else:
            yield value
    earlier.update(here)


def _entry_key(entry: Entry) -> Hashable:
    return entry.id


def _ignore(_line: int, _reason: str) -> None:
    pass
