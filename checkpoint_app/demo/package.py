"""The demo's signed, sealed packages on disk: both lists, policy, officers, and the grants that open them for a booth.

The publisher is a throw-away key made with the folder. What still fits is used again, so a second demonstration starts
at once; what no longer does is issued anew with the next version. Nobody's name stands in the folder in clear.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from checkpoint_app.demo import lists, names
from checkpoint_app.demo import policy as post
from checkpoint_app.resources import resource_path
from checkpoint_app.screening import ENGINE, Calibration, CalibrationError, calibrate, entry_to_plain, number_to_plain
from checkpoint_app.store import Officer
from checkpoint_app.verdict import AgeSteps, Agreement
from checkpoint_app.wire.grant import GrantError, KeyGrant, booth_id, grant_key, read_grant, write_grant
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, publisher_id, read_header
from checkpoint_app.wire.package import verify_payload, write_package
from checkpoint_app.wire.pin import make_verifier
from checkpoint_app.wire.plain import to_plain

DEFAULT_AGES: Mapping[str, timedelta] = {
    post.WANTED_LIST: timedelta(hours=6),
    post.NUMBERS_LIST: timedelta(hours=2),
    post.POLICY_NAME: timedelta(days=23),
    post.OFFICERS_NAME: timedelta(days=1),
}
# One false hit in a thousand travellers is promised; three thousand are enough to show it, and take seconds.
TRAVELLERS = 3_000
_FIRST_VERSIONS = {post.WANTED_LIST: 88, post.NUMBERS_LIST: 4711, post.POLICY_NAME: 7, post.OFFICERS_NAME: 3}
_DRIFT = timedelta(hours=4)
_SMALL_KEEP = timedelta(days=180)
_LEASE = timedelta(days=14)
_LEAST_LEASE = timedelta(days=2)
PACKAGE_ENDING, GRANT_ENDING = ".list", ".grant"
_KEY_FILE, _RECIPES_FILE, _CALIBRATION_FILE = "demo-publisher.key", "recipes.json", "calibration.json"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemoPackages:
    """What a booth of the demonstration is given; every mapping goes by list name.

    ``trust`` names the one key that may sign each list, ``grants`` are files of wrapped content keys, each beside its
    package (policy and officers are not sealed and have none), ``made`` the names that were issued anew by this call.
    """

    packages: Mapping[str, Path]
    grants: Mapping[str, Path]
    trust: Mapping[str, Ed25519PublicKey]
    made: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one package is made; ``digest`` changes when its content would."""

    name: str
    kind: ListKind
    originator: str
    digest: str
    records: Callable[[int, datetime], Iterable[Record]]
    calibration: Callable[[], Mapping[str, int | str]] = dict
    agreement: Agreement | None = None
    handling: tuple[str, ...] = ()
    sealed: bool = True


def make_packages(
    folder: Path,
    booth: bytes,
    now: datetime,
    *,
    ages: Mapping[str, timedelta] | None = None,
    persons: int = lists.PERSONS,
    numbers: int = lists.NUMBERS,
) -> DemoPackages:
    """Make, or find made, the demo's packages in ``folder`` for the booth with the public X25519 key ``booth``.

    ``ages`` stages how old a list is at ``now`` (UTC), by its name; those not named have ``DEFAULT_AGES``. A list found
    is used while its age step is the one asked for and it was issued within four hours of what was asked.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    workshop = _Workshop(folder, X25519PublicKey.from_public_bytes(booth), now, {**DEFAULT_AGES, **(ages or {})})
    recipes = _recipes(folder, now, persons, numbers)
    made = tuple(recipe.name for recipe in recipes if workshop.provide(recipe))
    return DemoPackages(
        packages={recipe.name: workshop.package_path(recipe.name) for recipe in recipes},
        grants={recipe.name: workshop.grant_path(recipe.name) for recipe in recipes if recipe.sealed},
        trust={recipe.name: workshop.signer.public_key() for recipe in recipes},
        made=made,
    )


class _Workshop:
    """The folder with the key that signs in it, at a moment, for a booth."""

    def __init__(self, folder: Path, booth: X25519PublicKey, now: datetime, ages: Mapping[str, timedelta]) -> None:
        self.signer = _publisher_key(folder / _KEY_FILE)
        self._folder = folder
        self._booth = booth
        self._now = now
        self._ages = ages

    def package_path(self, name: str) -> Path:
        """Return where the package of a list lies."""
        return self._folder / f"{name}{PACKAGE_ENDING}"

    def grant_path(self, name: str) -> Path:
        """Return where the grant of a list's content key lies."""
        return self._folder / f"{name}{GRANT_ENDING}"

    def provide(self, recipe: _Recipe) -> bool:
        """See that a fitting package is there; tell whether it had to be made."""
        header = self._header(recipe)
        if header is not None and self._fits(header, recipe):
            return False
        self._make(recipe, self._next_version(recipe.name, header))
        return True

    def _next_version(self, name: str, header: PackageHeader | None) -> int:
        """Return a version newer than any issued here: a booth refuses what is not, even where the file was lost."""
        noted = self._noted(name).get("version")
        issued = (noted if isinstance(noted, int) else 0, header.version if header is not None else 0)
        return max(_FIRST_VERSIONS[name], *(version + 1 for version in issued))

    def _noted(self, name: str) -> dict[str, Any]:
        """Return what was noted of the package last made."""
        noted = _read_json(self._folder / _RECIPES_FILE).get(name)
        return noted if isinstance(noted, dict) else {}

    def _header(self, recipe: _Recipe) -> PackageHeader | None:
        """Return the header of the package that is here; None where there is none, or it is not whole and ours."""
        path = self.package_path(recipe.name)
        if not path.exists():
            return None
        with path.open("rb") as file:
            try:
                header = read_header(file, {recipe.name: self.signer.public_key()})
                verify_payload(file, header)
            except PackageError:  # damaged, or of another publisher: made anew, as if it were not there
                return None
        return header

    def _fits(self, header: PackageHeader, recipe: _Recipe) -> bool:
        return (
            self._noted(recipe.name).get("digest") == recipe.digest
            and self._age_fits(header)
            and (header.agreement is None or header.agreement.in_force(self._now))
            and (not recipe.sealed or self._grant_fits(header))
        )

    def _age_fits(self, header: PackageHeader) -> bool:
        """Tell whether a list is about as old as asked; policy and officers need only not be of yesteryear."""
        age = self._now - header.issued_at
        if header.kind in (ListKind.POLICY, ListKind.OFFICERS):
            return timedelta(0) <= age <= _SMALL_KEEP
        wanted, steps = self._ages[header.name], AgeSteps()
        return (
            age >= timedelta(0)
            and abs(age - wanted) <= _DRIFT
            and steps.step(header.issued_at, self._now) is steps.step(self._now - wanted, self._now)
        )

    def _grant_fits(self, header: PackageHeader) -> bool:
        grant = self._grant(header.name)
        return (
            grant is not None
            and (grant.key_id, grant.booth) == (header.key_id, booth_id(self._booth))
            and grant.publisher == publisher_id(self.signer.public_key())
            and grant.not_after - self._now >= _LEAST_LEASE
        )

    def _grant(self, name: str) -> KeyGrant | None:
        try:
            return read_grant(self.grant_path(name).read_bytes())
        except (FileNotFoundError, GrantError):  # missing or damaged: a new package brings a new one
            return None

    def _make(self, recipe: _Recipe, version: int) -> None:
        """Write package and grant. The content key is nowhere kept but in the grant: another booth, another package."""
        content_key = secrets.token_bytes(32) if recipe.sealed else None
        path = self.package_path(recipe.name)
        half = path.with_suffix(".half")
        issued_at = self._now - self._ages[recipe.name]
        with half.open("wb") as file:
            write_package(
                file,
                recipe.records(version, issued_at),
                self.signer,
                name=recipe.name,
                kind=recipe.kind,
                version=version,
                originator=recipe.originator,
                issued_at=issued_at,
                agreement=recipe.agreement,
                handling=recipe.handling,
                calibration=recipe.calibration(),
                content_key=content_key,
            )
        if content_key is not None:
            grant = grant_key(
                content_key,
                list_name=recipe.name,
                booth=self._booth,
                not_after=self._now + _LEASE,
                signer=self.signer,
            )
            self.grant_path(recipe.name).write_bytes(write_grant(grant))
        half.replace(path)
        recipes = _read_json(self._folder / _RECIPES_FILE) | {
            recipe.name: {"digest": recipe.digest, "version": version}
        }
        (self._folder / _RECIPES_FILE).write_text(json.dumps(recipes), encoding="utf-8")


