"""The bundle from booth to centre: everything that a line would deliver, sealed to the centre's key."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from checkpoint_app.store.files import disk_errors, fill_whole
from checkpoint_app.store.identity import Identity
from checkpoint_app.store.store import Store
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire import packing
from checkpoint_app.wire.batch import write_batch
from checkpoint_app.wire.bundle import Address, BoothPlace, BundleKind, begin_bundle
from checkpoint_app.wire.bundle_parts import MOST_PARTS, PartKind, PartWriter
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.delivery import Batch, LateBody, Parcel
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain

BATCH_BYTES = 1 << 20
PICTURES_BYTES = 512 << 20
"""How many bytes of pictures go along, if nobody says otherwise: at most."""
MOST_PICTURES = MOST_PARTS // 2
Told = Callable[[int, int], None]
"""Hears how much is done, and of how much: events."""


class NoBundleError(Exception):
    """There can't be such a bundle yet; ``code`` is a stable word, the message one clear line with the cure."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Exported:
    """What went into a bundle: events and pictures to the centre, or lists to another booth.

    ``not_whole`` are the lists of which this booth has at most changes: who has none of them gets them by no bundle
    of another booth.
    """

    bundle: str
    receiver: str
    events: int = 0
    pictures: int = 0
    pictures_left: int = 0
    lists: int = 0
    not_whole: tuple[str, ...] = ()


def nothing_told(_done: int, _of: int) -> None:
    """Tell nobody."""


def export_up(
    on_store: OnStore, path: Path, *, most_picture_bytes: int = PICTURES_BYTES, told: Told = nothing_told
) -> Exported:
    """Write all that the centre has not acknowledged to ``path``, whole or not at all, and that it was done.

    Raises NoBundleError, and StoreError for the disks of booth and stick.
    """
    start = on_store(_start)

    def fill(file: BinaryIO) -> Exported:
        me = start.identity
        header, parts = begin_bundle(file, BundleKind.UP, me.booth, me.signing_key, start.centre, start.now)
        parts.add(PartKind.PLACE, canonical_bytes(to_plain(start.place)))
        writing = _Writing(on_store, parts, start, told)
        events = writing.events()
        pictures, left = writing.pictures(most_picture_bytes)
        parts.close()
        sync_file(file)
        done = Exported(header.bundle, start.centre.name, events, pictures, left)
        on_store(lambda store: note_exported(store, BundleKind.UP, done))
        return done

    with disk_errors("bundle"):
        return fill_whole(path, fill)


def sync_file(file: BinaryIO) -> None:
    """Make what was written durable: it is written down that there is a bundle when there is one. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def note_exported(store: Store, kind: BundleKind, done: Exported) -> None:
    """Write down that a bundle was made."""
    counts = {"events": done.events, "pictures": done.pictures, "lists": done.lists}
    body = {"bundle": done.bundle, "kind": kind.value, "receiver": done.receiver, **counts}
    store.journal.append(EventKind.BUNDLE_EXPORTED, body)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where an export begins: after the last event acknowledged, with the wanted bodies of those before."""

    identity: Identity
    centre: Address
    now: datetime
    place: BoothPlace
    after: int
    last: int
    wanted: tuple[int, ...]


def _start(store: Store) -> _Start:
    enrolled = enrolled_of(store)
    if enrolled is None:
        raise NoBundleError("not_enrolled", "this booth is not enrolled; `checkpoint enrol` does it")
    if not enrolled.exchange_key:
        cure = "let it have a line once, or import a bundle of the centre's"
        raise NoBundleError("no_centre_key", f"the centre's key for bundles is not known here yet; {cure}")
    return _Start(
        store.identity,
        Address(enrolled.audience, enrolled.exchange_key),
        store.time.now(),
        BoothPlace(store.cases.last_number(), store.cases.last_digest() or ""),
        store.delivery.acknowledged().seq,
        store.journal.head().seq,
        tuple(store.delivery.owed(MOST_PICTURES)),
    )


class _Writing:
    """Writes the parts of one export, a batch or a picture in memory at a time."""

    def __init__(self, on_store: OnStore, parts: PartWriter, start: _Start, told: Told) -> None:
        self._on_store = on_store
        self._parts = parts
        self._start = start
        self._told = told
        self._later = list(start.wanted)

    def events(self) -> int:
        """Write the events up to the last at the beginning, and return how many."""
        start, after = self._start, self._start.after
        while after < start.last:
            parcels = self._parcels(after)
            if not parcels:
                break
            self._later += [seq for seq, one in enumerate(parcels, after + 1) if one.body is None]
            self._parts.add(PartKind.BATCH, write_batch(Batch(start.identity.booth, tuple(parcels))))
            after += len(parcels)
            self._told(after - start.after, start.last - start.after)
        return after - start.after

    def pictures(self, most_bytes: int) -> tuple[int, int]:
        """Write the bodies that follow their events, in order, and return how many, and how many had no room."""
        begun = self._parts.bytes
        for done, seq in enumerate(self._later):
            if self._parts.bytes - begun >= most_bytes or done >= MOST_PICTURES:
                return done, len(self._later) - done
            self._parts.add(PartKind.BODY, packing.pack(canonical_bytes(to_plain(self._body(seq)))))
        return len(self._later), 0

    def _parcels(self, after: int) -> list[Parcel]:
        return self._on_store(lambda store: store.delivery.parcels(after, BATCH_BYTES))

    def _body(self, seq: int) -> LateBody:
        return self._on_store(lambda store: store.delivery.late_body(seq))
