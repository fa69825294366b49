"""The fields that rules may read, and which values count as received."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from checkpoint_app.resources import resource_path

_INT64 = 1 << 63


class FieldType(StrEnum):
    """What a field holds, as the catalogue writes it."""

    STRING = "string"
    INT = "int"
    DOUBLE = "double"
    BOOL = "bool"
    STRINGS = "list<string>"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of the fields of a subject (traveller or consignment). A version once released never changes."""

    name: str
    types: Mapping[str, FieldType]

    @property
    def subject(self) -> str:
        """What its fields tell about: ``traveller`` or ``consignment``."""
        return self.name.partition("/")[0]

    def usable(self, fields: Mapping[str, object]) -> dict[str, object]:
        """Return the fields that count as received: of this catalogue, and of the declared type.

        None and a wrong type are missing. A truth is no int; an int is let pass for a double.
        """
        received = {}
        for name, value in fields.items():
            if (kind := self.types.get(name)) is not None and (converted := _CONVERT[kind](value)) is not None:
                received[name] = converted
        return received


def catalogue(name: object) -> Catalogue | None:
    """Return the catalogue called ``name`` (``traveller/1``), None if there is none."""
    return _catalogues().get(name) if isinstance(name, str) else None


@cache
def _catalogues() -> Mapping[str, Catalogue]:
    content = json.loads(resource_path("rules/fields.json").read_text(encoding="utf-8"))
    return {
        name: Catalogue(name, {field: FieldType(kind) for field, kind in fields.items()})
        for name, fields in content.items()
    }


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and _is_text(value) else None


def _is_text(value: str) -> bool:
    """Tell whether the engine takes it whole: half a surrogate pair it refuses, and at a NUL it would cut it."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _int(value: object) -> int | None:
    return value if type(value) is int and -_INT64 <= value < _INT64 else None


def _double(value: object) -> float | None:
    if type(value) is not int and type(value) is not float:
        return None
    try:
        return number if math.isfinite(number := float(value)) else None
    except OverflowError:
        return None


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _strings(value: object) -> list[str] | None:
    if not isinstance(value, list | tuple):
        return None
    texts = [text for text in map(_string, value) if text is not None]
    return texts if len(texts) == len(value) else None


_CONVERT: Mapping[FieldType, Callable[[object], object]] = {
    FieldType.STRING: _string,
    FieldType.INT: _int,
    FieldType.DOUBLE: _double,
    FieldType.BOOL: _bool,
    FieldType.STRINGS: _strings,
}
