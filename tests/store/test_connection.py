"""The one door to SQLCipher: its errors are the room's own, and their texts quote nothing of the driver's."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkpoint_app.store.connection import Database, open_database, own_error
from checkpoint_app.store.errors import (
    CorruptError,
    DiskFailedError,
    DiskFullError,
    ReadOnlyError,
    StoreBusyError,
    StoreError,
    StoreMisuseError,
    WrongKeyError,
)
from tests.store.helpers import KEY


class DriverError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__("UNIQUE constraint failed: ZURRIAGA")
        self.sqlite_errorcode = code


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "a.db", KEY, create=True)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, StoreBusyError),
        (6, StoreBusyError),
        (8, ReadOnlyError),
        (8 | 5 << 8, ReadOnlyError),
        (10, DiskFailedError),
        (10 | 4 << 8, DiskFailedError),
        (11, CorruptError),
        (13, DiskFullError),
        (14, DiskFailedError),
        (26, WrongKeyError),
        (19, StoreMisuseError),
        (0, StoreMisuseError),
    ],
)
def test_each_error_of_the_driver_has_its_own(code: int, kind: type[StoreError], tmp_path: Path) -> None:
    error = own_error(DriverError(code), tmp_path / "a.db")
    assert type(error) is kind
    assert "ZURRIAGA" not in str(error)
    assert str(error).startswith("a.db: ")


def test_settings_that_durability_and_privacy_rest_on(db: Database) -> None:
    def pragma(name: str) -> object:
        return db.value(f"PRAGMA {name}")

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("secure_delete") == 1
    assert pragma("temp_store") == 2
    assert pragma("foreign_keys") == 1
    assert str(pragma("cipher_version")).startswith("4.")
    db.close()


def test_a_transaction_is_whole_or_not_at_all(db: Database) -> None:
    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012
        db.execute("INSERT INTO t VALUES (1)")
        raise ZeroDivisionError
    with db.transaction():
        db.execute("INSERT INTO t VALUES (2)")
        with pytest.raises(StoreMisuseError), db.transaction():  # noqa: PT012
            db.execute("INSERT INTO t VALUES (3)")
            db.execute("INSERT INTO t VALUES (2)")
    assert [row["a"] for row in db.rows("SELECT a FROM t")] == [2]
    assert not db.in_transaction
    db.close()


def test_what_waits_for_a_commit_runs_after_the_outermost_and_never_after_a_failure(db: Database) -> None:
    said: list[str] = []

    def tell() -> None:
        assert not db.in_transaction
        said.append("committed")

    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with db.transaction():
        with db.transaction():
            db.after_commit(tell)
            db.after_commit(tell)
        assert said == []
    assert said == ["committed"]
    with pytest.raises(ZeroDivisionError), db.transaction():  # noqa: PT012
        db.after_commit(tell)
        raise ZeroDivisionError
    with db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
    assert said == ["committed"]
    db.close()


def test_a_damaged_file_is_told(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db.execute("CREATE TABLE t (a TEXT)")
    for _ in range(200):
        db.execute("INSERT INTO t VALUES (?)", ("x" * 500,))
    db.checkpoint()
    db.close()
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    path.write_bytes(bytes(data))
    damaged = open_database(path, KEY)
    with pytest.raises(StoreError) as caught:
        damaged.rows("SELECT sum(length(a)) FROM t")
    assert type(caught.value) in (CorruptError, DiskFailedError)
    damaged.close()


def test_bad_keys_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(StoreMisuseError, match="32 bytes"):
        open_database(tmp_path / "a.db", b"short", create=True)
    with pytest.raises(ReadOnlyError):
        open_database(tmp_path / "none.db", KEY)
    with pytest.raises(StoreError):
        open_database(tmp_path / "no-folder" / "a.db", KEY, create=True)
