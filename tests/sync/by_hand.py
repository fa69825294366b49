"""A centre and booths of one post that have no line at all: what passes between them is carried in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import booths, bundles, bundling, identity
from checkpoint_app.central.bundles import Received
from checkpoint_app.central.centre import Centre
from checkpoint_app.store import Store
from checkpoint_app.sync.bundle_down import Imported, import_bundle
from checkpoint_app.sync.bundle_up import Exported, export_up
from checkpoint_app.sync.centre_key import stating
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.wire.enrolment import BoothState, request_enrolment
from checkpoint_app.wire.event import EventKind
from tests.central.helpers import POST, Clock
from tests.central.line import made
from tests.store.helpers import FakeClock, store_key

T = TypeVar("T")


@dataclass
class HandBooth:
    """A booth that was enrolled, and had no line since. ``stick`` is where its bundles are written."""

    centre: Centre
    store: Store
    folder: Path
    stick: Path
    clock: FakeClock

    @property
    def name(self) -> str:
        return self.store.identity.booth

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def metadata(self) -> Path:
        return self.folder / "data" / "repository"

    def on_store(self, work: Callable[[Store], T]) -> T:
        return work(self.store)

    def close(self) -> None:
        """Close the store, so that another process can open it."""
        self.store.close()

    def open(self) -> None:
        """Open the store again, as after a kill."""
        data = self.folder / "data"
        self.store = Store.open(data, store_key(data), clock=self.clock)

    def write(self, count: int = 3) -> None:
        """Write plain events."""
        for _ in range(count):
            self.store.journal.append(EventKind.SIGNED_IN, {"officer": "officer-1"})

    def export(self, name: str = "up.bundle", **how: int) -> tuple[Path, Exported]:
        """Write the bundle for the centre."""
        path = self.stick / name
        return path, export_up(self.on_store, path, **how)

    def take(self, path: Path) -> Imported:
        """Import a bundle."""
        with path.open("rb") as file:
            return import_bundle(file, self.on_store, self.inbox, self.metadata, clock=self.clock)

    def apply(self) -> dict[str, int]:
        """Put what lies in the inbox folder in force, and return the versions of the lists."""
        records = Records(self.store)
        apply_inbox(records, self.inbox)
        return dict(records.versions())

    def send(self) -> Received:
        """Carry everything to the centre."""
        path, _done = self.export()
        return bundles.receive_bundle(self.centre, path)


@dataclass
class Hands:
    """A centre, its clock, and its booths by name."""

    centre: Centre
    clock: Clock
    folder: Path
    stack: ExitStack
    booths: dict[str, HandBooth] = field(default_factory=dict)

    def booth(self, name: str = "booth-1", post: str = POST) -> HandBooth:
        """Return the booth, which is set up, enrolled and confirmed when it is asked for first."""
        if name in self.booths:
            return self.booths[name]
        folder, stick = self.folder / name, self.folder / "stick"
        for each in (folder / "data", folder / "inbox", stick):
            each.mkdir(parents=True, exist_ok=True)
        own = FakeClock(self.clock.now(), step=timedelta(0))
        own.now = self.clock.now  # type: ignore[method-assign]
        store = Store.create(folder / "data", store_key(folder / "data"), booth=name, clock=own)
        keys = booth_keys(store.identity)
        booths.enrol(self.centre, request_enrolment(booths.new_code(self.centre, name, post), keys))
        booths.confirm(self.centre, name, keys.fingerprint)
        with self.centre.begin() as connection:
            anchors = identity.anchors(self.centre, connection)
            stated = identity.exchange_statement(self.centre, connection)
        audience = identity.audience(self.centre)
        first = Enrolled("https://127.0.0.1:1", anchors, audience, post, self.clock.now(), BoothState.CONFIRMED)
        put_enrolled(store, stating(first, stated))
        booth = HandBooth(self.centre, store, folder, stick, own)
        self.stack.callback(lambda: booth.store.close())  # noqa: PLW0108  the store of then
        self.booths[name] = booth
        return booth

    def bring(self, name: str = "booth-1", file: str = "down.bundle", **how: bool) -> Path:
        """Write the centre's bundle for a booth."""
        path = self.folder / "stick" / file
        bundling.export_down(self.centre, name, path, **how)
        return path


@contextmanager
def hands(folder: Path) -> Iterator[Hands]:
    """Return a block with a centre and no booth yet."""
    clock = Clock()
    with made(folder / "centre", clock) as centre, ExitStack() as stack:
        yield Hands(centre, clock, folder, stack)


@contextmanager
def hands_of(centre: Centre, folder: Path) -> Iterator[Hands]:
    """Return a block with a centre that is there already; its booths' clocks stand at the centre's time."""
    with ExitStack() as stack:
        yield Hands(centre, Clock(centre.now()), folder, stack)
