"""What the tests of importing and publishing share: small lists, a partner, and a booth's own updater."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from checkpoint_app.central import agreements, importing, publishing
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.importing import Imported, Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.screening import ENGINE, Calibration
from checkpoint_app.verdict import Check, Policy, Requirement
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.repository import CUSTOM, delta_path, target_path
from tests.central.helpers import START

PARTNER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
CALIBRATION = Calibration(ENGINE, 9400, 1000, 900, 3000, 20, 1)
END = START + timedelta(days=200)

OWN = Declared("ECU", ListKind.PERSONS, "ECU", handling=("LE-ONLY",))
NUMBERS = Declared("INTL", ListKind.DOCUMENTS, "INTL")
SILENT = Declared("QUIET", ListKind.PERSONS, "ECU", silent=True)
POLICY = Declared("policy", ListKind.POLICY, "post")
THEIRS = Declared("USA", ListKind.PERSONS, "USA", "EC-US", PARTNER.public_key().public_bytes_raw())


def persons(count: int = 20, given: str = "Eva") -> list[dict[str, Any]]:
    """Return records of invented persons."""
    return [
        {"id": f"L{n}", "schema": "Person", "names": [{"family": f"MUSTER{n}", "given": given}]} for n in range(count)
    ]


def wordy(count: int = 200, seed: int = 1, **changes: str) -> list[dict[str, Any]]:
    """Return records of invented persons with remarks that compression does not shorten; ``changes`` are by id."""
    drawn = random.Random(seed)
    return [
        {**record, "remarks": changes.get(record["id"], "") + drawn.randbytes(60).hex()} for record in persons(count)
    ]


def numbers(count: int = 20) -> list[dict[str, Any]]:
    """Return records of invented document numbers."""
    return [{"number": f"X{n:07}", "issuer": "UTO", "category": "stolen"} for n in range(count)]


def policy_of(version: int, **changes: Any) -> dict[str, Any]:
    """Return the plain form of a small policy."""
    return to_plain(Policy("policy", version, START, (Requirement(Check.WANTED, "ECU"),), {}, **changes))


def bring(centre: Centre, one: Declared, records: Iterable[dict[str, Any]] | None = None, **changes: Any) -> Imported:
    """Import a version, issued now."""
    made = list(records if records is not None else numbers() if one.kind is ListKind.DOCUMENTS else persons())
    material = Material(
        **{"records": lambda _version: made, "issued_at": centre.now(), "calibration": CALIBRATION} | changes
    )
    return importing.import_version(centre, one, material)


def bring_policy(centre: Centre, **changes: Any) -> Imported:
    """Import a version of the policy."""
    material = Material(lambda version: [policy_of(version, **changes)], centre.now())
    return importing.import_version(centre, POLICY, material)


def conclude(centre: Centre, name: str = "EC-US") -> None:
    """Conclude an agreement from yesterday until END."""
    with centre.begin() as connection:
        agreements.add(centre, connection, Concluded(name, "USA", START - timedelta(days=1), END))


def make_repository(centre: Centre) -> bytes:
    """Make the centre's repository and return its root."""
    with centre.begin() as connection:
        return publishing.create_repository(centre, connection)


class _Files(FetcherInterface):
    """Fetches from a folder, as if it were served."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self._folder / url.removeprefix("http://centre/")
        if not path.exists():
            raise DownloadHTTPError("missing", 404)
        yield path.read_bytes()


class Booth:
    """A booth's trusted metadata, and what it would fetch now."""

    def __init__(self, centre: Centre, root: bytes, folder: Path) -> None:
        self._centre, self._root, self._folder = centre, root, folder
        folder.mkdir(parents=True)

    def updater(self) -> Updater:
        """Return a fresh updater over what is trusted so far, by the centre's clock."""
        updater = Updater(
            str(self._folder), "http://centre/metadata", str(self._folder), "http://centre/targets",
            _Files(self._centre.folder / "repository"), bootstrap=self._root,
        )  # fmt: skip
        updater._trusted_set.reference_time = self._centre.now()  # type: ignore[attr-defined]
        return updater

    def info(self, name: str) -> TargetFile | None:
        """Return the target of a list, after a refresh. Raises what the updater raises."""
        return self.updater().get_targetinfo(target_path(name))

    def version(self, name: str) -> int:
        """Return the version of a list that the repository serves, 0 for none."""
        info = self.info(name)
        return info.custom[CUSTOM]["version"] if info else 0

    def package(self, name: str) -> bytes:
        """Return the verified package of a list."""
        found = self._fetched(target_path(name))
        assert found is not None
        return found

    def delta(self, name: str, base: int, version: int) -> bytes | None:
        """Return the verified delta of a list between two versions; None where there is none."""
        return self._fetched(delta_path(name, base, version))

    def _fetched(self, path: str) -> bytes | None:
        updater = self.updater()
        info = updater.get_targetinfo(path)
        return None if info is None else Path(updater.download_target(info)).read_bytes()
