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
    if is_dataclass(value) and not isinstance(value, type):
        written = (_written(field, getattr(value, field.name)) for field in fields(value))
        return dict(pair for pair in written if pair is not None)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value[:MOST_TEXT].encode("utf-8", "replace").decode()
    if isinstance(value, tuple | list):
        return [plain_of(one) for one in value]
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


def _written(field: Field[Any], value: Any) -> tuple[str, Any] | None:
    if value == _default(field):
        return None
    if field.name == "extras":
        text = json.dumps(value, default=str, ensure_ascii=True)
        return ("extras", text) if len(text) <= MOST_EXTRAS else None
    name, scale = _unit(field.name)
    if scale == 1:
        plain = plain_of(value)
        return (name, plain) if plain is not None or value is None else None  # a number beyond all bounds is none
    number = value * scale
    return (name, round(number)) if math.isfinite(number) and abs(number) <= MAX_INTEGER else None


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
    origin, inner = get_origin(hint), get_args(hint)
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
    for field in fields(cls):
        name, scale = _unit(field.name)
        if name not in data:
            continue
        if field.name == "extras":
            values[field.name] = json.loads(data[name])
        else:
            values[field.name] = data[name] / scale if scale > 1 else _value(hints[field.name], data[name])
    return cls(**values)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)
