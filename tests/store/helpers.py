"""Shared by the store's tests. Every person here is synthetic."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from checkpoint_app.store import KeyKind, Store, StoreKey
from checkpoint_app.store.keys import FileWitness
from checkpoint_app.wire.case import Case, CaseKind, SeenList
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, PackageHeader
from checkpoint_app.wire.plain import to_plain

KEY = bytes(range(32))
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FAMILY_NAME, GIVEN_NAMES, NUMBER = "ZURRIAGA", "BELISARIO TESTIGO", "X1234567"


def ram_folder() -> Path:
    """Return a new folder in memory where there is one, for tests that prove something else than what a disk does."""
    ram = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=ram if os.access(ram, os.W_OK) else None))


@dataclass
class FakeClock:
    """A clock that the test moves. ``step`` passes with each look at it."""

    time: datetime = START
    step: timedelta = timedelta(seconds=1)
    ticks: float = field(default=0.0)

    def now(self) -> datetime:
        self.time += self.step
        return self.time

    def monotonic(self) -> float:
        self.ticks += self.step.total_seconds()
        return self.ticks


def store_key(folder: Path, key: bytes = KEY, kind: KeyKind = KeyKind.PASSPHRASE) -> StoreKey:
    return StoreKey(kind, key, None if kind is KeyKind.MEMORY else FileWitness(folder, key))


def create(folder: Path, clock: FakeClock | None = None) -> Store:
    return Store.create(folder, store_key(folder), booth="booth-1", clock=clock or FakeClock())


def reopen(folder: Path, clock: FakeClock | None = None, **options: Any) -> Store:
    return Store.open(folder, store_key(folder), clock=clock or FakeClock(), **options)


@contextmanager
def new_store(folder: Path, clock: FakeClock | None = None) -> Iterator[Store]:
    with create(folder, clock) as store:
        yield store


def document(
    number: str = NUMBER, family: str = FAMILY_NAME, birth: str = "740812", issuer: str = "UTO"
) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "document_number": number,
        "family_name": family,
        "given_names": GIVEN_NAMES,
        "birth_date": {"raw": birth, "year": 1900 + int(birth[:2]), "month": int(birth[2:4]), "day": int(birth[4:])},
    }


def read_body(name: str, **changes: Any) -> dict[str, Any]:
    body = {
        "encounter_id": name,
        "direction": "in",
        "lane": "2",
        "officer": "o-1",
        "source": "image",
        "document": document(),
    }
    return {**body, **changes}


def answered_body(name: str, advice: str = "proceed") -> dict[str, Any]:
    return {"encounter_id": name, "verdict": {"advice": advice}, "answers": []}


def decided_body(name: str, disposition: str = "let_pass", **changes: Any) -> dict[str, Any]:
    body = {"encounter_id": name, "disposition": disposition, "reason_code": "", "reason_text": "", "officer": "o-1"}
    return {**body, **changes}


def not_same_body(name: str, until: str = "2027-03-02T08:00:00.000000Z", **changes: Any) -> dict[str, Any]:
    body = {
        "encounter_id": name,
        "person": document(),
        "list": "wanted",
        "entry_id": "e-1",
        "entry_digest": "d" * 64,
        "officer": "o-1",
        "until": until,
    }
    return {**body, **changes}


def one_encounter(store: Store, name: str, disposition: str = "let_pass", advice: str = "proceed", **read: Any) -> None:
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, **read))
    store.journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body(name, advice))
    store.journal.append(EventKind.DISPOSITION, decided_body(name, disposition))


def header(version: int = 1, name: str = "wanted", issued_at: datetime = START) -> PackageHeader:
    return PackageHeader(
        name=name,
        kind=ListKind.PERSONS,
        version=version,
        originator="UTO",
        issued_at=issued_at,
        publisher="a" * 64,
        record_count=1,
        plain_bytes=1,
        payload_bytes=1,
        payload_digest="b" * 64,
    )


def dump(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Return all projected tables, to compare."""
    from checkpoint_app.store.projections import TABLES

    return {table: store._db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


def nothing_in_clear(folder: Path, *words: str) -> None:
    """Assert that no file of the folder, and no file name, holds one of ``words`` in any case, as UTF-8 or UTF-16."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes().lower()
        for word in words:
            assert word.lower().encode() not in data, path.name
            assert word.lower().encode("utf-16-le") not in data, path.name
            assert word.lower() not in path.name.lower()


def picture_body(name: str, size: int = 300) -> dict[str, Any]:
    return {"encounter_id": name, "jpeg": "A" * size, "boxes": []}


def case(case_id: str = "c-1", number: int = 1, encounter: str = "a", **changes: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": case_id,
        "number": number,
        "kind": CaseKind.LATE_HIT,
        "booth": "booth-1",
        "encounter_id": encounter,
        "family_name": FAMILY_NAME,
        "given_names": GIVEN_NAMES,
        "disposition": "let_pass",
        "decided_at": START,
        "decided_by": "o-1",
        "direction_in": True,
        "found": (),
        "seen": (SeenList("wanted", 3),),
        "opened_at": START,
        "due_at": START + timedelta(hours=4),
    }
    return Case(**{**values, **changes})


def received_body(*args: Any, **changes: Any) -> dict[str, Any]:
    return {"case": to_plain(case(*args, **changes))}


def acknowledge_all(store: Store, wanted: tuple[int, ...] = ()) -> None:
    head = store.journal.head()
    store.delivery.acknowledge(head.seq, head.hash, wanted)
