"""Messages as they rest in the store: every line by itself, found by its numbers, until the policy's days are over.

A passenger list rests the same way, for whoever screens it: its head at ``HEAD``, then each passenger, or each booking.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from checkpoint_app.booth.goods.goods_links import manifest_marks
from checkpoint_app.booth.record.cargo_values import plain_of, value_of
from checkpoint_app.booth.record.consignment import ConsignmentRead, Listed, consignments_of, fitted, numbers_of
from checkpoint_app.booth.record.records import Records
from checkpoint_app.cargo.crosschecks import findings_of
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.values import Consignment, ListedDocument, Message, Passenger, PassengerList, Pnr
from checkpoint_app.store.manifests import CONSIGNMENT, PASSENGER, Item, Manifest
from checkpoint_app.wire.event import EventKind

MOST_LISTED = 1_000
HEAD = -1
"""The place of what a passenger list says of the whole."""
_PERSON, _BOOKING = "passenger", "pnr"
_MOST_FAULTS = 200
_A_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message made ready for the store: what it said, the digest of its bytes (hex), its lines in plain form."""

    message: Message
    digest: str
    read_at: datetime
    items: tuple[Item, ...]
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the store: which, whether it was there before, and what there is to choose from."""

    manifest: Manifest
    known: bool
    listed: tuple[Listed, ...]
    message: Message


def prepare(message: Message, digest: str, now: datetime) -> Prepared:
    """Make a message ready; ``now`` is the trusted time. It may take seconds: not for the database's thread."""
    if isinstance(message, PassengerList):
        return Prepared(message, digest, now, tuple(_items_of_people(message)))
    as_a_whole = findings_of(message, Consignment())
    items: list[Item] = []
    listed: list[Listed] = []
    for whole in consignments_of(message, now, as_a_whole):
        read, plain = fitted(whole)
        items.append(Item(read.place, plain, numbers_of(whole) | manifest_marks(whole.consignment)))
        if len(listed) < MOST_LISTED:
            listed.append(Listed.of("", read))
    return Prepared(message, digest, now, tuple(items), tuple(listed))


def keep(records: Records, prepared: Prepared, officer: str) -> Kept:
    """Write a message down, or find it where it was laid down before. Raises StoreError."""
    message, items = prepared.message, prepared.items
    before = records.store.manifests.by_digest(prepared.digest)
    if before is not None:
        return Kept(before, True, listed_of(records, before), message)
    holds = PASSENGER if isinstance(message, PassengerList) else CONSIGNMENT
    count = len(people_of(message)) if isinstance(message, PassengerList) else len(items)
    manifest = Manifest(
        str(uuid.uuid4()), holds, message.kind, message.version or "", prepared.read_at, prepared.digest, count
    )
    with records.store.transaction():
        records.store.manifests.put(manifest, items)
        records.write(EventKind.MANIFEST_RECEIVED, _body(manifest, message, officer))
    return Kept(manifest, False, tuple(replace(one, manifest=manifest.manifest) for one in prepared.listed), message)


def listed_of(records: Records, manifest: Manifest) -> tuple[Listed, ...]:
    """Return the first consignments of a manifest, as a listing shows them. Raises StoreError, PlainError."""
    if manifest.holds != CONSIGNMENT:
        return ()
    items = records.store.manifests.items(manifest.manifest, limit=MOST_LISTED)
    return tuple(Listed.of(manifest.manifest, ConsignmentRead.from_plain(item.data), item.place) for item in items)


def people_of(people: PassengerList) -> tuple[Passenger, ...]:
    """Return everybody on a list, in its order: of bookings too."""
    return (*people.passengers, *(one for booking in people.pnrs for one in booking.passengers))


def passenger_list(records: Records, manifest: str) -> PassengerList | None:
    """Return a passenger list that was received; None once its days are over. Raises StoreError, PlainError."""
    head = records.store.manifests.item(manifest, HEAD)
    if head is None:
        return None
    passengers: list[Passenger] = []
    bookings: list[Pnr] = []
    after = HEAD
    while page := records.store.manifests.items(manifest, after, _A_PAGE):
        after = page[-1].place
        passengers += [value_of(Passenger, one.data[_PERSON]) for one in page if _PERSON in one.data]
        bookings += [value_of(Pnr, one.data[_BOOKING]) for one in page if _BOOKING in one.data]
    return replace(value_of(PassengerList, head), passengers=tuple(passengers), pnrs=tuple(bookings))


def forget_manifests(records: Records, keep_for: timedelta) -> int:
    """Delete manifests older than ``keep_for`` by the earlier of both clocks; without a signed moment nothing is."""
    seen = records.store.time.seen
    return 0 if seen is None else records.store.manifests.forget(min(records.store.time.wall(), seen) - keep_for)


def _items_of_people(people: PassengerList) -> Iterator[Item]:
    yield Item(HEAD, plain_of(replace(people, passengers=(), pnrs=())))
    lines: list[tuple[str, Passenger | Pnr]] = [(_PERSON, one) for one in people.passengers]
    lines += [(_BOOKING, one) for one in people.pnrs]
    for place, (name, line) in enumerate(lines):
        yield Item(place, {name: plain_of(line)}, _numbers(_documents(line)))


def _documents(line: Passenger | Pnr) -> Iterator[ListedDocument]:
    yield from line.documents
    for one in line.passengers if isinstance(line, Pnr) else ():
        yield from one.documents


def _numbers(documents: Iterator[ListedDocument]) -> frozenset[str]:
    return frozenset(plain_number(one.number) for one in documents if one.number)


def _body(manifest: Manifest, message: Message, officer: str) -> dict[str, Any]:
    faults = [f"{fault.tag}:{fault.code}:{fault.where}"[:100] for fault in message.faults[:_MOST_FAULTS]]
    counted = {manifest.holds: manifest.items, "faults": len(message.faults)}
    if message.declared is not None:
        counted["declared"] = message.declared
    return {
        "manifest": manifest.manifest,
        "kind": manifest.kind,
        "version": manifest.version,
        "message": manifest.digest,
        "officer": officer,
        "counted": counted,
        "faults": faults,
    }
