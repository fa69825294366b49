"""The one door to SQLCipher: opens the encrypted file, and turns each of its errors into one of the room's own.

`sqlite_utils` takes `sqlcipher3` for its SQLite when it is found under the name `pysqlite3` at its first import.
Both are slow to import, so that happens at the first `open_database`, not when the program starts.
SQLCipher: https://www.zetetic.net/sqlcipher/sqlcipher-api/ (raw keys, `cipher_log_level`).
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoint_app.store.errors import (
    CorruptError,
    DiskFailedError,
    DiskFullError,
    ReadOnlyError,
    StoreBusyError,
    StoreError,
    StoreMisuseError,
    WrongKeyError,
    WrongThreadError,
)

if TYPE_CHECKING:
    import sqlite_utils

KEY_BYTES = 32
Params = Sequence[Any] | dict[str, Any]
_BUSY_SECONDS = 2.0
_LEAST_FREE_BYTES = 64 * 1024

# https://www.sqlite.org/rescode.html; extended codes carry the primary one in their low byte.
_IO_ERROR = 10
_FULL = 13
_KNOWN: Mapping[int, tuple[type[StoreError], str]] = {
    3: (ReadOnlyError, "the database cannot be opened: its permissions forbid it"),
    5: (StoreBusyError, "the database is locked by another process; close it"),
    6: (StoreBusyError, "the database is locked by another process; close it"),
    8: (ReadOnlyError, "the database cannot be written; check the folder's permissions"),
    10: (DiskFailedError, "the disk failed while the database was used; nothing of this act counts as recorded"),
    11: (CorruptError, "the database file is damaged; restore it from a backup"),
    13: (DiskFullError, "the disk is full; nothing of this act was recorded; free some space"),
    14: (DiskFailedError, "the database file cannot be opened"),
    23: (ReadOnlyError, "the database may not be used: access was refused"),
    26: (WrongKeyError, "the key does not open the database"),
}


class Database:
    """One open connection, owned by the thread that opened it. Each call raises StoreError and nothing else."""

    def __init__(self, database: sqlite_utils.Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._thread = threading.get_ident()
        self._error: type[Exception] = _driver_error()
        self._depth = 0
        self._after: list[Callable[[], None]] = []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction: all of it is durable afterwards, or none. Blocks may nest."""
        self.check_thread()
        self._depth += 1
        try:
            with self._own_errors(), self._database.atomic():
                yield
        except BaseException:
            if self._depth == 1:
                self._after.clear()
            raise
        finally:
            self._depth -= 1
        if self._depth == 0:
            self._run_after()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open now."""
        return self._depth > 0

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call ``act`` once the outermost transaction is durable; never, when it fails."""
        if act not in self._after:
            self._after.append(act)

    def _run_after(self) -> None:
        acts, self._after = self._after, []
        for act in acts:
            act()

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement; returns how many rows it changed. Outside a transaction it is one of its own."""
        self.check_thread()
        with self._own_errors():
            return int(self._database.conn.execute(sql, params).rowcount)

    def rows(self, sql: str, params: Params = ()) -> list[dict[str, Any]]:
        """Return the rows of a query as dicts; no cursor stays open. Long tables are read page by page."""
        self.check_thread()
        with self._own_errors():
            return list(self._database.query(sql, params))

    def row(self, sql: str, params: Params = ()) -> dict[str, Any] | None:
        """Return the first row, or None."""
        return next(iter(self.rows(sql, params)), None)

    def value(self, sql: str, params: Params = ()) -> Any:
        """Return the first column of the first row, or None where there is no row."""
        row = self.row(sql, params)
        return None if row is None else next(iter(row.values()))

    def table_names(self) -> list[str]:
        """Return the names of all tables."""
        self.check_thread()
        with self._own_errors():
            return list(self._database.table_names())

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file and empty it, so that erased rows are in neither."""
        self.row("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection; it cannot be used afterwards."""
        self.check_thread()
        with self._own_errors():
            self._database.close()

    def check_thread(self) -> None:
        """Raise WrongThreadError unless the calling thread opened this connection."""
        if threading.get_ident() != self._thread:
            raise WrongThreadError("the store belongs to the thread that opened it; hand the work to that thread")

    @contextlib.contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise own_error(error, self._path) from None


def open_database(path: Path, key: bytes, *, create: bool = False) -> Database:
    """Open the encrypted database at ``path`` with its raw 256-bit ``key``.

    Raises WrongKeyError, CorruptError, ReadOnlyError, DiskFullError, DiskFailedError, StoreBusyError.
    """
    if len(key) != KEY_BYTES:
        raise StoreMisuseError(f"a store key has {KEY_BYTES} bytes, not {len(key)}")
    if not create and not os.access(path, os.W_OK):
        raise ReadOnlyError("the database file is missing or cannot be written; check the folder's permissions")
    driver, sqlite_utils = _drivers()
    try:
        connection = driver.connect(str(path), timeout=_BUSY_SECONDS, isolation_level=None)
    except driver.Error as error:
        raise own_error(error, path) from None
    try:
        _prepare(connection, key)
        return Database(sqlite_utils.Database(connection, execute_plugins=False), path)
    except driver.Error as error:
        connection.close()
        raise own_error(error, path) from None


def own_error(error: Exception, path: Path) -> StoreError:
    """Return the room's own error for one of the driver's. Its text never quotes the driver's: that may name values."""
    code = int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code == _IO_ERROR and _is_full(path.parent):
        code = _FULL  # SQLite reports a full disk as an input/output error where it maps its shared memory
    kind, text = _KNOWN.get(code, (StoreMisuseError, f"a statement failed ({type(error).__name__}, {code})"))
    return kind(f"{path.name}: {text}")


def _is_full(folder: Path) -> bool:
    try:
        state = os.statvfs(folder)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < _LEAST_FREE_BYTES


def _prepare(connection: Any, key: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level=NONE")  # else SQLCipher writes to standard error on a wrong key
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the first read tells a wrong key
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA foreign_keys=ON")


def _drivers() -> tuple[Any, Any]:
    import sqlcipher3

    loaded = sys.modules.get("sqlite_utils.utils")
    if loaded is None:
        sys.modules["pysqlite3"] = sqlcipher3
    elif getattr(loaded, "sqlite3", None) is not sqlcipher3:
        raise StoreMisuseError("sqlite_utils was imported before the store; it now holds an unencrypted SQLite")
    import sqlite_utils

    return sqlcipher3.dbapi2, sqlite_utils


def _driver_error() -> type[Exception]:
    from sqlcipher3 import dbapi2

    error: type[Exception] = dbapi2.Error
    return error
