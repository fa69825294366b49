"""Lists and policies as the centre keeps them, put straight into its folder and its database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from checkpoint_app.central import database, lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.screening import ENGINE, Calibration, entry_to_plain, number_to_plain
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDate, ListedNumber, Name
from checkpoint_app.screening.numbers.build import builder_of
from checkpoint_app.verdict import Check, Outcome, Policy, Requirement
from checkpoint_app.wire.header import ListKind, PackageHeader
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.sealing import new_key

PUBLISHER = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
CALIBRATION = Calibration(ENGINE, threshold=8000, promised=1000, expected=1000, travellers=1, persons=1, seed=1)
MUSTER = Entry("ECU-1", "Person", (Name("MUSTER", "Erika"),), (ListedDate("1974-08-12", "1974-08-12"),), "F", ("UTO",))
EJEMPLO = Entry(
    "ECU-2", "Person", (Name("EJEMPLO", "Pedro"),), (ListedDate("1980-01-31", "1980-01-31"),), "M", ("UTO",)
)
STOLEN = ListedNumber("X1234567", "UTO", DocumentCategory.STOLEN)


def publish(
    centre: Centre,
    name: str,
    entries: Iterable[Entry | ListedNumber | Mapping[str, Any]],
    version: int = 1,
    *,
    silent: bool = False,
    issued_at: datetime | None = None,
    calibration: Calibration | None = CALIBRATION,
) -> PackageHeader:
    """Put a version of a list into use; what it holds tells its kind."""
    records = [_plain(entry) for entry in entries]
    kind = _kind(records)
    issued_at, content_key = issued_at or centre.now() - timedelta(hours=1), new_key()
    path = lists.package_path(centre, name, version)
    path.parent.mkdir(exist_ok=True)
    plain = calibration.to_plain() if calibration and kind is ListKind.PERSONS else None
    if kind is ListKind.DOCUMENTS:
        numbers = builder_of(records)
        records, plain = list(numbers.records()), numbers.counts
    with path.open("wb") as file:
        header = write_package(
            file, records, PUBLISHER, name=name, kind=kind, version=version, originator=name,
            issued_at=issued_at, content_key=content_key, handling=("LE-ONLY",), calibration=plain,
        )  # fmt: skip
    with centre.begin() as connection:
        if connection.scalar(select(database.lists.c.name).where(database.lists.c.name == name)) is None:
            row = {"name": name, "kind": kind.value, "originator": name, "silent": silent}
            connection.execute(database.lists.insert().values(**row))
        row = {
            "list": name,
            "version": version,
            "state": "ready" if silent else "published",
            "issued_at": to_plain(issued_at),
            "records": header.entries,
            "key_id": header.key_id,
            "digest": header.payload_digest,
            "change": "{}",
            "imported_at": to_plain(centre.now()),
            "imported_by": "a.muster",
        }
        connection.execute(database.versions.insert().values(**row))
        centre.keep_secret(connection, lists.content_secret(name, version), content_key)
    return header


def policy(*asked: tuple[Check, str], version: int = 1, name: str = "policy") -> Policy:
    """Return a post's policy; without ``asked`` any list of each kind."""
    every = asked or ((Check.LOST_STOLEN, ""), (Check.WANTED, ""))
    return Policy(
        name=name,
        version=version,
        issued_at=datetime.fromisoformat("2026-11-01T00:00:00+00:00"),
        required=(Requirement(Check.DOCUMENT), *(Requirement(check, on) for check, on in every)),
        outcomes={"lost_stolen.possible": Outcome.NOTE, "wanted.cleared_before": Outcome.NOTE},
    )


def publish_policy(centre: Centre, one: Policy | None = None) -> Policy:
    """Put a policy into use."""
    one = one or policy()
    publish(centre, one.name, [to_plain(one)], one.version)
    return one


def _plain(entry: Entry | ListedNumber | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(entry, Entry):
        return entry_to_plain(entry)
    return number_to_plain(entry) if isinstance(entry, ListedNumber) else entry


def _kind(records: list[Mapping[str, Any]]) -> ListKind:
    first = records[0]
    return ListKind.PERSONS if "id" in first else ListKind.DOCUMENTS if "number" in first else ListKind.POLICY
