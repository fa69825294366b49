"""Values of cargo messages to plain data and back, for the journal and the store: canonical bytes know no fractions.

Weights become whole grams and money hundredths, under names that say so; what equals its default is left out. Texts
are cut to ``MOST_TEXT`` characters, and what one kind of message alone says (``extras``) rests as one JSON text.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from checkpoint_app.wire.canonical import MAX_INTEGER
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

T = TypeVar("T")
MOST_TEXT = 500
MOST_EXTRAS = 8 * 1024
_GRAMS, _HUNDREDTHS = 1000, 100


def plain_of(value: Any) -> Any:
    """Return the plain form of a value of `cargo.values`, or of one that holds such."""
    cls = type(value)
    if cls is str:
        return value[:MOST_TEXT].encode("utf-8", "replace").decode()
    if cls is tuple or cls is list:
        return [plain_of(one) for one in value]
    if is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return [[plain_of(key), plain_of(one)] for key, one in value.items()]
    if isinstance(value, datetime):
        return to_plain(value)
    return value if not isinstance(value, int) or abs(value) <= MAX_INTEGER else None


def value_of(cls: type[T], data: Any) -> T:
    """Return the value that ``data`` is the plain form of. Raises PlainError: another program may have written it."""
    try:
        value: T = _value(cls, data)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise PlainError(f"{cls.__name__}: not in its plain form") from error
    return value


def _plain_fields(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    kind: Any = type(value)
    for name, written, scale, default in _shape(kind):
        given = getattr(value, name)
        if given == default:
            continue
        found: Any
        if name == "extras":
            found = json.dumps(given, default=str, ensure_ascii=True)
            fits = len(found) <= MOST_EXTRAS
        else:
            found = plain_of(given) if scale == 1 else _scaled(given, scale)
            fits = found is not None or given is None  # a number beyond all bounds is none
        if fits:
            plain[written] = found
    return plain


def _scaled(value: float | None, scale: int) -> int | None:
    number = math.nan if value is None else value * scale
    return round(number) if math.isfinite(number) and abs(number) <= MAX_INTEGER else None


@cache
def _shape(cls: Any) -> tuple[tuple[str, str, int, Any], ...]:
    """Return of each field its name, the name and scale in plain form, and its default."""
    return tuple((field.name, *_unit(field.name), _default(field)) for field in fields(cls))


def _unit(name: str) -> tuple[str, int]:
    """Return the name that a field has in plain form, and how many of its unit are one of the value's."""
    if name.endswith("_kg"):
        return f"{name.removesuffix('_kg')}_g", _GRAMS
    return ("value_hundredths", _HUNDREDTHS) if name == "value" else (name, 1)


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _value(hint: Any, data: Any) -> Any:
    origin, inner = _parts(hint)
    if hint is str and type(data) is str:
        return data
    if origin in (Union, types.UnionType):
        return None if data is None else _value(next(one for one in inner if one is not type(None)), data)
    if origin is tuple:
        return tuple(_value(inner[0], one) for one in _list(data))
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {_value(inner[0], key): _value(inner[1], one) for key, one in _list(data)}
    if is_dataclass(hint):
        return _dataclass(hint, data)
    if hint is float:
        return float(data)
    return from_plain(hint, data)


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise PlainError("expected a list")
    return data


def _dataclass(cls: Any, data: Any) -> Any:
    hints, values = _hints(cls), {}
    for name, written, scale, _default in _shape(cls):
        if written not in data:
            continue
        if name == "extras":
            values[name] = json.loads(data[written])
        elif scale > 1:
            values[name] = None if data[written] is None else data[written] / scale
        else:
            values[name] = _value(hints[name], data[written])
    return cls(**values)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


@cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)
