"""What a version of a list of codes is made of: the exact bytes of an administrator's table, once it can be read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from checkpoint_app.cargo.code_lists import count_of, load_codes, name_of
from checkpoint_app.cargo.code_table import CodeTableError
from checkpoint_app.cargo.hs import HsList
from checkpoint_app.cargo.un_numbers import UnNumbers
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.importing import Material
from checkpoint_app.wire.codes import CODE_LISTS, MOST_CODES_BYTES, write_codes

CODES = "codes"
"""What the header of the list says of the table: how many codes it has."""


def read_file(path: Path) -> bytes:
    """Return the bytes of a table. Raises CentreError where there are more than any has, OSError."""
    with path.open("rb") as file:
        data = file.read(MOST_CODES_BYTES + 1)
    if len(data) > MOST_CODES_BYTES:
        message = f"{path.name}: a table of codes has at most {MOST_CODES_BYTES >> 20} MiB; leave out other columns"
        raise CentreError("codes_too_large", message)
    return data


def name_in(data: bytes, path: Path) -> str:
    """Return the name of the list that a table is, by its headings. Raises CentreError."""
    name = name_of(data)
    if name is None:
        message = (
            f"{path.name}: its first line does not tell which codes it holds; say --list {' or '.join(CODE_LISTS)}"
        )
        raise CentreError("codes_nameless", message)
    return name


def read_codes(name: str, data: bytes, path: Path) -> UnNumbers | HsList:
    """Return the codes of a table. Raises CentreError, which names the line that can't be read."""
    try:
        return load_codes(name, data)
    except CodeTableError as error:
        raise CentreError("codes_malformed", f"{path.name}: no list {name}: {error}") from error


def of_codes(data: bytes, codes: UnNumbers | HsList, issued_at: datetime) -> Material:
    """Return the material of the table that ``codes`` were read from."""
    return Material(
        records=lambda _version: write_codes(data),
        issued_at=issued_at,
        digest=hashlib.sha256(data).hexdigest(),
        about={CODES: count_of(codes)},
    )
