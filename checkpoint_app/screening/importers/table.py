"""Tables (CSV and its kin): which column is which field, and rows to entries and numbers."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checkpoint_app.screening.entry import DocumentCategory, Entry, Name, Quality
from checkpoint_app.screening.importers.fields import FieldError, clean, make_name, person_name, state_code
from checkpoint_app.screening.importers.records import SCHEMAS, LeaveOut, make_entry, make_number
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import Lines, SourceError
from checkpoint_app.screening.numbers.ranges import Listed

MAX_COLUMNS = 500
MAX_ROW_LINES = 1000
"""Most lines that a row may go over: one quote too many would let a row grow with the file."""

FIELDS = {
    "id": ("id", "entry_id", "reference", "referencia"),
    "schema": ("schema", "type", "tipo"),
    "family": ("family", "family_name", "surname", "last_name", "lastname", "apellidos", "apellido"),
    "given": ("given", "given_names", "given_name", "first_name", "firstname", "nombres", "nombre"),
    "name": ("name", "full_name", "whole_name", "nombre_completo"),
    "alias": ("alias", "aliases"),
    "weak_alias": ("weak_alias", "weak_aliases"),
    "birth_date": ("birth_date", "birthdate", "date_of_birth", "dob", "fecha_de_nacimiento", "fecha_nacimiento"),
    "sex": ("sex", "gender", "sexo"),
    "nationality": ("nationality", "nationalities", "citizenship", "nacionalidad"),
    "number": ("number", "document_number", "passport_number", "document", "documents", "passport", "numero",
               "numero_de_documento", "documento", "pasaporte", "first_number", "number_from", "numero_inicial"),
    "last_number": ("last_number", "number_to", "numero_final"),
    "issuer": ("issuer", "document_issuer", "issuing_state", "state", "emisor", "pais_emisor"),
    "category": ("category", "categoria"),
    "birth_place": ("birth_place", "place_of_birth", "lugar_de_nacimiento"),
    "handling": ("handling", "handling_code"),
    "remarks": ("remarks", "notes", "observaciones"),
}  # fmt: skip
"""Field → the names of columns that are taken for it unasked, in lower case without accents."""

_FIELD_OF = {column: field for field, columns in FIELDS.items() for column in columns}
_NAMES = frozenset({"family", "given", "name"})
_SEVERAL = frozenset({"alias", "weak_alias", "birth_date", "nationality", "number", "handling"})
_ORDERS = ("ymd", "dmy", "mdy")
_SEPARATORS = re.compile(r"[;|]")
_SCHEMA_WORDS = {word.casefold(): schema for word, schema in SCHEMAS.items()} | {
    "": "Person",
    "individual": "Person",
    "persona": "Person",
    "individuo": "Person",
    "empresa": "Entity",
    "entidad": "Entity",
    "ship": "Vessel",
    "buque": "Vessel",
    "aeronave": "Aircraft",
}

Row = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table is laid out: the field of each column (empty: none), at least how many cells a row has, and so on."""

    fields: tuple[str, ...]
    delimiter: str
    headed: bool
    least: int
    order: str

    @property
    def holds_numbers(self) -> bool:
        """Whether the rows are document numbers without persons."""
        return "number" in self.fields and not _NAMES & set(self.fields)


