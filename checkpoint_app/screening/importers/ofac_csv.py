"""OFAC's lists as CSV (SDN and the consolidated one): a main file, and its files of names, addresses and comments.

By OFAC's data specification (2023-09-25): sdn.csv has 12 columns, alt.csv 5, add.csv 6, sdn_comments.csv 2, all joined
by ent_num; no headings; ``-0-`` is null; a remark longer than 1,000 characters goes on in sdn_comments.csv in the
middle of a word; each row is a line. Seen in real files besides: null with a blank after it, 0x1A at the end, rows in
no order, text that is not UTF-8.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from os import SEEK_END
from pathlib import Path

from checkpoint_app.screening.entry import Entry, Name, Quality
from checkpoint_app.screening.importers.fields import FieldError, clean, make_name, person_name
from checkpoint_app.screening.importers.joined import Joined
from checkpoint_app.screening.importers.ofac_remarks import joined, read_remarks
from checkpoint_app.screening.importers.records import LeaveOut, make_entry, readable
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import Lines, probe, utf8_or_western
from checkpoint_app.screening.plain import RecordError

FORM = "OFAC CSV"

_NULL = "-0-"
_TYPES = {"individual": "Person", "": "Entity", "entity": "Entity", "vessel": "Vessel", "aircraft": "Aircraft"}
_ALT_TYPES = frozenset({"aka", "fka", "nka", "a.k.a.", "f.k.a.", "n.k.a."})
_MAIN_COLUMNS = 12
_LONGEST_REMARK = 1000
_PROBED_ROWS = 20
_VESSEL = ("call sign {}", "{}", "tonnage {}", "gross tonnage {}", "flag {}", "owner {}")
_MAIN_NAME = re.compile(r"sdn|prim", re.IGNORECASE)


class Part(StrEnum):
    """A file that goes with the main one, by what it holds."""

    NAMES = "alternate names"
    ADDRESSES = "addresses"
    COMMENTS = "comments"


_COLUMNS = {Part.NAMES: 5, Part.ADDRESSES: 6, Part.COMMENTS: 2}
_BESIDE = {Part.NAMES: ("alt",), Part.ADDRESSES: ("add",), Part.COMMENTS: ("sdn_comments", "comments")}


def is_main(path: Path) -> bool:
    """Tell by the shape of its rows whether ``path`` is a main file. Raises SourceError for what is no text file."""
    return any(_is_main_row(cells) for cells in _probed(path))


def part_of(path: Path) -> Part | None:
    """Tell by the shape of its rows, and for comments by its name, which part of a list ``path`` is, if it is one."""
    rows = [cells for cells in _probed(path) if _number(cells) is not None]
    if any(len(cells) == 5 and cells[2].strip().casefold() in _ALT_TYPES for cells in rows):
        return Part.NAMES
    if any(len(cells) == 6 and cells[1].strip().isdecimal() and _NULL in map(str.strip, cells) for cells in rows):
        return Part.ADDRESSES
    if "comment" in path.name.casefold() and any(len(cells) == 2 for cells in rows):
        return Part.COMMENTS
    return None


def beside(main: Path) -> dict[Part, Path]:
    """Return the parts that lie beside a main file by their usual names, in upper or lower case.

    ``sdn.csv`` has alt.csv, add.csv and sdn_comments.csv; of ``cons_prim.csv`` and others the word before is kept.
    """
    if not _MAIN_NAME.search(main.name):
        return {}
    there = {path.name.casefold(): path for path in sorted(main.parent.iterdir()) if path.is_file()}
    found = {}
    for part, words in _BESIDE.items():
        names = [_MAIN_NAME.sub(word, main.name, count=1).casefold() for word in words]
        if name := next((name for name in names if name in there and there[name] != main), None):
            found[part] = there[name]
    return found


def entries(main: Path, parts: Mapping[Part, Path], on_refused: Tell, on_left_out: Tell) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each row of the main file, with what the parts add to it.

    Rows of the parts without an entry are told as left out, by their own line. Memory: 20 bytes a row of the parts.
    """
    joins = {part: _indexed(part, path, on_left_out) for part, path in parts.items()}
    lines = Lines(main, on_refused, utf8_or_western)
    try:
        for line in lines:
            leave_out: LeaveOut = lambda reason: on_left_out(lines.number, reason)  # noqa: E731
            try:
                cells = _cells(line, _MAIN_COLUMNS)
                entry = _entry(cells, _added(cells, joins), leave_out)
            except (FieldError, RecordError) as error:
                on_refused(lines.number, str(error))
            else:
                yield lines.number, entry
        for part, join in joins.items():
            for number in join.unasked():
                on_left_out(number, f"{parts[part].name}: {part.value} of an entry that is not in {main.name}")
        for path in (main, *parts.values()):
            if not _ends_with_mark(path):
                on_left_out(
                    lines.number, f"{path.name}: perhaps its end: OFAC's files end with 0x1A, and this does not"
                )
    finally:
        for join in joins.values():
            join.close()


