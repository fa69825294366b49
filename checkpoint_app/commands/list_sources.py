"""The sources of an import: what they hold, one or more passes through them, and what became of their records."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedNumber
from checkpoint_app.screening.importers import Content, Report, content_of, read_entries, read_numbers
from checkpoint_app.wire.header import ListKind

MAX_MAPPING_FILE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to import, which can be read through more than once, each time with a report for each."""

    paths: tuple[Path, ...]
    kind: ListKind
    mapping: Mapping[str, str]
    category: DocumentCategory
    reports: dict[Path, Report] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all sources; ``reports`` are those of this pass."""
        seen: set[Hashable] = set()
        for path, report in self._fresh_reports():
            read = read_entries(
                path, mapping=self.mapping, on_refused=report.refuse, on_left_out=report.leave_out, seen=seen
            )
            yield from report.counting(read)

    def numbers(self) -> Iterator[ListedNumber]:
        """Yield the document numbers of all sources; ``reports`` are those of this pass."""
        seen: set[Hashable] = set()
        for path, report in self._fresh_reports():
            read = read_numbers(path, mapping=self.mapping, category=self.category, on_refused=report.refuse, seen=seen)
            yield from report.counting(read)

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
            lines = [f"line {line}: refused: {reason}" for line, reason in report.refused]
            if report.refusals > len(lines):
                lines.append(f"and {report.refusals - len(lines):,} more refused")
            lines += [f"left out: {count:,} × {reason}" for reason, count in report.left_out.items()]
            twice = f", {report.duplicates:,} of them given twice" if report.duplicates else ""
            lines.append(f"{report.read:,} records: {report.taken:,} taken, {report.refusals:,} refused{twice}")
            print("\n".join(f"{path.name}: {line}" for line in lines), file=sys.stderr)

    def to_plain(self) -> list[dict[str, object]]:
        """Return what ``tell`` says as JSON values."""
        return [
            {
                "source": path.name,
                "read": report.read,
                "taken": report.taken,
                "refused": report.refusals,
                "duplicates": report.duplicates,
                "refusals": [{"line": line, "reason": reason} for line, reason in report.refused],
                "left_out": dict(report.left_out),
            }
            for path, report in self.reports.items()
        ]

    def _fresh_reports(self) -> Iterator[tuple[Path, Report]]:
        self.reports.clear()
        for path in self.paths:
            yield path, self.reports.setdefault(path, Report())


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``sources_of`` reads, but for the sources themselves and ``--kind``."""
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD",
                        help="what a column of a table holds; birth_date:dmy tells the order of a date")  # fmt: skip
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="the same as a TOML or JSON file of COLUMN = FIELD"
    )
    parser.add_argument("--category", type=DocumentCategory, choices=tuple(DocumentCategory),
                        default=DocumentCategory.LOST, help="for document numbers that state none")  # fmt: skip


def sources_of(args: argparse.Namespace) -> Sources:
    """Return the sources that the command line names. Raises SourceError or CommandError."""
    mapping = _mapping(args.mapping, args.map)
    contents = {content_of(path, mapping) for path in args.sources}
    if len(contents) > 1:
        raise CommandError("sources: some hold persons and some document numbers; import them into two lists")
    found = ListKind.DOCUMENTS if contents == {Content.NUMBERS} else ListKind.PERSONS
    return Sources(tuple(dict.fromkeys(args.sources)), args.kind or found, mapping, args.category)


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
