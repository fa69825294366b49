"""Subjects of rules from outside: strict JSON, nested objects flattened to dotted names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checkpoint_app.risk.catalogue import Catalogue

MOST_BYTES = 64 << 20


class JsonError(ValueError):
    """The bytes are no JSON that every reader understands alike; the message says why, and quotes nothing.

    ``where`` tells the place: line and column, byte, or subject, where there is one.
    """

    def __init__(self, message: str, **where: int) -> None:
        super().__init__(message)
        self.where = where


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a file: its id, its flat fields, and the names that the catalogue does not know."""

    id: str
    fields: Mapping[str, object]
    ignored: tuple[str, ...]


def read_subjects(data: bytes, catalogue: Catalogue) -> tuple[Subject, ...]:
    """Read ``{"subjects":[{"id":"a","doc":{"issuer":"GBR"}}]}``; raises JsonError with the place of what is wrong."""
    content = read_json(data)
    subjects = content.get("subjects") if isinstance(content, dict) else None
    if not isinstance(subjects, list):
        raise JsonError('no subjects in it: an object with a list "subjects" is expected')
    return tuple(_subject(number, plain, catalogue) for number, plain in enumerate(subjects, start=1))


def _subject(number: int, plain: object, catalogue: Catalogue) -> Subject:
    if not isinstance(plain, dict) or not isinstance(identity := plain.get("id"), str):
        raise JsonError(f'subject {number}: an object with a text "id" is expected', subject=number)
    fields = flatten({key: value for key, value in plain.items() if key != "id"})
    return Subject(identity, fields, unknown_names(fields, catalogue))


def unknown_names(fields: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names that the catalogue does not know, in alphabetical order."""
    return tuple(sorted(name for name in fields if name not in catalogue.types))


def flatten(nested: Mapping[str, Any]) -> dict[str, object]:
    """Return nested objects as dotted names; lists stay values. No recursion: the depth is the sender's choice."""
    flat: dict[str, object] = {}
    waiting = [("", nested)]
    while waiting:
        prefix, level = waiting.pop()
        for key, value in level.items():
            if isinstance(value, dict):
                waiting.append((f"{prefix}{key}.", value))
            else:
                flat[f"{prefix}{key}"] = value
    return flat


def read_json(data: bytes) -> Any:
    """Return what the bytes say, if all readers agree on it; raises JsonError.

    Refused: no UTF-8, a name twice in one object, NaN and Infinity, nesting beyond what the parser takes.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 at byte {error.start}", byte=error.start) from None
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise JsonError(f"no JSON at line {error.lineno}, column {error.colno}", **place) from None
    except RecursionError:
        raise JsonError("nested too deep") from None
    except JsonError:
        raise
    except ValueError:  # a whole number of more digits than Python reads
        raise JsonError("a number too long") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise JsonError("a name stands twice in one object")
    return content


def _refuse_constant(name: str) -> None:
    raise JsonError(f"{name} is no JSON")
