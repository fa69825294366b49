"""Shared by the line's tests: a booth's side without a store, and one with a real store in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.store import Store
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import FakeClock, create, ram_folder
from tests.sync.fake_centre import NOW, FakeCentre

BOOTH = "booth-1"
T = TypeVar("T")


@dataclass(frozen=True)
class Signing:
    """A booth's name and key, without a store."""

    booth: str = BOOTH
    signing_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)


@dataclass
class OffClock:
    """A wall clock that is off from the centre's time; its monotonic seconds are real."""

    off: timedelta = timedelta()
    started: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=monotonic() - self.started) + self.off

    def monotonic(self) -> float:
        return monotonic()


class MachineClockNow:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()


@contextmanager
def lined(
    centre: FakeCentre, port: int, identity: Signing | None = None, off: timedelta = timedelta()
) -> Iterator[Line]:
    """Yield a line of a confirmed booth to the centre at ``port``."""
    identity = identity or Signing()
    if identity.booth not in centre.booths:
        centre.know(identity.booth, identity.signing_key.public_key())
    line = Line(centre.enrolled(f"https://127.0.0.1:{port}"), identity, OffClock(off))
    try:
        yield line
    finally:
        line.close()


@contextmanager
def stored(events: int = 0) -> Iterator[Store]:
    """Yield a real store with so many events."""
    folder = ram_folder()
    try:
        with create(folder, FakeClock(NOW)) as store:
            write_events(store, events)
            yield store
    finally:
        shutil.rmtree(folder)


def write_events(store: Store, count: int) -> None:
    """Write plain events, many in one transaction."""
    for begin in range(0, count, 500):
        with store.transaction():
            for _ in range(begin, min(count, begin + 500)):
                store.journal.append(EventKind.SIGNED_IN, {"officer": "officer-1"})


def directly(store: Store) -> OnStore:
    """Run work on the store here and now: the test's thread owns it."""

    def on_store(work: Callable[[Store], T]) -> T:
        return work(store)

    return on_store


def lost_and_doubled(centre: FakeCentre, store: Store) -> tuple[int, int]:
    """Count the journal's events that the centre has not, and what it has more than once."""
    booth = store.identity.booth
    have = [(seq, event_id) for name, seq, event_id in centre.stored if name == booth]
    ours = {(event.header.seq, event.header.event_id) for event in store.journal.events()}
    return len(ours - set(have)), len(have) - len(set(have))
