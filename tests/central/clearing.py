"""Booths with real stores beside a centre: they decide, deliver, and take over the list of clearances."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from checkpoint_app.booth.lists.list_updates import Small, apply_small
from checkpoint_app.booth.record.encounter import Encounter, ReadSource
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import carrying, database, delivery, keeping, lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.files import locked
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening.checks import Prior
from checkpoint_app.store import Store
from checkpoint_app.wire.clearance import CLEARANCES, Clearances, read_clearances
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import read_header
from checkpoint_app.wire.package import iter_records
from tests.booth.states import candidate
from tests.central.helpers import START, Clock, enrolled
from tests.store.helpers import store_key

OFFICER, SUPERVISOR = "o.muster", "s.muster"
ENTRY = ("ECU", "E-1", "a" * 64)


class OneClock(Clock):
    """A clock for the centre and all booths, which moves only when it is moved."""

    def monotonic(self) -> float:
        """Return the seconds since the test began."""
        return (self.at - START).total_seconds()


@dataclass
class Booth:
    """One booth: its store, and how far it has delivered."""

    name: str
    store: Store
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.store)

    def decide(
        self,
        lines: tuple[str, ...],
        entry: tuple[str, str, str] = ENTRY,
        *,
        officer: str = OFFICER,
        supervisor: str = SUPERVISOR,
        days: int = 365,
    ) -> str:
        """Decide that a traveller is not an entry's person; returns the event's id."""
        list_name, entry_id, digest = entry
        by = {"officer": officer, "supervisor": supervisor, "reason_code": "compared", "reason_text": ""}
        one = candidate(entry_id, entry_digest=digest)
        self.records.not_same(encounter(lines, self.records.trusted_now()), list_name, one, decided=by, days=days)
        return list(self.store.journal.events())[-1].header.event_id

    def deliver(self, centre: Centre) -> None:
        """Deliver all events again, as a booth may."""
        parcels = tuple(self.store.delivery.parcels(0, 1 << 22))
        delivery.receive(centre, self.name, Batch(self.name, parcels))

    def take(self, issued: Issued) -> None:
        """Put a version of the list in force. Raises OlderVersionError."""
        apply_small(self.records, issued.small)

    def prior(self, lines: tuple[str, ...], entry: tuple[str, str, str] = ENTRY) -> Prior | None:
        """Return the decision by which a traveller is not taken for an entry's person, now."""
        list_name, entry_id, digest = entry
        asked = self.records.cleared(encounter(lines, START), self.records.trusted_now())
        return asked(list_name, candidate(entry_id, entry_digest=digest))


@dataclass(frozen=True)
class Issued:
    """A version of the list of clearances, and what it says."""

    version: int
    small: Small
    said: Clearances


@functools.cache
def encounter(lines: tuple[str, ...], opened_at: datetime) -> Encounter:
    return Encounter("e-1", opened_at, ReadSource.IMAGE, direction_in=True, mrz=parse_mrz(lines, opened_at.date()))


def new_booth(centre: Centre, name: str, folder: Path, clock: OneClock, post: str = "") -> Booth:
    """Return a booth that the centre knows, and that trusts it."""
    store = Store.create(folder, store_key(folder), booth=name, clock=clock)
    enrolled(centre, name)
    values = {"signing_key": store.identity.public_bytes, "post": post or f"Paso {name}"}
    with centre.begin() as connection:
        connection.execute(update(database.booths).where(database.booths.c.name == name).values(**values))
    store.journal.append(EventKind.STARTED, {})
    from checkpoint_app.store.trust import put_trust

    with centre.begin() as connection:
        put_trust(store, {CLEARANCES: keeping.publisher(centre, connection, CLEARANCES).public_key()}, 1)
    return Booth(name, store)


def issue(centre: Centre) -> Issued | None:
    """Return the newest version of the list, a new one where it is due; None before the first."""
    with locked(centre.folder / "lists"):
        carrying.issue(centre)
    with centre.begin() as connection:
        one = lists.approved(centre, connection, CLEARANCES)
        signer = keeping.publisher(centre, connection, CLEARANCES)
    if one is None:
        return None
    with one.path.open("rb") as stream:
        header = read_header(stream, {CLEARANCES: signer.public_key()})
        said = read_clearances(iter_records(stream, header, one.content_key))
    return Issued(header.version, Small(header, one.path.read_bytes(), one.content_key), said)


def days(count: float) -> timedelta:
    return timedelta(days=count)
