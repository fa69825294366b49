"""What the demo's partner states send: lists as signed packages, as they come to a centre that then seals them.

Everything is synthetic. The calibration of the list of persons is found once and kept: it holds nothing personal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.demo import lists, names, rule_sets
from checkpoint_app.demo import policy as post
from checkpoint_app.documents import TravelDocument
from checkpoint_app.resources import resource_path
from checkpoint_app.screening import ENGINE, Calibration, CalibrationError, calibrate, entry_to_plain, number_to_plain
from checkpoint_app.screening.entry import Entry, ListedDate, Name
from checkpoint_app.screening.numbers.build import builder_of
from checkpoint_app.screening.numbers.form import key_of
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package

# One false hit in a thousand travellers is promised; three thousand are enough to show it, and take seconds.
TRAVELLERS = 3_000
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PartnerList:
    """A list as its partner keeps it. ``age`` is how old the partner's newest version is, for the demo's stories."""

    name: str
    kind: ListKind
    originator: str
    agreement: Callable[[datetime], Agreement]
    age: timedelta
    first_version: int
    records: Callable[[], Iterable[Record]]
    handling: tuple[str, ...] = ()


PARTNER_LISTS = (
    PartnerList(
        name=post.WANTED_LIST,
        kind=ListKind.PERSONS,
        originator="ECU",
        agreement=post.wanted_agreement,
        age=timedelta(hours=6),
        first_version=88,
        records=lambda: map(entry_to_plain, lists.watchlist()),
        handling=("LE-ONLY",),
    ),
    PartnerList(
        name=post.NUMBERS_LIST,
        kind=ListKind.DOCUMENTS,
        originator="INTL",
        agreement=post.numbers_agreement,
        age=timedelta(hours=2),
        first_version=4711,
        records=lambda: map(number_to_plain, lists.listed_numbers()),
    ),
)


def write_partner_package(
    one: PartnerList,
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    version: int,
    issued_at: datetime,
    agreement: Agreement,
    more: Iterable[Record] = (),
) -> Path:
    """Write a version of a partner's list, signed by the partner, with ``more`` entries at its end."""
    path = folder / f"{one.name}-{version}.package"
    records, counts = (*one.records(), *more), None
    if one.kind is ListKind.DOCUMENTS:
        numbers = builder_of(records, key_of(key.private_bytes_raw(), one.name))
        records, counts = tuple(numbers.records()), numbers.counts
    with path.open("wb") as file:
        write_package(
            file,
            records,
            key,
            name=one.name,
            kind=one.kind,
            version=version,
            originator=one.originator,
            issued_at=issued_at,
            agreement=agreement,
            handling=one.handling,
            calibration=counts,
        )
    return path


def entry_like(document: TravelDocument, entry_id: str) -> Entry:
    """Return an entry that names the bearer of ``document``: what the newer list of the demonstration holds more."""
    born = document.birth_date
    if born is None or born.year is None or born.month is None or born.day is None:
        raise ValueError("the demo's documents state whole dates of birth")
    day = f"{born.year:04d}-{born.month:02d}-{born.day:02d}"
    return Entry(
        id=entry_id,
        schema="Person",
        names=(Name(document.family_name or "", document.given_names or ""),),
        birth_dates=(ListedDate(day, day),),
        sex=document.sex.value if document.sex else "",
        nationalities=(document.nationality,) if document.nationality else (),
        handling=("LE-ONLY",),
        remarks=lists.SYNTHETIC,
    )


def calibration_file(folder: Path) -> Path:
    """Return the file with the calibration of the list of persons, found where it is missing or of another engine."""
    path = folder / "calibration.json"
    made_of = source_digest()
    kept = read_json(path)
    if kept.pop("made_of", "") == made_of and kept.get("engine") == ENGINE:
        try:
            Calibration.from_plain(kept)
        except CalibrationError:  # damaged on disk: found again below
            pass
        else:
            return _bare(path, kept)
    found = calibrate(lists.watchlist(), travellers=TRAVELLERS).to_plain()
    path.write_text(json.dumps({**found, "made_of": made_of}), encoding="utf-8")
    return _bare(path, found)


def _bare(path: Path, plain: Mapping[str, int | str]) -> Path:
    bare = path.with_name("calibration-for-import.json")
    bare.write_text(json.dumps(plain), encoding="utf-8")
    return bare


def source_digest() -> str:
    """Return a digest of what the demo's lists, policy, officers and rules are made from."""
    modules = (lists.__file__, names.__file__, post.__file__, rule_sets.__file__)
    sources = (*map(Path, modules), resource_path("demo/names.toml"), *(one.path for one in rule_sets.RULE_SETS))
    return hashlib.sha256(b"\x00".join(path.read_bytes() for path in sources)).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file of notes; a note that is missing or damaged is no note."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
