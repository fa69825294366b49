"""UN numbers of dangerous goods (UN Model Regulations; ADR table A), as an administrator supplies them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from checkpoint_app.cargo.code_table import CodeTableError, read_table
from checkpoint_app.cargo.xml_fields import un_number

_COLUMNS = {
    "un": ("un", "unnumber", "unno", "unnr", "number", "code"),
    "cls": ("division", "classification", "class"),
    "main": ("class",),
    "name": ("name", "propershippingname", "description", "nameanddescription"),
}
_IN_TEXT = re.compile(r"\bUN(?:[ \-.:]|N[O°R][ .:]*|NUMBER\s*)*([0-9]{4})\b", re.ASCII)
_DIVISION = re.compile(r"[1-9](?:\.[0-9])?[A-S]?", re.ASCII)
_LOWEST, _HIGHEST = 4, 3999
"""Between them lie all numbers that the United Nations gave (0004 to about 3560) and will for a while."""


@dataclass(frozen=True, slots=True)
class UnNumber:
    """One entry: class or division (``8``, ``1.4``) where the list gives one, and the proper shipping name."""

    number: str
    cls: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class UnNumbers:
    """A list by number. ``refused`` are the lines that name none. Without a list every number is unknown."""

    entries: Mapping[str, UnNumber] = field(default_factory=dict)
    refused: tuple[int, ...] = ()

    def get(self, number: str) -> UnNumber | None:
        """Return an entry by its number, in any writing (``UN1830``, ``1830``, ``4``); None where it is unknown."""
        plain = un_number(number)
        return self.entries.get(plain) if plain else None


NO_UN_NUMBERS = UnNumbers()


def load_un_numbers(stream: BinaryIO) -> UnNumbers:
    """Read a list: a table with a column ``un`` and, where it has them, ``class``, ``division`` and ``name``.

    A number on several lines (packing groups) keeps its first. Raises CodeTableError.
    """
    entries: dict[str, UnNumber] = {}
    refused = []
    for line, row in read_table(stream, _COLUMNS):
        number = un_number(row["un"])
        if number is None:
            refused.append(line)
            continue
        entries.setdefault(number, UnNumber(number, _class_of(row), row.get("name") or None))
    if not entries:
        raise CodeTableError("no UN number is in it")
    return UnNumbers(entries, tuple(refused))


def _class_of(row: Mapping[str, str]) -> str | None:
    """Return the division where the list gives one (``1.1D``), else the class; None for what is neither."""
    found = (row.get(column, "").strip() for column in ("cls", "main"))
    return next((text for text in found if _DIVISION.fullmatch(text)), None)


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the UN numbers that a free text names: four digits after ``UN``, as far as such numbers go."""
    found = _IN_TEXT.findall(text.upper())
    return tuple(dict.fromkeys(one for one in found if _LOWEST <= int(one) <= _HIGHEST))
