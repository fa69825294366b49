"""`checkpoint lists import`: sources in; out one signed package, and a report that accounts for every record."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.keyfiles import booth_key, publisher_key
from checkpoint_app.commands.list_changes import compared
from checkpoint_app.commands.list_sources import Sources, sources_of
from checkpoint_app.screening import calibrate, entry_to_plain
from checkpoint_app.screening.importers import SourceError
from checkpoint_app.screening.numbers.build import NumberBuilder
from checkpoint_app.screening.numbers.form import key_of
from checkpoint_app.store.files import fill_whole
from checkpoint_app.verdict import Agreement, HandlingCode
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, check_name, read_untrusted_header
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.sealing import new_key

GRANT_ENDING = ".grant"
MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What one reading of the sources gave, and the records of the package; ``twice`` counts numbers given again."""

    calibration: Mapping[str, int | str]
    records: Callable[[], Iterator[Mapping[str, Any]]]
    twice: int = 0


def import_list(args: argparse.Namespace) -> int:
    """Import ``args.sources`` into the package ``args.out``; returns 1 when a record was refused, else 0.

    With ``args.compare`` and no ``args.out`` nothing is written: what would change is told.
    Raises CommandError when nothing could be read or written; then ``args.out`` is as it was.
    """
    if args.out is None and args.compare is None:
        raise CommandError(
            "--out LIST: say where to write the package; or --compare LIST alone, to see what would change"
        )
    try:
        sources = sources_of(args)
        change = compared(args, sources)
        if args.out is None:
            return _previewed(args, sources, change)
        with tempfile.TemporaryFile(dir=args.out.parent) as scratch:
            header, twice = _write(args, sources, scratch)
    except (SourceError, PackageError, ValueError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or args.out}: {error.strerror}") from error
    sources.tell()
    if twice:
        _say(f"given twice, and in the list once: {twice:,} document numbers")
    _summary(args, header)
    if args.json:
        print(json.dumps(_as_json(sources, header) | {"duplicates": twice} | change))
    return 1 if sources.refusals else 0


def _previewed(args: argparse.Namespace, sources: Sources, change: dict[str, Any]) -> int:
    sources.tell()
    if args.json:
        print(json.dumps(change | {"sources": sources.to_plain()}))
    return 1 if sources.refusals else 0


def _write(args: argparse.Namespace, sources: Sources, scratch: BinaryIO) -> tuple[PackageHeader, int]:
    """Write the package, and before it the grant of its key: where the package is, its key is.

    Returns its header, and how many document numbers were given twice.
    """
    signer = publisher_key(args.publisher_key) if args.publisher_key else Ed25519PrivateKey.generate()
    booth = booth_key(args.booth) if args.booth else None
    about = _about(args)
    number_key = None if booth else key_of(signer.private_bytes_raw(), about["name"])
    prepared = _prepared(args, sources, NumberBuilder(scratch, number_key))
    content_key = new_key() if booth else None

    def write(file: BinaryIO) -> PackageHeader:
        header = write_package(
            file,
            prepared.records(),
            signer,
            kind=sources.kind,
            calibration=prepared.calibration,
            content_key=content_key,
            **about,
        )
        if sources.kind is ListKind.PERSONS and header.record_count != taken:
            raise CommandError("a source changed while it was read; import it again")
        return header

    taken = sources.taken
    if booth and content_key:
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=args.days)
        grant = grant_key(content_key, list_name=about["name"], booth=booth, not_after=until, signer=signer)
        fill_whole(args.out.with_suffix(GRANT_ENDING), lambda file: file.write(write_grant(grant)))
    return fill_whole(args.out, write), prepared.twice


def _about(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the header says by the user's word, checked before the long work begins."""
    name = args.name or args.sources[0].stem
    check_name(name)
    version = args.version if args.version is not None else _next_version(args.out, name)
    if version < 1 or not 1 <= args.days <= MAX_DAYS:
        raise CommandError(f"--version starts at 1, and --days lies between 1 and {MAX_DAYS}")
    if args.out.suffix == GRANT_ENDING:
        raise CommandError(f"--out {args.out}: {GRANT_ENDING} is the ending of the key beside it; take another")
    issued_at = moment(args.issued, "--issued") if args.issued else datetime.now(UTC).replace(microsecond=0)
    return {
        "name": name,
        "version": version,
        "originator": args.originator or name,
        "issued_at": issued_at,
        "agreement": _agreement(args, issued_at),
        "handling": tuple(args.handling),
    }


def _prepared(args: argparse.Namespace, sources: Sources, numbers: NumberBuilder) -> _Prepared:
    """Read all once: for the report, and a persons list's calibration or the sorted hashes of document numbers.

    The key of a list for one booth is new. One that goes to a centre unsealed has a key of its publisher's, the same
    for all its versions, so that the centre can compare them.
    """
    if sources.kind is ListKind.PERSONS:
        calibration = calibrate(sources.entries(), false_hits_per_10000=args.false_hits).to_plain()
        found = _Prepared(calibration, lambda: map(entry_to_plain, sources.entries()))
    else:
        for listed in sources.numbers():
            numbers.add(listed)
        numbers.finish()
        found = _Prepared(numbers.counts, numbers.records, numbers.duplicates)
    if not sources.taken:
        sources.tell()
        raise CommandError("nothing could be read from the sources; no list was written")
    return found


def _agreement(args: argparse.Namespace, issued_at: datetime) -> Agreement | None:
    if not args.agreement:
        if args.agreement_ends or args.agreement_begins:
            raise CommandError("--agreement-ends: name the agreement with --agreement NAME")
        return None
    if not args.agreement_ends:
        raise CommandError("--agreement: tell when it ends with --agreement-ends TIME")
    begins = moment(args.agreement_begins, "--agreement-begins") if args.agreement_begins else issued_at
    return Agreement(args.agreement, begins, moment(args.agreement_ends, "--agreement-ends"))


def moment(text: str, option: str) -> datetime:
    """Return the moment that ``option`` gives, in UTC if it names no zone. Raises CommandError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text}: expected a date or time like 2027-06-30 or 2026-11-24T06:00Z") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _next_version(out: Path, name: str) -> int:
    """Return the version after that of the package at ``out``, if it is one of the same list; else 1."""
    try:
        with out.open("rb") as stream:
            header = read_untrusted_header(stream)
    except (OSError, PackageError):
        return 1
    return header.version + 1 if header.name == name else 1


def _summary(args: argparse.Namespace, header: PackageHeader) -> None:
    _say(f"list {header.name}, version {header.version}: {header.entries:,} records written to {args.out}")
    unknown = [code for code in header.handling if code not in set(HandlingCode)]
    if unknown:
        _say(f"handling code {', '.join(unknown)} is not known; booths handle it as {HandlingCode.ASK_ORIGINATOR}")
    if not args.publisher_key:
        _say("signed by a key made for this once, so no booth will trust it: give --publisher-key FILE")
    if header.sealed:
        _say(f"sealed; the booth's key for it is in {args.out.with_suffix(GRANT_ENDING)}, good for {args.days} days")
    else:
        _say("not sealed, so whoever holds the file can read it: give --for BOOTHKEYFILE")


def _as_json(sources: Sources, header: PackageHeader) -> dict[str, object]:
    return {
        "list": header.name,
        "kind": header.kind,
        "version": header.version,
        "records": header.entries,
        "calibration": dict(header.calibration),
        "sources": sources.to_plain(),
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr)
