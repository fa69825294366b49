"""The sources of an import: what they hold, one or more passes through them, and what became of their records."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.screening import importers
from checkpoint_app.screening.entry import DocumentCategory, Entry
from checkpoint_app.screening.importers import Content, Report, Source, read_entries, read_numbers
from checkpoint_app.screening.numbers.ranges import Listed
from checkpoint_app.wire.header import ListKind

MAX_MAPPING_FILE = 256 * 1024
_FEW = 20  # refusals that are overlooked without counts by reason


@dataclass(frozen=True, slots=True)
class Sources:
    """What to import, which can be read through more than once, each time with a report for each source."""

    sources: tuple[Source, ...]
    kind: ListKind
    category: DocumentCategory
    reports: dict[Path, Report] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all sources; ``reports`` are those of this pass."""
        seen: set[Hashable] = set()
        for source, report in self._fresh_reports():
            read = read_entries(source, on_refused=report.refuse, on_left_out=report.leave_out, seen=seen)
            yield from report.counting(read)

    def numbers(self) -> Iterator[Listed]:
        """Yield the document numbers of all sources; ``reports`` are those of this pass."""
        for source, report in self._fresh_reports():
            yield from report.counting(read_numbers(source, category=self.category, on_refused=report.refuse))

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are read, each once."""
        return tuple(dict.fromkeys(path for source in self.sources for path in source.files))

    @property
    def taken(self) -> int:
        """How many records the last pass took."""
        return sum(report.taken for report in self.reports.values())

    @property
    def refusals(self) -> int:
        """How many records the last pass refused."""
        return sum(report.refusals for report in self.reports.values())

    def tell(self) -> None:
        """Say on standard error what the last pass refused, by line and reason, what it left out, and the counts."""
        for path, report in self.reports.items():
            print("\n".join(f"{path.name}: {line}" for line in _lines(report)), file=sys.stderr)

    def to_plain(self) -> list[dict[str, object]]:
        """Return what ``tell`` says as JSON values."""
        return [
            {
                "source": path.name,
                "form": report.form,
                "read": report.read,
                "taken": report.taken,
                "refused": report.refusals,
                "duplicates": report.duplicates,
                "schemas": dict(report.schemas),
                "refusals": [{"line": line, "reason": reason} for line, reason in report.refused],
                "reasons": dict(report.reasons),
                "left_out": dict(report.left_out),
            }
            for path, report in self.reports.items()
        ]

    def _fresh_reports(self) -> Iterator[tuple[Source, Report]]:
        self.reports.clear()
        for source in self.sources:
            yield source, self.reports.setdefault(source.path, Report(source.told))


def _lines(report: Report) -> Iterator[str]:
    yield report.form
    yield from (f"line {line}: refused: {reason}" for line, reason in report.refused)
    if report.refusals > len(report.refused):
        yield f"and {report.refusals - len(report.refused):,} more refused"
    if report.refusals > _FEW:
        yield from (f"refused: {count:,} × {reason}" for reason, count in report.reasons.most_common(_FEW))
    for reason, count in report.left_out.items():
        lines = report.lines_of[reason]
        first = f"line {lines[0]}" if count == 1 else f"first in lines {', '.join(map(str, lines))}"
        yield f"left out: {count:,} × {reason} ({first})"
    twice = f", {report.duplicates:,} of them given twice" if report.duplicates else ""
    yield f"{report.read:,} records: {report.taken:,} taken, {report.refusals:,} refused{twice}"
    if set(report.schemas) - {"Person"}:
        yield "taken: " + ", ".join(f"{count:,} × {schema}" for schema, count in report.schemas.most_common())


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``sources_of`` reads, but for the sources themselves and ``--kind``."""
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD",
                        help="what a column of a table holds; birth_date:dmy tells the order of a date")  # fmt: skip
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="the same as a TOML or JSON file of COLUMN = FIELD"
    )
    parser.add_argument("--category", type=DocumentCategory, choices=tuple(DocumentCategory),
                        default=DocumentCategory.LOST, help="for document numbers that state none")  # fmt: skip


def sources_of(args: argparse.Namespace, *, beside: bool = True) -> Sources:
    """Return the sources that the command line names; ``beside`` as `importers.sources_of` has it.

    Raises SourceError or CommandError.
    """
    found = importers.sources_of(args.sources, _mapping(args.mapping, args.map), beside=beside)
    contents = {source.content for source in found}
    if len(contents) > 1:
        raise CommandError("sources: some hold persons and some document numbers; import them into two lists")
    kind = ListKind.DOCUMENTS if contents == {Content.NUMBERS} else ListKind.PERSONS
    return Sources(tuple(found), args.kind or kind, args.category)


def _mapping(path: Path | None, pairs: list[str]) -> dict[str, str]:
    """Return column → field of the mapping file and the ``COLUMN=FIELD`` of the command line, which win."""
    mapping: dict[str, str] = {}
    if path is not None:
        try:
            with path.open("rb") as file:
                text = file.read(MAX_MAPPING_FILE).decode("utf-8")
            read = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: no mapping: expected TOML or JSON of COLUMN = FIELD") from error
        if not all(isinstance(value, str) for value in read.values()):
            raise CommandError(f"{path}: no mapping: expected COLUMN = FIELD with texts only")
        mapping |= read
    for pair in pairs:
        column, equals, name = pair.rpartition("=")
        if not equals or not column:
            raise CommandError(f"--map {pair}: expected COLUMN=FIELD")
        mapping[column] = name
    return mapping
