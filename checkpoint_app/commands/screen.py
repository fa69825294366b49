"""`checkpoint screen`: screens travellers against a list, one JSON object a line; the booth's engine without it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.documents.names import read_joint_names
from checkpoint_app.screening import PersonList, RecordError, SegmentError, build_segment, entry_to_plain, load
from checkpoint_app.screening.calibration import Calibration, CalibrationError
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.fold import fold
from checkpoint_app.screening.importers import SourceError, read_entries
from checkpoint_app.verdict import AgeStep, AgeSteps, Candidate, Outcome
from checkpoint_app.wire.header import MAGIC, ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records

MAX_LINE = 64 * 1024
_NAME_WIDTHS = {"TD1": 30, "TD2": 31, "MRVB": 31, "TD3": 39, "MRVA": 39}
_TEXTS = ("mrz_name", "dob", "sex", "nationality", "document_number", "issuer", "format")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--list", required=True, type=Path, help="a signed list package, or a bare list for tests")
    parser.add_argument("--json-lines", required=True, type=Path, help="travellers, one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Print one answer a line, in the order of the queries. Returns 1 where a line was refused."""
    opened = _open(args.list)
    words = Words("en")
    refused = opened.refused
    for number, query in _queries(args.json_lines):
        if query is None:
            print(
                f"{args.json_lines.name}: line {number}: no query (one JSON object with an id a line)", file=sys.stderr
            )
            refused += 1
        else:
            print(json.dumps(_answer(opened, query, words), ensure_ascii=False))
    return 1 if refused else 0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list to screen against. ``persons`` is None where it may not be consulted."""

    persons: PersonList | None
    refused: int = 0


# -- the list ---------------------------------------------------------------------------------------------------------


def _open(path: Path) -> _Opened:
    try:
        with path.open("rb") as file:
            is_package = file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise CommandError(f"{path.name}: cannot be read: {error.strerror}") from error
    return _open_package(path) if is_package else _open_bare(path)


def _open_bare(path: Path) -> _Opened:
    print("unsigned list: for tests", file=sys.stderr)
    refused = 0

    def refuse(line: int, reason: str) -> None:
        nonlocal refused
        refused += 1
        print(f"{path.name}: line {line}: {reason}", file=sys.stderr)

    try:
        entries = read_entries(path, on_refused=refuse)
        persons = _loaded(dict(build_segment("persons", (entry_to_plain(entry) for entry in entries))))
    except (SourceError, RecordError) as error:
        raise CommandError(str(error)) from error
    if not len(persons):
        raise CommandError(f"{path.name}: it holds no entry that can be used")
    return _Opened(persons, refused)


def _open_package(path: Path) -> _Opened:
    """Open a package that is not sealed. Who signed it is told, for only a booth knows whom to trust."""
    try:
        with path.open("rb") as file:
            header = read_untrusted_header(file)
            if header.kind is not ListKind.PERSONS:
                raise CommandError(f"{path.name}: a list of {header.kind.value}, not of persons")
            if header.sealed:
                raise CommandError(f"{path.name}: it is sealed for booths; put it into a booth's inbox")
            signer = f"signed by {header.publisher[:16]}, whom no booth vouches for here"
            print(f"list {header.name} {header.version}, {signer}", file=sys.stderr)
            calibration = Calibration.from_plain(header.calibration) if header.calibration else None
            persons = _loaded(dict(build_segment("persons", iter_records(file, header), calibration)))
    except (PackageError, RecordError, CalibrationError, SegmentError) as error:
        raise CommandError(f"{path.name}: {error}", exit_code=3) from error
    return _Opened(persons if _may_be_consulted(header, datetime.now(UTC)) else None)


def _may_be_consulted(header: PackageHeader, now: datetime) -> bool:
    """Tell whether agreement and age let the list answer; if not, say why and answer not_checked."""
    if header.agreement is not None and not header.agreement.in_force(now):
        print(f"list {header.name}: its agreement is not in force", file=sys.stderr)
        return False
    if AgeSteps().step(header.issued_at, now) is AgeStep.TOO_OLD:
        print(f"list {header.name}: too old, issued {header.issued_at:%Y-%m-%d}", file=sys.stderr)
        return False
    return True


def _loaded(sections: dict[str, bytes]) -> PersonList:
    persons = load("persons", sections)
    if not isinstance(persons, PersonList):
        raise TypeError("a list of persons loaded as something else")
    return persons


# -- the queries ------------------------------------------------------------------------------------------------------


def _queries(path: Path) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield (line number, query) for every line that is not blank; None for what is no query."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                whole = len(line) <= MAX_LINE
                while len(line) > MAX_LINE and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE + 1)
                if line.strip():
                    yield number, _query(line) if whole else None
    except OSError as error:
        raise CommandError(f"{path.name}: cannot be read: {error.strerror}") from error


def _query(line: bytes) -> dict[str, str] | None:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        return None
    texts = {key: record.get(key) or "" for key in _TEXTS}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    return {"id": record["id"], **texts}


def _answer(opened: _Opened, query: dict[str, str], words: Words) -> dict[str, object]:
    """Return the line for one query. No name: not_checked, unless the document number alone is a hit."""
    subject = subject_of(query)
    candidates = opened.persons.screen(subject) if opened.persons else ()
    if any(candidate.score >= candidate.threshold for candidate in candidates):
        outcome = Outcome.HIT
    elif opened.persons is None or not (fold(subject.family_name) or fold(subject.given_names)):
        outcome = Outcome.NOT_CHECKED
    else:
        outcome = Outcome.CLEAR
    return {"id": query["id"], "answer": outcome.value, "hits": [_hit(c, words) for c in candidates]}


def subject_of(query: Mapping[str, str]) -> Subject:
    """Return the traveller of a query line."""
    name = query.get("mrz_name", "").strip().upper()
    family, given = read_joint_names(name)
    width = _NAME_WIDTHS.get(query.get("format", "").upper(), min(_NAME_WIDTHS.values()))
    return Subject(
        family_name=family.text or "",
        given_names=given.text or "",
        name_truncated=family.full and len(name) >= width,
        birth=query.get("dob", ""),
        sex=query.get("sex", ""),
        nationality=query.get("nationality", ""),
        document_number=query.get("document_number", ""),
        issuer=query.get("issuer", ""),
    )


def _hit(candidate: Candidate, words: Words) -> dict[str, object]:
    reasons = [words.say(reason.code, **reason.params) for reason in candidate.reasons]
    return {"list_id": candidate.entry_id, "score": candidate.score / 1000, "reasons": reasons}
