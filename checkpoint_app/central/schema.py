"""What OpenAPI says of a dataclass of `wire`: the table of `wire.plain` as JSON Schema (draft 2020-12), just as strict.

Two things no schema can say, and every request must keep: the body is *canonical* JSON (RFC 8785), and a class may
have rules of its own. Both are refused with 422.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from checkpoint_app.wire.api import JSON, LISTS_HEADER, PROBLEM, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import MAX_INTEGER

BYTES = "application/octet-stream"
Schema = dict[str, Any]

_INTEGER: Schema = {"type": "integer", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER}
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$"
# Whole groups, and an end whose unused bits are zero: then one byte string has one form.
_BASE64URL = "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$"
_SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: _INTEGER,
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time", "pattern": _MOMENT},
    date: {"type": "string", "format": "date"},
    timedelta: _INTEGER,
    bytes: {"type": "string", "contentEncoding": "base64url", "pattern": _BASE64URL},
}
_REASONS = {
    401: "No token, or one that is refused; take the time of this reply and sign anew.",
    403: "Not for this booth, or not as it stands.",
    404: "There is none.",
    409: "The centre knows it otherwise.",
    413: "The body is too large.",
    415: "The body is encoded in a way that is unknown here.",
    416: "The range lies outside.",
    422: "The body is not in the documented form.",
    429: "Too many tries.",
    503: "The centre cannot do it now; try again later.",
}


def schema_of(hint: Any, *, written: bool = False) -> Schema:
    """Return the JSON schema of the plain form of ``hint``: a dataclass, or any type of the table in `wire.plain`.

    ``written`` is for what the centre writes: every field is there; in what it reads those with a default may lack.
    Raises TypeError for a type that has no plain form.
    """
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(member, written=written) for member in members]}
    if origin is tuple:
        return _list_schema(members, written)
    if origin is not None and issubclass(origin, Mapping):
        values = schema_of(members[1], written=written)
        return {"type": "object", "additionalProperties": values, "propertyNames": {"pattern": r"^[\x00-\x7f]*$"}}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [member.value for member in hint]}
    if isinstance(hint, type) and is_dataclass(hint):
        return _object_schema(hint, written)
    raise TypeError(f"schema: values of type {hint} have no plain form")


def body(cls: type) -> dict[str, Any]:
    """Return the ``openapi_extra`` of a route that reads a ``cls``."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema_of(cls)}}}}


def body_bytes(media_type: str) -> dict[str, Any]:
    """Return the ``openapi_extra`` of a route that reads bytes of ``media_type``."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "content": content}}


def replies(cls: type | None, *problem_statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that answers with a ``cls`` (None: with bytes), or refuses with these."""
    content = {BYTES: {}} if cls is None else {JSON: {"schema": schema_of(cls, written=True)}}
    name = "The file." if cls is None else (cls.__doc__ or cls.__name__).split("\n")[0]
    found: dict[int | str, dict[str, Any]] = {200: _reply(name, content)}
    for status in sorted({*problem_statuses, 500, 503}):
        refused = {PROBLEM: {"schema": schema_of(Problem, written=True)}}
        found[status] = _reply(_REASONS.get(status, "A fault of the centre."), refused)
    return found


def _reply(description: str, content: dict[str, Any]) -> dict[str, Any]:
    time = {"description": "The centre's time.", "required": True, "schema": schema_of(datetime)}
    version: Schema = {"type": "string", "pattern": "^[0-9]+$"}
    lists = {"description": "The version of all lists, to a booth whose token was proven.", "schema": version}
    return {"description": description, "headers": {TIME_HEADER: time, LISTS_HEADER: lists}, "content": content}


def _list_schema(members: tuple[Any, ...], written: bool) -> Schema:
    if len(members) == 2 and members[1] is Ellipsis:
        return {"type": "array", "items": schema_of(members[0], written=written)}
    each = [schema_of(member, written=written) for member in members]
    return {"type": "array", "prefixItems": each, "minItems": len(each), "maxItems": len(each)}


def _object_schema(cls: type, written: bool) -> Schema:
    hints = get_type_hints(cls)
    known = [field for field in fields(cls) if field.init]
    return {
        "type": "object",
        "title": cls.__name__,
        "properties": {field.name: schema_of(hints[field.name], written=written) for field in known},
        "required": [field.name for field in known if written or _must_be_given(field)],
        "additionalProperties": False,
    }


def _must_be_given(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
