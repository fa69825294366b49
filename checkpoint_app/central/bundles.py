"""Bundles at the centre: what a booth sent by hand is taken as if it had come by the line, once and in order."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlalchemy import Connection, Row, select

from checkpoint_app.central import acts, cases, database, delivery, identity
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.files import open_regular
from checkpoint_app.central.known_of import last_case_at
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire import packing
from checkpoint_app.wire.batch import BatchError, read_batch
from checkpoint_app.wire.bundle import BoothPlace, BundleHeader, BundleKind, open_bundle
from checkpoint_app.wire.bundle_parts import (
    MAX_LATE_BODY_BYTES,
    MOST_BYTES,
    BundleCode,
    BundleError,
    PartKind,
    PartReader,
)
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.delivery import Batch, LateBody
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import PlainError, from_plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received:
    """What a bundle brought that was new here; ``refused`` is why the rest was not taken, empty when all was."""

    bundle: str
    booth: str
    events: int
    bodies: int
    acknowledged: int
    refused: str = ""
    why: str = ""


def receive_bundle(centre: Centre, path: Path) -> Received:
    """Take the bundle at ``path`` of a confirmed booth: each event and body once, in order; that it was is an act.

    What follows a part that is refused (``fork``, ``gap``, …) or damaged is left; to take the same bundle again is
    harmless. Raises BundleError and CentreError (``booth_revoked``, …) where nothing of it can be taken.
    """
    with opened_file(path) as file:
        key = retried(centre, lambda connection: identity.exchange_key(centre, connection))
        header, parts = open_bundle(file, key)
        if header.kind is not BundleKind.UP:
            raise BundleError(BundleCode.OTHER_KIND, "it is not from a booth to the centre")
        _check_sender(centre, header)
        return _Taking(centre, header).run(parts)


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Return a block with the file open for reading. Raises BundleError."""
    try:
        file = open_regular(path)
    except OSError as error:
        raise BundleError(BundleCode.UNREADABLE, f"{path.name}: it cannot be read: {error.strerror}") from error
    with file:
        yield file


def _check_sender(centre: Centre, header: BundleHeader) -> None:
    """Refuse whoever is not, as the centre knows it, a confirmed booth of that key. Raises CentreError."""
    with centre.begin() as connection:
        row = booth_row(connection, header.sender)
    if row is None:
        raise CentreError("booth_unknown", f"{header.sender}: no such booth is enrolled here", 404)
    if not hmac.compare_digest(row.signing_key, header.sender_key):
        raise CentreError("booth_other_key", f"{header.sender}: the bundle is signed by another key than the booth's")
    if row.state == BoothState.REVOKED:
        raise CentreError("booth_revoked", f"{header.sender}: it was revoked; nothing of it is taken")
    if row.state != BoothState.CONFIRMED:
        raise CentreError("booth_pending", f"{header.sender}: it waits to be confirmed; then import the bundle again")


def booth_row(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    """Return the row of a booth, None for one that is unknown."""
    return connection.execute(select(database.booths).where(database.booths.c.name == name)).one_or_none()


class _Taking:
    """One bundle on its way in."""

    def __init__(self, centre: Centre, header: BundleHeader) -> None:
        self._centre = centre
        self._header = header
        self._booth = header.sender
        self._bodies = 0

    def run(self, parts: PartReader) -> Received:
        before = delivery.acknowledgement(self._centre, self._booth)
        refused = why = ""
        try:
            for part in parts.parts():
                self._take(part.kind, parts.read(part))
        except (BundleError, CentreError) as error:
            refused, why = str(error.code), str(error)
        after = delivery.acknowledgement(self._centre, self._booth)
        new = after.seq - before.seq if after.chain == before.chain else after.seq
        received = Received(self._header.bundle, self._booth, new, self._bodies, after.seq, refused, why)
        retried(self._centre, lambda connection: self._note(connection, received))
        return received

    def _take(self, kind: PartKind, data: bytes) -> None:
        if kind is PartKind.BATCH:
            delivery.receive(self._centre, self._booth, _batch(data))
        elif kind is PartKind.BODY:
            late = _late_body(data)
            wanted = self._is_wanted(late.seq)
            delivery.take_body(self._centre, self._booth, late)
            self._bodies += wanted
        elif kind is PartKind.PLACE:
            retried(self._centre, self._placing(_parsed(BoothPlace, data, MOST_BYTES[kind])))

    def _placing(self, place: BoothPlace) -> Callable[[Connection], bool]:
        """Return what lets the inbox go on where the booth is; an older bundle than its events here says nothing."""

        def work(connection: Connection) -> bool:
            if place.after < last_case_at(self._centre, connection, self._booth):
                return False
            return cases.find_place(self._centre, connection, self._booth, place.after, place.seen)

        return work

    def _is_wanted(self, seq: int) -> bool:
        bodies = database.bodies
        of_event = (bodies.c.booth == self._booth) & (bodies.c.seq == seq)
        state = select(bodies.c.state).where(of_event).order_by(bodies.c.chain.desc()).limit(1)
        with self._centre.begin() as connection:
            return connection.scalar(state) == delivery.WANTED

    def _note(self, connection: Connection, received: Received) -> None:
        about: dict[str, str | int | bool] = {
            "booth": received.booth,
            "bundle": received.bundle,
            "events": received.events,
            "bodies": received.bodies,
            "refused": received.refused,
        }
        acts.act(self._centre, connection, "bundle imported", about)


def _batch(data: bytes) -> Batch:
    try:
        return read_batch(data)
    except BatchError as error:
        raise BundleError(BundleCode.MALFORMED, f"a batch in it is none: {error}") from error


def _late_body(data: bytes) -> LateBody:
    try:
        return _parsed(LateBody, packing.unpack(data, MAX_LATE_BODY_BYTES), MAX_LATE_BODY_BYTES)
    except packing.PackingError as error:
        raise BundleError(BundleCode.MALFORMED, f"a body in it is none: {error}") from error


def _parsed(cls: type[T], data: bytes, most: int) -> T:
    try:
        return from_plain(cls, read_canonical(data, most))
    except (CanonicalError, PlainError) as error:
        raise BundleError(BundleCode.MALFORMED, f"a {cls.__name__} in it is none: {error}") from error
