"""Passages that a back-test reads: one JSON object a line, each a subject with its day, how it came, and its outcome.

``{"on": "2026-03-10", "lane": "land", "subject": {"trip": {"stay_days": 2}}, "result": "nothing"}``; ``result`` (one of
`risk.standing.Result`) only where somebody was inspected, ``"drawn": true`` where the lot chose them. Other keys, such
as an id, are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from checkpoint_app.risk.rule_reading import read_day
from checkpoint_app.risk.standing import Result
from checkpoint_app.risk.subjects_file import JsonError, flatten, read_json
from checkpoint_app.verdict.lane import Mode

MOST_LINE_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of the past. ``fields`` are flat; ``result`` is None where nobody was inspected."""

    on: date
    mode: Mode
    fields: Mapping[str, object]
    result: Result | None = None
    drawn: bool = False


def read_passages(lines: Iterable[bytes]) -> Iterator[Passage]:
    """Yield the passages of a file, line by line; empty lines are passed over. Raises JsonError with the line."""
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_LINE_BYTES:
            raise JsonError(f"line {number}: longer than {MOST_LINE_BYTES >> 10} KiB", line=number)
        if line.strip():
            try:
                yield _passage(read_json(line))
            except JsonError as error:
                raise JsonError(f"line {number}: {error}", line=number) from None


def passage_line(passage: Passage) -> bytes:
    """Return the line that ``read_passages`` reads as ``passage``. Raises ValueError for what no line holds."""
    subject: dict[str, Any] = {}
    for name, value in passage.fields.items():
        *groups, last = name.split(".")
        level = subject
        for group in groups:
            level = level.setdefault(group, {})
        level[last] = value
    plain: dict[str, Any] = {"on": passage.on.isoformat(), "lane": passage.mode.value, "subject": subject}
    if passage.result is not None:
        plain["result"] = passage.result.value
    if passage.drawn:
        plain["drawn"] = True
    line = json.dumps(plain, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    if len(line) > MOST_LINE_BYTES:
        raise ValueError(f"a passage of more than {MOST_LINE_BYTES >> 10} KiB")
    return line


def _passage(plain: Any) -> Passage:
    if not isinstance(plain, dict):
        raise JsonError("an object is expected")
    day, subject = read_day(plain.get("on")), plain.get("subject")
    if day is None:
        raise JsonError('"on" is no day: give YYYY-MM-DD')
    if not isinstance(subject, dict):
        raise JsonError('"subject" is no object with the fields of the passage')
    try:
        mode = Mode(str(plain.get("lane")))
        result = None if plain.get("result") is None else Result(plain["result"])
    except (ValueError, TypeError):
        raise JsonError('"lane" is one of air, land, sea, and "result" one of ' + ", ".join(Result)) from None
    return Passage(day, mode, flatten(subject), result, plain.get("drawn") is True)