def _recipes(folder: Path, now: datetime, persons: int, numbers: int) -> tuple[_Recipe, ...]:
    source = _source_digest()
    return (
        _Recipe(
            name=post.NUMBERS_LIST,
            kind=ListKind.DOCUMENTS,
            originator="INTL",
            digest=f"{source} {numbers}",
            records=lambda *_: map(number_to_plain, lists.listed_numbers(numbers)),
            agreement=post.numbers_agreement(now),
        ),
        _Recipe(
            name=post.WANTED_LIST,
            kind=ListKind.PERSONS,
            originator="ECU",
            digest=f"{source} {ENGINE} {persons}",
            records=lambda *_: map(entry_to_plain, lists.watchlist(persons)),
            calibration=lambda: _calibration(folder / _CALIBRATION_FILE, f"{source} {persons}", persons).to_plain(),
            agreement=post.wanted_agreement(now),
            handling=("LE-ONLY",),
        ),
        _Recipe(
            name=post.POLICY_NAME,
            kind=ListKind.POLICY,
            originator=post.POST,
            digest=source,
            records=lambda version, issued_at: [to_plain(post.demo_policy(issued_at, version))],
            sealed=False,
        ),
        _Recipe(
            name=post.OFFICERS_NAME,
            kind=ListKind.OFFICERS,
            originator=post.POST,
            digest=source,
            records=lambda *_: [{"officers": [to_plain(officer) for officer in _officers(now)]}],
            sealed=False,
        ),
    )


def _officers(now: datetime) -> list[Officer]:
    ends_at = now + timedelta(days=365)
    return [Officer(one.id, one.name, one.role, make_verifier(one.pin), ends_at) for one in post.OFFICERS]


def _calibration(path: Path, made_of: str, persons: int) -> Calibration:
    """Return the calibration of the list, found once and kept: it holds nothing personal and travels in clear."""
    kept = _read_json(path)
    if kept.get("made_of") == made_of and kept.get("engine") == ENGINE:
        try:
            return Calibration.from_plain(kept)
        except CalibrationError:  # damaged on disk: found again below
            pass
    found = calibrate(lists.watchlist(persons), travellers=TRAVELLERS)
    path.write_text(json.dumps({**found.to_plain(), "made_of": made_of}), encoding="utf-8")
    return found


def _source_digest() -> str:
    """Return a digest of what the lists, policy and officers are made from."""
    sources = (Path(lists.__file__), Path(names.__file__), Path(post.__file__), resource_path("demo/names.toml"))
    return hashlib.sha256(b"\x00".join(path.read_bytes() for path in sources)).hexdigest()


def _publisher_key(path: Path) -> Ed25519PrivateKey:
    """Return the folder's throw-away key, made where there is none."""
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(key.private_bytes_raw())
    return key


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file of notes; a note that is missing or damaged is no note."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
