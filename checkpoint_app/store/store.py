"""One booth's data folder, open: the encrypted database with all that rests in it. One process, one thread."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from checkpoint_app.store.arrivals import Arrivals
from checkpoint_app.store.cases import Cases
from checkpoint_app.store.clearances import ClearedPairs
from checkpoint_app.store.connection import Database, open_database
from checkpoint_app.store.crossed import CrossedHere
from checkpoint_app.store.crossed_goods import CrossedGoods
from checkpoint_app.store.delivery import Delivery
from checkpoint_app.store.draws import Draws
from checkpoint_app.store.errors import DiskFullError, StoreError, StoreExistsError, StoreMissingError
from checkpoint_app.store.files import FolderLock, disk_errors, sync_folder
from checkpoint_app.store.head import HeadKeeper, WitnessState
from checkpoint_app.store.identity import create_identity, load_identity
from checkpoint_app.store.inspections import Inspections
from checkpoint_app.store.journal import Journal
from checkpoint_app.store.keys import KeyKind, StoreKey, key_kind, write_key_file
from checkpoint_app.store.leases import Leases
from checkpoint_app.store.line_history import LineHistory
from checkpoint_app.store.lists import Lists
from checkpoint_app.store.manifests import Manifests
from checkpoint_app.store.migrations import migrate
from checkpoint_app.store.officers import Officers
from checkpoint_app.store.projections import Projections
from checkpoint_app.store.rescreened import Rescreened
from checkpoint_app.store.reserve import Reserve
from checkpoint_app.store.rule_counts import RuleCounts
from checkpoint_app.store.signed_objects import SignedObjects
from checkpoint_app.store.trusted_time import Clock, MachineClock, TrustedTime
from checkpoint_app.wire.event import GENESIS

DATABASE_FILE = "booth.db"
_NEW_FILE = "booth.new"
_BESIDE = ("", "-wal", "-shm", "-journal")


class Store:
    """The open store. Made by ``create`` or ``open`` on the thread that will own it; every use elsewhere is refused.

    Parts: ``journal``, ``projections``, ``lists``, ``leases``, ``officers``, ``signed``, ``identity``, ``time``,
    ``reserve``, ``delivery``, ``cases``, ``clearances``, ``rescreened``, ``line_history``.
    ``key_kind`` tells who keeps the key, ``migrated`` the steps done at this open, ``witness_state`` what the witness
    beside the key says of the journal.
    """

    def __init__(self, folder: Path, key: StoreKey, db: Database, lock: FolderLock, clock: Clock) -> None:
        self._db = db
        self._lock = lock
        self.folder = folder
        self.key_kind: KeyKind = key.kind
        self.migrated = migrate(db)
        self.identity = load_identity(db)
        self.time = TrustedTime(db, clock)
        self.reserve = Reserve(folder)
        self.projections = Projections(db)
        self._keeper = HeadKeeper(key.witness)
        self.journal = Journal(
            db,
            identity=self.identity,
            projections=self.projections,
            time=self.time,
            reserve=self.reserve,
            keeper=self._keeper,
        )
        self.signed = SignedObjects(db, self.time)
        self.officers = Officers(db, self.signed, self.time, booth=self.identity.booth)
        self.clearances = ClearedPairs(db, self.signed)
        self.leases = Leases(db, self.journal, self.time)
        self.lists = Lists(folder, db, self.journal, self.time, self.leases)
        self.cases = Cases(db)
        self.rescreened = Rescreened(db)
        self.manifests = Manifests(db)
        self.arrivals = Arrivals(db)
        self.inspections = Inspections(db)
        self.line_history = LineHistory(db)
        self.draws = Draws(db)
        self.rule_counts = RuleCounts(db)
        self.crossed = CrossedHere(db)
        self.crossed_goods = CrossedGoods(db)
        self.delivery = Delivery(db, self.journal, self.cases, self.time, booth=self.identity.booth)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether there is a store in ``folder``."""
        return (folder / DATABASE_FILE).exists()

    @classmethod
    def create(
        cls, folder: Path, key: StoreKey, *, booth: str, clock: Clock | None = None, accept_rollback: bool = False
    ) -> Self:
        """Make a store for ``booth`` in ``folder`` (made where missing) and open it.

        A kill at any instant leaves either no store or a whole one. A store whose key was in memory only takes the
        place of its predecessor, which nobody can open any more. Raises StoreExistsError, StoreBusyError,
        RolledBackError where the witness knows of a journal that is gone, and the errors of the disk.
        """
        clock = clock or MachineClock()
        with disk_errors("data folder"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FolderLock(folder)
        try:
            HeadKeeper(key.witness).check(_hash_in_empty_journal, accept_rollback=accept_rollback)
            _make_file(folder, key, booth, clock)
        except BaseException:
            lock.release()
            raise
        return cls._open_locked(folder, key, lock, clock, accept_rollback)

    @classmethod
    def open(cls, folder: Path, key: StoreKey, *, clock: Clock | None = None, accept_rollback: bool = False) -> Self:
        """Open the store in ``folder``, migrating it where it is older.

        ``accept_rollback``: a supervisor has seen that events are missing and goes on with what is left.
        Raises StoreMissingError, StoreBusyError, WrongKeyError, NewerDatabaseError, RolledBackError, CorruptError, and
        the errors of the disk.
        """
        if not cls.exists(folder):
            raise StoreMissingError("there is no store in the data folder; set the booth up first")
        return cls._open_locked(folder, key, FolderLock(folder), clock or MachineClock(), accept_rollback)

    @classmethod
    def _open_locked(cls, folder: Path, key: StoreKey, lock: FolderLock, clock: Clock, accept_rollback: bool) -> Self:
        db = None
        try:
            db = _open_even_if_full(folder, key)
            store = cls(folder, key, db, lock, clock)
            store._settle(accept_rollback)
        except BaseException:
            with contextlib.suppress(StoreError):  # what went wrong first is what the officer must hear
                if db is not None:
                    db.close()
            lock.release()
            raise
        return store

    def _settle(self, accept_rollback: bool) -> None:
        """Bring everything into step after a crash, a migration or a restored disk."""
        self._keeper.check(self.journal.hash_at, accept_rollback=accept_rollback)
        if self.projections.rebuild_is_due():
            self.journal.rebuild_projections()
        self.lists.remove_unreferenced()
        with contextlib.suppress(DiskFullError):  # then nothing new may begin, which each such act says for itself
            self.reserve.hold()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Return a block in which several acts become durable together, or none of them."""
        return self._db.transaction()

    @property
    def witness_state(self) -> WitnessState:
        """What the witness beside the key says of the journal."""
        return self._keeper.state

    def close(self) -> None:
        """Close the store and let the next process in. What fails on the way is raised after all is closed."""
        self._db.check_thread()
        try:
            self._keeper.flush(self.journal.head())
            self._db.checkpoint()
        finally:
            try:
                self._db.close()
            finally:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except StoreError:
            if error is None:
                raise


def _make_file(folder: Path, key: StoreKey, booth: str, clock: Clock) -> None:
    """Make the whole database beside its place, then move it there."""
    if key.kind is KeyKind.MEMORY:
        _claim_for_memory(folder)
    if Store.exists(folder):
        raise StoreExistsError("there is a store in the data folder already; it is never overwritten")
    new = folder / _NEW_FILE
    _remove_database(new)
    db = open_database(new, key.key, create=True)
    try:
        migrate(db)
        create_identity(db, booth, clock.now())
        db.checkpoint()
    finally:
        db.close()
    with disk_errors(DATABASE_FILE):
        new.replace(folder / DATABASE_FILE)
        sync_folder(folder)


def _claim_for_memory(folder: Path) -> None:
    """Mark the folder as one whose key nobody keeps, and remove what an earlier such key left behind."""
    kind = key_kind(folder)
    if kind is KeyKind.MEMORY:
        _remove_database(folder / DATABASE_FILE)
    elif kind is not None or Store.exists(folder):
        raise StoreExistsError("the data folder belongs to a store whose key is kept; use another for one in memory")
    else:
        write_key_file(folder, {"version": 1, "kind": str(KeyKind.MEMORY)})


def _remove_database(path: Path) -> None:
    with disk_errors(path.name):
        for end in _BESIDE:
            path.with_name(path.name + end).unlink(missing_ok=True)


def _open_even_if_full(folder: Path, key: StoreKey) -> Database:
    """Open the database; on a full disk give the reserve up first, since an Encounter may be open in it."""
    path = folder / DATABASE_FILE
    try:
        return open_database(path, key.key)
    except DiskFullError:
        reserve = Reserve(folder)
        if not reserve.is_held:
            raise
        reserve.release()
        return open_database(path, key.key)


def _hash_in_empty_journal(seq: int) -> str | None:
    return GENESIS if seq == 0 else None
