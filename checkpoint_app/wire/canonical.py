"""Canonical bytes: one value, one byte string, so that digests and signatures agree everywhere.

The form is the JSON Canonicalization Scheme (RFC 8785) without floating-point numbers and with ASCII keys only: then
sorting by code point is its sorting by UTF-16 unit, and no number needs ECMAScript's formatting.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

MAX_INTEGER = 2**53 - 1  # beyond it other languages' JSON numbers lose digits (RFC 8785 §3.1, RFC 7493 §2.2)
MAX_DEPTH = 32


class CanonicalError(ValueError):
    """The value has no canonical form, or the bytes are not the canonical form of any value."""


def canonical_bytes(value: Any) -> bytes:
    """Return the canonical UTF-8 bytes of ``value``: None, bool, int, str, and lists, tuples and dicts of them.

    Raises CanonicalError for anything else, for integers beyond ±(2^53 − 1), keys that are not ASCII, lone surrogates,
    and nesting deeper than ``MAX_DEPTH``. The message never repeats the value: it may be personal.
    """
    _check(value, MAX_DEPTH)
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError("canonical form: a text holds half of a surrogate pair") from error


def read_canonical(data: bytes, max_bytes: int) -> Any:
    """Return the value whose canonical form is exactly ``data``; lists come back as lists.

    Raises CanonicalError when ``data`` is longer than ``max_bytes``, is no JSON, or is JSON in another form (spaces,
    other key order, doubled keys, other escapes), since two forms of one value would give two digests.
    """
    if len(data) > max_bytes:
        raise CanonicalError(f"canonical form: {len(data)} bytes, more than the {max_bytes} allowed here")
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refuse_number, parse_constant=_refuse_number)
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise CanonicalError("canonical form: this is no JSON text in UTF-8") from error
    if canonical_bytes(value) != data:
        raise CanonicalError("canonical form: JSON, but not in its canonical form")
    return value


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refuse_number(_text: str) -> NoReturn:
    raise CanonicalError("canonical form: only whole numbers are allowed")


def _check(value: Any, depth: int) -> None:
    """Refuse whatever JSON would write in more than one way, or not at all."""
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise CanonicalError("canonical form: an integer is beyond ±(2^53 − 1)")
        return
    if depth == 0:
        raise CanonicalError(f"canonical form: nested deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise CanonicalError("canonical form: a key is not an ASCII text")
            _check(item, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth - 1)
    else:
        raise CanonicalError(f"canonical form: a {type(value).__name__} has none")
