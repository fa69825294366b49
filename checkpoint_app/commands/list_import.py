"""`checkpoint lists import`: sources in; out one signed package, and a report that accounts for every record."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.keyfiles import booth_key, publisher_key
from checkpoint_app.commands.list_sources import Sources, sources_of
from checkpoint_app.screening import calibrate, entry_to_plain, number_to_plain
from checkpoint_app.screening.importers import SourceError
from checkpoint_app.store.files import fill_whole
from checkpoint_app.verdict import Agreement, HandlingCode
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, check_name, read_untrusted_header
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.sealing import new_key

GRANT_ENDING = ".grant"
MAX_DAYS = 366


def import_list(args: argparse.Namespace) -> int:
    """Import ``args.sources`` into the package ``args.out``; returns 1 when a record was refused, else 0.

    Raises CommandError when nothing could be read or written; then ``args.out`` is as it was.
    """
    try:
        sources = sources_of(args)
        header = _write(args, sources)
    except (SourceError, PackageError, ValueError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or args.out}: {error.strerror}") from error
    sources.tell()
    _summary(args, header)
    if args.json:
        print(json.dumps(_as_json(sources, header)))
    return 1 if sources.refusals else 0


def _write(args: argparse.Namespace, sources: Sources) -> PackageHeader:
    """Write the package, and before it the grant of its key: where the package is, its key is."""
    signer = publisher_key(args.publisher_key) if args.publisher_key else Ed25519PrivateKey.generate()
    booth = booth_key(args.booth) if args.booth else None
    about = _about(args)
    calibration, records = _prepared(args, sources)
    content_key = new_key() if booth else None

    def write(file: BinaryIO) -> PackageHeader:
        header = write_package(
            file, records(), signer, kind=sources.kind, calibration=calibration, content_key=content_key, **about
        )
        if header.record_count != taken:
            raise CommandError("a source changed while it was read; import it again")
        return header

    taken = sources.taken
    if booth and content_key:
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=args.days)
        grant = grant_key(content_key, list_name=about["name"], booth=booth, not_after=until, signer=signer)
        fill_whole(args.out.with_suffix(GRANT_ENDING), lambda file: file.write(write_grant(grant)))
    return fill_whole(args.out, write)


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


def _prepared(
    args: argparse.Namespace, sources: Sources
) -> tuple[dict[str, int | str], Callable[[], Iterator[dict[str, object]]]]:
    """Read all once, for the report and a persons list's calibration; return that, and the way to read it again."""
    persons = sources.kind is ListKind.PERSONS
    calibration: dict[str, int | str] = {}
    if persons:
        calibration = calibrate(sources.entries(), false_hits_per_10000=args.false_hits).to_plain()
    else:
        deque(sources.numbers(), maxlen=0)
    if not sources.taken:
        sources.tell()
        raise CommandError("nothing could be read from the sources; no list was written")
    if persons:
        return calibration, lambda: map(entry_to_plain, sources.entries())
    return calibration, lambda: map(number_to_plain, sources.numbers())


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
    _say(f"list {header.name}, version {header.version}: {header.record_count:,} records written to {args.out}")
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
        "records": header.record_count,
        "calibration": dict(header.calibration),
        "sources": sources.to_plain(),
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr)