def columns_of(line: str, mapping: Mapping[str, str], name: str) -> Columns:
    """Return the columns of a table by its first ``line`` and the user's ``mapping`` (column → field).

    A mapping names columns by their heading, or by place from 1 where there is none; ``birth_date:dmy`` also tells the
    order of a date's parts. Raises SourceError: no column can be told, or the mapping does not fit.
    """
    delimiter = max(",;\t|", key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise SourceError(f"{name}: its first line is no CSV; look for an open quote") from error
    fields = {column.strip(): field.partition(":")[0].strip() for column, field in mapping.items()}
    order = next((field.partition(":")[2].strip() for field in mapping.values() if ":" in field), "ymd")
    unknown = set(fields.values()) - FIELDS.keys() - {""}
    if unknown or order not in _ORDERS:
        raise SourceError(
            f"mapping: {', '.join(sorted(unknown)) or order} is no field; fields are {', '.join(FIELDS)}, "
            f"and birth_date:dmy or birth_date:mdy tells the order of a date"
        )
    if fields and all(column.isdecimal() for column in fields):
        return _by_place(fields, delimiter, len(cells), order)
    return _by_heading(cells, fields, delimiter, order, name)


def _by_place(fields: Mapping[str, str], delimiter: str, count: int, order: str) -> Columns:
    if missing := [column for column in fields if not 1 <= int(column) <= count]:
        raise SourceError(f"mapping: the table has {count} columns, so there is no column {missing[0]}")
    placed = tuple(fields.get(str(place + 1), "") for place in range(count))
    return Columns(placed, delimiter, headed=False, least=count, order=order)


def _by_heading(cells: list[str], fields: Mapping[str, str], delimiter: str, order: str, name: str) -> Columns:
    headings = [cell.strip() for cell in cells]
    if missing := [column for column in fields if column not in headings]:
        raise SourceError(f"mapping: the table has no column {missing[0]}")
    found = tuple(fields.get(heading, _FIELD_OF.get(_plain(heading), "")) for heading in headings)
    if len(headings) > MAX_COLUMNS:
        raise SourceError(f"{name}: it has more than {MAX_COLUMNS} columns")
    if set(found) & (_NAMES | {"number"}):
        return Columns(found, delimiter, headed=True, least=len(found), order=order)
    if _is_number_row(headings):
        return Columns(("number", "issuer", "category"), delimiter, headed=False, least=1, order=order)
    raise SourceError(
        f"{name}: its columns cannot be told; say which holds what with --map COLUMN=FIELD "
        f"(fields are {', '.join(FIELDS)}; columns by heading, or by place from 1)"
    )


def _is_number_row(cells: list[str]) -> bool:
    """Tell whether a first row without headings reads NUMBER, or NUMBER,ISSUER, or NUMBER,ISSUER,CATEGORY."""
    number, *rest = cells or [""]
    issuer = rest[0] if rest else ""
    plain = number.replace(" ", "").replace("-", "")
    return (
        len(cells) <= 3
        and 3 <= len(plain) <= 40
        and plain.isascii()
        and plain.isalnum()
        and any(c.isdecimal() for c in plain)
        and (not issuer or bool(state_code(issuer)))
    )


def rows(lines: Lines, columns: Columns, on_refused: Tell) -> Iterator[tuple[int, Row]]:
    """Yield (line, row) of a table; a row holds its texts by field. Rows of another shape are refused."""
    rest = iter(lines)
    if columns.headed:
        next(rest, None)  # one line, as `columns_of` has read it
    of_row = _LinesOfRow(rest)
    reader = csv.reader(of_row, delimiter=columns.delimiter, strict=True)
    while True:
        first, of_row.left = lines.number + 1, MAX_ROW_LINES
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            on_refused(lines.number, "the row is no CSV: look for a quote that is not closed or not doubled")
            continue
        if columns.least <= len(cells) and not any(cell.strip() for cell in cells[len(columns.fields) :]):
            yield lines.number, _row(cells, columns)
        else:
            last = (
                f"; lines {first} to {lines.number} read as one: look for an open quote" if lines.number > first else ""
            )
            on_refused(lines.number, f"the row has {len(cells)} cells, not {len(columns.fields)}{last}")


class _LinesOfRow:
    """Passes lines on to a reader of rows: at most ``left`` for one, then csv.Error."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.left = 0
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.left <= 0:
            raise csv.Error("a row over too many lines")
        self.left -= 1
        return next(self._lines)


def entry_of_row(row: Row, order: str, leave_out: LeaveOut) -> Entry:
    """Return the entry of one row. Without an id it gets one made of its content, the same at each import."""
    schema = _schema(_one(row, "schema"))
    numbers = row.get("number", [])
    return make_entry(
        entry_id=_one(row, "id") or _made_id(row),
        schema=schema,
        names=_names(row, schema),
        leave_out=leave_out,
        births=row.get("birth_date", []),
        order=order,
        sexes=row.get("sex", []),
        states=row.get("nationality", []),
        documents=[(number, _one(row, "issuer")) for number in numbers],
        birth_place=" ".join(row.get("birth_place", [])),
        handling=tuple(row.get("handling", [])),
        remarks=" ".join(row.get("remarks", [])),
    )


def number_of_row(row: Row, default: DocumentCategory) -> Listed:
    """Return the listed number of one row, or the range where it gives a last number."""
    number, issuer, category, last = (_one(row, name) for name in ("number", "issuer", "category", "last_number"))
    return make_number(number, issuer, category, default, last)


def _names(row: Row, schema: str) -> list[Name | None]:
    person = schema == "Person"

    def whole(text: str, quality: Quality) -> Name | None:
        return person_name(text, quality) if person else make_name(text, "", quality, whole=True)

    family, given = clean(" ".join(row.get("family", []))), clean(" ".join(row.get("given", [])))
    names = [make_name(family, given, Quality.STRONG, whole=not person)] if family or given else []
    names += [whole(clean(text), Quality.STRONG) for text in row.get("name", []) + row.get("alias", [])]
    return names + [whole(clean(text), Quality.WEAK) for text in row.get("weak_alias", [])]


def _schema(text: str) -> str:
    schema = _SCHEMA_WORDS.get(text.strip().casefold())
    if schema is None:
        raise FieldError("schema: neither a person nor an entity, a vessel or an aircraft")
    return schema


def _row(cells: list[str], columns: Columns) -> Row:
    row: Row = {}
    for field, cell in zip(columns.fields, cells, strict=False):
        parts = _SEPARATORS.split(cell) if field in _SEVERAL else [cell]
        if field and (texts := [part.strip() for part in parts if part.strip()]):
            row.setdefault(field, []).extend(texts)
    return row


def _one(row: Row, field: str) -> str:
    return next(iter(row.get(field, [])), "")


def _made_id(row: Row) -> str:
    return "row-" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def _plain(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^a-z0-9]+", "_", "".join(c for c in letters if not unicodedata.combining(c))).strip("_")
