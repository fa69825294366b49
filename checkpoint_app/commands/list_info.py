"""`checkpoint lists info`: what a list package says of itself, and whether it is whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.screening import ENGINE
from checkpoint_app.screening.calibration import Calibration, CalibrationError
from checkpoint_app.verdict import AgeStep, AgeSteps
from checkpoint_app.wire.header import ListKind, NotAPackageError, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import verify_payload

_STEPS = {AgeStep.FRESH: "fresh", AgeStep.AS_OF: 'to be used "as of"', AgeStep.TOO_OLD: "too old"}
PER_10000 = 100  # a calibration counts in a million


def tell(path: Path, *, as_json: bool) -> int:
    """Print the facts of the package at ``path``; returns 0.

    Raises CommandError: exit code 2 for a file that is no package, 3 for a package that is not what was signed.
    """
    header = _read(path)
    facts = facts_of(header, path.stat().st_size, datetime.now(UTC))
    print(json.dumps(facts) if as_json else _text(header, facts))
    return 0


def facts_of(header: PackageHeader, size: int, now: datetime) -> dict[str, Any]:
    """Return what ``--json`` prints. Ages are whole seconds; the state follows the default age steps."""
    agreement = header.agreement
    return {
        "name": header.name,
        "kind": header.kind,
        "version": header.version,
        "originator": header.originator,
        "issued_at": header.issued_at.isoformat(),
        "age_s": int((now - header.issued_at).total_seconds()),
        "state": _state(header, now),
        "agreement": agreement
        and {
            "name": agreement.name,
            "begins_at": agreement.begins_at.isoformat(),
            "ends_at": agreement.ends_at.isoformat(),
            "in_force": agreement.in_force(now),
        },
        "handling": list(header.handling),
        "records": header.entries,
        "bytes": size,
        "sealed": header.sealed,
        "publisher": header.publisher,
        "calibration": dict(header.calibration),
        "accuracy": _accuracy(header),
    }


def _read(path: Path) -> PackageHeader:
    try:
        with path.open("rb") as stream:
            header = read_untrusted_header(stream)
            verify_payload(stream, header)
    except NotAPackageError as error:
        raise CommandError(f"{path}: {error}") from error
    except PackageError as error:
        raise CommandError(f"{path}: {error}", exit_code=3) from error
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    return header


def _text(header: PackageHeader, facts: dict[str, Any]) -> str:
    rows = [
        ("list", f"{header.name}, version {header.version}, {header.kind}"),
        ("originator", header.originator),
        ("issued", f"{header.issued_at:%Y-%m-%d %H:%M} UTC, {_age(facts['age_s'])}: {_step(header, facts)}"),
        ("records", _records(header)),
        ("size", f"{facts['bytes']:,} bytes, {'sealed' if header.sealed else 'not sealed'}"),
        ("handling", ", ".join(header.handling) or "none stated"),
        ("agreement", _agreement(header, facts)),
        *_rules(header),
        *_codes(header),
        *_calibration(facts),
        ("signature", f"whole; by key {header.publisher[:16]}…, which a booth trusts only if it was told to"),
    ]
    return "\n".join(f"{label:12}{text}" for label, text in rows)


def _state(header: PackageHeader, now: datetime) -> AgeStep:
    """Return the age step by the default ones; a list of codes has none."""
    return AgeStep.FRESH if header.kind is ListKind.CODES else AgeSteps().step(header.issued_at, now)


def _step(header: PackageHeader, facts: dict[str, Any]) -> str:
    return "codes don't age" if header.kind is ListKind.CODES else _STEPS[facts["state"]]


def _records(header: PackageHeader) -> str:
    ranges = header.calibration.get("ranges")
    beside = f", {ranges:,} of them ranges of numbers" if header.kind is ListKind.DOCUMENTS and ranges else ""
    return f"{header.entries:,}{beside}"


def _rules(header: PackageHeader) -> list[tuple[str, str]]:
    """Return the row of the rule set that a list of rules carries."""
    if header.kind is not ListKind.RULES or header.withdrawn:
        return []
    told = header.calibration
    digest = f"SHA-256 {told.get('set_digest', 'not told')}"
    return [("rules", f"{told.get('rules', '?')}, of {told.get('set', '?')} {told.get('set_version', '?')}, {digest}")]


def _codes(header: PackageHeader) -> list[tuple[str, str]]:
    """Return the row of the table that a list of codes carries."""
    if header.kind is not ListKind.CODES or header.withdrawn:
        return []
    count = header.calibration.get("codes")
    return [("codes", f"{count:,}" if isinstance(count, int) else "not told")]


def _agreement(header: PackageHeader, facts: dict[str, Any]) -> str:
    agreement = header.agreement
    if agreement is None:
        return "none"
    term = f"{agreement.begins_at:%Y-%m-%d} to {agreement.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"{agreement.name}, {term}" + ("" if facts["agreement"]["in_force"] else ": not in force")


def _accuracy(header: PackageHeader) -> dict[str, Any] | None:
    """Return what the calibration promises and gave, in points and in false hits of 10,000 clean travellers."""
    try:
        known = Calibration.from_plain(header.calibration)
    except CalibrationError:
        return None
    return {
        "threshold_points": known.threshold / 1000,
        "expected_per_10000": known.expected / PER_10000,
        "promised_per_10000": known.promised / PER_10000,
        "travellers": known.travellers,
        "persons": known.persons,
        "engine": known.engine,
        "usable": known.engine == ENGINE,
    }


def _calibration(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the calibration, and what is wrong with it for this list and version."""
    known = facts["accuracy"]
    if known is None:
        return []
    expected, promised = (f"{known[key]:g}" for key in ("expected_per_10000", "promised_per_10000"))
    rates = f"{expected} expected in 10,000 clean travellers, at most {promised} promised"
    measured = f"measured on {known['travellers']:,} synthetic ones against {known['persons']:,} entries"
    rows = [
        ("threshold", f"{known['threshold_points']:.1f} points, by {known['engine']}"),
        ("false hits", f"{rates}; {measured}"),
    ]
    if not known["usable"]:
        rows.append(("", f"this version screens by {ENGINE}, and loads no list of another engine: import it again"))
    return rows


def _age(seconds: int) -> str:
    """Return an age in hours up to 47 h, then in days: "1 d" would hide on which side of 24 h a list is."""
    if seconds < 0:
        return "in the future by this machine's clock"
    hours = timedelta(seconds=seconds) // timedelta(hours=1)
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} d ago"