Added = Callable[[Part], list[list[str]]]


def _added(cells: list[str], joins: Mapping[Part, Joined]) -> Added:
    """Return what gives the rows that a part adds to the entry, asked for at once: a refused entry's are no strays."""
    number = _number(cells)
    if number is None:
        raise FieldError("ent_num: expected a whole number")
    found = {part: [_split(text) for _line, text in join.of(number)] for part, join in joins.items()}
    return lambda part: found.get(part, [])


def _entry(cells: list[str], added: Added, leave_out: LeaveOut) -> Entry:
    number, name, kind, program, title, *rest, remark = cells
    schema = _TYPES.get(kind.casefold())
    if schema is None:
        raise FieldError("type: expected individual, vessel, aircraft or none")
    person = schema == "Person"
    comments = "".join(_value(row[1]) for row in added(Part.COMMENTS))
    if len(remark) >= _LONGEST_REMARK and not comments:
        leave_out("end of a long remark, which goes on in sdn_comments.csv")
    remarks = read_remarks(remark + comments, person)
    stated = [template.format(value) for template, value in zip(_VESSEL, rest, strict=True) if value]
    return make_entry(
        entry_id=str(int(number)),
        schema=schema,
        names=_names(name, remarks.weak_names, added(Part.NAMES), person, leave_out),
        leave_out=leave_out,
        births=remarks.births,
        sexes=remarks.sexes,
        states=remarks.states,
        documents=remarks.documents,
        birth_place="; ".join(remarks.places),
        remarks=joined(
            [
                *title.split("; "),
                *stated,
                *remarks.rest,
                program.replace("] [", ", "),
                *map(_address, added(Part.ADDRESSES)),
            ]
        ),
        lenient=True,
    )


def _names(
    name: str, weak: list[str], others: list[list[str]], person: bool, leave_out: LeaveOut
) -> Iterator[Name | None]:
    """Yield the names: that of the row, those of the names' file, and the weak ones of the remark."""

    def made(text: str, quality: Quality) -> Name | None:
        plain = clean(text)
        return person_name(plain, quality) if person else make_name(plain, "", quality, whole=True)

    yield made(name, Quality.STRONG)
    alternate = [value for row in others if (value := _value(row[3]))]
    yield from readable(alternate, lambda text: made(text, Quality.STRONG), "name", leave_out)
    yield from readable(weak, lambda text: made(text, Quality.WEAK), "name", leave_out)


def _address(cells: list[str]) -> str:
    return ", ".join(value for cell in cells[2:] if (value := _value(cell)))


# -- rows --------------------------------------------------------------------------------------------------------------


def _indexed(part: Part, path: Path, on_left_out: Tell) -> Joined:
    """Return where the rows of a part are; rows of another shape are told as left out."""
    join = Joined(path, utf8_or_western)
    lines = Lines(path, lambda line, reason: on_left_out(line, f"{path.name}: {reason}"), utf8_or_western)
    for line in lines:
        cells = _split(line)
        number = _number(cells)
        if number is None or len(cells) != _COLUMNS[part]:
            on_left_out(lines.number, f"{path.name}: the row has not the {_COLUMNS[part]} cells of {part.value}")
        else:
            join.add(number, lines.offset, lines.number)
    return join


def _ends_with_mark(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, SEEK_END) - 64))
        return file.read().rstrip().endswith(b"\x1a")


def _cells(line: str, count: int) -> list[str]:
    cells = _split(line)
    if not cells:
        raise FieldError("the row is no CSV: look for a quote that is not closed or not doubled")
    if len(cells) != count:
        raise FieldError(f"the row has {len(cells)} cells, not {count}")
    return [_value(cell) for cell in cells]


def _split(line: str) -> list[str]:
    """Return the cells of a row, none where it is no CSV."""
    try:
        return next(csv.reader([line.rstrip("\x1a")], strict=True), [])
    except csv.Error:
        return []


def _value(cell: str) -> str:
    return "" if cell.strip() == _NULL else cell.removesuffix("\r")


def _number(cells: list[str]) -> int | None:
    text = cells[0].strip() if cells else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _is_main_row(cells: list[str]) -> bool:
    return (
        len(cells) == _MAIN_COLUMNS
        and _number(cells) is not None
        and _NULL in map(str.strip, cells)
        and _value(cells[2]).casefold() in _TYPES
    )


def _probed(path: Path) -> list[list[str]]:
    lines = probe(path).decode("latin-1").splitlines()[:_PROBED_ROWS]
    return [cells for line in lines if (cells := _split(line))]
