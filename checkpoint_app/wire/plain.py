"""Values to plain data and back: what canonical bytes can hold, for every frozen dataclass of the rooms.

======================  =====================================================
value                   plain form
======================  =====================================================
str, bool, int, None    itself
StrEnum                 its text
datetime                UTC, ``2026-11-24T08:00:00.000000Z``
date                    ``2026-11-24``
timedelta               whole seconds
bytes                   base64url without padding (RFC 4648 §5)
tuple                   list
Mapping[str, …]         dict
dataclass               dict with every field
======================  =====================================================

Reading is strict, since what is read may have come from outside: a key that is unknown, or missing without a default,
and a value of another type or form are refused with the path of the field. A new field with a default can still be
read from older data.
"""

from __future__ import annotations

import base64
import binascii
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any, str], Any]


class PlainError(ValueError):
    """A value has no plain form, or plain data does not fit its type; the message names the field, never its value."""


def to_plain(value: Any) -> Any:
    """Return the plain form of ``value``. Raises PlainError where there is none."""
    cls: Any = type(value)
    return _writer(cls)(value)


def from_plain(cls: type[T], data: Any) -> T:
    """Return the ``cls`` (a dataclass, or any type of the table above) that ``data`` is the plain form of.

    Raises PlainError naming the field, such as ``Answer.source.version: expected a whole number``.
    """
    hint: Any = cls
    value: T = _reader(hint)(data, getattr(cls, "__name__", str(cls)))
    return value


# -- writing ----------------------------------------------------------------------------------------------------------


@cache
def _writer(cls: type) -> Callable[[Any], Any]:
    """Return the function that writes values of exactly ``cls``."""
    if cls in (str, bool, int, type(None)):
        return _as_is
    if is_dataclass(cls):
        names = tuple(f.name for f in fields(cls))
        return lambda value: {name: to_plain(getattr(value, name)) for name in names}
    for base, write in _WRITERS:
        if issubclass(cls, base):
            return write
    raise PlainError(f"plain form: a {cls.__name__} has none")


def _as_is(value: Any) -> Any:
    return value


def _write_datetime(value: datetime) -> str:
    if value.tzinfo is None:
        raise PlainError("plain form: a moment without a time zone has none")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _write_timedelta(value: timedelta) -> int:
    if value.microseconds:
        raise PlainError("plain form: a duration is kept in whole seconds")
    return value.days * 86_400 + value.seconds


def _write_bytes(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _write_items(value: tuple[Any, ...] | list[Any]) -> list[Any]:
    return [to_plain(item) for item in value]


def _write_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise PlainError("plain form: the keys of a mapping are texts")
    return {str(key): to_plain(item) for key, item in value.items()}


_WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (StrEnum, str),
    (datetime, _write_datetime),
    (date, date.isoformat),
    (timedelta, _write_timedelta),
    (bytes, _write_bytes),
    (tuple, _write_items),
    (list, _write_items),
    (Mapping, _write_mapping),
)


# -- reading ----------------------------------------------------------------------------------------------------------


@cache
def _reader(hint: Any) -> Reader:
    """Return the function that reads data of the type ``hint``; it takes the data and the path for messages."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(get_args(hint))
    if origin is tuple:
        return _tuple_reader(get_args(hint))
    if origin in (Mapping, dict):
        return _mapping_reader(get_args(hint))
    if isinstance(hint, type):
        return _class_reader(hint)
    raise PlainError(f"plain form: values of type {hint} have none")


def _class_reader(cls: type) -> Reader:
    if is_dataclass(cls):
        return _dataclass_reader(cls)
    if issubclass(cls, StrEnum):
        return _enum_reader(cls)
    if cls in _READERS:
        return _READERS[cls]
    raise PlainError(f"plain form: a {cls.__name__} has none")


def _exact(cls: type, words: str) -> Reader:
    def read(data: Any, path: str) -> Any:
        if type(data) is not cls:
            raise PlainError(f"{path}: expected {words}")
        return data

    return read


def _text_form(parse: Callable[[str], Any], write: Callable[[Any], str], words: str) -> Reader:
    """Read a text by ``parse``; only the one form that ``write`` gives is taken."""

    def read(data: Any, path: str) -> Any:
        if type(data) is str:
            try:
                value = parse(data)
                if write(value) == data:
                    return value
            except (ValueError, OverflowError):  # one refusal for every wrong form, below
                pass
        raise PlainError(f"{path}: expected {words}")

    return read


def _parse_bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _read_timedelta(data: Any, path: str) -> timedelta:
    try:
        if type(data) is int:
            return timedelta(seconds=data)
    except OverflowError as error:
        raise PlainError(f"{path}: a duration beyond all bounds") from error
    raise PlainError(f"{path}: expected whole seconds")


_READERS: dict[type, Reader] = {
    str: _exact(str, "a text"),
    bool: _exact(bool, "true or false"),
    int: _exact(int, "a whole number"),
    datetime: _text_form(datetime.fromisoformat, _write_datetime, "a moment like 2026-11-24T08:00:00.000000Z"),
    date: _text_form(date.fromisoformat, date.isoformat, "a date like 2026-11-24"),
    bytes: _text_form(_parse_bytes, _write_bytes, "base64url without padding"),
    timedelta: _read_timedelta,
}


def _enum_reader(cls: type[StrEnum]) -> Reader:
    members = {member.value: member for member in cls}

    def read(data: Any, path: str) -> StrEnum:
        member = members.get(data) if type(data) is str else None
        if member is None:
            raise PlainError(f"{path}: not one of the words of {cls.__name__}")
        return member

    return read


def _union_reader(members: tuple[Any, ...]) -> Reader:
    """Read ``X | None``, or a union of str, int and bool, which their plain types tell apart."""
    others = tuple(member for member in members if member is not type(None))
    if len(others) == 1:
        inner = _reader(others[0])
        return lambda data, path: None if data is None else inner(data, path)
    if not set(others) <= {str, int, bool}:
        raise PlainError("plain form: a union has one only with None, or among str, int and bool")

    def read(data: Any, path: str) -> Any:
        if type(data) not in members:
            raise PlainError(f"{path}: expected one of {', '.join(m.__name__ for m in members)}")
        return data

    return read


def _tuple_reader(members: tuple[Any, ...]) -> Reader:
    repeated = len(members) == 2 and members[1] is Ellipsis
    readers = [_reader(member) for member in (members[:1] if repeated else members)]

    def read(data: Any, path: str) -> tuple[Any, ...]:
        if type(data) not in (list, tuple):
            raise PlainError(f"{path}: expected a list")
        if repeated:
            inner = readers[0]
            return tuple([inner(item, f"{path}[{place}]") for place, item in enumerate(data)])
        if len(data) != len(readers):
            raise PlainError(f"{path}: expected a list of {len(readers)}")
        return tuple([inner(data[place], f"{path}[{place}]") for place, inner in enumerate(readers)])

    return read


def _mapping_reader(members: tuple[Any, ...]) -> Reader:
    if len(members) != 2 or members[0] is not str:
        raise PlainError("plain form: the keys of a mapping are texts")
    inner = _reader(members[1])

    def read(data: Any, path: str) -> dict[str, Any]:
        if type(data) is not dict or not all(type(key) is str for key in data):
            raise PlainError(f"{path}: expected a mapping")
        return {key: inner(item, f"{path}.*") for key, item in data.items()}

    return read


def _dataclass_reader(cls: type) -> Reader:
    hints = get_type_hints(cls)
    readers = {f.name: _reader(hints[f.name]) for f in fields(cls) if f.init}
    required = {f.name for f in fields(cls) if f.init and f.default is MISSING and f.default_factory is MISSING}

    def read(data: Any, path: str) -> Any:
        if type(data) is not dict:
            raise PlainError(f"{path}: expected a mapping")
        if not data.keys() <= readers.keys():
            raise PlainError(f"{path}: it has a field that {cls.__name__} does not know")
        if not required <= data.keys():
            raise PlainError(f"{path}.{min(required - data.keys())}: missing")
        values = {name: readers[name](item, f"{path}.{name}") for name, item in data.items()}
        try:
            return cls(**values)
        except ValueError as error:  # the class's own rules
            raise PlainError(f"{path}: {error}") from error

    return read
